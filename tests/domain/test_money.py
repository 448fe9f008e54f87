from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.domain.money import Money, parse_amount, percentage, split_minor, tax_inside
from boxoffice.domain.refusals import Malformed

minors = st.integers(-(10**10), 10**10)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any)


@given(minors, weights)
def test_shares_always_sum_to_the_whole(minor: int, by: list[int]) -> None:
    assert sum(share.minor for share in Money(minor, "EUR").split(by)) == minor


@given(minors, weights)
def test_a_share_is_within_one_cent_of_its_exact_part(minor: int, by: list[int]) -> None:
    for share, weight in zip(split_minor(minor, by), by, strict=True):
        assert abs(share * sum(by) - minor * weight) < sum(by)


@given(st.integers(0, 10**10), weights)
def test_a_part_without_weight_gets_nothing(minor: int, by: list[int]) -> None:
    assert all(share == 0 for share, weight in zip(split_minor(minor, by), by, strict=True) if weight == 0)


@given(minors, st.integers(0, 10_000))
def test_tax_of_a_refund_is_the_tax_of_the_sale_with_the_other_sign(minor: int, rate: int) -> None:
    assert tax_inside(-minor, rate) == -tax_inside(minor, rate)
    assert percentage(-minor, rate) == -percentage(minor, rate)


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [
        (10700, 700, 700),
        (11900, 1900, 1900),
        (24680, 700, 1615),
        (450, 1900, 72),
        (1, 700, 0),
        (0, 700, 0),
        (999, 0, 0),
    ],
)
def test_tax_inside_a_gross_amount(gross: int, rate: int, tax: int) -> None:
    assert tax_inside(gross, rate) == tax


@pytest.mark.parametrize(
    ("typed", "minor"), [("12", 1200), ("12.5", 1250), ("12,50", 1250), (" 1 000,00 ", 100000), ("0.01", 1)]
)
def test_what_a_cashier_types_becomes_money(typed: str, minor: int) -> None:
    assert parse_amount(typed, "EUR") == Money(minor, "EUR")


@pytest.mark.parametrize("typed", ["", ".", "-5", "1.234", "1e3", "٣", "12.5.0", "9999999999", "abc", "+1", "1_000"])
def test_what_is_not_an_amount_is_refused_and_the_field_is_named(typed: str) -> None:
    with pytest.raises(Malformed, match="received"):
        parse_amount(typed, "EUR", "received")


def test_a_yen_has_no_decimals() -> None:
    assert parse_amount("1200", "JPY") == Money(1200, "JPY")
    with pytest.raises(Malformed):
        parse_amount("12.5", "JPY")


def test_two_currencies_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="EUR and USD"):
        Money(1, "EUR") + Money(1, "USD")
