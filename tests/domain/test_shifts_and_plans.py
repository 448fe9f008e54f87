from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from boxoffice.domain.house import SeatState, seat_states
from boxoffice.domain.ids import PlanId
from boxoffice.domain.plan import Area, Row, Seat, SeatingPlan, SeatKind, Section, plan_from_json, plan_to_json
from boxoffice.domain.protocol import SeatStatus
from boxoffice.domain.refusals import Malformed
from boxoffice.domain.shifts import counted_minor, propose_float


def row(label: str, y: float, count: int = 4, aisle_after: int | None = 1) -> Row:
    return Row(label, tuple(Seat(str(i + 1), 50.0 + 55 * i, y, 0, aisle_after=i == aisle_after) for i in range(count)))


PLAN = SeatingPlan(
    id=PlanId("p"),
    version=1,
    name="Two rows and a floor",
    width=400,
    height=400,
    focal_point=(150, 0),
    categories=("A",),
    sections=(Section("Stalls", (row("A", 50), row("B", 110))), Section("Box", (row("1", 200, 1),))),
    areas=(Area("Floor", 100, 0, ((0, 300), (400, 300), (400, 400))),),
)


def test_neighbours_end_at_aisles_and_rows() -> None:
    assert PLAN.right.tolist() == [1, -1, 3, -1, 5, -1, 7, -1, -1]
    assert PLAN.left.tolist() == [-1, 0, -1, 2, -1, 4, -1, 6, -1]


def test_a_plan_survives_json() -> None:
    copy = plan_from_json(plan_to_json(PLAN))
    assert plan_to_json(copy) == plan_to_json(PLAN)
    assert copy.seat_name(5) == "Stalls B 2"
    assert copy.capacity == 109
    assert [part.stop for part in copy.section_slices] == [8, 9]
    boxes = replace(PLAN, sections=(replace(PLAN.sections[0], row_word="box"), *PLAN.sections[1:]))
    assert plan_from_json(plan_to_json(boxes)).row_name(5) == "box B"


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (lambda: replace(PLAN, width=100), "outside"),
        (lambda: replace(PLAN, sections=(PLAN.sections[0], PLAN.sections[0])), "Stalls"),
        (lambda: replace(PLAN, sections=(Section("S", (Row("A", row("A", 50).seats * 2),)),)), "S, row A"),
        (lambda: replace(PLAN, categories=()), "category 0"),
        (lambda: replace(PLAN, areas=(Area("Floor", 0, 0, ()),)), "Floor"),
        (lambda: replace(PLAN, sections=(), areas=()), "neither"),
        (lambda: plan_from_json({}), "plan.id"),
        (lambda: plan_from_json({**plan_to_json(PLAN), "size": "wide"}), "plan"),
    ],
)
def test_a_faulty_plan_is_refused_and_the_place_is_named(broken: object, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        broken()  # type: ignore[operator]


def test_a_house_shows_what_the_till_knows_over_what_central_said() -> None:
    statuses = np.array(
        [SeatStatus.FREE, SeatStatus.SOLD, SeatStatus.LEASED, SeatStatus.LEASED, SeatStatus.HELD], np.uint8
    )
    online = seat_states(statuses, leased=[3], sold_here=[0], basket=[], online=True)
    assert online.tolist() == [SeatState.SOLD, SeatState.SOLD, SeatState.OTHER_BASKET, SeatState.FREE, SeatState.HELD]
    offline = seat_states(statuses, leased=[3], sold_here=[], basket=[3], online=False)
    assert offline.tolist() == [
        SeatState.NOT_OURS,
        SeatState.SOLD,
        SeatState.OTHER_BASKET,
        SeatState.MINE,
        SeatState.HELD,
    ]


def test_a_wheelchair_bay_keeps_its_kind_through_json() -> None:
    seats = (Seat("1", 50, 50, 0, SeatKind.WHEELCHAIR), Seat("2", 160, 50, 0, SeatKind.COMPANION))
    plan = replace(PLAN, sections=(Section("Stalls", (Row("P", seats),)),))
    assert plan_from_json(plan_to_json(plan)).kind.tolist() == [SeatKind.WHEELCHAIR, SeatKind.COMPANION]


def test_a_count_is_the_sum_of_its_pieces() -> None:
    assert counted_minor({10000: 2, 5000: 19, 200: 24, 5: 10}, "EUR") == 20000 + 95000 + 4800 + 50
    with pytest.raises(Malformed, match="count"):
        counted_minor({300: 1}, "EUR")
    with pytest.raises(Malformed, match="count"):
        counted_minor({500: -1}, "EUR")


def test_the_float_that_is_left_is_made_of_small_pieces_and_never_too_much() -> None:
    counts = {5000: 3, 1000: 5, 500: 10, 200: 20, 100: 30}
    left = propose_float(counts, 20000)
    assert left == {100: 30, 200: 20, 500: 10, 1000: 5}
    assert counted_minor(propose_float(counts, 8000), "EUR") == 8000
