from __future__ import annotations

from dataclasses import replace

import httpx
from prometheus_client.parser import text_string_to_metric_families

from central.metrics import Metrics
from tests.support.central import Databases, RunningCentral, problem_of, running_central


def _figures(central: RunningCentral) -> dict[tuple[str, ...], float]:
    page = httpx.get(f"{central.url}/metrics", verify=False)
    assert page.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page.text)
        for sample in family.samples
    }


def test_answers_are_counted_by_route_and_status_and_never_by_path(central: RunningCentral) -> None:
    route = ("boxoffice_answers_total", "GET", "/api/events/{eventId}")
    before = _figures(central)
    for event in ("1001", "1001", "4711"):
        httpx.get(f"{central.url}/api/events/{event}", verify=False)
    httpx.get(f"{central.url}/nowhere/a-name", verify=False)
    after = _figures(central)
    assert after[(*route, "200")] - before.get((*route, "200"), 0) == 2
    assert after[(*route, "404")] - before.get((*route, "404"), 0) == 1
    assert after["boxoffice_answers_total", "GET", "unknown", "404"] >= 1
    assert not [labels for labels in after if any("4711" in label or "a-name" in label for label in labels)]
    assert after["boxoffice_requests_in_progress",] == 1  # this one
    assert after["boxoffice_database_connections", "idle"] >= 1
    assert after["boxoffice_waiting", "waiting"] == 0


def test_the_figures_need_the_token_once_there_is_one(central: RunningCentral) -> None:
    services = central.app.state.services
    central.app.state.services = replace(services, metrics_token="s3cret")
    try:
        refused = httpx.get(f"{central.url}/metrics", verify=False)
        wrong = httpx.get(f"{central.url}/metrics", headers={"Authorization": "Bearer another"}, verify=False)
        right = httpx.get(f"{central.url}/metrics", headers={"Authorization": "Bearer s3cret"}, verify=False)
    finally:
        central.app.state.services = services
    assert (refused.status_code, problem_of(refused)["code"]) == (403, "not_allowed")
    assert wrong.status_code == 403
    assert right.status_code == 200


def test_what_a_proxy_on_this_machine_passes_on_is_not_of_this_machine(central: RunningCentral) -> None:
    passed_on = httpx.get(f"{central.url}/metrics", headers={"X-Forwarded-For": "127.0.0.1"}, verify=False)
    assert (passed_on.status_code, problem_of(passed_on)["code"]) == (403, "not_allowed")
    assert httpx.get(f"{central.url}/metrics", verify=False).status_code == 200


def test_while_the_database_is_away_that_is_the_figure(databases: Databases) -> None:
    with running_central(databases.fresh()) as central:
        assert _figures(central)["boxoffice_database_up",] == 1

        def may_connect(may: bool) -> None:
            name = central.database.rpartition("/")[2]
            databases.execute(
                f"alter database {name} with allow_connections {may};"
                f" select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
            )
            central.app.state.metrics = Metrics()  # it looks again at once

        may_connect(False)
        away = _figures(central)
        assert away["boxoffice_database_up",] == 0
        assert not [labels for labels in away if labels[0].startswith("boxoffice_job")]
        may_connect(True)
        assert _figures(central)["boxoffice_jobs_due",] == 0
