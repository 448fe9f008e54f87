"""The public API as it was agreed: each method and path, the keys that are sent, and the keys and words that come back.

Fields may be added; none of these may be renamed, moved or change its type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.central.audience.visits import scanned
from tests.central.people import cashier, customer, manager
from tests.support.central import NOW, TOMORROW, TONIGHT, RunningCentral, running_central

String, Number, Array = (str,), (int, float), (list,)
_Types = Mapping[str, tuple[type, ...]]


@dataclass(frozen=True)
class Agreed:
    """`message` None: the answer has none."""

    method: str
    path: str
    request: tuple[str, ...]
    response: _Types
    message: str | None = None
    is_list: bool = False
    status: int = field(default=200)


_EVENT: _Types = {
    **{"eventId": String, "name": String, "date": String, "location": String},
    "availableSeats": Number,
}
_NEW_EVENT = ("name", "date", "location", "details", "totalSeats")
AGREED = {
    "register": Agreed(
        *("POST", "/api/register", ("email", "password", "name")),
        {"userId": String, "message": String},
        "user registered successfully",
        status=201,
    ),
    "login": Agreed(
        *("POST", "/api/login", ("email", "password")), {"token": String, "message": String}, "login successful"
    ),
    "events": Agreed("GET", "/api/events", (), _EVENT, is_list=True),
    "event": Agreed("GET", "/api/events/{eventId}", (), _EVENT),
    "book": Agreed(
        *("POST", "/api/bookings", ("eventId", "userId", "numberOfTickets", "seatPreferences")),
        {"bookingId": String, "message": String, "total price": Number},
        "booking successful",
        status=201,
    ),
    "pay": Agreed(
        *("POST", "/api/payments", ("bookingId", "paymentMethod", "amount")),
        {"paymentId": String, "status": String, "message": String},
        "payment processed successfully",
        status=201,
    ),
    "booking": Agreed(
        *("GET", "/api/bookings/{bookingId}", ()), {"bookingId": String, "eventDetails": String, "qrCode": String}
    ),
    "cancel": Agreed(
        *("DELETE", "/api/bookings/{bookingId}", ()),
        {"message": String, "refund amount": Number},
        "booking cancelled successfully",
    ),
    "create event": Agreed(
        *("POST", "/api/admin/events", _NEW_EVENT),
        {"eventId": String, "message": String},
        "event created successfully",
        status=201,
    ),
    "update event": Agreed(
        *("PUT", "/api/admin/events/{eventId}", _NEW_EVENT),
        {"eventId": String, "message": String},
        "event updated successfully",
    ),
    "review": Agreed(
        *("POST", "/api/reviews", ("eventId", "userId", "rating", "review")),
        {"reviewId": String, "message": String},
        "review submitted successfully",
        status=201,
    ),
    "loyalty": Agreed(
        *("GET", "/api/loyalty/{userId}", ()),
        {"userId": String, "loyaltyPoints": Number, "availableDiscount": Array},
    ),
}


def asking(central: RunningCentral) -> Callable[..., dict[str, Any]]:
    """Sends exactly the agreed keys, checks the answer against the agreed ones, and returns it."""

    def asked(name: str, client: httpx.Client | None = None, /, **values: Any) -> dict[str, Any]:
        agreed = AGREED[name]
        path = agreed.path.format(**values)
        body = {key: values[key] for key in agreed.request} or None
        params = values.get("params")
        if client is None:
            reply = httpx.request(agreed.method, central.url + path, json=body, params=params, verify=False)
        else:
            reply = client.request(agreed.method, path, json=body, params=params)
        assert reply.status_code == agreed.status, reply.text
        answer = reply.json()
        if agreed.is_list:
            assert isinstance(answer, list)
            assert answer
            answer = answer[0]
        for key, types in agreed.response.items():
            assert isinstance(answer[key], types), (key, answer[key])
            assert not isinstance(answer[key], bool)
        assert answer.get("message") == agreed.message
        found: dict[str, Any] = answer
        return found

    return asked


@pytest.fixture
def ask(central: RunningCentral) -> Callable[..., dict[str, Any]]:
    return asking(central)


def test_a_customer_comes_books_pays_and_cancels(central: RunningCentral, ask: Callable[..., dict[str, Any]]) -> None:
    who = {"email": "ada@example.org", "password": "three plain words", "name": "Ada Byron"}
    user = ask("register", **who)["userId"]
    signed_in = httpx.Client(
        base_url=central.url, headers={"Authorization": f"Bearer {ask('login', **who)['token']}"}, verify=False
    )
    with signed_in as client:
        filters = {"location": "Royal", "date": "2026-11-15", "category": "play", "keyword": "orchard"}
        listed = ask("events", params=filters)
        assert listed["eventId"] == str(TOMORROW)
        assert ask("event", eventId=listed["eventId"])["availableSeats"] == listed["availableSeats"]
        wanted = {"eventId": str(TOMORROW), "userId": user, "numberOfTickets": 2, "seatPreferences": "Stalls"}
        booked = ask("book", client, **wanted)
        assert ask("event", eventId=str(TOMORROW))["availableSeats"] == listed["availableSeats"] - 2
        bill = {"bookingId": booked["bookingId"], "amount": booked["total price"]}
        code = (
            manager(central)
            .client.post("/api/admin/vouchers", json={"amount": 500, "currency": "EUR"})
            .json()["voucherCode"]
        )
        paid = client.post("/api/payments", json={**bill, "paymentMethod": "voucher", "voucherCode": code})
        assert paid.status_code == 201, paid.text
        _check(AGREED["pay"], paid.json())
        confirmed = ask("booking", client, bookingId=booked["bookingId"])
        assert confirmed["qrCode"].startswith("data:image/png;base64,")
        assert ask("cancel", client, bookingId=booked["bookingId"])["refund amount"] == 50.0
        assert ask("event", eventId=str(TOMORROW))["availableSeats"] == listed["availableSeats"]
        assert ask("loyalty", client, userId=user)["loyaltyPoints"] == 0


def test_who_was_there_reviews(central: RunningCentral, ask: Callable[..., dict[str, Any]]) -> None:
    ada = customer(central)
    wanted = {"eventId": str(TONIGHT), "userId": ada.id, "numberOfTickets": 1, "seatPreferences": ""}
    booked = ask("book", ada.client, **wanted)
    bill = {"bookingId": booked["bookingId"], "paymentMethod": "counter", "amount": booked["total price"]}
    asked = ada.client.post("/api/payments", json=bill).json()
    assert cashier(central).client.post(f"/api/payments/{asked['paymentId']}/confirm").status_code in (200, 201)
    scanned(ada, UUID(booked["bookingId"]))
    ask("review", ada.client, eventId=str(TONIGHT), userId=ada.id, rating="5", review="A moving evening.")


def test_an_event_is_created_and_updated(database: str) -> None:
    event = {
        "name": "Uncle Vanya",
        "date": (NOW + timedelta(days=30)).isoformat(),
        "location": "Theatre Royal",
        "details": "Scenes from country life.",
        "totalSeats": 120,
    }
    with running_central(database) as central:  # the others' catalogue stays as it is
        ask, boss = asking(central), manager(central)
        made = ask("create event", boss.client, **event)
        assert ask("event", eventId=made["eventId"])["availableSeats"] == 120
        updated = ask("update event", boss.client, eventId=made["eventId"], **{**event, "totalSeats": 150})
        assert updated["eventId"] == made["eventId"]
        assert ask("event", eventId=made["eventId"])["availableSeats"] == 150


def _check(agreed: Agreed, answer: dict[str, Any]) -> None:
    assert {key for key, types in agreed.response.items() if not isinstance(answer[key], types)} == set()
    assert answer.get("message") == agreed.message


def test_the_description_of_the_api_has_every_agreed_path_and_key(central: RunningCentral) -> None:
    described = httpx.get(f"{central.url}/openapi.json", verify=False).json()
    schemas = described["components"]["schemas"]

    def keys(schema: dict[str, Any]) -> set[str]:
        if "$ref" in schema:
            schema = schemas[schema["$ref"].rpartition("/")[2]]
        if "items" in schema:
            return keys(schema["items"])
        return set(schema.get("properties", {}))

    for agreed in AGREED.values():
        operation = described["paths"][agreed.path][agreed.method.lower()]
        answer = operation["responses"][str(agreed.status)]["content"]["application/json"]["schema"]
        assert set(agreed.response) <= keys(answer), agreed.path
        if agreed.request:
            body = operation["requestBody"]["content"]["application/json"]["schema"]
            assert set(agreed.request) <= keys(body), agreed.path
