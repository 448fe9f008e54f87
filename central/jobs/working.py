"""One worker: takes batches from the queue and runs what is in them, so many at a time.

It says every beat that it lives. When it cannot, for longer than it takes the leader to give it up, it stops what it
has in hand by itself, because that may be running elsewhere already.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from uuid import UUID, uuid4

import asyncpg
import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DeleteJobCondition

from boxoffice.domain.refusals import Refused
from central.accounts.roles import AccountRole
from central.database import LOST
from central.jobs import jobs
from central.jobs.kinds import Kind, Kinds
from central.jobs.leading import MOST_LOSSES
from central.jobs.measuring import WorkerMetrics
from central.jobs.outcomes import End, Outcome, Outcomes
from central.jobs.promoting import DEFER, QUEUE, RUN_BATCH
from central.jobs.running import Run, Superseded
from central.services import Services

_BATCHES = 4  # at a time
_PATIENCE_S = 5.0  # so long a batch waits for a worker that is full; then another worker may take it
_MOST_ERROR = 4000  # characters
_MISSED = 3  # heartbeats
_AWAY = (*LOST, asyncpg.PostgresError)
_log = structlog.get_logger("central.jobs")

_CLAIM = """
    update job_execution e set state = 'running', worker = $2, started_at = clock_timestamp()
    from job j
    where e.id in (select id from job_execution where batch = $1 and state = 'queued' order by id limit $3
            for update skip locked) and j.id = e.job
    returning e.id, e.job, e.due_at, e.attempt, e.checkpoint, j.owner, j.type, j.payload, j.time_limit_s,
        (select a.role from account a where a.id = j.owner and a.deleted_at is null) as role
"""
_NO_LONGER = "Whoever submitted it may not run such jobs any more."


class NoLonger(Exception):
    """Its owner may not run it."""


def queue_app(database: str) -> App:
    """The queue of this database; open it before use."""
    return App(connector=PsycopgConnector(conninfo=database, min_size=1, max_size=_BATCHES + 2))


@asynccontextmanager
async def opened_queue(app: App) -> AsyncIterator[None]:
    """Whoever is cancelled in the middle of opening it leaves nothing behind: the tasks of its pool do not end by being
    cancelled, and a process would wait for them for ever."""
    try:
        await app.open_async()
        yield
    finally:
        await app.close_async()


async def ended(app: App, taking: Collection[asyncio.Task[None]], within_s: float) -> None:
    """Wait until what was cancelled has ended. While the database is away that may be long: then the queue is closed,
    and what waits for it fails."""
    await asyncio.wait(taking, timeout=within_s)
    if not all(task.done() for task in taking):
        await app.close_async()
    await asyncio.gather(*taking, return_exceptions=True)


class Worker:
    """`capacity`: how many jobs at a time. `drain_s`: how long what is in hand may take once the worker is to stop."""

    def __init__(
        self,
        services: Services,
        url: str,
        kinds: Kinds,
        address: str,
        beat_s: float,
        *,
        capacity: int = 20,
        drain_s: float = 10,
        metrics: WorkerMetrics | None = None,
    ) -> None:
        self.id: UUID = uuid4()
        self._services, self._database = services, services.database
        self._url, self._kinds = url, kinds
        self._address, self._beat_s, self._capacity, self._drain_s = address, beat_s, capacity, drain_s
        self._free = asyncio.Semaphore(capacity)
        self._in_hand: dict[int, asyncio.Future[None]] = {}
        self._to_stop: set[int] = set()
        self._let_go_of: set[int] = set()
        self._beaten_at = time.monotonic()
        self._outcomes = Outcomes(self._database, self.id)
        self._metrics = metrics or WorkerMetrics()
        self._metrics.started(capacity)

    async def run(self) -> None:
        """Until it is cancelled; then it takes nothing new, and what it cannot end goes on elsewhere."""
        app = queue_app(self._url)
        app.task(name=RUN_BATCH, queue=QUEUE)(self._run_batch)
        await self._beat()
        async with self._outcomes.writing(), opened_queue(app):
            beating = asyncio.create_task(self._beat_on(app))
            taking = asyncio.create_task(
                app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=_BATCHES,
                    install_signal_handlers=False,
                    fetch_job_polling_interval=self._beat_s,
                    delete_jobs=DeleteJobCondition.ALWAYS,
                    update_heartbeat_interval=self._beat_s,
                    stalled_worker_timeout=_MISSED * self._beat_s,
                    shutdown_graceful_timeout=self._drain_s,
                )
            )
            try:
                await asyncio.shield(taking)
            finally:
                await self._drain(app, taking)
                beating.cancel()
                await asyncio.gather(beating, return_exceptions=True)
                with suppress(*_AWAY):  # then the leader finds out by itself
                    await self._hand_on("Its worker was stopped.")
                    await self._database.pool.execute(
                        "update worker set state = 'gone', load = 0 where id = $1", self.id
                    )

    async def _drain(self, app: App, taking: asyncio.Task[None]) -> None:
        with suppress(*_AWAY):
            await self._database.pool.execute("update worker set state = 'draining' where id = $1", self.id)
        taking.cancel()
        await asyncio.wait({taking}, timeout=self._drain_s)
        self._let_go()
        await ended(app, {taking}, _PATIENCE_S)

    # --- batches

    async def _run_batch(self, batch: str) -> None:
        running: set[asyncio.Task[None]] = set()
        while slots := await self._slots():
            runs = await self._claim(UUID(batch), slots)
            for _ in range(slots - len(runs)):
                self._free.release()
            if not runs:
                break
            running |= {asyncio.create_task(self._run(run)) for run in runs}
        else:
            await self._pass_on(batch)
        if running:
            await asyncio.wait(running)

    async def _slots(self) -> int:
        """As many as are free, once at least one is; 0 when none becomes free in good time."""
        try:
            await asyncio.wait_for(self._free.acquire(), _PATIENCE_S)
        except TimeoutError:
            return 0
        found = 1
        while not self._free.locked():
            await self._free.acquire()
            found += 1
        return found

    async def _claim(self, batch: UUID, most: int) -> Sequence[Run]:
        rows = await self._database.pool.fetch(_CLAIM, batch, self.id, most)
        return [
            Run(
                execution=row["id"],
                job=row["job"],
                owner=row["owner"],
                kind=row["type"],
                payload=json.loads(row["payload"]),
                due_at=row["due_at"],
                attempt=row["attempt"],
                time_limit_s=row["time_limit_s"],
                checkpoint=json.loads(row["checkpoint"]),
                worker=self.id,
                database=self._database,
                role=AccountRole(row["role"]) if row["role"] else None,
            )
            for row in rows
        ]

    async def _pass_on(self, batch: str) -> None:
        await self._database.pool.execute(DEFER, [UUID(batch)], [0], QUEUE, RUN_BATCH)

    # --- one attempt

    async def _run(self, run: Run) -> None:
        began = time.monotonic()
        self._metrics.begun()
        try:
            outcome = await self._outcome(run)
            self._metrics.ended(
                run.kind if run.kind in self._kinds else "unknown",
                str(outcome.end) if outcome else "let go",
                time.monotonic() - began,
            )
            if outcome is not None:
                await self._outcomes.settle(outcome)
        finally:
            self._free.release()

    async def _outcome(self, run: Run) -> Outcome | None:
        """None: it is not ours to say."""
        kind = self._kinds.get(run.kind)
        if kind is None:
            return Outcome(run.execution, End.FAILED, f"This release knows no jobs of the kind {run.kind}.")
        work = asyncio.ensure_future(self._work(kind, run))
        self._in_hand[run.execution] = work
        await asyncio.wait({work}, timeout=run.time_limit_s)
        is_late = not work.done()
        if is_late:
            work.cancel()
            await asyncio.wait({work})
        del self._in_hand[run.execution]
        try:
            work.result()
        except (asyncio.CancelledError, Superseded):
            if is_late:
                return Outcome(run.execution, End.FAILED, f"It took longer than {run.time_limit_s} seconds.")
            if run.execution in self._to_stop:
                self._to_stop.discard(run.execution)
                return Outcome(run.execution, End.CANCELLED)
            self._let_go_of.add(run.execution)
            return None
        except NoLonger as reason:
            return Outcome(run.execution, End.CANCELLED, str(reason))
        except Refused as refused:
            return Outcome(run.execution, End.FAILED, str(refused)[:_MOST_ERROR])
        except Exception as error:
            _log.exception("job failed", job=str(run.job), kind=run.kind, attempt=run.attempt)
            return Outcome(run.execution, End.FAILED, f"{type(error).__name__}: {error}"[:_MOST_ERROR])
        return Outcome(run.execution, End.COMPLETED)

    async def _work(self, kind: Kind, run: Run) -> None:
        if not kind.may_run(run):
            async with run.step() as connection:
                await jobs.hold_back(connection, run.job, _NO_LONGER)
            raise NoLonger(_NO_LONGER)
        await kind.work(self._services, run)

    # --- being alive

    async def _beat_on(self, app: App) -> None:
        while True:
            await asyncio.sleep(self._beat_s)
            try:
                if not await self._beat():
                    self._let_go()  # the leader has given this worker up: everything goes on elsewhere
                await self._stop_what_is_cancelled()
                await self._hand_on_what_was_let_go()
                await self._free_stalled(app)
            except (*_AWAY, ConnectorException) as error:
                _log.warning("no heartbeat", error=repr(error))
            if time.monotonic() - self._beaten_at > (_MISSED - 0.5) * self._beat_s:
                self._let_go()

    async def _beat(self) -> bool:
        """Whether it was still thought to be alive."""
        was = await self._database.pool.fetchval(
            "with before as (select state from worker where id = $1)"
            " insert into worker (id, address, capacity, load) values ($1, $2, $3, $4) on conflict (id) do update"
            " set last_heartbeat = clock_timestamp(), load = $4,"
            " state = case worker.state when 'draining' then 'draining' else 'healthy' end"
            " returning (select state from before)",
            *(self.id, self._address, self._capacity, len(self._in_hand)),
        )
        self._beaten_at = time.monotonic()
        return bool(was != "unhealthy")

    async def _stop_what_is_cancelled(self) -> None:
        rows = await self._database.pool.fetch(
            "select id from job_execution where worker = $1 and state = 'running' and is_to_stop", self.id
        )
        for row in rows:
            if (work := self._in_hand.get(row["id"])) is not None:
                self._to_stop.add(row["id"])
                work.cancel()

    async def _free_stalled(self, app: App) -> None:
        """Batches that a dead worker had taken from the queue are there for another one again."""
        stalled = await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=_MISSED * self._beat_s)
        for task in stalled:
            await app.job_manager.retry_job(task)

    async def _hand_on_what_was_let_go(self) -> None:
        """Nobody else knows that these have stopped, unless the leader gave this worker up before."""
        mine = list(self._let_go_of)
        if not mine:
            return
        await self._database.pool.execute(
            "update job_execution set state = 'cancelled', ended_at = clock_timestamp()"
            " where id = any($1) and worker = $2 and state = 'running' and is_to_stop",
            *(mine, self.id),
        )
        await self._database.pool.execute(
            "select lose_executions($1, $2, $3, $4)",
            *(self.id, MOST_LOSSES, "Its worker could not say for a while that it lives.", mine),
        )
        self._let_go_of.difference_update(mine)

    def _let_go(self) -> None:
        for work in self._in_hand.values():
            work.cancel()

    async def _hand_on(self, why: str) -> None:
        await self._database.pool.execute("select lose_executions($1, $2, $3)", self.id, MOST_LOSSES, why)
