"""What goes along with a paid booking: tickets that the door admits, and the date; in the customer's own language."""

from __future__ import annotations

import asyncio
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pypdfium2
import pytest
import zxingcpp
from icalendar import Calendar

from tests.central.bookings.test_cancelling import cancel, paid
from tests.central.notifications.post import posting, services_at, through, until
from tests.central.people import Person, customer
from tests.support.central import NOW, TOMORROW, RunningCentral
from tests.support.mailbox import html, mailbox, plain


def posted(central: RunningCentral, person: Person, count: int) -> list[EmailMessage]:
    """So many messages that came for somebody."""

    async def scenario() -> list[EmailMessage]:
        with mailbox() as box:
            async with services_at(central.database, through(box), lambda: NOW) as services:

                async def have_come() -> bool:
                    return len(box.to(person.email)) == count

                async with posting(services, central.database):
                    await until(have_come)
            return box.to(person.email)

    return asyncio.run(scenario())


def spoken(central: RunningCentral, language: str) -> Person:
    ada = customer(central, name="Ada Byron")
    ada.client.patch(f"/api/users/{ada.id}", json={"language": language}).raise_for_status()
    return ada


def test_a_paid_booking_brings_its_tickets_and_its_date(central: RunningCentral) -> None:
    ada = spoken(central, "en")
    booking = paid(central, ada, seats=[20, 21])
    [message] = posted(central, ada, 1)
    assert message["Subject"] == "Your tickets for The Cherry Orchard"
    tickets: Any
    date: Any
    tickets, date = list(message.iter_attachments())
    order = booking["orderCode"]
    assert (tickets.get_content_type(), tickets.get_filename()) == ("application/pdf", f"tickets-{order}.pdf")
    pages = pypdfium2.PdfDocument(tickets.get_content())
    shown = {code.text for page in pages for code in zxingcpp.read_barcodes(page.render(scale=3).to_pil())}
    assert shown == {ticket["token"] for ticket in booking["tickets"]}
    assert (date.get_content_type(), date.get_filename()) == ("text/calendar", f"{order}.ics")
    assert date.get_param("method") == "PUBLISH"
    content = date.get_content()
    event: Any
    [event] = Calendar.from_ical(content).walk("VEVENT")
    assert event["uid"] == f"booking-{booking['bookingId']}@boxoffice"
    starts = central.value("select starts_at from performance where id = $1", TOMORROW)
    assert event["dtstart"].dt == starts
    assert event["summary"] == "The Cherry Orchard"
    assert "Theatre Royal" in event["location"]
    assert order in plain(message)
    assert "€103.00" in plain(message)


@pytest.mark.parametrize(
    ("language", "subject", "starts", "total"),
    [
        ("de", "Ihre Karten für The Cherry Orchard", "Sonntag, 15. November 2026, 20:00", "51,50\u00a0€"),
        ("fr", "Vos billets pour The Cherry Orchard", "dimanche 15 novembre 2026", "51,50\u00a0€"),
        ("es", "Sus entradas para The Cherry Orchard", "domingo, 15 de noviembre de 2026", "51,50\u00a0€"),
        ("ar", "تذاكرك لفعالية The Cherry Orchard", "الأحد، 15 نوفمبر 2026", "51.50"),
        ("pt", "Your tickets for The Cherry Orchard", "15 November 2026, 20:00", "€51.50"),
    ],
)
def test_dates_and_money_are_written_as_the_customer_does_and_in_the_venue_s_time(
    central: RunningCentral, language: str, subject: str, starts: str, total: str
) -> None:
    ada = spoken(central, language)
    paid(central, ada, seats=[20])
    [message] = posted(central, ada, 1)
    assert message["Subject"] == subject
    assert starts in plain(message)
    assert total in plain(message)
    assert starts in html(message)


def test_what_was_cancelled_meanwhile_is_not_sent_as_a_ticket(central: RunningCentral) -> None:
    ada = spoken(central, "en")
    booking = paid(central, ada, seats=[20])
    cancel(ada, booking).raise_for_status()
    confirmed, cancelled = sorted(posted(central, ada, 2), key=lambda message: message["Subject"], reverse=True)
    assert list(confirmed.iter_attachments()) == []
    assert cancelled["Subject"] == "Cancelled: The Cherry Orchard"
    assert "Refund: €25.00" in plain(cancelled)


def test_a_booking_that_is_sent_again_goes_to_the_address_of_today(central: RunningCentral) -> None:
    ada = spoken(central, "en")
    paid(central, ada, seats=[20])
    [first] = posted(central, ada, 1)
    [shown] = ada.client.get("/api/notifications").json()
    assert (shown["kind"], shown["state"], shown["address"]) == ("booking_confirmed", "sent", ada.email)
    assert datetime.fromisoformat(shown["sentAt"]) == NOW
    again = ada.client.post(f"/api/notifications/{shown['notificationId']}/resend")
    assert again.status_code == 202, again.text
    assert ada.client.post(f"/api/notifications/{shown['notificationId']}/resend").json()["code"] == "being_sent"
    central.fetch("update account set email = 'moved@example.org' where id = $1 returning id", UUID(ada.id))
    [second] = posted(central, ada, 1)
    assert second["Message-ID"] != first["Message-ID"]
