"""Who may do what: every route of the API, as everybody who could ask, and what belongs to somebody else as well.

A route without a line here fails the test, so nobody adds one without saying whose it is.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from boxoffice.domain.ids import PerformanceId, uuid7
from boxoffice.domain.plan import plan_to_json
from central.accounts.access_tokens import ISSUER
from central.accounts.callers import Caller, _caller
from central.app import create_app
from central.keys import CentralKeys
from central.loyalty import points
from central.settings import Settings
from tests.central.audience.visits import visited
from tests.central.bookings.test_bookings import booked, shown
from tests.central.bookings.test_cancelling import paid
from tests.central.people import PASSWORD, Person, admin, cashier, customer, door, manager
from tests.support.central import (
    SEED,
    TOMORROW,
    TONIGHT,
    Databases,
    RunningCentral,
    plan,
    run,
    running_central,
    sale_body,
)


class May(Enum):
    """`refused`: what anybody else is told who has signed in."""

    # a token that is worth nothing keeps nobody from what is public: that is where they get a new one
    ANYBODY = frozenset({"nobody", "expired", "owner", "other", "cashier", "door", "manager", "admin"}), None
    READER = frozenset({"nobody"}), None  # anybody as well; one is enough for what takes long to write
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
    it is asked in the end."""

    may: May
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    last: bool = False


_PRICES = {"currency": "EUR", "priceTypes": [{"key": "A", "name": "Adult"}], "prices": [{"A": 5000}]}
_PERIOD = {"start": "2026-11-13T00:00:00Z", "end": "2026-11-14T00:00:00Z"}
_VENUE = {"name": "The Annexe", "timezone": "Europe/Berlin", "currency": "EUR"}
_PLAN_FILE = {"format": "csv", "name": "Studio", "content": "section,row,seat,x,y,category\nA,1,1,0,0,Band A\n"}
_NEW_EVENT = {"name": "Ghosts", "date": "2026-12-01T19:30:00", "location": "Theatre Royal", "totalSeats": 20}
_BOOKED = {"eventId": str(TOMORROW), "userId": "{userId}", "numberOfTickets": 1}
_WAITED = {"eventId": str(TOMORROW), "numberOfTickets": 1, "seatPreferences": "wheelchair"}
_JOB = {
    "type": "event_reminder",
    "name": "Remind me",
    "payload": {"eventId": str(TOMORROW)},
    "schedule": {"kind": "once", "at": "2026-11-15T12:00:00Z"},
}
_PAID = {"bookingId": "{pendingId}", "amount": 51.5}
_REVIEWED = {"eventId": str(TONIGHT), "rating": "5", "review": "Good."}
_LEASE = {"request": "0193a000-0000-7000-8000-000000000001", "performance": TONIGHT, "kind": "basket", "seats": [70]}
_PUSHED = {"till": 1, "incarnation": 1, "from_seq": 1, "facts": []}

_ANOMALY = """
    insert into anomaly (kind, said, level, most, opened_at, seen_at, is_told)
    values ('jobs_late', '70 s', 70, 70, now(), now(), false) returning id
"""

_UNSEEN = {"till": "heard_at"}

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
    "GET /docs": Route(May.READER),
    "GET /docs/oauth2-redirect": Route(May.READER),
    "GET /redoc": Route(May.READER),
    "GET /openapi.json": Route(May.READER),
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
        May.OWNER, {"password": PASSWORD, "newPassword": "another heap of plain words"}, last=True
    ),
    "GET /api/users/{userId}/export": Route(May.OWNER_OR_ADMIN),
    "DELETE /api/users/{userId}": Route(May.OWNER_OR_ADMIN, {"keepBookings": True}, last=True),
    "POST /api/email/verification": Route(May.SIGNED_IN),
    "GET /api/users/{userId}/notifications": Route(May.OWNER_OR_MANAGER),
    "PUT /api/users/{userId}/notifications": Route(May.OWNER_OR_MANAGER, {"reviews": "none"}),
    "POST /api/users/{userId}/phone/confirm": Route(May.OWNER, {"code": "123456"}),
    "GET /api/notifications": Route(May.SIGNED_IN),
    "POST /api/notifications/{notificationId}/resend": Route(May.OWNER_OR_MANAGER),
    "GET /api/notifications/unsubscribe": Route(May.ANYBODY, query={"token": "AAAA"}),
    "POST /api/notifications/unsubscribe": Route(May.ANYBODY, query={"token": "AAAA"}),
    "POST /api/logout": Route(May.SIGNED_IN, last=True),
    "POST /api/logout/everywhere": Route(May.SIGNED_IN, last=True),
    # booking and paying
    "POST /api/holds": Route(May.SIGNED_IN, {"eventId": str(TOMORROW), "numberOfTickets": 1}),
    "DELETE /api/holds/{holdId}": Route(May.OWNER_OR_MANAGER, last=True),
    "POST /api/bookings": Route(May.OWNER_OR_MANAGER, {**_BOOKED, "holdId": "{bookedHoldId}", "numberOfTickets": 0}),
    "GET /api/bookings": Route(May.OWNER_OR_MANAGER, query={"userId": "{userId}"}),
    "GET /api/bookings/{bookingId}": Route(May.OWNER_OR_MANAGER),
    "DELETE /api/bookings/{bookingId}": Route(May.OWNER_OR_MANAGER, last=True),
    "GET /api/bookings/{bookingId}/cancellation": Route(May.OWNER_OR_MANAGER),
    "GET /api/bookings/{bookingId}/tickets.pdf": Route(May.OWNER_OR_MANAGER),
    "GET /api/bookings/{bookingId}/payments": Route(May.OWNER_OR_MANAGER),
    "POST /api/waiting": Route(May.OWNER_OR_MANAGER, {**_WAITED, "userId": "{userId}"}),
    "GET /api/waiting": Route(May.OWNER_OR_MANAGER, query={"userId": "{userId}"}),
    "GET /api/waiting/{entryId}": Route(May.OWNER_OR_MANAGER),
    "PUT /api/waiting/{entryId}": Route(May.OWNER_OR_MANAGER, _WAITED),
    "DELETE /api/waiting/{entryId}": Route(May.OWNER_OR_MANAGER, last=True),
    "GET /api/admin/events/{eventId}/waiting": Route(May.MANAGERS),
    "GET /api/payments/methods": Route(May.SIGNED_IN),
    "POST /api/payments": Route(May.OWNER_OR_SELLER, {**_PAID, "paymentMethod": "counter"}),
    "GET /api/payments/{paymentId}": Route(May.OWNER_OR_MANAGER),
    "POST /api/payments/{paymentId}/confirm": Route(May.OWNER_OR_SELLER),
    "POST /api/payments/refunds/{refundId}/paid-out": Route(May.SELLERS, last=True),
    "GET /api/admin/payments/{paymentId}/attempts": Route(May.MANAGERS),
    "GET /api/admin/payments/reconciliation": Route(May.MANAGERS),
    "POST /api/admin/payments/reconciliation": Route(May.MANAGERS, _PERIOD),
    "POST /api/admin/vouchers": Route(May.MANAGERS, {"amount": 10, "currency": "EUR"}),
    "PUT /api/admin/users/{userId}/invoices": Route(May.MANAGERS, {"limit": 10, "currency": "EUR"}),
    "GET /api/admin/invoices": Route(May.MANAGERS),
    "POST /api/admin/invoices/{invoiceNumber}/paid": Route(May.MANAGERS, last=True),
    # what they think, ask and earn
    "POST /api/reviews": Route(May.OWNER, {**_REVIEWED, "userId": "{userId}"}),
    "PUT /api/reviews/{reviewId}": Route(May.OWNER, {"rating": "4", "review": "Not so good."}),
    "DELETE /api/reviews/{reviewId}": Route(May.OWNER_OR_MANAGER, last=True),
    "GET /api/admin/reviews": Route(May.MANAGERS),
    "PUT /api/admin/reviews/{reviewId}": Route(May.MANAGERS, {"state": "hidden"}),
    "POST /api/queries": Route(
        May.OWNER_OR_MANAGER, {"subject": "A dog", "message": "May it come?", "bookingId": "{bookingId}"}
    ),
    "GET /api/queries": Route(May.SIGNED_IN),
    "GET /api/queries/{queryId}": Route(May.OWNER_OR_MANAGER),
    "POST /api/queries/{queryId}/messages": Route(May.OWNER_OR_MANAGER, {"message": "And a cat?"}),
    "PUT /api/queries/{queryId}/assignee": Route(May.MANAGERS, {"userId": "{managerId}"}),
    "POST /api/queries/{queryId}/close": Route(May.OWNER_OR_MANAGER, last=True),
    "GET /api/loyalty/{userId}": Route(May.OWNER_OR_MANAGER),
    "GET /api/loyalty/{userId}/entries": Route(May.OWNER_OR_MANAGER),
    "POST /api/loyalty/{userId}/codes": Route(May.OWNER_OR_MANAGER, {"points": 100}),
    "GET /api/admin/loyalty": Route(May.MANAGERS),
    "PUT /api/admin/loyalty": Route(May.MANAGERS, {"pointsForMajor": 2}),
    "GET /api/admin/discounts": Route(May.MANAGERS),
    "POST /api/admin/discounts": Route(May.MANAGERS, {"name": "Half", "taken": "percent", "amount": 5000}),
    "GET /api/admin/discounts/{discountId}": Route(May.MANAGERS),
    "DELETE /api/admin/discounts/{discountId}": Route(May.MANAGERS, last=True),
    # the house
    "GET /api/users": Route(May.MANAGERS),
    "PUT /api/admin/users/{userId}/role": Route(May.ADMINS, {"role": "customer"}),
    "GET /api/admin/audit": Route(May.ADMINS),
    "GET /api/admin/anomalies": Route(May.MANAGERS),
    "POST /api/admin/anomalies/{anomalyId}/acknowledge": Route(May.MANAGERS),
    "GET /api/admin/statistics": Route(May.MANAGERS),
    "POST /api/admin/events": Route(May.MANAGERS, _NEW_EVENT),
    "PUT /api/admin/events/{eventId}": Route(May.MANAGERS, {"details": "A comedy."}),
    "DELETE /api/admin/events/{eventId}": Route(May.MANAGERS, last=True),
    "POST /api/admin/events/{eventId}/recall": Route(May.MANAGERS, {"seats": [7]}),
    "GET /api/admin/invariants": Route(May.ADMINS),
    "GET /api/admin/attention": Route(May.MANAGERS),
    "POST /api/admin/attention/orders/{saleId}/move": Route(May.MANAGERS, {"eventId": str(TONIGHT)}),
    "POST /api/admin/attention/{matterId}/settle": Route(May.MANAGERS, {"note": "Refunded"}),
    "GET /api/admin/tills": Route(May.MANAGERS),
    "GET /api/admin/tills/{till}/reclaims": Route(May.MANAGERS),
    "POST /api/admin/tills/{till}/reclaims": Route(May.MANAGERS, {"reason": "It was stolen"}),
    "POST /api/admin/tills/{till}/reclaims/{reclaimId}/confirm": Route(May.MANAGERS),
    "DELETE /api/admin/tills/{till}/reclaims/{reclaimId}": Route(May.MANAGERS, last=True),
    "GET /api/admin/venues": Route(May.MANAGERS),
    "POST /api/admin/venues": Route(May.MANAGERS, _VENUE),
    "PUT /api/admin/venues/{venueId}": Route(May.MANAGERS, {**_VENUE, "name": "Theatre Royal"}),
    "DELETE /api/admin/venues/{venueId}": Route(May.MANAGERS, last=True),
    "GET /api/admin/price-lists": Route(May.MANAGERS),
    "POST /api/admin/price-lists": Route(May.MANAGERS, {"name": "Low", **_PRICES}),
    "PUT /api/admin/price-lists/{priceListId}": Route(May.MANAGERS, {"name": "Low", **_PRICES}),
    "DELETE /api/admin/price-lists/{priceListId}": Route(May.MANAGERS, last=True),
    "GET /api/admin/plans": Route(May.MANAGERS),
    "POST /api/admin/plans": Route(May.MANAGERS, plan_to_json(plan())),
    "GET /api/admin/plans/{planId}": Route(May.MANAGERS),
    "PUT /api/admin/plans/{planId}": Route(May.MANAGERS, plan_to_json(plan())),
    "POST /api/admin/plan-files": Route(May.MANAGERS, _PLAN_FILE),
    "PUT /api/admin/plans/{planId}/import": Route(May.MANAGERS, _PLAN_FILE),
    "GET /api/admin/plans/{planId}/export": Route(May.MANAGERS),
    "DELETE /api/admin/plans/{planId}": Route(May.MANAGERS, last=True),
    "GET /api/admin/notifications": Route(May.MANAGERS),
    "GET /api/admin/notifications/{notificationId}": Route(May.MANAGERS),
    "GET /api/admin/webhooks": Route(May.MANAGERS),
    "POST /api/admin/webhooks": Route(May.MANAGERS, {"url": "https://192.0.2.1/x", "events": ["refund.paid"]}),
    "DELETE /api/admin/webhooks/{webhookId}": Route(May.MANAGERS, last=True),
    "POST /api/admin/webhooks/{webhookId}/enable": Route(May.MANAGERS),
    "GET /api/admin/webhooks/{webhookId}/deliveries": Route(May.MANAGERS),
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
    "DELETE /api/jobs/{jobId}": Route(May.OWNER_OR_MANAGER, last=True),
    # tills
    "GET /api/tills/status": Route(May.TILLS),
    "GET /api/tills/heads": Route(May.TILLS),
    "POST /api/tills/incarnations": Route(May.TILLS, last=True),
    "GET /api/tills/catalogue": Route(May.TILLS),
    "GET /api/tills/performances/{performance}/snapshot": Route(May.TILLS),
    "GET /api/tills/performances/{performance}/feed": Route(May.TILLS, query={"after": "0"}),
    "GET /api/tills/keys": Route(May.TILLS),
    "POST /api/tills/leases": Route(May.TILLS, _LEASE),
    "POST /api/tills/push": Route(May.TILLS, _PUSHED),
    "GET /api/tills/hints": Route(May.TILLS),
}


@dataclass(frozen=True)
class Borrowed:
    who: str
    route: str
    body: Mapping[str, Any]
    status: int
    code: str


_FOR_OTHER = {**_BOOKED, "userId": "{otherId}"}
_FOR_MANAGER = {**_BOOKED, "userId": "{managerId}"}
_WITH_VOUCHER = {**_PAID, "paymentMethod": "voucher", "voucherCode": "{voucherCode}"}
_ON_INVOICE = {**_PAID, "paymentMethod": "invoice"}
_OUT_OF_ANOTHER = "DELETE /api/bookings/{othersBookingId}?ticket={ticketId}"

# what is asked with the ids of the owner's things among those of one's own
BORROWED = {
    "a hold, for oneself": Borrowed(
        "other", "POST /api/bookings", {**_FOR_OTHER, "holdId": "{bookedHoldId}"}, 404, "unknown_hold"
    ),
    "a hold, by a manager for themselves": Borrowed(
        "manager", "POST /api/bookings", {**_FOR_MANAGER, "holdId": "{bookedHoldId}"}, 404, "unknown_hold"
    ),
    "the promo code of their points": Borrowed(
        "other", "POST /api/bookings", {**_FOR_OTHER, "promoCode": "{promoCode}"}, 422, "promo_code_refused"
    ),
    "a booking, with a good voucher": Borrowed("other", "POST /api/payments", _WITH_VOUCHER, 404, "unknown_booking"),
    "a booking, on one's own invoice": Borrowed("other", "POST /api/payments", _ON_INVOICE, 404, "unknown_booking"),
    "a booking, by a cashier on an invoice": Borrowed(
        "cashier", "POST /api/payments", _ON_INVOICE, 404, "unknown_booking"
    ),
    "a ticket, as if out of one's own booking": Borrowed("other", _OUT_OF_ANOTHER, {}, 422, "unknown_ticket"),
    "a visit": Borrowed("other", "POST /api/reviews", {**_REVIEWED, "userId": "{otherId}"}, 403, "did_not_attend"),
    "a query, for a customer to answer": Borrowed(
        "manager", "PUT /api/queries/{queryId}/assignee", {"userId": "{otherId}"}, 422, "unknown_user"
    ),
    "a request, of another till": Borrowed(
        "till", "POST /api/tills/leases", {**_LEASE, "request": "{leaseId}"}, 409, "request_of_another"
    ),
}


@dataclass(frozen=True)
class Furnished:
    """A database with everybody who could ask in it, and the ids of what belongs to `owner`."""

    database: str
    people: dict[str, Person]
    credential: str  # of a till
    ids: dict[str, str]


@dataclass(frozen=True)
class House:
    """A copy of its own, and a client for everybody who could ask."""

    central: RunningCentral
    people: dict[str, Person]
    clients: dict[str, httpx.Client]
    ids: dict[str, str]

    def ask(self, name: str, who: str) -> httpx.Response:
        route = ROUTES[name]
        query = {key: self.filled(value) for key, value in route.query.items()}
        return self.send(who, name, route.body, query)

    def send(
        self, who: str, name: str, body: Mapping[str, Any] | None, query: Mapping[str, str] | None = None
    ) -> httpx.Response:
        method, path = name.split(" ", 1)
        sent = None if body is None else {key: self.filled(value) for key, value in body.items()}
        with self.clients[who].stream(method, self.filled(path), params=query or None, json=sent) as reply:
            if not reply.headers.get("content-type", "").startswith("text/event-stream"):
                reply.read()
            return reply

    def filled(self, value: Any) -> Any:
        if isinstance(value, str):
            for name, found in self.ids.items():
                value = value.replace(f"{{{name}}}", found)
        return value

    def sign_in_again(self, who: str) -> None:
        """What they asked before may have ended their session."""
        person, now = self.people[who], self.central.clock[0]
        person.session = uuid7(now, secrets.randbits)
        self.central.fetch(
            "insert into session (id, account, started_at) values ($1, $2, $3)", person.session, person.account, now
        )

    def digest(self) -> dict[str, str]:
        """A fingerprint of each table, without when a till was heard of: every request of one is."""
        tables = self.central.fetch(
            "select table_name as name from information_schema.tables"
            " where table_schema = 'public' and table_type = 'BASE TABLE'"
        )
        rows = " union all ".join(
            f"select '{table['name']}' as name, coalesce(string_agg(r, '' order by r), '') as rows"
            f" from (select (to_jsonb(t) - '{_UNSEEN.get(table['name'], '')}')::text as r"
            f" from {table['name']} t) as rows"
            for table in tables
        )
        return {row["name"]: hashlib.sha256(row["rows"].encode()).hexdigest() for row in self.central.fetch(rows)}


@pytest.fixture(scope="module")
def furnished(databases: Databases) -> Furnished:
    with running_central(databases.fresh()) as central:
        return _furnished(central)


@pytest.fixture
def house(databases: Databases, furnished: Furnished) -> Iterator[House]:
    with running_central(databases.copy_of(furnished.database)) as central:
        people = {name: replace(person, central=central) for name, person in furnished.people.items()}
        clients = {name: person.client for name, person in people.items()}
        clients |= {"nobody": _client(central, ""), "till": _client(central, furnished.credential)}
        clients |= {name: _client(central, token) for name, token in _worthless(central, people["admin"]).items()}
        yield House(central, people, clients, dict(furnished.ids))


def _furnished(central: RunningCentral) -> Furnished:
    owner, other, boss, clerk = customer(central), customer(central), manager(central), cashier(central)
    people = {"owner": owner, "other": other, "cashier": clerk, "door": door(central), "manager": boss}
    people["admin"] = admin(central)
    till, other_till = central.till(), central.till()
    visited(owner)
    confirmed, cancelled = paid(central, owner, seats=[20]), paid(central, owner, seats=[21])
    others = paid(central, other, seats=[26])
    pending = booked(owner, eventId=str(TOMORROW), seats=[22])
    owner.client.delete(f"/api/bookings/{cancelled['bookingId']}").raise_for_status()
    booked(boss, eventId=str(TOMORROW), seats=[0])  # the only place for a wheelchair
    waiting = owner.client.post("/api/waiting", json=_WAITED).raise_for_status().json()
    hold = owner.client.post("/api/holds", json={"eventId": str(TOMORROW), "seats": [23]}).json()
    booked_hold = owner.client.post("/api/holds", json={"eventId": str(TOMORROW), "seats": [25]}).json()
    query = {"subject": "A dog", "message": "May it come?"}
    discount = {"name": "Tenth", "taken": "percent", "amount": 1000}
    voucher = {"amount": 500, "currency": "EUR"}
    for one in (owner, other):
        allowed = boss.client.put(f"/api/admin/users/{one.id}/invoices", json={"limit": 500, "currency": "EUR"})
        allowed.raise_for_status()
    on_account = booked(owner, eventId=str(TOMORROW), seats=[24])
    billed = {"bookingId": on_account["bookingId"], "paymentMethod": "invoice", "amount": on_account["total price"]}
    owner.client.post("/api/payments", json=billed).raise_for_status()
    [payment] = owner.client.get(f"/api/bookings/{confirmed['bookingId']}/payments").json()
    [refunded] = owner.client.get(f"/api/bookings/{cancelled['bookingId']}/payments").json()
    found = shown(owner, confirmed["bookingId"])
    assert found["state"] == "confirmed"
    settings = replace(central.app.state.services.notifications, private_hooks=True)
    central.app.state.services = replace(central.app.state.services, notifications=settings)
    hook = {"url": "https://192.0.2.1/x", "events": ["refund.paid"]}
    parked = sale_body(other_till.number, (), 1, PerformanceId(4711))
    other_till.append(parked)
    other_till.push()
    leased = other_till.lease([80]).request
    central.fetch("update till set heard_at = now() - interval '1 day' where number = $1", other_till.number)
    reclaims = f"/api/admin/tills/{other_till.number}/reclaims"
    reclaim = boss.client.post(reclaims, json={"reason": "Lost"}).raise_for_status().json()["reclaimId"]
    ids = {
        "userId": owner.id,
        "email": owner.email,
        "otherId": other.id,
        "managerId": boss.id,
        "eventId": str(TOMORROW),
        "performance": str(TOMORROW),
        "bookingId": confirmed["bookingId"],
        "ticketId": found["tickets"][0]["ticketId"],
        "othersBookingId": others["bookingId"],
        "pendingId": pending["bookingId"],
        "entryId": waiting["entryId"],
        "holdId": hold["holdId"],
        "bookedHoldId": booked_hold["holdId"],
        "paymentId": payment["paymentId"],
        "refundId": refunded["refunds"][0]["refundId"],
        "invoiceNumber": str(central.value("select max(number) from invoice")),
        "reviewId": owner.client.post("/api/reviews", json={**_REVIEWED, "userId": owner.id}).json()["reviewId"],
        "jobId": owner.client.post("/api/jobs", json=_JOB).raise_for_status().json()["jobId"],
        "queryId": owner.client.post("/api/queries", json=query).json()["queryId"],
        "discountId": boss.client.post("/api/admin/discounts", json=discount).raise_for_status().json()["discountId"],
        "notificationId": owner.client.get("/api/notifications").json()[0]["notificationId"],
        "anomalyId": str(central.value(_ANOMALY)),
        "webhookId": boss.client.post("/api/admin/webhooks", json=hook).raise_for_status().json()["webhookId"],
        "promoCode": _points_code(owner),
        "voucherCode": boss.client.post("/api/admin/vouchers", json=voucher).raise_for_status().json()["voucherCode"],
        "venueId": "royal",
        "priceListId": "standard",
        "planId": "house",
        "provider": "club",
        "leaseId": str(leased),
        "till": str(other_till.number),
        "reclaimId": reclaim,
        "saleId": str(parked.sale),
        "matterId": f"fact.{other_till.number}.1.1",
    }
    return Furnished(central.database, people, till.credential, ids)


def _points_code(owner: Person) -> str:
    """Only its owner may use it. They have points for another."""
    now = owner.central.clock[0]
    run(owner.central.database, lambda connection: points.book(connection, owner.account, 500, "given", "", now))
    reply = owner.client.post(f"/api/loyalty/{owner.id}/codes", json={"points": 100})
    code: str = reply.raise_for_status().json()["promoCode"]
    return code


def _client(central: RunningCentral, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    central.clients.append(httpx.Client(base_url=central.url, headers=headers, timeout=30, verify=False))
    return central.clients[-1]


def _worthless(central: RunningCentral, boss: Person) -> dict[str, str]:
    """Tokens that would open everything."""
    good = jwt.decode(boss.token, options={"verify_signature": False})
    key = central.app.state.services.access_tokens._keys["1"].private
    assert jwt.encode(good, key, "EdDSA", {"kid": "1"}) == boss.token  # so what is changed below is all that is wrong
    issuer, expired = good | {"iss": f"another {ISSUER}"}, good | {"exp": good["iat"] - 60}
    gone = admin(central)
    tokens = {
        "forged": f"{boss.token.rpartition('.')[0]}.{'A' * 86}",
        "another central's": jwt.encode(good, Ed25519PrivateKey.generate(), "EdDSA", {"kid": "1"}),
        "another issuer's": jwt.encode(issuer, key, "EdDSA", {"kid": "1"}),
        "expired": jwt.encode(expired, key, "EdDSA", {"kid": "1"}),
        "signed out": gone.token,
    }
    gone.client.post("/api/logout").raise_for_status()
    return tokens


def _routes(app: FastAPI) -> set[str]:
    """As the app would answer them, described or not."""
    return {
        f"{method} {route.path}"
        for route in iter_route_contexts(app.routes)
        for method in route.methods or {"NO METHOD"}  # of what is mounted, or a socket
        if method != "HEAD"
    }


def _refused(house: House, *who: str) -> dict[str, list[str]]:
    """Every route as everybody who may not, or as `who` of them: what is wrong with the answers, by route."""
    wrong: dict[str, list[str]] = {}
    for name, route in sorted(ROUTES.items(), key=lambda named: named[1].last):
        public = "nobody" in route.may.who
        for one in [] if public else [one for one in who or house.clients if one not in route.may.who]:
            reply = house.ask(name, one)
            known = one in house.people or route.may is May.GATEWAY
            wanted = route.may.refused if known else HTTPStatus.UNAUTHORIZED
            if reply.status_code != wanted or reply.headers["content-type"] != "application/problem+json":
                wrong.setdefault(name, []).append(f"as {one}: {reply.status_code} instead of {wanted}")
    return wrong


def test_every_route_says_who_may() -> None:
    app = create_app(Settings("", CentralKeys(SEED)))
    assert _routes(app) == set(ROUTES)
    app.add_api_route("/api/back-door", lambda: None, include_in_schema=False)
    assert _routes(app) - set(ROUTES) == {"GET /api/back-door"}


def test_who_may_not_is_refused_and_changes_nothing(house: House) -> None:
    before = house.digest()
    assert _refused(house) == {}
    after = house.digest()
    assert {name for name in before if before[name] != after[name]} == set()


@pytest.mark.parametrize(
    "who", [("owner", "other", "cashier", "door", "till", "nobody", "expired"), ("manager",), ("admin",)], ids=", ".join
)
def test_who_may_is_let_in(house: House, who: tuple[str, ...]) -> None:
    shut_out = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
    wrong = []
    for name in sorted(ROUTES, key=lambda name: (ROUTES[name].last, "users" in name)):
        route = ROUTES[name]
        for one in who:
            if one not in route.may.who:
                continue
            if route.last and one in house.people:
                house.sign_in_again(one)
            reply = house.ask(name, one)
            if reply.status_code in shut_out or reply.is_server_error:
                wrong.append(f"{name} as {one}: {reply.status_code}: {reply.text[:200]}")
    assert "\n".join(wrong) == ""


def test_what_is_somebody_elses_does_not_get_in_with_ones_own(house: House) -> None:
    before = house.digest()
    for what, asked in BORROWED.items():
        reply = house.send(asked.who, asked.route, asked.body)
        assert (what, reply.status_code, reply.json().get("code")) == (what, asked.status, asked.code)
    assert house.digest() == before


def test_an_idempotency_key_of_somebody_else_gives_nothing_away(house: House) -> None:
    key = {"Idempotency-Key": "the-owners-very-own"}
    body = {"eventId": str(TONIGHT), "seats": [30]}
    mine = house.clients["owner"].post("/api/holds", json=body, headers=key).raise_for_status()
    assert house.clients["owner"].post("/api/holds", json=body, headers=key).json() == mine.json()
    assert house.clients["other"].post("/api/holds", json=body, headers=key).status_code == HTTPStatus.CONFLICT


def test_what_is_somebody_elses_is_told_as_what_is_not_there(house: House) -> None:
    mine = [name for name, route in ROUTES.items() if route.may.refused == 404 and route.may is not May.GATEWAY]
    theirs = {name: house.ask(name, "other").json() for name in mine}
    house.ids.update({name: str(uuid4()) for name, found in house.ids.items() if len(found) == len(str(uuid4()))})
    assert {name: house.ask(name, "other").json() for name in mine} == theirs


def test_a_dependency_that_lets_everybody_in_is_found_at_every_route(house: House) -> None:
    boss = house.people["admin"]
    caller = Caller(boss.account, boss.role, boss.session)
    house.central.app.dependency_overrides[_caller] = lambda: caller
    theirs = {name for name, route in ROUTES.items() if "admin" in route.may.who and "nobody" not in route.may.who}
    assert theirs <= set(_refused(house, "nobody"))


def test_a_check_of_owners_that_is_none_is_found_at_every_route(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Caller, "owns", lambda self, account: True)
    theirs = {name for name, route in ROUTES.items() if route.may in (May.OWNER_OR_MANAGER, May.OWNER_OR_SELLER)}
    assert set(_refused(house, "other")) == theirs
