from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.central.audience.visits import booked, scanned, visited
from tests.central.people import Person, admin, customer, manager
from tests.support.central import NOW, TOMORROW, TONIGHT, RunningCentral, problem_of


def _write(person: Person, rating: object = "4", words: str = "A moving evening.", **changes: object) -> httpx.Response:
    body = {"eventId": str(TONIGHT), "userId": person.id, "rating": rating, "review": words, **changes}
    return person.client.post("/api/reviews", json=body)


def _review(person: Person, rating: str = "4") -> str:
    written = _write(person, rating)
    assert written.status_code == 201, written.text
    review: str = written.json()["reviewId"]
    return review


def _page(central: RunningCentral, **query: Any) -> dict[str, Any]:
    reply = httpx.get(f"{central.url}/api/events/{TONIGHT}/reviews", params=query, verify=False)
    assert reply.status_code == 200, reply.text
    page: dict[str, Any] = reply.json()
    return page


def test_who_was_there_writes_once_and_everybody_reads_it(central: RunningCentral) -> None:
    ada = customer(central, name="Ada Byron")
    visited(ada)
    written = _write(ada)
    assert (written.status_code, written.json()["message"]) == (201, "review submitted successfully")
    again = _write(ada, "1")
    assert (again.status_code, problem_of(again)["code"]) == (409, "reviewed_before")
    [shown] = _page(central)["reviews"]
    assert (shown["author"], shown["rating"], shown["review"]) == ("Ada", "4", "A moving evening.")
    assert shown["reviewId"] == written.json()["reviewId"]
    assert "Byron" not in str(shown)


def test_only_a_ticket_that_was_let_in_is_a_visit(central: RunningCentral) -> None:
    ada = customer(central)

    def refused() -> bool:
        reply = _write(ada)
        return (reply.status_code, problem_of(reply)["code"]) == (403, "did_not_attend")

    assert refused()
    booking = booked(ada)
    assert refused()
    scanned(ada, booking, admitted=False)
    assert refused()
    scanned(ada, booking)
    scanned(ada, booking, "undo", NOW + timedelta(minutes=1))
    assert refused()
    scanned(ada, booking, "entry", NOW + timedelta(minutes=2))
    assert _write(ada).status_code == 201


def test_another_persons_visit_is_not_ones_own(central: RunningCentral) -> None:
    ada, bea = customer(central), customer(central)
    visited(ada)
    assert problem_of(_write(bea))["code"] == "did_not_attend"
    for_ada = _write(bea, userId=ada.id)
    assert (for_ada.status_code, problem_of(for_ada)["code"]) == (404, "unknown_user")
    assert problem_of(_write(admin(central), userId=ada.id))["code"] == "unknown_user"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rating": "0"}, "rating"),
        ({"rating": 6}, "rating"),
        ({"rating": True}, "rating"),
        ({"rating": "4.5"}, "rating"),
        ({"review": " \n "}, "review"),
        ({"review": "x" * 4001}, "review"),
        ({"review": "a\x00b"}, "review"),
        ({"eventId": "0"}, "eventId"),
        ({"eventId": "1001; drop table review"}, "eventId"),
        ({"userId": "me"}, "userId"),
    ],
)
def test_what_cannot_be_a_review_is_refused_by_its_field(
    central: RunningCentral, changes: dict[str, object], field: str
) -> None:
    ada = customer(central)
    visited(ada)
    body = {"eventId": str(TONIGHT), "userId": ada.id, "rating": "4", "review": "Good.", **changes}
    reply = ada.client.post("/api/reviews", json=body)
    assert (reply.status_code, problem_of(reply)["field"]) == (422, field)
    assert central.value("select count(*) from review") == 0


def test_a_rating_may_be_a_number_as_well(central: RunningCentral) -> None:
    ada = customer(central)
    visited(ada)
    assert _write(ada, 5).status_code == 201


def test_an_event_that_is_not_there_has_no_reviews(central: RunningCentral) -> None:
    ada = customer(central)
    assert problem_of(_write(ada, eventId="4711"))["code"] == "unknown_event"
    reply = httpx.get(f"{central.url}/api/events/4711/reviews", verify=False)
    assert (reply.status_code, problem_of(reply)["code"]) == (404, "unknown_event")


def test_the_average_is_of_what_is_shown_whatever_happens_to_reviews(central: RunningCentral) -> None:
    people = [customer(central) for _ in range(4)]
    reviews = []
    for person, rating in zip(people, "1245", strict=True):
        visited(person)
        reviews.append(_review(person, rating))

    def figures() -> tuple[float | None, int]:
        page = _page(central)
        return page["average"], page["count"]

    assert figures() == (3.0, 4)
    edited = people[0].client.put(f"/api/reviews/{reviews[0]}", json={"rating": "3", "review": "Better on reflection."})
    assert (edited.status_code, edited.json()["version"]) == (200, 2)
    assert figures() == (3.5, 4)
    boss = manager(central)
    for _ in range(2):  # the second time changes nothing
        hidden = boss.client.put(f"/api/admin/reviews/{reviews[1]}", json={"state": "hidden", "because": "Abuse"})
        assert hidden.json()["hiddenBecause"] == "Abuse"
    assert figures() == (4.0, 3)
    assert people[1].client.put(f"/api/reviews/{reviews[1]}", json={"rating": "5", "review": "x"}).status_code == 200
    assert figures() == (4.0, 3)
    boss.client.put(f"/api/admin/reviews/{reviews[1]}", json={"state": "shown"})
    assert figures() == (4.25, 4)
    assert people[3].client.delete(f"/api/reviews/{reviews[3]}").status_code == 204
    assert figures() == (4.0, 3)
    for review in reviews[:3]:
        boss.client.delete(f"/api/reviews/{review}")
    assert figures() == (None, 0)
    recount = central.fetch("select reviews, stars from rating")
    assert recount == [{"reviews": 0, "stars": 0}]


def test_a_review_belongs_to_its_author(central: RunningCentral) -> None:
    ada, bea = customer(central), customer(central)
    visited(ada)
    review = _review(ada)
    edit = bea.client.put(f"/api/reviews/{review}", json={"rating": "1", "review": "No."})
    remove = bea.client.delete(f"/api/reviews/{review}")
    hide = bea.client.put(f"/api/admin/reviews/{review}", json={"state": "hidden"})
    assert (edit.status_code, remove.status_code, hide.status_code) == (404, 404, 403)
    unknown = ada.client.delete(f"/api/reviews/{uuid4()}")
    assert (unknown.status_code, problem_of(unknown)["code"]) == (404, "unknown_review")
    assert _page(central)["reviews"][0]["review"] == "A moving evening."


def test_pages_hold_every_review_once_newest_first(central: RunningCentral) -> None:
    written = []
    for _ in range(5):
        person = customer(central)
        visited(person)
        written.append(_review(person))
        central.clock[0] += timedelta(seconds=1)
    seen: list[str] = []
    after: str | None = None
    while True:
        page = _page(central, limit=2, **({"after": after} if after else {}))
        seen += [review["reviewId"] for review in page["reviews"]]
        after = page["next"]
        if after is None:
            break
    assert seen == written[::-1]


def test_moderators_see_all_events_and_what_was_hidden_is_in_the_audit_log(central: RunningCentral) -> None:
    ada = customer(central)
    visited(ada)
    visited(ada, TOMORROW)
    first = _review(ada)
    assert _write(ada, eventId=str(TOMORROW)).status_code == 201
    boss = manager(central)
    assert len(boss.client.get("/api/admin/reviews").json()) == 2
    boss.client.put(f"/api/admin/reviews/{first}", json={"state": "hidden", "because": "Names a neighbour"})
    [hidden] = boss.client.get("/api/admin/reviews", params={"state": "hidden"}).json()
    assert hidden["reviewId"] == first
    [entry] = central.fetch("select account, action, detail from audit_entry where subject = $1", f"review:{first}")
    assert (entry["account"], entry["action"]) == (boss.account, "review moderated")
    assert "neighbour" in entry["detail"]
    assert ada.client.get("/api/admin/reviews").status_code == 403
