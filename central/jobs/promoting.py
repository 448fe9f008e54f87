"""Promotion: what is due in the segments of one scheduler goes to the workers, in batches, in one transaction.

A batch is one task of the queue: the queue stays short however many jobs are due, and jobs of the future are not in it
at all. The transaction holds the rows of its segments, so a segment cannot change hands in the middle of it; and a
scheduler that was away comes back to segments that are another's, and promotes nothing of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from central.database import Database
from central.jobs.schedules import next_run, schedule_from_json

QUEUE, RUN_BATCH = "jobs", "run_batch"
MOST_A_BATCH = 200
MOST_A_TURN = 100  # jobs a segment
_WEDGED_S = 5  # whoever stops in the middle of a promotion gives its segments up after so long

_MINE = "select number from segment where scheduler = $1 order by number for share"
_DUE = """
    select s.job, s.segment, s.next_run_at as due_at, j.schedule, j.priority, j.state
    from unnest($1::smallint[]) as mine (number)
    cross join lateral (
        select * from job_schedule where segment = mine.number and next_run_at <= now()
        order by next_run_at limit $2 for update skip locked
    ) s join job j on j.id = s.job
"""
_QUEUED = """
    insert into job_execution (job, segment, priority, due_at, state, batch, queued_at)
    select job, segment, priority, due_at, 'queued', batch, now()
    from unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::timestamptz[], $5::uuid[])
        as t (job, segment, priority, due_at, batch)
    on conflict (job) where state in ('queued', 'running', 'waiting') do nothing returning job
"""
_NEXT = """
    update job_schedule s set last_run_at = s.next_run_at, next_run_at = t.next_run_at
    from unnest($1::uuid[], $2::timestamptz[]) as t (job, next_run_at) where s.job = t.job
"""
_SKIPPED = """
    insert into job_log (job, level, message)
    select job, 'warning', 'Not run at ' || due_at || ': the run before still goes on.'
    from unnest($1::uuid[], $2::timestamptz[]) as t (job, due_at)
"""
_AGAIN = """
    select id, segment, priority from job_execution
    where segment = any($1::smallint[]) and state = 'waiting' and retry_at <= now()
    order by retry_at limit $2 for update skip locked
"""
DEFER = """
    select procrastinate_defer_jobs_v1(array_agg(
        row($3, $4, priority, null, null, jsonb_build_object('batch', batch), null)::procrastinate_job_to_defer_v1))
    from unnest($1::uuid[], $2::integer[]) as t (batch, priority)
"""


@dataclass(frozen=True, slots=True)
class Promoted:
    """`lag_s`: how late the oldest was, 0 when nothing was due. `is_all`: nothing more is due now."""

    count: int
    lag_s: float
    is_all: bool


async def promote(database: Database, scheduler: UUID) -> Promoted:
    """What is due now in the segments of this scheduler, at most MOST_A_TURN of each."""
    return await database.write(lambda connection: _promote(connection, scheduler))


async def _promote(connection: asyncpg.Connection, scheduler: UUID) -> Promoted:
    await connection.execute(f"set local idle_in_transaction_session_timeout = '{_WEDGED_S}s'")
    mine = [row["number"] for row in await connection.fetch(_MINE, scheduler)]
    if not mine:
        return Promoted(0, 0, is_all=True)
    now: datetime = await connection.fetchval("select now()")
    rows = await connection.fetch(_DUE, mine, MOST_A_TURN)
    again = await connection.fetch(_AGAIN, mine, MOST_A_TURN * len(mine))
    await _run(connection, rows, now)
    await _run_again(connection, again)
    oldest = min((row["due_at"] for row in rows), default=now)
    most = max(Counter(row["segment"] for row in rows).values(), default=0)
    return Promoted(len(rows) + len(again), (now - oldest).total_seconds(), is_all=most < MOST_A_TURN)


async def _run(connection: asyncpg.Connection, rows: Sequence[asyncpg.Record], now: datetime) -> None:
    if not rows:
        return
    following = [next_run(schedule_from_json(row["schedule"]), max(now, row["due_at"])) for row in rows]
    await connection.execute(_NEXT, [row["job"] for row in rows], following)
    wanted = [row for row in rows if row["state"] == "active"]
    batches = _batches(wanted)
    queued = await connection.fetch(
        *(_QUEUED, [row["job"] for row in wanted], [row["segment"] for row in wanted]),
        *([row["priority"] for row in wanted], [row["due_at"] for row in wanted], batches),
    )
    started = {row["job"] for row in queued}
    skipped = [row for row in wanted if row["job"] not in started]
    if skipped:
        await connection.execute(_SKIPPED, [row["job"] for row in skipped], [row["due_at"] for row in skipped])
    await _defer(connection, wanted, batches)


async def _run_again(connection: asyncpg.Connection, rows: Sequence[asyncpg.Record]) -> None:
    if not rows:
        return
    batches = _batches(rows)
    await connection.execute(
        "update job_execution e set state = 'queued', batch = t.batch, queued_at = now()"
        " from unnest($1::bigint[], $2::uuid[]) as t (id, batch) where e.id = t.id",
        *([row["id"] for row in rows], batches),
    )
    await _defer(connection, rows, batches)


def _batches(rows: Sequence[asyncpg.Record]) -> list[UUID]:
    """The batch of each row: together are those of one segment and one priority, up to MOST_A_BATCH."""
    counts: Counter[tuple[int, int]] = Counter()
    open_batches: dict[tuple[int, int], UUID] = {}
    found = []
    for row in rows:
        key = (row["segment"], row["priority"])
        if counts[key] % MOST_A_BATCH == 0:
            open_batches[key] = uuid4()
        counts[key] += 1
        found.append(open_batches[key])
    return found


async def _defer(connection: asyncpg.Connection, rows: Sequence[asyncpg.Record], batches: Sequence[UUID]) -> None:
    """One task a batch."""
    priorities = {batch: row["priority"] for row, batch in zip(rows, batches, strict=True)}
    if priorities:
        await connection.execute(DEFER, list(priorities), list(priorities.values()), QUEUE, RUN_BATCH)
