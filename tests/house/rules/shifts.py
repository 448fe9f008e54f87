"""docs/rules/shifts.md"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from uuid import UUID, uuid4

from boxoffice.domain.clock import utc_now
from boxoffice.domain.facts import RefundBody, SaleBody
from boxoffice.domain.ids import SaleId, ShiftId, StaffId
from boxoffice.domain.money import Money
from boxoffice.domain.protocol import LeaseGrant, LeaseRequest
from boxoffice.domain.sales import refund_of
from boxoffice.domain.shifts import MovementKind, RemarkNeeded, counted_minor, propose_float
from boxoffice.domain.staff import Role, StaffMember
from boxoffice.domain.tenders import TenderKind, hand_back
from boxoffice.services.connection import LinkState, Offline
from boxoffice.services.shifts import Shifts
from boxoffice.store import Store, Tx
from tests.domain.examples import NOON, SELLER, basket, sale
from tests.house.rules.money import price_list
from tests.house.rules.tables import Row, amount, minor
from tests.store import bodies

ANNA = StaffMember(id=StaffId(UUID(int=3)), name="Anna", role=Role.CASHIER, pin_hash="")
EARLIER = ShiftId(UUID(int=4))


class Alone:
    """A till with no network: what a shift needs of it is nothing."""

    state = LinkState.OFFLINE
    is_online = False

    def request_lease(self, request: LeaseRequest) -> LeaseGrant:
        raise Offline

    def wake(self) -> None:
        pass


def expected(row: Row) -> Row:
    """A real shift in a real store: opened, sold, refunded, moved and closed."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder), bytes(range(32)))
        try:
            bodies.pair(store)
            return _worked(row, store)
        finally:
            store.close()


def _worked(row: Row, store: Store) -> Row:
    given_back, counted = minor(row["Cash refunds"]), minor(row["Counted"])
    shifts = Shifts(store, Alone(), utc_now, uuid4)
    old = _sell(store, EARLIER, given_back, TenderKind.CASH) if given_back else None
    shift = shifts.open(ANNA, Money(minor(row["Float"]), "EUR")).shift
    if sold := minor(row["Cash sales"]):
        _sell(store, shift, sold, TenderKind.CASH)
    _sell(store, shift, 9900, TenderKind.CARD)
    if old is not None:
        _refund(store, shift, old)
    for kind, column in ((MovementKind.PAID_IN, "Paid in"), (MovementKind.PAID_OUT, "Paid out")):
        if moved := minor(row[column]):
            shifts.move(ANNA, kind, Money(moved, "EUR"), "change")
    shifts.move(ANNA, MovementKind.NO_SALE, Money(0, "EUR"), "coins for the meter")
    counts = hand_back(Money(counted, "EUR"))
    try:
        closed, _ = shifts.close(ANNA, counts, "", {})
    except RemarkNeeded:
        remark = "needed"
        closed, _ = shifts.close(ANNA, counts, "miscounted a note", {})
    else:
        remark = "not needed"
    return {
        **row,
        "Expected": amount(closed.expected.total_minor),
        "Difference": amount(closed.difference_minor),
        "Remark": remark,
    }


def _sell(store: Store, shift: ShiftId, price: int, kind: TenderKind) -> SaleBody:
    made = sale(basket((1, 0, "A")), price_list([price], "none", "7 % inside"), kind, seed=price)
    body = made.model_copy(update={"shift": shift, "receipt": f"T7-{price:06d}"})

    def commit(tx: Tx) -> None:
        tx.sales.add(body)
        tx.journal.append(body)

    store.write(commit)
    return body


def _refund(store: Store, shift: ShiftId, sold: SaleBody) -> None:
    body: RefundBody = refund_of(
        sold,
        frozenset(),
        frozenset({sold.tickets[0].ticket}),
        refund=SaleId(uuid4()),
        receipt="T7-999999",
        seller=SELLER,
        at=NOON,
        reason="ill",
    ).model_copy(update={"shift": shift})

    def commit(tx: Tx) -> None:
        tx.sales.add_refund(body)
        tx.journal.append(body)

    store.write(commit)


def pieces(text: str) -> dict[int, int]:
    """`4 × 50.00, 2 × 0.50` as piece -> count."""
    return {minor(found[2]): int(found[1]) for found in re.finditer(r"(\d+) × ([\d.]+)", text)}


def float_(row: Row) -> Row:
    counts = pieces(row["Counted (pieces)"])
    stays = propose_float(counts, minor(row["Float wanted"]))
    return {
        **row,
        "Stays": ", ".join(f"{count} × {amount(piece)}" for piece, count in stays.items()) or "nothing",
        "Deposit": amount(counted_minor(counts, "EUR") - counted_minor(stays, "EUR")),
    }


TABLES = {"expected": expected, "float": float_}
