"""A till in a process of its own, for tests that end it or fill its disk."""

from __future__ import annotations

import contextlib
import itertools
import resource
from multiprocessing.connection import Connection
from pathlib import Path

from boxoffice.store import DiskFull, Store
from tests.store import bodies
from tests.store.bodies import KEY


def sell(folder: Path, told: Connection) -> None:
    """Sell until killed; tell the number of each sale once it is durable, 0 when the store is open."""
    store = Store.open(folder, KEY)
    if store.read(lambda tx: tx.identity.get()) is None:
        bodies.pair(store)
    told.send(0)
    for seat in itertools.count():
        bodies.sell(store, [seat])
        told.send(store.read(lambda tx: tx.journal.head()[0]))


def fill(folder: Path, limit: int, told: Connection) -> None:
    """Sell under a limit on the size of files, then without it, and tell what happened."""
    store = Store.open(folder, KEY)
    bodies.pair(store)
    sold = [bodies.sell(store, [0]).receipt]
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    refusal = ""
    try:
        for seat in range(1, 5000):
            sold.append(bodies.sell(store, [seat]).receipt)
    except DiskFull as full:
        refusal = str(full)
    with contextlib.suppress(DiskFull):
        sold.append(bodies.sell(store, [9999]).receipt)
    readable = len(store.read(lambda tx: tx.sales.last(10_000)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    later = bodies.sell(store, [5000]).receipt
    store.read(lambda tx: tx.journal.verify())
    store.close()
    told.send({"sold": len(sold), "refusal": refusal, "readable": readable, "later": later})
