"""Holds and bookings that nobody paid for in time give their places back. Any number of nodes may run it at once."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from boxoffice.domain.clock import Clock
from boxoffice.domain.ids import PerformanceId
from central.database import Database
from central.loyalty import offers
from central.tills.hints import Hints

_MOST_AT_ONCE = 500
_EXPIRE_BOOKINGS = """
    update booking b set state = 'expired', expires_at = null, version = b.version + 1
    from (select late.id from booking late join hold h on h.id = late.hold
        where late.state = 'pending' and late.expires_at <= $1 and h.state <> 'open'
        order by late.expires_at limit $2 for update of late skip locked) as due
    where b.id = due.id returning b.id
"""


async def expire(connection: asyncpg.Connection, now: datetime) -> dict[PerformanceId, int]:
    """In a transaction: what is due, up to a batch. The heads that moved."""
    rows = await connection.fetch("select performance, head from expire_holds($1, $2)", now, _MOST_AT_ONCE)
    expired = await connection.fetch(_EXPIRE_BOOKINGS, now, _MOST_AT_ONCE)
    await offers.give_back(connection, [row["id"] for row in expired], now)
    return {row["performance"]: row["head"] for row in rows if row["head"]}


async def expire_due(database: Database, hints: Hints, now: Clock) -> None:
    """All there is, batch by batch."""
    while heads := await database.write(lambda connection: expire(connection, now())):
        hints.tell(heads)
