"""A sale and its money: who paid what, and ledger lines that sum to zero."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from boxoffice.domain.baskets import Basket, PriceListOf
from boxoffice.domain.facts import LedgerLine, RefundBody, RefundedTicket, SaleBody, TicketLine
from boxoffice.domain.ids import PerformanceId, SaleId, ShiftId, StaffId, TicketId, TillNumber, order_code
from boxoffice.domain.pricing import Charged, TaxLine, taxes_of
from boxoffice.domain.refusals import Refused
from boxoffice.domain.tenders import Tender, TenderKind, check_tenders


class NothingToRefund(Refused):
    code = "nothing_to_refund"


@dataclass(frozen=True, slots=True)
class Seller:
    """Who sells, where: one till, one shift, one person."""

    till: TillNumber
    shift: ShiftId
    staff: StaffId


def receipt_number(till: TillNumber, incarnation: int, number: int) -> str:
    """`T7-000042`; `T7-2-000042` of a till that was restored from an older copy and counts from there once more."""
    again = f"-{incarnation}" if incarnation > 1 else ""
    return f"T{till}{again}-{number:06d}"


def sale_of(
    basket: Basket,
    tenders: Sequence[Tender],
    price_list_of: PriceListOf,
    *,
    sale: SaleId,
    receipt: str,
    seller: Seller,
    at: datetime,
    epochs: Mapping[tuple[PerformanceId, int], int],
    new_ticket: Callable[[], TicketId],
    reason: str = "",
) -> SaleBody:
    """The sale of a whole basket. `epochs` are the leases' (performance, seat).

    Raises BasketEmpty, NotForSale, MixedCurrencies, TenderShort or TenderTooMuch.
    """
    priced = basket.quote(price_list_of)
    check_tenders(priced.total, tenders)
    tickets = tuple(
        TicketLine(
            ticket=new_ticket(),
            performance=line.performance,
            seat=line.seat,
            area=line.area,
            epoch=0 if line.seat is None else epochs[line.performance, line.seat],
            category=line.category,
            price_type=line.price_type,
            price_type_name=_type_name(price_list_of, line.performance, line.price_type),
            charges=charges,
        )
        for line, charges in zip(basket.lines, priced.items, strict=True)
    )
    return SaleBody(
        sale=sale,
        receipt=receipt,
        order_code=order_code(sale),
        shift=seller.shift,
        staff=seller.staff,
        started_at=basket.started_at,
        sold_at=at,
        currency=priced.total.currency,
        tickets=tickets,
        fees=priced.fees,
        taxes=priced.taxes,
        total_minor=priced.total.minor,
        tenders=tuple(tenders),
        customer=basket.customer,
        note=basket.note,
        reason=reason,
        ledger=ledger_of(seller.till, tenders, priced.taxes, tickets),
    )


def ledger_of(
    till: TillNumber, tenders: Iterable[Tender], taxes: Iterable[TaxLine], tickets: Iterable[Charged]
) -> tuple[LedgerLine, ...]:
    """Debit the tenders; credit tax by rate, the tickets' net, and the rest to fees."""
    debits: dict[str, int] = {}
    for tender in tenders:
        account = f"cash:{till}" if tender.kind is TenderKind.CASH else str(tender.kind)
        debits[account] = debits.get(account, 0) + tender.minor
    return balanced(debits, taxes, tickets)


def balanced(debits: Mapping[str, int], taxes: Iterable[TaxLine], tickets: Iterable[Charged]) -> tuple[LedgerLine, ...]:
    """What was paid, by account, against what it was paid for. In a refund everything is negative."""
    credits_ = {f"tax:{line.rate_bp}": -line.tax_minor for line in taxes}
    credits_["revenue:tickets"] = -sum(
        charge.gross_minor - charge.tax_minor for ticket in tickets for charge in ticket.charges if not charge.is_fee
    )
    credits_["revenue:fees"] = -sum(debits.values()) - sum(credits_.values())
    lines = {**debits, **credits_}
    return tuple(LedgerLine(account=account, minor=minor) for account, minor in lines.items() if minor)


def refund_of(
    sale: SaleBody,
    already: frozenset[TicketId],
    chosen: frozenset[TicketId],
    *,
    refund: SaleId,
    receipt: str,
    seller: Seller,
    at: datetime,
    reason: str,
    with_fees: bool = True,
    tender: TenderKind | None = None,
) -> RefundBody:
    """Give back `chosen` tickets of a sale to the tender that paid it (or to `tender`).

    Order fees stay; per-ticket fees go back when `with_fees`. Tax goes back by each ticket's own share, so refunding
    ticket by ticket gives back exactly what was paid. Raises NothingToRefund.
    """
    lines = [line for line in sale.tickets if line.ticket in chosen - already]
    if not lines:
        raise NothingToRefund("These tickets were refunded before.", "Look at the order's history.")
    tickets = tuple(_refunded(line, with_fees) for line in lines)
    total = sum(ticket.gross_minor + ticket.fee_minor for ticket in tickets)
    kind = tender or sale.tenders[0].kind
    back = (Tender(kind=kind, minor=total, reference=sale.tenders[0].reference),)
    taxes = taxes_of(tickets)
    return RefundBody(
        refund=refund,
        sale=sale.sale,
        receipt=receipt,
        shift=seller.shift,
        staff=seller.staff,
        refunded_at=at,
        currency=sale.currency,
        tickets=tickets,
        taxes=taxes,
        total_minor=total,
        tenders=back,
        reason=reason,
        ledger=ledger_of(seller.till, back, taxes, tickets),
    )


def _refunded(line: TicketLine, with_fees: bool) -> RefundedTicket:
    return RefundedTicket(
        ticket=line.ticket,
        performance=line.performance,
        seat=line.seat,
        area=line.area,
        charges=tuple(
            charge.model_copy(update={"gross_minor": -charge.gross_minor, "tax_minor": -charge.tax_minor})
            for charge in line.charges
            if with_fees or not charge.is_fee
        ),
    )


def _type_name(price_list_of: PriceListOf, performance: PerformanceId, key: str) -> str:
    price_list = price_list_of(performance)
    return price_list.price_types[price_list.type_index(key)].name
