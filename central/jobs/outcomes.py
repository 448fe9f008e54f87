"""How attempts end, written for many at a time: while one statement is on its way, the next ones gather."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import asyncpg
import structlog

from central.database import LOST, Database

_PAUSE_S = 1.0
_log = structlog.get_logger("central.jobs")


class End(StrEnum):
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Outcome:
    execution: int
    end: End
    error: str = ""


class Outcomes:
    def __init__(self, database: Database, worker: UUID) -> None:
        self._database, self._worker = database, worker
        self._waiting: list[tuple[Outcome, asyncio.Future[None]]] = []
        self._some = asyncio.Event()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._write_on())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def settle(self, outcome: Outcome) -> None:
        """Returns when it is in the database, or the attempt is not this worker's any more."""
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((outcome, written))
        self._some.set()
        await written

    async def _write_on(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            waiting, self._waiting = self._waiting, []
            try:
                await self._write([outcome for outcome, _ in waiting])
            except (*LOST, asyncpg.PostgresError) as error:
                _log.warning("outcomes not written", error=repr(error), count=len(waiting))
                self._waiting = waiting + self._waiting
                self._some.set()
                await asyncio.sleep(_PAUSE_S)
                continue
            for _, written in waiting:
                if not written.done():
                    written.set_result(None)

    async def _write(self, outcomes: list[Outcome]) -> None:
        await self._database.pool.fetch(
            "select * from settle_executions($1, $2, $3, $4)",
            *(self._worker, [outcome.execution for outcome in outcomes], [str(outcome.end) for outcome in outcomes]),
            [outcome.error for outcome in outcomes],
        )
