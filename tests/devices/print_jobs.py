"""What every implementation of PrintJobs keeps. Subclass it, give it a `jobs` fixture, and all of it runs."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from boxoffice.devices.printers import Media, PrintJob, PrintKind
from boxoffice.devices.queue import JobState, PrintJobs, Progress


def a_job(number: int = 1, kind: PrintKind = PrintKind.TICKETS, name: str = "") -> PrintJob:
    return PrintJob(
        UUID(int=number), kind, name or f"job-{number}", Media(396, 144), b"%PDF-1.4 \x00" + bytes([number])
    )


class PrintJobsContract:
    def test_a_job_comes_back_as_it_was_put(self, jobs: PrintJobs) -> None:
        jobs.add(a_job())
        (queued,) = jobs.pending()
        assert queued.job == a_job()
        assert queued.progress == Progress(JobState.WAITING, 0)
        assert jobs.get(a_job().id) == queued

    def test_jobs_come_back_in_the_order_they_were_put(self, jobs: PrintJobs) -> None:
        numbers = [5, 3, 9, 1]
        for number in numbers:
            jobs.add(a_job(number))
        assert [queued.id.int for queued in jobs.pending()] == numbers

    def test_a_job_put_twice_is_there_once_and_keeps_its_progress(self, jobs: PrintJobs) -> None:
        jobs.add(a_job())
        jobs.mark(a_job().id, Progress(JobState.FAILED, 1))
        jobs.add(replace(a_job(), content=b"other"))
        assert jobs.pending() == ()
        queued = jobs.get(a_job().id)
        assert queued is not None
        assert queued.job.content == a_job().content

    @pytest.mark.parametrize(
        ("state", "is_pending", "is_failed"),
        [
            (JobState.WAITING, True, False),
            (JobState.PRINTING, True, False),
            (JobState.PRINTED, False, False),
            (JobState.FAILED, False, True),
            (JobState.GIVEN_UP, False, False),
        ],
    )
    def test_each_state_stands_in_its_list(
        self, jobs: PrintJobs, state: JobState, is_pending: bool, is_failed: bool
    ) -> None:
        jobs.add(a_job())
        jobs.mark(a_job().id, Progress(state, 2, "code", "what happened", "what to do"))
        assert bool(jobs.pending()) == is_pending
        assert bool(jobs.failed()) == is_failed
        queued = jobs.get(a_job().id)
        assert queued is not None
        assert queued.progress == Progress(state, 2, "code", "what happened", "what to do")

    def test_marking_an_unknown_job_is_an_error(self, jobs: PrintJobs) -> None:
        with pytest.raises(KeyError):
            jobs.mark(UUID(int=7), Progress(JobState.PRINTED))
        assert jobs.get(UUID(int=7)) is None
