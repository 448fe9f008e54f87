"""How the house does at this moment, read from the database at once."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field

import asyncpg

LATELY_S = 900
_MISSED_S = 30  # without a heartbeat, whatever its row says: whoever marks it may have died with it
_SILENT_FOR_S = 3600  # afterwards a worker that fell silent is history, not news

_JOBS = """
    select coalesce(sum(s.due), 0)::bigint as due, min(s.oldest) as oldest, now() as now
    from segment cross join lateral (
        select count(*) as due, min(next_run_at) as oldest from job_schedule
        where job_schedule.segment = segment.number and next_run_at <= now()
    ) as s
"""
_OPEN = """
    select state, count(*) as count, min(due_at) as oldest from job_execution
    where state in ('queued', 'running', 'waiting') group by state
"""
_ENDED = """
    select state, count(*) as count from job_execution where ended_at > now() - make_interval(secs => $1) group by state
"""
_STALLED = """
    select max(extract(epoch from now() - coalesce(w.last_heartbeat, e.started_at)))::float8
    from job_execution e left join worker w on w.id = e.worker where e.state = 'running'
"""
_WORKERS = """
    select address, capacity, load, extract(epoch from now() - last_heartbeat)::float8 as silent_s,
        case when last_heartbeat < now() - make_interval(secs => $1) then 'unhealthy' else state end as state
    from worker where state <> 'gone'
"""
_SCHEDULERS = """
    select (select count(*) from scheduler where last_heartbeat >= now() - make_interval(secs => $1)) as count,
        (select extract(epoch from now() - last_heartbeat)::float8 from leader) as leader_silent_s
"""
_MESSAGES = """
    select count(*) as count, greatest(0, extract(epoch from now() - min(written_at)))::float8 as oldest_s from message
    where due_at is not null
"""
_TILLS = """
    select distinct t.number, t.name, extract(epoch from now() - t.heard_at)::float8 as silent_s
    from till t join shift s on s.till = t.number
    where t.state = 'active' and t.heard_at is not null and s.opened_at is not null and s.closed_at is null
"""
_DIFFERENCES = """
    select count(*) from job_log where level = 'error' and execution = (
        select max(e.id) from job j join job_execution e on e.job = j.id
        where j.type = 'reconciliation' and e.ended_at is not null)
"""
_DATA = """
    select setting from pg_settings where name = 'data_directory'
        and (inet_server_addr() is null or inet_server_addr() << '127.0.0.0/8' or inet_server_addr() = '::1')
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """Ages are seconds. `lag_s`: of the oldest job that is due or queued and not begun. `ended` counts the attempts of
    the last LATELY_S by state. `stalled_s`: how long the most silent worker that has something in hand is silent.
    `tills`: how long central has not heard of each whose shift is open. `disk_used`: a share, None where the database
    is not on this machine or does not say where."""

    lag_s: float = 0
    due: int = 0
    executions: Mapping[str, int] = field(default_factory=dict)
    ended: Mapping[str, int] = field(default_factory=dict)
    stalled_s: float = 0
    leader_silent_s: float | None = None
    schedulers: int = 0
    workers: Mapping[str, int] = field(default_factory=dict)
    silent_workers: tuple[str, ...] = ()
    capacity: int = 0
    load: int = 0
    unsent: int = 0
    unsent_s: float = 0
    tills: Mapping[str, float] = field(default_factory=dict)
    differences: int = 0
    disk_used: float | None = None


async def look(connection: asyncpg.Connection) -> Figures:
    jobs = await connection.fetchrow(_JOBS)
    executions = {row["state"]: row for row in await connection.fetch(_OPEN)}
    queued = executions.get("queued")
    since = [moment for moment in (jobs["oldest"], queued and queued["oldest"]) if moment is not None]
    workers = await connection.fetch(_WORKERS, _MISSED_S)
    live = [row for row in workers if row["state"] in ("healthy", "draining")]
    schedulers = await connection.fetchrow(_SCHEDULERS, _MISSED_S)
    messages = await connection.fetchrow(_MESSAGES)
    return Figures(
        lag_s=max([0.0, *((jobs["now"] - moment).total_seconds() for moment in since)]),
        due=jobs["due"],
        executions={state: row["count"] for state, row in executions.items()},
        ended=dict(await connection.fetch(_ENDED, LATELY_S)),
        stalled_s=await connection.fetchval(_STALLED) or 0.0,
        leader_silent_s=schedulers["leader_silent_s"],
        schedulers=schedulers["count"],
        workers={
            state: sum(row["state"] == state for row in workers) for state in ("healthy", "draining", "unhealthy")
        },
        silent_workers=tuple(
            row["address"] for row in workers if row["state"] == "unhealthy" and row["silent_s"] < _SILENT_FOR_S
        ),
        capacity=sum(row["capacity"] for row in live),
        load=sum(row["load"] for row in live),
        unsent=messages["count"],
        unsent_s=messages["oldest_s"] or 0.0,
        tills={f"{row['number']} {row['name']}": row["silent_s"] for row in await connection.fetch(_TILLS)},
        differences=await connection.fetchval(_DIFFERENCES),
        disk_used=await _disk_used(connection),
    )


async def _disk_used(connection: asyncpg.Connection) -> float | None:
    folder = await connection.fetchval(_DATA)  # None as well for who may not know
    if folder is None:
        return None
    try:
        usage = await asyncio.to_thread(shutil.disk_usage, folder)
    except OSError:
        return None
    return usage.used / usage.total
