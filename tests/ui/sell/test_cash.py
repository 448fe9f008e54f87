"""Cash: what is typed, and what is due back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.domain.money import Money
from boxoffice.domain.tenders import TenderShort
from ui.sell.cash import CashEntry

TOTAL = Money(25130, "EUR")


def typed(text: str, total: Money = TOTAL) -> CashEntry:
    entry = CashEntry(total)
    for key in text.split():
        entry = entry.point() if key == "." else entry.digit(key)
    return entry


@pytest.mark.parametrize(
    ("keys", "minor"),
    [
        ("3 0 0 00", 30000),
        ("3 0 0 .", 30000),
        ("3 0 0 . 5", 30050),
        ("3 0 0 . 5 5 5", 30055),
        ("0 0 5", 5),
        ("", 25130),
    ],
)
def test_digits_push_in_from_the_right_until_a_point_is_typed(keys: str, minor: int) -> None:
    assert typed(keys).received == Money(minor, "EUR")


def test_change_is_handed_back_in_the_largest_pieces() -> None:
    entry = typed("3 0 0 00")
    assert entry.change == Money(4870, "EUR")
    assert entry.pieces() == {2000: 2, 500: 1, 200: 1, 100: 1, 50: 1, 20: 1}


def test_too_little_is_named_as_missing_and_cannot_be_completed() -> None:
    entry = typed("2 0 0 00")
    assert entry.change is None
    assert entry.missing == Money(5130, "EUR")
    with pytest.raises(TenderShort):
        entry.require_enough()


def test_quick_amounts_begin_with_the_exact_one() -> None:
    assert [amount.minor for amount in CashEntry(TOTAL).quick] == [25130, 25200, 25500, 26000, 30000, 40000]


def test_a_currency_without_decimals_has_no_point() -> None:
    assert typed("5 . 0", Money(400, "JPY")).received == Money(50, "JPY")


@given(st.integers(1, 10**7), st.lists(st.sampled_from("0123456789"), max_size=12))
def test_backspace_takes_back_what_was_typed(total: int, keys: list[str]) -> None:
    entry = CashEntry(Money(total, "EUR"))
    for key in keys:
        longer = entry.digit(key)
        if longer != entry:
            assert longer.backspace() == entry
        entry = longer


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_the_pieces_are_the_change(total: int, received: int) -> None:
    entry = CashEntry(Money(total, "EUR")).exactly(Money(received, "EUR"))
    if received >= total:
        assert sum(value * count for value, count in entry.pieces().items()) == received - total
    else:
        assert entry.pieces() == {}
