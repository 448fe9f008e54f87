"""What a durable sale costs at the till, against a bare SQLite commit of as many bytes on the same disk."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from functools import partial
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
WARM_UP = 40


def measure(runs: int = RUNS, on: Path | None = None) -> list[Figure]:
    """The median sale as its caller waits for it, against the median bare commit: in turns, so that the moods of the
    disk hit both alike. `on` is a folder of the disk to measure."""
    with tempfile.TemporaryDirectory(dir=on) as folder:
        sale_ms, bare_ms = _in_turns(Path(folder), runs)
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


def _in_turns(folder: Path, runs: int) -> tuple[list[float], list[float]]:
    sales = [bodies.sale(range(run * SEATS, (run + 1) * SEATS), number=run + 1) for run in range(runs + WARM_UP)]
    store = Store.open(folder, os.urandom(32))
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    try:
        bodies.pair(store)
        store.write(lambda tx: _lease(tx, len(sales) * SEATS))
        wal = folder / "journal.db-wal"
        size = int(median(_growth(wal, partial(_sell, store, body)) for body in sales[:WARM_UP]))
        bare.execute("PRAGMA journal_mode = WAL")
        bare.execute("PRAGMA synchronous = FULL")
        bare.execute("CREATE TABLE bare (body BLOB)")
        payload = os.urandom(max(1, size - 2 * 4096))  # its pages make as many bytes of WAL
        turns = [
            (_timed(partial(_sell, store, body)), _timed(partial(_insert, bare, payload))) for body in sales[WARM_UP:]
        ]
    finally:
        bare.close()
        store.close()
    return [turn[0] for turn in turns], [turn[1] for turn in turns]


def _growth(wal: Path, work: Callable[[], object]) -> int:
    before = wal.stat().st_size
    work()
    return wal.stat().st_size - before


def _sell(store: Store, body: SaleBody) -> None:
    store.write(lambda tx: _commit(tx, body))


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
