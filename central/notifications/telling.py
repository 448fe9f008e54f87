"""What a message has to tell: the booking, the event and the money that its detail points to, in somebody's language.

Dates and times are the venue's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

from boxoffice.domain.ids import PerformanceId, order_code
from boxoffice.domain.money import Money
from central.bookings import tickets
from central.bookings.booking import Booking, find
from central.bookings.houses import Billing, Houses

_UTC = "UTC"
_LOCALES = {"en": "en_GB"}


class NothingToTell(Exception):
    """What the message is about is not there any more."""


@dataclass(frozen=True, slots=True)
class Told:
    """`values` are for the words of the message, each as it is to be read. `admitting`: tickets of the booking and
    their generations."""

    values: Mapping[str, Any]
    booking: Booking | None = None
    billing: Billing | None = None
    admitting: Mapping[int, int] | None = None


@dataclass(frozen=True, slots=True)
class House:
    """Who writes."""

    name: str
    address: str


async def house(connection: asyncpg.Connection) -> House:
    row = await connection.fetchrow("select seller ->> 'name' as name, seller ->> 'address' as address from server")
    return House(row["name"] or "", row["address"] or "")


async def tell(connection: asyncpg.Connection, houses: Houses, detail: Mapping[str, Any], language: str) -> Told:
    """Raises NothingToTell."""
    booking, billing, admitting = await _subject(connection, houses, detail)
    speech = _Speech(Locale.parse(_LOCALES.get(language, language)), billing.venue.timezone if billing else "")
    values = {name: value for name, value in detail.items() if isinstance(value, str)}
    if billing is not None:
        values |= _of_event(billing, speech)
    if booking is not None and billing is not None:
        values |= _of_booking(booking, billing, admitting, speech)
    values |= _of_detail(detail, booking.currency if booking else "", speech)
    return Told({**values, "has_refund": bool(detail.get("refundMinor"))}, booking, billing, admitting)


async def _subject(
    connection: asyncpg.Connection, houses: Houses, detail: Mapping[str, Any]
) -> tuple[Booking | None, Billing | None, dict[int, int]]:
    booking = None
    if "booking" in detail:
        booking = await find(connection, UUID(detail["booking"]))
        if booking is None:
            raise NothingToTell("The booking is not there any more.")
    number = booking.performance if booking else detail.get("eventId")
    if number is None:
        return None, None, {}
    event = PerformanceId(int(number))
    if not await connection.fetchval("select exists (select from performance where id = $1)", event):
        raise NothingToTell("The event is not there any more.")
    billing = await houses.billing(connection, event)
    return booking, billing, await tickets.generations(connection, booking) if booking else {}


@dataclass(frozen=True, slots=True)
class _Speech:
    """`zone` empty: it is about no venue."""

    locale: Locale
    zone: str

    def moment(self, at: datetime) -> str:
        local = at.astimezone(ZoneInfo(self.zone or _UTC))
        day = format_date(local, "full", locale=self.locale)
        time = format_time(local, "short", locale=self.locale)
        said: str = self.locale.datetime_formats["full"].format(time, day)
        return said if self.zone else f"{said} {_UTC}"

    def days(self, first: str | None, last: str | None) -> str:
        """Both counted in; None: without an end on that side."""
        ends = (
            format_date(date.fromisoformat(day), "long", locale=self.locale) if day else "…" for day in (first, last)
        )
        return " – ".join(dict.fromkeys(ends))

    def money(self, minor: int, currency: str) -> str:
        return str(format_currency(Money(minor, currency).decimal, currency, locale=self.locale))

    def listed(self, things: Sequence[str]) -> str:
        return str(format_list(list(things), locale=self.locale)) if things else ""


def _of_event(billing: Billing, speech: _Speech) -> dict[str, str]:
    performance, venue = billing.performance, billing.venue
    where = (venue.name, performance.hall if performance.hall != venue.name else "", venue.address)
    return {
        "event": billing.production.title,
        "starts": speech.moment(performance.starts_at),
        "doors": speech.moment(performance.doors_at),
        "venue": ", ".join(part for part in where if part),
    }


def _of_booking(booking: Booking, billing: Billing, admitting: Mapping[int, int], speech: _Speech) -> dict[str, str]:
    lines = [line for line in booking.priced.tickets if line.ticket in admitting] or booking.priced.tickets
    return {
        "places": speech.listed([billing.place_name(line.seat, line.area) for line in lines]),
        "order": order_code(booking.sale) if booking.sale else "",
        "total": speech.money(booking.total_minor, booking.currency),
    }


def _of_detail(detail: Mapping[str, Any], currency: str, speech: _Speech) -> dict[str, str]:
    found = {}
    if isinstance(detail.get("places"), list):
        found["places"] = speech.listed(detail["places"])
    if isinstance(detail.get("tickets"), int):
        found["tickets"] = str(format_decimal(detail["tickets"], locale=speech.locale))
    if "refundMinor" in detail:
        found["refund"] = speech.money(detail["refundMinor"], currency)
    if "amountMinor" in detail:
        found["amount"] = speech.money(detail["amountMinor"], detail["currency"])
    if "minutes" in detail:
        lasts = timedelta(minutes=detail["minutes"])
        found["lasts"] = str(format_timedelta(lasts, threshold=2, granularity="minute", locale=speech.locale))
    moments = (("until", "bookUntil"), ("since", "since"), ("before", "before"), ("free_until", "freeUntil"))
    if "formats" in detail:
        found["days"] = speech.days(detail["dateFrom"], detail["dateTo"])
    for name, key in moments:
        if key in detail:
            found[name] = speech.moment(datetime.fromisoformat(detail[key]))
    return found
