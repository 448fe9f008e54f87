from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from boxoffice.devices.printers import FilePrinter
from boxoffice.devices.queue import JobState, PrintQueue, Progress
from boxoffice.services.print_jobs import StorePrintJobs
from boxoffice.store import Store
from tests.devices.print_jobs import PrintJobsContract, a_job
from tests.store.bodies import KEY


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "till", KEY)
    yield opened
    opened.close()


class TestStorePrintJobs(PrintJobsContract):
    @pytest.fixture
    def jobs(self, store: Store) -> StorePrintJobs:
        return StorePrintJobs(store)


def test_what_waited_when_the_program_ended_prints_at_the_next_start(tmp_path: Path) -> None:
    first = Store.open(tmp_path / "till", KEY)
    StorePrintJobs(first).add(a_job(1))
    StorePrintJobs(first).add(a_job(2))
    StorePrintJobs(first).mark(a_job(1).id, Progress(JobState.PRINTING, 1))
    first.close()

    again = Store.open(tmp_path / "till", KEY)
    queue = PrintQueue(StorePrintJobs(again), lambda _: FilePrinter(tmp_path / "paper"))
    queue.start()
    assert queue.wait_until_idle(5)
    assert [path.name for path in (tmp_path / "paper").iterdir()] == ["job-2.pdf"]
    (failed,) = queue.failed()
    assert failed.job == a_job(1)
    assert queue.stop()
    again.close()
