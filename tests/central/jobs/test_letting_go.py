"""A worker that let go of a job, and lives on, sees to it that the job goes on elsewhere."""

from __future__ import annotations

import asyncio

from central.jobs.running import Run
from tests.central.jobs.engine import engine, kind


def test_what_a_worker_let_go_because_it_could_not_say_that_it_lives_goes_on(database: str) -> None:
    async def scenario() -> None:
        waiting = asyncio.Event()

        async def wait(run: Run) -> None:
            if run.attempt == 1:
                waiting.set()
                await asyncio.sleep(60)

        async with engine(database, kind("wait", wait)) as running:
            running.schedule()
            worker = running.work()
            job = await running.submit("wait")
            await waiting.wait()
            worker._let_go()  # as when the database did not answer for too long
            await running.until_ended(job)
            assert [(attempt, state) for attempt, state, _ in await running.executions(job)] == [
                (1, "lost"),
                (2, "completed"),
            ]

    asyncio.run(scenario())


def test_a_job_that_is_cancelled_between_two_beats_and_looks_first_is_cancelled(database: str) -> None:
    async def scenario() -> None:
        async def look(run: Run) -> None:
            await running.database.pool.execute(
                "update job_execution set is_to_stop = true where id = $1", run.execution
            )
            await run.keep()

        async with engine(database, kind("look", look)) as running:
            running.schedule()
            running.work()
            job = await running.submit("look")

            async def is_cancelled() -> bool:
                return [state for _, state, _ in await running.executions(job)] == ["cancelled"]

            await running.until(is_cancelled)

    asyncio.run(scenario())
