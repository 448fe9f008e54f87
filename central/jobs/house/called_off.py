"""An event was called off: every booking of it is refunded in full, and each customer is told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from boxoffice.domain.catalogue import PerformanceStatus
from boxoffice.domain.ids import PerformanceId, TicketId
from boxoffice.domain.refusals import Refused
from central.bookings import cancelling, tickets
from central.bookings.booking import find
from central.jobs.house.events import OfAnEvent
from central.jobs.jobs import Wish
from central.jobs.running import Run
from central.jobs.schedules import Once
from central.payments import refunds
from central.problems import Declined
from central.services import Services

KIND = "event_cancelled"
_BECAUSE = "event_cancelled"
_TRIES = 4
_OPEN = """
    select id from booking where performance = $1 and id > $2 and state in ('pending', 'confirmed') order by id
"""
_OF_TILLS = """
    select count(*) from ticket t join sale s on s.id = t.sale
    where t.performance = $1 and t.valid and s.channel <> 'web'
"""
Heads = Mapping[PerformanceId, int]


class NotAllRefunded(Refused):
    code = "not_all_refunded"


class _OnAgain(Exception):
    """The event is not called off any more."""


def wish(event: PerformanceId) -> Wish:
    """To be submitted in the transaction that calls the event off."""
    return Wish(KIND, f"Refunds of event {event}", {"eventId": str(event)}, Once(), priority=5)


async def work(services: Services, run: Run) -> None:
    """A step a booking: whoever goes on after a crash begins behind the last one that was refunded.

    What was sold at tills is not touched: its money lies in their drawers. Raises NotAllRefunded, after everybody had
    their turn; the next attempt looks at those that are left.
    """
    event = OfAnEvent.of(run)
    bookings = await services.database.pool.fetch(_OPEN, event, UUID(run.checkpoint.get("last", str(UUID(int=0)))))
    try:
        for row in bookings:
            services.hints.tell(await _refund(services, run, event, row["id"]))
    except _OnAgain:
        await run.log("The event is not called off: nobody else is refunded.", "warning")
        return
    while await refunds.settle_due(services):
        pass
    left = run.checkpoint.get("left", 0)
    await run.log(await _summary(services, run, event), "error" if left else "info")
    if left:
        run.checkpoint.clear()
        await run.keep()
        raise NotAllRefunded(f"{left} bookings could not be refunded.", "The log of this job names them.")


async def _refund(services: Services, run: Run, event: PerformanceId, booking: UUID) -> Heads:
    """One booking, whatever else happens to it meanwhile: whoever comes second finds it cancelled."""
    before = dict(run.checkpoint)
    for left in reversed(range(_TRIES)):
        try:
            async with run.step() as connection:
                heads, counted = await _end(services, connection, event, booking)
                sums = {name: before.get(name, 0) + count for name, count in counted.items()}
                run.checkpoint = {**before, **sums, "last": str(booking)}
            return heads
        except Declined as declined:
            await run.log(f"Booking {booking} is not refunded: {declined.message}", "error")
            async with run.step():
                run.checkpoint = {**before, "last": str(booking), "left": before.get("left", 0) + 1}
            return {}
        except asyncpg.DeadlockDetectedError:
            if not left:
                raise
            await asyncio.sleep(0)
    raise AssertionError


async def _end(
    services: Services, connection: asyncpg.Connection, event: PerformanceId, booking_id: UUID
) -> tuple[Heads, dict[str, int]]:
    """The heads that moved, and what is to be counted. Raises Declined or _OnAgain."""
    now = services.now()
    booking = await find(connection, booking_id, lock=True)
    billing = await services.houses.billing(connection, event)
    if billing.performance.status is not PerformanceStatus.CANCELLED:
        raise _OnAgain
    if booking is None or booking.state not in ("pending", "confirmed"):
        return {}, {}
    if booking.state == "pending":
        return (await cancelling.cancel_pending(connection, booking, now)).heads, {"unpaid": 1}
    admitting = {TicketId(ticket) for ticket in await tickets.generations(connection, booking)}
    if not admitting:
        return {}, {}
    found = cancelling.work_out(booking, cancelling.terms_of(booking, billing, now), admitting, (), now)
    done = await cancelling.cancel_confirmed(connection, booking, found, now, because=_BECAUSE)
    if found.refund_minor:
        await refunds.owe(connection, booking.id, found.refund_minor, "event cancelled", now)
    return done.heads, {"refunded": 1, "tickets": len(found.tickets), "minor": found.refund_minor}


async def _summary(services: Services, run: Run, event: PerformanceId) -> str:
    done: dict[str, Any] = run.checkpoint
    of_tills = await services.database.pool.fetchval(_OF_TILLS, event)
    parts = [
        f"{done.get('refunded', 0)} bookings with {done.get('tickets', 0)} tickets refunded,"
        f" {done.get('minor', 0)} minor units in all",
        f"{done.get('unpaid', 0)} that were not paid ended",
    ]
    if done.get("left"):
        parts.append(f"{done['left']} could not be refunded")
    if of_tills:
        parts.append(f"{of_tills} tickets were sold at tills, to be refunded there")
    return "; ".join(parts) + "."
