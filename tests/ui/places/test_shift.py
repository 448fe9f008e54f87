from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from boxoffice.domain.facts import FactKind
from boxoffice.domain.money import Money
from boxoffice.domain.shifts import MovementKind
from tests.services.till_at_work import TillAtWork
from tests.ui.places.conftest import RUTH, Counter
from ui.shift.presenter import Step
from ui.shift.workspace import Shift


def place(counter: Counter) -> Shift:
    counter.go_to("4")
    found = counter.shell.current
    assert isinstance(found, Shift)
    return found


def step_of(shift: Shift) -> Step:
    return shift.presenter.state.step


def count(counter: Counter, shift: Shift, counts: dict[int, int]) -> None:
    counter.press(Qt.Key.Key_F5)
    counter.until(lambda: shift.presenter.state.step is Step.COUNT)
    for denomination, pieces in counts.items():
        field = shift.view.table.fields[denomination]
        field.setFocus()
        counter.type(str(pieces))


def test_the_count_is_blind(counter: Counter, till: TillAtWork) -> None:
    till.sell([0])  # 87.50, so 287.50 are expected
    shift = place(counter)
    count(counter, shift, {10_000: 1})
    assert "287.50" not in counter.words()
    assert shift.presenter.state.figures is None
    assert "€100.00" in counter.words()


def test_a_difference_needs_a_remark_and_closing_leaves_the_float(counter: Counter, till: TillAtWork) -> None:
    till.sell([0])
    shift = place(counter)
    count(counter, shift, {5_000: 5, 1_000: 3, 500: 1})  # 285.00: 2.50 short
    counter.press(Qt.Key.Key_F5)
    counter.until(lambda: shift.presenter.state.step is Step.DIFFERENCE)
    assert shift.presenter.state.difference_minor == -250
    assert "Short by" in counter.words()
    QTest.mouseClick(shift.view.leave_button, Qt.MouseButton.LeftButton)
    assert step_of(shift) is Step.DIFFERENCE
    shift.view.remark_field.field.setText("gave too much change")
    QTest.mouseClick(shift.view.leave_button, Qt.MouseButton.LeftButton)
    assert step_of(shift) is Step.LEAVE
    assert shift.presenter.state.leave_minor <= 20_000
    assert FactKind.SHIFT_CLOSE not in till.facts()
    QTest.mouseClick(shift.view.close_button, Qt.MouseButton.LeftButton)
    counter.until(lambda: shift.presenter.state.step is Step.DONE)
    closed = till.till.shifts.last_closed()
    assert closed is not None
    assert (closed.difference_minor, closed.remark) == (-250, "gave too much change")
    assert closed.leave_minor + closed.deposit_minor == 28_500


def test_an_exact_count_asks_for_no_remark_and_enter_goes_on(counter: Counter, till: TillAtWork) -> None:
    shift = place(counter)
    count(counter, shift, {20_000: 1})
    counter.press(Qt.Key.Key_F5)
    counter.until(lambda: shift.presenter.state.step is Step.DIFFERENCE)
    assert "Exact" in counter.words()
    counter.press(Qt.Key.Key_Return)
    assert step_of(shift) is Step.LEAVE


def test_a_recount_starts_over(counter: Counter) -> None:
    shift = place(counter)
    count(counter, shift, {20_000: 2})
    counter.press(Qt.Key.Key_F5)
    counter.until(lambda: shift.presenter.state.step is Step.DIFFERENCE)
    shift.presenter.recount()
    assert step_of(shift) is Step.COUNT
    assert shift.presenter.state.counted_minor == 0


def test_the_numpad_types_into_the_field_in_focus(counter: Counter) -> None:
    shift = place(counter)
    count(counter, shift, {})
    shift.view.table.fields[5_000].setFocus()
    for symbol in ("1", "2"):
        shift.view.table.type(symbol)
    assert shift.presenter.state.counts == {5_000: 12}


def test_cash_moves_only_with_an_amount_and_a_reason(counter: Counter, till: TillAtWork) -> None:
    shift = place(counter)
    shift.view.amount_field.field.setText("25.00")
    QTest.mouseClick(shift.view.paid_out, Qt.MouseButton.LeftButton)
    counter.settle()
    assert FactKind.CASH_MOVEMENT not in till.facts()
    shift.view.reason_field.field.setText("stage supplies")
    QTest.mouseClick(shift.view.paid_out, Qt.MouseButton.LeftButton)
    counter.until(lambda: FactKind.CASH_MOVEMENT in till.facts())
    assert till.till.shifts.figures().expected.paid_out_minor == -2_500
    counter.until(lambda: "stage supplies" in counter.words())


def test_a_closed_till_opens_with_what_the_last_shift_left(counter: Counter, till: TillAtWork) -> None:
    till.till.shifts.close(RUTH, {5_000: 4}, "", {5_000: 4})
    shift = place(counter)
    counter.until(lambda: shift.presenter.state.step is Step.CLOSED)
    assert shift.view.float_field.text() == "200.00"
    counter.press(Qt.Key.Key_Return)
    counter.until(lambda: shift.presenter.state.step is Step.OPEN)
    current = till.till.shifts.current()
    assert current is not None
    assert current.float_minor == 20_000
    assert till.till.shifts.move(RUTH, MovementKind.PAID_IN, Money(100, "EUR"), "change").minor == 100
