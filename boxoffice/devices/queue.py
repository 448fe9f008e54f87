"""Print jobs in their order, on a thread of their own. A job is printed, or waits for a person: it is never lost."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from boxoffice.devices.printers import Printer, PrinterFailed, PrintJob, PrintKind
from boxoffice.domain.refusals import Refused

_log = logging.getLogger(__name__)
_AGAIN_S = 5.0


class JobState(StrEnum):
    WAITING = "waiting"
    PRINTING = "printing"
    PRINTED = "printed"
    FAILED = "failed"
    GIVEN_UP = "given up"  # a person said that it is not needed any more


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is. `error` and `way_out` are for a person, `code` for programs; empty unless it failed."""

    state: JobState = JobState.WAITING
    attempts: int = 0
    code: str = ""
    error: str = ""
    way_out: str = ""


@dataclass(frozen=True, slots=True)
class QueuedJob:
    job: PrintJob
    progress: Progress

    @property
    def id(self) -> UUID:
        return self.job.id


class PrintJobs(Protocol):
    """Keeps jobs. Each call is durable when it returns, and safe from any thread.

    What is printed or given up may lose its content: a document can be made again.
    """

    def add(self, job: PrintJob) -> None:
        """As waiting, behind all others. A job with a known id is there already: nothing changes."""

    def mark(self, job_id: UUID, progress: Progress) -> None:
        """Raises KeyError for an unknown job."""

    def get(self, job_id: UUID) -> QueuedJob | None: ...

    def pending(self) -> tuple[QueuedJob, ...]:
        """Waiting and printing, oldest first."""

    def failed(self) -> tuple[QueuedJob, ...]:
        """Oldest first."""


class MemoryPrintJobs:
    """For a till without a store, and for tests. Keeps the contract of the one on disk, but for surviving a restart."""

    def __init__(self) -> None:
        self._jobs: dict[UUID, QueuedJob] = {}
        self._lock = threading.Lock()

    def add(self, job: PrintJob) -> None:
        with self._lock:
            self._jobs.setdefault(job.id, QueuedJob(job, Progress()))

    def mark(self, job_id: UUID, progress: Progress) -> None:
        with self._lock:
            self._jobs[job_id] = replace(self._jobs[job_id], progress=progress)

    def get(self, job_id: UUID) -> QueuedJob | None:
        with self._lock:
            return self._jobs.get(job_id)

    def pending(self) -> tuple[QueuedJob, ...]:
        return self._in(JobState.WAITING, JobState.PRINTING)

    def failed(self) -> tuple[QueuedJob, ...]:
        return self._in(JobState.FAILED)

    def _in(self, *states: JobState) -> tuple[QueuedJob, ...]:
        with self._lock:
            return tuple(queued for queued in self._jobs.values() if queued.progress.state in states)


class NotFailed(Refused):
    """Only a job that failed can be printed again or given up."""

    code = "print_not_failed"

    def __init__(self) -> None:
        super().__init__("This print did not fail.", "Look at the list again.")


PrinterFor = Callable[[PrintKind], Printer]


def _ignore(_: QueuedJob) -> None:
    return


class PrintQueue:
    """A job that fails steps aside at once, so nothing behind it waits. `changed` is called on the queue's thread."""

    def __init__(
        self, jobs: PrintJobs, printer_for: PrinterFor, changed: Callable[[QueuedJob], None] = _ignore
    ) -> None:
        self._jobs, self._printer_for, self._changed = jobs, printer_for, changed
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._idle = threading.Condition()
        self._is_idle = False
        self._thread = threading.Thread(target=self._run, name="print-queue", daemon=True)

    def start(self) -> None:
        """Takes up what was waiting. A job that was being printed when the program ended is put before a person."""
        for queued in self._jobs.pending():
            if queued.progress.state is JobState.PRINTING:
                self._mark(
                    queued,
                    JobState.FAILED,
                    code="print_interrupted",
                    error="The program ended while this was printing.",
                    way_out="Look whether it came out before you print it again.",
                )
        self._wake.set()
        self._thread.start()

    def stop(self, timeout_s: float = 5) -> bool:
        """What has begun is finished, the rest waits for the next start. Whether the thread ended in time."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def put(self, job: PrintJob) -> None:
        """Durable when it returns; printing follows by itself."""
        self._jobs.add(job)
        self._awake()

    def retry(self, job_id: UUID) -> None:
        """Raises NotFailed."""
        self._mark(self._failed(job_id), JobState.WAITING)
        self._awake()

    def give_up(self, job_id: UUID) -> None:
        """The job is kept, and leaves the list of failed ones. Raises NotFailed."""
        self._mark(self._failed(job_id), JobState.GIVEN_UP)

    def failed(self) -> tuple[QueuedJob, ...]:
        return self._jobs.failed()

    def waiting(self) -> int:
        return len(self._jobs.pending())

    def wait_until_idle(self, timeout_s: float) -> bool:
        """Whether everything that was put has been tried. For the end of a day and for tests."""
        with self._idle:
            return self._idle.wait_for(lambda: self._is_idle and not self._wake.is_set(), timeout_s)

    def _failed(self, job_id: UUID) -> QueuedJob:
        queued = self._jobs.get(job_id)
        if queued is None or queued.progress.state is not JobState.FAILED:
            raise NotFailed
        return queued

    def _awake(self) -> None:
        with self._idle:
            self._is_idle = False
            self._wake.set()

    def _run(self) -> None:
        again_s: float | None = None
        while not self._stopping.is_set():
            self._wake.wait(again_s)
            with self._idle:
                self._is_idle = False
                self._wake.clear()
            try:
                self._drain()
                again_s = None
            except Exception:  # the list cannot be kept (a full disk): to print now might be to print twice
                _log.exception("print jobs cannot be kept")
                again_s = _AGAIN_S
            with self._idle:
                self._is_idle = True
                self._idle.notify_all()

    def _drain(self) -> None:
        while not self._stopping.is_set():
            waiting = next((q for q in self._jobs.pending() if q.progress.state is JobState.WAITING), None)
            if waiting is None:
                return
            self._print(waiting)

    def _print(self, queued: QueuedJob) -> None:
        printing = self._mark(queued, JobState.PRINTING, attempts=queued.progress.attempts + 1)
        try:
            self._printer_for(queued.job.kind).print(queued.job)
        except PrinterFailed as failure:
            self._mark(printing, JobState.FAILED, code=failure.code, error=failure.message, way_out=failure.way_out)
        except Exception as error:
            _log.exception("a printer broke")
            self._mark(
                printing,
                JobState.FAILED,
                code="print_bug",
                error=f"The printer's driver failed: {error}",
                way_out="Print again, or choose another printer.",
            )
        else:
            self._mark(printing, JobState.PRINTED)

    def _mark(
        self,
        queued: QueuedJob,
        state: JobState,
        *,
        attempts: int | None = None,
        code: str = "",
        error: str = "",
        way_out: str = "",
    ) -> QueuedJob:
        progress = Progress(state, queued.progress.attempts if attempts is None else attempts, code, error, way_out)
        self._jobs.mark(queued.id, progress)
        marked = replace(queued, progress=progress)
        self._changed(marked)
        return marked
