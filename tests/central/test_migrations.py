"""Up from nothing, and up from the database of the release before, which keeps what it holds."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest

from central.migrations import NewerDatabase, latest, migrate
from tests.support.central import Databases, run

_RELEASES = sorted((Path(__file__).parents[1] / "data" / "releases").glob("*.sql"))
_COLUMNS = """
    select c.table_name, c.column_name, c.data_type, c.is_nullable, coalesce(c.column_default, '') from
    information_schema.columns c where c.table_schema = 'public' and c.table_name !~ '_[0-9]{4}_[0-9]{2}$' order by 1, 2
"""
_BOOKS = """
    select (select count(*) from fact), (select count(*) from sale), (select count(*) from ticket where valid),
        (select count(*) from seat where status = 3), (select count(*) from scan where admitted),
        (select sum(minor) from ledger_line), (select sum(minor) from ledger_line where minor > 0),
        (select sum(sold) from area_count), (select count(*) from feed), (select count(*) from till_key)
"""


async def _schema(connection: asyncpg.Connection) -> list[tuple[str, ...]]:
    return [tuple(row) for row in await connection.fetch(_COLUMNS)]


@pytest.mark.parametrize("release", _RELEASES, ids=lambda path: path.stem)
def test_an_earlier_release_comes_up_with_all_that_it_holds(databases: Databases, release: Path) -> None:
    async def upgraded(connection: asyncpg.Connection) -> list[tuple[str, ...]]:
        await connection.execute(release.read_text(encoding="utf-8"))
        before = tuple(await connection.fetchrow(_BOOKS))
        assert before[:5] == (3, 1, 4, 2, 1)  # the dump is not an empty one
        assert await migrate(connection) == (release.stem, latest())
        assert tuple(await connection.fetchrow(_BOOKS)) == before
        assert await migrate(connection) == (latest(), latest())
        return await _schema(connection)

    async def fresh(connection: asyncpg.Connection) -> list[tuple[str, ...]]:
        assert await migrate(connection) == (None, latest())
        return await _schema(connection)

    assert run(databases.empty(), upgraded) == run(databases.empty(), fresh)


def test_a_database_of_a_later_release_is_left_alone(database: str) -> None:
    async def check(connection: asyncpg.Connection) -> None:
        await connection.execute("update alembic_version set version_num = '9999'")
        before = await _schema(connection)
        with pytest.raises(NewerDatabase, match="9999"):
            await migrate(connection)
        assert await _schema(connection) == before

    run(database, check)
