"""What goes along with a message: the tickets to print, the date for a calendar."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from icalendar import Calendar, Event

from boxoffice.domain.ids import order_code
from central.bookings import tickets
from central.bookings.booking import Booking
from central.bookings.houses import Billing
from central.notifications.letters import Attachment
from central.notifications.telling import House, Told
from central.statistics.figures import Asked
from central.statistics.reports import ReportFormat, report

_MOST_EVENTS = 1000  # rows of a report
_PRODUCT = "-//Box Office//Bookings//EN"


async def attachments(
    told: Told, holder: str, by: House, key: Ed25519PrivateKey, made_at: datetime
) -> tuple[Attachment, ...]:
    """Of a confirmed booking; none once nothing of it admits any more."""
    booking, billing = told.booking, told.billing
    if booking is None or billing is None or booking.sale is None or not told.admitting:
        return ()
    code, admitting = order_code(booking.sale), dict(told.admitting)
    printed = await asyncio.to_thread(tickets.pdf, booking, billing, admitting, holder, by.name, key)
    return (
        Attachment(f"tickets-{code}.pdf", "application/pdf", printed),
        Attachment(
            f"{code}.ics",
            "text/calendar",
            calendar(booking, billing, told, made_at),
            {"method": "PUBLISH", "charset": "utf-8"},
        ),
    )


def calendar(booking: Booking, billing: Billing, told: Told, made_at: datetime) -> bytes:
    """RFC 5545, in UTC. Its id is the booking's: what comes later takes the place of what came before."""
    performance = billing.performance
    event = Event()
    event.add("uid", f"booking-{booking.id}@boxoffice")
    event.add("dtstamp", _seconds(made_at))
    event.add("dtstart", _seconds(performance.starts_at))
    event.add("dtend", _seconds(performance.ends_at))
    event.add("sequence", booking.version)
    event.add("summary", billing.production.title)
    event.add("location", told.values["venue"])
    event.add("description", f"{told.values['order']}\n{told.values['places']}")
    found = Calendar()
    found.add("prodid", _PRODUCT)
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add_component(event)
    written: bytes = found.to_ical()
    return written


def _seconds(at: datetime) -> datetime:
    return at.replace(microsecond=0)


async def sales_report(connection: asyncpg.Connection, detail: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """In a REPEATABLE READ transaction."""
    first, last = (date.fromisoformat(day) if day else None for day in (detail["dateFrom"], detail["dateTo"]))
    event = int(detail["report"]) if detail["report"] else None
    formats = [ReportFormat(name) for name in detail["formats"]]
    files = await report(connection, Asked(first, last, event, _MOST_EVENTS), formats)
    return tuple(Attachment(file.name, file.media_type, file.body) for file in files)
