"""What the database shows of a house in trouble, who is told of it, and how managers see it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from central.anomalies import figures, rules
from central.anomalies.watching import Watched, watch
from central.database import Database
from tests.central.jobs.household import done
from tests.central.people import Person, cashier, customer, manager
from tests.support.central import RunningCentral, problem_of, run

_DAY = "interval '1 day'"


@pytest.fixture(autouse=True)
def _today(central: RunningCentral) -> None:
    """The ages of jobs and workers are told by the database's clock."""
    central.clock[0] = datetime.now(UTC)


def _do(central: RunningCentral, *statements: str) -> None:
    run(central.database, lambda connection: connection.execute(";".join(statements)))


def _watch(central: RunningCentral) -> Watched:
    async def go() -> Watched:
        async with Database.open(central.database, 2) as database:
            return await watch(database, central.clock[0])

    return asyncio.run(go())


def _figures(central: RunningCentral) -> figures.Figures:
    return run(central.database, figures.look)


def _told(central: RunningCentral) -> list[dict[str, Any]]:
    return central.fetch(
        "select kind, address, detail ->> 'anomaly' as what, detail ->> 'concerns' as about from message"
        " where kind like 'anomaly%' order by written_at, kind desc, address"
    )


def _job(central: RunningCentral, late_s: int = 0) -> None:
    _do(
        central,
        "insert into job (id, type, name, payload, schedule, max_retries, retry_after_s, time_limit_s, made_at)"
        " values (gen_random_uuid(), 'note', 'A job', '{}', '{\"kind\": \"once\"}', 0, '{60}', 60, now())",
        f"insert into job_schedule (job, segment, next_run_at) select id, 3, now() - interval '{late_s} s' from job",
    )


_ATTEMPT = (
    "insert into job_execution (job, segment, priority, due_at, state, ended_at, worker, started_at)"
    " select id, 3, 0, now() - interval '{age}', '{state}', {ended}, {worker}, now() - interval '{age}'"
    " from job limit 1"
)
_WORKER = "9b3f0000-0000-4000-8000-000000000001"


def test_the_database_shows_what_is_late_stalled_silent_and_unsent(central: RunningCentral) -> None:
    assert rules.found(_figures(central), ()) == []
    till = central.till("Foyer")
    _job(central, late_s=70)
    _do(
        central,
        *(_ATTEMPT.format(age="1 minute", state="failed", ended="now()", worker="null"),) * 6,
        _ATTEMPT.format(age="1 hour", state="failed", ended="now() - interval '1 hour'", worker="null"),
        _ATTEMPT.format(age="2 minutes", state="running", ended="null", worker=f"'{_WORKER}'"),
        f"insert into worker (id, address, state, last_heartbeat, capacity, load) values ('{_WORKER}', 'host:7',"
        " 'unhealthy', now() - interval '90 s', 20, 0)",
        "insert into leader (scheduler, term, last_heartbeat) values (gen_random_uuid(), 1, now() - interval '40 s')",
        "insert into message (id, kind, address, language, detail, written_at, due_at) values (gen_random_uuid(),"
        " 'verify_email', 'a@example.org', 'en', '{}', now() - interval '11 minutes', now() - interval '11 minutes')",
        "insert into shift (id, till, number, staff, currency, opened_at) values (gen_random_uuid(),"
        f" {till.number}, 1, gen_random_uuid(), 'EUR', now() - interval '1 hour')",
        f"update till set heard_at = now() - interval '16 minutes' where number = {till.number}",
    )
    found = _figures(central)
    assert (found.due, found.executions, found.ended) == (1, {"running": 1}, {"failed": 6})
    assert (found.unsent, found.workers["unhealthy"], found.capacity) == (1, 1, 0)
    assert found.disk_used is not None
    assert 0 < found.disk_used < 1
    seen = {one.kind: one.about for one in rules.found(found, ())}
    assert seen | {"disk_full": ""} == {
        **dict.fromkeys(["jobs_late", "jobs_failing", "jobs_stalled", "no_leader", "no_worker", "messages_late"], ""),
        "worker_silent": "host:7",
        "till_silent": f"{till.number} Foyer",
        "disk_full": "",
    }


def test_nodes_that_died_together_are_missed_though_nobody_marked_them(central: RunningCentral) -> None:
    _job(central, late_s=20)
    _do(
        central,
        "insert into worker (id, address, capacity) values (gen_random_uuid(), 'host:7', 20)",
        "insert into scheduler (id, address) values (gen_random_uuid(), 'host:7')",
    )
    assert rules.found(_figures(central), ()) == []
    _do(
        central,
        "update worker set last_heartbeat = now() - interval '40 s'",
        "update scheduler set last_heartbeat = now() - interval '40 s'",
    )
    found = _figures(central)
    assert (found.workers["healthy"], found.workers["unhealthy"], found.capacity, found.schedulers) == (0, 1, 0, 0)
    assert [(one.kind, one.about) for one in rules.found(found, ())] == [("no_worker", ""), ("worker_silent", "host:7")]


def test_a_till_is_heard_of_when_it_asks_and_is_not_missed_once_its_shift_is_over(central: RunningCentral) -> None:
    till = central.till("Foyer")
    _do(
        central,
        "insert into shift (id, till, number, staff, currency, opened_at) values (gen_random_uuid(),"
        f" {till.number}, 1, gen_random_uuid(), 'EUR', now() - interval '1 hour')",
        f"update till set heard_at = now() - {_DAY}",
    )
    assert [one.kind for one in rules.found(_figures(central), ())] == ["till_silent"]
    assert till.client.get("/api/tills/status").status_code == 200
    assert rules.found(_figures(central), ()) == []
    _do(central, f"update till set heard_at = now() - {_DAY}", "update shift set closed_at = now()")
    assert rules.found(_figures(central), ()) == []


def test_managers_are_told_once_when_it_opens_and_once_when_it_is_over(central: RunningCentral) -> None:
    boss = manager(central)
    cashier(central)
    customer(central)
    _job(central, late_s=70)
    _do(central, "insert into worker (id, address, capacity) values (gen_random_uuid(), 'host:7', 20)")
    assert _watch(central) == Watched(opened=1)
    assert _watch(central) == Watched()
    _do(central, "update job_schedule set next_run_at = now() - interval '40 s'")
    assert _watch(central) == Watched()  # better, and not over
    _do(central, "update job_schedule set next_run_at = null")
    assert _watch(central) == Watched(closed=1)
    assert _watch(central) == Watched()
    assert _told(central) == [
        {"kind": "anomaly_opened", "address": boss.email, "what": "jobs_late", "about": ""},
        {"kind": "anomaly_closed", "address": boss.email, "what": "jobs_late", "about": ""},
    ]


def test_what_comes_and_goes_is_told_three_times_a_day(central: RunningCentral) -> None:
    manager(central)
    _do(central, "insert into worker (id, address, capacity) values (gen_random_uuid(), 'host:7', 20)")
    _job(central)
    for _ in range(5):
        _do(central, "update job_schedule set next_run_at = now() - interval '70 s'")
        assert _watch(central) == Watched(opened=1)
        _do(central, "update job_schedule set next_run_at = null")
        assert _watch(central) == Watched(closed=1)
    assert [row["kind"] for row in _told(central)].count("anomaly_opened") == 3
    assert [row["kind"] for row in _told(central)].count("anomaly_closed") == 3
    assert central.value("select count(*) from anomaly where closed_at is not null") == 5


def test_payments_that_differ_stay_until_somebody_has_seen_to_them(central: RunningCentral) -> None:
    boss = manager(central)

    def compared(level: str) -> None:
        job = "(select id from job where type = 'reconciliation')"
        _do(
            central,
            "insert into job (id, type, name, payload, schedule, max_retries, retry_after_s, time_limit_s, made_at)"
            " select gen_random_uuid(), 'reconciliation', '', '{}', '{}', 0, '{60}', 60, now()"
            f" where not exists {job}",
            "insert into job_execution (job, segment, priority, due_at, state, ended_at)"
            f" values ({job}, 3, 0, now(), 'completed', now())",
            "insert into job_log (job, execution, level, message)"
            f" select job, max(id), '{level}', '' from job_execution where job = {job} group by job",
        )

    compared("error")
    assert _watch(central) == Watched(opened=1)
    compared("info")  # of another day
    assert _watch(central) == Watched()
    [shown] = boss.client.get("/api/admin/anomalies").json()
    assert (shown["kind"], shown["measured"]) == ("payments_differ", "1")
    boss.client.post(f"/api/admin/anomalies/{shown['anomalyId']}/acknowledge").raise_for_status()
    assert _watch(central) == Watched(closed=1)


def test_two_who_look_at_once_find_it_once(central: RunningCentral) -> None:
    boss = manager(central)
    _job(central, late_s=70)

    async def go() -> list[Watched]:
        async with Database.open(central.database, 6) as database:
            return list(await asyncio.gather(*(watch(database, central.clock[0]) for _ in range(6))))

    assert sum(watched.opened for watched in asyncio.run(go())) == 2  # it is late, and nobody is there to run it
    assert [row["address"] for row in _told(central)] == [boss.email] * 2


def test_the_watch_is_a_job_of_the_house(central: RunningCentral) -> None:
    manager(central)
    _do(
        central,
        "insert into shift (id, till, number, staff, currency, opened_at) values (gen_random_uuid(),"
        f" {central.till('Foyer').number}, 1, gen_random_uuid(), 'EUR', now() - interval '1 hour')",
        f"update till set heard_at = now() - {_DAY}",
    )
    ended = done(central, "anomaly_watch")
    assert (ended.state, ended.said) == ("completed", "1 found, 0 over")
    assert [row["about"] for row in _told(central)] == ["1 Foyer"]


@pytest.fixture
def boss(central: RunningCentral) -> Person:
    found = manager(central)
    _job(central, late_s=70)
    _do(central, "insert into worker (id, address, capacity) values (gen_random_uuid(), 'host:7', 20)")
    assert _watch(central).opened == 1
    return found


def test_managers_see_them_and_say_that_they_see_to_it(central: RunningCentral, boss: Person) -> None:
    [shown] = boss.client.get("/api/admin/anomalies").json()
    assert (shown["kind"], shown["about"], shown["closedAt"], shown["acknowledgedBy"]) == ("jobs_late", "", None, None)
    assert shown["measured"].endswith(" s")
    path = f"/api/admin/anomalies/{shown['anomalyId']}/acknowledge"
    other = manager(central)
    assert boss.client.post(path).json()["acknowledgedBy"] == str(boss.account)
    assert other.client.post(path).json()["acknowledgedBy"] == str(boss.account)
    assert boss.client.get("/api/admin/anomalies?state=closed").json() == []
    unknown = boss.client.post("/api/admin/anomalies/4711/acknowledge")
    assert (unknown.status_code, problem_of(unknown)["code"]) == (404, "unknown_anomaly")


def test_those_that_are_over_are_paged(central: RunningCentral, boss: Person) -> None:
    _do(central, "update job_schedule set next_run_at = null")
    _watch(central)
    _do(
        central,
        "insert into anomaly (kind, about, said, level, most, opened_at, seen_at, closed_at, is_told)"
        " select 'worker_silent', 'host:' || n, '1', 1, 1, now(), now(), now(), false from generate_series(1, 4) n",
    )
    seen: list[int] = []
    while page := boss.client.get(
        "/api/admin/anomalies", params={"state": "closed", "limit": 2, **({"before": seen[-1]} if seen else {})}
    ).json():
        seen += [row["anomalyId"] for row in page]
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)
