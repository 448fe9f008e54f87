from __future__ import annotations

from datetime import UTC, datetime

import pytest

from boxoffice.documents.words import day_text, moment_text, money_text, percent_text, short_start_text, start_text
from boxoffice.domain.money import Money


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (8600, "EUR", "€86.00"),
        (-8605, "EUR", "−€86.05"),
        (123456789, "GBP", "£1,234,567.89"),
        (5, "USD", "$0.05"),
        (8600, "CHF", "CHF 86.00"),
        (8600, "JPY", "JPY 8,600"),
        (8600, "KWD", "KWD 8.600"),
        (0, "EUR", "€0.00"),
    ],
)
def test_money_carries_its_currency(minor: int, currency: str, text: str) -> None:
    assert money_text(Money(minor, currency)) == text


@pytest.mark.parametrize(
    ("bp", "text"), [(700, "7 %"), (1900, "19 %"), (0, "0 %"), (875, "8.75 %"), (550, "5.5 %"), (5, "0.05 %")]
)
def test_shares_are_as_short_as_they_can_be(bp: int, text: str) -> None:
    assert percent_text(bp) == text


def test_a_performance_is_named_by_day_and_time() -> None:
    at = datetime(2026, 3, 5, 9, 5, tzinfo=UTC)
    assert day_text(at) == "Thursday 5 March 2026"
    assert start_text(at) == "Thu 5 Mar 2026, 09:05"
    assert short_start_text(at) == "Thu 5 Mar, 09:05"
    assert moment_text(at) == "05.03.2026 09:05"
