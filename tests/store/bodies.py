"""Facts as a counter makes them, for tests of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from boxoffice.domain.facts import (
    CashMovementBody,
    Customer,
    IssueBody,
    IssuedTicket,
    LedgerLine,
    RefundBody,
    RefundedTicket,
    SaleBody,
    ScanBody,
    ShiftCloseBody,
    ShiftOpenBody,
    TicketLine,
)
from boxoffice.domain.ids import PerformanceId, SaleId, ScanId, ShiftId, StaffId, TicketId, TillNumber, order_code
from boxoffice.domain.pricing import Charge, TaxLine
from boxoffice.domain.sales import receipt_number
from boxoffice.domain.shifts import CashExpected, MovementKind
from boxoffice.domain.tenders import Tender, TenderKind
from boxoffice.store import Identity, Store, Tx

KEY = bytes(range(32))
TILL = TillNumber(7)
STAFF = StaffId(UUID(int=11))
SHIFT = ShiftId(UUID(int=12))
TONIGHT = PerformanceId(501)
OTHER = PerformanceId(9)
ANYBODY = TicketId(1)
AT = datetime(2026, 11, 23, 19, 30, tzinfo=UTC)
PRICE, TAX, RATE_BP = 4280, 280, 700

IDENTITY = Identity(
    till=TILL,
    name="Counter 1",
    key_id=1,
    incarnation=1,
    credential="till-secret-credential",
    central_url="http://127.0.0.1:1",
    server_epoch=1,
    root_key=b"r" * 32,
    signing_key=b"s" * 32,
)


def sale(
    seats: Sequence[int] = (1, 2),
    *,
    number: int = 1,
    at: datetime = AT,
    customer: Customer | None = None,
    performance: PerformanceId = TONIGHT,
    shift: ShiftId = SHIFT,
    sale_id: UUID | None = None,
) -> SaleBody:
    """Seats at one price, paid in cash."""
    sale_id = SaleId(sale_id or uuid4())
    total, tax = PRICE * len(seats), TAX * len(seats)
    return SaleBody(
        sale=sale_id,
        receipt=receipt_number(TILL, 1, number),
        order_code=order_code(sale_id),
        shift=shift,
        staff=STAFF,
        started_at=at,
        sold_at=at,
        currency="EUR",
        tickets=tuple(
            TicketLine(
                ticket=TicketId(uuid4().int >> 65),
                performance=performance,
                seat=seat,
                epoch=3,
                category=0,
                price_type="A",
                price_type_name="Adult",
                charges=(Charge(gross_minor=PRICE, tax_minor=TAX, rate_bp=RATE_BP),),
            )
            for seat in seats
        ),
        taxes=(TaxLine(rate_bp=RATE_BP, net_minor=total - tax, tax_minor=tax, gross_minor=total),),
        total_minor=total,
        tenders=(Tender(kind=TenderKind.CASH, minor=total, received_minor=total),),
        customer=customer,
        ledger=(
            LedgerLine(account=f"cash:{TILL}", minor=total),
            LedgerLine(account=f"tax:{RATE_BP}", minor=-tax),
            LedgerLine(account="revenue:tickets", minor=tax - total),
        ),
    )


def refund(of: SaleBody, count: int = 1, *, number: int = 2, at: datetime = AT) -> RefundBody:
    """The first `count` tickets back, in cash."""
    total, tax = -PRICE * count, -TAX * count
    return RefundBody(
        refund=SaleId(uuid4()),
        sale=of.sale,
        receipt=receipt_number(TILL, 1, number),
        shift=of.shift,
        staff=STAFF,
        refunded_at=at,
        currency="EUR",
        tickets=tuple(
            RefundedTicket(
                ticket=line.ticket,
                performance=line.performance,
                seat=line.seat,
                charges=(Charge(gross_minor=-PRICE, tax_minor=-TAX, rate_bp=RATE_BP),),
            )
            for line in of.tickets[:count]
        ),
        total_minor=total,
        tenders=(Tender(kind=TenderKind.CASH, minor=total),),
        reason="ill",
        ledger=(
            LedgerLine(account=f"cash:{TILL}", minor=total),
            LedgerLine(account=f"tax:{RATE_BP}", minor=-tax),
            LedgerLine(account="revenue:tickets", minor=tax - total),
        ),
    )


def scan(
    ticket: TicketId = ANYBODY, *, admitted: bool = True, shown: str = "admit", direction: str = "entry"
) -> ScanBody:
    return ScanBody(
        scan=ScanId(uuid4()),
        ticket=ticket,
        performance=TONIGHT,
        generation=1,
        gate="A",
        direction=direction,  # type: ignore[arg-type]  # a literal, checked by the model
        shown=shown,
        admitted=admitted,
        online=True,
        list_head=0,
        staff=STAFF,
        scanned_at=AT,
    )


def issue(of: SaleBody, generation: int = 2) -> IssueBody:
    return IssueBody(
        tickets=tuple(
            IssuedTicket(ticket=line.ticket, performance=line.performance, generation=generation) for line in of.tickets
        ),
        why="reprint",
        staff=STAFF,
        issued_at=AT,
    )


def shift_open(number: int = 1, shift: ShiftId = SHIFT) -> ShiftOpenBody:
    return ShiftOpenBody(shift=shift, number=number, staff=STAFF, float_minor=20_000, currency="EUR", opened_at=AT)


def shift_close(number: int = 1, shift: ShiftId = SHIFT) -> ShiftCloseBody:
    return ShiftCloseBody(
        shift=shift,
        number=number,
        staff=STAFF,
        currency="EUR",
        counts={5000: 4},
        counted_minor=20_000,
        expected=CashExpected(
            float_minor=20_000,
            sales_minor=0,
            sales_count=0,
            refunds_minor=0,
            refunds_count=0,
            paid_in_minor=0,
            paid_out_minor=0,
        ),
        difference_minor=0,
        remark="",
        leave_minor=20_000,
        deposit_minor=0,
        tenders=(),
        tickets_sold=0,
        tickets_refunded=0,
        facts_of_shift=2,
        closed_at=AT,
    )


def movement(minor: int = 500, shift: ShiftId = SHIFT) -> CashMovementBody:
    return CashMovementBody(
        shift=shift,
        staff=STAFF,
        movement=MovementKind.PAID_IN,
        minor=minor,
        currency="EUR",
        reason="change",
        moved_at=AT,
        ledger=(
            LedgerLine(account=f"cash:{TILL}", minor=minor),
            LedgerLine(account="drawer:paid_in", minor=-minor),
        ),
    )


def pair(store: Store) -> None:
    store.write(lambda tx: tx.identity.set(IDENTITY))


def sell(store: Store, seats: Sequence[int] = (1, 2), customer: Customer | None = None) -> SaleBody:
    """As the selling service does it: one commit."""

    def commit(tx: Tx) -> SaleBody:
        body = sale(seats, number=tx.sales.next_receipt(), customer=customer)
        tx.sales.add(body)
        tx.journal.append(body)
        return body

    return store.write(commit)
