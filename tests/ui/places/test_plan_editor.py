"""Drawing a plan with a pointer and keys, in the window of a manager."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from boxoffice.domain.ids import PlanId
from boxoffice.domain.plan import Point, SeatingPlan, SeatKind
from boxoffice.domain.plan_files import PlanFormat, read_plan
from tests.ui.places.conftest import Counter
from ui.planeditor.presenter import PlanEditorPresenter
from ui.planeditor.view import PlanEditorWidget
from ui.planeditor.workspace import PlanEditor

CONTROL = Qt.KeyboardModifier.ControlModifier


class Board:
    def __init__(self, counter: Counter) -> None:
        counter.go_to("7")
        place = counter.shell.current
        assert isinstance(place, PlanEditor)
        assert isinstance(place.widget, PlanEditorWidget)
        self.counter, self.widget, self.canvas = counter, place.widget, place.widget.canvas
        self.presenter: PlanEditorPresenter = place.presenter

    def drag(self, *points: Point) -> None:
        first, *rest = (self.canvas.at(point).toPoint() for point in points)
        QTest.mousePress(self.canvas, Qt.MouseButton.LeftButton, pos=first)
        for point in rest:
            QTest.mouseMove(self.canvas, QPoint(point))
        QTest.mouseRelease(self.canvas, Qt.MouseButton.LeftButton, pos=rest[-1])

    def labels(self, row: int) -> list[str]:
        return [seat.label for seat in self.presenter.document.sections[0].rows[row].seats]


@pytest.fixture
def board(counter: Counter) -> Board:
    return Board(counter)


def test_a_small_house_is_drawn_numbered_categorised_and_saved(board: Board, tmp_path: Path) -> None:
    """Four drags and eight keys: rows of stalls, a better middle, a bay and a standing floor."""
    press = board.counter.press
    board.widget.rows.set_value(5)
    board.widget.bend.set_value(4)
    board.canvas.setFocus()
    board.drag((500, 400), (1900, 400))
    assert len(board.presenter.document.sections[0].rows) == 5
    press(Qt.Key.Key_V)
    press(Qt.Key.Key_A, CONTROL)
    board.widget.direction.setCurrentIndex(2)
    board.canvas.setFocus()
    press(Qt.Key.Key_N)
    assert "1" in board.labels(0)[10:16]
    board.drag((800, 380), (1600, 380), (1600, 560), (800, 560))
    press(Qt.Key.Key_2)
    board.drag(*[(seat.x, seat.y) for seat in board.presenter.document.sections[0].rows[4].seats[:1]] * 2)
    press(Qt.Key.Key_W)
    press(Qt.Key.Key_A)
    board.drag((500, 1100), (1900, 1400))
    assert board.widget.save_button.isEnabled()
    board.presenter.save(tmp_path / "house.json")
    board.counter.until((tmp_path / "house.json").exists)
    plan = read_plan((tmp_path / "house.json").read_bytes(), PlanFormat.JSON, PlanId("p"))
    assert isinstance(plan, SeatingPlan)
    assert [row.label for row in plan.rows] == ["A", "B", "C", "D", "E"]
    assert plan.capacity == plan.seat_count + 100
    assert 0 < (plan.category == 1).sum() < plan.seat_count
    assert (plan.kind == SeatKind.WHEELCHAIR).sum() == 1


def test_undo_and_redo_by_keys(board: Board) -> None:
    empty = board.presenter.document
    board.drag((500, 400), (900, 400))
    drawn = board.presenter.document
    board.counter.press(Qt.Key.Key_Z, CONTROL)
    assert board.presenter.document == empty
    board.counter.press(Qt.Key.Key_Y, CONTROL)
    assert board.presenter.document == drawn != empty


def test_a_fault_is_listed_while_one_draws_and_leads_to_its_place(board: Board) -> None:
    board.drag((500, 400), (900, 400))
    board.counter.press(Qt.Key.Key_A, CONTROL)
    for _ in range(51):
        board.counter.press(Qt.Key.Key_Left)
    assert "outside of the plan" in board.widget._faults[0].text()
    assert not board.widget.save_button.isEnabled()
    board.widget._faults[0].click()
    assert board.presenter.chosen == {(0, 0, 0)}
    board.counter.press(Qt.Key.Key_Delete)
    assert board.widget.save_button.isEnabled()


def test_a_faulty_file_is_refused_and_the_drawing_stays(board: Board, tmp_path: Path) -> None:
    board.drag((500, 400), (900, 400))
    before = board.presenter.document
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps({"zones": []}))
    board.presenter.open(broken)
    board.counter.until(lambda: "nothing of it was taken" in board.counter.toasts())
    assert board.presenter.document == before
