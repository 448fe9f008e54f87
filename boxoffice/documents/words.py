"""Money, shares and days as paper shows them: always in English, whatever locale a library has set behind our back."""

from __future__ import annotations

from datetime import datetime

from boxoffice.domain.money import Money

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}


def money_text(money: Money) -> str:
    """`€1,086.00` for the currencies with a well-known sign, else `CHF 86.00`."""
    sign = "−" if money.minor < 0 else ""
    whole, part = divmod(abs(money.minor), 10**money.digits)
    figures = f"{whole:,}.{part:0{money.digits}d}" if money.digits else f"{whole:,}"
    return f"{sign}{_SIGNS.get(money.currency, f'{money.currency} ')}{figures}"


def percent_text(basis_points: int) -> str:
    """`7 %`, `8.75 %` for basis points."""
    whole, part = divmod(basis_points, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".") + " %" if part else f"{whole} %"


def day_text(at: datetime) -> str:
    """`Saturday 14 November 2026`."""
    return f"{_DAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]} {at.year}"


def start_text(at: datetime) -> str:
    """`Sat 14 Nov 2026, 19:30`."""
    return f"{_DAYS[at.weekday()][:3]} {at.day} {_MONTHS[at.month - 1][:3]} {at.year}, {at:%H:%M}"


def short_start_text(at: datetime) -> str:
    """`Sat 14 Nov, 19:30`."""
    return f"{_DAYS[at.weekday()][:3]} {at.day} {_MONTHS[at.month - 1][:3]}, {at:%H:%M}"


def moment_text(at: datetime) -> str:
    """`14.11.2026 18:49`."""
    return f"{at:%d.%m.%Y %H:%M}"
