"""Jobs as people see them: submitted, looked at, edited, paused, cancelled. Each runs in the caller's transaction."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal
from uuid import UUID

import asyncpg

from boxoffice.domain.ids import uuid7
from central.accounts.callers import unknown
from central.jobs.schedules import Cron, Every, Once, first_run
from central.problems import Declined
from central.versions import must_be_current

SEGMENTS = 64
Notify = Literal["never", "failure", "always"]
COLUMNS = """
    j.*, s.next_run_at, s.last_run_at,
    (select e.state from job_execution e where e.job = j.id order by e.id desc limit 1) as last_state
"""
_FROM = "from job j join job_schedule s on s.job = j.id"


@dataclass(frozen=True, slots=True)
class Wish:
    """`retry_after_s`: the pauses before the first, second, ... retry; the last one holds for all others. `notify`:
    which ends of a run its owner gets a message of; of failures in a row, of the first."""

    type: str
    name: str
    payload: dict[str, Any]
    schedule: Once | Every | Cron
    priority: int = 0
    max_retries: int = 3
    retry_after_s: Sequence[int] = (60, 300, 600)
    time_limit_s: int = 3600
    notify: Notify = "failure"


async def submit(
    connection: asyncpg.Connection, owner: UUID | None, wish: Wish, now: datetime, *, job: UUID | None = None
) -> UUID:
    """`owner` None: the house. With the id of a job that there is already, nothing happens."""
    job = job or uuid7(now, secrets.randbits)
    schedule = _begun(wish.schedule, now)
    made = await connection.fetchval(
        "insert into job (id, owner, type, name, payload, schedule, priority, max_retries, retry_after_s, time_limit_s,"
        " notify, made_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (id)"
        " do nothing returning id",
        *(job, owner, wish.type, wish.name, json.dumps(wish.payload), schedule.model_dump_json(), wish.priority),
        *(wish.max_retries, list(wish.retry_after_s), wish.time_limit_s, wish.notify, now),
    )
    if made is not None:
        await connection.execute(
            "insert into job_schedule (job, segment, next_run_at) values ($1, $2, $3)",
            *(job, job.int % SEGMENTS, first_run(schedule, now)),
        )
    return job


async def find(connection: asyncpg.Connection, job: UUID) -> asyncpg.Record | None:
    return await connection.fetchrow(f"select {COLUMNS} {_FROM} where j.id = $1", job)


async def listed(
    connection: asyncpg.Connection, owner: UUID | None, state: str, type_: str, before: UUID | None, limit: int
) -> Sequence[asyncpg.Record]:
    """The latest first. `owner` None: everybody's."""
    found: Sequence[asyncpg.Record] = await connection.fetch(
        f"select {COLUMNS} {_FROM} where ($1::uuid is null or j.owner = $1) and ($2 = '' or j.state = $2)"
        " and ($3 = '' or j.type = $3) and ($4::uuid is null or j.id < $4) order by j.id desc limit $5",
        *(owner, state, type_, before, limit),
    )
    return found


async def edit(
    connection: asyncpg.Connection, job: UUID, wish: Wish, if_match: int | None, now: datetime, *, is_new_schedule: bool
) -> None:
    """What runs now goes on as it began. Raises Declined: 409 of a job that has ended, 412."""
    row = await _locked(connection, job, if_match)
    _must_be(row, "active", "paused")
    schedule = _begun(wish.schedule, now) if is_new_schedule else wish.schedule
    await connection.execute(
        "update job set name = $2, payload = $3, schedule = $4, priority = $5, max_retries = $6, retry_after_s = $7,"
        " time_limit_s = $8, notify = $9, version = version + 1 where id = $1",
        *(job, wish.name, json.dumps(wish.payload), schedule.model_dump_json(), wish.priority, wish.max_retries),
        *(list(wish.retry_after_s), wish.time_limit_s, wish.notify),
    )
    if is_new_schedule and row["state"] == "active":
        await _due(connection, job, first_run(schedule, now))


async def pause(connection: asyncpg.Connection, job: UUID, if_match: int | None) -> None:
    """It is not due again until it is resumed. What runs now goes on. Raises Declined."""
    _must_be(await _locked(connection, job, if_match), "active")
    await _say(connection, job, "paused")
    await _due(connection, job, None)


async def resume(
    connection: asyncpg.Connection, job: UUID, schedule: Once | Every | Cron, if_match: int | None, now: datetime
) -> None:
    """What was missed meanwhile is not made up; a job that was to run once runs now. Raises Declined."""
    _must_be(await _locked(connection, job, if_match), "paused")
    await _say(connection, job, "active")
    at = max(first_run(schedule, now), now) if isinstance(schedule, Once) else first_run(schedule, now)
    await _due(connection, job, at)


async def cancel(connection: asyncpg.Connection, job: UUID, if_match: int | None) -> None:
    """For good; what runs now is stopped. Raises Declined."""
    _must_be(await _locked(connection, job, if_match), "active", "paused")
    await _say(connection, job, "cancelled")
    await _due(connection, job, None)
    await connection.execute(
        "update job_execution set state = 'cancelled', ended_at = clock_timestamp()"
        " where job = $1 and state in ('queued', 'waiting')",
        job,
    )
    await connection.execute("update job_execution set is_to_stop = true where job = $1 and state = 'running'", job)


async def hold_back(connection: asyncpg.Connection, job: UUID, why: str) -> None:
    """Nobody wants it to be tried again as things are: one that comes again waits until it is resumed."""
    await connection.execute(
        "update job set state = case schedule ->> 'kind' when 'once' then 'failed' else 'paused' end,"
        " version = version + 1 where id = $1 and state = 'active'",
        job,
    )
    await _due(connection, job, None)
    await connection.execute("insert into job_log (job, level, message) values ($1, 'error', $2)", job, why)


async def run_now(connection: asyncpg.Connection, job: UUID, now: datetime) -> None:
    """Besides its schedule. Raises Declined: 409 while it runs, waits for a retry, or has ended."""
    row = await _locked(connection, job, None)
    _must_be(row, "active", "paused")
    if await connection.fetchval(
        "select exists (select from job_execution where job = $1 and state in ('queued', 'running', 'waiting'))", job
    ):
        raise Declined(
            *(HTTPStatus.CONFLICT, "job_runs", "This job runs already."), "Wait until it has ended, or cancel it."
        )
    await connection.execute(  # as a retry is: the scheduler of its segment promotes it with the next turn
        "insert into job_execution (job, segment, priority, due_at, state, retry_at)"
        " values ($1, $2, $3, $4, 'waiting', $4)",
        *(job, job.int % SEGMENTS, row["priority"], now),
    )


def _begun(schedule: Once | Every | Cron, now: datetime) -> Once | Every | Cron:
    """With the moment it counts from."""
    if isinstance(schedule, Every) and schedule.since is None:
        return schedule.model_copy(update={"since": now})
    return schedule


async def _locked(connection: asyncpg.Connection, job: UUID, if_match: int | None) -> asyncpg.Record:
    row = await connection.fetchrow("select * from job where id = $1 for no key update", job)
    if row is None:
        raise unknown("job", "jobId")
    must_be_current(row["version"], if_match)
    return row


def _must_be(row: asyncpg.Record, *states: str) -> None:
    if row["state"] not in states:
        raise Declined(
            *(HTTPStatus.CONFLICT, "wrong_state", f"This job is {row['state']}."), "Look at it again.", field="state"
        )


async def _say(connection: asyncpg.Connection, job: UUID, state: str) -> None:
    await connection.execute("update job set state = $2, version = version + 1 where id = $1", job, state)


async def _due(connection: asyncpg.Connection, job: UUID, at: datetime | None) -> None:
    await connection.execute("update job_schedule set next_run_at = $2 where job = $1", job, at)
