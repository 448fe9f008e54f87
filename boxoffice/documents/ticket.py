"""A ticket on the three kinds of paper that venues have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from reportlab.lib.colors import white

from boxoffice.documents.drawing import BOLD, MEDIUM, MM, REGULAR, SEMIBOLD, Page, money_text, percent_text
from boxoffice.domain.money import Money

DOT = 72 / 200  # ticket stock is measured in dots of 200 dpi


class Stock(Enum):
    """Paper as (name, width, height) in points."""

    STOCK_5_5X2 = ("ticket stock 5.5 x 2 in", 1100 * DOT, 400 * DOT)
    A4 = ("A4", 210 * MM, 297 * MM)
    ROLL_80MM = ("roll 80 mm", 80 * MM, 116 * MM)

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
    def facts(self) -> str:
        fee = f", booking fee {_money(self.fee)}" if self.fee else ""
        return f"incl. {percent_text(self.tax_rate_bp)} VAT{fee}"


def tickets_pdf(tickets: Sequence[TicketPaper], stock: Stock) -> bytes:
    """One page a ticket."""
    width, height = stock.size
    page = Page(width, height, tickets[0].title if tickets else "Tickets")
    draw: Callable[[Page, TicketPaper], None] = {
        Stock.STOCK_5_5X2: _stock,
        Stock.A4: _a4,
        Stock.ROLL_80MM: _roll,
    }[stock]
    for ticket in tickets:
        draw(page, ticket)
        if ticket.training:
            page.slanted("VOID", page.height * 0.42 if stock is Stock.STOCK_5_5X2 else 90, 18)
        page.next_page()
    return page.finish()


def _stock(page: Page, ticket: TicketPaper) -> None:
    """5.5 x 2 in: everything inside 1050 x 383 dots, stub behind the perforation at 4.3 in."""

    def d(dots: float) -> float:
        return dots * DOT

    left, main = d(34), d(546)
    base = page.title(left, d(32), ticket.title, main, d(54), d(34), 2)
    date = f"{ticket.starts_at:%a} {ticket.starts_at.day} {ticket.starts_at:%b %Y, %H:%M}"
    page.text(left, base + d(44), date, BOLD, d(31))
    where = f"{_joined(ticket.venue, ticket.hall)} · doors {ticket.doors_at:%H:%M}"
    page.fitted(left, base + d(74), where, main, REGULAR, d(22), d(15))
    top = max(base + d(92), d(180))
    page.line(left, top, left + main, top, d(3))
    _place(page, ticket, left, main, top, d(22), d(56), d(60))
    bottom = top + d(106)
    page.line(left, bottom, left + main, bottom, d(3))
    if ticket.duplicate:
        page.rect(left, bottom + d(14), main, d(54), radius=d(2))
        page.text(left + d(14), bottom + d(38), f"DUPLICATE {ticket.duplicate}", BOLD, d(24), ink=white)
        words = "New code. The earlier ticket no longer works."
        page.text(left + d(14), bottom + d(59), words, MEDIUM, d(17), ink=white)
    else:
        kind = _kind(ticket)
        price = _money(ticket.price)
        room = main - page.text_width(price, BOLD, d(38)) - d(12)
        page.fitted(left, bottom + d(40), kind, room, REGULAR, d(22), d(14))
        page.fitted(left, bottom + d(66), ticket.facts, room, REGULAR, d(18), d(12))
        page.text(left + main, bottom + d(64), price, BOLD, d(38), align="right")
    page.qr(d(632), d(44), d(230), ticket.token)
    page.text(d(747), d(306), ticket.code, BOLD, d(21), align="centre", spacing=d(1.5))
    page.text(
        d(747),
        d(330),
        f"order {ticket.order_code} · ticket {ticket.index} of {ticket.count}",
        REGULAR,
        d(17),
        align="centre",
    )
    issued = f"{ticket.till_name} · {ticket.issued_at:%d.%m.%Y %H:%M}"
    page.text(d(747), d(352), page.elided(issued, d(236), REGULAR, d(17)), REGULAR, d(17), align="centre")
    page.line(d(884), d(9), d(884), d(391), d(2), (d(6), d(5)))
    _stub(page, ticket, d(900), d(166), d)
    if ticket.training:
        for top in (9, 375):
            page.rect(d(25), d(top), d(1050), d(16))
            page.text(d(550), d(top + 13), "TRAINING · TRAINING · TRAINING", BOLD, d(14), align="centre", ink=white)


def _stub(page: Page, ticket: TicketPaper, left: float, room: float, d: Callable[[float], float]) -> None:
    y = d(52)
    for line in page.wrapped(ticket.title, room, BOLD, d(23), 2):
        page.text(left, y, line, BOLD, d(23))
        y += d(27)
    date = f"{ticket.starts_at:%a} {ticket.starts_at.day} {ticket.starts_at:%b, %H:%M}"
    page.text(left, y + d(6), date, REGULAR, d(19))
    y += d(48)
    page.text(left, y, "Section", REGULAR, d(18))
    page.fitted(left, y + d(32), ticket.section, room, BOLD, d(32), d(15))
    if ticket.row or ticket.seat:
        page.text(left, y + d(66), "Row", REGULAR, d(18))
        page.fitted(left, y + d(102), ticket.row, d(70), BOLD, d(38), d(15))
        page.text(left + d(80), y + d(66), "Seat", REGULAR, d(18))
        page.fitted(left + d(80), y + d(102), ticket.seat, room - d(80), BOLD, d(38), d(15))
    page.fitted(left, d(343), f"{ticket.price_type} · {_money(ticket.price)}", room, REGULAR, d(18), d(12))
    page.text(left, d(364), ticket.code, REGULAR, d(18))


def _roll(page: Page, ticket: TicketPaper) -> None:
    """80 mm: 72 mm printable, the code about 31 mm."""
    middle, left, room = page.width / 2, 4 * MM, 72 * MM
    y = 6.0 * MM
    if ticket.training:
        page.text(middle, y, "TRAINING · TRAINING", BOLD, 10, align="centre")
    page.fitted(middle, y + 4 * MM, ticket.venue, room, SEMIBOLD, 9, 7, align="centre")
    y += 12 * MM
    for line in page.wrapped(ticket.title, room, BOLD, 17, 2):
        page.text(middle, y, line, BOLD, 17, align="centre")
        y += 6.6 * MM
    date = f"{ticket.starts_at:%a} {ticket.starts_at.day} {ticket.starts_at:%b %Y, %H:%M}"
    page.text(middle, y, date, SEMIBOLD, 11.5, align="centre")
    where = f"{_joined('', ticket.hall)} · doors {ticket.doors_at:%H:%M}" + (
        f" · door {ticket.door}" if ticket.door else ""
    )
    page.fitted(middle, y + 5 * MM, where.removeprefix(" · "), room, REGULAR, 9, 7, align="centre")
    y += 9 * MM
    page.line(left, y, left + room, y, 1)
    _place(page, ticket, left, room, y, 9, 20, 7.2 * MM, with_door=False)
    y += 13.5 * MM
    page.line(left, y, left + room, y, 1)
    size = 31 * MM
    page.qr(middle - size / 2, y + 4.5 * MM, size, ticket.token)
    y += size + 11.5 * MM
    page.text(middle, y, ticket.code, SEMIBOLD, 11, align="centre", spacing=0.8)
    y += 5 * MM
    if ticket.duplicate:
        page.rect(left, y - 1 * MM, room, 9 * MM, radius=1)
        page.text(middle, y + 2.6 * MM, f"DUPLICATE {ticket.duplicate}", BOLD, 10, align="centre", ink=white)
        page.text(
            middle,
            y + 6.2 * MM,
            "New code. The earlier ticket no longer works.",
            MEDIUM,
            7.5,
            align="centre",
            ink=white,
        )
        return
    page.line(left, y, left + room, y, 0.6, (2, 2))
    price = _money(ticket.price)
    page.fitted(left, y + 5.5 * MM, _kind(ticket), room - 22 * MM, SEMIBOLD, 10, 7)
    page.text(left + room, y + 5.5 * MM, price, SEMIBOLD, 10, align="right")
    fee = f"Fee {_money(ticket.fee)} · " if ticket.fee else ""
    page.fitted(
        left,
        y + 10 * MM,
        f"{fee}incl. VAT · order {ticket.order_code} · {ticket.index} of {ticket.count}",
        room,
        REGULAR,
        8.5,
        6,
    )


def _a4(page: Page, ticket: TicketPaper) -> None:
    """Print at home: the code right, the seat on the plan, the rules in one paragraph."""
    left, right = 20 * MM, page.width - 20 * MM
    if ticket.training:
        page.text(page.width / 2, 14 * MM, "TRAINING · TRAINING · TRAINING", BOLD, 12, align="centre")
    page.text(left, 24 * MM, page.elided(ticket.seller, 90 * MM, SEMIBOLD, 9), SEMIBOLD, 9)
    page.text(
        right,
        24 * MM,
        f"Ticket {ticket.index} of {ticket.count} · order {ticket.order_code}",
        REGULAR,
        9,
        align="right",
    )
    code = 52 * MM
    room = right - left - code - 14 * MM
    base = page.title(left, 38 * MM, ticket.title, room, 30, 18, 3)
    date = f"{ticket.starts_at:%A} {ticket.starts_at.day} {ticket.starts_at:%B %Y}"
    page.text(left, base + 11 * MM, date, BOLD, 13)
    page.text(left, base + 17 * MM, f"Starts {ticket.starts_at:%H:%M}, doors {ticket.doors_at:%H:%M}", REGULAR, 10.5)
    page.text(
        left, base + 22.5 * MM, page.elided(_joined(ticket.hall, ticket.venue), room, REGULAR, 10.5), REGULAR, 10.5
    )
    if ticket.holder:
        page.text(left, base + 28 * MM, page.elided(ticket.holder, room, MEDIUM, 10.5), MEDIUM, 10.5)
    page.qr(right - code, 40 * MM, code, ticket.token)
    page.text(right - code / 2, 40 * MM + code + 8 * MM, ticket.code, SEMIBOLD, 11, align="centre", spacing=0.8)
    top = max(base + 36 * MM, 40 * MM + code + 16 * MM)
    page.line(left, top, right, top, 1.4)
    _place(page, ticket, left, right - left, top, 10, 24, 8.6 * MM)
    bottom = top + 17 * MM
    page.line(left, bottom, right, bottom, 1.4)
    column = left
    if ticket.seat_dots:
        _little_plan(page, ticket, left, bottom + 8 * MM, 74 * MM, 54 * MM)
        column = left + 84 * MM
    y = bottom + 13 * MM
    page.text(column, y, f"{_kind(ticket)} {_money(ticket.price)}", SEMIBOLD, 11)
    page.text(column, y + 6 * MM, ticket.facts[0].upper() + ticket.facts[1:] + ".", REGULAR, 10)
    if ticket.door:
        page.text(column, y + 16 * MM, "How to find your seat", SEMIBOLD, 11)
        place = f"Come in by door {ticket.door}" + (f" and look for row {ticket.row}." if ticket.row else ".")
        page.text(column, y + 22 * MM, place, REGULAR, 10)
    if ticket.duplicate:
        page.rect(column, y + 30 * MM, right - column, 14 * MM, radius=2)
        page.text(column + 4 * MM, y + 36 * MM, f"DUPLICATE {ticket.duplicate}", BOLD, 12, ink=white)
        page.text(column + 4 * MM, y + 41 * MM, "New code. The earlier ticket no longer works.", MEDIUM, 9, ink=white)
    y = bottom + (70 if ticket.seat_dots else 60) * MM
    page.line(left, y, right, y, 0.5)
    rules = (
        "One code, one entry. Printing it twice does not admit two people. A reprint gives a new code and ends this"
        " one. Latecomers are seated at a break."
    )
    for number, line in enumerate(page.wrapped(rules, right - left, REGULAR, 9.5, 3)):
        page.text(left, y + (7 + 5 * number) * MM, line, REGULAR, 9.5)
    foot = page.height - 22 * MM
    page.text(left, foot, f"Seller: {ticket.seller}", REGULAR, 8.5)
    issued = f"{ticket.till_name} · issued {ticket.issued_at:%d.%m.%Y %H:%M}"
    page.text(right, foot, issued, REGULAR, 8.5, align="right")


def _place(
    page: Page,
    ticket: TicketPaper,
    left: float,
    room: float,
    top: float,
    small: float,
    large: float,
    drop: float,
    *,
    with_door: bool = True,
) -> None:
    """Section, row, seat and door: names small, values large. Long section names shrink before anything else does."""
    columns = [("Section", ticket.section)]
    if ticket.row or ticket.seat:
        columns += [("Row", ticket.row), ("Seat", ticket.seat)]
    if with_door and ticket.door:
        columns.append(("Door", ticket.door))
    names = [
        max(page.text_width(name, REGULAR, small), min(page.text_width(value, BOLD, large), room * 0.24))
        for name, value in columns
    ]
    gap = small * 1.4
    names[0] = max(room - sum(names[1:]) - gap * (len(columns) - 1), room * 0.2)
    last = len(columns) - 1
    used = min(page.text_width(columns[0][1], BOLD, large), names[0])
    x = left
    for number, (name, value) in enumerate(columns):
        if number == last and last > 0:
            page.text(left + room, top + small * 1.25, name, REGULAR, small, align="right")
            page.fitted(
                left + room, top + drop + large * 0.5, value, names[number], BOLD, large, small * 0.8, align="right"
            )
            break
        page.text(x, top + small * 1.25, name, REGULAR, small)
        page.fitted(x, top + drop + large * 0.5, value, names[number], BOLD, large, small * 0.8)
        step = max(used, page.text_width(name, REGULAR, small)) if number == 0 else names[number]
        x += step + gap * 1.2


def _little_plan(page: Page, ticket: TicketPaper, x: float, y: float, width: float, height: float) -> None:
    page.frame(x, y, width, height, 4)
    margin = 4 * MM
    mine: list[tuple[float, float]] = []
    radius = max(0.5, min(1.4, 22 / (len(ticket.seat_dots) ** 0.5)))
    for dot_x, dot_y, is_mine in ticket.seat_dots:
        at = x + margin + dot_x * (width - 2 * margin), y + margin + dot_y * (height - 2 * margin)
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


def _money(money: Money) -> str:
    return money_text(money.minor, money.currency, money.digits)
