"""Schedulers and workers over a real database, in one loop, with kinds of jobs that tests can watch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, TypeVar, cast
from uuid import UUID

from pydantic import BaseModel

from central.accounts.roles import AccountRole
from central.database import Database
from central.jobs import jobs
from central.jobs.jobs import Wish
from central.jobs.kinds import Kind, Kinds
from central.jobs.running import Run
from central.jobs.schedules import Cron, Every, Once
from central.jobs.scheduling import Scheduler
from central.jobs.working import Worker
from central.services import Services

BEAT_S = 0.1
Node = TypeVar("Node", Scheduler, Worker)
Work = Callable[[Run], Awaitable[None]]


class Anything(BaseModel, extra="allow"):
    pass


def kind(name: str, work: Work) -> Kind:
    async def do(_: Services, run: Run) -> None:
        await work(run)

    return Kind(name, f"A test's {name}.", Anything, do, frozenset(AccountRole))


@dataclass
class Engine:
    database: Database
    url: str
    kinds: Kinds
    beat_s: float
    tasks: dict[UUID, asyncio.Task[None]] = field(default_factory=dict)

    def schedule(self) -> Scheduler:
        return self._started(Scheduler(self.database, self.url, "here", self.beat_s))

    def work(self, **options: Any) -> Worker:
        services = cast(Services, SimpleNamespace(database=self.database))
        return self._started(Worker(services, self.url, self.kinds, "here", self.beat_s, **options))

    def _started(self, node: Node) -> Node:
        self.tasks[node.id] = asyncio.create_task(node.run())
        return node

    async def stop(self, node: Scheduler | Worker) -> None:
        """As a SIGTERM does."""
        task = self.tasks.pop(node.id)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def submit(self, type_: str, schedule: Once | Every | Cron | None = None, **wish: Any) -> UUID:
        wanted = Wish(type_, type_, wish.pop("payload", {}), schedule or Once(), **{"retry_after_s": [1], **wish})
        return await self.database.write(lambda connection: jobs.submit(connection, None, wanted, datetime.now(UTC)))

    async def executions(self, job: UUID) -> list[tuple[int, str, str]]:
        rows = await self.database.pool.fetch(
            "select attempt, state, error from job_execution where job = $1 order by id", job
        )
        return [tuple(row) for row in rows]

    async def state(self, job: UUID) -> str:
        found: str = await self.database.pool.fetchval("select state from job where id = $1", job)
        return found

    async def until(self, claim: Callable[[], Awaitable[object]], within_s: float = 20) -> None:
        async with asyncio.timeout(within_s):
            while not await claim():
                await asyncio.sleep(0.02)

    async def until_ended(self, job: UUID) -> None:
        async def has_ended() -> bool:
            return await self.state(job) in ("completed", "failed", "cancelled")

        await self.until(has_ended)


@asynccontextmanager
async def engine(url: str, *kinds: Kind, beat_s: float = BEAT_S) -> AsyncIterator[Engine]:
    """`beat_s`: long where a test counts attempts, which a worker gives back that is too slow for two and a half."""
    async with Database.open(url) as database:
        running = Engine(database, url, {kind.name: kind for kind in kinds}, beat_s)
        try:
            yield running
        finally:
            for task in running.tasks.values():
                task.cancel()
            await asyncio.gather(*running.tasks.values(), return_exceptions=True)
