"""A house that is sold out, and people who wait for it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx

from boxoffice.domain.facts import SeatEpoch
from boxoffice.domain.ids import PerformanceId
from tests.central.people import Person
from tests.support.central import FLOOR_PLACES, SEATS, TOMORROW, Clerk, RunningCentral


class SoldOut:
    """One till has taken the whole house; seats come free when it gives them back."""

    def __init__(self, central: RunningCentral, performance: PerformanceId = TOMORROW) -> None:
        self.central, self.performance = central, performance
        self.clerk: Clerk = central.till()
        grant = self.clerk.lease(range(SEATS), places=FLOOR_PLACES, performance=performance)
        self._epochs = {place.seat: place for place in grant.seats}

    def free(self, *seats: int, places: int = 0) -> None:
        given = [SeatEpoch(seat=seat, epoch=self._epochs[seat].epoch) for seat in seats]
        self.clerk.give_back(given, places=places, performance=self.performance)
        self.clerk.push()
        self.clerk.facts[:-1] = []


def wait(person: Person, count: int = 2, words: str = "", performance: PerformanceId = TOMORROW) -> dict[str, Any]:
    reply = ask_to_wait(person, count, words, performance)
    assert reply.status_code == 201, reply.text
    joined: dict[str, Any] = reply.json()
    return joined


def ask_to_wait(
    person: Person, count: int = 2, words: str = "", performance: PerformanceId = TOMORROW
) -> httpx.Response:
    body = {"eventId": str(performance), "numberOfTickets": count, "seatPreferences": words}
    return person.client.post("/api/waiting", json=body)


def entry(person: Person, joined: dict[str, Any]) -> dict[str, Any]:
    reply = person.client.get(f"/api/waiting/{joined['entryId']}")
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def becomes(person: Person, joined: dict[str, Any], state: str) -> dict[str, Any]:
    until(lambda: entry(person, joined)["state"] == state, f"{joined['entryId']} {state}")
    return entry(person, joined)


def until(is_true: Callable[[], bool], what: str = "it") -> None:
    deadline = time.monotonic() + 10
    while not is_true():
        assert time.monotonic() < deadline, f"{what} did not come true"
        time.sleep(0.05)


def told(central: RunningCentral, person: Person) -> list[tuple[str, dict[str, Any]]]:
    """The messages to them, in the order of the clock: those of one moment in any."""
    rows = central.fetch("select kind, detail from message where account = $1 order by id", person.account)
    return [(row["kind"], json.loads(row["detail"])) for row in rows]


def seats_of(shown: dict[str, Any]) -> set[int]:
    return {place["seat"] for place in shown["offer"]["places"]}
