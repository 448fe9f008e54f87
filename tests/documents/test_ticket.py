"""Tickets are rendered to a printer's pixels and read as a door reads them."""

from __future__ import annotations

import locale
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boxoffice.documents.ticket import Stock, TicketPaper, tickets_pdf
from boxoffice.domain.money import Money
from tests.documents.papers import TICKET, Printed, overlaps, printed, token

STANDING = replace(TICKET, section="Standing floor", row="", seat="", door="North", seat_dots=())
LONG = (
    "Die unglaublich lange und doch wahre Geschichte vom gläsernen Obstgarten, in neun Bildern und einem Nachspiel " * 2
)
EVERYTHING_LONG = replace(
    TICKET,
    title=LONG,
    seller=LONG,
    venue=LONG,
    hall=LONG,
    section=LONG,
    row="WW-1234567",
    seat="123456789",
    door="North entrance by the river",
    price_type=LONG,
    category=LONG,
    price=Money(123456789, "CHF"),
    fee=Money(99999, "CHF"),
    order_code="7N2R-8C-7N2R-8C",
    index=123,
    count=456,
    till_name=LONG,
    holder=LONG,
)
SCRIPTS = replace(
    TICKET,
    title="حديقة الزجاج 玻璃果园 🎭🍏",
    holder="محمد علي",
    section="Партер",
    category="Ωmega\x00\x07\t\u202e",
    venue="Tea\u0301tro",
)
EMPTY = replace(
    TICKET,
    title="",
    seller="",
    venue="",
    hall="",
    section="",
    door="",
    price_type="",
    category="",
    till_name="",
    holder="",
)
TICKETS = {
    "plain": TICKET,
    "duplicate": replace(TICKET, duplicate=1),
    "standing": STANDING,
    "long": EVERYTHING_LONG,
    "long duplicate": replace(EVERYTHING_LONG, duplicate=12),
    "scripts": SCRIPTS,
    "empty": EMPTY,
    "two lines": replace(TICKET, title="The Long Road to the Glass Orchard and Back", duplicate=3),
}
STOCKS = list(Stock)
MODULES = 41  # version 6: 144 letters and digits at error correction M


@lru_cache(maxsize=200)
def one(ticket: TicketPaper, stock: Stock, dpi: float = 203) -> Printed:
    (page,) = printed(tickets_pdf([ticket], stock), dpi)
    return page


@pytest.mark.parametrize("stock", STOCKS)
@pytest.mark.parametrize("name", TICKETS)
def test_every_ticket_on_every_paper_reads_as_its_token(name: str, stock: Stock) -> None:
    assert one(TICKETS[name], stock).codes == [TICKETS[name].token]


@pytest.mark.parametrize(("stock", "count"), [(Stock.STOCK_5_5X2, 20), (Stock.ROLL_80MM, 8), (Stock.A4, 3)])
def test_different_tokens_all_read_and_each_on_its_own_page(stock: Stock, count: int) -> None:
    tickets = [replace(TICKET, token=token(seed), index=seed) for seed in range(1, count + 1)]
    pages = printed(tickets_pdf(tickets, stock))
    assert [page.codes for page in pages] == [[ticket.token] for ticket in tickets]


def test_a_tilted_and_blurred_ticket_still_reads() -> None:
    page = one(TICKET, Stock.STOCK_5_5X2)
    tilted = page.image.rotate(7, expand=True, fillcolor="white").resize((page.image.width * 3 // 5, 250))
    assert replace(page, image=tilted).codes == [TICKET.token]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", TICKETS)
def test_on_ticket_stock_every_drop_of_ink_is_inside_1050_by_383_dots(name: str, training: bool) -> None:
    page = one(replace(TICKETS[name], training=training), Stock.STOCK_5_5X2, dpi=200)
    assert page.image.size == (1100, 400)
    ink = page.ink
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert columns[0] >= 25
    assert columns[-1] < 25 + 1050
    assert rows[0] >= 8
    assert rows[-1] < 8 + 383


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", TICKETS)
def test_on_the_roll_and_on_a4_nothing_is_in_the_margins(name: str, training: bool) -> None:
    ticket = replace(TICKETS[name], training=training)
    assert min(one(ticket, Stock.ROLL_80MM).margins_mm[::2]) >= 3.9
    assert min(one(ticket, Stock.ROLL_80MM).margins_mm) >= 1.5
    assert min(one(ticket, Stock.A4).margins_mm) >= 8


@pytest.mark.parametrize("stock", STOCKS)
@pytest.mark.parametrize("name", TICKETS)
def test_no_text_runs_into_another(name: str, stock: Stock) -> None:
    assert overlaps(one(TICKETS[name], stock)) == []


@pytest.mark.parametrize("stock", STOCKS)
@pytest.mark.parametrize("name", ["plain", "long", "long duplicate"])
def test_the_code_keeps_four_modules_of_white_around_it(name: str, stock: Stock) -> None:
    page = one(TICKETS[name], stock)
    left, top, right, bottom = page.code_box
    quiet = int(4 * (right - left) / MODULES) - 1
    ring = page.ink[top - quiet : bottom + quiet, left - quiet : right + quiet].copy()
    ring[quiet - 1 : 1 - quiet, quiet - 1 : 1 - quiet] = False
    assert not ring.any()


@pytest.mark.parametrize(("stock", "dpi", "dots"), [(Stock.STOCK_5_5X2, 200, 5), (Stock.ROLL_80MM, 203, 6)])
def test_modules_are_whole_dots_of_the_printer(stock: Stock, dpi: float, dots: int) -> None:
    page = one(TICKET, stock, dpi)
    left, top, right, _ = page.code_box
    assert abs(right - left - MODULES * dots) <= 1
    for row in range(MODULES):
        line = page.ink[top + row * dots + dots // 2, left : left + MODULES * dots]
        changes = np.flatnonzero(np.diff(line.astype(int))) + 1
        assert {min(int(change) % dots, -int(change) % dots) for change in changes} <= {0, 1}


@pytest.mark.parametrize("stock", STOCKS)
def test_a_reprint_says_so_and_which_it_is(stock: Stock) -> None:
    text = one(replace(TICKET, duplicate=2), stock).text
    assert "DUPLICATE 2" in text
    assert "earlier ticket no longer works" in text
    assert "DUPLICATE" not in one(TICKET, stock).text


@pytest.mark.parametrize("stock", STOCKS)
def test_training_can_be_mistaken_for_nothing(stock: Stock) -> None:
    text = one(replace(TICKET, training=True), stock).text
    assert "VOID" in text
    assert text.count("TRAINING") >= 4
    assert "VOID" not in one(TICKET, stock).text


@pytest.mark.parametrize("stock", STOCKS)
def test_a_ticket_tells_what_it_is_for(stock: Stock) -> None:
    text = one(TICKET, stock).text
    for word in (
        "The Glass Orchard",
        "2026",
        "19:30",
        "18:45",
        "Stalls",
        "F",
        "15",
        "Adult",
        "€86.00",
        "7N2R-8C",
        "7K4M9QZ3R8",
    ):
        assert word in text


@pytest.mark.parametrize("stock", STOCKS)
def test_a_place_in_an_area_says_that_it_is_unreserved(stock: Stock) -> None:
    text = one(STANDING, stock).text
    assert "Standing floor" in text
    assert "unreserved" in text
    assert "Row" not in text


@pytest.mark.parametrize("stock", STOCKS)
def test_names_that_the_font_cannot_draw_are_squares_and_lose_nothing_else(stock: Stock) -> None:
    text = one(SCRIPTS, stock).text
    assert "□□□" in text
    assert "Партер" in text
    assert "Teátro" in text


@pytest.mark.parametrize("stock", STOCKS)
def test_the_same_ticket_is_the_same_bytes(stock: Stock) -> None:
    assert tickets_pdf([TICKET, EVERYTHING_LONG], stock) == tickets_pdf([TICKET, EVERYTHING_LONG], stock)
    assert tickets_pdf([TICKET], stock) != tickets_pdf([replace(TICKET, seat="16")], stock)


def test_days_are_english_whatever_locale_a_library_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    before = locale.setlocale(locale.LC_TIME)
    try:
        for name in ("de_DE.UTF-8", "C.UTF-8"):
            try:
                locale.setlocale(locale.LC_TIME, name)
            except locale.Error:
                continue
            assert "Saturday 14 November 2026" in one(TICKET, Stock.A4).text
    finally:
        locale.setlocale(locale.LC_TIME, before)


def test_no_ticket_is_a_bug_and_not_an_empty_sheet() -> None:
    with pytest.raises(ValueError, match="no ticket"):
        tickets_pdf([], Stock.A4)


any_text = st.text(max_size=200)


@given(
    st.builds(
        lambda title, hall, section, row, seat, holder, duplicate: replace(
            TICKET, title=title, hall=hall, section=section, row=row, seat=seat, holder=holder, duplicate=duplicate
        ),
        any_text,
        any_text,
        any_text,
        st.text(max_size=12),
        st.text(max_size=12),
        any_text,
        st.integers(0, 3),
    ),
    st.sampled_from([Stock.STOCK_5_5X2, Stock.ROLL_80MM]),
)
@settings(max_examples=15)
def test_whatever_people_type_the_ticket_prints_and_reads(ticket: TicketPaper, stock: Stock) -> None:
    page = one(ticket, stock)
    assert page.codes == [ticket.token]
    assert overlaps(page) == []
