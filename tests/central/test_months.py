from __future__ import annotations

import random
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest

from boxoffice.domain.ids import uuid7
from central import months
from tests.support.central import NOW, run, running_central

_LAST_YEAR = datetime(2025, 10, 31, 23, 59, tzinfo=UTC)


def _scan(at: datetime, seed: int = 1) -> UUID:
    return uuid7(at, random.Random(seed).getrandbits)


async def _scanned(connection: asyncpg.Connection, scan: UUID, at: datetime) -> None:
    await connection.execute(
        "insert into scan (id, ticket, performance, generation, gate, direction, shown, admitted, online, list_head,"
        " scanned_at) values ($1, 1, 1001, 1, 'Stalls', 'entry', 'admit', true, true, 0, $2)",
        *(scan, at),
    )


async def _where(connection: asyncpg.Connection, scan: UUID) -> str | None:
    found: str | None = await connection.fetchval("select tableoid::regclass::text from scan where id = $1", scan)
    return found


async def _turn(connection: asyncpg.Connection, now: datetime) -> tuple[str, ...]:
    async with connection.transaction():
        return await months.turn(connection, now)


@pytest.mark.parametrize(
    ("at", "ahead", "expected"),
    [
        (datetime(2026, 11, 14, 12, tzinfo=UTC), 0, datetime(2026, 11, 1, tzinfo=UTC)),
        (datetime(2026, 11, 14, 12, tzinfo=UTC), 2, datetime(2027, 1, 1, tzinfo=UTC)),
        (datetime(2026, 1, 31, 12, tzinfo=UTC), -1, datetime(2025, 12, 1, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, tzinfo=UTC), -12, datetime(2025, 12, 1, tzinfo=UTC)),
    ],
)
def test_a_month_begins_on_its_first_day(at: datetime, ahead: int, expected: datetime) -> None:
    assert months.first_of(at, ahead) == expected


def test_a_month_is_provided_in_time_and_takes_its_rows_with_it(database: str) -> None:
    early, strange = _scan(datetime(2027, 2, 3, tzinfo=UTC)), UUID(int=(1 << 128) - 1)

    async def check(connection: asyncpg.Connection) -> None:
        assert "provided scan_2026_11" in await _turn(connection, NOW)
        assert await _turn(connection, NOW) == ()
        now = _scan(NOW, 2)
        for scan in (early, strange, now):
            await _scanned(connection, scan, NOW)
        assert await _where(connection, now) == "scan_2026_11"
        assert await _where(connection, early) == "scan_other"
        assert "provided scan_2027_02" in await _turn(connection, datetime(2026, 12, 1, tzinfo=UTC))
        assert await _where(connection, early) == "scan_2027_02"
        assert await _where(connection, strange) == "scan_other"

    run(database, check)


def test_what_is_older_than_a_year_is_forgotten_and_the_rest_is_not(database: str) -> None:
    kept_at = datetime(2025, 11, 1, tzinfo=UTC)
    old, kept = _scan(_LAST_YEAR), _scan(kept_at, 2)

    async def check(connection: asyncpg.Connection) -> None:
        await _turn(connection, kept_at)
        await _scanned(connection, kept, kept_at)
        await _scanned(connection, old, _LAST_YEAR)  # its month was never provided
        assert await _where(connection, old) == "scan_other"
        done = await _turn(connection, datetime(2026, 11, 30, tzinfo=UTC))
        assert "delete 1 of scan_other" in done
        assert await _where(connection, kept) == "scan_2025_11"
        done = await _turn(connection, datetime(2026, 12, 1, tzinfo=UTC))
        assert "dropped scan_2025_11" in done
        assert await connection.fetchval("select count(*) from scan") == 0

    run(database, check)


def test_the_same_scan_is_taken_once_wherever_it_lies(database: str) -> None:
    scan = _scan(NOW)

    async def check(connection: asyncpg.Connection) -> None:
        await _turn(connection, NOW)
        await _scanned(connection, scan, NOW)
        with pytest.raises(asyncpg.UniqueViolationError):
            await _scanned(connection, scan, NOW)

    run(database, check)


def test_the_months_are_there_before_the_first_request(database: str) -> None:
    """A row that is on its way to `booking_other` while its month is made would be refused."""
    with running_central(database) as central:
        made = central.value(
            "select to_regclass('booking_2026_11') is not null and to_regclass('scan_2027_01') is not null"
        )
    assert made
