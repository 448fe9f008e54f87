from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from boxoffice.domain.baskets import Basket, BasketEmpty, SeatInBasket
from boxoffice.domain.facts import LedgerLine, SaleBody
from boxoffice.domain.ids import SaleId, TicketId
from boxoffice.domain.money import Money
from boxoffice.domain.pricing import Fee, Item, MixedCurrencies, NotForSale, PriceList, TaxMode, quote
from boxoffice.domain.sales import NothingToRefund, refund_of, sale_of
from boxoffice.domain.tenders import TenderKind, TenderShort, TenderTooMuch, cash, hand_back, quick_amounts
from tests.domain.examples import AMERICAN, EUROPEAN, NOON, PERFORMANCE, SELLER, basket, sale

types = st.sampled_from("ASCX")
lines = st.lists(st.tuples(st.integers(0, 1), types), min_size=1, max_size=12)
fees = st.lists(
    st.builds(
        Fee,
        name=st.just("Fee"),
        per_order=st.booleans(),
        minor=st.integers(0, 999),
        tax_bp=st.sampled_from([0, 700, 888, 1900]),
    ),
    max_size=3,
)
price_lists = st.builds(
    lambda mode, tax, fee_list, prices: EUROPEAN.model_copy(
        update={
            "tax_mode": mode,
            "tax_bp": tax,
            "fees": tuple(fee_list),
            "prices": tuple(dict(zip("ASCX", row, strict=True)) for row in prices),
        }
    ),
    st.sampled_from(TaxMode),
    st.sampled_from([0, 700, 888, 1900]),
    fees,
    st.lists(st.lists(st.integers(0, 99_999), min_size=4, max_size=4), min_size=2, max_size=2),
)


def basket_of(chosen: list[tuple[int, str]]) -> Basket:
    return basket(*((seat, category, key) for seat, (category, key) in enumerate(chosen)))


def test_the_basket_of_the_worked_example() -> None:
    priced = basket((14, 0, "A"), (15, 0, "A"), (16, 0, "S")).quote(lambda _: EUROPEAN)
    assert priced.tickets == Money(24080, "EUR")
    assert [(fee.name, fee.count, fee.minor) for fee in priced.fees] == [("Booking fee", 3, 450)]
    assert [(line.rate_bp, line.net_minor, line.tax_minor, line.gross_minor) for line in priced.taxes] == [
        (700, 22505, 1575, 24080),
        (1900, 378, 72, 450),
    ]
    assert priced.total == Money(24530, "EUR")


def test_tax_on_top_is_added_once_for_the_order_and_shared_out() -> None:
    priced = basket((1, 0, "C"), (2, 1, "C")).quote(lambda _: AMERICAN)
    assert priced.taxes[0].net_minor == 4300 + 3400 + 250
    assert priced.taxes[0].tax_minor == 706  # 8.88 % of 79.50 is 7.0596
    assert priced.total == Money(7950 + 706, "EUR")


@given(price_lists, lines)
def test_what_is_shown_adds_up_to_the_total(price_list: PriceList, chosen: list[tuple[int, str]]) -> None:
    priced = basket_of(chosen).quote(lambda _: price_list)
    per_ticket = sum(charge.gross_minor for charges in priced.items for charge in charges)
    assert sum(line.gross_minor for line in priced.taxes) == priced.total.minor
    assert sum(line.net_minor + line.tax_minor for line in priced.taxes) == priced.total.minor
    if not any(fee.per_order for fee in price_list.fees):
        assert per_ticket == priced.total.minor
        assert sum(charge.tax_minor for charges in priced.items for charge in charges) == sum(
            line.tax_minor for line in priced.taxes
        )


@given(price_lists, lines)
def test_the_ledger_of_a_sale_sums_to_zero(price_list: PriceList, chosen: list[tuple[int, str]]) -> None:
    body = sale(basket_of(chosen), price_list)
    assert sum(line.minor for line in body.ledger) == 0
    assert SaleBody.model_validate_json(body.model_dump_json()) == body


@given(price_lists, lines)
def test_refunding_ticket_by_ticket_gives_back_every_cent_and_its_tax(
    price_list: PriceList, chosen: list[tuple[int, str]]
) -> None:
    price_list = price_list.model_copy(
        update={"fees": tuple(fee.model_copy(update={"per_order": False}) for fee in price_list.fees)}
    )
    body = sale(basket_of(chosen), price_list)
    already: frozenset[TicketId] = frozenset()
    refunds = []
    for ticket in body.tickets:
        refund = refund_of(
            body,
            already,
            frozenset({ticket.ticket}),
            refund=SaleId(UUID(int=9)),
            receipt="T2-000002",
            seller=SELLER,
            at=NOON,
            reason="ill",
        )
        already |= {ticket.ticket}
        refunds.append(refund)
    assert sum(refund.total_minor for refund in refunds) == -body.total_minor
    taxes = [line for refund in refunds for line in refund.taxes]
    for line in body.taxes:
        assert -line.tax_minor == sum(tax.tax_minor for tax in taxes if tax.rate_bp == line.rate_bp)
    accounts: dict[str, int] = {}
    for ledger in (body.ledger, *(refund.ledger for refund in refunds)):
        for entry in ledger:
            accounts[entry.account] = accounts.get(entry.account, 0) + entry.minor
    assert not any(accounts.values())


def test_a_ticket_is_refunded_once() -> None:
    body = sale(basket((1, 0, "A"), (2, 0, "A")))
    first = frozenset({body.tickets[0].ticket})
    with pytest.raises(NothingToRefund):
        refund_of(body, first, first, refund=SaleId(UUID(int=9)), receipt="R", seller=SELLER, at=NOON, reason="ill")


def test_a_comp_carries_no_fee_and_costs_nothing() -> None:
    priced = basket((1, 0, "X")).quote(lambda _: EUROPEAN)
    assert priced.total == Money(0, "EUR")
    assert priced.fees == ()


def test_a_sale_whose_ledger_does_not_balance_is_malformed() -> None:
    body = sale(basket((1, 0, "A")))
    wrong = body.model_copy(update={"ledger": (*body.ledger, LedgerLine(account="cash:2", minor=1))})
    with pytest.raises(ValidationError, match="sum to zero"):
        SaleBody.model_validate_json(wrong.model_dump_json())


def test_what_cannot_be_sold_is_refused() -> None:
    with pytest.raises(BasketEmpty):
        Basket(started_at=NOON).quote(lambda _: EUROPEAN)
    with pytest.raises(NotForSale):
        quote([Item(EUROPEAN, 5, "A")])
    with pytest.raises(MixedCurrencies):
        quote([Item(EUROPEAN, 0, "A"), Item(EUROPEAN.model_copy(update={"currency": "USD"}), 0, "A")])
    with pytest.raises(SeatInBasket):
        basket((1, 0, "A")).with_seats(PERFORMANCE, [(1, 0)], "A")


def test_the_tenders_must_be_the_total_to_the_cent() -> None:
    total = Money(24530, "EUR")
    assert cash(total, Money(30000, "EUR")).change_minor == 5470
    with pytest.raises(TenderShort):
        cash(total, Money(24529, "EUR"))
    made = basket((1, 0, "A"))
    with pytest.raises(TenderTooMuch):
        sale_with(made, 8751)
    with pytest.raises(TenderShort):
        sale_with(made, 8749)


def sale_with(made: Basket, minor: int) -> SaleBody:
    from_total = sale(made)
    tender = from_total.tenders[0].model_copy(update={"minor": minor, "kind": TenderKind.CARD})
    return sale_of(
        made,
        [tender],
        lambda _: EUROPEAN,
        sale=from_total.sale,
        receipt="R",
        seller=SELLER,
        at=NOON,
        epochs={(PERFORMANCE, 1): 1},
        new_ticket=lambda: from_total.tickets[0].ticket,
    )


def test_quick_amounts_are_what_customers_hand_over() -> None:
    assert [amount.minor for amount in quick_amounts(Money(25130, "EUR"))] == [25200, 25500, 26000, 30000, 40000]
    assert [amount.minor for amount in quick_amounts(Money(5000, "EUR"))] == [6000, 10000, 20000]


@given(st.integers(0, 50_000))
def test_change_is_handed_back_to_the_cent(minor: int) -> None:
    assert sum(piece * count for piece, count in hand_back(Money(minor, "EUR")).items()) == minor
