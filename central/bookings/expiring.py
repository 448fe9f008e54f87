"""Holds and bookings that nobody paid for in time give their places back. Any number of nodes may run it at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import asyncpg
import structlog

from boxoffice.domain.clock import Clock
from boxoffice.domain.ids import PerformanceId
from central.bookings.rules import BookingRules
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
_log = structlog.get_logger("central.bookings")


async def expire(connection: asyncpg.Connection, now: datetime) -> dict[PerformanceId, int]:
    """In a transaction: what is due, up to a batch. The heads that moved."""
    rows = await connection.fetch("select performance, head from expire_holds($1, $2)", now, _MOST_AT_ONCE)
    expired = await connection.fetch(_EXPIRE_BOOKINGS, now, _MOST_AT_ONCE)
    await offers.give_back(connection, [row["id"] for row in expired], now)
    return {row["performance"]: row["head"] for row in rows if row["head"]}


@asynccontextmanager
async def expiring(database: Database, hints: Hints, rules: BookingRules, now: Clock) -> AsyncIterator[None]:
    """Every few seconds meanwhile."""

    async def run() -> None:
        while True:
            try:
                while heads := await database.write(lambda connection: expire(connection, now())):
                    hints.tell(heads)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.warning("holds not expired", error=repr(error))
            await asyncio.sleep(rules.expire_every_s)

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
