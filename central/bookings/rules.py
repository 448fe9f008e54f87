"""The house's rules for booking on the web."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class BookingRules:
    """`most_tickets` of one booking; `most_holds` open at a time by one account."""

    hold_for: timedelta = timedelta(minutes=10)
    most_tickets: int = 20
    most_holds: int = 5
    offer_for: timedelta = timedelta(minutes=30)  # how long those who waited have their places
    expire_every_s: float = 2.0
