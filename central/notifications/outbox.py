"""The outbox: rows that were written in the transaction that caused them, handed to the queue in batches.

A row says when somebody is to look at it next: at once when it is written, later when an attempt failed, and when
whoever has it in hand has had long enough. So what a dead worker had goes to another one, and a batch that got lost is
made again. `claim` is the fence: only who has the row in hand may say what became of it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from central.jobs.promoting import DEFER

MOST_A_BATCH = 50
LEASE_S = 120.0  # to deliver one; longer than any attempt may take
_MOST_A_TURN = 1000
_IN_QUEUE_S = 300.0  # then nobody knows of its batch any more
_FIRST_PAUSES_S = (60, 300, 900, 3600, 3 * 3600)
_LAST_PAUSE_S = 6 * 3600
_JITTER = 0.2

_DUE = """
    select id, state, attempts, {priority} as priority from {table} where due_at <= now() and {only}
    order by due_at limit {most} for update skip locked
"""
_QUEUE = """
    update {table} o set state = 'queued', batch = t.batch, claim = null, due_at = now() + make_interval(secs => $3)
    from unnest($1::uuid[], $2::uuid[]) as t (id, batch) where o.id = t.id
"""
_CLAIM = """
    update {table} set state = 'sending', claim = $2, attempts = attempts + 1,
        due_at = clock_timestamp() + make_interval(secs => $3)
    where id = (select id from {table} where batch = $1 and state = 'queued' order by id limit 1
        for update skip locked)
    returning *
"""


@dataclass(frozen=True, slots=True)
class Outbox:
    """`priority`: an SQL expression over a row, more is sooner. `on_lost`: SQL for $1, the ids of those that somebody
    had in hand for too long. `most_attempts`: then it is given up."""

    table: str
    queue: str
    task: str
    most_attempts: int
    priority: str = "0"
    on_lost: str = ""

    async def take(self, connection: asyncpg.Connection, *, only: str = "true", arguments: Sequence[Any] = ()) -> int:
        """What is due goes to the queue, a task a batch, in the caller's transaction. How many were due."""
        due = await connection.fetch(
            _DUE.format(table=self.table, priority=self.priority, only=only, most=_MOST_A_TURN), *arguments
        )
        lost = [row["id"] for row in due if row["state"] == "sending"]
        if lost and self.on_lost:
            await connection.execute(self.on_lost, lost)
        over = {row["id"] for row in due if row["state"] == "sending" and row["attempts"] >= self.most_attempts}
        if over:
            await connection.execute(
                f"update {self.table} set state = 'failed', due_at = null where id = any($1)", list(over)
            )
        await self._queue(connection, [row for row in due if row["id"] not in over])
        return len(due)

    async def _queue(self, connection: asyncpg.Connection, rows: Sequence[asyncpg.Record]) -> None:
        together: dict[int, list[UUID]] = {}
        for row in rows:
            together.setdefault(row["priority"], []).append(row["id"])
        batches: dict[UUID, UUID] = {}
        priorities: dict[UUID, int] = {}
        for priority, ids in together.items():
            for start in range(0, len(ids), MOST_A_BATCH):
                batch = uuid4()
                priorities[batch] = priority
                batches |= dict.fromkeys(ids[start : start + MOST_A_BATCH], batch)
        if batches:
            await connection.execute(
                _QUEUE.format(table=self.table), list(batches), list(batches.values()), _IN_QUEUE_S
            )
            await self.defer(connection, priorities)

    async def defer(self, connection: asyncpg.Connection, priorities: dict[UUID, int]) -> None:
        await connection.execute(DEFER, list(priorities), list(priorities.values()), self.queue, self.task)

    async def claim(self, connection: asyncpg.Connection, batch: UUID) -> asyncpg.Record | None:
        """The next of the batch, with a claim of its own; None: nothing is left of it."""
        return await connection.fetchrow(_CLAIM.format(table=self.table), batch, uuid4(), LEASE_S)

    def pause(self, attempts: int) -> timedelta | None:
        """Until the next attempt, after so many; None: it is given up."""
        if attempts >= self.most_attempts:
            return None
        pauses = (*_FIRST_PAUSES_S, _LAST_PAUSE_S)
        seconds = pauses[min(attempts, len(pauses)) - 1]
        return timedelta(seconds=seconds * random.uniform(1 - _JITTER, 1 + _JITTER))
