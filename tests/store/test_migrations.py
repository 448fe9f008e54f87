"""The journal's tables: made from nothing, alike to what the queries expect, and openable for ever."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import inspect

from boxoffice.domain.facts import FactKind
from boxoffice.store import Store, schema
from boxoffice.store.engine import Database
from boxoffice.store.migrations import NEWEST, migrate, version
from tests.store import bodies
from tests.store.bodies import KEY

SAMPLES = Path(__file__).parents[1] / "data"


def test_migrations_from_nothing_make_what_the_queries_expect(tmp_path: Path) -> None:
    engine = Database(tmp_path / "journal.db", KEY).writer()
    with engine.connect() as connection:
        migrate(connection)
        migrate(connection)  # once is enough
        with connection.begin():
            assert version(connection) == NEWEST
            found = inspect(connection)
            assert set(found.get_table_names()) == set(schema.JOURNAL.tables)
            for name, table in schema.JOURNAL.tables.items():
                columns = {column["name"]: column for column in found.get_columns(name)}
                assert list(columns) == [column.name for column in table.c], name
                for column in table.c:
                    there = columns[column.name]
                    assert there["nullable"] == column.nullable or column.primary_key, (name, column.name)
                assert set(found.get_pk_constraint(name)["constrained_columns"]) == {
                    column.name for column in table.primary_key
                }, name
            strict = connection.exec_driver_sql(
                "SELECT name FROM pragma_table_list WHERE strict = 0 AND schema = 'main'"
            )
            assert set(strict.scalars()) <= {"sqlite_schema"}
    engine.dispose()


@pytest.mark.parametrize("number", range(1, NEWEST + 1))
def test_a_journal_of_every_version_still_opens_and_sells(tmp_path: Path, number: int) -> None:
    """The sample was written when that migration was the newest: sales, a refund, a reissue, scans, a closed shift."""
    shutil.copy(SAMPLES / f"journal-{number:04d}.db", tmp_path / "journal.db")
    store = Store.open(tmp_path, KEY)
    store.read(lambda tx: tx.journal.verify())
    facts = store.read(lambda tx: tx.journal.tail(100))
    assert {fact.kind for fact in facts} == set(FactKind) - {FactKind.CARD_SETTLED}  # which is younger than the samples
    assert all(fact.parsed() for fact in facts)
    assert store.read(lambda tx: tx.journal.applied_hi()) == 3
    assert len(store.read(lambda tx: tx.journal.needs_attention())) == 1
    assert store.read(lambda tx: tx.leases.seats(bodies.TONIGHT)) == {40: 2, 41: 2}
    (stored,) = store.read(lambda tx: tx.sales.search("Ida"))
    assert len(stored.refunds) == 1
    assert store.read(lambda tx: tx.ledger.balance()) == 0
    assert store.read(lambda tx: tx.shifts.last_closed()) == bodies.shift_close()
    sold = bodies.sell(store, [50])
    assert sold.receipt == "T7-000004"
    assert store.read(lambda tx: tx.journal.head()[0]) == len(facts) + 1
    store.close()
