"""How jobs run: once, again after a failure, on another worker from the last checkpoint, and never by two at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from boxoffice.domain.refusals import Refused
from central.jobs import jobs
from central.jobs.leading import MOST_LOSSES, Leading
from central.jobs.promoting import promote
from central.jobs.running import Run, Superseded
from central.jobs.schedules import Every, Once
from tests.central.jobs.engine import Engine, engine, kind

_CALM_S = 1.0


def test_a_job_runs_once_when_it_is_due_and_is_then_completed(database: str) -> None:
    keys: list[str] = []

    async def note(run: Run) -> None:
        keys.append(run.key)
        await run.log("noted")

    async def scenario() -> None:
        async with engine(database, kind("note", note)) as running:
            job = await running.submit("note", payload={"what": "this"})
            later = await running.submit("note", Once(at=datetime.now(UTC) + timedelta(days=1)))
            running.schedule()
            running.work()
            await running.until_ended(job)
            assert await running.executions(job) == [(1, "completed", "")]
            assert await running.executions(later) == []
            assert keys == [key for key in keys if key.startswith(str(job))]
            assert len(keys) == 1
            assert await running.database.pool.fetchval("select message from job_log where job = $1", job) == "noted"
            await running.until(partial(running.database.pool.fetchval, "select count(*) = 0 from procrastinate_jobs"))

    asyncio.run(scenario())


def test_what_fails_is_tried_again_and_given_up_in_the_end(database: str) -> None:
    async def fail(run: Run) -> None:
        if run.payload.get("succeeds_at") != run.attempt:
            raise Refused("The printer is off.", "Switch it on.")

    async def scenario() -> None:
        async with engine(database, kind("fail", fail)) as running:
            mended = await running.submit("fail", payload={"succeeds_at": 2})
            broken = await running.submit("fail", max_retries=1)
            running.schedule()
            running.work()
            await running.until_ended(mended)
            await running.until_ended(broken)
            said = "The printer is off. Switch it on."
            assert await running.executions(mended) == [(1, "failed", said), (2, "completed", "")]
            assert await running.executions(broken) == [(1, "failed", said), (2, "failed", said)]
            assert (await running.state(mended), await running.state(broken)) == ("completed", "failed")
            retries = "select retry_count from job where id = $1"
            assert [await running.database.pool.fetchval(retries, job) for job in (mended, broken)] == [1, 1]

    asyncio.run(scenario())


def test_the_pauses_before_retries_are_the_jobs_own(database: str) -> None:
    async def fail(_: Run) -> None:
        raise RuntimeError("no")

    async def scenario() -> None:
        async with engine(database, kind("fail", fail)) as running:
            job = await running.submit("fail", retry_after_s=[60, 300, 600], max_retries=5)
            running.schedule()
            running.work()
            pool = running.database.pool
            for attempt, expected in enumerate((60, 300, 600, 600, 600), start=2):
                pause = (
                    "select extract(epoch from w.retry_at - f.ended_at)::float8 from job_execution w"
                    " join job_execution f on f.job = w.job and f.attempt = w.attempt - 1"
                    " where w.job = $1 and w.attempt = $2 and w.state = 'waiting'"
                )
                await running.until(partial(pool.fetchval, pause, job, attempt))
                assert await pool.fetchval(pause, job, attempt) == expected
                await pool.execute(
                    "update job_execution set retry_at = now() where job = $1 and state = 'waiting'", job
                )
            await running.until_ended(job)
            assert [state for _, state, _ in await running.executions(job)] == ["failed"] * 6

    asyncio.run(scenario())


def test_what_takes_too_long_or_is_unknown_fails(database: str) -> None:
    async def hang(_: Run) -> None:
        await asyncio.Event().wait()

    async def scenario() -> None:
        async with engine(database, kind("hang", hang)) as running:
            slow = await running.submit("hang", time_limit_s=1, max_retries=0)
            strange = await running.submit("strange", max_retries=0)
            running.schedule()
            running.work()
            await running.until_ended(slow)
            await running.until_ended(strange)
            assert await running.executions(slow) == [(1, "failed", "It took longer than 1 seconds.")]
            [(_, state, error)] = await running.executions(strange)
            assert (state, "strange" in error) == ("failed", True)

    asyncio.run(scenario())


def test_a_cancelled_job_is_stopped_while_it_runs(database: str) -> None:
    began, undone = asyncio.Event(), []

    async def hang(_: Run) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            undone.append("cleaned up")

    async def scenario() -> None:
        async with engine(database, kind("hang", hang)) as running:
            job = await running.submit("hang")
            running.schedule()
            running.work()
            await asyncio.wait_for(began.wait(), 10)
            await running.database.write(lambda connection: jobs.cancel(connection, job, None))

            async def is_stopped() -> bool:
                return [state for _, state, _ in await running.executions(job)] == ["cancelled"]

            await running.until(is_stopped)
            assert undone == ["cleaned up"]
            assert await running.state(job) == "cancelled"

    asyncio.run(scenario())


def test_a_job_that_still_runs_is_not_begun_again(database: str) -> None:
    at_once: list[int] = []
    counts: Counter[str] = Counter()
    may_end = asyncio.Event()

    async def slow(run: Run) -> None:
        counts["now"] += 1
        counts["runs"] += 1
        at_once.append(counts["now"])
        await may_end.wait()
        counts["now"] -= 1

    async def scenario() -> None:
        async with engine(database, kind("slow", slow)) as running:
            job = await running.submit("slow", Every(seconds=3600, since=datetime.now(UTC) - timedelta(hours=1)))
            due = "update job_schedule set next_run_at = now() where job = $1"
            running.schedule()
            running.work()
            await running.database.pool.execute(due, job)
            await running.until(lambda: asyncio.sleep(0, counts["runs"] == 1))
            await running.database.pool.execute(due, job)

            async def is_skipped() -> object:
                return await running.database.pool.fetchval("select message from job_log where job = $1", job)

            await running.until(is_skipped)
            assert "the run before still goes on" in str(await is_skipped())
            may_end.set()

            async def is_over() -> bool:
                return [state for _, state, _ in await running.executions(job)] == ["completed"]

            await running.until(is_over)
            await running.database.pool.execute(due, job)
            await running.until(lambda: asyncio.sleep(0, counts["runs"] == 2))
            assert max(at_once) == 1

    asyncio.run(scenario())


async def _given_up(running: Engine, worker: UUID) -> None:
    """As the leader does with one that has been silent for too long."""
    await running.database.pool.execute("update worker set last_heartbeat = now() - interval '1 hour'")
    session_rows = await running.database.pool.fetch(
        "update worker set state = 'unhealthy' where id = $1 returning id", worker
    )
    assert session_rows
    await running.database.pool.fetchval("select lose_executions($1, $2, 'silent')", worker, MOST_LOSSES)


def test_what_a_dead_worker_had_goes_on_elsewhere_from_its_checkpoint(database: str) -> None:
    done: list[tuple[int, int]] = []
    stuck = asyncio.Event()

    async def count(run: Run) -> None:
        for number in range(run.checkpoint.get("next", 0), 6):
            if run.attempt == 1 and number == 3:
                stuck.set()
                await asyncio.Event().wait()
            async with run.step():
                done.append((run.attempt, number))
                run.checkpoint["next"] = number + 1

    async def scenario() -> None:
        async with engine(database, kind("count", count), beat_s=_CALM_S) as running:
            job = await running.submit("count")
            running.schedule()
            first = running.work()
            await asyncio.wait_for(stuck.wait(), 10)
            await running.database.pool.execute("update worker set state = 'gone' where id <> $1", first.id)
            await _given_up(running, first.id)
            running.work()
            await running.until_ended(job)
            assert done == [(1, 0), (1, 1), (1, 2), (2, 3), (2, 4), (2, 5)]
            assert [state for _, state, _ in await running.executions(job)] == ["lost", "completed"]

    asyncio.run(scenario())


def test_a_worker_that_was_given_up_does_nothing_more_to_the_database(database: str) -> None:
    may_go_on, tried = asyncio.Event(), asyncio.Event()
    refused: list[bool] = []

    async def stubborn(run: Run) -> None:
        if run.attempt > 1:
            return
        with suppress(asyncio.CancelledError):  # a job that does not listen
            await asyncio.shield(may_go_on.wait())
        try:
            async with run.step() as connection:
                await connection.execute("update job set name = 'done twice' where id = $1", run.job)
        except Superseded:
            refused.append(True)
            raise
        finally:
            tried.set()

    async def scenario() -> None:
        async with engine(database, kind("stubborn", stubborn), beat_s=_CALM_S) as running:
            job = await running.submit("stubborn")
            running.schedule()
            first = running.work()

            async def runs() -> bool:
                return [state for _, state, _ in await running.executions(job)] == ["running"]

            await running.until(runs)
            await _given_up(running, first.id)
            running.work()
            await running.until_ended(job)
            may_go_on.set()
            await asyncio.wait_for(tried.wait(), 10)
            assert refused == [True]
            assert await running.database.pool.fetchval("select name from job where id = $1", job) == "stubborn"
            assert [state for _, state, _ in await running.executions(job)] == ["lost", "completed"]

    asyncio.run(scenario())


def test_a_worker_that_is_stopped_hands_on_what_it_cannot_end(database: str) -> None:
    began = asyncio.Event()

    async def long(run: Run) -> None:
        if run.attempt == 1:
            run.checkpoint["seen"] = True
            await run.keep()
            began.set()
            await asyncio.Event().wait()
        assert run.checkpoint == {"seen": True}

    async def scenario() -> None:
        async with engine(database, kind("long", long), beat_s=_CALM_S) as running:
            job = await running.submit("long")
            running.schedule()
            first = running.work(drain_s=0.2)
            await asyncio.wait_for(began.wait(), 10)
            await running.stop(first)
            assert await running.executions(job) == [
                (1, "lost", "Its worker was stopped."),
                (2, "waiting", ""),
            ] or (await running.executions(job))[1][1] in ("queued", "waiting")
            running.work()
            await running.until_ended(job)
            assert [state for _, state, _ in await running.executions(job)] == ["lost", "completed"]
            assert await running.database.pool.fetchval("select state from worker where id = $1", first.id) == "gone"

    asyncio.run(scenario())


def test_a_full_worker_leaves_its_batch_to_another(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("central.jobs.working._PATIENCE_S", 0.2)
    may_end = asyncio.Event()
    workers: set[UUID] = set()

    async def slow(run: Run) -> None:
        workers.add(run.worker)
        await may_end.wait()

    async def scenario() -> None:
        async with engine(database, kind("slow", slow)) as running:
            for _ in range(6):
                await running.submit("slow")
            await running.database.pool.execute("update job_schedule set segment = 0")  # one batch
            running.schedule()
            running.work(capacity=3)

            async def three_run() -> object:
                return await running.database.pool.fetchval(
                    "select count(*) = 3 from job_execution where state = 'running'"
                )

            await running.until(three_run)
            running.work(capacity=3)

            async def all_run() -> object:
                return await running.database.pool.fetchval(
                    "select count(*) = 6 from job_execution where state = 'running'"
                )

            await running.until(all_run)
            assert len(workers) == 2
            may_end.set()

    asyncio.run(scenario())


def test_a_scheduler_promotes_only_what_is_its_own(database: str) -> None:
    async def scenario() -> None:
        async with engine(database) as running:
            job = await running.submit("note")
            one, two = UUID(int=1), UUID(int=2)
            pool = running.database.pool
            await pool.executemany("insert into scheduler (id, address) values ($1, 'here')", [(one,), (two,)])
            await pool.execute("update segment set scheduler = $1", two)
            assert (await promote(running.database, one)).count == 0
            assert (await promote(running.database, two)).count == 1
            assert (await promote(running.database, two)).count == 0
            assert await running.executions(job) == [(1, "queued", "")]
            assert await pool.fetchval("select count(*) from procrastinate_jobs") == 1

    asyncio.run(scenario())


def test_a_segment_does_not_change_hands_in_the_middle_of_a_promotion_and_nobody_waits_for_it(database: str) -> None:
    async def scenario() -> None:
        async with engine(database) as running:
            wedged, leader = UUID(int=1), UUID(int=2)
            pool = running.database.pool
            await pool.execute("update segment set scheduler = $1", wedged)
            await pool.execute("insert into scheduler (id, address) values ($1, 'here')", leader)

            async def owned() -> list[int]:
                rows = await pool.fetch("select number from segment where scheduler = $1 order by number", leader)
                return [row["number"] for row in rows]

            async with pool.acquire() as session, pool.acquire() as promoting:
                leading = Leading(session, leader, 3600)
                async with promoting.transaction():
                    await promoting.fetch("select from segment where number < 5 for share")
                    async with asyncio.timeout(5):
                        assert await leading.turn()
                    assert await owned() == list(range(5, 64))
                await leading.turn()
                assert await owned() == list(range(64))

    asyncio.run(scenario())
