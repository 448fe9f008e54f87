"""Hints: `this performance moved on`. Told to the streams here at once, and to other nodes by NOTIFY in small batches.

NOTIFY inside the transactions would make their commits wait for each other. A hint may be lost, because the pull is the
truth, so it goes out after them.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import asyncpg
import structlog

from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.protocol import Hint
from central.database import LOST

CHANNEL = "boxoffice_hints"
CATALOGUE = PerformanceId(0)
HEARTBEAT_S = 15.0
_BATCH_EVERY_S = 0.05
_MOST_A_NOTIFY = 200  # a payload is at most 8,000 bytes
_RECONNECT_AFTER_S = 1.0
_log = structlog.get_logger("central")


class Hints:
    """One node's fan-out. All methods run on the event loop."""

    def __init__(self) -> None:
        self._node = secrets.token_hex(4)
        self._streams: set[_Stream] = set()
        self._outgoing: dict[int, int] = {}
        self._wake = asyncio.Event()
        self.closed = False

    def tell(self, heads: Mapping[PerformanceId, int]) -> None:
        """After the commit that moved these heads."""
        self._fan_out(heads)
        for performance, head in heads.items():
            self._outgoing[performance] = max(head, self._outgoing.get(performance, 0))
        self._wake.set()

    def close(self) -> None:
        """End every stream, so that a shutdown does not wait for them."""
        self.closed = True
        for stream in self._streams:
            stream.wake.set()

    async def stream(self) -> AsyncIterator[str]:
        """Server-sent events for one till, until it goes or `close()`. Heads of one performance are merged."""
        stream = _Stream()
        self._streams.add(stream)
        try:
            yield "retry: 1000\n: hello\n\n"
            while not self.closed:
                try:
                    async with asyncio.timeout(HEARTBEAT_S):
                        await stream.wake.wait()
                except TimeoutError:
                    yield ": heartbeat\n\n"
                    continue
                stream.wake.clear()
                heads, stream.heads = stream.heads, {}
                if heads:
                    hints = (Hint(performance=PerformanceId(key), head=head) for key, head in heads.items())
                    yield "".join(f"event: hint\ndata: {hint.model_dump_json()}\n\n" for hint in hints)
        finally:
            self._streams.discard(stream)

    @asynccontextmanager
    async def running(self, url: str, pool: asyncpg.Pool) -> AsyncIterator[None]:
        """Keep the exchange with other nodes going meanwhile."""
        tasks = [asyncio.create_task(self._send(pool)), asyncio.create_task(self._listen(url))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _fan_out(self, heads: Mapping[PerformanceId, int]) -> None:
        for stream in self._streams:
            for performance, head in heads.items():
                stream.heads[performance] = max(head, stream.heads.get(performance, 0))
            stream.wake.set()

    async def _send(self, pool: asyncpg.Pool) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(_BATCH_EVERY_S)
            self._wake.clear()
            heads, self._outgoing = self._outgoing, {}
            pairs = list(heads.items())
            with suppress(*LOST, asyncpg.PostgresError):
                for start in range(0, len(pairs), _MOST_A_NOTIFY):
                    message = {"node": self._node, "heads": pairs[start : start + _MOST_A_NOTIFY]}
                    await pool.execute("select pg_notify($1, $2)", CHANNEL, json.dumps(message))

    async def _listen(self, url: str) -> None:
        def received(_: object, __: int, ___: str, payload: str) -> None:
            message = json.loads(payload)
            if message["node"] != self._node:
                self._fan_out({PerformanceId(performance): head for performance, head in message["heads"]})

        while True:
            try:
                connection = await asyncpg.connect(url, timeout=10)
                ended = asyncio.Event()
                connection.add_termination_listener(lambda _, ended=ended: ended.set())
                try:
                    await connection.add_listener(CHANNEL, received)
                    self._fan_out({CATALOGUE: 0})  # whatever was missed meanwhile
                    await ended.wait()
                finally:
                    connection.terminate()
            except (*LOST, asyncpg.PostgresError) as error:
                _log.warning("hints from other nodes are away", error=repr(error))
            await asyncio.sleep(_RECONNECT_AFTER_S)


class _Stream:
    def __init__(self) -> None:
        self.wake = asyncio.Event()
        self.heads: dict[int, int] = {}


async def notify_all(connection: asyncpg.Connection, heads: Mapping[PerformanceId, int]) -> None:
    """For a process without streams of its own, such as the command line. In its transaction."""
    message = {"node": "", "heads": list(heads.items())}
    await connection.execute("select pg_notify($1, $2)", CHANNEL, json.dumps(message))
