"""Looks at the figures, keeps which anomalies are open, and writes to managers when one opens or is over.

A job of the house does it every minute, and so does every serving node: what watches over the jobs must not be one of
them alone. One looks at a time, and who finds another at it leaves it to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from central import messages
from central.accounts.roles import MANAGERS
from central.anomalies import figures, rules
from central.database import Database

OPENED, CLOSED = "anomaly_opened", "anomaly_closed"
_LOCK = 0x616E6F6D
_MOST_TOLD = 3  # times a day of the same: what comes and goes is on the list and in nobody's way
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Watched:
    opened: int = 0
    closed: int = 0


async def watch(database: Database, now: datetime) -> Watched:
    return await database.write(lambda connection: _watch(connection, now))


async def _watch(connection: asyncpg.Connection, now: datetime) -> Watched:
    if not await connection.fetchval("select pg_try_advisory_xact_lock($1)", _LOCK):
        return Watched()
    rows = await connection.fetch(
        "select id, kind, about, is_told, acknowledged_at from anomaly where closed_at is null"
    )
    before = {(row["kind"], row["about"]): row for row in rows}
    found = rules.found(await figures.look(connection), before.keys())
    opened = [one for one in found if one.key not in before]
    for one in opened:
        await _open(connection, one, now)
    for one in found:
        if one.key in before:
            await connection.execute(
                "update anomaly set seen_at = $2, said = $3, level = $4, most = greatest(most, $4) where id = $1",
                *(before[one.key]["id"], now, one.said, one.level),
            )
    found_again = {one.key for one in found}
    over = [key for key, row in before.items() if key not in found_again and not _stays(row)]
    for key in sorted(over):
        await _close(connection, before[key], now)
    return Watched(len(opened), len(over))


def _stays(row: asyncpg.Record) -> bool:
    return row["kind"] in rules.STAY and row["acknowledged_at"] is None


async def _open(connection: asyncpg.Connection, found: rules.Found, now: datetime) -> None:
    told = await connection.fetchval(
        "select count(*) from anomaly where kind = $1 and about = $2 and is_told and opened_at > $3",
        *(found.kind, found.about, now - _A_DAY),
    )
    await connection.execute(
        "insert into anomaly (kind, about, said, level, most, opened_at, seen_at, is_told)"
        " values ($1, $2, $3, $4, $4, $5, $5, $6)",
        *(found.kind, found.about, found.said, found.level, now, told < _MOST_TOLD),
    )
    if told >= _MOST_TOLD:
        return
    for manager in await _managers(connection):
        detail = {"anomaly": found.kind, "concerns": found.about, "measured": found.said}
        await messages.write_to(connection, manager, OPENED, now, detail)


async def _close(connection: asyncpg.Connection, row: asyncpg.Record, now: datetime) -> None:
    await connection.execute("update anomaly set closed_at = $2 where id = $1", row["id"], now)
    if not row["is_told"]:
        return
    for manager in await _managers(connection):
        detail = {"anomaly": row["kind"], "concerns": row["about"]}
        await messages.write_to(connection, manager, CLOSED, now, detail)


async def _managers(connection: asyncpg.Connection) -> list[UUID]:
    rows = await connection.fetch(
        "select id from account where role = any($1) and deleted_at is null and email_verified_at is not null"
        " order by id",
        sorted(MANAGERS),
    )
    return [row["id"] for row in rows]
