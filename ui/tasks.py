"""Blocking work off the UI thread, and what came of it back on the UI thread.

    tasks.run(lambda: selling.sell(basket, tenders, staff), self._sold, self._failed, lane="sell")

Work of one lane runs in the order it was given, one piece at a time; work without a lane runs when a thread is
free. `done` and `failed` are called on the UI thread. `failed` hears of every error, so that a view can stop
waiting; what is not a `Refused` is a bug and goes to the crash handler as well. A refusal nobody listens for goes to
the `refused` signal, which the shell shows.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import QObject, Signal

from boxoffice.domain.refusals import Refused

T = TypeVar("T")
Failed = Callable[[Exception], None]


class TaskRunner(Protocol):
    """What a presenter knows of Tasks."""

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None] | None = None,
        failed: Failed | None = None,
        *,
        lane: str | None = None,
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class _Task:
    work: Callable[[], Any]
    done: Callable[[Any], None] | None
    failed: Failed | None
    lane: str | None


@dataclass(frozen=True, slots=True)
class _Outcome:
    task: _Task
    result: Any = None
    error: Exception | None = None


class Tasks(QObject):
    """A small thread pool with lanes. Create and call it on the UI thread."""

    crashed = Signal(object)  # an exception that is our bug
    refused = Signal(object)  # a Refused that nobody listened for
    idle = Signal()  # everything given so far is done and delivered

    _finished = Signal(object)

    def __init__(self, threads: int = 4, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="task")
        self._lock = threading.Lock()
        self._lanes: dict[str, deque[_Task]] = {}  # a lane is here while one of its tasks runs
        self._open = 0
        self._closed = False
        self._finished.connect(self._deliver)

    @property
    def is_busy(self) -> bool:
        return self._open > 0

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None] | None = None,
        failed: Failed | None = None,
        *,
        lane: str | None = None,
    ) -> None:
        """Raises RuntimeError after close()."""
        if self._closed:
            raise RuntimeError("the task runner is closed")
        self._open += 1
        task = _Task(work, done, failed, lane)
        if lane is not None:
            with self._lock:
                if lane in self._lanes:
                    self._lanes[lane].append(task)
                    return
                self._lanes[lane] = deque()
        self._pool.submit(self._work, task)

    def close(self) -> None:
        """Finish all work that was given, lanes included, and report no more. Blocks."""
        self._closed = True
        self._pool.shutdown(wait=True)

    def _work(self, first: _Task) -> None:
        """On a pool thread. A lane stays on its thread until it is empty, so closing the pool finishes it."""
        task: _Task | None = first
        while task is not None:
            try:
                outcome = _Outcome(task, result=task.work())
            except Exception as error:
                outcome = _Outcome(task, error=error)
            if not self._closed:
                self._finished.emit(outcome)
            task = self._next(task.lane)

    def _next(self, lane: str | None) -> _Task | None:
        if lane is None:
            return None
        with self._lock:
            if waiting := self._lanes[lane]:
                return waiting.popleft()
            del self._lanes[lane]
            return None

    def _deliver(self, outcome: _Outcome) -> None:
        if self._closed:
            return
        try:
            self._report(outcome)
        except Exception as error:  # a presenter's own bug: kept like any other
            self.crashed.emit(error)
        finally:
            self._open -= 1
            if not self._open:
                self.idle.emit()

    def _report(self, outcome: _Outcome) -> None:
        task, error = outcome.task, outcome.error
        if error is None:
            if task.done is not None:
                task.done(outcome.result)
            return
        if not isinstance(error, Refused):
            self.crashed.emit(error)
        elif task.failed is None:
            self.refused.emit(error)
        if task.failed is not None:
            task.failed(error)
