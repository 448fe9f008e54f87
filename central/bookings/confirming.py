"""A paid booking becomes a sale: places sold, tickets written, the books balanced, in the payer's transaction."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

import asyncpg

from boxoffice.domain.ids import PerformanceId, SaleId, order_code, uuid7
from boxoffice.domain.protocol import TicketRecord
from boxoffice.domain.sales import balanced
from central import messages
from central.announcements import Happened, announce
from central.bookings.booking import Booking, find
from central.loyalty import offers
from central.problems import Declined

_RETAKEN_FOR = timedelta(minutes=1)  # sold in the same transaction


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Tell `heads` to the hints after the commit."""

    sale: SaleId
    order_code: str
    heads: dict[PerformanceId, int]


async def confirm(
    connection: asyncpg.Connection, booking_id: UUID, tender: str, reference: str, now: datetime
) -> Confirmed:
    """`tender` is the account that was paid into (`card`, `paypal`, `voucher`, ...), `reference` the payment.

    The same reference confirms once and is told the same again. If the booking has expired meanwhile, the same places
    are taken again where they are still free. Raises Declined: 404 `unknown_booking`, 409 `booking_settled` when it was
    confirmed by another payment or cancelled, 409 `booking_expired` when its places have gone. Nothing is written then.
    """
    booking = await find(connection, booking_id, lock=True)
    if booking is None:
        raise Declined(HTTPStatus.NOT_FOUND, "unknown_booking", "There is no such booking.", field="bookingId")
    if booking.state == "confirmed" and booking.settled_by == reference:
        assert booking.sale is not None
        return Confirmed(SaleId(booking.sale), order_code(booking.sale), {})
    if booking.state in ("confirmed", "cancelled"):
        raise Declined(
            *(HTTPStatus.CONFLICT, "booking_settled", f"This booking is {booking.state} already."),
            "Look at it; do not pay again.",
        )
    account = await connection.fetchrow("select name, email, language from account where id = $1", booking.account)
    sale = SaleId(uuid7(now, secrets.randbits))
    code = order_code(sale)
    head = await _sell(connection, booking, sale, code, tender, reference, account, now)
    if not head:
        booking = await _take_again(connection, booking, now)
        head = await _sell(connection, booking, sale, code, tender, reference, account, now)
        assert head
    await messages.write(
        connection,
        "booking_confirmed",
        now,
        account=booking.account,
        address=account["email"],
        language=account["language"],
        detail={"booking": str(booking.id), "orderCode": code, "totalMinor": booking.total_minor},
    )
    told = {
        "bookingId": str(booking.id),
        "eventId": str(booking.performance),
        "orderCode": code,
        "tickets": [str(line.ticket) for line in booking.priced.tickets],
        "totalMinor": booking.total_minor,
        "currency": booking.currency,
    }
    await announce(connection, Happened.BOOKING_CONFIRMED, now, told)
    return Confirmed(sale, code, {booking.performance: head})


async def _sell(
    connection: asyncpg.Connection,
    booking: Booking,
    sale: SaleId,
    code: str,
    tender: str,
    reference: str,
    account: asyncpg.Record,
    now: datetime,
) -> int:
    """The feed's new head; 0 when the hold is not open any more."""
    if booking.state != "pending":
        return 0
    priced = booking.priced
    records = [
        TicketRecord(
            ticket=line.ticket,
            sale=sale,
            seat=line.seat,
            area=line.area,
            generation=1,
            valid=True,
            price_type=line.price_type,
            price_type_name=line.price_type_name,
            category=line.category,
            gross_minor=line.gross_minor,
            order_code=code,
            holder=account["name"],
            channel="web",
        )
        for line in priced.tickets
    ]
    tickets = [
        {
            "id": record.ticket,
            **record.model_dump(include={"seat", "area", "price_type", "price_type_name", "category", "gross_minor"}),
        }
        for record in records
    ]
    ledger = balanced({tender: booking.total_minor}, priced.taxes, priced.tickets)
    head: int = await connection.fetchval(
        "select confirm_booking($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        *(booking.id, sale, code, now, reference, account["name"], account["email"]),
        json.dumps(tickets),
        json.dumps([line.model_dump() for line in ledger]),
        json.dumps([record.model_dump(mode="json", exclude_defaults=True) for record in records]),
    )
    return head


async def _take_again(connection: asyncpg.Connection, booking: Booking, now: datetime) -> Booking:
    """The money came after the hold had expired: the booking with a new one. Raises Declined, 409 `booking_expired`."""
    seats = sorted(line.seat for line in booking.priced.tickets if line.seat is not None)
    areas = Counter(line.area for line in booking.priced.tickets if line.area is not None)
    hold = uuid7(now, secrets.randbits)
    try:
        async with connection.transaction():
            await connection.execute(
                "select hold_places($1, $2, $3, $4, $5, $6, $7, $8, 1000)",
                *(hold, booking.account, booking.performance, seats, list(areas), list(areas.values())),
                *(now, now + _RETAKEN_FOR),
            )
    except asyncpg.PostgresError as error:
        if not (error.sqlstate or "").startswith("BX"):
            raise
        raise Declined(
            *(HTTPStatus.CONFLICT, "booking_expired", "This booking has expired and its places have gone."),
            "Book again. What was paid for it goes back.",
        ) from error
    await connection.execute("update booking set state = 'pending', hold = $2 where id = $1", booking.id, hold)
    await offers.use_again(connection, booking.id)
    return replace(booking, state="pending", hold=hold)
