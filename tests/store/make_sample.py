"""Write `tests/data/journal-NNNN.db`, once, when migration NNNN becomes the newest. Never over an existing one."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from boxoffice.domain.facts import Customer, ReturnBody, SaleBody, SeatEpoch
from boxoffice.domain.ids import LeaseRequestId
from boxoffice.domain.protocol import FactOutcome, FactResult, LeaseGrant, LeaseKind, LeaseRequest
from boxoffice.store import Store, Tx
from boxoffice.store.migrations import NEWEST
from tests.store import bodies
from tests.store.bodies import KEY


def main() -> int:
    target = Path(__file__).parents[1] / "data" / f"journal-{NEWEST:04d}.db"
    if target.exists():
        sys.stderr.write(f"{target.name} is there: a sample is never written again.\n")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder), KEY, now=lambda: bodies.AT)
        bodies.pair(store)
        store.write(_open_shift)
        sale = bodies.sell(store, [1, 2], Customer(name="Ida Berg", email="ida@example.org"))
        bodies.sell(store, [3])
        store.write(lambda tx: _after_sales(tx, sale))
        copy = store.backup(Path(folder) / "copy")
        store.close()
        target.parent.mkdir(exist_ok=True)
        shutil.copy(copy, target)
    return 0


def _open_shift(tx: Tx) -> None:
    tx.shifts.open(bodies.shift_open())
    tx.journal.append(bodies.shift_open())
    request = LeaseRequest(
        request=LeaseRequestId(bodies.SHIFT), performance=bodies.TONIGHT, kind=LeaseKind.ALLOTMENT, best=2
    )
    tx.leases.open_request(request)
    grant = LeaseGrant(
        request=request.request,
        performance=bodies.TONIGHT,
        seats=(SeatEpoch(seat=40, epoch=2), SeatEpoch(seat=41, epoch=2)),
    )
    tx.leases.accept(grant, LeaseKind.ALLOTMENT)


def _after_sales(tx: Tx, sale: SaleBody) -> None:
    refund, scan = bodies.refund(sale, number=tx.sales.next_receipt()), bodies.scan(sale.tickets[1].ticket)
    tx.sales.add_refund(refund)
    tx.journal.append(refund)
    tx.scans.add(scan)
    tx.journal.append(scan)
    tx.sales.set_generation(bodies.issue(sale))
    tx.journal.append(bodies.issue(sale))
    tx.journal.append(bodies.movement())
    tx.journal.append(ReturnBody(performance=bodies.TONIGHT, seats=(SeatEpoch(seat=5, epoch=1),)))
    tx.shifts.close(bodies.shift_close())
    tx.journal.append(bodies.shift_close())
    results = [
        FactResult(seq=2, outcome=FactOutcome.CONFLICT, reason="seat 1 was sold on the web"),
        FactResult(seq=3, outcome=FactOutcome.APPLIED),
    ]
    tx.journal.acknowledge(3, 0, results)


if __name__ == "__main__":
    raise SystemExit(main())
