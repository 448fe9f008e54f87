"""How entries end by themselves: the offer was taken or let pass, or there is nothing to wait for any more.

In a transaction of the caller. Any number of nodes may run it at once.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import asyncpg

from boxoffice.domain.ids import PerformanceId
from central import messages
from central.bookings.booking import find
from central.bookings.cancelling import cancel_pending
from central.bookings.holding import release
from central.bookings.rules import BookingRules

_MOST_AT_ONCE = 500
_SETTLE = """
    update waiting_entry w set ended_at = $1, version = w.version + 1,
        state = case due.hold_state when 'sold' then 'booked' when 'released' then 'declined' else 'expired' end
    from (select o.id, h.state as hold_state from waiting_entry o join hold h on h.id = o.hold
        where o.state = 'offered' and h.state <> 'open' and ($2::uuid is null or o.id = $2)
        order by o.id limit $3 for update of o skip locked) as due
    where w.id = due.id returning w.id, w.account, w.performance, w.state
"""
_CLOSE = """
    update waiting_entry w set ended_at = $1, version = w.version + 1, state = 'closed'
    from (select o.id, p.status from waiting_entry o join performance p on p.id = o.performance
        where o.state in ('waiting', 'offered') and (p.status = 'cancelled'
            or o.state = 'waiting' and p.starts_at <= $2)
        order by o.id limit $3 for update of o skip locked) as due
    where w.id = due.id returning w.id, w.account, w.performance, w.hold, due.status
"""
# offers that were made before the event was moved; the booking that waits for its payment ends with its hold
_SHORTEN = """
    with moved as (
        select o.hold, p.starts_at - $1::interval as ends_at from waiting_entry o
        join performance p on p.id = o.performance join hold h on h.id = o.hold
        where o.state = 'offered' and h.state = 'open' and h.expires_at > p.starts_at - $1::interval
        order by o.id limit $2 for update of o skip locked
    ), bookings as (
        update booking b set expires_at = moved.ends_at, version = b.version + 1 from moved
        where b.hold = moved.hold and b.state = 'pending' and b.expires_at > moved.ends_at
    )
    update hold h set expires_at = moved.ends_at from moved where h.id = moved.hold and h.state = 'open'
"""


async def settle(connection: asyncpg.Connection, now: datetime, entry: UUID | None = None) -> int:
    """How many offers were found taken or let pass; only `entry`'s when it is given."""
    over = await connection.fetch(_SETTLE, now, entry, _MOST_AT_ONCE)
    for row in over:
        if row["state"] != "booked":
            detail = {"entry": str(row["id"]), "eventId": str(row["performance"]), "why": row["state"]}
            await messages.write_to(connection, row["account"], "waiting_offer_over", now, detail)
    return len(over)


async def close(connection: asyncpg.Connection, rules: BookingRules, now: datetime) -> dict[PerformanceId, int]:
    """Lists of events that were called off or are about to start; of those that start sooner than they did, no offer
    lasts to the start. The heads that moved."""
    await connection.execute(_SHORTEN, rules.offers_end, _MOST_AT_ONCE)
    closed = await connection.fetch(_CLOSE, now, now + rules.list_closes, _MOST_AT_ONCE)
    for row in closed:
        why = "cancelled" if row["status"] == "cancelled" else "too late"
        detail = {"entry": str(row["id"]), "eventId": str(row["performance"]), "why": why}
        await messages.write_to(connection, row["account"], "waiting_list_closed", now, detail)
    heads: dict[PerformanceId, int] = {}
    for performance, hold in sorted((row["performance"], row["hold"]) for row in closed if row["hold"]):
        heads |= await _withdraw(connection, performance, hold, now)
    return heads


async def _withdraw(
    connection: asyncpg.Connection, performance: PerformanceId, hold: UUID, now: datetime
) -> dict[PerformanceId, int]:
    """Nobody pays for what was called off: a booking of the offer ends with it. One that is paid keeps its places."""
    booked = await connection.fetchval("select id from booking where hold = $1", hold)
    booking = await find(connection, booked, lock=True) if booked else None
    if booking is None:
        head = await release(connection, performance, hold)
        return {performance: head} if head else {}
    return (await cancel_pending(connection, booking, now)).heads if booking.state == "pending" else {}
