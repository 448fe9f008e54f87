"""Opening, closing and damage: one program a folder, one writer, nothing readable on the disk."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlcipher3 import dbapi2

from boxoffice.domain.facts import Customer
from boxoffice.domain.protocol import Snapshot
from boxoffice.store import AlreadyRunning, CorruptJournal, DiskFull, Store, TooOldSqlite, Tx, WrongKey, schema
from boxoffice.store.engine import Database, require_new_sqlite
from boxoffice.store.writer import Writer
from tests.store import bodies
from tests.store.bodies import KEY

HOUSE = Snapshot(performance=bodies.TONIGHT, server_epoch=1, head=1, statuses=b"\0\3", areas=(), tickets=(), scans=())
OPEN_AND_WAIT = """
import sys
from pathlib import Path
from boxoffice.store import Store
store = Store.open(Path(sys.argv[1]), bytes(range(32)))
print("open", flush=True)
sys.stdin.read()
"""


def test_what_was_sold_is_there_after_a_restart(store: Store, folder: Path) -> None:
    sale = bodies.sell(store)
    store.close()
    store.close()
    again = Store.open(folder, KEY)
    assert again.read(lambda tx: tx.sales.get(sale.sale)).sale == sale
    assert again.read(lambda tx: tx.identity.get()) == bodies.IDENTITY
    again.close()


def test_nothing_on_the_disk_can_be_read_without_the_key(store: Store, folder: Path) -> None:
    bodies.sell(store, customer=Customer(name="Evangeline Brontosaurus"))
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    store.close()
    assert {"journal.db", "cache.db", "journal.db-wal"} <= set(files)
    for name, content in files.items():
        for secret in (b"Brontosaurus", b"brontosaurus", b"SQLite format", b"till-secret", KEY, KEY.hex().encode()):
            assert secret not in content, name


def test_the_key_shows_in_no_log_and_no_name(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    database = Database(folder / "journal.db", KEY)
    assert KEY.hex() not in repr(database)
    assert repr(KEY) not in repr(database)
    with caplog.at_level(logging.DEBUG), pytest.MonkeyPatch.context() as patch:
        patch.setattr(logging.getLogger("sqlalchemy"), "level", logging.DEBUG)
        store = Store.open(folder, KEY)
        bodies.pair(store)
        store.close()
        with pytest.raises(WrongKey) as caught:
            Store.open(folder, bytes(32))
    assert KEY.hex() not in caplog.text
    assert KEY.hex() not in str(caught.value)


def test_a_wrong_key_is_told_apart_from_damage_and_changes_nothing(
    store: Store, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    store.close()
    before = (folder / "journal.db").read_bytes()
    with pytest.raises(WrongKey):
        Store.open(folder, bytes(32))
    (folder / "journal.check").unlink()
    with pytest.raises(WrongKey):
        Store.open(folder, bytes(32))
    assert (folder / "journal.db").read_bytes() == before
    assert "ERROR" not in capfd.readouterr().err
    Store.open(folder, KEY).close()


def test_a_key_of_another_length_is_a_bug(folder: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Store.open(folder, b"short")
    Store.open(folder, KEY).close()  # the lock was let go of


@pytest.mark.parametrize("page", [0, 1, 3, -1])
def test_a_flipped_bit_anywhere_is_a_corrupt_journal_and_nothing_is_deleted(
    store: Store, folder: Path, page: int
) -> None:
    for _ in range(20):
        bodies.sell(store)
    store.close()
    path = folder / "journal.db"
    content = bytearray(path.read_bytes())
    content[(page % (len(content) // 2048)) * 2048 + 700] ^= 1
    path.write_bytes(content)
    with pytest.raises(CorruptJournal) as caught:
        Store.open(folder, KEY)
    assert caught.value.path == path
    assert path.read_bytes() == bytes(content)


def test_a_journal_cut_short_does_not_open(store: Store, folder: Path) -> None:
    for _ in range(20):
        bodies.sell(store)
    store.close()
    path = folder / "journal.db"
    path.write_bytes(path.read_bytes()[: 2048 * 9])
    with pytest.raises(CorruptJournal):
        Store.open(folder, KEY)


def test_a_journal_of_zeros_is_not_taken_for_a_new_one(store: Store, folder: Path) -> None:
    store.close()
    (folder / "journal.db").write_bytes(bytes(8192))
    with pytest.raises(CorruptJournal):
        Store.open(folder, KEY)


def test_an_emptied_or_missing_journal_beside_its_check_is_damage(store: Store, folder: Path) -> None:
    bodies.sell(store)
    store.close()
    (folder / "journal.db").write_bytes(b"")
    with pytest.raises(CorruptJournal):
        Store.open(folder, KEY)
    (folder / "journal.db").unlink()
    with pytest.raises(CorruptJournal):
        Store.open(folder, KEY)


@pytest.mark.parametrize("damage", ["garbage", "another key", "another version", "half"])
def test_a_cache_that_cannot_be_used_is_begun_anew_and_the_journal_is_kept(
    store: Store, folder: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale = bodies.sell(store)
    store.write_cache(lambda cache: cache.houses.put_snapshot(HOUSE))
    store.close()
    path = folder / "cache.db"
    match damage:
        case "garbage":
            path.write_bytes(b"not a database at all" * 500)
        case "another key":
            path.unlink()
            Database(path, bytes(32)).connect("rwc").execute("CREATE TABLE house (x)")
        case "another version":
            monkeypatch.setattr(schema, "CACHE_VERSION", 99)
        case "half":
            path.write_bytes(path.read_bytes()[: 2048 * 3 + 100])
    again = Store.open(folder, KEY)
    assert again.read_cache(lambda cache: cache.houses.known()) == ()
    again.write_cache(lambda cache: cache.houses.put_snapshot(HOUSE))
    assert again.read(lambda tx: tx.sales.get(sale.sale)).sale == sale
    again.close()


def test_a_second_copy_of_the_program_is_refused_until_the_first_ends(folder: Path) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", OPEN_AND_WAIT, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert first.stdin is not None
    assert first.stdout is not None
    try:
        assert first.stdout.readline() == "open\n"
        with pytest.raises(AlreadyRunning, match="already open"):
            Store.open(folder, KEY)
        first.kill()
        first.wait(10)
        Store.open(folder, KEY).close()  # its lock went with it
    finally:
        first.kill()
        first.wait(10)
        first.stdin.close()
        first.stdout.close()


def test_two_stores_of_one_program_cannot_share_a_folder(store: Store, folder: Path) -> None:
    with pytest.raises(AlreadyRunning):
        Store.open(folder, KEY)
    bodies.sell(store)


def test_an_sqlite_that_can_lose_a_commit_is_refused() -> None:
    with pytest.raises(TooOldSqlite, match=r"3\.51\.2"):
        require_new_sqlite((3, 51, 2))
    require_new_sqlite((3, 51, 3))
    require_new_sqlite()


def test_the_journal_is_flushed_at_every_commit_and_the_cache_is_not(store: Store) -> None:
    def pragmas(tx: Tx) -> tuple[object, ...]:
        run = tx.journal._connection.exec_driver_sql
        return tuple(
            run(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema")
        )

    assert store.write(pragmas) == ("wal", 2, 1, 0)
    cache = store.write_cache(lambda tx: tx.houses._connection.exec_driver_sql("PRAGMA synchronous").scalar())
    assert cache == 1


def test_a_write_within_a_write_is_a_bug_and_no_deadlock(store: Store) -> None:
    with pytest.raises(RuntimeError, match="within a write"):
        store.write(lambda tx: store.write(lambda other: None))
    with pytest.raises(RuntimeError, match="within a write"):
        store.write(lambda tx: store.write_cache(lambda other: None))
    bodies.sell(store)


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(OperationalError, match="readonly"):
        store.read(lambda tx: tx.settings.set("a", "b"))


def test_a_reader_sees_one_moment_while_others_sell(store: Store) -> None:
    def look_twice(tx: Tx) -> tuple[int, int]:
        before = tx.journal.head()[0]
        bodies.sell(store)
        return before, tx.journal.head()[0]

    assert store.read(look_twice) == (0, 0)
    assert store.read(lambda tx: tx.journal.head()[0]) == 1


def test_many_threads_sell_and_read_and_every_sale_is_there_once(store: Store) -> None:
    def work(number: int) -> None:
        for round_ in range(5):
            bodies.sell(store, [number * 5 + round_])
            store.read(lambda tx: tx.journal.head())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    receipts = [stored.sale.receipt for stored in store.read(lambda tx: tx.sales.last(100))]
    assert len(set(receipts)) == len(receipts) == 40
    store.read(lambda tx: tx.journal.verify())


def test_submitted_work_is_done_before_the_store_closes(store: Store, folder: Path) -> None:
    futures = [store.submit(lambda tx: tx.sales.next_receipt()) for _ in range(50)]
    store.close()
    assert [future.result(0) for future in futures] == list(range(1, 51))
    with pytest.raises(RuntimeError, match="closed"):
        store.write(lambda tx: None)


def test_a_full_queue_waits_and_the_writers_own_callbacks_do_not() -> None:
    writer = Writer("test", capacity=2)
    go = threading.Event()
    done: list[int] = []
    first = writer.submit(lambda: go.wait(10))
    first.add_done_callback(lambda _: writer.submit(lambda: done.append(99)) and None)
    others = [writer.submit(lambda n=n: done.append(n)) for n in range(2)]  # type: ignore[misc]
    late = threading.Thread(target=lambda: writer.submit(lambda: done.append(2)))
    late.start()
    late.join(0.05)
    assert late.is_alive()
    go.set()
    late.join(10)
    assert not late.is_alive()
    for other in others:
        other.result(10)
    writer.close()
    assert sorted(done) == [0, 1, 2, 99]


def test_too_little_space_is_told_before_money_moves(store: Store) -> None:
    store.check_space(1)
    with pytest.raises(DiskFull, match="nothing was sold"):
        store.check_space(1 << 60)


def test_the_library_is_the_encrypted_one() -> None:
    connection = dbapi2.connect(":memory:")
    assert connection.execute("PRAGMA cipher_version").fetchone() is not None
    connection.close()
