"""Who may do what: every route of the API, as everybody who could ask, and what belongs to somebody else as well.

A route without a line here fails the test, so nobody adds one without saying whose it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from boxoffice.domain.plan import plan_to_json
from central.accounts.callers import Caller, _caller
from tests.central.audience.visits import visited
from tests.central.bookings.test_bookings import booked, shown
from tests.central.bookings.test_cancelling import paid
from tests.central.people import PASSWORD, Person, admin, cashier, customer, door, manager
from tests.support.central import TOMORROW, TONIGHT, RunningCentral, plan, running_central

_METHODS = {"get", "post", "put", "patch", "delete"}


class May(Enum):
    """`refused`: what anybody else is told who has signed in."""

    ANYBODY = frozenset({"nobody", "owner", "other", "cashier", "door", "manager", "admin"}), None
    SIGNED_IN = frozenset({"owner", "other", "cashier", "door", "manager", "admin"}), None
    OWNER_OR_MANAGER = frozenset({"owner", "manager", "admin"}), HTTPStatus.NOT_FOUND
    OWNER_OR_ADMIN = frozenset({"owner", "admin"}), HTTPStatus.NOT_FOUND
    OWNER = frozenset({"owner"}), HTTPStatus.NOT_FOUND
    SELLERS = frozenset({"cashier", "manager", "admin"}), HTTPStatus.FORBIDDEN
    OWNER_OR_SELLER = frozenset({"owner", "cashier", "manager", "admin"}), HTTPStatus.NOT_FOUND
    MANAGERS = frozenset({"manager", "admin"}), HTTPStatus.FORBIDDEN
    ADMINS = frozenset({"admin"}), HTTPStatus.FORBIDDEN
    TILLS = frozenset({"till"}), HTTPStatus.UNAUTHORIZED
    GATEWAY = frozenset[str](), HTTPStatus.NOT_FOUND  # by the signature of the body; none is set up here

    def __init__(self, who: frozenset[str], refused: HTTPStatus | None) -> None:
        self.who, self.refused = who, refused


@dataclass(frozen=True)
class Route:
    """`body` is sent by everybody, with the ids of the owner's things in it. `last`: what it takes is gone then, so
    only they do it, in the end."""

    may: May
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    last: str = ""


_PRICES = {"currency": "EUR", "priceTypes": [{"key": "A", "name": "Adult"}], "prices": [{"A": 5000}]}
_PERIOD = {"start": "2026-11-13T00:00:00Z", "end": "2026-11-14T00:00:00Z"}
_VENUE = {"name": "The Annexe", "timezone": "Europe/Berlin", "currency": "EUR"}
_NEW_EVENT = {"name": "Ghosts", "date": "2026-12-01T19:30:00", "location": "Theatre Royal", "totalSeats": 20}
_BOOKED = {"eventId": str(TOMORROW), "userId": "{userId}", "numberOfTickets": 1}
_WAITED = {"eventId": str(TOMORROW), "numberOfTickets": 1, "seatPreferences": "wheelchair"}
_JOB = {
    "type": "event_reminder",
    "name": "Remind me",
    "payload": {"eventId": str(TOMORROW)},
    "schedule": {"kind": "once", "at": "2026-11-15T12:00:00Z"},
}
_LEASE = {"request": "0193a000-0000-7000-8000-000000000001", "performance": TONIGHT, "kind": "basket", "seats": [70]}

ROUTES = {
    # public
    "GET /api/events": Route(May.ANYBODY),
    "GET /api/events/{eventId}": Route(May.ANYBODY),
    "GET /api/events/{eventId}/seats": Route(May.ANYBODY),
    "GET /api/events/{eventId}/plan": Route(May.ANYBODY),
    "GET /api/events/{eventId}/reviews": Route(May.ANYBODY),
    "GET /api/categories": Route(May.ANYBODY),
    "GET /.well-known/jwks.json": Route(May.ANYBODY),
    "GET /api/login/providers": Route(May.ANYBODY),
    "GET /api/login/{provider}": Route(May.GATEWAY),
    "GET /api/login/{provider}/callback": Route(May.GATEWAY),
    "POST /api/register": Route(May.ANYBODY, {"email": "new@example.org", "password": PASSWORD, "name": "New"}),
    "POST /api/login": Route(May.ANYBODY, {"email": "{email}", "password": PASSWORD}),
    "POST /api/token/refresh": Route(May.ANYBODY),
    "POST /api/email/verification/confirm": Route(May.ANYBODY, {"code": "AAAA-BBBB-CCCC-DDDD"}),
    "POST /api/password/reset": Route(May.ANYBODY, {"email": "nobody@example.org"}),
    "POST /api/password/reset/confirm": Route(May.ANYBODY, {"code": "AAAA-BBBB-CCCC-DDDD", "password": PASSWORD}),
    "POST /api/tills/pair": Route(May.ANYBODY, {"code": "AAAA-BBBB", "name": "Till", "public_key": "AAAA"}),
    "GET /healthz": Route(May.ANYBODY),
    "GET /readyz": Route(May.ANYBODY),
    "GET /metrics": Route(May.ANYBODY),  # from this machine; otherwise with its token: tests/central/test_metrics.py
    "POST /api/webhooks/stripe": Route(May.GATEWAY, {"id": "evt_1"}),
    "POST /api/webhooks/paypal": Route(May.GATEWAY, {"id": "WH-1"}),
    # one's own account
    "GET /api/users/{userId}": Route(May.OWNER_OR_MANAGER),
    "PATCH /api/users/{userId}": Route(May.OWNER_OR_MANAGER, {"language": "de"}),
    "PUT /api/users/{userId}/email": Route(May.OWNER, {"email": "moved@example.org", "password": PASSWORD}),
    "PUT /api/users/{userId}/password": Route(
        May.OWNER, {"password": PASSWORD, "newPassword": "another heap of plain words"}, last="owner"
    ),
    "GET /api/users/{userId}/export": Route(May.OWNER_OR_ADMIN),
    "DELETE /api/users/{userId}": Route(May.OWNER_OR_ADMIN, {"password": PASSWORD, "keepBookings": True}, last="admin"),
    "POST /api/email/verification": Route(May.SIGNED_IN),
    "GET /api/users/{userId}/notifications": Route(May.OWNER_OR_MANAGER),
    "PUT /api/users/{userId}/notifications": Route(May.OWNER_OR_MANAGER, {"reviews": "none"}),
    "POST /api/users/{userId}/phone/confirm": Route(May.OWNER, {"code": "123456"}),
    "GET /api/notifications": Route(May.SIGNED_IN),
    "POST /api/notifications/{notificationId}/resend": Route(May.OWNER_OR_MANAGER),
    "GET /api/notifications/unsubscribe": Route(May.ANYBODY, query={"token": "AAAA"}),
    "POST /api/notifications/unsubscribe": Route(May.ANYBODY, query={"token": "AAAA"}),
    "POST /api/logout": Route(May.SIGNED_IN, last="other"),
    "POST /api/logout/everywhere": Route(May.SIGNED_IN, last="door"),
    # booking and paying
    "POST /api/holds": Route(May.SIGNED_IN, {"eventId": str(TOMORROW), "numberOfTickets": 1}),
    "DELETE /api/holds/{holdId}": Route(May.OWNER_OR_MANAGER, last="owner"),
    "POST /api/bookings": Route(May.OWNER_OR_MANAGER, {**_BOOKED, "holdId": "{bookedHoldId}", "numberOfTickets": 0}),
    "GET /api/bookings": Route(May.OWNER_OR_MANAGER, query={"userId": "{userId}"}),
    "GET /api/bookings/{bookingId}": Route(May.OWNER_OR_MANAGER),
    "DELETE /api/bookings/{bookingId}": Route(May.OWNER_OR_MANAGER, last="owner"),
    "GET /api/bookings/{bookingId}/cancellation": Route(May.OWNER_OR_MANAGER),
    "GET /api/bookings/{bookingId}/tickets.pdf": Route(May.OWNER_OR_MANAGER),
    "GET /api/bookings/{bookingId}/payments": Route(May.OWNER_OR_MANAGER),
    "POST /api/waiting": Route(May.OWNER_OR_MANAGER, {**_WAITED, "userId": "{userId}"}),
    "GET /api/waiting": Route(May.OWNER_OR_MANAGER, query={"userId": "{userId}"}),
    "GET /api/waiting/{entryId}": Route(May.OWNER_OR_MANAGER),
    "PUT /api/waiting/{entryId}": Route(May.OWNER_OR_MANAGER, _WAITED),
    "DELETE /api/waiting/{entryId}": Route(May.OWNER_OR_MANAGER, last="owner"),
    "GET /api/admin/events/{eventId}/waiting": Route(May.MANAGERS),
    "GET /api/payments/methods": Route(May.SIGNED_IN),
    "POST /api/payments": Route(
        May.OWNER_OR_SELLER, {"bookingId": "{pendingId}", "paymentMethod": "counter", "amount": 53}
    ),
    "GET /api/payments/{paymentId}": Route(May.OWNER_OR_MANAGER),
    "POST /api/payments/{paymentId}/confirm": Route(May.OWNER_OR_SELLER),
    "POST /api/payments/refunds/{refundId}/paid-out": Route(May.SELLERS, last="cashier"),
    "GET /api/admin/payments/{paymentId}/attempts": Route(May.MANAGERS),
    "GET /api/admin/payments/reconciliation": Route(May.MANAGERS),
    "POST /api/admin/payments/reconciliation": Route(May.MANAGERS, _PERIOD),
    "POST /api/admin/vouchers": Route(May.MANAGERS, {"amount": 10, "currency": "EUR"}),
    "PUT /api/admin/users/{userId}/invoices": Route(May.MANAGERS, {"limit": 10, "currency": "EUR"}),
    "GET /api/admin/invoices": Route(May.MANAGERS),
    "POST /api/admin/invoices/{invoiceNumber}/paid": Route(May.MANAGERS, last="manager"),
    # what they think, ask and earn
    "POST /api/reviews": Route(
        May.OWNER, {"eventId": str(TONIGHT), "userId": "{userId}", "rating": "5", "review": "Good."}
    ),
    "PUT /api/reviews/{reviewId}": Route(May.OWNER, {"rating": "4", "review": "Not so good."}),
    "DELETE /api/reviews/{reviewId}": Route(May.OWNER_OR_MANAGER, last="owner"),
    "GET /api/admin/reviews": Route(May.MANAGERS),
    "PUT /api/admin/reviews/{reviewId}": Route(May.MANAGERS, {"state": "hidden"}),
    "POST /api/queries": Route(
        May.OWNER_OR_MANAGER, {"subject": "A dog", "message": "May it come?", "bookingId": "{bookingId}"}
    ),
    "GET /api/queries": Route(May.SIGNED_IN),
    "GET /api/queries/{queryId}": Route(May.OWNER_OR_MANAGER),
    "POST /api/queries/{queryId}/messages": Route(May.OWNER_OR_MANAGER, {"message": "And a cat?"}),
    "PUT /api/queries/{queryId}/assignee": Route(May.MANAGERS, {"userId": "{managerId}"}),
    "POST /api/queries/{queryId}/close": Route(May.OWNER_OR_MANAGER, last="owner"),
    "GET /api/loyalty/{userId}": Route(May.OWNER_OR_MANAGER),
    "GET /api/loyalty/{userId}/entries": Route(May.OWNER_OR_MANAGER),
    "POST /api/loyalty/{userId}/codes": Route(May.OWNER_OR_MANAGER, {"points": 100}),
    "GET /api/admin/loyalty": Route(May.MANAGERS),
    "PUT /api/admin/loyalty": Route(May.MANAGERS, {"pointsForMajor": 2}),
    "GET /api/admin/discounts": Route(May.MANAGERS),
    "POST /api/admin/discounts": Route(May.MANAGERS, {"name": "Half", "taken": "percent", "amount": 5000}),
    "GET /api/admin/discounts/{discountId}": Route(May.MANAGERS),
    "DELETE /api/admin/discounts/{discountId}": Route(May.MANAGERS, last="manager"),
    # the house
    "GET /api/users": Route(May.MANAGERS),
    "PUT /api/admin/users/{userId}/role": Route(May.ADMINS, {"role": "customer"}),
    "GET /api/admin/audit": Route(May.ADMINS),
    "GET /api/admin/statistics": Route(May.MANAGERS),
    "POST /api/admin/events": Route(May.MANAGERS, _NEW_EVENT),
    "PUT /api/admin/events/{eventId}": Route(May.MANAGERS, {"details": "A comedy."}),
    "DELETE /api/admin/events/{eventId}": Route(May.MANAGERS, last="manager"),
    "GET /api/admin/venues": Route(May.MANAGERS),
    "POST /api/admin/venues": Route(May.MANAGERS, _VENUE),
    "PUT /api/admin/venues/{venueId}": Route(May.MANAGERS, {**_VENUE, "name": "Theatre Royal"}),
    "DELETE /api/admin/venues/{venueId}": Route(May.MANAGERS, last="manager"),
    "GET /api/admin/price-lists": Route(May.MANAGERS),
    "POST /api/admin/price-lists": Route(May.MANAGERS, {"name": "Low", **_PRICES}),
    "PUT /api/admin/price-lists/{priceListId}": Route(May.MANAGERS, {"name": "Low", **_PRICES}),
    "DELETE /api/admin/price-lists/{priceListId}": Route(May.MANAGERS, last="manager"),
    "GET /api/admin/plans": Route(May.MANAGERS),
    "POST /api/admin/plans": Route(May.MANAGERS, plan_to_json(plan())),
    "GET /api/admin/plans/{planId}": Route(May.MANAGERS),
    "PUT /api/admin/plans/{planId}": Route(May.MANAGERS, plan_to_json(plan())),
    "DELETE /api/admin/plans/{planId}": Route(May.MANAGERS, last="manager"),
    "GET /api/admin/notifications": Route(May.MANAGERS),
    "GET /api/admin/webhooks": Route(May.MANAGERS),
    "POST /api/admin/webhooks": Route(May.MANAGERS, {"url": "https://192.0.2.1/x", "events": ["refund.paid"]}),
    "DELETE /api/admin/webhooks/{webhookId}": Route(May.MANAGERS, last="manager"),
    "POST /api/admin/webhooks/{webhookId}/enable": Route(May.MANAGERS),
    "GET /api/admin/webhooks/{webhookId}/deliveries": Route(May.MANAGERS),
    "GET /api/admin/notifications/{notificationId}": Route(May.MANAGERS),
    # jobs
    "GET /api/job-types": Route(May.SIGNED_IN),
    "GET /api/job-nodes": Route(May.MANAGERS),
    "GET /api/jobs": Route(May.SIGNED_IN),
    "POST /api/jobs": Route(May.SIGNED_IN, _JOB),
    "GET /api/jobs/{jobId}": Route(May.OWNER_OR_MANAGER),
    "PATCH /api/jobs/{jobId}": Route(May.OWNER_OR_MANAGER, {"name": "Soon"}),
    "POST /api/jobs/{jobId}/run": Route(May.OWNER_OR_MANAGER),
    "POST /api/jobs/{jobId}/pause": Route(May.OWNER_OR_MANAGER),
    "POST /api/jobs/{jobId}/resume": Route(May.OWNER_OR_MANAGER),
    "GET /api/jobs/{jobId}/executions": Route(May.OWNER_OR_MANAGER),
    "GET /api/jobs/{jobId}/logs": Route(May.OWNER_OR_MANAGER),
    "DELETE /api/jobs/{jobId}": Route(May.OWNER_OR_MANAGER, last="owner"),
    # tills
    "GET /api/tills/status": Route(May.TILLS),
    "GET /api/tills/heads": Route(May.TILLS),
    "POST /api/tills/incarnations": Route(May.TILLS, last="till"),
    "GET /api/tills/catalogue": Route(May.TILLS),
    "GET /api/tills/performances/{performance}/snapshot": Route(May.TILLS),
    "GET /api/tills/performances/{performance}/feed": Route(May.TILLS, query={"after": "0"}),
    "GET /api/tills/keys": Route(May.TILLS),
    "POST /api/tills/leases": Route(May.TILLS, _LEASE),
    "POST /api/tills/push": Route(May.TILLS, {"till": 1, "incarnation": 1, "from_seq": 1, "facts": []}),
    "GET /api/tills/hints": Route(May.TILLS),
}


@dataclass
class House:
    """Everybody who could ask, and the ids of what belongs to `owner`."""

    central: RunningCentral
    people: dict[str, Person]
    headers: dict[str, dict[str, str]]
    ids: dict[str, str]

    def ask(self, name: str, who: str) -> httpx.Response:
        route = ROUTES[name]
        method, path = name.split(" ", 1)
        return httpx.request(
            *(method, self.central.url + self._filled(path)),
            params={key: self._filled(value) for key, value in route.query.items()},
            json=None if route.body is None else self._body(route.body),
            headers=self.headers[who],
            verify=False,
            timeout=30,
        )

    def _filled(self, text: str) -> str:
        for name, found in self.ids.items():
            text = text.replace(f"{{{name}}}", found)
        return text

    def _body(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {key: self._filled(value) if isinstance(value, str) else value for key, value in body.items()}

    def digest(self) -> dict[str, str]:
        """A fingerprint of each table. Not of what nodes note down by themselves."""
        tables = self.central.fetch(
            "select table_name as name from information_schema.tables"
            " where table_schema = 'public' and table_type = 'BASE TABLE'"
        )
        rows = " union all ".join(
            f"select '{table['name']}' as name, coalesce(string_agg(t::text, '' order by t::text), '') as rows"
            f" from {table['name']} t"
            for table in tables
        )
        return {row["name"]: hashlib.sha256(row["rows"].encode()).hexdigest() for row in self.central.fetch(rows)}


@pytest.fixture
def house(database: str) -> Iterator[House]:
    with running_central(database) as central:
        yield _furnished(central)


def _furnished(central: RunningCentral) -> House:
    owner, other, boss, clerk = customer(central), customer(central), manager(central), cashier(central)
    people = {"owner": owner, "other": other, "cashier": clerk, "door": door(central), "manager": boss}
    people["admin"] = admin(central)
    till = central.till()
    visited(owner)
    confirmed, cancelled = paid(central, owner, seats=[20]), paid(central, owner, seats=[21])
    pending = booked(owner, eventId=str(TOMORROW), seats=[22])
    owner.client.delete(f"/api/bookings/{cancelled['bookingId']}").raise_for_status()
    booked(boss, eventId=str(TOMORROW), seats=[0])  # the only place for a wheelchair
    waiting = owner.client.post("/api/waiting", json=_WAITED).raise_for_status().json()
    hold = owner.client.post("/api/holds", json={"eventId": str(TOMORROW), "seats": [23]}).json()
    booked_hold = owner.client.post("/api/holds", json={"eventId": str(TOMORROW), "seats": [25]}).json()
    review = {"eventId": str(TONIGHT), "userId": owner.id, "rating": "5", "review": "Good."}
    query = {"subject": "A dog", "message": "May it come?"}
    discount = {"name": "Tenth", "taken": "percent", "amount": 1000}
    boss.client.put(f"/api/admin/users/{owner.id}/invoices", json={"limit": 500, "currency": "EUR"}).raise_for_status()
    on_account = booked(owner, eventId=str(TOMORROW), seats=[24])
    billed = {"bookingId": on_account["bookingId"], "paymentMethod": "invoice", "amount": on_account["total price"]}
    owner.client.post("/api/payments", json=billed).raise_for_status()
    [payment] = owner.client.get(f"/api/bookings/{confirmed['bookingId']}/payments").json()
    [refunded] = owner.client.get(f"/api/bookings/{cancelled['bookingId']}/payments").json()
    assert shown(owner, confirmed["bookingId"])["state"] == "confirmed"
    ids = {
        "userId": owner.id,
        "email": owner.email,
        "managerId": boss.id,
        "eventId": str(TOMORROW),
        "performance": str(TOMORROW),
        "bookingId": confirmed["bookingId"],
        "pendingId": pending["bookingId"],
        "entryId": waiting["entryId"],
        "holdId": hold["holdId"],
        "bookedHoldId": booked_hold["holdId"],
        "paymentId": payment["paymentId"],
        "refundId": refunded["refunds"][0]["refundId"],
        "invoiceNumber": str(central.value("select max(number) from invoice")),
        "reviewId": owner.client.post("/api/reviews", json=review).json()["reviewId"],
        "jobId": owner.client.post("/api/jobs", json=_JOB).raise_for_status().json()["jobId"],
        "queryId": owner.client.post("/api/queries", json=query).json()["queryId"],
        "discountId": boss.client.post("/api/admin/discounts", json=discount).raise_for_status().json()["discountId"],
        "notificationId": owner.client.get("/api/notifications").json()[0]["notificationId"],
        "venueId": "royal",
        "priceListId": "standard",
        "planId": "house",
        "provider": "club",
    }
    hook = {"url": "https://192.0.2.1/x", "events": ["refund.paid"]}
    settings = replace(central.app.state.services.notifications, private_hooks=True)
    central.app.state.services = replace(central.app.state.services, notifications=settings)
    ids["webhookId"] = boss.client.post("/api/admin/webhooks", json=hook).raise_for_status().json()["webhookId"]
    headers = {name: {"Authorization": f"Bearer {person.token}"} for name, person in people.items()}
    headers |= {"nobody": {}, "till": {"Authorization": f"Bearer {till.credential}"}}
    headers["forged"] = {"Authorization": headers["admin"]["Authorization"][:-8] + "AAAAAAAA"}
    central.clock[0] -= timedelta(days=1)
    headers["expired"] = {"Authorization": f"Bearer {people['admin'].token}"}
    central.clock[0] += timedelta(days=1)
    return House(central, people, headers, ids)


def _described(app: FastAPI) -> set[str]:
    paths = app.openapi()["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods if method in _METHODS}


def _refused(house: House) -> list[str]:
    """Every route as everybody who may not: what is wrong with the answers."""
    wrong = []
    for name, route in ROUTES.items():
        for who in house.headers:
            if who in route.may.who or route.may is May.ANYBODY:
                continue
            reply = house.ask(name, who)
            signed_in = who in house.people
            wanted = route.may.refused if signed_in or route.may is May.GATEWAY else HTTPStatus.UNAUTHORIZED
            if reply.status_code != wanted or reply.headers["content-type"] != "application/problem+json":
                wrong.append(f"{name} as {who}: {reply.status_code} instead of {wanted}: {reply.text[:200]}")
    return wrong


def test_every_route_says_who_may(house: House) -> None:
    assert _described(house.central.app) == set(ROUTES)


def test_who_may_not_is_refused_and_changes_nothing(house: House) -> None:
    before = house.digest()
    assert "\n".join(_refused(house)) == ""
    after = house.digest()
    assert {name for name in before if before[name] != after[name]} == set()


def test_who_may_is_let_in(house: House) -> None:
    shut_out = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
    wrong = []
    for name in sorted(ROUTES, key=lambda name: (ROUTES[name].last != "", "users" in name)):
        route = ROUTES[name]
        if name == "GET /api/tills/hints":  # goes on for ever; it is the same credential as the others'
            continue
        for who in [route.last] if route.last else sorted(route.may.who):
            reply = house.ask(name, who)
            if reply.status_code in shut_out and reply.json()["code"] != "pairing_code_wrong":
                wrong.append(f"{name} as {who}: {reply.status_code}: {reply.text[:200]}")
    assert "\n".join(wrong) == ""


@pytest.mark.parametrize("slip", ["every caller is a manager", "what is somebody's is everybody's"])
def test_a_slip_is_found(house: House, monkeypatch: pytest.MonkeyPatch, slip: str) -> None:
    if slip == "every caller is a manager":
        boss = house.people["manager"]
        caller = Caller(boss.account, boss.role, boss.session)
        house.central.app.dependency_overrides[_caller] = lambda: caller
    else:
        monkeypatch.setattr(Caller, "owns", lambda self, account: True)
    assert len(_refused(house)) > 10
