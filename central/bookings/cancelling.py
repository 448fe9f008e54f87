"""Cancellation: what goes back by the event's policy, or all of it where the house changed what was bought; and the
places free for others again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

import asyncpg

from boxoffice.domain.catalogue import PerformanceStatus
from boxoffice.domain.facts import TicketLine
from boxoffice.domain.ids import PerformanceId, TicketId
from boxoffice.domain.pricing import Charge, Charged, taxes_of
from boxoffice.domain.protocol import FeedEntry, SeatChange, SeatStatus, TicketRecord
from boxoffice.domain.refund_policy import NOTHING_KEPT, RefundPolicy, TooLateToCancel, given_back
from boxoffice.domain.sales import balanced
from central import messages
from central.announcements import Happened, announce
from central.bookings.booking import Booking
from central.bookings.houses import Billing
from central.books import REFUNDS_OWED, book
from central.loyalty import offers
from central.problems import Declined
from central.tills.feeds import TICKET_COLUMNS
from central.tills.scans import WAS_LET_IN


@dataclass(frozen=True, slots=True)
class Terms:
    """What goes back now, and how customers are told. `keeps_nothing`: the house changed what was bought, so with the
    last ticket the fees of the order go back as well."""

    policy: RefundPolicy
    starts_at: datetime
    words: str
    keeps_nothing: bool = False


def terms_of(booking: Booking, billing: Billing, now: datetime) -> Terms:
    """Everything for an event that was called off, at any time, or moved after it was booked, for a while."""
    performance, moved = billing.performance, billing.moved
    if performance.status is PerformanceStatus.CANCELLED:
        words = "The event was called off: everything goes back."
        return Terms(NOTHING_KEPT, max(performance.starts_at, now), words, keeps_nothing=True)
    if moved is not None and booking.made_at <= moved.at and now <= moved.free_until:
        until = moved.free_until.astimezone(ZoneInfo(billing.venue.timezone))
        words = f"The event was moved: everything goes back until {until.day} {until:%B %Y, %H:%M}."
        return Terms(NOTHING_KEPT, performance.starts_at, words, keeps_nothing=True)
    return Terms(billing.refund_policy, performance.starts_at, billing.refund_policy.words())


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What it comes to. `tickets` are those that end."""

    tickets: tuple[TicketLine, ...]
    back: tuple[Charged, ...]
    is_whole: bool

    @property
    def refund_minor(self) -> int:
        return sum(part.gross_minor + part.fee_minor for part in self.back)


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Tell `heads` to the hints after the commit."""

    cancellation: Cancellation
    heads: dict[PerformanceId, int]


def work_out(
    booking: Booking,
    terms: Terms,
    admitting: Collection[TicketId],
    chosen: Sequence[TicketId],
    now: datetime,
) -> Cancellation:
    """`chosen` empty: everything that is left. Raises Declined, 409 or 422."""
    left = {line.ticket: line for line in booking.priced.tickets if line.ticket in admitting}
    strange = [ticket for ticket in chosen if ticket not in left]
    if strange:
        raise Declined(
            *(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "unknown_ticket",
                "A ticket is not one of this booking's, or has ended.",
            ),
            "Look at the booking.",
            field="tickets",
        )
    lines = [left[ticket] for ticket in dict.fromkeys(chosen)] if chosen else list(left.values())
    if not lines:
        raise Declined(
            *(HTTPStatus.CONFLICT, "nothing_to_cancel", "This booking has no tickets that could be given back."),
            "Look at the booking.",
        )
    try:
        share = terms.policy.share_bp(terms.starts_at, now)
    except TooLateToCancel as refused:
        raise Declined(HTTPStatus.CONFLICT, refused.code, refused.message, refused.way_out) from refused
    back = [Charged(charges=given_back(line.charges, terms.policy, share).charges) for line in lines]
    is_whole = len(lines) == len(left)
    if is_whole and terms.keeps_nothing:
        back.append(_of_the_order(booking))
    return Cancellation(tuple(lines), tuple(back), is_whole)


def _of_the_order(booking: Booking) -> Charged:
    """The fees that belong to no ticket: what the tickets leave of the total, rate by rate."""
    of_tickets = {line.rate_bp: line for line in taxes_of(booking.priced.tickets)}
    charges = []
    for line in booking.priced.taxes:
        ticket = of_tickets.get(line.rate_bp)
        gross = line.gross_minor - (ticket.gross_minor if ticket else 0)
        tax = line.tax_minor - (ticket.tax_minor if ticket else 0)
        if gross:
            charges.append(Charge(gross_minor=gross, tax_minor=tax, rate_bp=line.rate_bp, is_fee=True))
    return Charged(charges=tuple(charges))


async def cancel_pending(connection: asyncpg.Connection, booking: Booking, now: datetime) -> Cancelled:
    """Nothing was paid: the hold is released."""
    head = await connection.fetchval(
        "select free_holds($1, array[$2::uuid], 'released')", booking.performance, booking.hold
    )
    await connection.execute(
        "update booking set state = 'cancelled', expires_at = null, version = version + 1 where id = $1", booking.id
    )
    await offers.give_back(connection, [booking.id], now)
    return Cancelled(Cancellation(booking.priced.tickets, (), True), {booking.performance: head} if head else {})


async def cancel_confirmed(
    connection: asyncpg.Connection,
    booking: Booking,
    cancellation: Cancellation,
    now: datetime,
    *,
    because: str = "",
) -> Cancelled:
    """Locks as everybody who changes a house: tickets, seats, areas, the feed's counter last.

    `because`: why the house does it, for the message; then a ticket that was let in ends as well. Otherwise raises
    Declined, 409 `was_used`, for one.
    """
    tickets = sorted(line.ticket for line in cancellation.tickets)
    if not because:
        await _check_not_used(connection, booking.performance, tickets)
    ended = await connection.fetch(
        "update ticket set valid = false where id = any($1) and valid and sale = $2 returning id, seat",
        *(tickets, booking.sale),
    )
    if len(ended) != len(tickets):
        raise Declined(
            *(HTTPStatus.CONFLICT, "version_changed", "This booking has changed meanwhile."), "Look at it again."
        )
    # whose seat moved on (a conflict that was settled otherwise) is left to whom it belongs
    freed = await connection.fetch(
        "update seat s set status = 0, ticket = null where s.performance = $1 and s.ticket = any($2) and s.status = 3"
        " returning s.seat",
        *(booking.performance, tickets),
    )
    areas = Counter(line.area for line in cancellation.tickets if line.area is not None)
    counts = [
        dict(
            await connection.fetchrow(
                "update area_count set free = free + $3, sold = sold - $3 where performance = $1 and area = $2"
                " returning area, free, sold",
                *(booking.performance, area, count),
            )
        )
        for area, count in sorted(areas.items())
    ]
    await _book_refund(connection, cancellation, now)
    await connection.execute(
        "update booking set refunded_minor = refunded_minor + $2, version = version + 1,"
        " state = case when $3 then 'cancelled' else state end where id = $1",
        *(booking.id, cancellation.refund_minor, cancellation.is_whole),
    )
    if cancellation.is_whole:
        await offers.give_back(connection, [booking.id], now)
    told = {
        "booking": str(booking.id),
        "tickets": len(cancellation.tickets),
        "refundMinor": cancellation.refund_minor,
        **({"because": because} if because else {}),
    }
    await messages.write_to(connection, booking.account, "booking_cancelled", now, told)
    data = {"bookingId": str(booking.id), "eventId": str(booking.performance), "isWhole": cancellation.is_whole}
    data |= {"tickets": [str(ticket) for ticket in tickets], "refundMinor": cancellation.refund_minor}
    await announce(connection, Happened.BOOKING_CANCELLED, now, {**data, "currency": booking.currency})
    records = await connection.fetch(
        f"select {TICKET_COLUMNS} from ticket t join sale s on s.id = t.sale where t.id = any($1) order by t.id",
        tickets,
    )
    entry = FeedEntry(
        number=0,
        seats=tuple(SeatChange(seat=seat, status=SeatStatus.FREE) for seat in sorted(row["seat"] for row in freed)),
        tickets=tuple(TicketRecord.model_validate(dict(row)) for row in records),
    )
    body = {**entry.model_dump(mode="json", exclude={"number"}, exclude_defaults=True), "areas": counts}
    head = await connection.fetchval(
        "select append_feed($1, $2, $3)", *(booking.performance, json.dumps(body), len(freed))
    )
    return Cancelled(cancellation, {booking.performance: head})


async def _check_not_used(
    connection: asyncpg.Connection, performance: PerformanceId, tickets: Sequence[TicketId]
) -> None:
    used = await connection.fetchval(
        f"select exists (select from ticket t where t.performance = $1 and t.id = any($2) and {WAS_LET_IN})",
        *(performance, list(tickets)),
    )
    if used:
        raise Declined(
            *(HTTPStatus.CONFLICT, "was_used", "A ticket of this booking was let in at the door."),
            "Ask the box office.",
        )


async def _book_refund(connection: asyncpg.Connection, cancellation: Cancellation, now: datetime) -> None:
    """The sale turned round, as far as it goes back."""
    total = cancellation.refund_minor
    if not total:
        return
    turned = [
        Charged(
            charges=tuple(
                charge.model_copy(update={"gross_minor": -charge.gross_minor, "tax_minor": -charge.tax_minor})
                for charge in part.charges
            )
        )
        for part in cancellation.back
    ]
    taxes = taxes_of(turned)
    await book(connection, balanced({REFUNDS_OWED: -total}, taxes, turned), now)
