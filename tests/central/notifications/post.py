"""The part of the worker that posts messages, over the database of a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg

from central import messages
from central.keys import CentralKeys
from central.notifications.posting import Posting
from central.notifications.settings import NotificationSettings, Smtp
from central.services import Services, services_of
from central.settings import Settings
from central.tills.hints import Hints
from tests.support.central import SEED
from tests.support.mailbox import Mailbox

BEAT_S = 0.1
SENDER = "tickets@royal.example"
PUBLIC_URL = "https://royal.example"


def through(box: Mailbox, **others: Any) -> NotificationSettings:
    return NotificationSettings(Smtp("127.0.0.1", box.port, SENDER), **{"timeout_s": 5, **others})


@asynccontextmanager
async def services_at(
    database: str, settings: NotificationSettings, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> AsyncIterator[Services]:
    made = Settings(database, CentralKeys(SEED), now=now, public_url=PUBLIC_URL, notifications=settings)
    async with services_of(made, Hints()) as services:
        yield services


@asynccontextmanager
async def posting(services: Services, database: str, **options: Any) -> AsyncIterator[None]:
    """As a worker does, until the context ends."""
    post = Posting(services, database, services.notifications, BEAT_S, **options)
    task = asyncio.create_task(post.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(claim: Callable[[], Awaitable[object]], within_s: float = 20) -> None:
    async with asyncio.timeout(within_s):
        while not await claim():
            await asyncio.sleep(0.02)


async def written(
    services: Services, kind: str = "password_changed", address: str = "ada@example.org", **detail: Any
) -> None:
    async def write(connection: asyncpg.Connection) -> None:
        await messages.write(
            *(connection, kind, services.now()), account=None, address=address, language="en", detail=detail
        )

    await services.database.write(write)


async def settled(services: Services, count: int = 1) -> None:
    """So many messages are done with."""

    async def are() -> bool:
        found: int = await services.database.pool.fetchval("select count(*) from message where due_at is null")
        return found == count

    await until(are)


async def states(services: Services) -> list[tuple[str, int]]:
    rows = await services.database.pool.fetch("select state, attempts from message order by id")
    return [tuple(row) for row in rows]


async def outcomes(services: Services) -> list[str]:
    rows = await services.database.pool.fetch("select outcome from message_delivery order by id")
    return [row["outcome"] for row in rows]
