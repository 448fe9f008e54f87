"""The edge: problems in words, limits, the catalogue's tag, and the public programme."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import time
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
import structlog
from fastapi import FastAPI

from boxoffice.domain.catalogue import Catalogue
from boxoffice.domain.plan import plan_from_json
from central.arriving import MOST_BODY_BYTES
from central.draining import Draining
from central.envelope import Envelope
from central.logs import configure_logs
from central.metrics import Metrics
from central.seeding import insert_catalogue
from central.tills.hints import Hints
from tests.central.people import customer, manager
from tests.support.central import (
    FLOOR_PLACES,
    NOW,
    SEATS,
    TOMORROW,
    TONIGHT,
    Databases,
    RunningCentral,
    catalogue,
    embedded_postgres,
    problem_of,
    run,
    running_central,
)


@pytest.mark.parametrize("body", [b"", b"{", b"[1", b"\xff\xfe", b"nonsense", b"[" * 200_000])
def test_what_is_not_json_is_said_so(central: RunningCentral, body: bytes) -> None:
    reply = httpx.post(
        f"{central.url}/api/tills/pair", content=body, headers={"Content-Type": "application/json"}, verify=False
    )
    assert reply.status_code in (400, 422)
    assert problem_of(reply)["code"] in ("not_json", "malformed", "bad_request")


def test_a_huge_body_is_refused_with_and_without_its_length(central: RunningCentral) -> None:
    huge = b" " * (MOST_BODY_BYTES + 1)
    announced = httpx.post(f"{central.url}/api/tills/pair", content=huge, verify=False)
    assert (announced.status_code, problem_of(announced)["code"]) == (413, "request_entity_too_large")

    def chunks() -> Any:
        for _ in range(40):
            yield b" " * 65536

    streamed = httpx.post(
        f"{central.url}/api/tills/pair", content=chunks(), headers={"Content-Type": "application/json"}, verify=False
    )
    assert (streamed.status_code, problem_of(streamed)["code"]) == (413, "request_entity_too_large")


def test_the_plan_of_a_stadium_goes_up_and_only_a_managers(central: RunningCentral) -> None:
    seats, rows = 200, 25
    section = [
        {
            "label": str(row),
            "seats": [str(seat + 1) for seat in range(seats)],
            "x": [50.0 * seat for seat in range(seats)],
            "y": [80.0 * row] * seats,
            "category": [0] * seats,
        }
        for row in range(rows)
    ]
    stadium = {
        "name": "Stadium",
        "size": [20_000, 20_000],
        "focal_point": [10_000, 10_000],
        "categories": ["All"],
        "sections": [{"name": f"Block {number}", "rows": section} for number in range(20)],
    }
    boss = manager(central)
    made = boss.client.post("/api/admin/plans", json=stadium)
    assert made.status_code == 201, made.text
    assert made.json()["seats"] == seats * rows * 20 == 100_000
    boss.client.delete(f"/api/admin/plans/{made.json()['planId']}").raise_for_status()
    refused = customer(central).client.post("/api/admin/plans", json=stadium)
    assert (refused.status_code, problem_of(refused)["code"]) == (413, "request_entity_too_large")


def test_a_bug_of_ours_is_said_plainly_and_keeps_what_it_held_to_itself(
    central: RunningCentral, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = central.till()

    async def broken(_: object, performance: int) -> None:
        credential = till.credential
        raise ZeroDivisionError(len(credential) // (performance - TONIGHT))

    monkeypatch.setattr("central.tills.feeds.snapshot", broken)
    before = structlog.get_config()
    written = io.StringIO()
    configure_logs(to=written)
    deadline = time.monotonic() + 10
    try:
        reply = till.client.get(f"/api/tills/performances/{TONIGHT}/snapshot")
        while '"event": "request"' not in written.getvalue() and time.monotonic() < deadline:
            pass  # it is written after the answer has gone
    finally:
        structlog.configure(**before)
        logging.getLogger().handlers.clear()
    assert (reply.status_code, problem_of(reply)["code"]) == (500, "internal")
    assert reply.headers["x-box-office"] == "1"
    assert "ZeroDivision" not in reply.text
    log = written.getvalue()
    [bug] = [line for line in map(json.loads, log.splitlines()) if line["event"] == "bug"]
    assert bug["request"] == reply.headers["x-request-id"]
    assert "ZeroDivisionError" in json.dumps(bug)
    assert till.credential not in log


@pytest.mark.parametrize(
    "error", [asyncpg.InternalClientError("cannot switch to state 15"), asyncpg.AdminShutdownError("restarting")]
)
def test_a_connection_that_breaks_under_a_request_is_no_bug_of_ours(
    central: RunningCentral, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def broken(_: object, performance: int) -> None:
        raise error

    till = central.till()
    monkeypatch.setattr("central.tills.feeds.snapshot", broken)
    reply = till.client.get(f"/api/tills/performances/{TONIGHT}/snapshot")
    assert (reply.status_code, problem_of(reply)["code"]) == (503, "database_away")
    assert reply.headers["retry-after"] == "2"


def test_without_its_database_central_says_when_to_come_back() -> None:
    with embedded_postgres() as server:
        databases = Databases(server)
        with running_central(databases.fresh()) as central:
            till = central.till()
            server.stop()
            for path in ("/readyz", "/api/events", "/api/tills/status"):
                reply = till.client.get(path)
                assert (reply.status_code, problem_of(reply)["code"]) == (503, "database_away")
                assert reply.headers["retry-after"] == "2"
            assert till.client.get("/healthz").status_code == 200


def test_every_reply_is_the_protocols_and_carries_its_request_id(central: RunningCentral) -> None:
    for path in ("/healthz", "/readyz", "/api/events", "/api/tills/status", "/nowhere", "/api/events/x"):
        reply = httpx.get(central.url + path, headers={"X-Request-Id": "till-2-0001"}, verify=False)
        assert reply.headers["x-box-office"] == "1"
        assert reply.headers["x-request-id"] == "till-2-0001"
        json.loads(reply.content)
    odd = httpx.get(f"{central.url}/healthz", headers={"X-Request-Id": "a b\tc"}, verify=False)
    assert odd.headers["x-request-id"] != "a b\tc"
    assert problem_of(httpx.post(f"{central.url}/api/events", verify=False))["code"] == "method_not_allowed"


def test_the_catalogue_is_what_was_put_in_and_is_sent_once_a_version(central: RunningCentral) -> None:
    till = central.till()
    first = till.client.get("/api/tills/catalogue")
    pulled = Catalogue.model_validate_json(first.content)
    assert pulled.model_copy(update={"version": 1}) == catalogue()
    assert plan_from_json(pulled.plans[0]).seat_count == SEATS
    tag = {"If-None-Match": first.headers["etag"]}
    again = till.client.get("/api/tills/catalogue", headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    run(central.database, lambda connection: insert_catalogue(connection, catalogue()))
    changed = till.client.get("/api/tills/catalogue", headers=tag)
    assert changed.status_code == 200
    assert Catalogue.model_validate_json(changed.content).version == pulled.version + 1


def test_large_replies_are_packed(central: RunningCentral) -> None:
    reply = central.till().client.get("/api/tills/catalogue", headers={"Accept-Encoding": "gzip"})
    assert reply.headers["content-encoding"] == "gzip"


def _events(central: RunningCentral, **query: str | int) -> list[dict[str, Any]]:
    reply = httpx.get(f"{central.url}/api/events", params=query, verify=False)
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()
    return found


def test_events_tell_what_the_public_needs_and_count_free_places(central: RunningCentral) -> None:
    till = central.till()
    till.sell(till.lease([1, 2, 3], places=4).seats, places=1)
    till.push()
    tonight, tomorrow = _events(central)
    assert tonight["eventId"] == str(TONIGHT)
    assert tonight["name"] == "The Cherry Orchard"
    assert tonight["location"] == "Theatre Royal"
    assert tonight["date"] == "2026-11-14T20:00:00+01:00"
    assert (tonight["category"], tonight["currency"], tonight["status"]) == ("play", "EUR", "on_sale")
    assert tonight["availableSeats"] == SEATS - 3 + FLOOR_PLACES - 4
    assert tomorrow["availableSeats"] == SEATS + FLOOR_PLACES
    shown = httpx.get(f"{central.url}/api/events/{TONIGHT}", verify=False).json()
    assert {key: shown[key] for key in tonight} == tonight


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [TONIGHT, TOMORROW]),
        ({"location": "bath"}, [TONIGHT, TOMORROW]),
        ({"location": "leeds"}, []),
        ({"keyword": "ORCHARD"}, [TONIGHT, TOMORROW]),
        ({"keyword": "%"}, []),
        ({"keyword": "ch_rry"}, []),
        ({"keyword": "a\\"}, []),
        ({"category": "Play"}, [TONIGHT, TOMORROW]),
        ({"category": "opera"}, []),
        ({"date": "2026-11-14"}, [TONIGHT]),
        ({"date": "2026-11-15", "keyword": "cherry", "location": "royal"}, [TOMORROW]),
        ({"limit": 1}, [TONIGHT]),
        ({"dateFrom": "2026-11-15"}, [TOMORROW]),
        ({"dateTo": "2026-11-14"}, [TONIGHT]),
    ],
)
def test_events_are_found_by_place_day_category_and_word(
    central: RunningCentral, query: dict[str, str | int], found: list[int]
) -> None:
    assert [event["eventId"] for event in _events(central, **query)] == [str(number) for number in found]


def test_a_past_event_is_found_by_its_day_only_and_a_cancelled_one_by_its_number(central: RunningCentral) -> None:
    central.clock[0] = NOW + timedelta(hours=12)
    assert [event["eventId"] for event in _events(central)] == [str(TOMORROW)]
    assert [event["eventId"] for event in _events(central, date="2026-11-14")] == [str(TONIGHT)]
    central.fetch("update performance set status = 'cancelled' where id = $1", TOMORROW)
    assert _events(central) == []
    shown = httpx.get(f"{central.url}/api/events/{TOMORROW}", verify=False).json()
    assert (shown["status"], shown["availableSeats"]) == ("cancelled", 0)


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/api/events?date=tomorrow", 422, "date"),
        ("/api/events?limit=0", 422, "limit"),
        ("/api/events?limit=100000", 422, "limit"),
        ("/api/events?cursor=%25", 422, "cursor"),
        (f"/api/events?keyword={'x' * 201}", 422, "keyword"),
        ("/api/events?keyword=%00", 422, ""),
        ("/api/events/0x10", 404, "eventId"),
        ("/api/events/99999999999999999999", 404, "eventId"),
        ("/api/events/-1", 404, "eventId"),
        ("/api/events/4242", 404, "eventId"),
    ],
)
def test_a_wrong_question_is_answered_with_the_field(
    central: RunningCentral, path: str, status: int, field: str
) -> None:
    reply = httpx.get(central.url + path, verify=False)
    assert (reply.status_code, problem_of(reply)["field"]) == (status, field)


def test_openapi_describes_every_endpoint(central: RunningCentral) -> None:
    paths = httpx.get(f"{central.url}/openapi.json", verify=False).json()["paths"]
    assert {
        "/api/events",
        "/api/events/{eventId}",
        "/api/tills/pair",
        "/api/tills/push",
        "/api/tills/leases",
        "/api/tills/hints",
        "/api/tills/performances/{performance}/feed",
    } <= set(paths)


def test_every_answer_tells_a_browser_what_it_is_and_is_in_nobodys_frame(central: RunningCentral) -> None:
    for path, status in (
        *(("/healthz", 200), ("/api/events", 200), ("/api/tills/status", 401), ("/nowhere", 404)),
        *(("/openapi.json", 200), ("/docs", 200), ("/redoc", 200)),
    ):
        reply = httpx.get(central.url + path, verify=False)
        assert reply.status_code == status
        headers = reply.headers
        assert headers["x-content-type-options"] == "nosniff"
        rules = headers["content-security-policy"].split("; ")
        assert "frame-ancestors 'none'" in rules
        assert ("default-src 'none'" in rules) is (path not in ("/docs", "/redoc"))
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "strict-transport-security" not in headers


def test_the_pages_that_describe_the_api_may_load_what_they_need(central: RunningCentral) -> None:
    for path, shows in (("/docs", "SwaggerUIBundle"), ("/redoc", "<redoc spec-url")):
        reply = httpx.get(central.url + path, verify=False)
        assert shows in reply.text
        assert re.search(r'<script src="https://[^"]+"', reply.text), "from elsewhere, so a rule about scripts stops it"
        kinds = {rule.split()[0] for rule in reply.headers["content-security-policy"].split(";")}
        assert kinds == {"frame-ancestors"}


@pytest.mark.parametrize("status", [413, 500])
def test_what_goes_wrong_carries_the_headers_as_well(
    central: RunningCentral, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    if status == 500:
        monkeypatch.setattr("central.catalogue.endpoints.search", broken)
        reply = httpx.get(f"{central.url}/api/events", verify=False)
    else:
        reply = httpx.post(f"{central.url}/api/login", content=b" " * (MOST_BODY_BYTES + 1), verify=False)
    assert reply.status_code == status
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("trusts", "scheme", "came_by", "is_told"),
    [
        (True, "http", "https", True),
        (True, "http", "http", False),
        (False, "http", "https", False),
        (False, "https", "", True),
    ],
)
def test_who_came_by_tls_is_told_to_stay_with_it(trusts: bool, scheme: str, came_by: str, is_told: bool) -> None:
    app = FastAPI()
    app.state.metrics, app.state.draining = Metrics(), Draining(Hints())
    app.add_middleware(Envelope, trust_proxy=trusts)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://central") as client:
            return await client.get("/openapi.json", headers={"X-Forwarded-Proto": came_by})

    assert ("strict-transport-security" in asyncio.run(ask()).headers) is is_told
