"""The house's own jobs: figures by e-mail, payments compared, old things deleted, backups; put there once."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from central.jobs.house import KINDS, recurring
from central.jobs.house.days import Span, days_of, the_day_before
from central.payments.card import StripeKeys
from central.payments.settings import PaymentSettings
from tests.central.bookings.test_bookings import book, house
from tests.central.jobs.household import done, went_on
from tests.central.people import Person, customer, manager
from tests.support.central import NOW, RunningCentral, problem_of, run

BERLIN = ZoneInfo("Europe/Berlin")


# --- periods


@pytest.mark.parametrize(
    ("span", "today", "first", "last"),
    [
        (Span.YESTERDAY, "2027-01-01", "2026-12-31", "2026-12-31"),
        (Span.LAST_WEEK, "2026-11-23", "2026-11-16", "2026-11-22"),  # a Monday
        (Span.LAST_WEEK, "2026-11-22", "2026-11-09", "2026-11-15"),  # a Sunday
        (Span.LAST_MONTH, "2027-01-31", "2026-12-01", "2026-12-31"),
        (Span.LAST_MONTH, "2028-03-01", "2028-02-01", "2028-02-29"),
    ],
)
def test_a_period_ends_before_the_day_it_is_asked_for(span: Span, today: str, first: str, last: str) -> None:
    assert days_of(span, date.fromisoformat(today)) == (date.fromisoformat(first), date.fromisoformat(last))


def test_the_day_before_is_as_long_as_the_clocks_make_it() -> None:
    after = datetime(2026, 10, 26, 4, 30, tzinfo=UTC)  # the clocks went back on the 25th
    period = the_day_before(after, BERLIN)
    assert period.start.astimezone(UTC) == datetime(2026, 10, 24, 22, 0, tzinfo=UTC)
    assert period.end.astimezone(UTC) == datetime(2026, 10, 25, 23, 0, tzinfo=UTC)


# --- reports


def reports(central: RunningCentral) -> list[dict[str, Any]]:
    return central.fetch("select address, language, detail from message where kind = 'report' order by lower(address)")


def test_a_report_goes_to_each_address_once(central: RunningCentral) -> None:
    payload = {"addresses": ["boss@example.org", "Boss@example.org", "a@example.org"], "period": "last month"}
    ended = done(central, "report_by_email", {**payload, "language": "de"})
    assert ended.state == "completed", ended
    assert [(row["address"], row["language"]) for row in reports(central)] == [
        ("a@example.org", "de"),
        ("Boss@example.org", "de"),
    ]
    first, last = days_of(Span.LAST_MONTH, datetime.now(BERLIN).date())
    assert json.loads(reports(central)[0]["detail"]) == {
        "dateFrom": first.isoformat(),
        "dateTo": last.isoformat(),
        "report": None,
        "formats": ["pdf", "csv"],
    }


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"period": "last month", "dateFrom": "2026-01-01"},
        {"dateFrom": "2026-02-01", "dateTo": "2026-01-01"},
        {"period": "last month", "addresses": []},
        {"period": "last month", "addresses": ["nobody"]},
        {"period": "last month", "formats": ["doc"]},
    ],
)
def test_what_is_no_report_is_refused(central: RunningCentral, payload: dict[str, Any]) -> None:
    wish = {"type": "report_by_email", "name": "Sales", "schedule": {"kind": "once"}}
    body = {**wish, "payload": {"addresses": ["boss@example.org"], **payload}}
    reply = manager(central).client.post("/api/jobs", json=body)
    assert (reply.status_code, problem_of(reply)["field"].split(".")[0]) == (422, "payload"), reply.text
    reply = customer(central).client.post("/api/jobs", json={**body, "payload": {}})
    assert problem_of(reply)["code"] == "unknown_type"


# --- order in the house


def test_places_that_nobody_paid_for_are_free_again(central: RunningCentral) -> None:
    ada = customer(central)
    book(ada, seats=[20, 21])
    central.clock[0] = NOW + timedelta(minutes=11)
    assert done(central, "holds_expiry").state == "completed"
    assert house(central) == {}


def test_offers_and_months_are_seen_to(central: RunningCentral) -> None:
    assert done(central, "waiting_list_offers").state == "completed"
    assert "nothing to provide" in done(central, "partitions").said


def test_a_gateway_that_cannot_be_asked_is_asked_again(central: RunningCentral) -> None:
    assert "0 payments of" in done(central, "reconciliation").said
    away = PaymentSettings(StripeKeys("sk", "wh", "", "http://127.0.0.1:9"), timeout_s=1)
    ended = done(central, "reconciliation", payments=away, max_retries=1, retry_after_s=[1])
    assert (ended.state, ended.states) == ("failed", ["failed", "failed"])


def test_old_history_goes_and_what_is_young_or_the_houses_stays(central: RunningCentral) -> None:
    old, young = datetime.now(UTC) - timedelta(days=100), datetime.now(UTC) - timedelta(days=10)
    central.clock[0] = datetime.now(UTC)
    ada = customer(central)
    jobs = {name: uuid4() for name in ("over", "over and young", "going on", "the house's")}

    async def fill(connection: Any) -> None:
        for name, job in jobs.items():
            await connection.execute(
                "insert into job (id, owner, type, name, payload, schedule, max_retries, retry_after_s, time_limit_s,"
                " state, made_at) values ($1, $2, 'x', $3, '{}', '{}', 0, '{1}', 1, $4, $5)",
                *(job, None if name == "the house's" else ada.account, name),
                *("active" if name == "going on" else "cancelled", old),
            )
            for ended in (old, young) if name != "over" else (old,):
                execution = await connection.fetchval(
                    "insert into job_execution (job, segment, priority, due_at, state, ended_at)"
                    " values ($1, 0, 0, $2, 'completed', $2) returning id",
                    *(job, ended),
                )
                await connection.execute(
                    "insert into job_log (job, execution, at, level, message)"
                    " values ($1, $2, $3, 'info', 'of a run'), ($1, null, $3, 'info', 'besides')",
                    *(job, execution, ended),
                )

    run(central.database, fill)
    ended = done(central, "retention")
    assert ended.said.startswith("deleted job: 1, job_execution: 3, job_log: 3")
    names = central.fetch("select name from job where type = 'x' order by name")
    assert [row["name"] for row in names] == ["going on", "over and young", "the house's"]
    assert central.value("select count(*) from job_execution where ended_at < now() - interval '90 days'") == 0
    assert central.value("select count(*) from job_log where at < now() - interval '90 days'") == 0
    assert central.value("select count(*) from job_log l join job j on j.id = l.job where j.type = 'x'") == 6


def test_backups_are_written_and_the_oldest_go(
    central: RunningCentral, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOXOFFICE_BACKUPS", raising=False)
    assert done(central, "backup").logs == [("warning", "Nothing is backed up: BOXOFFICE_BACKUPS names no folder.")]
    folder = tmp_path / "backups"
    monkeypatch.setenv("BOXOFFICE_BACKUPS", str(folder))
    for day in range(3):
        central.clock[0] = NOW + timedelta(days=day)
        assert done(central, "backup", {"keep": 2}).state == "completed"
    assert sorted(path.name for path in folder.iterdir()) == [
        "boxoffice-20261115T120000Z.backup",
        "boxoffice-20261116T120000Z.backup",
    ]
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BOXOFFICE_BACKUPS", str(tmp_path / "file"))
    ended = done(central, "backup")
    assert ended.state == "failed"
    assert "rights and the space" in central.value("select error from job_execution where job = $1", ended.job)


# --- again and again


def test_the_house_has_its_jobs_once_and_managers_change_them(central: RunningCentral) -> None:
    async def put(connection: Any) -> None:
        async with connection.transaction():
            await recurring.put(connection, KINDS, central.clock[0])

    for _ in range(2):
        run(central.database, put)
    boss = manager(central)
    found = {job["type"]: job for job in boss.client.get("/api/jobs").json()}
    assert found.keys() == {wish.type for wish in recurring.wishes("UTC")}
    assert found["backup"]["schedule"] == {"kind": "cron", "expression": "0 4 * * *", "timezone": "Europe/Berlin"}
    assert found["backup"]["nextRunTime"] == "2026-11-15T03:00:00Z"
    assert {job["userId"] for job in found.values()} == {None}
    path = f"/api/jobs/{recurring.job_id('backup')}"
    boss.client.patch(path, json={"payload": {"keep": 3}, "schedule": {"kind": "interval", "seconds": 7200}})
    boss.client.post(f"{path}/pause").raise_for_status()
    run(central.database, put)
    kept = boss.client.get(path).json()
    assert (kept["state"], kept["payload"], kept["schedule"]["seconds"]) == ("paused", {"keep": 3}, 7200)
    assert problem_of(customer(central).client.get(path))["code"] == "unknown_job"
    assert UUID(kept["jobId"]).version == 5


def test_what_the_house_repeats_is_what_its_kinds_take() -> None:
    for wish in recurring.wishes("Europe/Berlin"):
        KINDS[wish.type].payload.model_validate(wish.payload)


def test_what_has_a_time_of_day_waits_for_the_first_venue(central: RunningCentral) -> None:
    async def scenario(connection: Any) -> tuple[set[str], set[str], list[str]]:
        async with connection.transaction():
            await connection.execute("create temporary table venue (timezone text, ordinal integer) on commit drop")
            await recurring.put(connection, KINDS, central.clock[0])
            before = {row["type"] for row in await connection.fetch("select type from job")}
            await connection.execute("insert into venue values ('America/New_York', 1)")
            await recurring.put(connection, KINDS, central.clock[0])
            zones = await connection.fetch("select distinct schedule ->> 'timezone' as zone from job order by 1")
            after = {row["type"] for row in await connection.fetch("select type from job")}
            return before, after, [row["zone"] for row in zones]

    before, after, zones = run(central.database, scenario)
    assert before == {"holds_expiry", "waiting_list_offers", "event_reminders", "anomaly_watch"}
    assert after == {wish.type for wish in recurring.wishes("UTC")}
    assert zones == ["America/New_York", None]


# --- whose jobs they are


def job_of(person: Person, kind: str, schedule: dict[str, Any], payload: dict[str, Any]) -> str:
    wish = {"type": kind, "name": kind, "payload": payload, "schedule": schedule}
    reply = person.client.post("/api/jobs", json=wish)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["jobId"])


@pytest.mark.parametrize(
    "what",
    ["update account set role = 'customer' where id = $1", "update account set deleted_at = now() where id = $1"],
)
@pytest.mark.parametrize(
    ("schedule", "state"), [({"kind": "once"}, "failed"), ({"kind": "interval", "seconds": 3600}, "paused")]
)
def test_a_job_whose_owner_may_not_run_it_any_more_is_held_back(
    central: RunningCentral, what: str, schedule: dict[str, Any], state: str
) -> None:
    boss = manager(central)
    job = job_of(boss, "report_by_email", schedule, {"addresses": ["me@example.org"], "period": "yesterday"})
    run(central.database, lambda connection: connection.execute(what, boss.account))
    ended = went_on(central, job)
    assert (ended.state, ended.states) == (state, ["cancelled"])
    assert ended.logs == [("error", "Whoever submitted it may not run such jobs any more.")]
    assert reports(central) == []
    assert central.value("select next_run_at from job_schedule where job = $1", UUID(job)) is None


def test_a_job_that_was_held_back_goes_on_once_its_owner_may_again(central: RunningCentral) -> None:
    boss = manager(central)
    payload = {"addresses": ["me@example.org"], "period": "yesterday"}
    job = job_of(boss, "report_by_email", {"kind": "interval", "seconds": 3600}, payload)

    def is_now(role: str) -> None:
        run(
            central.database,
            lambda connection: connection.execute("update account set role = $2 where id = $1", boss.account, role),
        )

    is_now("customer")
    assert went_on(central, job).state == "paused"
    is_now("manager")
    boss.client.post(f"/api/jobs/{job}/resume").raise_for_status()
    assert went_on(central, job).states == ["cancelled", "completed"]
    assert len(reports(central)) == 1
