"""Row letters stand where a row ends, and once where a row turns back on itself."""

from __future__ import annotations

from collections import Counter

from boxoffice.domain.ids import PlanId
from boxoffice.domain.plan import Point, Row, Seat, SeatingPlan, Section
from ui.seatchart.scene import Layout


def letters(*rows: tuple[Point, ...]) -> Counter[str]:
    plan = SeatingPlan(
        id=PlanId("room"),
        version=1,
        name="Room",
        width=1000,
        height=1000,
        focal_point=(500, 0),
        categories=("All",),
        sections=(
            Section(
                "Boxes",
                tuple(
                    Row(str(number), tuple(Seat(str(i), x, y, 0) for i, (x, y) in enumerate(places)))
                    for number, places in enumerate(rows)
                ),
            ),
        ),
    )
    return Counter(Layout(plan).row_letters.texts)


def test_a_straight_row_has_its_letter_at_both_ends() -> None:
    assert letters(tuple((200 + 55 * i, 300) for i in range(4))) == {"0": 2}


def test_a_box_of_two_by_two_has_it_once() -> None:
    assert letters(((200, 300), (255, 300), (255, 355), (200, 355))) == {"0": 1}


def test_an_aisle_does_not_make_a_row_turn_back() -> None:
    assert letters(((200, 300), (255, 300), (255 + 170, 300), (255 + 225, 300))) == {"0": 2}
