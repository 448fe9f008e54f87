"""Work that every node does again and again while it runs. Nodes do it side by side: the work itself sees to that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import httpx
import structlog

from central.database import LOST

_AWAY = (*LOST, asyncpg.PostgresError, httpx.HTTPError)
_log = structlog.get_logger("central.upkeep")


@asynccontextmanager
async def repeating(
    name: str, work: Callable[[], Awaitable[object]], every_s: float, *, at_once: bool = True
) -> AsyncIterator[None]:
    """Meanwhile, with a pause of so many seconds after each time. `name` says in the log what could not be done."""

    async def run() -> None:
        if not at_once:
            await asyncio.sleep(every_s)
        while True:
            try:
                await work()
            except _AWAY as error:
                _log.warning("not done", work=name, error=repr(error))
            except Exception:
                _log.exception("bug", work=name)  # what breaks us once must not keep everything waiting for ever
            await asyncio.sleep(every_s)

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
