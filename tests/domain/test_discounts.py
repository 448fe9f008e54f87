from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from boxoffice.domain.discounts import CodeRefused, Discount, Reduction, Taken, Uses, Why, best, none_for, reduction
from boxoffice.domain.pricing import Item, quote
from tests.house.rules.discounts import discount, order

prices = st.lists(st.integers(0, 20_000), min_size=1, max_size=12)
discounts = st.one_of(
    st.integers(1, 10_000).map(lambda bp: discount(Taken.PERCENT, bp)),
    st.integers(1, 30_000).map(lambda minor: discount(Taken.PER_TICKET, minor)),
    st.integers(1, 100_000).map(lambda minor: discount(Taken.PER_ORDER, minor)),
)


@given(prices, discounts)
def test_nothing_costs_less_than_nothing_and_what_comes_off_is_what_is_not_paid(
    each: list[int], offered: Discount
) -> None:
    asked = order(each)
    found = reduction(asked, offered, Uses())
    if found is Why.SAVES_NOTHING:
        return
    assert isinstance(found, Reduction)
    assert all(0 <= off <= price for off, price in zip(found.minor, each, strict=True))
    reduced = [
        Item(item.price_list, item.category, item.price_type, off)
        for item, off in zip(asked.items, found.minor, strict=True)
    ]
    assert quote(reduced).total.minor == quote(asked.items).total.minor - found.total_minor
    assert found.total_minor > 0


@given(prices, st.lists(discounts, max_size=4))
def test_the_best_saves_as_much_as_any_and_never_two_at_once(each: list[int], offered: list[Discount]) -> None:
    asked = order(each)
    single = [reduction(asked, one, Uses()) for one in offered]
    most = max((one.total_minor for one in single if isinstance(one, Reduction)), default=0)
    assert best(asked, [(one, Uses()) for one in offered]).total_minor == most


def test_a_typed_code_that_saves_as_much_as_an_offer_is_the_one_taken() -> None:
    typed, offer = discount(Taken.PERCENT, 1000, code="TEN"), discount(Taken.PERCENT, 1000, id=UUID(int=2))
    assert best(order([3800]), [(offer, Uses()), (typed, Uses())], "TEN").discount == typed


def test_without_a_discount_nothing_comes_off() -> None:
    assert best(order([3800, 1200]), []) == none_for(order([3800, 1200]))
    assert none_for(order([3800, 1200])).minor == (0, 0)


@pytest.mark.parametrize("why", Why)
def test_every_reason_has_words_and_a_way_out(why: Why) -> None:
    refused = CodeRefused("TEN", why)
    assert "TEN" in refused.message
    assert refused.way_out


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": 10_001}, "amount"),
        ({"amount": 0}, "amount"),
        ({"taken": Taken.PER_ORDER, "currency": None}, "amount"),
        ({"budget_minor": 5000}, "currency"),
        ({"valid_from": "2026-11-14T12:00:00Z", "valid_until": "2026-11-14T12:00:00Z"}, "valid_until"),
        ({"code": "ten"}, "code"),
        ({"most_uses": 0}, "most_uses"),
    ],
)
def test_a_discount_that_makes_no_sense_is_refused(changes: dict[str, object], field: str) -> None:
    body = {"id": UUID(int=1), "name": "Page", "taken": Taken.PERCENT, "amount": 1000, **changes}
    with pytest.raises(ValidationError, match=field):
        Discount.model_validate(body)


def test_more_cannot_come_off_a_ticket_than_it_costs() -> None:
    [item] = order([3800]).items
    with pytest.raises(ValueError, match="3801"):
        quote([Item(item.price_list, item.category, item.price_type, 3801)])
