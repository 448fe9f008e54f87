"""How entries end by themselves: the offer was taken or let pass, or there is nothing to wait for any more.

In a transaction of the caller. Any number of nodes may run it at once.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import asyncpg

from boxoffice.domain.ids import PerformanceId
from central import messages
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


async def settle(connection: asyncpg.Connection, now: datetime, entry: UUID | None = None) -> int:
    """How many offers were found taken or let pass; only `entry`'s when it is given."""
    over = await connection.fetch(_SETTLE, now, entry, _MOST_AT_ONCE)
    for row in over:
        if row["state"] != "booked":
            detail = {"entry": str(row["id"]), "eventId": str(row["performance"]), "why": row["state"]}
            await messages.write_to(connection, row["account"], "waiting_offer_over", now, detail)
    return len(over)


async def close(connection: asyncpg.Connection, rules: BookingRules, now: datetime) -> dict[PerformanceId, int]:
    """Lists of events that were called off or are about to start. The heads that moved."""
    closed = await connection.fetch(_CLOSE, now, now + rules.list_closes, _MOST_AT_ONCE)
    for row in closed:
        why = "cancelled" if row["status"] == "cancelled" else "too late"
        detail = {"entry": str(row["id"]), "eventId": str(row["performance"]), "why": why}
        await messages.write_to(connection, row["account"], "waiting_list_closed", now, detail)
    heads: dict[PerformanceId, int] = {}
    for performance, hold in sorted((row["performance"], row["hold"]) for row in closed if row["hold"]):
        if not await connection.fetchval("select exists (select from booking where hold = $1)", hold):
            head = await release(connection, performance, hold)
            heads |= {performance: head} if head else {}
    return heads
