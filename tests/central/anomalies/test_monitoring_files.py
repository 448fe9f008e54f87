"""The dashboard and the alert rules: they ask for figures that there are, and each alert says what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml  # type: ignore[import-untyped]
from prometheus_client.parser import text_string_to_metric_families

from central.jobs.measuring import WorkerMetrics
from central.metrics import Metrics
from tests.support.central import RunningCentral

ROOT = Path(__file__).parents[3]
FILES = ROOT / "packaging" / "monitoring"
_NAME = re.compile(r"\b(?:boxoffice|process|python)_[a-z0-9_]+")
_SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}


def _expressions(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        for key, value in found.items():
            if key == "expr":
                yield value
            else:
                yield from _expressions(value)
    elif isinstance(found, list):
        for value in found:
            yield from _expressions(value)


def _rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FILES / "prometheus-rules.yaml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def _dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FILES / "grafana-dashboard.json").read_text("utf-8"))
    return found


@pytest.fixture
def shown(central: RunningCentral) -> set[str]:
    """The names of all series that a node and a worker can have."""
    central.app.state.metrics = Metrics()
    worker = WorkerMetrics()
    with worker.served(0) as port:
        pages = [
            httpx.get(f"{central.url}/metrics", verify=False).text,
            httpx.get(f"http://127.0.0.1:{port}/metrics").text,
        ]
    return {
        family.name + suffix
        for page in pages
        for family in text_string_to_metric_families(page)
        for suffix in _SUFFIXES[family.type]
    }


def _unknown(expressions: list[str], shown: set[str]) -> set[str]:
    return {name for expression in expressions for name in _NAME.findall(expression)} - shown


def test_every_figure_asked_for_is_there(shown: set[str]) -> None:
    for asked in (list(_expressions(_dashboard())), [rule["expr"] for rule in _rules()]):
        assert len(asked) > 8
        assert all(_NAME.search(expression) or "up{" in expression for expression in asked)
        assert _unknown(asked, shown) == set()
    assert _unknown(["boxoffice_jobs_lagging > 1"], shown) == {"boxoffice_jobs_lagging"}  # it can fail


def test_every_alert_says_what_is_wrong_and_where_to_read_what_to_do() -> None:
    running = (ROOT / "docs" / "running.md").read_text("utf-8")
    names = [rule["alert"] for rule in _rules()]
    assert len(names) == len(set(names)) >= 10
    for rule in _rules():
        assert rule["expr"].strip()
        assert re.fullmatch(r"\d+[smh]", rule["for"])
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"].keys() >= {"summary", "description"}
        assert f"**{rule['alert']}**" in running, f"docs/running.md does not say what to do about {rule['alert']}"


def test_the_panels_of_the_dashboard_have_a_place_each() -> None:
    panels = _dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 12
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, f"{panel['title']} lies over another"
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_the_house_is_looked_at_once_in_a_while_however_many_ask(central: RunningCentral) -> None:
    central.app.state.metrics = Metrics()
    first = httpx.get(f"{central.url}/metrics", verify=False).text
    central.fetch("insert into worker (id, address, capacity) values (gen_random_uuid(), 'host:7', 20) returning 1")
    again = httpx.get(f"{central.url}/metrics", verify=False).text
    assert 'boxoffice_job_workers{state="healthy"} 0.0' in first
    assert 'boxoffice_job_workers{state="healthy"} 0.0' in again
    central.app.state.metrics = Metrics()
    assert 'boxoffice_job_workers{state="healthy"} 1.0' in httpx.get(f"{central.url}/metrics", verify=False).text


def test_a_worker_counts_how_its_attempts_end() -> None:
    metrics = WorkerMetrics()
    metrics.started(20)
    metrics.begun()
    metrics.begun()
    metrics.ended("backup", "failed", 0.2)
    with metrics.served(0) as port:
        page = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    assert 'boxoffice_worker_attempts_total{kind="backup",outcome="failed"} 1.0' in page
    assert 'boxoffice_worker_attempt_seconds_count{kind="backup"} 1.0' in page
    assert "boxoffice_worker_in_hand 1.0" in page
    assert "boxoffice_worker_capacity 20.0" in page
