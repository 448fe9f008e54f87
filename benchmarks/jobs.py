"""How fast due jobs are run: 50,000 in one minute, alone and beside a million jobs of the future."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure
from tests.central.jobs.many_jobs import Nodes, nodes
from tests.central.jobs.node import RAN
from tests.support.central import Databases, embedded_postgres, run

DUE = 50_000
FUTURE = 1_000_000
WITHIN_S = 60.0
_MOST_SLOWER = 1.3
_GIVE_UP_S = 600


def measure(due: int = DUE, future: int = FUTURE) -> list[Figure]:
    """Seconds until the last of them is done, by two schedulers and two workers; each is checked to have run once."""
    with embedded_postgres(durable=True) as postgres, tempfile.TemporaryDirectory() as folder:
        databases = Databases(postgres)
        alone = _run(databases.fresh(), Path(folder) / "alone", due, 0)
        beside = _run(databases.fresh(), Path(folder) / "beside", due, future)
    return [
        Figure(f"{due:,} jobs due at once", round(alone, 1), "s", WITHIN_S, 1.0, due),
        Figure(f"the same beside {future:,} future jobs", round(beside, 1), "s", alone, _MOST_SLOWER, due),
    ]


def _run(database: str, data: Path, due: int, future: int) -> float:
    with nodes(database, data) as running:
        run(database, lambda connection: connection.execute(RAN))
        if future:
            running.fill(future, "nothing", days=30)
        running.fill(due, "jot", days=1)
        run(database, lambda connection: connection.execute("analyze"))
        for number in (1, 2):
            running.start(f"scheduler {number}", "schedule")
            running.start(f"worker {number}", "work")
        running.until(lambda: running.value("select count(distinct scheduler) = 2 from segment"), 30)
        began = time.monotonic()
        running.make_due("jot")
        running.until(lambda: running.value("select count(*) from ran") >= due, _GIVE_UP_S, look_s=0.5)
        running.until(lambda: not _is_left(running), _GIVE_UP_S, look_s=0.2)
        took_s = time.monotonic() - began
        assert running.value("select count(distinct key) from ran") == running.value("select count(*) from ran") == due
    return took_s


def _is_left(running: Nodes) -> bool:
    found: bool = running.value("select exists (select from job where type = 'jot' and state = 'active')")
    return found
