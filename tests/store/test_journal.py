"""The journal's rules: in order, final, chained; acknowledged only by central's marks."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from boxoffice.domain.clock import Hlc
from boxoffice.domain.facts import GENESIS_HASH, Body, Customer, Fact, FactKind, ReturnBody, SeatEpoch
from boxoffice.domain.protocol import FactOutcome, FactResult
from boxoffice.store import CorruptJournal, JournalBehind, NotPaired, Store, Tx
from boxoffice.store.engine import Database
from tests.store import bodies
from tests.store.bodies import KEY

Make = Callable[[Tx], object]


def returned(tx: Tx) -> Fact:
    return tx.journal.append(ReturnBody(performance=bodies.TONIGHT, seats=(SeatEpoch(seat=4, epoch=1),)))


def sold(tx: Tx) -> Fact:
    body = bodies.sale(number=tx.sales.next_receipt(), customer=Customer(name="Zoë Ångström"))
    tx.sales.add(body)
    return tx.journal.append(body)


def scanned(tx: Tx) -> Fact:
    body = bodies.scan()
    tx.scans.add(body)
    return tx.journal.append(body)


def moved(tx: Tx) -> Fact:
    return tx.journal.append(bodies.movement())


def append_all(store: Store, makes: list[Callable[[Tx], Fact]]) -> list[Fact]:
    return [store.write(make) for make in makes]


@contextmanager
def fresh_store() -> Iterator[Store]:
    """For properties: one store an example."""
    folder = Path(tempfile.mkdtemp())
    store = Store.open(folder, KEY)
    try:
        bodies.pair(store)
        yield store
    finally:
        store.close()
        shutil.rmtree(folder)


@contextmanager
def tampered(folder: Path) -> Iterator[Any]:
    """The file as somebody with the key and bad intentions has it: the triggers are gone."""
    raw = Database(folder / "journal.db", KEY).connect("rwc")
    for name in ("journal_is_final", "journal_is_kept", "journal_continues"):
        raw.execute(f"DROP TRIGGER {name}")
    raw.execute("PRAGMA foreign_keys = OFF")
    yield raw
    raw.close()


def test_a_fact_continues_the_chain_from_the_genesis_hash(store: Store) -> None:
    assert store.read(lambda tx: tx.journal.head()) == (0, GENESIS_HASH)
    first, second = append_all(store, [sold, returned])
    assert (first.seq, first.prev_hash) == (1, GENESIS_HASH)
    assert (second.seq, second.prev_hash) == (2, first.hash)
    assert store.read(lambda tx: tx.journal.head()) == (2, second.hash)
    assert store.read(lambda tx: tx.journal.tail(5)) == (first, second)


def test_a_fact_reads_back_as_it_was_written_whatever_the_clocks_zone(folder: Path) -> None:
    zone = timezone(timedelta(hours=2))
    store = Store.open(folder, KEY, now=lambda: datetime(2026, 11, 23, 21, 30, 5, 123457, tzinfo=zone))
    bodies.pair(store)
    fact = store.write(sold)
    (read,) = store.read(lambda tx: tx.journal.tail(1))
    store.close()
    assert read == fact
    assert read.is_authentic
    assert read.wall_time.tzinfo is UTC


def test_time_in_the_journal_never_runs_backwards(folder: Path) -> None:
    clock = [datetime(2026, 11, 23, 20, tzinfo=UTC)]
    store = Store.open(folder, KEY, now=lambda: clock[0])
    bodies.pair(store)
    before = store.write(returned)
    store.close()
    clock[0] -= timedelta(days=1)
    store = Store.open(folder, KEY, now=lambda: clock[0])
    after = store.write(returned)
    store.close()
    assert Hlc.parse(after.hlc) > Hlc.parse(before.hlc)
    assert after.wall_time < before.wall_time


def test_an_unpaired_till_has_no_facts(folder: Path) -> None:
    store = Store.open(folder, KEY)
    with pytest.raises(NotPaired):
        store.write(returned)
    assert store.read(lambda tx: (tx.journal.unsent(), tx.journal.waiting(), tx.journal.head()[0])) == ((), 0, 0)
    store.close()


def test_a_write_that_fails_leaves_no_fact_and_no_receipt_number(store: Store) -> None:
    def fails(tx: Tx) -> None:
        sold(tx)
        raise LookupError("a bug")

    with pytest.raises(LookupError):
        store.write(fails)
    assert store.read(lambda tx: tx.journal.head()[0]) == 0
    assert store.write(lambda tx: tx.sales.next_receipt()) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET body = '{}'",
        "UPDATE journal SET wall_time = 0 WHERE seq = 2",
        "DELETE FROM journal WHERE seq = 2",
        "INSERT OR REPLACE INTO journal SELECT * FROM journal WHERE seq = 1",
        "INSERT INTO journal SELECT position + 1, till, incarnation, seq + 1, id, kind, schema_version, body, "
        "prev_hash, hash, hlc, wall_time, NULL, NULL FROM journal WHERE seq = 2 AND 0 = 1 "
        "UNION SELECT position + 5, till, incarnation, seq + 5, id, kind, schema_version, body, "
        "prev_hash, hash, hlc, wall_time, NULL, NULL FROM journal WHERE seq = 2",
    ],
)
def test_the_database_itself_refuses_to_change_the_journal(store: Store, statement: str) -> None:
    append_all(store, [sold, returned])
    with pytest.raises(IntegrityError, match="journal"):
        store.write(lambda tx: tx.journal._connection.exec_driver_sql(statement))
    store.read(lambda tx: tx.journal.verify())


@pytest.mark.parametrize("derived", ["sale", "scan"])
def test_a_sale_or_scan_without_its_fact_cannot_be_committed(store: Store, derived: str) -> None:
    def forgets(tx: Tx) -> None:
        if derived == "sale":
            tx.sales.add(bodies.sale())
        else:
            tx.scans.add(bodies.scan())

    with pytest.raises(IntegrityError):
        store.write(forgets)
    store.write(sold)


def test_a_sale_finds_its_fact_though_another_came_between(store: Store) -> None:
    body = bodies.sale()

    def sell(tx: Tx) -> None:
        tx.sales.add(body)
        returned(tx)
        tx.journal.append(body)

    store.write(sell)
    assert store.read(lambda tx: tx.sales.get(body.sale)).sale == body
    assert [line.ticket for line in body.tickets] == [
        record.ticket for record in store.read(lambda tx: tx.sales.ticket_records(bodies.TONIGHT, ""))
    ]


@settings(max_examples=15, deadline=None)
@given(makes=st.lists(st.sampled_from([sold, returned, scanned, moved]), max_size=12))
def test_any_sequence_of_facts_verifies_and_the_ledger_balances(makes: list[Callable[[Tx], Fact]]) -> None:
    with fresh_store() as store:
        facts = append_all(store, makes)
        store.read(lambda tx: tx.journal.verify())
        store.read(lambda tx: tx.journal.verify_tail(5))
        assert [fact.seq for fact in facts] == list(range(1, len(facts) + 1))
        assert store.read(lambda tx: tx.journal.unsent()) == tuple(facts)
        assert store.read(lambda tx: tx.ledger.balance()) == 0
        cash = store.read(lambda tx: tx.ledger.by_account()).get(f"cash:{bodies.TILL}", 0)
        assert cash == 8560 * makes.count(sold) + 500 * makes.count(moved)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_flipping_any_byte_of_a_body_is_caught(sold_folder: Path, tmp_path: Path, data: st.DataObject) -> None:
    copy = Path(tempfile.mkdtemp(dir=tmp_path))
    shutil.copy(sold_folder / "journal.db", copy / "journal.db")
    with tampered(copy) as connection:
        rows = connection.execute("SELECT seq, body FROM journal ORDER BY seq").fetchall()
        seq, body = data.draw(st.sampled_from(rows))
        raw = bytearray(body.encode())
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        connection.execute("UPDATE journal SET body = CAST(? AS TEXT) WHERE seq = ?", (bytes(raw), seq))
    with pytest.raises(CorruptJournal) as caught:
        Store.open(copy, KEY)
    assert caught.value.path == copy / "journal.db"
    assert (copy / "journal.db").exists()


@pytest.fixture(scope="module")
def sold_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sold")
    store = Store.open(folder, KEY)
    bodies.pair(store)
    append_all(store, [sold, returned, scanned, moved])
    store.close()
    return folder


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE journal SET hash = prev_hash WHERE seq = 2", "not what was written"),
        ("UPDATE journal SET kind = 'SCAN' WHERE seq = 2", "not what was written"),
        ("UPDATE journal SET till = 8 WHERE seq = 3", "not what was written"),
        ("UPDATE journal SET wall_time = wall_time + 1 WHERE seq = 3", "not what was written"),
        ("UPDATE journal SET subject = NULL WHERE seq = 1", "filed under another number"),
        ("UPDATE journal SET shift = subject WHERE seq = 1", "filed under another number"),
        ("DELETE FROM journal WHERE seq = 2", "does not continue the chain"),
        ("DELETE FROM journal WHERE seq = 1", "does not continue the chain"),
        ("DELETE FROM sale", "missing in the books"),
        ("DELETE FROM journal WHERE seq >= 3", "the newest scan is not the journal's"),
    ],
)
def test_a_changed_journal_does_not_open(sold_folder: Path, tmp_path: Path, damage: str, told: str) -> None:
    shutil.copy(sold_folder / "journal.db", tmp_path / "journal.db")
    with tampered(tmp_path) as connection:
        connection.execute(damage)
    before = (tmp_path / "journal.db").read_bytes()
    with pytest.raises(CorruptJournal, match=told) as caught:
        Store.open(tmp_path, KEY)
    assert "newest backup" in caught.value.way_out
    assert (tmp_path / "journal.db").read_bytes() == before


def test_damage_before_the_tail_is_found_by_the_whole_check(store: Store, folder: Path) -> None:
    append_all(store, [returned] * 5)
    store.close()
    with tampered(folder) as connection:
        connection.execute("UPDATE journal SET hlc = '1.0' WHERE seq = 1")
    engine = Database(folder / "journal.db", KEY).reader()
    with engine.connect() as connection, connection.begin():
        journal = Tx(connection, lambda: bodies.AT, lambda: bodies.SHIFT).journal
        journal.verify_tail(3)
        with pytest.raises(CorruptJournal, match=r"entry 1\.1"):
            journal.verify()
    engine.dispose()


def test_unsent_facts_come_in_order_and_within_a_pushs_limits(store: Store) -> None:
    facts = append_all(store, [sold, returned, returned, sold])
    size = len(facts[0].model_dump_json()) + len(facts[1].model_dump_json())
    assert store.read(lambda tx: tx.journal.unsent(2)) == tuple(facts[:2])
    assert store.read(lambda tx: tx.journal.unsent(100, size + 10)) == tuple(facts[:2])
    assert store.read(lambda tx: tx.journal.unsent(100, 1)) == tuple(facts[:1])  # one always goes
    store.write(lambda tx: tx.journal.acknowledge(2, 0, ()))
    assert store.read(lambda tx: tx.journal.unsent()) == tuple(facts[2:])
    assert store.read(lambda tx: tx.journal.waiting()) == 2


@settings(max_examples=15, deadline=None)
@given(marks=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=10))
def test_marks_only_rise_and_repeating_them_changes_nothing(marks: list[tuple[int, int]]) -> None:
    with fresh_store() as store:
        append_all(store, [returned] * 6)
        highest = 0
        for applied, durable in marks:
            for _ in range(2):
                store.write(lambda tx, a=applied, d=durable: tx.journal.acknowledge(a, d, ()))  # type: ignore[misc]
            highest = max(highest, applied)
            assert store.read(lambda tx: tx.journal.applied_hi()) == highest
            assert store.read(lambda tx: tx.journal.waiting()) == 6 - highest
        assert store.read(lambda tx: tx.journal.durable_hi()) == max(durable for _, durable in marks)


def test_a_mark_beyond_the_journal_tells_that_the_till_was_restored(store: Store) -> None:
    append_all(store, [returned] * 2)
    with pytest.raises(JournalBehind, match="only 2"):
        store.write(lambda tx: tx.journal.acknowledge(3, 0, ()))
    assert store.read(lambda tx: tx.journal.applied_hi()) == 0


def test_parked_and_conflicting_facts_stay_until_central_settles_them(store: Store) -> None:
    facts = append_all(store, [sold, sold, returned])
    results = [
        FactResult(seq=1, outcome=FactOutcome.CONFLICT, reason="seat 1 was sold on the web"),
        FactResult(seq=2, outcome=FactOutcome.PARKED, reason="unknown performance"),
        FactResult(seq=3, outcome=FactOutcome.APPLIED),
    ]
    for _ in range(2):
        store.write(lambda tx: tx.journal.acknowledge(3, 0, results))
    items = store.read(lambda tx: tx.journal.needs_attention())
    assert [(item.fact.seq, item.fact.kind, item.outcome) for item in items] == [
        (1, FactKind.SALE, FactOutcome.CONFLICT),
        (2, FactKind.SALE, FactOutcome.PARKED),
    ]
    assert items[0].fact == facts[0]
    assert items[0].reason == "seat 1 was sold on the web"
    settled = [FactResult(seq=1, outcome=FactOutcome.APPLIED)]
    store.write(lambda tx: tx.journal.acknowledge(3, 0, settled))
    assert [item.fact.seq for item in store.read(lambda tx: tx.journal.needs_attention())] == [2]


def test_after_central_was_restored_its_missing_facts_are_sent_again(store: Store) -> None:
    facts = append_all(store, [returned] * 4)
    store.write(lambda tx: tx.journal.acknowledge(4, 4, ()))
    store.write(lambda tx: tx.journal.rewind(1))
    assert store.read(lambda tx: tx.journal.unsent()) == tuple(facts[1:])
    assert store.read(lambda tx: tx.journal.durable_hi()) == 1
    store.write(lambda tx: tx.journal.rewind(3))  # never forward
    assert store.read(lambda tx: tx.journal.applied_hi()) == 1


def test_a_restored_till_goes_on_under_a_new_incarnation_and_loses_nothing(store: Store) -> None:
    facts = append_all(store, [sold, sold, returned])
    store.write(lambda tx: tx.journal.acknowledge(1, 0, [FactResult(seq=1, outcome=FactOutcome.APPLIED)]))
    unsent_seats = store.read(lambda tx: tx.leases.sold_unsent(bodies.TONIGHT))
    assert store.write(lambda tx: tx.identity.raise_incarnation()) == 2

    again = store.read(lambda tx: tx.journal.unsent())
    assert [(fact.incarnation, fact.seq, fact.id) for fact in again] == [(2, 1, facts[1].id), (2, 2, facts[2].id)]
    assert [fact.body for fact in again] == [facts[1].body, facts[2].body]
    assert again[0].prev_hash == GENESIS_HASH
    store.read(lambda tx: tx.journal.verify())
    assert store.read(lambda tx: tx.ledger.balance()) == 0
    assert store.read(lambda tx: tx.leases.sold_unsent(bodies.TONIGHT)) == unsent_seats
    assert len(store.read(lambda tx: tx.sales.last(10))) == 2

    next_fact = store.write(sold)
    assert (next_fact.incarnation, next_fact.seq, next_fact.prev_hash) == (2, 3, again[1].hash)
    assert store.read(lambda tx: tx.journal.waiting()) == 3


def test_facts_of_a_shift_are_counted_once_also_after_they_were_carried_over(store: Store) -> None:
    def open_shift(tx: Tx) -> None:
        tx.shifts.open(bodies.shift_open())
        tx.journal.append(bodies.shift_open())

    store.write(returned)
    store.write(open_shift)
    append_all(store, [sold, moved, scanned])
    kinds = [FactKind.SHIFT_OPEN, FactKind.SALE, FactKind.CASH_MOVEMENT]
    assert [fact.kind for fact in store.read(lambda tx: tx.journal.of_shift(bodies.SHIFT))] == kinds
    store.write(lambda tx: tx.journal.acknowledge(2, 0, ()))
    store.write(lambda tx: tx.identity.raise_incarnation())
    assert [fact.kind for fact in store.read(lambda tx: tx.journal.of_shift(bodies.SHIFT))] == kinds
    assert store.read(lambda tx: tx.shifts.movements(bodies.SHIFT)) == (bodies.movement(),)


def test_an_identity_keeps_its_secrets_out_of_its_name(store: Store) -> None:
    told = repr(store.read(lambda tx: tx.identity.get()))
    assert "Counter 1" in told
    assert "till-secret-credential" not in told
    assert "ssss" not in told
    store.write(lambda tx: tx.identity.set(replace(bodies.IDENTITY, name="Foyer")))
    assert store.read(lambda tx: tx.identity.get()) == replace(bodies.IDENTITY, name="Foyer")


def test_every_kind_of_body_survives_the_journal(store: Store) -> None:
    sale = bodies.sale()
    written: list[Body] = [
        bodies.shift_open(),
        sale,
        bodies.refund(sale),
        bodies.issue(sale),
        bodies.scan(),
        bodies.movement(),
        ReturnBody(performance=bodies.TONIGHT),
        bodies.shift_close(),
    ]

    def everything(tx: Tx) -> None:
        tx.shifts.open(bodies.shift_open())
        for body in written:
            match body.kind:
                case FactKind.SALE:
                    tx.sales.add(sale)
                case FactKind.REFUND:
                    tx.sales.add_refund(body)  # type: ignore[arg-type]
                case FactKind.SCAN:
                    tx.scans.add(body)  # type: ignore[arg-type]
            tx.journal.append(body)

    store.write(everything)
    assert [fact.parsed() for fact in store.read(lambda tx: tx.journal.unsent())] == written
