"""An event was moved: everybody who had booked it hears the new date, and may give it all back for a while."""

from __future__ import annotations

from boxoffice.domain.ids import PerformanceId
from central.jobs.house.events import OfAnEvent
from central.jobs.house.telling import tell
from central.jobs.jobs import Wish
from central.jobs.running import Run
from central.jobs.schedules import Once
from central.services import Services

KIND = "event_moved"
_MOVED = """
    select moved_at, moved_from, free_until from performance
    where id = $1 and moved_at is not null and status <> 'cancelled'
"""
# whoever pays later is told the new date with the confirmation, and may give back what was booked before as well
_BOOKED_BEFORE = """
    select b.id as booking, $2::timestamptz as about from booking b
    where b.performance = $1 and b.state = 'confirmed' and b.made_at <= $2
        and not exists (select from notice n where n.booking = b.id and n.kind = $3 and n.about = $2)
    order by b.id
"""


def wish(event: PerformanceId) -> Wish:
    """To be submitted in the transaction that moves the event."""
    return Wish(KIND, f"New date of event {event}", {"eventId": str(event)}, Once(), priority=5)


async def work(services: Services, run: Run) -> None:
    event = OfAnEvent.of(run)
    pool = services.database.pool
    moved = await pool.fetchrow(_MOVED, event)
    if moved is None:
        await run.log("The event was not moved, or was called off since: nobody is told.", "warning")
        return
    found = await pool.fetch(_BOOKED_BEFORE, event, moved["moved_at"], KIND)
    detail = {"before": moved["moved_from"].isoformat(), "freeUntil": moved["free_until"].isoformat()}
    count = await tell(run, KIND, found, detail, services.now())
    await run.log(
        f"{count} bookings told of the new date; free of charge until {moved['free_until']:%Y-%m-%d %H:%M} UTC."
    )
