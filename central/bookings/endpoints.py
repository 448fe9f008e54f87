"""Holding, booking, looking at and cancelling."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from boxoffice.domain.ids import PerformanceId, TicketId, order_code, ticket_code
from boxoffice.domain.money import Money
from boxoffice.domain.values import SeatIndex, Whole
from central import audit
from central.accounts.callers import Caller, CallerDep, unknown
from central.bookings import cancelling, tickets
from central.bookings.booking import COLUMNS, Booking, find, from_row, make
from central.bookings.confirming import confirm
from central.bookings.holding import Asked, Held, hold, places_of, release
from central.bookings.houses import Billing
from central.idempotency import IdempotencyKey, once
from central.payments import refunds
from central.problems import Declined, documented
from central.services import Services, ServicesDep
from central.text import Line
from central.versions import IfMatch, etag, must_be_current
from central.wire import EventId, major

router = APIRouter(tags=["bookings"])
_SIGNED_IN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)
_BOOKED = documented(*_SIGNED_IN, HTTPStatus.CONFLICT)
_Tickets = Annotated[list[str], Query(max_length=100, description="Only these; all without it.")]
_FREE = "free"  # what a booking without a price is settled by


class Places(BaseModel):
    area: Annotated[Whole, Field(ge=0, lt=1000)]
    count: Annotated[Whole, Field(ge=1, lt=1000)]


class _Wanted(BaseModel):
    eventId: EventId  # noqa: N815
    numberOfTickets: Annotated[  # noqa: N815
        Whole, Field(ge=0, lt=1_000_000, description="How many the house is to choose.", examples=[2])
    ] = 0
    seatPreferences: Annotated[  # noqa: N815
        Line,
        Field(
            max_length=200,
            description="Names of a section, area or category, `together`, `apart`, `wheelchair`; with commas.",
            examples=["Stalls, together"],
        ),
    ] = ""
    seats: Annotated[list[SeatIndex], Field(max_length=1000)] = []
    places: Annotated[list[Places], Field(max_length=100)] = []

    def asked(self) -> Asked:
        """Raises Declined, 422."""
        named = len(self.seats) + sum(place.count for place in self.places)
        if named and self.numberOfTickets not in (0, named):
            raise Declined(
                *(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", f"{named} places are named."),
                "Leave numberOfTickets out, or let it agree.",
                field="numberOfTickets",
            )
        return Asked(
            PerformanceId(int(self.eventId)),
            tuple(self.seats),
            tuple((place.area, place.count) for place in self.places),
            self.numberOfTickets,
            self.seatPreferences,
        )


class HoldRequest(_Wanted):
    pass


class PlaceShown(BaseModel):
    place: str = Field(examples=["Stalls F 12"])
    seat: int | None = None
    area: int | None = None


class HoldMade(BaseModel):
    holdId: str  # noqa: N815
    eventId: str  # noqa: N815
    expiresAt: datetime  # noqa: N815
    places: list[PlaceShown]
    reason: str = Field("", description="Why these, when the house chose them.")
    message: str = "places held"


class BookingRequest(_Wanted):
    userId: UUID  # noqa: N815
    holdId: UUID | None = Field(None, description="Book what this hold has.")  # noqa: N815
    priceTypes: Annotated[  # noqa: N815
        list[Annotated[str, Field(pattern="^[A-Z]$")]],
        Field(max_length=1000, description="One a ticket; those left out are at the usual one.", examples=[["A"]]),
    ] = []
    promoCode: Annotated[Line | None, Field(max_length=40)] = None  # noqa: N815


class TicketShown(BaseModel):
    """`token` is the QR code's text and `code` the short one below it; both only once it is confirmed."""

    ticketId: str  # noqa: N815
    place: str
    priceType: str  # noqa: N815
    priceTypeName: str  # noqa: N815
    priceMinor: int  # noqa: N815
    feeMinor: int  # noqa: N815
    valid: bool
    token: str = ""
    code: str = ""


class FeeShown(BaseModel):
    name: str
    count: int
    minor: int


class TaxShown(BaseModel):
    percent: float
    netMinor: int  # noqa: N815
    taxMinor: int  # noqa: N815


class BookingSummary(BaseModel):
    bookingId: str  # noqa: N815
    eventId: str  # noqa: N815
    userId: str  # noqa: N815
    state: str = Field(examples=["pending", "confirmed", "cancelled", "expired"])
    total_price: float = Field(serialization_alias="total price", examples=[76.0])
    totalMinor: int  # noqa: N815
    currency: str
    expiresAt: datetime | None = Field(description="Pay until then.")  # noqa: N815
    tickets: list[TicketShown]
    fees: list[FeeShown]
    taxes: list[TaxShown]
    discount: str | None = None
    discountMinor: int = 0  # noqa: N815
    version: int


class BookingMade(BookingSummary):
    message: str = "booking successful"


class BookingShown(BookingSummary):
    eventDetails: str = Field(examples=["The Cherry Orchard, 14 November 2026, 19:30, Theatre Royal"])  # noqa: N815
    qrCode: str = Field(description="The first ticket's as a PNG in a data URL; empty until it is confirmed.")  # noqa: N815
    orderCode: str = ""  # noqa: N815
    refundedMinor: int = 0  # noqa: N815


class CancellationPreview(BaseModel):
    refund_amount: float = Field(serialization_alias="refund amount", examples=[71.0])
    refundMinor: int  # noqa: N815
    currency: str
    tickets: list[str]
    policy: str = Field(examples=["Given back: 100 % until 7 days before the start."])


class CancellationDone(CancellationPreview):
    message: str = "booking cancelled successfully"


@router.post(
    "/api/holds",
    status_code=HTTPStatus.CREATED,
    responses=_BOOKED,
    response_model=HoldMade,
)
async def hold_places(
    asked: HoldRequest,
    caller: CallerDep,
    services: ServicesDep,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Keep places for some minutes, named or chosen by the house."""

    async def take(is_turn: bool) -> Held:
        async with services.database.pool.acquire() as connection:
            return await hold(
                *(connection, services.houses, services.booking_rules, caller.account, asked.asked(), services.now()),
                is_turn=is_turn,
            )

    async def work() -> tuple[int, HoldMade]:
        held = await services.waiting_list.behind(asked.asked().performance, take)
        _tell(services, held)
        return HTTPStatus.CREATED, _hold_made(held)

    return await once(services.database, request, idempotency_key, caller.account, services.now(), work)


@router.delete("/api/holds/{holdId}", status_code=HTTPStatus.NO_CONTENT, responses=documented(*_SIGNED_IN))
async def release_hold(holdId: UUID, caller: CallerDep, services: ServicesDep) -> None:  # noqa: N803
    """Give the places back. A booking that waits for its payment is cancelled instead."""

    async def work(connection: asyncpg.Connection) -> dict[PerformanceId, int]:
        row = await connection.fetchrow(
            "select h.account, h.performance from hold h where h.id = $1"
            " and not exists (select from booking b where b.hold = h.id)",
            holdId,
        )
        caller.must_own(row["account"] if row else None, "hold")
        head = await release(connection, row["performance"], holdId)
        return {row["performance"]: head} if head else {}

    services.hints.tell(await services.database.write(work))


@router.post(
    "/api/bookings",
    status_code=HTTPStatus.CREATED,
    responses=_BOOKED,
    response_model=BookingMade,
)
async def book(
    asked: BookingRequest,
    caller: CallerDep,
    services: ServicesDep,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Book named places, those of a hold, or the best that are left. It waits some minutes for its payment; what
    costs nothing is confirmed at once."""
    caller.must_own(asked.userId, "user")

    async def work() -> tuple[int, BookingMade]:
        now = services.now()

        async def write(
            connection: asyncpg.Connection, is_turn: bool
        ) -> tuple[Booking, Billing, dict[PerformanceId, int]]:
            heads: dict[PerformanceId, int] = {}
            if asked.holdId is not None:
                held = await _open_hold(connection, services, caller, asked.holdId, asked.userId)
            else:
                held = await hold(
                    *(connection, services.houses, services.booking_rules, asked.userId, asked.asked(), now),
                    is_turn=is_turn,
                )
                heads = {held.billing.performance.id: held.head} if held.head else {}
            booking = await make(connection, asked.userId, held, asked.priceTypes, asked.promoCode, now)
            if not booking.total_minor:
                heads |= (await confirm(connection, booking.id, _FREE, _FREE, now)).heads
                booking = await find(connection, booking.id) or booking
            return booking, held.billing, heads

        booking, billing, heads = await services.waiting_list.behind(
            asked.asked().performance,
            lambda is_turn: services.database.write(lambda connection: write(connection, is_turn)),
        )
        services.hints.tell(heads)
        admitting = {int(line.ticket): 1 for line in booking.priced.tickets} if booking.sale else {}
        return HTTPStatus.CREATED, BookingMade(**_summary(services, booking, billing, admitting))

    return await once(services.database, request, idempotency_key, caller.account, services.now(), work)


@router.get("/api/bookings", responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND))
async def list_bookings(
    caller: CallerDep,
    services: ServicesDep,
    userId: Annotated[UUID | None, Query(description="One's own without it.")] = None,  # noqa: N803
    after: Annotated[UUID | None, Query(description="The last `bookingId` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> list[BookingSummary]:
    """Newest first."""
    account = userId or caller.account
    caller.must_own(account, "user")
    async with services.database.pool.acquire() as connection:
        rows = await connection.fetch(
            f"select {COLUMNS} from booking b where b.account = $1 and ($2::uuid is null or b.id < $2)"
            " order by b.id desc limit $3",
            *(account, after, limit),
        )
        bookings = [from_row(row) for row in rows]
        performances = {booking.performance for booking in bookings}
        billings = {number: await services.houses.billing(connection, number) for number in performances}
        admitting = await tickets.generations(connection, *bookings)
    return [
        BookingSummary(**_summary(services, booking, billings[booking.performance], admitting)) for booking in bookings
    ]


@router.get("/api/bookings/{bookingId}", responses=documented(*_SIGNED_IN), response_model=BookingShown)
async def show_booking(
    bookingId: UUID,  # noqa: N803
    caller: CallerDep,
    services: ServicesDep,
    response: Response,
) -> BookingShown:
    """Its summary before it is paid, its tickets after."""
    booking, billing, admitting = await _look(services, caller, bookingId)
    response.headers["ETag"] = etag(booking.version)
    summary = _summary(services, booking, billing, admitting)
    codes = [ticket.token for ticket in summary["tickets"] if ticket.token]
    return BookingShown(
        **summary,
        eventDetails=_event_details(billing),
        qrCode=tickets.qr_picture(codes[0]) if codes else "",
        orderCode=order_code(booking.sale) if booking.sale else "",
        refundedMinor=booking.refunded_minor,
    )


@router.get(
    "/api/bookings/{bookingId}/tickets.pdf",
    responses={
        **documented(*_SIGNED_IN, HTTPStatus.CONFLICT),
        200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}},
    },
    response_class=Response,
)
async def print_tickets(bookingId: UUID, caller: CallerDep, services: ServicesDep) -> Response:  # noqa: N803
    """A page of A4 a ticket."""
    booking, billing, admitting = await _look(services, caller, bookingId)
    if not admitting:
        raise Declined(
            *(HTTPStatus.CONFLICT, "no_tickets", f"This booking is {booking.state}: it has no tickets that admit."),
            "Pay it first." if booking.state == "pending" else "Look at the booking.",
        )
    async with services.database.pool.acquire() as connection:
        holder = await connection.fetchval("select name from account where id = $1", booking.account)
        seller = await connection.fetchval("select seller ->> 'name' from server")
    body = tickets.pdf(booking, billing, admitting, holder, seller, services.keys.tickets)
    name = f"tickets-{order_code(booking.sale)}.pdf" if booking.sale else "tickets.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, headers=headers, media_type="application/pdf")


@router.get("/api/bookings/{bookingId}/cancellation", responses=_BOOKED)
async def preview_cancellation(
    bookingId: UUID,  # noqa: N803
    caller: CallerDep,
    services: ServicesDep,
    ticket: _Tickets = [],  # noqa: B006
) -> CancellationPreview:
    """What would go back now."""
    booking, billing, admitting = await _look(services, caller, bookingId)
    found = _work_out(services, booking, billing, admitting, ticket)
    return CancellationPreview(**_cancellation(services, booking, billing, found))


@router.delete("/api/bookings/{bookingId}", responses={**_BOOKED, **documented(HTTPStatus.PRECONDITION_FAILED)})
async def cancel_booking(
    bookingId: UUID,  # noqa: N803
    caller: CallerDep,
    services: ServicesDep,
    if_match: IfMatch,
    ticket: _Tickets = [],  # noqa: B006
) -> CancellationDone:
    """Give tickets back within the event's policy. The refund goes to what was paid with."""
    now = services.now()

    async def write(connection: asyncpg.Connection) -> tuple[Booking, Billing, cancelling.Cancelled]:
        booking = await find(connection, bookingId, lock=True)
        caller.must_own(booking.account if booking else None, "booking")
        assert booking is not None
        must_be_current(booking.version, if_match)
        billing = await services.houses.billing(connection, booking.performance)
        if booking.state == "pending":
            cancelled = await cancelling.cancel_pending(connection, booking, now)
        else:
            admitting = await tickets.generations(connection, booking)
            found = _work_out(services, booking, billing, admitting, ticket)
            cancelled = await cancelling.cancel_confirmed(connection, booking, found, now)
            if found.refund_minor:
                await refunds.owe(connection, booking.id, found.refund_minor, "cancelled by the customer", now)
        detail = {
            "tickets": len(cancelled.cancellation.tickets),
            "refundMinor": cancelled.cancellation.refund_minor,
        }
        await audit.record(connection, caller, "booking cancelled", f"booking:{booking.id}", now, detail)
        return booking, billing, cancelled

    booking, billing, cancelled = await services.database.write(write)
    services.hints.tell(cancelled.heads)
    if cancelled.cancellation.refund_minor:
        await refunds.settle_due(services)
    return CancellationDone(**_cancellation(services, booking, billing, cancelled.cancellation))


async def _look(services: Services, caller: Caller, booking_id: UUID) -> tuple[Booking, Billing, dict[int, int]]:
    """The booking, what it is for, and the tickets that admit. Raises Declined, 404."""
    async with services.database.pool.acquire() as connection:
        booking = await find(connection, booking_id)
        caller.must_own(booking.account if booking else None, "booking")
        assert booking is not None
        billing = await services.houses.billing(connection, booking.performance)
        return booking, billing, await tickets.generations(connection, booking)


async def _open_hold(
    connection: asyncpg.Connection, services: Services, caller: Caller, hold_id: UUID, account: UUID
) -> Held:
    """Raises Declined: 404 `unknown_hold`, 409 `hold_expired` or `hold_booked`."""
    row = await connection.fetchrow("select * from hold where id = $1 for update", hold_id)
    if row is None or row["account"] != account or not caller.owns(row["account"]):
        raise unknown("hold", "holdId")
    if row["state"] != "open" or row["expires_at"] <= services.now():
        raise Declined(
            *(HTTPStatus.CONFLICT, "hold_expired", "This hold is over."), "Hold the places again.", field="holdId"
        )
    if await connection.fetchval("select exists (select from booking where hold = $1)", hold_id):
        raise Declined(
            *(HTTPStatus.CONFLICT, "hold_booked", "These places are booked already."),
            "Pay that booking.",
            field="holdId",
        )
    billing = await services.houses.billing(connection, row["performance"])
    return Held(hold_id, billing, places_of(row), row["expires_at"], 0)


def _tell(services: Services, held: Held) -> None:
    if held.head:
        services.hints.tell({held.billing.performance.id: held.head})


def _hold_made(held: Held) -> HoldMade:
    return HoldMade(
        holdId=str(held.hold),
        eventId=str(held.billing.performance.id),
        expiresAt=held.expires_at,
        places=[
            PlaceShown(place=held.billing.place_name(place.seat, place.area), seat=place.seat, area=place.area)
            for place in held.places
        ],
        reason=held.reason,
    )


def _summary(services: Services, booking: Booking, billing: Billing, admitting: Mapping[int, int]) -> dict[str, Any]:
    priced = booking.priced
    return {
        "bookingId": str(booking.id),
        "eventId": str(booking.performance),
        "userId": str(booking.account),
        "state": booking.state,
        "total_price": major(Money(booking.total_minor, booking.currency)),
        "totalMinor": booking.total_minor,
        "currency": booking.currency,
        "expiresAt": booking.expires_at,
        "tickets": [
            TicketShown(
                ticketId=str(line.ticket),
                place=billing.place_name(line.seat, line.area),
                priceType=line.price_type,
                priceTypeName=line.price_type_name,
                priceMinor=line.gross_minor,
                feeMinor=line.fee_minor,
                valid=line.ticket in admitting,
                token=tickets.token(billing, line, admitting[line.ticket], services.keys.tickets)
                if line.ticket in admitting
                else "",
                code=ticket_code(line.ticket, admitting[line.ticket]) if line.ticket in admitting else "",
            )
            for line in priced.tickets
        ],
        "fees": [FeeShown(name=fee.name, count=fee.count, minor=fee.minor) for fee in priced.fees],
        "taxes": [
            TaxShown(percent=line.rate_bp / 100, netMinor=line.net_minor, taxMinor=line.tax_minor)
            for line in priced.taxes
        ],
        "discount": priced.discount.name if priced.discount else None,
        "discountMinor": priced.discount.minor if priced.discount else 0,
        "version": booking.version,
    }


def _work_out(
    services: Services, booking: Booking, billing: Billing, admitting: Mapping[int, int], chosen: list[str]
) -> cancelling.Cancellation:
    numbers = [TicketId(int(text)) if text.isascii() and text.isdecimal() else TicketId(-1) for text in chosen]
    now = services.now()
    admits = {TicketId(ticket) for ticket in admitting}
    return cancelling.work_out(booking, cancelling.terms_of(booking, billing, now), admits, numbers, now)


def _cancellation(
    services: Services, booking: Booking, billing: Billing, found: cancelling.Cancellation
) -> dict[str, Any]:
    return {
        "refund_amount": major(Money(found.refund_minor, booking.currency)),
        "refundMinor": found.refund_minor,
        "currency": booking.currency,
        "tickets": [str(line.ticket) for line in found.tickets],
        "policy": cancelling.terms_of(booking, billing, services.now()).words,
    }


def _event_details(billing: Billing) -> str:
    starts = billing.performance.starts_at.astimezone(ZoneInfo(billing.venue.timezone))
    when = f"{starts.day} {starts:%B %Y, %H:%M}"
    where = ", ".join(part for part in (billing.performance.hall, billing.venue.name) if part)
    return f"{billing.production.title}, {when}, {where}"
