"""Venues, price lists and seating plans as managers write them."""

from __future__ import annotations

import copy
import json
from typing import Any

import httpx
import pytest

from boxoffice.domain.catalogue import Catalogue
from boxoffice.domain.plan import plan_to_json
from tests.central.people import customer, manager
from tests.support.central import SEATS, TOMORROW, TONIGHT, RunningCentral, plan, problem_of

VENUE = {"name": "Kampnagel", "address": "Jarrestraße 20, Hamburg", "timezone": "Europe/Berlin", "currency": "EUR"}
PRICES = {
    "name": "Summer",
    "currency": "EUR",
    "taxBp": 700,
    "priceTypes": [{"key": "A", "name": "Adult"}, {"key": "C", "name": "Child"}],
    "prices": [{"A": 2000, "C": 1000}],
}


def _event(central: RunningCentral, event: int) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{central.url}/api/events/{event}", verify=False).json()
    return found


def test_a_venue_and_a_price_list_are_made_used_and_changed(house: RunningCentral) -> None:
    client = manager(house).client
    venue = client.post("/api/admin/venues", json=VENUE).json()
    prices = client.post("/api/admin/price-lists", json=PRICES).json()
    body = {"name": "Circus", "date": "2026-12-01T20:00", "totalSeats": 50, "location": "Kampnagel"}
    used = {"venueId": venue["venueId"], "priceListId": prices["priceListId"]}
    event = int(client.post("/api/admin/events", json={**body, **used}).json()["eventId"])
    assert [(price["priceTypeName"], price["minor"]) for price in _event(house, event)["prices"]] == [
        ("Adult", 2000),
        ("Child", 1000),
    ]
    raised = client.put(
        f"/api/admin/price-lists/{prices['priceListId']}",
        json={**PRICES, "prices": [{"A": 2500}]},
        headers={"If-Match": '"v1"'},
    )
    assert (raised.status_code, raised.headers["etag"]) == (200, '"v2"')
    assert [price["minor"] for price in _event(house, event)["prices"]] == [2500]
    client.put(f"/api/admin/venues/{venue['venueId']}", json={**VENUE, "name": "Große Halle"})
    found = httpx.get(f"{house.url}/api/events", params={"location": "grosse"}, verify=False).json()
    assert [one["eventId"] for one in found] == [str(event)]
    assert "Große Halle" in [one["name"] for one in client.get("/api/admin/venues").json()]
    till = house.till()
    catalogue = Catalogue.model_validate_json(till.client.get("/api/tills/catalogue").content)
    assert "Große Halle" in [one.name for one in catalogue.venues]


@pytest.mark.parametrize("path", ["venues/royal", "price-lists/standard", "plans/house"])
def test_what_events_use_cannot_be_removed(central: RunningCentral, path: str) -> None:
    refused = manager(central).client.delete(f"/api/admin/{path}")
    assert refused.status_code == 409
    assert problem_of(refused)["code"].endswith("_in_use")


def test_what_nobody_uses_goes(house: RunningCentral) -> None:
    client = manager(house).client
    venue = client.post("/api/admin/venues", json=VENUE).json()["venueId"]
    prices = client.post("/api/admin/price-lists", json=PRICES).json()["priceListId"]
    made = client.post("/api/admin/plans", json=plan_to_json(plan())).json()
    assert (made["seats"], made["capacity"], made["version"]) == (SEATS, SEATS + 50, 1)
    for path in (f"venues/{venue}", f"price-lists/{prices}", f"plans/{made['planId']}"):
        assert client.delete(f"/api/admin/{path}").status_code == 204
        assert client.delete(f"/api/admin/{path}").status_code == 404
    assert house.value("select count(*) from plan_place where plan = $1", made["planId"]) == 0


def test_a_plan_has_all_its_faults_named_at_once(central: RunningCentral) -> None:
    body = copy.deepcopy(plan_to_json(plan()))
    first, second = body["sections"][0]["rows"][:2]
    first["seats"][1] = "1"
    first["x"][3] = -20
    second["category"][0] = 7
    body["sections"][1]["name"] = "Stalls"
    body["areas"][0]["category"] = 9
    reply = manager(central).client.post("/api/admin/plans", json=body)
    found = problem_of(reply)
    assert (reply.status_code, found["code"]) == (422, "malformed_plan")
    for words in ("numbered “1”", "lies outside", "category 7", "are called “Stalls”", "category 9"):
        assert words in found["detail"], words
    assert found["title"] == "The seating plan has 5 faults."


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"size": [1e400, 10]}, "size"),
        ({"size": "wide"}, "size"),
        ({"categories": []}, "categories"),
        ({"sections": [], "areas": []}, "plan"),
        ({"sections": [{"name": "A", "rows": [{"label": "1", "seats": ["1"], "x": [], "y": [], "category": []}]}]}, ""),
        ({"areas": [{"name": "A", "capacity": 0, "category": 0, "outline": []}]}, "areas.0.capacity"),
        ({"decorations": [{"kind": "bomb", "outline": []}]}, "decorations.0.kind"),
    ],
)
def test_what_is_no_plan_is_refused(central: RunningCentral, changes: dict[str, Any], field: str) -> None:
    body = {**plan_to_json(plan()), **changes}
    content = json.dumps(body).replace("Infinity", "1e400")
    reply = manager(central).client.post(
        "/api/admin/plans", content=content, headers={"Content-Type": "application/json"}
    )
    assert reply.status_code == 422
    assert problem_of(reply)["field"].startswith(field)


def test_a_new_version_of_a_plan_keeps_what_was_taken_where_it_is(house: RunningCentral) -> None:
    client, till = manager(house).client, house.till()
    till.sell(till.lease([99]).seats)
    till.push()
    body = plan_to_json(plan())
    shorter = copy.deepcopy(body)
    del shorter["sections"][1]["rows"][4]
    refused = client.put("/api/admin/plans/house", json=shorter)
    assert (refused.status_code, problem_of(refused)["code"]) == (409, "places_in_use")
    assert "Circle E 10" in problem_of(refused)["title"]
    moved = copy.deepcopy(body)
    moved["sections"][0]["rows"].pop(0)  # everybody behind it moves up by a row
    assert client.put("/api/admin/plans/house", json=moved).status_code == 409
    longer = copy.deepcopy(body)
    longer["sections"][1]["rows"].append({**body["sections"][1]["rows"][4], "label": "F"})
    longer["areas"][0]["capacity"] = 80
    written = client.put("/api/admin/plans/house", json=longer, headers={"If-Match": '"v1"'})
    assert (written.status_code, written.json()["version"], written.json()["seats"]) == (200, 2, SEATS + 10)
    assert _event(house, TONIGHT)["availableSeats"] == SEATS + 10 - 1 + 80
    assert _event(house, TOMORROW)["availableSeats"] == SEATS + 10 + 80
    sections = _event(house, TONIGHT)["sections"]
    assert [(one["capacity"], one["free"]) for one in sections] == [(50, 50), (60, 59), (80, 80)]
    gone = till.client.get(f"/api/tills/performances/{TONIGHT}/feed", params={"after": 0})
    assert (gone.status_code, problem_of(gone)["code"]) == (410, "resync")
    assert till.lease([SEATS + 9]).seats
    assert len(httpx.get(f"{house.url}/api/events/{TONIGHT}/seats", verify=False).json()["free"]) == SEATS + 10


def test_who_is_late_is_told_and_customers_may_not(central: RunningCentral) -> None:
    client = manager(central).client
    stale = client.put("/api/admin/venues/royal", json=VENUE, headers={"If-Match": '"v7"'})
    assert (stale.status_code, problem_of(stale)["code"]) == (412, "version_changed")
    wrong = client.post("/api/admin/venues", json={**VENUE, "timezone": "Europe/Atlantis"})
    assert (wrong.status_code, problem_of(wrong)["field"]) == (422, "timezone")
    ada = customer(central).client
    for path in ("venues", "price-lists", "plans"):
        assert ada.get(f"/api/admin/{path}").status_code == 403
        assert ada.post(f"/api/admin/{path}", json={}).status_code == 403
