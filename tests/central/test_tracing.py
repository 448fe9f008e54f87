"""Traces: what a collector is sent, what it is never sent, and that nobody pays for what nobody asked for."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from central.otlp import SENT
from central.tracing import ENDPOINT, CannotTrace, traces_from
from tests.central.test_nodes import RUSH, opened
from tests.central.test_serving import ROOT, end, start
from tests.support.collector import collecting, told

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="boxoffice-node-"))
    yield made
    shutil.rmtree(made)


def test_a_request_and_its_sql_are_one_trace_that_goes_on_from_the_callers(
    folder: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with collecting() as collector:
        monkeypatch.setenv(ENDPOINT, collector.url)
        process = start(folder, "--database", database)
        caller = {"traceparent": f"00-{TRACE}-{PARENT}-01", "X-Request-Id": "a-request-of-mine"}
        found = httpx.get(f"{process.url}/api/events", params={"keyword": "orchard"}, headers=caller, verify=False)
        httpx.get(f"{process.url}/readyz", verify=False)
        end(process)  # which sends what is left
    assert found.status_code == 200
    assert collector.services == {"boxoffice-central"}
    [request] = [span for span in collector.spans if span.kind == Span.SPAN_KIND_SERVER]
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (TRACE, PARENT)
    assert request.name == "GET /api/events"
    assert told(request) == {
        "http.request.method": "GET",
        "http.route": "/api/events",
        "http.response.status_code": 200,
        "boxoffice.request": "a-request-of-mine",
    }
    queries = [span for span in collector.spans if span.kind == Span.SPAN_KIND_CLIENT]
    assert any("performance" in str(told(span)["db.query.text"]) for span in queries)
    for span in queries:
        assert (span.trace_id, span.parent_span_id) == (request.trace_id, request.span_id)
        assert (span.name, told(span)["db.system.name"]) == (told(span)["db.operation.name"], "postgresql")
        assert request.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano


def test_no_secret_and_nobody_is_in_a_trace(folder: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    [token, boss] = opened(database, 1, 1)
    with collecting() as collector:
        monkeypatch.setenv(ENDPOINT, collector.url)
        process = start(folder, "--database", database)
        till = process.running(database).till("Till of Mara")
        with httpx.Client(base_url=process.url, verify=False, headers={"Authorization": f"Bearer {token}"}) as client:
            person = {"email": "ada@example.org", "password": "a heap of plain words", "name": "Ada Byron"}
            client.post("/api/register", json=person)
            client.post("/api/login", json={**person, "password": "a guess at it"})
            client.get("/api/events", params={"keyword": "ORCHARDS-OF-BYRON"})
            client.get("/api/verify-email", params={"token": "a-secret-of-a-link"})
            client.get("/api/users", params={"search": "byron"}, headers={"Authorization": f"Bearer {boss}"})
            client.get("/nowhere/ada@example.org")
            booked = client.post("/api/bookings", json={"eventId": str(RUSH), "userId": "x", "numberOfTickets": 1})
            client.get(f"/api/bookings/{TRACE}", headers={"baggage": "who=ada@example.org"})
        till.client.get("/api/tills/status")
        till.client.close()
        end(process)
    assert booked.status_code >= 400
    assert len(collector.spans) > 10
    assert {name for span in collector.spans for name in told(span)} <= SENT
    assert not [span for span in collector.spans if span.events or span.links or span.status.message]
    sent = b"".join(collector.bodies).lower()
    password = database.partition("@")[0].rpartition(":")[2]
    for secret in (
        *(token, boss, till.credential, password, TRACE),
        *("ada", "byron", "a heap of", "a guess", "a-secret", "mara", "127.0.0.1"),
    ):
        assert secret.lower().encode() not in sent, secret


def test_an_answer_that_is_a_bug_is_marked_without_what_it_said(
    folder: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with collecting() as collector:
        monkeypatch.setenv(ENDPOINT, collector.url)
        process = start(folder, "--database", database)
        running = process.running(database)
        till = running.till()
        running.value("alter table till rename to till_gone")
        assert till.client.get("/api/tills/status").status_code == 500
        till.client.close()
        end(process)
    failed = [span for span in collector.spans if span.status.code == Status.STATUS_CODE_ERROR]
    assert [(span.kind, told(span)["error.type"]) for span in failed] == [
        (Span.SPAN_KIND_CLIENT, "UndefinedTableError"),
        (Span.SPAN_KIND_SERVER, "500"),
    ]


def test_a_collector_that_is_away_delays_nobody(folder: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes lines and never answers
        monkeypatch.setenv(ENDPOINT, f"http://127.0.0.1:{silent.getsockname()[1]}")
        process = start(folder, "--database", database)
        for _ in range(20):
            assert httpx.get(f"{process.url}/api/events", verify=False).elapsed.total_seconds() < 2
        asked_at = time.monotonic()
        end(process)
    assert process.popen.returncode == 0
    assert time.monotonic() - asked_at < 8


_LOADED = """
import sys
from central.app import Settings, create_app
from central.keys import CentralKeys
from central.tracing import traces_from
import os
create_app(Settings("", CentralKeys(bytes(32)), traces=traces_from(os.environ)))
print(any(name.startswith(("opentelemetry.sdk", "opentelemetry.exporter", "google.protobuf")) for name in sys.modules))
"""


@pytest.mark.parametrize(
    ("variables", "is_loaded"),
    [
        ({}, False),
        ({ENDPOINT: "http://127.0.0.1:1"}, True),
        ({"FASTAPI_OTEL_AUTO_CONFIGURE": "true"}, False),
    ],
)
def test_it_is_loaded_only_where_it_is_asked_for(variables: dict[str, str], is_loaded: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED], cwd=ROOT, env=variables, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == str(is_loaded)


@pytest.mark.parametrize("off", [{"OTEL_TRACES_EXPORTER": "none"}, {"OTEL_SDK_DISABLED": "true"}, {ENDPOINT: ""}])
def test_open_telemetrys_own_ways_to_turn_it_off_hold(off: dict[str, str]) -> None:
    assert traces_from({ENDPOINT: "http://127.0.0.1:4318", **off}) is None


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({ENDPOINT: "collector:4318"}, "no URL of a collector"),
        ({ENDPOINT: "http://"}, "no URL of a collector"),
        ({ENDPOINT: "http://127.0.0.1:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "http/protobuf only"),
    ],
)
def test_settings_that_cannot_work_are_said_at_the_start(variables: dict[str, str], words: str) -> None:
    with pytest.raises(CannotTrace, match=words):
        traces_from(variables)


def test_without_the_extra_it_is_said_which_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "central.otlp")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(CannotTrace, match=r"opentelemetry.*is not installed") as refused:
        traces_from({ENDPOINT: "http://127.0.0.1:4318"})
    assert "extra `tracing`" in refused.value.way_out
