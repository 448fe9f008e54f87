from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from boxoffice.documents.house_map import house_map_pdf
from boxoffice.domain.catalogue import Performance, Production, Venue
from boxoffice.domain.house import AreaState, House, SeatState
from boxoffice.domain.ids import PerformanceId, ProductionId, VenueId
from boxoffice.domain.plan import SeatingPlan
from boxoffice.domain.pricing import PriceList, TaxMode
from tests.documents.papers import printed
from tests.ui.seatchart.plans import arena, club, evening, theatre

STARTS = datetime(2026, 11, 14, 18, 30, tzinfo=UTC)
THEATRE = theatre()
LONG = "The Extraordinary and Entirely Truthful History of Everything That Happened in One Afternoon " * 3


def house(plan: SeatingPlan, title: str = "The Glass Orchard") -> House:
    return House(
        performance=Performance(
            id=PerformanceId(1),
            production_id=ProductionId("orchard"),
            venue_id=VenueId("alder"),
            hall="Main House",
            plan_id=plan.id,
            price_list_id="all",
            starts_at=STARTS,
            doors_at=STARTS - timedelta(hours=1),
            ends_at=STARTS + timedelta(hours=2),
        ),
        production=Production(id=ProductionId("orchard"), title=title[:200], kind="play", minutes=120),
        venue=Venue(
            id=VenueId("alder"), name="The Alder Theatre", address="", timezone="Europe/Berlin", currency="EUR"
        ),
        plan=plan,
        price_list=PriceList(
            id="all", name="All", currency="EUR", tax_mode=TaxMode.INSIDE, tax_bp=700, price_types=(), prices=()
        ),
        states=evening(plan),
        areas={index: AreaState(10, area.capacity - 10, area.capacity) for index, area in enumerate(plan.areas)},
        online=True,
    )


def test_the_map_says_which_house_and_how_many_seats_are_sold() -> None:
    shown = house(THEATRE)
    (page,) = printed(house_map_pdf(shown, STARTS - timedelta(hours=2)))
    sold = int((shown.states == SeatState.SOLD).sum())
    for words in ("The Glass Orchard", "Main House", "14.11.2026 19:30", "as of 14.11.2026 17:30", f"{sold} sold"):
        assert words in page.text
    assert {"Stalls", "Circle", "Balcony"} <= set(page.text.split())
    assert f"{THEATRE.seat_count} seats" in page.text


def test_every_seat_has_its_number_and_every_row_its_letter() -> None:
    (page,) = printed(house_map_pdf(house(THEATRE), STARTS))
    words = page.text.split()
    assert words.count("34") >= 4
    assert {"A", "N"} <= set(words)


def test_a_sold_seat_is_black_and_a_free_one_is_white() -> None:
    free, sold = house(THEATRE), house(THEATRE)
    free.states[:], sold.states[:] = SeatState.FREE, SeatState.SOLD
    (empty,), (full,) = printed(house_map_pdf(free, STARTS)), printed(house_map_pdf(sold, STARTS))
    dark = [int((np.asarray(page.image.convert("L")) < 64).sum()) for page in (full, empty)]
    assert dark[0] > 2 * dark[1]


def test_tables_and_standing_areas_are_on_it() -> None:
    (page,) = printed(house_map_pdf(house(club()), STARTS))
    assert "Standing floor" in page.text
    assert "3,490 of 3,500 sold" in page.text


@pytest.mark.parametrize("title", ["A", LONG, "محمد 🎭"], ids=["short", "long", "arabic"])
def test_whatever_the_title_it_stays_inside_of_the_page(title: str) -> None:
    (page,) = printed(house_map_pdf(house(THEATRE, title), STARTS))
    assert min(page.margins_mm) >= 10


def test_a_stadium_is_one_page_without_pixels_and_a_small_file() -> None:
    pdf = house_map_pdf(house(arena(100_000)), STARTS)
    assert b"/Subtype /Image" not in pdf
    assert len(pdf) < 2_500_000
    assert len(printed(pdf, dpi=40)) == 1


def test_the_same_house_is_the_same_file() -> None:
    assert house_map_pdf(house(THEATRE), STARTS) == house_map_pdf(house(THEATRE), STARTS)


def test_a_seat_that_was_sold_is_another_file() -> None:
    before, after = house(THEATRE), house(THEATRE)
    after.states[np.flatnonzero(after.states == SeatState.FREE)[0]] = SeatState.SOLD
    assert house_map_pdf(before, STARTS) != house_map_pdf(after, STARTS)
