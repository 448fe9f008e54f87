"""The one thread that writes. Work waits in a bounded queue and runs in the order it came."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[], Any]
    future: Future[Any]

    def run(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            result = self.work()
        except BaseException as error:  # the one who waits decides; this thread lives on
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


class Writer:
    def __init__(self, name: str, capacity: int = 256) -> None:
        self._capacity = capacity
        self._jobs: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def is_this_thread(self) -> bool:
        return threading.current_thread() is self._thread

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Queue work; waits while the queue is full (the writer itself never does). Raises RuntimeError when closed."""
        future: Future[T] = Future()
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self.is_this_thread or len(self._jobs) < self._capacity)
            if self._closed:
                raise RuntimeError("the store is closed")
            self._jobs.append(_Job(work, future))
            self._changed.notify_all()
        return future

    def call(self, work: Callable[[], T]) -> T:
        """Run work and wait for it. Raises what it raises, or RuntimeError within the writer's own work."""
        if self.is_this_thread:
            raise RuntimeError("a write within a write would wait for itself: use the transaction at hand")
        return self.submit(work).result()

    def close(self) -> None:
        """Finish what is queued, then end. Repeating is harmless."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            job.run()
            del job  # a finished future must not be kept alive until the next sale

    def _next(self) -> _Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or bool(self._jobs))
            job = self._jobs.popleft() if self._jobs else None
            self._changed.notify_all()
            return job
