"""Events as managers make, change and remove them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from boxoffice.domain.catalogue import Catalogue
from boxoffice.domain.ids import PerformanceId
from tests.central.people import Person, admin, cashier, customer, door, manager
from tests.support.central import NOW, TOMORROW, TONIGHT, RunningCentral, problem_of

NEW = {
    "name": "Hamlet",
    "date": "2026-12-31T19:30:00",
    "location": "Theatre Royal",
    "details": "A tragedy with a ghost.",
    "totalSeats": 120,
}


def _made(person: Person, **changes: Any) -> PerformanceId:
    reply = person.client.post("/api/admin/events", json={**NEW, **changes})
    assert reply.status_code == 201, reply.text
    assert reply.json()["message"] == "event created successfully"
    return PerformanceId(int(reply.json()["eventId"]))


def _shown(central: RunningCentral, event: int) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{central.url}/api/events/{event}", verify=False).json()
    return found


def _put(person: Person, event: int, body: dict[str, Any], **headers: str) -> httpx.Response:
    return person.client.put(f"/api/admin/events/{event}", json=body, headers=headers)


def test_a_new_event_is_found_shown_and_sold_at_once(house: RunningCentral) -> None:
    till = house.till()
    event = _made(manager(house), category="play", hall="Studio")
    shown = _shown(house, event)
    assert (shown["name"], shown["location"], shown["details"]) == (
        "Hamlet",
        "Theatre Royal",
        "A tragedy with a ghost.",
    )
    assert shown["date"] == "2026-12-31T19:30:00+01:00"  # of the venue
    assert (shown["availableSeats"], shown["doorsAt"]) == (120, "2026-12-31T18:30:00+01:00")
    assert [section["free"] for section in shown["sections"]] == [120]
    found = httpx.get(f"{house.url}/api/events", params={"keyword": "ghost haml"}, verify=False).json()
    assert [one["eventId"] for one in found] == [str(event)]
    assert till.lease(places=5, performance=event).areas[0].units == 5
    assert _shown(house, event)["availableSeats"] == 115


def test_tills_get_it_with_the_next_catalogue(house: RunningCentral) -> None:
    till = house.till()
    before = Catalogue.model_validate_json(till.client.get("/api/tills/catalogue").content)
    event = _made(manager(house))
    after = Catalogue.model_validate_json(till.client.get("/api/tills/catalogue").content)
    assert after.version > before.version
    assert after.performance(event).plan_id == "general-120"
    assert after.price_list(after.performance(event).price_list_id).price(0, "A").minor == 5000


def test_a_place_that_is_not_known_becomes_a_venue(house: RunningCentral) -> None:
    event = _made(manager(house), location="Hafenklang")
    assert (_shown(house, event)["location"], _shown(house, event)["timezone"]) == ("Hafenklang", "Europe/Berlin")
    again = _made(manager(house), location="hafenKLANG")
    assert _shown(house, again)["location"] == "Hafenklang"


def test_an_event_on_a_seating_plan_has_its_seats(house: RunningCentral) -> None:
    event = _made(manager(house), planId="house", totalSeats=150)
    assert _shown(house, event)["availableSeats"] == 150
    assert house.till().lease([7], performance=event).seats[0].seat == 7
    wrong = manager(house).client.post("/api/admin/events", json={**NEW, "planId": "house"})
    assert (wrong.status_code, problem_of(wrong)["field"]) == (422, "totalSeats")


def test_a_change_keeps_what_was_not_sent_and_renames_no_other_event(house: RunningCentral) -> None:
    boss = manager(house)
    reply = _put(boss, TONIGHT, {"name": "Uncle Vanya"})
    assert (reply.status_code, reply.json()["message"]) == (200, "event updated successfully")
    shown = _shown(house, TONIGHT)
    assert (shown["name"], shown["category"], shown["availableSeats"]) == ("Uncle Vanya", "play", 150)
    assert _shown(house, TOMORROW)["name"] == "The Cherry Orchard"
    _put(boss, TONIGHT, {"date": "2026-11-20T18:00:00Z"})
    moved = _shown(house, TONIGHT)
    assert (moved["date"], moved["endsAt"]) == ("2026-11-20T19:00:00+01:00", "2026-11-20T21:00:00+01:00")


def test_the_whole_body_of_the_source_can_be_sent_back(house: RunningCentral) -> None:
    boss = manager(house)
    event = _made(boss)
    assert _put(boss, event, {**NEW, "totalSeats": 80}).status_code == 200
    assert _shown(house, event)["availableSeats"] == 80


def test_places_cannot_become_fewer_than_are_taken(house: RunningCentral) -> None:
    boss, till = manager(house), house.till()
    event = _made(boss)
    till.lease(places=10, performance=event)
    till.sell(places=4, performance=event)
    till.push()
    refused = _put(boss, event, {"totalSeats": 9})
    assert (refused.status_code, problem_of(refused)["code"]) == (409, "too_few_places")
    assert _shown(house, event)["availableSeats"] == 110
    assert _put(boss, event, {"totalSeats": 10}).status_code == 200
    assert _shown(house, event)["availableSeats"] == 0
    assert house.fetch("select capacity, free, sold from area_count where performance = $1", event) == [
        {"capacity": 10, "free": 0, "sold": 4}
    ]
    page = till.client.get(f"/api/tills/performances/{event}/feed", params={"after": 0}).json()
    assert page["entries"][-1]["areas"] == [{"area": 0, "free": 0, "sold": 4}]


def test_a_plan_changes_only_before_the_first_place_is_touched(house: RunningCentral) -> None:
    boss, till = manager(house), house.till()
    event = _made(boss)
    assert _put(boss, event, {"planId": "house"}).status_code == 200
    assert (_shown(house, event)["availableSeats"], len(_shown(house, event)["sections"])) == (150, 3)
    assert till.lease([5], performance=event).seats
    refused = _put(boss, event, {"planId": "general-120"})
    assert (refused.status_code, problem_of(refused)["code"]) == (409, "plan_in_use")
    assert _put(boss, event, {"totalSeats": 120}).status_code == 422
    assert _shown(house, event)["availableSeats"] == 149


def test_who_changes_what_somebody_else_changed_is_told(house: RunningCentral) -> None:
    boss = manager(house)
    event = _made(boss)
    first = _put(boss, event, {"hall": "Studio"}, **{"If-Match": '"v1"'})
    assert (first.status_code, first.headers["etag"]) == (200, '"v2"')
    stale = _put(boss, event, {"hall": "Loft"}, **{"If-Match": '"v1"'})
    assert (stale.status_code, problem_of(stale)["code"]) == (412, "version_changed")
    assert _put(boss, event, {"hall": "Loft", "version": 1}).status_code == 409
    assert _shown(house, event)["hall"] == "Studio"


def test_an_event_nobody_bought_for_goes_and_any_other_is_cancelled(house: RunningCentral) -> None:
    boss, till = admin(house), house.till()
    event = _made(boss)
    gone = boss.client.delete(f"/api/admin/events/{event}")
    assert (gone.json()["message"], gone.json()["removed"]) == ("event deleted successfully", True)
    assert problem_of(boss.client.delete(f"/api/admin/events/{event}"))["code"] == "unknown_event"
    till.lease([1])  # it may be sold by now, at a till without a network
    kept = boss.client.delete(f"/api/admin/events/{TONIGHT}")
    assert (kept.json()["message"], kept.json()["removed"]) == ("event cancelled successfully", False)
    assert (_shown(house, TONIGHT)["status"], _shown(house, TONIGHT)["availableSeats"]) == ("cancelled", 0)
    found = httpx.get(f"{house.url}/api/events", verify=False).json()
    assert [one["eventId"] for one in found] == [str(TOMORROW)]
    till.sell(till.lease([2], performance=TOMORROW).seats, performance=TOMORROW)
    assert till.push().results[0].outcome == "applied"


def test_every_change_is_in_the_audit(house: RunningCentral) -> None:
    boss = manager(house)
    event = _made(boss)
    _put(boss, event, {"hall": "Loft"})
    boss.client.delete(f"/api/admin/events/{event}")
    rows = house.fetch("select account, action from audit_entry where subject = $1 order by id", f"event:{event}")
    assert [row["action"] for row in rows] == ["event created", "event updated", "event deleted"]
    assert {row["account"] for row in rows} == {boss.account}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"location": None}, "location"),
        ({"date": "soon"}, "date"),
        ({"date": "1815-12-10T19:00:00"}, "date"),
        ({"date": "9999-12-31T23:59:59"}, "date"),
        ({"totalSeats": 0}, "totalSeats"),
        ({"totalSeats": -5}, "totalSeats"),
        ({"totalSeats": 10**9}, "totalSeats"),
        ({"totalSeats": None}, "totalSeats"),
        ({"endsAt": "2026-12-31T19:00:00"}, "endsAt"),
        ({"endsAt": "2027-12-31T19:00:00"}, "endsAt"),
        ({"doorsAt": "2026-12-31T20:00:00"}, "doorsAt"),
        ({"planId": "nowhere"}, "planId"),
        ({"venueId": "nowhere"}, "venueId"),
        ({"priceListId": "nothing"}, "priceListId"),
        ({"allotment": -1}, "allotment"),
        ({"status": "maybe"}, "status"),
    ],
)
def test_what_cannot_be_an_event_is_refused_by_its_field(
    central: RunningCentral, changes: dict[str, Any], field: str
) -> None:
    before = central.value("select count(*) from performance")
    reply = manager(central).client.post("/api/admin/events", json={**NEW, **changes})
    assert (reply.status_code, problem_of(reply)["field"]) == (422, field)
    assert central.value("select count(*) from performance") == before


@pytest.mark.parametrize("who", [customer, cashier, door])
def test_only_managers_and_admins_may(central: RunningCentral, who: Any) -> None:
    person = who(central)
    for reply in (
        person.client.post("/api/admin/events", json=NEW),
        _put(person, TONIGHT, {"hall": "Loft"}),
        person.client.delete(f"/api/admin/events/{TONIGHT}"),
    ):
        assert (reply.status_code, problem_of(reply)["code"]) == (403, "not_allowed")
    assert httpx.post(f"{central.url}/api/admin/events", json=NEW, verify=False).status_code == 401


def test_a_longer_event_that_runs_is_found(house: RunningCentral) -> None:
    event = _made(manager(house), date="2026-11-01T10:00:00", endsAt="2026-11-30T20:00:00", name="Book fair")
    for query in ({}, {"keyword": "fair"}):
        found = httpx.get(f"{house.url}/api/events", params=query, verify=False).json()
        assert str(event) in [one["eventId"] for one in found]
    house.clock[0] += timedelta(days=20)
    assert httpx.get(f"{house.url}/api/events", params={"keyword": "fair"}, verify=False).json() == []


def test_an_event_is_not_put_into_the_past(house: RunningCentral) -> None:
    boss = manager(house)
    over = problem_of(boss.client.post("/api/admin/events", json={**NEW, "date": "2026-11-14T10:00:00"}))
    assert (over["status"], over["code"], over["field"]) == (422, "in_the_past", "date")
    running = _made(boss, date="2026-11-14T12:30:00")  # began half an hour ago and goes on
    moved = problem_of(_put(boss, running, {"date": "2026-11-20T19:30:00"}))
    assert (moved["status"], moved["code"], moved["field"]) == (409, "event_began", "date")
    assert _put(boss, running, {"endsAt": "2026-11-14T16:00:00"}).status_code == 200  # it takes longer
    early = problem_of(_put(boss, running, {"endsAt": "2026-11-14T12:45:00"}))
    assert (early["code"], early["field"]) == ("in_the_past", "endsAt")
    house.clock[0] = NOW + timedelta(days=1)
    assert _put(boss, running, {"date": "2026-11-14T12:30:00", "details": "It was good."}).status_code == 200
    assert problem_of(_put(boss, running, {"date": "2026-12-24T19:30:00"}))["code"] == "event_began"


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ("2027-03-28T01:59:00", "2027-03-28T01:59:00+01:00"),
        ("2027-03-28T02:00:00", None),
        ("2027-03-28T02:30:00", None),
        ("2027-03-28T03:00:00", "2027-03-28T03:00:00+02:00"),
        ("2027-03-28T02:30:00+01:00", "2027-03-28T03:30:00+02:00"),
        ("2027-10-31T02:30:00", "2027-10-31T02:30:00+02:00"),  # comes twice: the first
        ("2027-10-31T02:30:00+01:00", "2027-10-31T02:30:00+01:00"),
    ],
)
def test_the_nights_on_which_the_clocks_change(house: RunningCentral, wanted: str, shown: str | None) -> None:
    reply = manager(house).client.post("/api/admin/events", json={**NEW, "date": wanted})
    if shown is None:
        assert (problem_of(reply)["code"], problem_of(reply)["field"]) == ("no_such_time", "date")
        assert "Europe/Berlin" in problem_of(reply)["title"]
    else:
        assert reply.status_code == 201, reply.text
        assert _shown(house, reply.json()["eventId"])["date"] == shown


@pytest.mark.parametrize("field", ["timezone", "currency", "endsat"])
def test_what_an_event_does_not_have_is_not_swallowed(house: RunningCentral, field: str) -> None:
    told = problem_of(manager(house).client.post("/api/admin/events", json={**NEW, field: "Europe/London"}))
    assert (told["status"], told["field"]) == (422, field)
    assert told["title"] == f"{field}: There is no such field here."
