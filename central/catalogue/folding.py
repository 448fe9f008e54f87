"""What changed in sections since they were counted is added up once a minute, by one node at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import structlog

from central.database import Database

_EVERY_S = 60
_MOST_AT_ONCE = 10_000
_ONE_AT_A_TIME = 0x73656374
_log = structlog.get_logger("central.catalogue")


async def fold(connection: asyncpg.Connection) -> int:
    """In a transaction: a batch; how many changes it was. 0 as well when another node is at it."""
    if not await connection.fetchval("select pg_try_advisory_xact_lock($1)", _ONE_AT_A_TIME):
        return 0
    changes: int = await connection.fetchval("select fold_sections($1)", _MOST_AT_ONCE)
    return changes


@asynccontextmanager
async def folding(database: Database) -> AsyncIterator[None]:
    """Every minute meanwhile."""

    async def run() -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                while await database.write(fold):
                    pass
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.warning("sections not folded", error=repr(error))

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
