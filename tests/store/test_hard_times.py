"""Power cuts and full disks: what was sold is kept, what was not sold leaves no trace."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from boxoffice.store import DiskFull, Store
from tests.store import bodies
from tests.store.bodies import KEY

if sys.platform == "win32":
    pytest.skip("needs POSIX limits and signals", allow_module_level=True)

from tests.store import selling_process  # it needs POSIX as well

ROUNDS = 10
MOST = 5_000
FORKS = multiprocessing.get_context("forkserver")  # starts a till in milliseconds, with no thread of ours in it
FORKS.set_forkserver_preload(["tests.store.selling_process"])


def start(work: Callable[..., None], *arguments: object) -> tuple[BaseProcess, Connection]:
    ours, theirs = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=work, args=(*arguments, theirs))
    process.start()
    theirs.close()
    return process, ours


def all_told(pipe: Connection) -> Iterator[int]:
    """Also what was still in the pipe when the process ended."""
    with contextlib.suppress(EOFError, ConnectionResetError):
        while True:
            yield pipe.recv()


def test_every_sale_that_was_told_survives_kill_9_once(folder: Path) -> None:
    chance = random.Random(9)
    last = 0
    for _ in range(ROUNDS):
        process, pipe = start(selling_process.sell, folder)
        told = all_told(pipe)
        assert next(told) == 0
        for _ in range(chance.randint(0, 25)):
            last = next(told)
        process.kill()
        last = max([last, *told])
        process.join(10)
        assert process.exitcode == -signal.SIGKILL
        pipe.close()
        store = Store.open(folder, KEY)
        store.read(lambda tx: tx.journal.verify())
        seqs = [fact.seq for fact in store.read(lambda tx: tx.journal.tail(100_000))]
        sales = store.read(lambda tx: tx.sales.last(100_000))
        store.close()
        assert seqs == list(range(1, len(seqs) + 1))
        assert last <= len(seqs) <= last + 1  # one more may have been durable before it could be told
        assert sorted(int(stored.sale.receipt[-6:]) for stored in sales) == seqs
        last = len(seqs)
    assert last > ROUNDS


@pytest.mark.parametrize("limit", [200_000, 300_000, 1_000_000])
def test_when_a_file_cannot_grow_nothing_is_sold_and_later_all_works_again(folder: Path, limit: int) -> None:
    process, pipe = start(selling_process.fill, folder, limit)
    told = pipe.recv()
    process.join(30)
    pipe.close()
    assert process.exitcode == 0
    assert "nothing was sold and nothing was printed" in told["refusal"]
    assert told["readable"] == told["sold"]
    assert told["later"] == f"T7-{told['sold'] + 1:06d}"  # no number was lost either
    store = Store.open(folder, KEY)
    assert len(store.read(lambda tx: tx.sales.last(100_000))) == told["sold"] + 1
    store.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"no small file system here: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def sell_until_refused(store: Store) -> int:
    for sold in range(MOST):
        try:
            bodies.sell(store, [sold])
        except DiskFull:
            return sold
    return MOST


def test_on_a_full_disk_nothing_is_sold_until_there_is_space(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(300_000))
    store = Store.open(small_disk / "till", KEY)
    bodies.pair(store)
    sold = sell_until_refused(store)
    assert 0 < sold < MOST
    with pytest.raises(DiskFull):
        store.check_space(1_000_000)
    for _ in range(3):
        with pytest.raises(DiskFull):
            bodies.sell(store, range(500))
    assert len(store.read(lambda tx: tx.sales.last(10_000))) == sold
    ballast.unlink()
    bodies.sell(store, [sold])
    store.read(lambda tx: tx.journal.verify())
    assert store.read(lambda tx: tx.ledger.balance()) == 0
    store.close()
    again = Store.open(small_disk / "till", KEY)
    assert len(again.read(lambda tx: tx.sales.last(10_000))) == sold + 1
    again.close()


def test_a_store_does_not_open_on_a_full_disk_and_says_why(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(1_000_000))
    with pytest.raises(DiskFull):
        Store.open(small_disk / "till", KEY)
    (small_disk / "ballast").unlink()
    store = Store.open(small_disk / "till", KEY)
    bodies.pair(store)
    bodies.sell(store)
    store.close()


def test_a_backup_that_does_not_fit_leaves_nothing_half_written(folder: Path, small_disk: Path) -> None:
    store = Store.open(folder, KEY)
    bodies.pair(store)
    for seat in range(150):
        bodies.sell(store, [seat])
    (small_disk / "ballast").write_bytes(bytes(900_000))
    with pytest.raises(DiskFull):
        store.backup(small_disk / "copies")
    assert list((small_disk / "copies").iterdir()) == []
    store.close()
