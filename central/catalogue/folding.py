"""What changed in sections since they were counted is added up once a minute, by one node at a time."""

from __future__ import annotations

import asyncpg

from central.database import Database

EVERY_S = 60
_MOST_AT_ONCE = 10_000
_ONE_AT_A_TIME = 0x73656374


async def fold(connection: asyncpg.Connection) -> int:
    """In a transaction: a batch; how many changes it was. 0 as well when another node is at it."""
    if not await connection.fetchval("select pg_try_advisory_xact_lock($1)", _ONE_AT_A_TIME):
        return 0
    changes: int = await connection.fetchval("select fold_sections($1)", _MOST_AT_ONCE)
    return changes


async def fold_all(database: Database) -> None:
    while await database.write(fold):
        pass
