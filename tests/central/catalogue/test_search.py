"""What is found, in which order, and that its pages are the whole and nothing twice."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.support.central import NOW, TOMORROW, TONIGHT, RunningCentral, problem_of


def _page(central: RunningCentral, path: str = "/api/events", **query: Any) -> tuple[list[dict[str, Any]], str]:
    reply = httpx.get(central.url + path, params=query or None, verify=False)
    assert reply.status_code == 200, reply.text
    return reply.json(), str(reply.links.get("next", {}).get("url", ""))


def _found(central: RunningCentral, **query: Any) -> list[int]:
    return [int(event["eventId"]) for event in _page(central, **query)[0]]


def _all_pages(central: RunningCentral, **query: Any) -> list[int]:
    events, following = _page(central, **query)
    found = [int(event["eventId"]) for event in events]
    while following:
        events, following = _page(central, following)
        assert events, "a page that promises another is not empty"
        found += [int(event["eventId"]) for event in events]
    return found


def _title(central: RunningCentral, title: str, details: str = "") -> None:
    central.fetch("update production set title = $1", title)
    central.fetch("update performance set details = $1 where id = $2", details, TONIGHT)


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("L'Étoile du Nord", "etoile"),
        ("L'Étoile du Nord", "NORD l'étoi"),
        ("Die Zauberflöte", "zauberflote"),
        ("Straße der Lieder", "strasse"),
        ("Чайка", "чайк"),
        ("ЧАЙКА", "чайка"),
        ("AC/DC – Power Up", "dc"),
        ("AC/DC – Power Up", "ac/d"),
        ("夏の夜の夢", "夏の"),
        ("شهرزاد", "شهر"),
        ("Rock 'n' Roll (2026)", "roll 2026"),
        ("one two three", "three one"),
    ],
)
def test_a_title_is_found_however_it_is_typed(house: RunningCentral, title: str, typed: str) -> None:
    for keyword in (typed, f"  {typed} "):
        _title(house, title)
        assert _found(house, keyword=keyword) == [TONIGHT, TOMORROW]
    _title(house, "Something else")
    assert _found(house, keyword=typed) == []


@pytest.mark.parametrize(
    "typed", ["&", "!orchard |", "orchard:* & !play", "'; drop table venue; --", "<->", "\\", "=", "@"]
)
def test_signs_of_query_languages_mean_nothing(central: RunningCentral, typed: str) -> None:
    found = _found(central, keyword=typed)
    assert found == ([TONIGHT, TOMORROW] if "orchard" in typed else [])


def test_only_the_last_word_is_a_beginning(central: RunningCentral) -> None:
    assert _found(central, keyword="cherry orch") == [TONIGHT, TOMORROW]
    assert _found(central, keyword="cher orchard") == []


def test_a_location_is_of_the_venue_and_not_of_the_title(central: RunningCentral) -> None:
    assert _found(central, location="high street") == [TONIGHT, TOMORROW]
    assert _found(central, location="cherry") == []
    assert _found(central, keyword="cherry", location="bat") == [TONIGHT, TOMORROW]


def test_a_word_in_the_title_counts_more_than_one_in_the_details(house: RunningCentral) -> None:
    _title(house, "The Cherry Orchard", details="With nightingales.")
    house.fetch("insert into production (id, title, kind, minutes) values ('n', 'Nightingales', 'play', 60)")
    house.fetch("update performance set production_id = 'n' where id = $1", TOMORROW)
    assert _found(house, keyword="nightingales") == [TOMORROW, TONIGHT]
    assert _found(house, keyword="cherry") == [TONIGHT]


def test_what_is_found_follows_every_change(house: RunningCentral) -> None:
    house.fetch("update venue set address = 'Hafenstraße 4, Hamburg'")
    assert (_found(house, location="hamburg"), _found(house, location="bath")) == ([TONIGHT, TOMORROW], [])
    house.fetch("update performance set status = 'cancelled' where id = $1", TONIGHT)
    assert _found(house, keyword="orchard") == [TOMORROW]
    house.fetch("update performance set status = 'on_sale' where id = $1", TONIGHT)
    assert _found(house, keyword="orchard") == [TONIGHT, TOMORROW]
    house.fetch(
        "update performance set starts_at = starts_at + interval '3 days', ends_at = ends_at + interval '3 days'"
        " where id = $1",
        TONIGHT,
    )
    assert _found(house) == [TOMORROW, TONIGHT]
    assert _found(house, date="2026-11-17") == [TONIGHT]


def test_a_day_is_the_venues_own(house: RunningCentral) -> None:
    house.fetch("update venue set timezone = 'Pacific/Auckland'")  # 14 November, 19:00 UTC is the 15th there
    assert (_found(house, date="2026-11-14"), _found(house, date="2026-11-15")) == ([], [TONIGHT])


def test_sold_out_events_go_when_only_places_to_sell_are_wanted(central: RunningCentral) -> None:
    central.till().lease(range(100), places=50)
    assert _found(central) == [TONIGHT, TOMORROW]
    assert _found(central, available=True) == [TOMORROW]
    assert _found(central, available=True, keyword="orchard") == [TOMORROW]
    central.fetch("update performance set status = 'closed' where id = $1", TOMORROW)
    assert _found(central, available=True) == []


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"category": "opera"},
        {"keyword": "live"},  # half of all
        {"keyword": "l"},  # a beginning of most
        {"keyword": "festival"},
        {"keyword": "live festival", "category": "concert"},
        {"location": "arena", "available": True},
        {"keyword": "play theat", "dateFrom": "2027-02-01", "dateTo": "2027-08-31"},
        {"dateTo": "2027-01-31", "available": True},
        {"keyword": "live", "limit": 200},
    ],
    ids=str,
)
def test_pages_are_the_whole_and_nothing_twice(many: RunningCentral, query: dict[str, Any]) -> None:
    found = _all_pages(many, **{"limit": 150, **query})
    assert len(set(found)) == len(found)
    assert sorted(found) == sorted(_by_looking_at_all(many, query))


def _by_looking_at_all(central: RunningCentral, query: dict[str, Any]) -> list[int]:
    rows = central.fetch(
        "select p.id, o.title, lower(o.kind) as kind, p.hall, v.name, v.address, h.free_seats > 0 as free,"
        " (p.starts_at at time zone v.timezone)::date::text as day"
        " from performance p join production o on o.id = p.production_id join venue v on v.id = p.venue_id"
        " join feed_head h on h.performance = p.id where p.ends_at > $1",
        NOW,
    )

    def has(text: str, words: str) -> bool:
        there = text.lower().replace(",", " ").split()
        *whole, beginning = words.split()
        return all(word in there for word in whole) and any(word.startswith(beginning) for word in there)

    def wanted(row: dict[str, Any]) -> bool:
        place = f"{row['name']} {row['address']}"
        return (
            (not query.get("keyword") or has(f"{row['title']} {row['kind']} {row['hall']} {place}", query["keyword"]))
            and (not query.get("location") or has(place, query["location"]))
            and query.get("category", row["kind"]) == row["kind"]
            and query.get("dateFrom", "") <= row["day"] <= query.get("dateTo", "9999")
            and (row["free"] or not query.get("available"))
        )

    return [row["id"] for row in rows if wanted(row)]


def test_without_words_the_order_is_by_time(many: RunningCentral) -> None:
    dates = [event["date"] for event in _page(many, limit=200)[0]]
    assert dates == sorted(dates)


def test_of_a_frequent_word_the_soonest_are_ranked_first(many: RunningCentral) -> None:
    events, _ = _page(many, keyword="live", limit=50)
    soonest = set(_found(many, limit=200)) | set(_all_pages(many, dateTo="2027-04-30", limit=200))
    assert {int(event["eventId"]) for event in events} <= soonest


def test_an_event_that_runs_is_still_listed(central: RunningCentral) -> None:
    central.clock[0] = NOW + timedelta(hours=8)
    assert _found(central) == [TONIGHT, TOMORROW]
    assert _found(central, keyword="orchard") == [TONIGHT, TOMORROW]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%%%",
        base64.urlsafe_b64encode(b"[]").decode(),
        base64.urlsafe_b64encode(b'["a",1,0,null,null]').decode(),
        base64.urlsafe_b64encode(b"[1,1,0,null,5]").decode(),
        base64.urlsafe_b64encode(json.dumps([10**30, 1, 0, None, None]).encode()).decode(),
        base64.urlsafe_b64encode(b"[1,99999999999,0,null,null]").decode(),
        base64.urlsafe_b64encode(b"[1,1,NaN,null,null]").decode(),
        base64.urlsafe_b64encode(b"[" * 140).decode(),
    ],
)
def test_a_forged_cursor_is_refused(central: RunningCentral, cursor: str) -> None:
    reply = httpx.get(f"{central.url}/api/events", params={"cursor": cursor}, verify=False)
    assert (reply.status_code, problem_of(reply)["field"]) == (422, "cursor")


@pytest.mark.parametrize("path", ["/api/events", "/api/events/1001", "/api/events/1001/seats", "/api/categories"])
def test_what_has_not_changed_is_not_sent_again(central: RunningCentral, path: str) -> None:
    first = httpx.get(central.url + path, verify=False)
    tag = {"If-None-Match": first.headers["etag"]}
    again = httpx.get(central.url + path, headers=tag, verify=False)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    if path != "/api/categories":
        central.till().lease([1])
        assert httpx.get(central.url + path, headers=tag, verify=False).status_code == 200


def test_the_detail_says_what_is_free_where_and_for_how_much(central: RunningCentral) -> None:
    central.till().lease([0, 1, 60], places=4)
    shown = httpx.get(f"{central.url}/api/events/{TONIGHT}", verify=False).json()
    sections = [(section["name"], section["capacity"], section["free"]) for section in shown["sections"]]
    assert sections == [("Stalls", 50, 48), ("Circle", 50, 49), ("Floor", 50, 46)]
    assert shown["prices"][0] == {
        "category": 0,
        "categoryName": "Stalls",
        "priceType": "A",
        "priceTypeName": "Adult",
        "minor": 5000,
    }
    assert (shown["rating"], shown["reviews"], shown["details"]) == (None, 0, "")
    assert shown["refundPolicy"].startswith("Given back: ")


def test_seats_and_plan_are_public_and_agree(central: RunningCentral) -> None:
    central.till().lease([2, 99])
    seats = httpx.get(f"{central.url}/api/events/{TONIGHT}/seats", verify=False).json()
    assert [i for i, free in enumerate(seats["free"]) if free == "0"] == [2, 99]
    assert seats["available"] == 98
    plan = httpx.get(f"{central.url}/api/events/{TONIGHT}/plan", verify=False)
    assert sum(len(row["seats"]) for section in plan.json()["sections"] for row in section["rows"]) == 100
    tag = {"If-None-Match": plan.headers["etag"]}
    assert httpx.get(f"{central.url}/api/events/{TONIGHT}/plan", headers=tag, verify=False).status_code == 304
    for part in ("", "/seats", "/plan"):
        gone = httpx.get(f"{central.url}/api/events/4242{part}", verify=False)
        assert (gone.status_code, problem_of(gone)["code"]) == (404, "unknown_event")


def test_categories_are_those_with_something_to_come(many: RunningCentral) -> None:
    found = httpx.get(f"{many.url}/api/categories", verify=False).json()
    assert [category["category"] for category in found] == ["comedy", "concert", "dance", "opera", "play"]
