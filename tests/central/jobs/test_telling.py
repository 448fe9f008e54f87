"""Who submitted a job hears how it ended: as they wished, in the transaction that ends it, and not over and over."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from central.jobs import jobs
from central.jobs.jobs import Notify, Wish
from central.jobs.leading import MOST_LOSSES
from central.jobs.running import Run
from central.jobs.schedules import Every, Once
from central.notifications import letters
from central.notifications.telling import House
from tests.central.jobs.engine import Engine, engine, kind

_DONE, _FAILED = ("job_completed", None), ("job_failed", "ValueError: no ink")


async def _owner(running: Engine) -> UUID:
    owner: UUID = await running.database.pool.fetchval(
        "insert into account (id, name, email, language, role, created_at, email_verified_at)"
        " values ($1, 'Ada', 'ada@example.org', 'de', 'customer', now(), now()) returning id",
        uuid4(),
    )
    return owner


async def _submitted(running: Engine, owner: UUID | None, notify: Notify, schedule: Once | Every | None = None) -> UUID:
    wish = Wish("print", "Plakate", {}, schedule or Once(), max_retries=1, retry_after_s=[1], notify=notify)
    return await running.database.write(lambda connection: jobs.submit(connection, owner, wish, datetime.now(UTC)))


async def _told(running: Engine) -> list[tuple[str, str | None]]:
    rows = await running.database.pool.fetch("select * from message order by id")
    assert {(row["address"], row["language"]) for row in rows} <= {("ada@example.org", "de")}
    return [(row["kind"], json.loads(row["detail"]).get("reason")) for row in rows]


def _printing(fails: Callable[[], bool]) -> Callable[[Run], Any]:
    async def work(_: Run) -> None:
        if fails():
            raise ValueError("no ink")

    return work


@pytest.mark.parametrize(
    ("notify", "fails", "told"),
    [
        ("never", True, []),
        ("never", False, []),
        ("failure", True, [_FAILED]),
        ("failure", False, []),
        ("always", True, [_FAILED]),
        ("always", False, [_DONE]),
    ],
)
def test_the_owner_is_told_as_they_wished_once_no_attempt_is_left(
    database: str, notify: Notify, fails: bool, told: list[tuple[str, str | None]]
) -> None:
    async def scenario() -> None:
        async with engine(database, kind("print", _printing(lambda: fails))) as running:
            job = await _submitted(running, await _owner(running), notify)
            nobodys = await _submitted(running, None, "always")
            running.schedule()
            running.work()
            await running.until_ended(job)
            await running.until_ended(nobodys)
            assert len(await running.executions(job)) == (2 if fails else 1)
            assert await _told(running) == told

    asyncio.run(scenario())


def test_of_failures_in_a_row_the_first_is_told(database: str) -> None:
    ends = iter([True, True, True, True, False, True, True])  # each run that fails is tried twice

    async def scenario() -> None:
        async with engine(database, kind("print", _printing(lambda: next(ends)))) as running:
            job = await _submitted(running, await _owner(running), "failure", Every(seconds=3600))
            running.schedule()
            running.work()
            told = []
            for runs in range(1, 5):
                await running.database.pool.execute("update job_schedule set next_run_at = now() where job = $1", job)
                await running.until(partial(_runs, running, job, runs))
                told.append(len(await _told(running)))
            assert told == [1, 1, 1, 2]

    asyncio.run(scenario())


async def _runs(running: Engine, job: UUID, count: int) -> bool:
    """Whether so many are over."""
    return bool(
        await running.database.pool.fetchval(
            "select count(distinct due_at) = $2"
            " and not bool_or(state in ('queued', 'running', 'waiting')) from job_execution where job = $1",
            *(job, count),
        )
    )


def test_a_job_that_ends_worker_after_worker_is_told_of_when_it_is_given_up(database: str) -> None:
    async def scenario() -> None:
        async with engine(database) as running:
            job, worker = await _submitted(running, await _owner(running), "failure"), uuid4()
            for losses in (MOST_LOSSES - 1, MOST_LOSSES):
                await running.database.pool.execute("delete from job_execution")
                await running.database.pool.execute(
                    "insert into job_execution (job, segment, priority, due_at, state, worker, losses)"
                    " values ($1, 0, 0, now(), 'running', $2, $3)",
                    *(job, worker, losses),
                )
                await running.database.pool.execute("select lose_executions($1, $2, 'gone')", worker, MOST_LOSSES)
                assert await _told(running) == ([("job_failed", "gone")] if losses == MOST_LOSSES else [])
            row = await running.database.pool.fetchrow("select kind, detail from message")
            letter = letters.write(row["kind"], "de", json.loads(row["detail"]), House("Royal", ""))
            assert letter.subject == "Nicht erledigt: Plakate"
            assert "gone" in letter.text

    asyncio.run(scenario())
