"""Print jobs are kept until a person or a printer is done with them."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from boxoffice.store import Store, StoredPrint
from tests.store.bodies import KEY


def job(name: str) -> StoredPrint:
    return StoredPrint(uuid4(), "tickets", name, 396.0, 144.0, b"%PDF-1.7 " + name.encode())


def names(store: Store) -> tuple[list[str], list[str]]:
    """Of pending and failed jobs."""
    pending, failed = store.read(lambda tx: (tx.print_jobs.pending(), tx.print_jobs.failed()))
    return [item.name for item in pending], [item.name for item in failed]


def test_jobs_wait_in_their_order_and_outlive_the_program(store: Store, folder: Path) -> None:
    jobs = [job("a"), job("b"), job("c")]
    for item in (*jobs, jobs[0]):
        store.write(lambda tx, item=item: tx.print_jobs.add(item))  # type: ignore[misc]
    store.write(lambda tx: tx.print_jobs.mark(jobs[0].id, "printing", attempts=1))
    store.close()
    again = Store.open(folder, KEY)
    assert names(again) == (["a", "b", "c"], [])
    assert again.read(lambda tx: tx.print_jobs.get(jobs[1].id)) == jobs[1]
    again.close()


def test_a_failed_job_keeps_its_content_and_a_printed_one_does_not(store: Store) -> None:
    failed, printed, needless = job("failed"), job("printed"), job("needless")
    for item in (failed, printed, needless):
        store.write(lambda tx, item=item: tx.print_jobs.add(item))  # type: ignore[misc]
    store.write(
        lambda tx: tx.print_jobs.mark(failed.id, "failed", attempts=2, code="jam", error="Jam.", way_out="Pull.")
    )
    store.write(lambda tx: tx.print_jobs.mark(printed.id, "printed", attempts=1))
    store.write(lambda tx: tx.print_jobs.mark(needless.id, "given up"))
    assert names(store) == ([], ["failed"])
    (kept,) = store.read(lambda tx: tx.print_jobs.failed())
    assert (kept.content, kept.attempts, kept.code, kept.way_out) == (failed.content, 2, "jam", "Pull.")
    done = store.read(lambda tx: (tx.print_jobs.get(printed.id), tx.print_jobs.get(needless.id)))
    assert [(item.state, item.content) for item in done if item is not None] == [("printed", b""), ("given up", b"")]


def test_an_unknown_job_is_a_bug(store: Store) -> None:
    assert store.read(lambda tx: tx.print_jobs.get(uuid4())) is None
    with pytest.raises(KeyError):
        store.write(lambda tx: tx.print_jobs.mark(uuid4(), "printed"))
