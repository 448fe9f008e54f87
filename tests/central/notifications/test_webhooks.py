"""Other systems are told of what happens: signed, at least once, and never into our own network."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from central.notifications.calling import DELIVERIES, OFF_AFTER
from central.notifications.reaching import is_public
from central.notifications.settings import NotificationSettings
from tests.central.bookings.test_cancelling import cancel, paid
from tests.central.notifications.post import posting, services_at, until
from tests.central.people import Person, customer, manager
from tests.support.central import NOW, TOMORROW, RunningCentral, problem_of
from tests.support.loopback import served


@dataclass
class Partner:
    """Somebody's system. `status`: what it answers."""

    url: str = ""
    status: int = 200
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def partner() -> Iterator[Partner]:
    found, app = Partner(), FastAPI()

    @app.post("/hook")
    async def take(request: Request) -> Response:
        with found.lock:
            found.received.append((dict(request.headers), await request.body()))
        if found.status == 302:
            return RedirectResponse("/elsewhere", 302)
        return Response("thank you", found.status)

    @app.post("/elsewhere")
    async def elsewhere() -> Response:
        raise AssertionError("a redirection was followed")

    with served(app) as url:
        found.url = f"{url}/hook"
        yield found


@pytest.fixture
def open_house(central: RunningCentral) -> Iterator[None]:
    """Webhooks may go to this machine."""
    before = central.app.state.services
    settings = replace(before.notifications, private_hooks=True)
    central.app.state.services = replace(before, notifications=settings)
    yield
    central.app.state.services = before


def registered(boss: Person, url: str, *events: str) -> dict[str, Any]:
    reply = boss.client.post("/api/admin/webhooks", json={"url": url, "events": events})
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def called(central: RunningCentral, state: str = "sent", count: int = 1, *, is_private_allowed: bool = True) -> None:
    """A worker runs until so many deliveries are in that state."""

    async def scenario() -> None:
        settings = NotificationSettings(private_hooks=is_private_allowed)
        async with services_at(central.database, settings, lambda: central.clock[0]) as services:

            async def are() -> bool:
                found: int = await services.database.pool.fetchval(
                    "select count(*) from hook_delivery where state = $1", state
                )
                return found == count

            async with posting(services, central.database):
                await until(are)

    asyncio.run(scenario())


def test_what_happens_is_posted_and_signed(central: RunningCentral, open_house: None) -> None:
    ada, boss = customer(central), manager(central)
    with partner() as other:
        made = registered(boss, other.url, "booking.confirmed", "booking.cancelled", "refund.paid", "event.changed")
        booking = paid(central, ada, seats=[20])
        cancel(ada, booking).raise_for_status()
        boss.client.put(f"/api/admin/events/{TOMORROW}", json={"details": "A comedy."}).raise_for_status()
        called(central, count=3)
        told = {}
        for headers, body in other.received:
            stamp, signature = (part.partition("=")[2] for part in headers["boxoffice-signature"].split(","))
            wanted = hmac.new(made["secret"].encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
            assert hmac.compare_digest(signature, wanted)
            assert int(stamp) == int(NOW.timestamp())
            told[headers["boxoffice-event"]] = json.loads(body)
            assert ada.email not in body.decode()
            assert ada.name not in body.decode()
        assert set(told) == {"booking.confirmed", "booking.cancelled", "event.changed"}
        assert told["booking.confirmed"]["data"]["bookingId"] == booking["bookingId"]
        assert told["booking.confirmed"]["data"]["totalMinor"] == booking["totalMinor"]
        assert told["booking.cancelled"]["data"]["isWhole"] is True
        assert told["event.changed"]["data"]["eventId"] == str(TOMORROW)
    listed = boss.client.get(f"/api/admin/webhooks/{made['webhookId']}/deliveries").json()
    assert {(row["event"], row["state"], row["status"], row["said"]) for row in listed} == {
        (event, "sent", 200, "thank you") for event in told
    }


def test_the_secret_is_shown_once_and_is_nowhere_in_the_database(central: RunningCentral, open_house: None) -> None:
    boss = manager(central)
    with partner() as other:
        made = registered(boss, other.url, "refund.paid")
        [listed] = boss.client.get("/api/admin/webhooks").json()
    assert "secret" not in listed
    assert made["secret"].removeprefix("whsec_") not in central.value("select string_agg(h::text, '') from hook h")


def test_only_what_was_asked_for_is_told_and_nothing_after_it_was_deleted(
    central: RunningCentral, open_house: None
) -> None:
    ada, boss = customer(central), manager(central)
    with partner() as other:
        made = registered(boss, other.url, "refund.paid")
        paid(central, ada, seats=[20])
        assert central.value("select count(*) from hook_delivery") == 0
        assert boss.client.delete(f"/api/admin/webhooks/{made['webhookId']}").status_code == 204
        assert boss.client.delete(f"/api/admin/webhooks/{made['webhookId']}").status_code == 404
        assert boss.client.get("/api/admin/webhooks").json() == []


@pytest.mark.parametrize("status", [500, 404, 302])
def test_what_was_not_taken_comes_again_under_the_same_id(
    central: RunningCentral, open_house: None, status: int
) -> None:
    ada, boss = customer(central), manager(central)
    with partner() as other:
        registered(boss, other.url, "booking.confirmed")
        other.status = status
        paid(central, ada, seats=[20])
        called(central, "waiting")
        pause = central.value("select extract(epoch from due_at - now())::float8 from hook_delivery")
        assert 0 < pause < 73
        other.status = 204
        central.fetch("update hook_delivery set due_at = now() returning id")
        called(central, "sent")
        assert len({headers["boxoffice-delivery"] for headers, _ in other.received}) == 1
        assert len(other.received) == 2
        assert central.value("select failing_since from hook") is None


def test_what_fails_for_days_is_switched_off_and_its_owner_told(central: RunningCentral, open_house: None) -> None:
    ada, boss = customer(central), manager(central)
    with partner() as other:
        made = registered(boss, other.url, "booking.confirmed")
        other.status = 503
        paid(central, ada, seats=[20])
        called(central, "waiting")
        central.clock[0] = NOW + OFF_AFTER + timedelta(hours=1)
        central.fetch(
            "update hook_delivery set due_at = now(), attempts = $1 returning id", DELIVERIES.most_attempts - 1
        )
        called(central, "failed")
        [shown] = boss.client.get("/api/admin/webhooks").json()
        assert shown["state"] == "disabled"
        notice = central.fetch("select address, detail ->> 'url' as url from message where kind = 'webhook_disabled'")
        assert notice == [{"address": boss.email, "url": other.url}]
        other.status = 200
        assert boss.client.post(f"/api/admin/webhooks/{made['webhookId']}/enable").status_code == 200
        called(central, "sent")
        assert boss.client.get("/api/admin/webhooks").json()[0]["state"] == "active"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://10.1.2.3/x",
        "https://169.254.169.254/latest",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://[fd00::1]/x",
        "https://2130706433/x",
        "https://user:password@192.0.2.1/x",
        "http://example.org/x",
        "ftp://example.org/x",
        "https://",
        "https://[x",
    ],
)
def test_private_addresses_are_not_called(central: RunningCentral, url: str) -> None:
    refused = manager(central).client.post("/api/admin/webhooks", json={"url": url, "events": ["refund.paid"]})
    assert refused.status_code == 422, refused.text
    assert problem_of(refused)["code"] in ("not_reachable", "malformed")
    assert central.value("select count(*) from hook") == 0


def test_a_name_that_turns_to_our_own_network_later_is_not_called(central: RunningCentral, open_house: None) -> None:
    ada, boss = customer(central), manager(central)
    with partner() as other:
        registered(boss, other.url.replace("http://", "https://"), "booking.confirmed")
        paid(central, ada, seats=[20])
        called(central, "failed", is_private_allowed=False)
        assert other.received == []
    assert "not public" in central.value("select said from hook_delivery")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
        ("fe80::1%eth0", False),
    ],
)
def test_which_addresses_are_public(address: str, expected: bool) -> None:
    assert is_public(address) is expected


def test_a_customer_registers_nothing(central: RunningCentral) -> None:
    reply = customer(central).client.post("/api/admin/webhooks", json={"url": "https://x.example", "events": []})
    assert reply.status_code == 403
    assert httpx.get(f"{central.url}/api/admin/webhooks").status_code == 401
