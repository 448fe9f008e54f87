"""The way to PostgreSQL: a pool, and transactions that are tried again when PostgreSQL says that is all they need."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar
from urllib.parse import urlsplit

import asyncpg

from boxoffice.domain.refusals import Refused
from central.tracing import Traces

T = TypeVar("T")
LOST = (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""A connection that broke. The last one is what asyncpg says when the server's farewell was on its way as a query
began. A time-out is an OSError."""
_TRIES = 4
_CONNECT_TIMEOUT_S = 10


class DatabaseUnreachable(Refused):
    code = "database_unreachable"

    def __init__(self, url: str, error: BaseException) -> None:
        where = urlsplit(url)
        said = str(error) or type(error).__name__
        super().__init__(
            f"The database at {where.hostname or 'localhost'}:{where.port or 5432} cannot be used: {said}.",
            "Start it or correct --database; without --database central brings its own.",
        )


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[asyncpg.Connection]:
    """One connection, for a command. Raises DatabaseUnreachable."""
    try:
        connection = await asyncpg.connect(url, timeout=_CONNECT_TIMEOUT_S)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseUnreachable(url, error) from error
    try:
        yield connection
    finally:
        await connection.close()


class Database:
    """Functions given to `write` may run more than once; they must keep their effects in the transaction."""

    def __init__(self, pool: asyncpg.Pool, url: str) -> None:
        self.pool, self.url = pool, url

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, connections: int = 10, traces: Traces | None = None) -> AsyncIterator[Database]:
        async def tell(connection: asyncpg.Connection) -> None:
            if traces is not None:
                connection.add_query_logger(traces.asked)

        pool = await asyncpg.create_pool(
            url, min_size=2, max_size=connections, command_timeout=60, init=tell, reset=_nothing_to_reset
        )
        try:
            yield cls(pool, url)
        finally:
            try:
                await asyncio.wait_for(pool.close(), 10)
            except TimeoutError:
                pool.terminate()

    async def write(self, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        """One READ COMMITTED transaction; a deadlock is tried again."""
        for left in reversed(range(_TRIES)):
            try:
                async with self.pool.acquire() as connection, connection.transaction():
                    return await work(connection)
            except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
                if not left:
                    raise
        raise AssertionError

    async def read(self, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        """One read-only REPEATABLE READ transaction: everything read is of one moment."""
        async with (
            self.pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await work(connection)


async def _nothing_to_reset(_: asyncpg.Connection) -> None:
    """No statement here leaves a setting, a listener or a session lock behind: two trips to the server saved."""
