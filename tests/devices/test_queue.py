from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from boxoffice.devices.printers import NullPrinter, Printer, PrinterCondition, PrinterFailed, PrinterState, PrintJob
from boxoffice.devices.queue import JobState, MemoryPrintJobs, NotFailed, PrintQueue, Progress, QueuedJob
from tests.devices.print_jobs import PrintJobsContract, a_job


class TestMemoryPrintJobs(PrintJobsContract):
    @pytest.fixture
    def jobs(self) -> MemoryPrintJobs:
        return MemoryPrintJobs()


class Paper:
    """A printer whose trouble can be arranged."""

    name = "Paper"

    def __init__(self) -> None:
        self.printed: list[str] = []
        self.troubles: dict[str, Exception] = {}
        self.gate = threading.Event()
        self.gate.set()
        self.begun = threading.Event()

    def state(self) -> PrinterState:
        return PrinterState(PrinterCondition.READY, "Printer ready")

    def print(self, job: PrintJob) -> None:
        self.begun.set()
        assert self.gate.wait(5)
        if job.name in self.troubles:
            raise self.troubles[job.name]
        self.printed.append(job.name)


OUT = PrinterFailed("out_of_paper", "The printer is out of paper.", "Fill in a roll.")
Start = Callable[..., PrintQueue]


@pytest.fixture
def paper() -> Paper:
    return Paper()


@pytest.fixture
def start(paper: Paper) -> Iterator[Start]:
    queues: list[PrintQueue] = []

    def begin(jobs: MemoryPrintJobs | None = None, printer: Printer = paper, **more: object) -> PrintQueue:
        queue = PrintQueue(jobs if jobs is not None else MemoryPrintJobs(), lambda _: printer, **more)  # type: ignore[arg-type]
        queues.append(queue)
        queue.start()
        return queue

    yield begin
    paper.gate.set()
    stopped = [queue.stop() for queue in queues]
    assert all(stopped)


def test_jobs_print_in_the_order_they_were_put(start: Start, paper: Paper) -> None:
    queue = start()
    for number in range(1, 8):
        queue.put(a_job(number))
    assert queue.wait_until_idle(5)
    assert paper.printed == [f"job-{number}" for number in range(1, 8)]
    assert queue.waiting() == 0


def test_a_failed_job_steps_aside_with_its_reason_and_the_next_one_prints(start: Start, paper: Paper) -> None:
    paper.troubles["job-1"] = OUT
    queue = start()
    queue.put(a_job(1))
    queue.put(a_job(2))
    assert queue.wait_until_idle(5)
    assert paper.printed == ["job-2"]
    (failed,) = queue.failed()
    assert failed.progress == Progress(
        JobState.FAILED, 1, "out_of_paper", "The printer is out of paper.", "Fill in a roll."
    )


def test_a_failed_job_can_be_printed_again_once_the_trouble_is_over(start: Start, paper: Paper) -> None:
    paper.troubles["job-1"] = OUT
    jobs = MemoryPrintJobs()
    queue = start(jobs)
    queue.put(a_job(1))
    assert queue.wait_until_idle(5)
    paper.troubles.clear()
    queue.retry(a_job(1).id)
    assert queue.wait_until_idle(5)
    assert paper.printed == ["job-1"]
    assert queue.failed() == ()
    queued = jobs.get(a_job(1).id)
    assert queued is not None
    assert queued.progress == Progress(JobState.PRINTED, 2)


def test_a_failed_job_that_is_given_up_leaves_the_list_but_is_kept(start: Start, paper: Paper) -> None:
    paper.troubles["job-1"] = OUT
    jobs = MemoryPrintJobs()
    queue = start(jobs)
    queue.put(a_job(1))
    assert queue.wait_until_idle(5)
    queue.give_up(a_job(1).id)
    assert queue.failed() == ()
    queued = jobs.get(a_job(1).id)
    assert queued is not None
    assert queued.progress.state is JobState.GIVEN_UP


def test_only_a_failed_job_can_be_printed_again_or_given_up(start: Start) -> None:
    queue = start()
    queue.put(a_job(1))
    assert queue.wait_until_idle(5)
    for settle in (queue.retry, queue.give_up):
        with pytest.raises(NotFailed):
            settle(a_job(1).id)
        with pytest.raises(NotFailed):
            settle(UUID(int=99))


def test_without_a_printer_the_paper_waits_for_a_person(start: Start) -> None:
    queue = start(printer=NullPrinter())
    queue.put(a_job(1))
    assert queue.wait_until_idle(5)
    (failed,) = queue.failed()
    assert failed.progress.code == "no_printer"


def test_what_was_put_before_a_crash_prints_after_it(start: Start, paper: Paper) -> None:
    jobs = MemoryPrintJobs()
    jobs.add(a_job(1))
    jobs.add(a_job(2))
    assert start(jobs).wait_until_idle(5)
    assert paper.printed == ["job-1", "job-2"]


def test_what_was_printing_when_the_program_died_is_never_printed_twice_by_itself(start: Start, paper: Paper) -> None:
    jobs = MemoryPrintJobs()
    jobs.add(a_job(1))
    jobs.mark(a_job(1).id, Progress(JobState.PRINTING, 1))
    queue = start(jobs)
    assert queue.wait_until_idle(5)
    assert paper.printed == []
    (failed,) = queue.failed()
    assert failed.progress.code == "print_interrupted"
    queue.retry(failed.id)
    assert queue.wait_until_idle(5)
    assert paper.printed == ["job-1"]


def test_a_driver_that_breaks_neither_ends_the_queue_nor_loses_the_job(
    start: Start, paper: Paper, caplog: pytest.LogCaptureFixture
) -> None:
    paper.troubles["job-1"] = ZeroDivisionError("driver")
    queue = start()
    queue.put(a_job(1))
    queue.put(a_job(2))
    assert queue.wait_until_idle(5)
    assert paper.printed == ["job-2"]
    (failed,) = queue.failed()
    assert failed.progress.code == "print_bug"
    assert "a printer broke" in caplog.text


class FullDisk(MemoryPrintJobs):
    def __init__(self) -> None:
        super().__init__()
        self.is_full = False

    def mark(self, job_id: UUID, progress: Progress) -> None:
        if self.is_full:
            raise OSError("disk full")
        super().mark(job_id, progress)


def test_nothing_prints_that_could_not_be_written_down_first(start: Start, paper: Paper) -> None:
    jobs = FullDisk()
    queue = start(jobs)
    jobs.is_full = True
    queue.put(a_job(1))
    assert queue.wait_until_idle(5)
    assert paper.printed == []
    jobs.is_full = False
    queue.put(a_job(2))
    assert queue.wait_until_idle(5)
    assert paper.printed == ["job-1", "job-2"]


def test_stopping_finishes_what_has_begun_and_leaves_the_rest_for_the_next_start(start: Start, paper: Paper) -> None:
    jobs = MemoryPrintJobs()
    paper.gate.clear()
    queue = start(jobs)
    queue.put(a_job(1))
    queue.put(a_job(2))
    assert paper.begun.wait(5)
    assert not queue.stop(timeout_s=0.01)
    paper.gate.set()
    assert queue.stop()
    assert paper.printed == ["job-1"]
    assert [queued.id.int for queued in jobs.pending()] == [2]


def test_every_change_of_a_job_is_told(start: Start, paper: Paper) -> None:
    paper.troubles["job-2"] = OUT
    told: list[tuple[str, JobState]] = []

    def changed(queued: QueuedJob) -> None:
        told.append((queued.job.name, queued.progress.state))

    queue = start(changed=changed)
    queue.put(a_job(1))
    queue.put(a_job(2))
    assert queue.wait_until_idle(5)
    assert told == [
        ("job-1", JobState.PRINTING),
        ("job-1", JobState.PRINTED),
        ("job-2", JobState.PRINTING),
        ("job-2", JobState.FAILED),
    ]


def test_jobs_put_from_many_threads_all_print_once(start: Start, paper: Paper) -> None:
    queue = start()

    def put_ten(base: int) -> None:
        for number in range(base, base + 10):
            queue.put(a_job(number))

    threads = [threading.Thread(target=put_ten, args=(base,)) for base in range(0, 80, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert queue.wait_until_idle(5)
    assert sorted(paper.printed) == sorted(f"job-{number}" for number in range(80))
