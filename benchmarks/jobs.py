"""How fast due jobs are run: 50,000 at once, alone, beside a million of the future, and with nodes killed."""

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
        killed = _killed(databases.fresh(), Path(folder) / "killed", due)
    return [
        Figure(f"{due:,} jobs due at once", round(alone, 1), "s", WITHIN_S, 1.0, due),
        Figure(f"the same beside {future:,} future jobs", round(beside, 1), "s", alone, _MOST_SLOWER, due),
        Figure("the same, a worker and the leader killed", round(killed, 1), "s", WITHIN_S, 1.0, due),
    ]


def _run(database: str, data: Path, due: int, future: int) -> float:
    with nodes(database, data) as running:
        run(database, lambda connection: connection.execute(RAN))
        if future:
            running.fill(future, "nothing", days=30)
        running.fill(due, "jot", days=1)
        run(database, lambda connection: connection.execute("analyze"))
        _start(running)
        began = time.monotonic()
        running.make_due("jot")
        running.until(lambda: running.value("select count(*) from ran") >= due, _GIVE_UP_S, look_s=0.5)
        running.until(lambda: not _is_left(running), _GIVE_UP_S, look_s=0.2)
        took_s = time.monotonic() - began
        assert running.value("select count(distinct key) from ran") == running.value("select count(*) from ran") == due
    return took_s


def _killed(database: str, data: Path, due: int) -> float:
    """With -9, in the middle and for good: what is left is the work of the others. Each is checked to have been done
    once, and by nobody while another was at it."""
    with nodes(database, data) as running:
        run(database, lambda connection: connection.execute(RAN))
        running.fill(due, "note", days=1)
        run(database, lambda connection: connection.execute("analyze"))
        _start(running)
        began = time.monotonic()
        running.make_due("note")
        running.until(lambda: running.value("select count(*) from ran") >= due // 3, _GIVE_UP_S, look_s=0.2)
        leader = running.leader()
        running.kill("worker 1")
        running.kill(leader)
        led_after_s = running.until(lambda: running.leader() not in ("", leader), 60)
        running.until(lambda: not _is_left(running), _GIVE_UP_S, look_s=0.2)
        took_s = time.monotonic() - began
        assert running.value("select count(*) from job where state = 'completed'") == due
        assert running.value("select count(distinct key) from ran") == running.value("select count(*) from ran") == due
        assert running.at_once() == 0
        lost = running.value("select count(*) from job_execution where state = 'lost'")
        assert lost > 0
    print(f"  {lost} attempts of the killed worker went on elsewhere; a new leader after {led_after_s:.1f} s")
    return took_s


def _start(running: Nodes) -> None:
    """Two of each, and each scheduler has its share."""
    for number in (1, 2):
        running.start(f"scheduler {number}", "schedule")
        running.start(f"worker {number}", "work")
    running.until(lambda: running.leader() and running.value("select count(distinct scheduler) = 2 from segment"), 30)


def _is_left(running: Nodes) -> bool:
    found: bool = running.value("select exists (select from job where type in ('jot', 'note') and state = 'active')")
    return found
