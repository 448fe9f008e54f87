"""The demo's rooms: exact counts, seats that have room, outlines that hold their seats."""

from __future__ import annotations

import numpy as np
import pytest

from boxoffice.domain.allocation import Wish, best_available
from boxoffice.domain.plan import Point, SeatingPlan, SeatKind, plan_from_json, plan_to_json
from central.demo.arena import arena
from central.demo.club import club
from central.demo.theatre import main_house, studio, studio_unreserved

PLANS = {plan.id: plan for plan in (main_house(), studio(), studio_unreserved(), arena(), club())}
SEATED = [plan for plan in PLANS.values() if plan.seat_count]
LEAST_ROOM_CM = 45.0


def counts(plan: SeatingPlan) -> dict[str, int]:
    return {
        section.name: seats.stop - seats.start
        for section, seats in zip(plan.sections, plan.section_slices, strict=True)
    }


def test_the_main_house_has_its_900_seats() -> None:
    plan = main_house()
    assert counts(plan) == {"Stalls": 448, "Circle": 244, "Balcony": 176, "Boxes": 32}
    stalls = [span.label for span in plan.rows if span.section == 0]
    assert stalls == list("ABCDEFGHJKLMNP")
    assert len(plan.categories) == 6


def test_the_studio_seats_180_with_and_without_numbers() -> None:
    assert studio().capacity == studio_unreserved().capacity == studio().seat_count == 180


def test_the_arena_holds_12000_of_them_3000_standing() -> None:
    plan = arena()
    assert (plan.capacity, plan.seat_count) == (12_000, 9_000)
    assert len(plan.sections) == 26


def test_the_club_has_a_floor_fourteen_tables_and_a_bar() -> None:
    plan = club()
    assert counts(plan) == {"Table": 56, "Bar": 12}
    assert plan.areas[0].capacity == 220


@pytest.mark.parametrize("plan", SEATED, ids=lambda plan: plan.id)
def test_no_two_seats_are_nearer_than_people_fit(plan: SeatingPlan) -> None:
    order = np.argsort(plan.y, kind="stable")
    x, y = plan.x[order].astype(np.float64), plan.y[order].astype(np.float64)
    nearest = np.inf
    for ahead in range(1, plan.seat_count):
        close = y[ahead:] - y[:-ahead] < LEAST_ROOM_CM
        if not close.any():
            break
        distance = np.hypot(x[ahead:] - x[:-ahead], y[ahead:] - y[:-ahead])
        nearest = min(nearest, float(distance[close].min()))
    assert nearest >= LEAST_ROOM_CM


@pytest.mark.parametrize("plan", SEATED, ids=lambda plan: plan.id)
def test_every_seat_lies_within_its_section(plan: SeatingPlan) -> None:
    for section, seats in zip(plan.sections, plan.section_slices, strict=True):
        if section.outline:
            inside = [
                is_inside((float(plan.x[i]), float(plan.y[i])), section.outline) for i in range(seats.start, seats.stop)
            ]
            assert all(inside), section.name


@pytest.mark.parametrize("plan", PLANS.values(), ids=lambda plan: plan.id)
def test_a_plan_travels_as_json_and_comes_back_the_same(plan: SeatingPlan) -> None:
    again = plan_from_json(plan_to_json(plan))
    assert (again.sections, again.areas, again.decorations) == (plan.sections, plan.areas, plan.decorations)


@pytest.mark.parametrize("plan", [main_house(), studio(), arena()], ids=lambda plan: plan.id)
def test_left_and_right_mirror_each_other(plan: SeatingPlan) -> None:
    middle = plan.focal_point[0]
    left = sorted(
        (round(middle - x), round(y)) for x, y in zip(plan.x.tolist(), plan.y.tolist(), strict=True) if x < middle
    )
    right = sorted(
        (round(x - middle), round(y)) for x, y in zip(plan.x.tolist(), plan.y.tolist(), strict=True) if x > middle
    )
    assert len(left) == len(right)
    assert np.abs(np.array(left) - np.array(right)).max() <= 1


@pytest.mark.parametrize("plan", SEATED, ids=lambda plan: plan.id)
def test_everything_drawn_lies_on_the_sheet(plan: SeatingPlan) -> None:
    shapes = (
        [s.outline for s in plan.sections] + [a.outline for a in plan.areas] + [d.outline for d in plan.decorations]
    )
    for x, y in (point for shape in shapes for point in shape):
        assert 0 <= x <= plan.width
        assert 0 <= y <= plan.height


@pytest.mark.parametrize("plan", [main_house(), studio(), arena()], ids=lambda plan: plan.id)
def test_every_wheelchair_bay_has_a_companion_beside_it(plan: SeatingPlan) -> None:
    bays = np.flatnonzero(plan.kind == SeatKind.WHEELCHAIR)
    assert len(bays)
    for bay in bays.tolist():
        beside = [seat for seat in (plan.left[bay], plan.right[bay]) if seat >= 0]
        assert any(plan.kind[seat] == SeatKind.COMPANION for seat in beside)


def test_the_best_two_seats_of_an_empty_house_are_premium_in_the_middle() -> None:
    plan = main_house()
    offer = best_available(plan, np.ones(plan.seat_count, np.bool_), Wish(2))
    assert offer is not None
    assert {plan.categories[plan.category[seat]] for seat in offer.seats} == {"Premium"}
    assert "centre" in offer.reason


@pytest.mark.parametrize(
    ("plan", "seat", "name"),
    [
        (main_house(), 0, "Stalls A 1"),
        (main_house(), -1, "Boxes 8 4"),
        (club(), 5, "Table 2 2"),
        (club(), -1, "Bar 12"),
    ],
)
def test_seats_are_called_as_people_say_it(plan: SeatingPlan, seat: int, name: str) -> None:
    assert plan.seat_name(seat % plan.seat_count) == name


def test_the_outline_check_notices_a_seat_outside() -> None:
    assert not is_inside((0.0, 0.0), main_house().sections[0].outline)


def is_inside(point: Point, outline: tuple[Point, ...]) -> bool:
    """Even-odd rule."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(outline, (*outline[1:], outline[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
