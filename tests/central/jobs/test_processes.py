"""Schedulers and workers as processes that are killed and stopped in the middle: no job is lost, none is done twice."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.central.jobs.many_jobs import Nodes, nodes
from tests.central.jobs.node import RAN
from tests.support.central import run

MANY = 1500
_OVER = "select not exists (select from job where state = 'active')"


def _fleet(running: Nodes) -> None:
    run(running.database, lambda connection: connection.execute(RAN))
    for name in ("scheduler 1", "scheduler 2"):
        running.start(name, "schedule")
    for name in ("worker 1", "worker 2"):
        running.start(name, "work", "--capacity", "20")


@pytest.mark.timeout(300)
def test_a_killed_worker_and_a_killed_leader_lose_nothing_and_do_nothing_twice(database: str, tmp_path: Path) -> None:
    with nodes(database, tmp_path) as running:
        _fleet(running)
        running.until(lambda: running.leader() and running.value("select count(*) = 2 from scheduler"), 60)
        running.fill(MANY, "note")
        running.until(lambda: running.value("select count(*) from ran") > MANY // 5, 120)
        leader = running.leader()
        running.kill("worker 1")
        running.kill(leader)
        took_s = running.until(lambda: running.leader() not in ("", leader), 60)
        running.until(lambda: running.value(_OVER), 120)
        assert running.value("select count(*) from job where state = 'completed'") == MANY
        assert running.value("select count(distinct key) from ran") == running.value("select count(*) from ran") == MANY
        assert running.at_once() == 0
        lost = running.value("select count(*) from job_execution where state = 'lost'")
        print(f"{MANY} jobs, {lost} lost attempts went on elsewhere, a new leader after {took_s:.1f} s")  # noqa: T201
        assert 0 < lost <= 20


@pytest.mark.timeout(300)
def test_a_leader_that_hangs_is_replaced_and_promotes_nothing_when_it_comes_back(database: str, tmp_path: Path) -> None:
    with nodes(database, tmp_path) as running:
        _fleet(running)
        running.until(lambda: running.value("select count(distinct scheduler) = 2 from segment"), 60)
        hung = running.leader()
        running.signal(hung, signal.SIGSTOP)
        took_s = running.until(lambda: running.leader() not in ("", hung), 30)
        running.fill(MANY // 3, "note")
        running.until(lambda: running.value(_OVER), 120)
        running.signal(hung, signal.SIGCONT)
        running.until(lambda: running.value("select count(*) = 2 from scheduler"), 60)
        running.fill(MANY // 3, "note")
        running.until(lambda: running.value(_OVER), 120)
        assert running.value("select count(*) from ran") == 2 * (MANY // 3)
        assert running.value("select count(*) from job_execution where attempt > 1") == 0
        assert running.value("select count(*) from leader where scheduler in (select id from scheduler)") == 1
        assert running.leader() != hung
        print(f"a new leader after {took_s:.1f} s")  # noqa: T201
