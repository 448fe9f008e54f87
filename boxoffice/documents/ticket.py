"""A ticket on the three kinds of paper that venues have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from reportlab.lib.colors import white

from boxoffice.documents.drawing import BOLD, MEDIUM, MM, REGULAR, SEMIBOLD, Page
from boxoffice.documents.words import day_text, moment_text, money_text, percent_text, short_start_text, start_text
from boxoffice.domain.money import Money
from boxoffice.domain.plan import SeatingPlan

DOT = 72 / 200  # ticket stock is measured in dots of 200 dpi
ROLL_DOT = 72 / 203
_TRAINING = "TRAINING · TRAINING · TRAINING"
_UNRESERVED = "unreserved"
_RULES = (
    "One code, one entry. Printing it twice does not admit two people. A reprint gives a new code and ends this one."
    " Latecomers are seated at a break."
)


class Stock(Enum):
    """Paper as (name, width, height) in points."""

    STOCK_5_5X2 = ("ticket stock 5.5 x 2 in", 1100 * DOT, 400 * DOT)
    A4 = ("A4", 210 * MM, 297 * MM)
    ROLL_80MM = ("roll 80 mm", 80 * MM, 126 * MM)

    @property
    def size(self) -> tuple[float, float]:
        return self.value[1], self.value[2]


@dataclass(frozen=True, slots=True)
class TicketPaper:
    """Everything a ticket shows. Times are local. `row` and `seat` are empty for a place in an area.

    `token` is the QR code's text, `code` the short one below it. `duplicate` counts reprints. `seat_dots` are the
    plan's seats as (x, y, mine) from 0 to 1, for the little plan on A4.
    """

    title: str
    seller: str
    venue: str
    hall: str
    starts_at: datetime
    doors_at: datetime
    section: str
    row: str
    seat: str
    door: str
    price_type: str
    category: str
    price: Money
    fee: Money
    tax_rate_bp: int
    order_code: str
    index: int
    count: int
    till_name: str
    issued_at: datetime
    token: str
    code: str
    holder: str = ""
    duplicate: int = 0
    training: bool = False
    seat_dots: tuple[tuple[float, float, bool], ...] = ()

    @property
    def is_seat(self) -> bool:
        return bool(self.row or self.seat)

    @property
    def facts(self) -> str:
        fee = f", booking fee {money_text(self.fee)}" if self.fee else ""
        return f"incl. {percent_text(self.tax_rate_bp)} VAT{fee}"


def seat_dots(plan: SeatingPlan, mine: int) -> tuple[tuple[float, float, bool], ...]:
    """The plan's seats from 0 to 1, keeping its shape; of a very large house every few seats do."""
    every = max(1, plan.seat_count // 1500)
    scale = max(plan.width, plan.height * 74 / 54)
    chosen = [seat for seat in range(plan.seat_count) if seat % every == 0 or seat == mine]
    return tuple(
        (float(plan.x[seat]) / scale, float(plan.y[seat]) / (scale * 54 / 74), seat == mine) for seat in chosen
    )


def tickets_pdf(tickets: Sequence[TicketPaper], stock: Stock) -> bytes:
    """One page a ticket; at least one ticket."""
    if not tickets:
        raise ValueError("no ticket to print")
    width, height = stock.size
    page = Page(width, height, tickets[0].title)
    draw: Callable[[Page, TicketPaper], None] = {
        Stock.STOCK_5_5X2: _stock,
        Stock.A4: _a4,
        Stock.ROLL_80MM: _roll,
    }[stock]
    for ticket in tickets:
        draw(page, ticket)
        page.next_page()
    return page.finish()


def _stock(page: Page, ticket: TicketPaper) -> None:
    """5.5 x 2 in: everything inside 1050 x 383 dots, stub behind the perforation at 4.3 in."""

    def d(dots: float) -> float:
        return dots * DOT

    left, main = d(34), d(546)
    base = page.heading(left, d(32), ticket.title, main, d(54), d(34), 2)
    page.text(left, base + d(44), start_text(ticket.starts_at), BOLD, d(31))
    where = _joined(ticket.venue, ticket.hall, f"doors {ticket.doors_at:%H:%M}")
    page.fitted(left, base + d(74), where, main, REGULAR, d(22), d(15))
    top = max(base + d(92), d(180))
    page.line(left, top, left + main, top, d(3))
    _place(page, _columns(ticket), left, main, top, d(22), d(56), d(60))
    bottom = top + d(106)
    page.line(left, bottom, left + main, bottom, d(3))
    if ticket.duplicate:
        _duplicate(page, ticket, left, bottom + d(13), main, d(58))
    else:
        price = money_text(ticket.price)
        price_size = page.fitted(left + main, bottom + d(64), price, main / 2, BOLD, d(38), d(20), align="right")
        room = main - page.text_width(price, BOLD, price_size) - d(12)
        page.fitted(left, bottom + d(38), _kind(ticket), room, REGULAR, d(22), d(14))
        page.fitted(left, bottom + d(65), ticket.facts, room, REGULAR, d(18), d(12))
    middle = d(744)
    page.qr(middle, d(44), d(238), ticket.token, DOT)
    page.text(middle, d(298), ticket.code, BOLD, d(21), align="centre", spacing=d(1.5))
    order = f"order {ticket.order_code} · ticket {ticket.index} of {ticket.count}"
    page.fitted(middle, d(324), order, d(250), REGULAR, d(17), d(11), align="centre")
    issued = _joined(ticket.till_name, moment_text(ticket.issued_at))
    page.fitted(middle, d(347), issued, d(250), REGULAR, d(17), d(12), align="centre")
    page.line(d(884), d(10), d(884), d(390), d(2), (d(6), d(5)))
    _stub(page, ticket, d(902), d(164), d)
    if ticket.training:
        page.across("VOID", d(620), d(230), 14)
        for y in (9, 373):
            page.band(d(26), d(y), d(1048), d(18), _TRAINING)


def _stub(page: Page, ticket: TicketPaper, left: float, room: float, d: Callable[[float], float]) -> None:
    y = d(52)
    for line in page.wrapped(ticket.title, room, BOLD, d(23), 2):
        page.text(left, y, line, BOLD, d(23))
        y += d(27)
    page.fitted(left, y + d(6), short_start_text(ticket.starts_at), room, REGULAR, d(19), d(14))
    y += d(48)
    page.text(left, y, "Section", REGULAR, d(18))
    page.fitted(left, y + d(32), ticket.section, room, BOLD, d(32), d(15))
    if ticket.is_seat:
        page.text(left, y + d(66), "Row", REGULAR, d(18))
        page.fitted(left, y + d(102), ticket.row, d(70), BOLD, d(38), d(15))
        page.text(left + d(80), y + d(66), "Seat", REGULAR, d(18))
        page.fitted(left + d(80), y + d(102), ticket.seat, room - d(80), BOLD, d(38), d(15))
    else:
        page.fitted(left, y + d(64), _UNRESERVED, room, REGULAR, d(19), d(14))
    paid = _joined(ticket.price_type, money_text(ticket.price))
    shown = f"DUPLICATE {ticket.duplicate}" if ticket.duplicate else paid
    page.fitted(left, d(340), shown, room, BOLD if ticket.duplicate else REGULAR, d(18), d(12))
    page.text(left, d(362), ticket.code, REGULAR, d(18))


def _roll(page: Page, ticket: TicketPaper) -> None:
    """80 mm: 72 mm printable, the code about 33 mm in whole dots of 203 dpi."""
    middle, left, room = page.width / 2, 4 * MM, 72 * MM
    y = 10 * MM
    page.fitted(middle, y, ticket.venue, room, SEMIBOLD, 9, 7, align="centre")
    y = page.heading(middle, y + 3.4 * MM, ticket.title, room, 20, 15, 2, align="centre")
    page.text(middle, y + 6.6 * MM, start_text(ticket.starts_at), SEMIBOLD, 11.5, align="centre")
    where = _joined(ticket.hall, f"doors {ticket.doors_at:%H:%M}", f"door {ticket.door}" if ticket.door else "")
    page.fitted(middle, y + 11.6 * MM, where, room, REGULAR, 9, 7, align="centre")
    y += 15.5 * MM
    page.line(left, y, left + room, y, 1)
    _place(page, [column for column in _columns(ticket) if column[0] != "Door"], left, room, y, 9, 20, 7.2 * MM)
    y += 13.5 * MM
    page.line(left, y, left + room, y, 1)
    side = page.qr(middle, y + 5.5 * MM, 34 * MM, ticket.token, ROLL_DOT)
    y += 5.5 * MM + side + 6.5 * MM
    page.text(middle, y, ticket.code, SEMIBOLD, 11, align="centre", spacing=0.8)
    y += 3.6 * MM
    if ticket.duplicate:
        _duplicate(page, ticket, left, y, room, 10 * MM)
        y += 4.5 * MM
    else:
        page.line(left, y, left + room, y, 0.6, (2, 2))
        price = money_text(ticket.price)
        page.text(left + room, y + 5.5 * MM, price, SEMIBOLD, 10, align="right")
        kind_room = room - page.text_width(price, SEMIBOLD, 10) - 3 * MM
        page.fitted(left, y + 5.5 * MM, _kind(ticket), kind_room, SEMIBOLD, 10, 7)
    fee = f"Fee {money_text(ticket.fee)} · " if ticket.fee else ""
    last = f"{fee}incl. VAT · order {ticket.order_code} · {ticket.index} of {ticket.count}"
    page.fitted(left, y + 10 * MM, last, room, REGULAR, 8.5, 6)
    issued = _joined(ticket.till_name, moment_text(ticket.issued_at))
    page.fitted(left, y + 14 * MM, issued, room, REGULAR, 8.5, 6)
    if ticket.training:
        page.across("VOID", 66 * MM, 30 * MM, 18)
        for band in (2 * MM, page.height - 6.4 * MM):
            page.band(left, band, room, 4.4 * MM, "TRAINING · TRAINING")


def _a4(page: Page, ticket: TicketPaper) -> None:
    """Print at home: the code right, the seat on the plan, the rules in one paragraph."""
    left, right = 20 * MM, page.width - 20 * MM
    page.text(left, 24 * MM, page.elided(ticket.venue, 80 * MM, SEMIBOLD, 9), SEMIBOLD, 9)
    head = f"Ticket {ticket.index} of {ticket.count} · order {ticket.order_code}"
    page.fitted(right, 24 * MM, head, 85 * MM, REGULAR, 9, 7, align="right")
    code = 52 * MM
    room = right - left - code - 14 * MM
    base = page.heading(left, 38 * MM, ticket.title, room, 30, 18, 3)
    page.text(left, base + 11 * MM, day_text(ticket.starts_at), BOLD, 13)
    page.text(left, base + 17 * MM, f"Starts {ticket.starts_at:%H:%M}, doors {ticket.doors_at:%H:%M}", REGULAR, 10.5)
    page.fitted(left, base + 22.5 * MM, _joined(ticket.hall, ticket.venue), room, REGULAR, 10.5, 8)
    if ticket.holder:
        page.fitted(left, base + 30 * MM, ticket.holder, room, SEMIBOLD, 10.5, 8)
    page.qr(right - code / 2, 40 * MM, code, ticket.token)
    page.text(right - code / 2, 40 * MM + code + 8 * MM, ticket.code, SEMIBOLD, 11, align="centre", spacing=0.8)
    top = max(base + 38 * MM, 40 * MM + code + 17 * MM)
    page.line(left, top, right, top, 1.4)
    _place(page, _columns(ticket), left, right - left, top, 10, 24, 8.6 * MM)
    y = top + 17 * MM
    page.line(left, y, right, y, 1.4)
    if ticket.duplicate:
        _duplicate(page, ticket, left, y + 6 * MM, right - left, 14 * MM)
        y += 16 * MM
    column = left
    if ticket.seat_dots:
        _little_plan(page, ticket.seat_dots, left, y + 8 * MM, 74 * MM, 54 * MM)
        column = left + 84 * MM
    _explained(page, ticket, column, y + 12 * MM, right - column)
    y += (72 if ticket.seat_dots else 46) * MM
    page.line(left, y, right, y, 0.5)
    for number, line in enumerate(page.wrapped(_RULES, right - left, REGULAR, 9.5, 3)):
        page.text(left, y + (7 + 5 * number) * MM, line, REGULAR, 9.5)
    foot = page.height - 22 * MM
    page.fitted(left, foot, f"Seller: {ticket.seller}", 90 * MM, REGULAR, 8.5, 7)
    issued = _joined(ticket.till_name, f"issued {moment_text(ticket.issued_at)}")
    page.fitted(right, foot, issued, 75 * MM, REGULAR, 8.5, 7, align="right")
    if ticket.training:
        page.across("VOID", 150 * MM, 70 * MM, 18)
        for band in (9 * MM, page.height - 15 * MM):
            page.band(left, band, right - left, 6 * MM, _TRAINING)


def _explained(page: Page, ticket: TicketPaper, left: float, y: float, room: float) -> None:
    """What was paid and how to get there, in words."""
    page.fitted(left, y, f"{_kind(ticket)} {money_text(ticket.price)}", room, SEMIBOLD, 11, 8)
    page.fitted(left, y + 6 * MM, ticket.facts[0].upper() + ticket.facts[1:] + ".", room, REGULAR, 10, 8)
    way = [f"Come in by door {ticket.door}."] if ticket.door else []
    if ticket.is_seat:
        way += [f"{ticket.section}, row {ticket.row}, seat {ticket.seat}."]
    else:
        way += [f"{ticket.section}: any free place is yours."]
    page.text(left, y + 17 * MM, "How to find your seat" if ticket.is_seat else "How to find your place", SEMIBOLD, 11)
    for number, line in enumerate(page.wrapped(" ".join(way), room, REGULAR, 10, 3)):
        page.text(left, y + (23 + 5 * number) * MM, line, REGULAR, 10)


def _duplicate(page: Page, ticket: TicketPaper, x: float, y: float, width: float, height: float) -> None:
    page.rect(x, y, width, height, radius=height * 0.05)
    inset = height * 0.24
    page.text(x + inset, y + height * 0.46, f"DUPLICATE {ticket.duplicate}", BOLD, height * 0.42, ink=white)
    words = "New code. The earlier ticket no longer works."
    page.fitted(x + inset, y + height * 0.83, words, width - 2 * inset, MEDIUM, height * 0.29, height * 0.15, ink=white)


def _columns(ticket: TicketPaper) -> list[tuple[str, str]]:
    door = [("Door", ticket.door)] if ticket.door else []
    if not ticket.is_seat:
        return [(f"Area, {_UNRESERVED}", ticket.section), *door]
    return [("Section", ticket.section), ("Row", ticket.row), ("Seat", ticket.seat), *door]


def _place(
    page: Page,
    columns: Sequence[tuple[str, str]],
    left: float,
    room: float,
    top: float,
    small: float,
    large: float,
    drop: float,
) -> None:
    """Names small, values large, the last one at the right edge. Too much for the room: the widest shrinks first."""
    gap = small * 1.6
    wanted = [
        max(page.text_width(name, REGULAR, small), page.text_width(value, BOLD, large)) for name, value in columns
    ]
    widths = _shared(wanted, room - gap * (len(columns) - 1))
    x = left
    for (name, value), width in zip(columns[:-1], widths, strict=False):
        page.text(x, top + small * 1.25, name, REGULAR, small)
        page.fitted(x, top + drop + large * 0.5, value, width, BOLD, large, small * 0.8)
        x += width + gap
    name, value = columns[-1]
    align = "right" if len(columns) > 1 else "left"
    at = left + room if len(columns) > 1 else left
    page.text(at, top + small * 1.25, name, REGULAR, small, align=align)
    page.fitted(at, top + drop + large * 0.5, value, widths[-1], BOLD, large, small * 0.8, align=align)


def _shared(wanted: Sequence[float], room: float) -> list[float]:
    """Widths within `room`: whoever wants no more than its share gets it, the others share the rest."""
    widths = list(wanted)
    greedy = set(range(len(wanted)))
    while greedy and sum(widths) > room:
        share = (room - sum(width for index, width in enumerate(widths) if index not in greedy)) / len(greedy)
        modest = {index for index in greedy if wanted[index] <= share}
        if not modest:
            for index in greedy:
                widths[index] = share
            break
        greedy -= modest
    return widths


def _little_plan(
    page: Page, dots: Sequence[tuple[float, float, bool]], x: float, y: float, width: float, height: float
) -> None:
    page.frame(x, y, width, height, 4)
    margin = 4 * MM
    mine: list[tuple[float, float]] = []
    radius = max(0.5, min(1.4, 22 / (len(dots) ** 0.5)))
    for dot_x, dot_y, is_mine in dots:
        at = (
            x + margin + min(max(dot_x, 0.0), 1.0) * (width - 2 * margin),
            y + margin + min(max(dot_y, 0.0), 1.0) * (height - 2 * margin),
        )
        if is_mine:
            mine.append(at)
        else:
            page.dot(*at, radius, 0.72)
    for at in mine:
        page.dot(*at, 4.4, 0)
        page.dot(*at, 3.0, 1)
        page.dot(*at, 1.9, 0)


def _kind(ticket: TicketPaper) -> str:
    return ", ".join(part for part in (ticket.price_type, ticket.category) if part)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
