"""The tickets of a booking: signed by central's own key, so that the door of a till admits them without a network."""

from __future__ import annotations

import base64
import io
from datetime import datetime
from zoneinfo import ZoneInfo

import asyncpg
import qrcode
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage

from boxoffice.documents.ticket import Stock, TicketPaper, seat_dots, tickets_pdf
from boxoffice.domain.facts import TicketLine
from boxoffice.domain.ids import order_code, ticket_code
from boxoffice.domain.money import Money
from boxoffice.domain.tokens import TicketToken, issue
from central.bookings.booking import Booking
from central.bookings.houses import Billing
from central.tills.key_bundles import CENTRAL

_KEY_ID = 0  # central's in the key bundle
_PIXELS_A_MODULE = 4


async def generations(connection: asyncpg.Connection, *bookings: Booking) -> dict[int, int]:
    """Their tickets that still admit, each with its generation: a reprint at the counter raises it."""
    sales = [booking.sale for booking in bookings if booking.sale is not None]
    rows = await connection.fetch("select id, generation from ticket where sale = any($1) and valid", sales)
    return {row["id"]: row["generation"] for row in rows}


def token(billing: Billing, line: TicketLine, generation: int, key: Ed25519PrivateKey) -> str:
    """The QR code's text."""
    performance = billing.performance
    return issue(
        TicketToken(
            key_id=_KEY_ID,
            performance=performance.id,
            ticket=line.ticket,
            seat=line.seat,
            price_class=billing.price_list.type_index(line.price_type),
            generation=generation,
            not_before=performance.admits_from,
            duration=performance.admits_until - performance.admits_from,
            issuer=CENTRAL,
        ),
        key,
    )


def qr_picture(text: str) -> str:
    """A PNG as a data URL."""
    code: qrcode.QRCode[PilImage] = qrcode.QRCode(
        error_correction=ERROR_CORRECT_M, box_size=_PIXELS_A_MODULE, border=4, image_factory=PilImage
    )
    code.add_data(text, optimize=0)
    code.make(fit=True)
    file = io.BytesIO()
    code.make_image().save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def pdf(
    booking: Booking,
    billing: Billing,
    admitting: dict[int, int],
    holder: str,
    seller: str,
    key: Ed25519PrivateKey,
) -> bytes:
    """A page of A4 for each ticket that admits; at least one must."""
    lines = [line for line in booking.priced.tickets if line.ticket in admitting]
    return tickets_pdf(
        [
            _paper(booking, billing, line, (i, len(lines)), admitting[line.ticket], holder, seller, key)
            for i, line in enumerate(lines, 1)
        ],
        Stock.A4,
    )


def _paper(
    booking: Booking,
    billing: Billing,
    line: TicketLine,
    place: tuple[int, int],
    generation: int,
    holder: str,
    seller: str,
    key: Ed25519PrivateKey,
) -> TicketPaper:
    zone = ZoneInfo(billing.venue.timezone)
    plan, performance, seat = billing.plan, billing.performance, line.seat
    assert booking.sale is not None
    assert booking.settled_at is not None

    def local(at: datetime) -> datetime:
        return at.astimezone(zone)

    return TicketPaper(
        title=billing.production.title,
        seller=seller,
        venue=billing.venue.name,
        hall=performance.hall,
        starts_at=local(performance.starts_at),
        doors_at=local(performance.doors_at),
        section=plan.section_name(seat) if seat is not None else plan.areas[line.area or 0].name,
        row=plan.row_label(seat) if seat is not None else "",
        seat=plan.seat_labels[seat] if seat is not None else "",
        door=plan.gate(seat) if seat is not None else plan.areas[line.area or 0].gate,
        price_type=line.price_type_name,
        category=plan.categories[line.category],
        price=Money(line.gross_minor, booking.currency),
        fee=Money(line.fee_minor, booking.currency),
        tax_rate_bp=next((charge.rate_bp for charge in line.charges if not charge.is_fee), 0),
        order_code=order_code(booking.sale),
        index=place[0],
        count=place[1],
        till_name="web",
        issued_at=local(booking.settled_at),
        token=token(billing, line, generation, key),
        code=ticket_code(line.ticket, generation),
        holder=holder,
        seat_dots=seat_dots(plan, seat) if seat is not None else (),
    )
