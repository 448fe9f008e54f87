"""One process that schedules and works: as many as one likes, on as many machines."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Iterable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace

from central.database import opened
from central.jobs.house import KINDS, recurring
from central.jobs.kinds import Kinds
from central.jobs.measuring import WorkerMetrics
from central.jobs.scheduling import Scheduler
from central.jobs.working import Worker
from central.notifications.posting import Posting
from central.services import Services, services_of
from central.serving import PortTaken, Serving, Stop, database_of, prepare, settings_of
from central.tills.hints import Hints
from central.upkeep import repeating

_PUT_EVERY_S = 60.0  # some wait for the first venue


@dataclass(frozen=True, slots=True)
class Working:
    """`capacity`: jobs at a time. `beat_s`: how often it says that it lives. `metrics_port`: of this machine, where it
    shows its figures; None: nowhere."""

    schedules: bool = True
    works: bool = True
    capacity: int = 20
    beat_s: float = 2.0
    drain_s: float = 30.0
    metrics_port: int | None = None


async def work(node: Serving, wanted: Working, kinds: Kinds = KINDS) -> None:
    """Until SIGTERM or SIGINT; then it takes nothing new and ends what it has in hand, or hands it on."""
    stop = Stop()
    if node.stop_with_stdin:
        stop.with_stdin()
    metrics = WorkerMetrics()
    with stop.listening(), _showing(metrics, wanted.metrics_port):
        settings = settings_of(node)
        async with database_of(node.data, node.database, join=True) as url:
            async with opened(url) as connection:
                await prepare(connection, settings.keys)
            async with AsyncExitStack() as stack:
                if settings.traces is not None:
                    stack.push_async_callback(settings.traces.close)
                services = await stack.enter_async_context(services_of(replace(settings, database=url), Hints()))

                async def put() -> None:
                    await services.database.write(lambda connection: recurring.put(connection, kinds, services.now()))

                await put()
                await stack.enter_async_context(repeating("jobs of the house", put, _PUT_EVERY_S, at_once=False))
                print("ready", flush=True)  # noqa: T201  (what a starter waits for)
                with suppress(asyncio.CancelledError):
                    await _all(_parts(services, url, wanted, kinds, metrics))


@contextmanager
def _showing(metrics: WorkerMetrics, port: int | None) -> Iterator[None]:
    """Meanwhile, unless there is no port. Raises PortTaken."""
    with ExitStack() as stack:
        try:
            if port is not None:
                stack.enter_context(metrics.served(port))
        except OSError as error:
            raise PortTaken(
                f"Port {port} of 127.0.0.1 cannot be used: {error.strerror or error}.",
                "Stop the program that has it, or choose another with --metrics-port.",
            ) from error
        yield


def _parts(
    services: Services, url: str, wanted: Working, kinds: Kinds, metrics: WorkerMetrics
) -> Iterable[Awaitable[None]]:
    address = f"{socket.gethostname()}:{os.getpid()}"
    if wanted.schedules:
        yield Scheduler(services.database, url, address, wanted.beat_s).run()
    if wanted.works:
        worker = Worker(
            *(services, url, kinds, address, wanted.beat_s),
            capacity=wanted.capacity,
            drain_s=wanted.drain_s,
            metrics=metrics,
        )
        yield worker.run()
        posting = Posting(services, url, services.notifications, wanted.beat_s, drain_s=wanted.drain_s)
        yield posting.run()


async def _all(parts: Iterable[Awaitable[None]]) -> None:
    """Side by side; when one ends or this is cancelled, all are, and each is waited for."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:
        task.result()
