"""Many jobs that are due at one moment, and the processes that run them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.support.central import run

_FILL = """
    with made as (
        insert into job (id, type, name, payload, schedule, max_retries, retry_after_s, time_limit_s, made_at)
        select uuidv7(), $2, 'one of many', '{}', '{"kind":"once"}', 3, '{1}', 60, now()
        from generate_series(1, $1::integer) returning id
    )
    insert into job_schedule (job, segment, next_run_at)
    select id, ('x' || right(id::text, 4))::bit(16)::integer % 64, now() + $3::interval from made
"""
_AT_ONCE = """
    select (select count(*) from ran one join ran other on one.key = other.key and one.ctid < other.ctid
            where one.began < other.ended and other.began < one.ended)
        + (select count(*) from job_execution one join job_execution other on one.job = other.job and one.id < other.id
            where other.started_at < coalesce(one.ended_at, 'infinity'))
"""


@dataclass
class Nodes:
    """Of one database; every process is started and ended here."""

    database: str
    data: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, only: str, *options: str) -> None:
        command = [sys.executable, "-m", "tests.central.jobs.node", "--database", self.database, "--only", only]
        process = subprocess.Popen(
            [*command, "--data", str(self.data), *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.processes[name] = process
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"

    def signal(self, name: str, number: int) -> None:
        os.kill(self.processes[name].pid, number)

    def kill(self, name: str) -> None:
        process = self.processes.pop(name)
        process.kill()
        process.communicate()

    def fill(self, count: int, kind: str, days: float = 0) -> None:
        """Jobs that are due so many days from now."""
        run(
            self.database,
            lambda connection: connection.execute(_FILL, count, kind, timedelta(days=days), timeout=600),
        )

    def make_due(self, kind: str) -> None:
        run(
            self.database,
            lambda connection: connection.execute(
                "update job_schedule s set next_run_at = now() from job j where j.id = s.job and j.type = $1",
                *(kind,),
                timeout=600,
            ),
        )

    def value(self, sql: str, *arguments: object) -> Any:
        return run(self.database, lambda connection: connection.fetchval(sql, *arguments))

    def until(self, claim: Callable[[], object], within_s: float, look_s: float = 0.05) -> float:
        """How long it took."""
        began = time.monotonic()
        while not claim():
            assert time.monotonic() < began + within_s, "it did not come true"
            time.sleep(look_s)
        return time.monotonic() - began

    def at_once(self) -> int:
        """How often two attempts of one job ran at the same time."""
        count: int = self.value(_AT_ONCE)
        return count

    def leader(self) -> str:
        address = self.value("select s.address from leader l join scheduler s on s.id = l.scheduler")
        pid = int(str(address or ":0").rpartition(":")[2])
        return next((name for name, process in self.processes.items() if process.pid == pid), "")


@contextmanager
def nodes(database: str, data: Path) -> Iterator[Nodes]:
    running = Nodes(database, data)
    try:
        yield running
    finally:
        for process in running.processes.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in running.processes.values():
            process.communicate(timeout=30)
