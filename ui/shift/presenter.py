"""The order of things in a shift, without a widget: float, count, difference, leave and deposit, close."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from boxoffice.domain.facts import CashMovementBody, ShiftCloseBody, ShiftOpenBody
from boxoffice.domain.money import Money
from boxoffice.domain.refusals import Refused
from boxoffice.domain.shifts import DENOMINATIONS, MovementKind, counted_minor, propose_float
from boxoffice.domain.staff import StaffMember
from boxoffice.services.shifts import ShiftFigures
from boxoffice.store import OpenShift
from ui.tasks import TaskRunner

_LANE = "shift"


class ShiftService(Protocol):
    """Blocks; see boxoffice.services.shifts."""

    def current(self) -> OpenShift | None: ...
    def last_closed(self) -> ShiftCloseBody | None: ...
    def open(self, staff: StaffMember, float_: Money) -> ShiftOpenBody: ...
    def move(self, staff: StaffMember, kind: MovementKind, amount: Money, reason: str) -> CashMovementBody: ...
    def figures(self) -> ShiftFigures: ...
    def close(
        self, staff: StaffMember, counts: Mapping[int, int], remark: str, leave: Mapping[int, int]
    ) -> tuple[ShiftCloseBody, ShiftFigures]: ...


class ReportPrinter(Protocol):
    def print_shift(self, figures: ShiftFigures, staff: StaffMember, closed: ShiftCloseBody | None) -> None:
        """Queue the X report, or the Z report of a closed shift; returns at once."""


class Step(StrEnum):
    CLOSED = "closed"  # no shift is open
    OPEN = "open"
    COUNT = "count"
    DIFFERENCE = "difference"
    LEAVE = "leave"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class ShiftState:
    """All that the view shows. `figures` stay hidden from it while the count is blind: they are None in COUNT."""

    step: Step
    currency: str
    shift: OpenShift | None = None
    figures: ShiftFigures | None = None
    last: ShiftCloseBody | None = None
    counts: Mapping[int, int] | None = None
    counted_minor: int = 0
    difference_minor: int = 0
    remark: str = ""
    leave: Mapping[int, int] | None = None
    leave_minor: int = 0


class ShiftView(Protocol):
    def show_state(self, state: ShiftState) -> None: ...
    def show_refusal(self, error: Refused) -> None: ...
    def say_done(self, what: str, text: str) -> None: ...


class ShiftPresenter:
    """`staff` says who is signed in; `changed` tells the program that a shift was opened or closed."""

    def __init__(
        self,
        shifts: ShiftService,
        printer: ReportPrinter,
        tasks: TaskRunner,
        staff: Callable[[], StaffMember],
        changed: Callable[[], None],
        currency: str,
    ) -> None:
        self._shifts, self._printer, self._tasks = shifts, printer, tasks
        self._staff, self._changed, self._currency = staff, changed, currency
        self._view: ShiftView | None = None
        self._state = ShiftState(Step.CLOSED, currency)
        self._figures: ShiftFigures | None = None

    def attach(self, view: ShiftView) -> None:
        self._view = view

    @property
    def state(self) -> ShiftState:
        return self._state

    @property
    def denominations(self) -> tuple[int, ...]:
        return DENOMINATIONS.get(self._currency, (100, 10, 1))

    def use_currency(self, currency: str) -> None:
        self._currency = currency

    def refresh(self) -> None:
        """Look again, unless a count is under way: that is never thrown away."""
        if self._state.step in (Step.COUNT, Step.DIFFERENCE, Step.LEAVE):
            self._show()
            return

        def load() -> tuple[OpenShift | None, ShiftCloseBody | None, ShiftFigures | None]:
            current = self._shifts.current()
            return current, self._shifts.last_closed(), self._shifts.figures() if current is not None else None

        self._tasks.run(load, self._loaded, self._failed, lane=_LANE)

    def open(self, float_: Money) -> None:
        staff = self._staff()
        self._tasks.run(lambda: self._shifts.open(staff, float_), self._opened, self._failed, lane=_LANE)

    def move(self, kind: MovementKind, amount: Money, reason: str) -> None:
        staff = self._staff()
        self._tasks.run(lambda: self._shifts.move(staff, kind, amount, reason), self._moved, self._failed, lane=_LANE)

    def print_x(self) -> None:
        staff = self._staff()

        def report() -> None:
            self._printer.print_shift(self._shifts.figures(), staff, None)

        self._tasks.run(
            report, lambda _: self._said("X report printed", "The shift goes on."), self._failed, lane=_LANE
        )

    def start_count(self) -> None:
        self._set(ShiftState(Step.COUNT, self._currency, shift=self._state.shift, counts={}))

    def set_count(self, denomination: int, pieces: int) -> None:
        counts = {**(self._state.counts or {}), denomination: pieces}
        self._set(
            ShiftState(
                Step.COUNT,
                self._currency,
                shift=self._state.shift,
                counts=counts,
                counted_minor=sum(piece * count for piece, count in counts.items()),
            )
        )

    def commit_count(self) -> None:
        """From here on the expected sum shows. A recount starts over and is a count of its own."""
        if self._state.step is not Step.COUNT:
            return
        try:
            counted_minor(self._state.counts or {}, self._currency)
        except Refused as refused:
            self._failed(refused)
            return
        self._tasks.run(self._shifts.figures, self._compared, self._failed, lane=_LANE)

    def recount(self) -> None:
        self.start_count()

    def to_leave(self, remark: str) -> None:
        """Raises nothing: a missing remark is shown as a refusal and the step stays."""
        if self._state.difference_minor and not remark.strip():
            self._failed(
                Refused("The count differs from what is expected.", "Recount, or say in a few words what happened.")
            )
            return
        figures = self._figures
        wanted = figures.shift.float_minor if figures is not None else 0
        self._set(self._counted(Step.LEAVE, remark.strip(), propose_float(self._state.counts or {}, wanted)))

    def set_leave(self, denomination: int, pieces: int) -> None:
        counts = self._state.counts or {}
        pieces = min(pieces, counts.get(denomination, 0))
        leave = {**(self._state.leave or {}), denomination: pieces}
        self._set(self._counted(Step.LEAVE, self._state.remark, leave))

    def close(self) -> None:
        staff, state = self._staff(), self._state
        if state.step is not Step.LEAVE:
            return

        def close() -> ShiftCloseBody:
            closed, figures = self._shifts.close(staff, state.counts or {}, state.remark, state.leave or {})
            self._printer.print_shift(figures, staff, closed)
            return closed

        self._tasks.run(close, self._closed, self._failed, lane=_LANE)

    def back(self) -> None:
        """One step back; a count that is left asks for nothing and keeps nothing."""
        match self._state.step:
            case Step.COUNT | Step.DONE:
                self._state = ShiftState(Step.CLOSED, self._currency)
                self.refresh()
            case Step.LEAVE:
                self._set(self._counted(Step.DIFFERENCE, self._state.remark, None))
            case _:
                pass

    def _counted(self, step: Step, remark: str, leave: Mapping[int, int] | None) -> ShiftState:
        return ShiftState(
            step,
            self._currency,
            shift=self._state.shift,
            figures=self._figures,
            counts=self._state.counts,
            counted_minor=self._state.counted_minor,
            difference_minor=self._state.difference_minor,
            remark=remark,
            leave=leave,
            leave_minor=sum(piece * count for piece, count in (leave or {}).items()),
        )

    def _loaded(self, found: tuple[OpenShift | None, ShiftCloseBody | None, ShiftFigures | None]) -> None:
        current, last, figures = found
        self._figures = figures
        step = Step.OPEN if current is not None else Step.CLOSED
        self._set(ShiftState(step, self._currency, shift=current, figures=figures, last=last))

    def _opened(self, _: ShiftOpenBody) -> None:
        self._said("Shift open", "The counter is ready to sell.")
        self._changed()
        self.refresh()

    def _moved(self, body: CashMovementBody) -> None:
        words = {
            MovementKind.PAID_IN: "Paid in",
            MovementKind.PAID_OUT: "Paid out",
            MovementKind.NO_SALE: "Drawer opened",
        }
        self._said(words[body.movement], body.reason)
        self.refresh()

    def _compared(self, figures: ShiftFigures) -> None:
        self._figures = figures
        counted = self._state.counted_minor
        self._set(
            ShiftState(
                Step.DIFFERENCE,
                self._currency,
                shift=figures.shift,
                figures=figures,
                counts=self._state.counts,
                counted_minor=counted,
                difference_minor=counted - figures.expected.total_minor,
            )
        )

    def _closed(self, closed: ShiftCloseBody) -> None:
        self._set(ShiftState(Step.DONE, self._currency, last=closed, figures=self._figures))
        self._changed()

    def _failed(self, error: Exception) -> None:
        if isinstance(error, Refused) and self._view is not None:
            self._view.show_refusal(error)

    def _said(self, what: str, text: str) -> None:
        if self._view is not None:
            self._view.say_done(what, text)

    def _set(self, state: ShiftState) -> None:
        self._state = state
        self._show()

    def _show(self) -> None:
        if self._view is not None:
            self._view.show_state(self._state)
