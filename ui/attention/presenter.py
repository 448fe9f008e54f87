"""What waits for a person, without a widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from boxoffice.devices.queue import QueuedJob
from boxoffice.domain.refusals import Refused
from boxoffice.services.attention import Matter
from ui.tasks import TaskRunner

_LANE = "attention"


class Matters(Protocol):
    def matters(self) -> tuple[Matter, ...]: ...


class Prints(Protocol):
    def failed(self) -> tuple[QueuedJob, ...]: ...
    def retry(self, job: QueuedJob) -> None: ...
    def give_up(self, job: QueuedJob) -> None: ...


@dataclass(frozen=True, slots=True)
class AttentionState:
    matters: tuple[Matter, ...] = ()
    prints: tuple[QueuedJob, ...] = ()

    @property
    def count(self) -> int:
        return len(self.matters) + len(self.prints)


class AttentionView(Protocol):
    def show_state(self, state: AttentionState) -> None: ...
    def show_refusal(self, error: Refused) -> None: ...


class AttentionPresenter:
    def __init__(self, matters: Matters, prints: Prints, tasks: TaskRunner, counted: Callable[[], None]) -> None:
        self._matters, self._prints, self._tasks, self._counted = matters, prints, tasks, counted
        self._view: AttentionView | None = None
        self._state = AttentionState()

    def attach(self, view: AttentionView) -> None:
        self._view = view

    @property
    def state(self) -> AttentionState:
        return self._state

    def refresh(self) -> None:
        def look() -> AttentionState:
            return AttentionState(self._matters.matters(), self._prints.failed())

        self._tasks.run(look, self._found, self._failed, lane=_LANE)

    def print_again(self, job: QueuedJob) -> None:
        self._tasks.run(lambda: self._prints.retry(job), lambda _: self.refresh(), self._failed, lane=_LANE)

    def give_up(self, job: QueuedJob) -> None:
        self._tasks.run(lambda: self._prints.give_up(job), lambda _: self.refresh(), self._failed, lane=_LANE)

    def _found(self, state: AttentionState) -> None:
        before = self._state.count
        self._state = state
        if self._view is not None:
            self._view.show_state(state)
        if state.count != before:
            self._counted()

    def _failed(self, error: Exception) -> None:
        if isinstance(error, Refused) and self._view is not None:
            self._view.show_refusal(error)
