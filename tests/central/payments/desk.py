"""Somebody who books and pays at a running central."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from boxoffice.domain.ids import PerformanceId
from tests.central.people import Person
from tests.support.central import TONIGHT, RunningCentral
from tests.support.paypal_fake import PayPalFake
from tests.support.stripe_fake import StripeFake

Json = dict[str, Any]


@dataclass
class Paying:
    central: RunningCentral
    stripe: StripeFake
    paypal: PayPalFake
    person: Person
    manager: Person

    def book(self, person: Person | None = None, *, seats: Sequence[int] = (), event: PerformanceId = TONIGHT) -> Json:
        """`bookingId` and `total price` of a pending booking of two seats, or of these."""
        who = person or self.person
        wanted: Json = {"seats": list(seats)} if seats else {"numberOfTickets": 2}
        body = {"eventId": str(event), "userId": who.id, **wanted}
        reply = who.client.post("/api/bookings", json=body)
        assert reply.status_code == 201, reply.text
        booked: Json = reply.json()
        return booked

    def pay(self, booked: Json, method: str = "card", person: Person | None = None, **more: object) -> httpx.Response:
        body = {"bookingId": booked["bookingId"], "paymentMethod": method, "amount": booked["total price"], **more}
        return (person or self.person).client.post("/api/payments", json=body)

    def confirm(self, payment: str, person: Person | None = None) -> httpx.Response:
        return (person or self.person).client.post(f"/api/payments/{payment}/confirm")

    def shown(self, payment: str) -> Json:
        reply = self.person.client.get(f"/api/payments/{payment}")
        assert reply.status_code == 200, reply.text
        found: Json = reply.json()
        return found

    def state(self, booked: Json) -> str:
        found: str = self.central.value("select state from booking where id = $1::text::uuid", booked["bookingId"])
        return found

    def payments(self, booked: Json) -> list[Json]:
        reply = self.person.client.get(f"/api/bookings/{booked['bookingId']}/payments")
        assert reply.status_code == 200, reply.text
        found: list[Json] = reply.json()
        return found

    def reference(self, payment: str) -> str:
        found: str = self.central.value("select gateway_reference from payment where id = $1::text::uuid", payment)
        return found

    def attempts(self, payment: str) -> list[tuple[str, str]]:
        reply = self.manager.client.get(f"/api/admin/payments/{payment}/attempts")
        assert reply.status_code == 200, reply.text
        return [(attempt["what"], attempt["outcome"]) for attempt in reply.json()]

    def later(self, minutes: float) -> None:
        self.central.clock[0] += timedelta(minutes=minutes)

    def until(self, claim: Callable[[], bool], within_s: float = 10) -> None:
        deadline = time.monotonic() + within_s
        while not claim():
            assert time.monotonic() < deadline, "it did not come true"
            time.sleep(0.02)
