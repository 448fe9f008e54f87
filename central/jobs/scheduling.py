"""One scheduler: says that it lives, leads if nobody else does, and promotes what is due in its segments."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID, uuid4

import asyncpg
import structlog

from central.database import LOST, Database
from central.jobs.leading import Leading
from central.jobs.promoting import promote

_AWAY = (*LOST, asyncpg.PostgresError)
_log = structlog.get_logger("central.jobs")


class Scheduler:
    def __init__(self, database: Database, url: str, address: str, beat_s: float) -> None:
        self.id: UUID = uuid4()
        self._database, self._url, self._address, self._beat_s = database, url, address, beat_s
        self._lag_s = 0.0

    async def run(self) -> None:
        """Until it is cancelled."""
        leading, promoting = asyncio.create_task(self._lead()), asyncio.create_task(self._promote())
        try:
            await asyncio.gather(leading, promoting)
        finally:
            for task in (leading, promoting):
                task.cancel()
            await asyncio.gather(leading, promoting, return_exceptions=True)
            with suppress(*_AWAY):  # then the leader finds out by itself
                await self._database.pool.execute("delete from scheduler where id = $1", self.id)

    async def _promote(self) -> None:
        while True:
            try:
                done = await promote(self._database, self.id)
                self._lag_s = done.lag_s
                if done.is_all:
                    await asyncio.sleep(self._beat_s / 2)
            except _AWAY as error:
                _log.warning("not promoted", error=repr(error))
                await asyncio.sleep(self._beat_s)

    async def _lead(self) -> None:
        while True:
            try:
                async with self._session() as session:
                    leading = Leading(session, self.id, self._beat_s)
                    while True:
                        await self._beat()
                        await leading.turn()
                        await asyncio.sleep(self._beat_s)
            except _AWAY as error:
                _log.warning("session lost", error=repr(error))
                await asyncio.sleep(self._beat_s)

    async def _beat(self) -> None:
        await self._database.pool.execute(
            "insert into scheduler (id, address, lag_s) values ($1, $2, $3) on conflict (id) do update"
            " set last_heartbeat = clock_timestamp(), lag_s = $3",
            *(self.id, self._address, self._lag_s),
        )

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[asyncpg.Connection]:
        session = await asyncpg.connect(self._url, timeout=10, command_timeout=10)
        try:
            yield session
        finally:
            await session.close(timeout=2)
