"""A backup is a whole journal under the same key, proven before it counts."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from boxoffice.store import CorruptJournal, Store
from boxoffice.store.backup import verify
from boxoffice.store.engine import Database
from boxoffice.store.escrow import ESCROW_NAME, keep_escrow, open_escrow
from tests.store import bodies
from tests.store.bodies import KEY


def test_a_backup_opens_as_a_till_with_every_sale(store: Store, tmp_path: Path) -> None:
    sale = bodies.sell(store)
    copy = store.backup(tmp_path / "second disk")
    bodies.sell(store, [9])
    restored = tmp_path / "restored"
    restored.mkdir()
    copy.rename(restored / "journal.db")
    again = Store.open(restored, KEY)
    assert [stored.sale for stored in again.read(lambda tx: tx.sales.last(9))] == [sale]
    assert again.read(lambda tx: tx.identity.get()) == bodies.IDENTITY
    again.read(lambda tx: tx.journal.verify())
    again.close()


def test_a_backup_is_encrypted_and_stands_alone(store: Store, tmp_path: Path) -> None:
    bodies.sell(store)
    copy = store.backup(tmp_path / "copies")
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]
    content = copy.read_bytes()
    assert not content.startswith(b"SQLite format")
    assert b"till-secret" not in content
    assert verify(Database(copy, KEY), lambda: bodies.AT, lambda: bodies.SHIFT) == 1


def test_the_escrow_copy_of_the_key_goes_with_the_backup(store: Store, folder: Path, tmp_path: Path) -> None:
    venue = X25519PrivateKey.generate()
    keep_escrow(folder, KEY, venue.public_key().public_bytes_raw())
    copy = store.backup(tmp_path / "copies")
    key = open_escrow((copy.parent / ESCROW_NAME).read_bytes(), venue.private_bytes_raw())
    assert verify(Database(copy, key), lambda: bodies.AT, lambda: bodies.SHIFT) == 0


def test_selling_goes_on_while_a_backup_is_taken(store: Store, tmp_path: Path) -> None:
    for seat in range(50):
        bodies.sell(store, [seat])
    copies: list[Path] = []
    thread = threading.Thread(target=lambda: copies.append(store.backup(tmp_path / "copies")))
    thread.start()
    for seat in range(50, 100):
        bodies.sell(store, [seat])
    thread.join(30)
    assert 50 <= verify(Database(copies[0], KEY), lambda: bodies.AT, lambda: bodies.SHIFT) <= 100
    assert store.read(lambda tx: tx.journal.head()[0]) == 100


def test_only_the_newest_backups_are_kept(folder: Path, tmp_path: Path) -> None:
    minutes = count()
    store = Store.open(
        folder, KEY, now=lambda: datetime(2026, 11, 23, 20, tzinfo=UTC) + timedelta(minutes=next(minutes))
    )
    bodies.pair(store)
    other = tmp_path / "copies" / "holiday.txt"
    other.parent.mkdir()
    other.write_text("not ours")
    copies = [store.backup(tmp_path / "copies", keep=2) for _ in range(4)]
    assert sorted(other.parent.glob("journal-*")) == copies[2:]
    assert other.exists()
    store.close()


def test_a_copy_that_does_not_verify_gets_no_name_and_pushes_no_older_one_out(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = store.backup(tmp_path / "copies")
    copy = Database.copy_to

    def copy_badly(database: Database, target: Path) -> None:
        copy(database, target)
        content = bytearray(target.read_bytes())
        content[-500] ^= 1
        target.write_bytes(content)

    monkeypatch.setattr(Database, "copy_to", copy_badly)
    with pytest.raises(CorruptJournal):
        store.backup(tmp_path / "copies", keep=1)
    assert list(good.parent.iterdir()) == [good]
