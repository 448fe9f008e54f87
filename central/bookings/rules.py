"""The house's rules for booking on the web."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class BookingRules:
    """`most_tickets` of one booking; `most_holds` open, and `most_waiting` lists joined, at a time by one account."""

    hold_for: timedelta = timedelta(minutes=10)
    most_tickets: int = 20
    most_holds: int = 5
    expire_every_s: float = 2.0
    most_waiting: int = 20
    offer_for: timedelta = timedelta(hours=24)  # how long those who waited have their places, at the longest
    offers_end: timedelta = timedelta(hours=1)  # so long before the start, the last of them
    offer_every_s: float = 1.0

    @property
    def list_closes(self) -> timedelta:
        """So long before the start: an offer would not even last as long as a hold."""
        return self.offers_end + self.hold_for

    def offer_until(self, now: datetime, starts_at: datetime) -> datetime:
        """Half of the time that is left, so that what one lets pass can still be somebody else's. `now` is before the
        list closes."""
        left = starts_at - self.offers_end - now
        return now + max(self.hold_for, min(self.offer_for, left / 2))
