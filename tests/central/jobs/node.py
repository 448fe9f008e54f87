"""A node that schedules and works in a process of its own, with jobs that note in the database that they ran."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from central.jobs.process import Working, work
from central.jobs.running import Run
from central.logs import configure_logs
from central.serving import Serving
from tests.central.jobs.engine import kind

RAN = """
    create table ran (key text not null, execution bigint not null, worker uuid not null, began timestamptz not null,
        ended timestamptz not null default clock_timestamp())
"""


async def note(run: Run) -> None:
    """Once for each run, whatever happens: what is noted and that it was noted are one transaction."""
    if run.checkpoint:
        return
    async with run.step() as connection:
        began = await connection.fetchval("select clock_timestamp()")
        run.checkpoint["noted"] = True
        await connection.execute(
            "insert into ran (key, execution, worker, began) values ($1, $2, $3, $4)",
            *(run.key, run.execution, run.worker, began),
        )


async def jot(run: Run) -> None:
    """At least once, in one statement."""
    await run.database.pool.execute(
        "insert into ran (key, execution, worker, began) values ($1, $2, $3, clock_timestamp())",
        *(run.key, run.execution, run.worker),
    )


async def nothing(_: Run) -> None:
    pass


KINDS = {found.name: found for found in (kind("note", note), kind("jot", jot), kind("nothing", nothing))}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", choices=("schedule", "work"), required=True)
    parser.add_argument("--beat", type=float, default=0.5)
    parser.add_argument("--capacity", type=int, default=100)
    asked = parser.parse_args()
    configure_logs()
    wanted = Working(asked.only == "schedule", asked.only == "work", asked.capacity, asked.beat, drain_s=5)
    asyncio.run(work(Serving(asked.data, asked.database), wanted, KINDS))


if __name__ == "__main__":
    main()
