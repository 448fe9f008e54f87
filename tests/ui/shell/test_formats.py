"""Amounts, days and times as a clerk reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from boxoffice.domain.money import Money
from ui.formats import Formats, plural

NOW = datetime(2026, 11, 14, 17, 47, tzinfo=UTC)  # 18:47 in Berlin, a Saturday
FORMATS = Formats(now=lambda: NOW).at("Europe/Berlin")


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (8600, "EUR", "€86.00"),
        (25130, "EUR", "€251.30"),
        (-5200, "EUR", "−€52.00"),
        (123456, "USD", "US$1,234.56"),
        (500, "JPY", "JP¥500"),
    ],
)
def test_money_carries_its_sign_and_its_currencys_decimals(minor: int, currency: str, text: str) -> None:
    assert FORMATS.money(Money(minor, currency)) == text


def test_whole_amounts_lose_their_decimals_only_when_nothing_is_lost() -> None:
    assert FORMATS.whole_money(Money(25200, "EUR")) == "€252"
    assert FORMATS.whole_money(Money(25130, "EUR")) == "€251.30"


def test_another_locale_writes_the_same_amount_its_way() -> None:
    assert Formats(locale="de").money(Money(25130, "EUR")) == "251,30\N{NO-BREAK SPACE}€"
    assert Formats(locale="de").whole_money(Money(25200, "EUR")) == "252\N{NO-BREAK SPACE}€"


@pytest.mark.parametrize(
    ("starts", "day"),
    [
        (datetime(2026, 11, 14, 18, 30, tzinfo=UTC), "Tonight"),
        (datetime(2026, 11, 14, 14, 0, tzinfo=UTC), "Today"),
        (datetime(2026, 11, 15, 0, 30, tzinfo=UTC), "Tonight"),  # 01:30 belongs to Saturday's evening
        (datetime(2026, 11, 15, 10, 0, tzinfo=UTC), "Tomorrow"),
        (datetime(2026, 11, 17, 18, 30, tzinfo=UTC), "Tue 17 Nov"),
        (datetime(2027, 1, 2, 18, 30, tzinfo=UTC), "Sat 2 Jan 2027"),
    ],
)
def test_days_are_named_as_people_name_them(starts: datetime, day: str) -> None:
    assert FORMATS.day(starts) == day


def test_times_are_the_venues_not_the_machines() -> None:
    starts = datetime(2026, 11, 14, 18, 30, tzinfo=UTC)
    assert FORMATS.time(starts) == "19:30"
    assert FORMATS.at("America/New_York").time(starts) == "13:30"


def test_durations_use_the_largest_useful_unit() -> None:
    lengths = [
        timedelta(seconds=45),
        timedelta(minutes=12),
        timedelta(minutes=85),
        timedelta(hours=3),
        timedelta(days=3),
    ]
    assert [FORMATS.duration(length) for length in lengths] == ["45 s", "12 min", "1 h 25 min", "3 h", "3 days"]


def test_one_ticket_is_not_one_tickets() -> None:
    assert [plural("Basket", "{} ticket", "{} tickets", n) for n in (0, 1, 3)] == ["0 tickets", "1 ticket", "3 tickets"]


def test_taxes_are_written_in_per_cent() -> None:
    assert [FORMATS.percent(bp) for bp in (700, 1900, 550)] == [
        f"{text}\N{NO-BREAK SPACE}%" for text in ("7", "19", "5.5")
    ]
