"""Tables that grow for ever, kept by the month, and what is forgotten in the end.

Their ids are UUIDs of version 7, which begin with the time they were minted at: a month is a range of ids, so the
primary key stays the id alone. `<table>_other` takes ids outside of every month, such as those of a till whose clock
was wrong; when a month is provided it gets its rows from there. An old month is detached and dropped, which takes
milliseconds however many rows it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
import structlog

from boxoffice.domain.clock import Clock
from central.database import Database

_MONTHS_AHEAD = 2
EVERY_S = 6 * 3600
_ONE_AT_A_TIME = 0x6D6F6E74
_log = structlog.get_logger("central.months")


@dataclass(frozen=True, slots=True)
class Kept:
    """`months` whole ones are kept before the current one."""

    table: str
    months: int


KEPT = (Kept("scan", 12), Kept("booking", 12))


def first_of(at: datetime, months: int = 0) -> datetime:
    """The start of the month that is so many months from `at`, in UTC."""
    count = at.astimezone(UTC).year * 12 + at.astimezone(UTC).month - 1 + months
    return datetime(count // 12, count % 12 + 1, 1, tzinfo=UTC)


def name_of(table: str, month: datetime) -> str:
    return f"{table}_{month:%Y_%m}"


async def turn(connection: asyncpg.Connection, now: datetime) -> tuple[str, ...]:
    """In a transaction: provide the months that begin soon, drop those that are out of keeping; says what it did."""
    await connection.execute("select pg_advisory_xact_lock($1)", _ONE_AT_A_TIME)
    done = []
    for kept in KEPT:
        existing = await _months_of(connection, kept.table)
        for month in (first_of(now, ahead) for ahead in range(_MONTHS_AHEAD + 1)):
            if name_of(kept.table, month) not in existing:
                await _provide(connection, kept.table, month)
                done.append(f"provided {name_of(kept.table, month)}")
        oldest = name_of(kept.table, first_of(now, -kept.months))
        for name in sorted(existing):
            if name < oldest:
                await connection.execute(f"alter table {kept.table} detach partition {name}")
                await connection.execute(f"drop table {name}")
                done.append(f"dropped {name}")
        gone = await connection.execute(
            f"delete from {kept.table}_other where id < uuid7_floor($1)", first_of(now, -kept.months)
        )
        if gone != "DELETE 0":
            done.append(f"{gone.lower()} of {kept.table}_other")
    return tuple(done)


async def _months_of(connection: asyncpg.Connection, table: str) -> set[str]:
    rows = await connection.fetch(
        "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass",
        table,
    )
    return {row["relname"] for row in rows} - {f"{table}_other"}


async def _provide(connection: asyncpg.Connection, table: str, month: datetime) -> None:
    name, start, end = name_of(table, month), *_bounds(month)
    await connection.execute(f"create table {name} (like {table} including all)")
    await connection.execute(
        f"with moved as (delete from {table}_other where id >= $1 and id < $2 returning *)"
        f" insert into {name} select * from moved",
        *(start, end),
    )
    await connection.execute(f"alter table {table} attach partition {name} for values from ('{start}') to ('{end}')")


def _bounds(month: datetime) -> Iterator[str]:
    for at in (month, first_of(month, 1)):
        digits = f"{int(at.timestamp() * 1000):012x}"
        yield f"{digits[:8]}-{digits[8:]}-0000-0000-000000000000"


async def turn_months(database: Database, now: Clock) -> None:
    for done in await database.write(lambda connection: turn(connection, now())):
        _log.info("months", done=done)
