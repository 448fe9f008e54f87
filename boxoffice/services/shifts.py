"""Open a shift with a float, move cash in and out, count blind, close with a Z report."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from boxoffice.domain.clock import Clock
from boxoffice.domain.facts import CashMovementBody, LedgerLine, RefundBody, SaleBody, ShiftCloseBody, ShiftOpenBody
from boxoffice.domain.ids import NewId, ShiftId
from boxoffice.domain.money import Money
from boxoffice.domain.pricing import TaxLine, merge_taxes
from boxoffice.domain.refusals import Malformed
from boxoffice.domain.shifts import (
    CashExpected,
    MovementKind,
    RemarkNeeded,
    ShiftClosed,
    ShiftOpen,
    TenderSum,
    counted_minor,
)
from boxoffice.domain.staff import Permission, StaffMember
from boxoffice.domain.tenders import Tender, TenderKind
from boxoffice.services.connection import Connection
from boxoffice.store import OpenShift, Store, Tx


@dataclass(frozen=True, slots=True)
class ShiftFigures:
    """All that an X or a Z report tells of a shift, so far or at its end."""

    shift: OpenShift
    expected: CashExpected
    tenders: tuple[TenderSum, ...]
    taxes: tuple[TaxLine, ...]
    movements: tuple[CashMovementBody, ...]
    tickets_sold: int
    tickets_refunded: int
    first_receipt: str
    last_receipt: str
    facts: int
    chain_head: str


class Shifts:
    def __init__(self, store: Store, connection: Connection, now: Clock, new_id: NewId) -> None:
        self._store, self._connection, self._now, self._new_id = store, connection, now, new_id

    def current(self) -> OpenShift | None:
        return self._store.read(lambda tx: tx.shifts.current())

    def last_closed(self) -> ShiftCloseBody | None:
        return self._store.read(lambda tx: tx.shifts.last_closed())

    def open(self, staff: StaffMember, float_: Money) -> ShiftOpenBody:
        """Raises ShiftOpen when one is open, NotAllowed, or Malformed for a negative float."""
        staff.require(Permission.SHIFT)
        if float_.minor < 0:
            raise Malformed("float", "is below zero.", "Type what is in the drawer, 0 if it is empty.")

        def commit(tx: Tx) -> ShiftOpenBody:
            if tx.shifts.current() is not None:
                raise ShiftOpen("A shift is open at this till.", "Close it first, or go on with it.")
            body = ShiftOpenBody(
                shift=ShiftId(self._new_id()),
                number=tx.shifts.next_number(),
                staff=staff.id,
                float_minor=float_.minor,
                currency=float_.currency,
                opened_at=self._now(),
            )
            tx.shifts.open(body)
            tx.journal.append(body)
            return body

        opened = self._store.write(commit)
        self._connection.wake()
        return opened

    def move(self, staff: StaffMember, kind: MovementKind, amount: Money, reason: str) -> CashMovementBody:
        """Pay in, pay out, or open the drawer without a sale. Raises ShiftClosed, NotAllowed or Malformed."""
        staff.require(Permission.SHIFT)
        if not reason.strip():
            raise Malformed("reason", "is empty.", "Say what the money is for.")
        if amount.minor < 0 or (amount.minor == 0) != (kind is MovementKind.NO_SALE):
            raise Malformed(
                "amount", f"{amount} cannot be {kind.value.replace('_', ' ')}.", "Type an amount above zero."
            )

        def commit(tx: Tx) -> CashMovementBody:
            shift = tx.shifts.current()
            identity = tx.identity.get()
            if shift is None or identity is None:
                raise ShiftClosed
            signed = -amount.minor if kind is MovementKind.PAID_OUT else amount.minor
            ledger = (
                LedgerLine(account=f"cash:{identity.till}", minor=signed),
                LedgerLine(account=f"drawer:{kind.value}", minor=-signed),
            )
            body = CashMovementBody(
                shift=shift.shift,
                staff=staff.id,
                movement=kind,
                minor=signed,
                currency=amount.currency,
                reason=reason,
                moved_at=self._now(),
                ledger=ledger if signed else (),
            )
            tx.journal.append(body)
            return body

        moved = self._store.write(commit)
        self._connection.wake()
        return moved

    def figures(self) -> ShiftFigures:
        """Of the open shift. Raises ShiftClosed."""
        return self._store.read(_figures)

    def close(
        self, staff: StaffMember, counts: Mapping[int, int], remark: str, leave: Mapping[int, int]
    ) -> tuple[ShiftCloseBody, ShiftFigures]:
        """Close with what was counted; `leave` of it stays as the next float.

        Raises ShiftClosed, RemarkNeeded for a difference without a remark, NotAllowed or Malformed.
        """
        staff.require(Permission.SHIFT)

        def commit(tx: Tx) -> tuple[ShiftCloseBody, ShiftFigures]:
            figures = _figures(tx)
            currency = figures.shift.currency
            counted = counted_minor(counts, currency)
            left = counted_minor(leave, currency)
            if any(pieces > counts.get(denomination, 0) for denomination, pieces in leave.items()):
                raise Malformed("leave", "more is left than was counted.", "Leave less in the drawer.")
            difference = counted - figures.expected.total_minor
            if difference and not remark.strip():
                raise RemarkNeeded
            body = ShiftCloseBody(
                shift=figures.shift.shift,
                number=figures.shift.number,
                staff=staff.id,
                currency=currency,
                counts={denomination: pieces for denomination, pieces in counts.items() if pieces},
                counted_minor=counted,
                expected=figures.expected,
                difference_minor=difference,
                remark=remark.strip(),
                leave_minor=left,
                deposit_minor=counted - left,
                tenders=figures.tenders,
                tickets_sold=figures.tickets_sold,
                tickets_refunded=figures.tickets_refunded,
                facts_of_shift=figures.facts,
                closed_at=self._now(),
            )
            tx.shifts.close(body)
            tx.journal.append(body)
            return body, figures

        closed = self._store.write(commit)
        self._connection.wake()
        return closed


def _figures(tx: Tx) -> ShiftFigures:
    shift = tx.shifts.current()
    if shift is None:
        raise ShiftClosed
    sales = tx.sales.of_shift(shift.shift)
    refunds = tx.sales.refunds_of_shift(shift.shift)
    movements = tx.shifts.movements(shift.shift)
    bodies: tuple[SaleBody | RefundBody, ...] = (*sales, *refunds)
    receipts = sorted(body.receipt for body in bodies)
    return ShiftFigures(
        shift=shift,
        expected=_expected(shift, sales, refunds, movements),
        tenders=_tenders(bodies),
        taxes=merge_taxes(line for body in bodies for line in body.taxes),
        movements=movements,
        tickets_sold=sum(len(sale.tickets) for sale in sales),
        tickets_refunded=sum(len(refund.tickets) for refund in refunds),
        first_receipt=receipts[0] if receipts else "",
        last_receipt=receipts[-1] if receipts else "",
        facts=len(tx.journal.of_shift(shift.shift)),
        chain_head=tx.journal.head()[1],
    )


def _expected(
    shift: OpenShift,
    sales: Iterable[SaleBody],
    refunds: Iterable[RefundBody],
    movements: Iterable[CashMovementBody],
) -> CashExpected:
    def cash(bodies: Iterable[SaleBody | RefundBody]) -> list[Tender]:
        return [tender for body in bodies for tender in body.tenders if tender.kind is TenderKind.CASH]

    sold, given_back = cash(sales), cash(refunds)
    moved: Counter[MovementKind] = Counter()
    for movement in movements:
        moved[movement.movement] += movement.minor
    return CashExpected(
        float_minor=shift.float_minor,
        sales_minor=sum(tender.minor for tender in sold),
        sales_count=len(sold),
        refunds_minor=sum(tender.minor for tender in given_back),
        refunds_count=len(given_back),
        paid_in_minor=moved[MovementKind.PAID_IN],
        paid_out_minor=moved[MovementKind.PAID_OUT],
    )


def _tenders(bodies: Iterable[SaleBody | RefundBody]) -> tuple[TenderSum, ...]:
    counts: dict[TenderKind, list[int]] = defaultdict(list)
    for body in bodies:
        for tender in body.tenders:
            counts[tender.kind].append(tender.minor)
    return tuple(
        TenderSum(kind=kind.value, count=len(counts[kind]), minor=sum(counts[kind]))
        for kind in TenderKind
        if kind in counts
    )
