"""Drawing a seating plan, without a window."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest

from boxoffice.domain import plan_editing
from boxoffice.domain.ids import PlanId
from boxoffice.domain.plan import SeatKind
from boxoffice.domain.plan_editing import Editing, PlanDocument, new_document, seats_along
from boxoffice.domain.plan_numbering import Direction, Numbering, row_index, row_letters


@pytest.mark.parametrize(
    ("numbering", "row", "labels"),
    [
        (Numbering(), 0, "1 2 3 4 5"),
        (Numbering(Direction.RIGHT_TO_LEFT), 0, "5 4 3 2 1"),
        (Numbering(first=101), 0, "101 102 103 104 105"),
        (Numbering(step=2), 0, "1 3 5 7 9"),
        (Numbering(Direction.RIGHT_TO_LEFT, first=2, step=2), 0, "10 8 6 4 2"),
        (Numbering(Direction.ODD_LEFT), 0, "5 3 1 2 4"),
        (Numbering(Direction.SERPENTINE), 0, "1 2 3 4 5"),
        (Numbering(Direction.SERPENTINE), 1, "5 4 3 2 1"),
        (Numbering(left_out=frozenset({3, 4})), 0, "1 2 5 6 7"),
    ],
)
def test_seats_are_numbered_as_houses_do_it(numbering: Numbering, row: int, labels: str) -> None:
    assert " ".join(numbering.labels(5, row)) == labels


def test_rows_have_letters_without_those_that_read_like_figures() -> None:
    assert [row_letters(index) for index in (0, 7, 8, 12, 13, 23, 24, 25, 47)] == [
        *("A", "H", "J", "N", "P", "Z", "AA", "AB", "AZ")
    ]
    assert all(row_index(row_letters(index)) == index for index in range(700))
    assert row_index("I") is None
    assert row_index("") is None


def test_a_straight_row_is_filled_and_centred() -> None:
    assert seats_along((0, 100), (220, 100)) == ((0, 100), (55, 100), (110, 100), (165, 100), (220, 100))
    assert seats_along((0, 0), (70, 0)) == ((7.5, 0), (62.5, 0))
    assert seats_along((10, 10), (20, 10)) == ((10, 10),)


@pytest.mark.parametrize("bend", [40.0, -40.0])
def test_a_curved_row_bends_and_its_seats_stand_equally_far_apart(bend: float) -> None:
    places = seats_along((0, 500), (660, 500), bend)
    gaps = [math.dist(a, b) for a, b in itertools.pairwise(places)]
    assert max(gaps) - min(gaps) < 0.5
    assert places[len(places) // 2][1] == pytest.approx(500 + bend, abs=1.5)
    assert places[0][1] == pytest.approx(places[-1][1]) != pytest.approx(500 + bend)


def drawn() -> PlanDocument:
    lines = plan_editing.block_lines((400, 500), (1000, 500), 30.0, 3)
    return plan_editing.add_rows(new_document("Studio"), "Stalls", lines)


def test_rows_go_on_with_the_next_letter() -> None:
    document = plan_editing.add_rows(drawn(), "Stalls", [seats_along((400, 900), (600, 900))])
    assert [row.label for row in document.sections[0].rows] == ["A", "B", "C", "D"]
    assert document.finished(PlanId("p"), 1).seat_name(0) == "Stalls A 1"


def test_seats_in_a_lasso_are_categorised_and_marked_and_nobody_else() -> None:
    keys = plan_editing.seats_within(drawn(), [(0, 0), (720, 0), (720, 560), (0, 560)])
    assert keys
    assert {key[1] for key in keys} == {0}
    document = plan_editing.mark(plan_editing.categorise(drawn(), keys, 2), keys[:1], SeatKind.WHEELCHAIR)
    assert {key for key, seat in document.seats() if seat.category == 2} == set(keys)
    assert [key for key, seat in document.seats() if seat.kind] == [keys[0]]


def test_mirroring_twice_changes_nothing_and_keeps_rows_from_left_to_right() -> None:
    document = drawn()
    keys = [key for key, _ in document.seats()]
    once = plan_editing.mirror(document, keys)
    across = [seat.x for seat in once.sections[0].rows[0].seats]
    assert across == sorted(across)
    assert across[0] == 2 * document.focal_point[0] - document.sections[0].rows[0].seats[-1].x
    assert plan_editing.mirror(once, keys) == document
    gap = plan_editing.mirror(plan_editing.delete(document, [(0, 0, 1)]), [(0, 0, 0)]).sections[0].rows[0].seats
    assert [seat.aisle_after for seat in gap] == [False] * (len(gap) - 2) + [True, False]


def test_a_deleted_seat_leaves_a_gap_that_parts_its_neighbours() -> None:
    plan = plan_editing.delete(drawn(), [(0, 0, 1)]).finished(PlanId("p"), 1)
    assert plan.right[0] == -1
    assert plan.seat_labels[:2] == ("1", "3")
    everything = [key for key, _ in drawn().seats()]
    assert plan_editing.delete(drawn(), everything).sections == ()


def test_numbers_drawn_twice_are_a_fault_at_once_and_none_after_renumbering() -> None:
    document = plan_editing.change_seats(drawn(), [(0, 1, 4)], lambda seat: replace(seat, label="1"))
    (fault,) = document.faults()
    assert fault.path == ("sections", 0, "rows", 1, "seats", 4)
    document = plan_editing.renumber(document, [(0, 1, 0)], Numbering(Direction.ODD_LEFT))
    assert document.faults() == ()
    assert [seat.label for seat in document.sections[0].rows[1].seats][5:7] == ["1", "2"]


def test_what_is_undone_comes_back_and_is_gone_after_something_new() -> None:
    empty, more = new_document("Studio"), plan_editing.add_area(drawn(), "Floor", 80, (100, 900), (900, 300))
    editing = Editing(empty)
    editing.do(drawn())
    seen = [editing.document]
    for step in (editing.undo, editing.redo, editing.undo, editing.undo):
        step()
        seen.append(editing.document)
    assert seen == [drawn(), empty, drawn(), empty, empty]
    editing.do(more)
    editing.redo()
    assert editing.document.areas[0].outline[0] == (100, 300)


def test_a_plan_that_is_opened_is_the_same_when_it_is_saved() -> None:
    plan = drawn().finished(PlanId("p"), 1)
    assert PlanDocument.of(plan) == drawn()
