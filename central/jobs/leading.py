"""The leader: one scheduler that shares out the segments and looks after the others and the workers.

It is whoever holds an advisory lock on a session of its own. A leader that dies loses its session and with it the
lock. One that hangs keeps both: the others see that its row is old and end its session, and what it still sends goes
nowhere, because all it does as leader it does on that session.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg
import structlog

_LOCK = 0x6C656164
_LAG_IS_LOAD_S = 5.0  # a scheduler that is so late gives some of its segments away
MOST_LOSSES = 10  # of workers, by one run: it is the job that ends them
_SILENT = "Its worker did not answer any more."
_KEPT_AFTER = timedelta(days=7)
_log = structlog.get_logger("central.jobs")


class Leading:
    """`session` is used for nothing else. `beat_s`: how often everybody says that they live; three missed, and they
    do not."""

    def __init__(self, session: asyncpg.Connection, scheduler: UUID, beat_s: float) -> None:
        self._session, self._scheduler = session, scheduler
        self._missed = timedelta(seconds=3 * beat_s)
        self.term: int | None = None

    async def turn(self) -> bool:
        """Lead, if nobody else does. Whether this scheduler leads."""
        if self.term is None and not await self._elected():
            return False
        await self._session.execute("update leader set last_heartbeat = clock_timestamp()")
        await self._session.execute(
            "delete from scheduler where last_heartbeat < clock_timestamp() - $1::interval", self._missed
        )
        await self._share_out()
        await self._look_after_workers()
        return True

    async def _elected(self) -> bool:
        if not await self._session.fetchval("select pg_try_advisory_lock($1)", _LOCK):
            await self._end_hung()
            return False
        self.term = await self._session.fetchval(
            "insert into leader (scheduler, term, last_heartbeat) values ($1, 1, clock_timestamp())"
            " on conflict (only_row) do update set scheduler = $1, term = leader.term + 1,"
            " last_heartbeat = clock_timestamp() returning term",
            self._scheduler,
        )
        _log.info("leads", scheduler=str(self._scheduler), term=self.term)
        return True

    async def _end_hung(self) -> None:
        """The session of a leader that holds the lock and has missed its heartbeats."""
        ended = await self._session.fetch(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = $1 and granted"
            " and database = (select oid from pg_database where datname = current_database())"
            " and exists (select from leader where last_heartbeat < clock_timestamp() - $2::interval)",
            *(_LOCK, self._missed),
        )
        if ended:
            _log.warning("leader hangs: its session was ended")

    async def _share_out(self) -> None:
        """Every segment to a live scheduler, as evenly as their lag allows; as few as can be change hands."""
        schedulers = await self._session.fetch("select id, lag_s from scheduler order by id")
        segments = await self._session.fetch("select number, scheduler from segment order by number")
        owners = {row["number"]: row["scheduler"] for row in segments}
        wanted = shared_out(owners, {row["id"]: row["lag_s"] for row in schedulers})
        moved = {number: owner for number, owner in wanted.items() if owners[number] != owner}
        if moved:
            await self._session.execute(
                # one that is being promoted changes hands in a later turn: nobody waits for whoever hangs
                "update segment s set scheduler = t.scheduler from unnest($1::smallint[], $2::uuid[])"
                " as t (number, scheduler) where s.number = t.number and s.number in"
                " (select number from segment where number = any($1) for update skip locked)",
                *(list(moved), list(moved.values())),
            )
            _log.info("segments move", count=len(moved))

    async def _look_after_workers(self) -> None:
        silent = await self._session.fetch(
            "update worker set state = 'unhealthy', load = 0 where state in ('healthy', 'draining')"
            " and last_heartbeat < clock_timestamp() - $1::interval returning id",
            self._missed,
        )
        for row in silent:
            count = await self._session.fetchval("select lose_executions($1, $2, $3)", row["id"], MOST_LOSSES, _SILENT)
            _log.warning("worker silent", worker=str(row["id"]), lost=count)
        await self._session.execute(
            "delete from worker where state in ('unhealthy', 'gone')"
            " and last_heartbeat < clock_timestamp() - $1::interval",
            _KEPT_AFTER,
        )


def shared_out(owners: dict[int, UUID | None], lags: dict[UUID, float]) -> dict[int, UUID | None]:
    """Who is to have which segment. `lags`: the live schedulers, and how many seconds each is behind."""
    if not lags:
        return dict.fromkeys(owners)
    quotas = _quotas(len(owners), lags)
    kept: dict[UUID, int] = dict.fromkeys(lags, 0)
    wanted: dict[int, UUID | None] = {}
    for number, owner in owners.items():
        if owner in quotas and kept[owner] < quotas[owner]:
            kept[owner] += 1
            wanted[number] = owner
    free = itertools.chain.from_iterable([owner] * (quotas[owner] - kept[owner]) for owner in quotas)
    return {number: wanted[number] if number in wanted else next(free) for number in owners}


def _quotas(segments: int, lags: dict[UUID, float]) -> dict[UUID, int]:
    """An equal share each; half of it for those who are late while others are not."""
    late = {owner for owner, lag_s in lags.items() if lag_s > _LAG_IS_LOAD_S}
    weights = {owner: 1 if late != set(lags) and owner in late else 2 for owner in lags}
    total = sum(weights.values())
    quotas = {owner: segments * weight // total for owner, weight in weights.items()}
    for owner in _lightest(quotas, late)[: segments - sum(quotas.values())]:
        quotas[owner] += 1
    return quotas


def _lightest(quotas: dict[UUID, int], late: set[UUID]) -> Sequence[UUID]:
    return sorted(quotas, key=lambda owner: (owner in late, quotas[owner], owner.int))
