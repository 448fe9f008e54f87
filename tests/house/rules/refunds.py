"""docs/rules/refunds.md"""

from __future__ import annotations

from uuid import UUID

from boxoffice.domain.facts import RefundBody, SaleBody
from boxoffice.domain.ids import SaleId, TicketId
from boxoffice.domain.protocol import SeatStatus, TicketRecord
from boxoffice.domain.sales import NothingToRefund, refund_of
from boxoffice.domain.tenders import TenderKind
from central.tills.books import Books, SeatRow, TicketRow
from tests.domain.examples import NOON, PERFORMANCE, SELLER, basket, sale
from tests.house.rules.leases import TILL, arrive, words
from tests.house.rules.tables import Row, amount

SALE = sale(basket((14, 0, "A"), (15, 0, "A"), (16, 0, "S")))
FIRST, SECOND, THIRD = (line.ticket for line in SALE.tickets)
NOBODY_YET: frozenset[TicketId] = frozenset()


def refund(
    of: SaleBody, *tickets: TicketId, already: frozenset[TicketId] = NOBODY_YET, with_fees: bool = True
) -> RefundBody:
    return refund_of(
        of,
        already,
        frozenset(tickets),
        refund=SaleId(UUID(int=9)),
        receipt="T2-000002",
        seller=SELLER,
        at=NOON,
        reason="ill",
        with_fees=with_fees,
    )


def ticket_by_ticket(row: Row) -> Row:
    refunds = [refund(SALE, FIRST), refund(SALE, SECOND, already=frozenset({FIRST}))]
    refunds.append(refund(SALE, THIRD, already=frozenset({FIRST, SECOND})))
    names = ("the first", "the second", "the third")
    chosen = refunds if row["Refund of"] == "all together" else [refunds[names.index(row["Refund of"])]]

    def tax(rate_bp: int) -> str:
        return amount(-sum(line.tax_minor for one in chosen for line in one.taxes if line.rate_bp == rate_bp))

    return {
        **row,
        "Ticket": amount(-sum(ticket.gross_minor for one in chosen for ticket in one.tickets)),
        "Fee": amount(-sum(ticket.fee_minor for one in chosen for ticket in one.tickets)),
        "Tax 7 %": tax(700),
        "Tax 19 %": tax(1900),
        "Goes back": amount(-sum(one.total_minor for one in chosen)),
    }


def choices(row: Row) -> Row:
    by_card = sale(basket((14, 0, "A"), (15, 0, "A"), (16, 0, "S")), kind=TenderKind.CARD)
    once = frozenset({FIRST})
    try:
        match row["Case"]:
            case "the first ticket, sale paid in cash":
                back = refund(SALE, FIRST)
            case "the first ticket, sale paid by card":
                back = refund(by_card, by_card.tickets[0].ticket)
            case "the first ticket, fees kept":
                back = refund(SALE, FIRST, with_fees=False)
            case "the first ticket, a second time":
                back = refund(SALE, FIRST, already=once)
            case "the first two, the first of them refunded before":
                back = refund(SALE, FIRST, SECOND, already=once)
            case unknown:
                raise KeyError(unknown)
    except NothingToRefund as refused:
        return {**row, "Goes back": "refused", "To": refused.code}
    [tender] = back.tenders
    return {**row, "Goes back": amount(-back.total_minor), "To": tender.kind.value}


def refund_arrives(row: Row) -> Row:
    line = SALE.tickets[0]
    key = (PERFORMANCE, 14)
    record = TicketRecord(
        ticket=line.ticket,
        sale=SALE.sale,
        seat=14,
        generation=1,
        valid=True,
        price_type="A",
        price_type_name="Adult",
        category=0,
        order_code=SALE.order_code,
    )
    sold = SeatRow(SeatStatus.SOLD, 3, ticket=line.ticket)
    books = Books(TILL, {PERFORMANCE: 20}, seats={key: sold}, tickets={line.ticket: TicketRow(PERFORMANCE, record)})
    again = refund(SALE, FIRST)
    match row["Ticket at central"]:
        case "refunded before":
            arrive(again.model_copy(update={"refund": SaleId(UUID(int=8))}), books)
        case "not known":
            books.tickets.clear()
        case good:
            assert good == "good, seat sold under epoch 3"
    result = arrive(again, books)
    known = books.tickets.get(line.ticket)
    return {
        **row,
        "Outcome": result.outcome.value,
        "Ticket admits": "yes" if known is not None and known.record.valid else "no",
        "Seat afterwards": words(books.seats[key].status),
        "Seat's epoch": str(books.seats[key].epoch),
    }


TABLES = {"ticket-by-ticket": ticket_by_ticket, "choices": choices, "refund-arrives": refund_arrives}
