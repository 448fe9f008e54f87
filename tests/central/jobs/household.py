"""The house's jobs, run by a scheduler and a worker of this process over a running central's database and clock."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from central.counting import OFF
from central.jobs import jobs
from central.jobs.house import KINDS
from central.jobs.jobs import Wish
from central.jobs.schedules import Once
from central.jobs.scheduling import Scheduler
from central.jobs.working import Worker
from central.payments.settings import PaymentSettings
from central.services import Services, services_of
from central.settings import Settings
from central.tills.hints import Hints
from tests.support.central import RunningCentral

_BEAT_S, _LOOK_S = 0.3, 0.02
_IS_OVER = """
    select not exists (select from job_execution e where e.job = j.id and e.state in ('queued', 'running', 'waiting'))
        and case j.schedule ->> 'kind' when 'once' then j.state <> 'active' else s.next_run_at is null
            or s.next_run_at > now() end
    from job j join job_schedule s on s.job = j.id where j.id = $1
"""


@dataclass(frozen=True)
class Done:
    """`states` of the attempts, and what they noted."""

    job: UUID
    state: str
    states: list[str]
    logs: list[tuple[str, str]]

    @property
    def said(self) -> str:
        return "\n".join(message for _, message in self.logs)


def done(
    central: RunningCentral,
    kind: str,
    payload: dict[str, Any] | None = None,
    *,
    payments: PaymentSettings | None = None,
    **wish: Any,
) -> Done:
    """Submitted by the house, due now, run to its end."""
    wanted = Wish(kind, kind, payload or {}, Once(), **{"max_retries": 0, **wish})

    async def go() -> Done:
        async with services_of(_settings(central, payments), Hints()) as services:
            now = datetime.now(UTC)
            job = await services.database.write(lambda connection: jobs.submit(connection, None, wanted, now))
            return await _run(services, central.database, job)

    return asyncio.run(go())


def went_on(central: RunningCentral, job: str) -> Done:
    """One that the API submitted, made due and run once: to the end of its attempt when it comes again."""

    async def go() -> Done:
        async with services_of(_settings(central, None), Hints()) as services:
            await services.database.pool.execute(
                "update job_schedule set next_run_at = now() where job = $1", UUID(job)
            )
            return await _run(services, central.database, UUID(job))

    return asyncio.run(go())


def _settings(central: RunningCentral, payments: PaymentSettings | None) -> Settings:
    return Settings(
        *(central.database, central.keys, lambda: central.clock[0]),
        limits=OFF,
        payments=payments or PaymentSettings(),
    )


async def _run(services: Services, url: str, job: UUID) -> Done:
    nodes = (
        Scheduler(services.database, url, "here", _BEAT_S),
        Worker(services, url, KINDS, "here", _BEAT_S, drain_s=1),
    )
    tasks = [asyncio.create_task(node.run()) for node in nodes]
    pool = services.database.pool
    try:
        async with asyncio.timeout(60):
            while not await pool.fetchval(_IS_OVER, job):
                assert not any(task.done() for task in tasks), "a node ended"
                await asyncio.sleep(_LOOK_S)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    state = await pool.fetchval("select state from job where id = $1", job)
    states = await pool.fetch("select state from job_execution where job = $1 order by id", job)
    logs = await pool.fetch("select level, message from job_log where job = $1 order by id", job)
    return Done(*(job, state, [row["state"] for row in states]), logs=[(row["level"], row["message"]) for row in logs])
