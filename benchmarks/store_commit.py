"""What a durable sale costs at the till, against a bare SQLite commit of as many bytes on the same disk."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure
from boxoffice.domain.facts import AreaUnits, SaleBody, SeatEpoch
from boxoffice.domain.ids import LeaseRequestId, SaleId
from boxoffice.domain.protocol import LeaseGrant, LeaseKind, LeaseRequest
from boxoffice.store import Store, Tx
from tests.store import bodies

GOAL = 3.0
SEATS = 4
RUNS = 400


def measure(runs: int = RUNS, on: Path | None = None) -> list[Figure]:
    """The median sale against the median bare commit; `on` is a folder of the disk to measure."""
    with tempfile.TemporaryDirectory(dir=on) as folder:
        sale_ms, wal_bytes = measure_sales(Path(folder) / "till", runs)
        bare_ms = measure_bare(Path(folder) / "bare.db", runs, wal_bytes)
    return [
        Figure(
            name=f"a durable sale of {SEATS} seats",
            value=round(median(sale_ms), 3),
            unit="ms",
            against=round(median(bare_ms), 3),
            goal=GOAL,
            runs=runs,
        )
    ]


def measure_sales(folder: Path, runs: int) -> tuple[list[float], int]:
    """Milliseconds of each sale as a caller waits for it, and the bytes that a sale adds to the WAL."""
    store = Store.open(folder, os.urandom(32))
    try:
        bodies.pair(store)
        store.write(lambda tx: _lease(tx, runs * SEATS))
        wal = folder / "journal.db-wal"
        times, grown = [], []
        for run in range(runs):
            body = bodies.sale(range(run * SEATS, (run + 1) * SEATS), number=run + 1)
            before = wal.stat().st_size
            times.append(_timed(lambda body=body: store.write(lambda tx: _commit(tx, body))))  # type: ignore[misc]
            grown.append(wal.stat().st_size - before)
        return times, int(median([size for size in grown if size > 0]))
    finally:
        store.close()


def measure_bare(path: Path, runs: int, size: int) -> list[float]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE bare (body BLOB)")
        payload = os.urandom(max(1, size - 2 * 4096))  # its pages make as many bytes of WAL
        return [_timed(lambda: _insert(connection, payload)) for _ in range(runs)]
    finally:
        connection.close()


def _lease(tx: Tx, seats: int) -> None:
    request = LeaseRequest(
        request=LeaseRequestId(SaleId(bodies.SHIFT)), performance=bodies.TONIGHT, kind=LeaseKind.ALLOTMENT
    )
    tx.leases.open_request(request)
    grant = LeaseGrant(
        request=request.request,
        performance=bodies.TONIGHT,
        seats=tuple(SeatEpoch(seat=seat, epoch=3) for seat in range(seats)),
        areas=(AreaUnits(area=0, units=1),),
    )
    tx.leases.accept(grant, LeaseKind.ALLOTMENT)


def _commit(tx: Tx, body: SaleBody) -> None:
    tx.shifts.current()
    tx.identity.get()
    tx.leases.consume(bodies.TONIGHT, [line.seat for line in body.tickets if line.seat is not None])
    tx.sales.next_receipt()
    tx.sales.add(body)
    tx.journal.append(body)


def _insert(connection: sqlite3.Connection, payload: bytes) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO bare VALUES (?)", (payload,))
    connection.execute("COMMIT")


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000
