"""The API of jobs: submitted, looked at, edited, paused, resumed, run and cancelled by whoever they belong to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.central.people import Person, admin, customer, manager
from tests.support.central import NOW, TOMORROW, RunningCentral, problem_of

REMINDER: dict[str, Any] = {
    "type": "event_reminder",
    "name": "Remind me",
    "payload": {"eventId": str(TOMORROW)},
    "schedule": {"kind": "once", "at": "2026-11-15T10:00:00Z"},
}
DAILY = {"kind": "cron", "expression": "0 9 * * *", "timezone": "Europe/Berlin"}


def submitted(person: Person, **changes: Any) -> str:
    reply = person.client.post("/api/jobs", json={**REMINDER, **changes})
    assert reply.status_code == 201, reply.text
    assert reply.json()["message"] == "job submitted successfully"
    found: str = reply.json()["jobId"]
    return found


def shown(person: Person, job: str) -> dict[str, Any]:
    reply = person.client.get(f"/api/jobs/{job}")
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def do(person: Person, job: str, what: str) -> httpx.Response:
    return person.client.post(f"/api/jobs/{job}/{what}")


def test_a_job_is_submitted_and_looked_at(central: RunningCentral) -> None:
    ada = customer(central)
    job = submitted(ada)
    found = shown(ada, job)
    assert (found["userId"], found["type"], found["name"]) == (ada.id, "event_reminder", "Remind me")
    assert (found["state"], found["status"], found["nextRunTime"]) == ("active", "pending", "2026-11-15T10:00:00Z")
    assert (found["maxRetries"], found["retryAfterSeconds"], found["retryCount"]) == (3, [60, 300, 600], 0)
    assert [one["jobId"] for one in ada.client.get("/api/jobs").json()] == [job]
    assert ada.client.get(f"/api/jobs/{job}/executions").json() == []
    assert ada.client.get(f"/api/jobs/{job}/logs").json() == []


def test_everybody_sees_their_own_and_managers_all(central: RunningCentral) -> None:
    ada, bob, boss = customer(central), customer(central), manager(central)
    of_ada, of_bob = submitted(ada), submitted(bob)
    assert [one["jobId"] for one in bob.client.get("/api/jobs").json()] == [of_bob]
    assert {one["jobId"] for one in boss.client.get("/api/jobs").json()} >= {of_ada, of_bob}
    assert problem_of(bob.client.get(f"/api/jobs/{of_ada}"))["code"] == "unknown_job"
    first = boss.client.get("/api/jobs", params={"type": "event_reminder", "limit": 1}).json()
    rest = boss.client.get("/api/jobs", params={"type": "event_reminder", "after": first[-1]["jobId"]}).json()
    assert {one["jobId"] for one in first + rest} == {of_ada, of_bob}


def test_a_job_is_edited_with_the_version_one_saw(central: RunningCentral) -> None:
    ada = customer(central)
    job = submitted(ada)
    change = {"schedule": DAILY, "priority": 5, "maxRetries": 1, "retryAfterSeconds": [10]}
    edited = ada.client.patch(f"/api/jobs/{job}", json=change, headers={"If-Match": '"v1"'})
    assert (edited.status_code, edited.headers["etag"]) == (200, '"v2"')
    assert edited.json()["nextRunTime"] == "2026-11-15T08:00:00Z"  # 9:00 in Berlin
    assert (edited.json()["name"], edited.json()["priority"]) == ("Remind me", 5)
    late = ada.client.patch(f"/api/jobs/{job}", json={"name": "Late"}, headers={"If-Match": '"v1"'})
    assert (late.status_code, problem_of(late)["code"]) == (412, "version_changed")
    renamed = ada.client.patch(f"/api/jobs/{job}", json={"name": "Every day"})
    assert renamed.json()["nextRunTime"] == "2026-11-15T08:00:00Z"


def test_a_paused_job_is_not_due_and_makes_nothing_up_when_it_goes_on(central: RunningCentral) -> None:
    ada = customer(central)
    job = submitted(ada, schedule=DAILY)
    assert do(ada, job, "pause").json()["nextRunTime"] is None
    assert problem_of(do(ada, job, "pause"))["code"] == "wrong_state"
    central.clock[0] = NOW + timedelta(days=10)
    resumed = do(ada, job, "resume").json()
    assert (resumed["state"], resumed["nextRunTime"]) == ("active", "2026-11-25T08:00:00Z")


def test_a_cancelled_job_stays_to_be_looked_at_and_does_nothing_more(central: RunningCentral) -> None:
    ada = customer(central)
    job = submitted(ada)
    cancelled = ada.client.delete(f"/api/jobs/{job}")
    assert (cancelled.status_code, cancelled.json()["state"], cancelled.json()["nextRunTime"]) == (
        200,
        "cancelled",
        None,
    )
    for what in ("pause", "resume", "run"):
        assert problem_of(do(ada, job, what))["code"] == "wrong_state"
    assert shown(ada, job)["state"] == "cancelled"


def test_a_job_is_run_now_but_not_twice_at_once(central: RunningCentral) -> None:
    ada = customer(central)
    job = submitted(ada)
    assert do(ada, job, "run").status_code == 202
    [execution] = ada.client.get(f"/api/jobs/{job}/executions").json()
    assert (execution["status"], execution["attempt"]) == ("waiting", 1)
    refused = do(ada, job, "run")
    assert (refused.status_code, problem_of(refused)["code"]) == (409, "job_runs")
    assert shown(ada, job)["nextRunTime"] == "2026-11-15T10:00:00Z"


def test_the_types_are_those_that_one_may_submit(central: RunningCentral) -> None:
    of_ada = {one["type"]: one for one in customer(central).client.get("/api/job-types").json()}
    of_boss = {one["type"] for one in admin(central).client.get("/api/job-types").json()}
    assert of_ada["event_reminder"]["payload"]["properties"]["eventId"]
    assert set(of_ada) <= of_boss


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": "nothing"}, "type"),
        ({"name": ""}, "name"),
        ({"payload": {}}, "payload.eventId"),
        ({"payload": {"eventId": "x"}}, "payload.eventId"),
        ({"payload": {"eventId": "1", "more": "x" * 20_000}}, "payload"),
        ({"schedule": {"kind": "cron", "expression": "never"}}, "schedule.cron.expression"),
        ({"schedule": {"kind": "cron", "expression": "0 9 * * *", "timezone": "Nowhere"}}, "schedule.cron.timezone"),
        ({"schedule": {"kind": "interval", "seconds": 1}}, "schedule.interval.seconds"),
        ({"schedule": {"kind": "once", "at": "soon"}}, "schedule.once.at"),
        ({"schedule": None}, "schedule"),
        ({"priority": 11}, "priority"),
        ({"maxRetries": -1}, "maxRetries"),
        ({"retryAfterSeconds": []}, "retryAfterSeconds"),
        ({"timeLimitSeconds": 0}, "timeLimitSeconds"),
        ({"timezone": "UTC"}, "timezone"),
    ],
)
def test_what_is_no_job_is_refused_by_its_field(central: RunningCentral, changes: dict[str, Any], field: str) -> None:
    reply = customer(central).client.post("/api/jobs", json={**REMINDER, **changes})
    assert (reply.status_code, problem_of(reply)["field"]) == (422, field), reply.text
    assert central.value("select count(*) from job") == 0


def test_a_customer_has_so_many_jobs_at_a_time(central: RunningCentral, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("central.jobs.endpoints._MOST_JOBS", 2)
    ada = customer(central)
    submitted(ada)
    job = submitted(ada)
    assert problem_of(ada.client.post("/api/jobs", json=REMINDER))["code"] == "too_many_jobs"
    ada.client.delete(f"/api/jobs/{job}").raise_for_status()
    submitted(ada)
