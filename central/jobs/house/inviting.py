"""Messages around an event: a reminder before it starts, and an invitation to review it after one was there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from boxoffice.domain.values import Whole
from central import messages
from central.jobs.house.events import OfAnEvent
from central.jobs.house.telling import tell
from central.jobs.running import Run
from central.services import Services
from central.tills.scans import WAS_LET_IN

REMINDER, INVITATION = "event_reminder", "review_invitation"
_STARTING = """
    select b.id as booking, p.starts_at as about from performance p
    join booking b on b.performance = p.id and b.state = 'confirmed'
    where p.starts_at > $1 and p.starts_at <= $2 and p.status <> 'cancelled'
        and not exists (select from notice n where n.booking = b.id and n.kind = $3 and n.about = p.starts_at)
    order by b.id
"""
# one a person and event, also of those who booked it twice
_VISITED = f"""
    select distinct on (b.account, b.performance) b.id as booking, p.starts_at as about from performance p
    join booking b on b.performance = p.id and b.state = 'confirmed'
    where p.ends_at > $1 and p.ends_at <= $2 and p.status <> 'cancelled'
        and exists (select from ticket t where t.sale = b.sale and t.valid and {WAS_LET_IN})
        and not exists (select from review r where r.performance = p.id and r.account = b.account)
        and not exists (select from booking other join notice n on n.booking = other.id and n.kind = $3
            where other.account = b.account and other.performance = p.id)
    order by b.account, b.performance, b.id
"""


class Ahead(BaseModel):
    model_config = ConfigDict(extra="forbid")

    hoursAhead: Annotated[Whole, Field(ge=1, le=14 * 24)] = 24  # noqa: N815


class After(BaseModel):
    """Events that ended between so many days and so many hours ago."""

    model_config = ConfigDict(extra="forbid")

    hoursAfter: Annotated[Whole, Field(ge=0, le=7 * 24)] = 10  # noqa: N815
    withinDays: Annotated[Whole, Field(ge=1, le=30)] = 7  # noqa: N815


async def remind_me(services: Services, run: Run) -> None:
    """Writes to the owner of the job; nothing for an event that was called off or is over."""
    event = OfAnEvent.of(run)
    async with run.step() as connection:
        found = await connection.fetchrow(
            "select o.title, p.starts_at, v.name, v.timezone from performance p"
            " join production o on o.id = p.production_id join venue v on v.id = p.venue_id"
            " where p.id = $1 and p.status <> 'cancelled' and p.ends_at > now()",
            event,
        )
        if found is not None and run.owner is not None:
            detail = {"eventId": str(event), "event": found["title"], "at": found["starts_at"].isoformat()}
            await messages.write_to(connection, run.owner, REMINDER, datetime.now(UTC), detail)
    await run.log("reminded" if found is not None else "nothing to remind of: the event is over or was called off")


async def remind(services: Services, run: Run) -> None:
    """Everybody who booked what starts soon; who was reminded of another start is reminded of the new one."""
    asked, now = Ahead.model_validate(run.payload), services.now()
    until = now + timedelta(hours=asked.hoursAhead)
    found = await services.database.pool.fetch(_STARTING, now, until, REMINDER)
    await run.log(f"{await tell(run, REMINDER, found, {}, now)} bookings reminded.")


async def invite(services: Services, run: Run) -> None:
    """Those who were let in and have not said yet how it was."""
    asked, now = After.model_validate(run.payload), services.now()
    first, last = now - timedelta(days=asked.withinDays), now - timedelta(hours=asked.hoursAfter)
    found = await services.database.pool.fetch(_VISITED, first, last, INVITATION)
    await run.log(f"{await tell(run, INVITATION, found, {}, now)} visitors asked for a review.")
