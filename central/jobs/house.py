"""The kinds of jobs there are."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import BaseModel

from central import messages
from central.accounts.roles import AccountRole
from central.jobs.kinds import Kind, Kinds
from central.jobs.running import Run
from central.services import Services
from central.wire import EventId

_EVERYBODY = frozenset(AccountRole)


class EventReminder(BaseModel):
    eventId: EventId  # noqa: N815


async def _remind(services: Services, run: Run) -> None:
    """Writes to the owner of the job; nothing for an event that was called off or is over."""
    event = int(EventReminder.model_validate(run.payload).eventId)
    async with run.step() as connection:
        found = await connection.fetchrow(
            "select o.title, p.starts_at, v.name, v.timezone from performance p"
            " join production o on o.id = p.production_id join venue v on v.id = p.venue_id"
            " where p.id = $1 and p.status <> 'cancelled' and p.ends_at > now()",
            event,
        )
        if found is not None and run.owner is not None:
            detail = {"eventId": str(event), "event": found["title"], "at": found["starts_at"].isoformat()}
            await messages.write_to(connection, run.owner, "event_reminder", datetime.now(UTC), detail)
    await run.log("reminded" if found is not None else "nothing to remind of: the event is over or was called off")


KINDS: Kinds = {
    kind.name: kind
    for kind in (Kind("event_reminder", "Reminds you of an event by a message.", EventReminder, _remind, _EVERYBODY),)
}
