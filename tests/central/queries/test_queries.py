"""Customers ask, the house answers, and nobody sees what others asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from central.queries.states import QueryClosed, State, Step, after
from tests.central.people import Person, admin, cashier, customer, manager
from tests.support.central import RunningCentral, problem_of


@pytest.mark.parametrize(
    ("state", "step", "unassigned", "assigned"),
    [
        ("open", "assign", "assigned", "assigned"),
        ("open", "ask", "open", "open"),
        ("open", "answer", "answered", "answered"),
        ("open", "close", "closed", "closed"),
        ("assigned", "assign", "assigned", "assigned"),
        ("assigned", "ask", "assigned", "assigned"),
        ("assigned", "answer", "answered", "answered"),
        ("assigned", "close", "closed", "closed"),
        ("answered", "assign", "assigned", "assigned"),
        ("answered", "ask", "open", "assigned"),
        ("answered", "answer", "answered", "answered"),
        ("answered", "close", "closed", "closed"),
        ("closed", "assign", None, None),
        ("closed", "ask", "open", "assigned"),
        ("closed", "answer", None, None),
        ("closed", "close", "closed", "closed"),
    ],
)
def test_a_query_goes_on_as_the_table_says(state: str, step: str, unassigned: str | None, assigned: str | None) -> None:
    for has_assignee, wanted in ((False, unassigned), (True, assigned)):
        if wanted is None:
            with pytest.raises(QueryClosed):
                after(State(state), Step(step), has_assignee=has_assignee)
        else:
            assert after(State(state), Step(step), has_assignee=has_assignee) == wanted


def _asked(person: Person, **changes: Any) -> dict[str, Any]:
    body = {"subject": "A guide dog", "message": "May I bring one?", **changes}
    reply = person.client.post("/api/queries", json=body)
    assert reply.status_code == 201, reply.text
    found: dict[str, Any] = reply.json()
    return found


def _write(person: Person, query: str, words: str) -> httpx.Response:
    return person.client.post(f"/api/queries/{query}/messages", json={"message": words})


def test_a_question_is_taken_on_answered_and_closed(central: RunningCentral) -> None:
    ada, boss = customer(central), manager(central)
    query = _asked(ada)["queryId"]
    assert [one["queryId"] for one in boss.client.get("/api/queries", params={"state": "open"}).json()] == [query]
    taken = boss.client.put(f"/api/queries/{query}/assignee", json={"userId": boss.id}).json()
    assert (taken["state"], taken["assignedTo"]) == ("assigned", boss.id)
    central.clock[0] += timedelta(minutes=5)
    assert _write(boss, query, "Of course.").json()["state"] == "answered"
    [told] = central.fetch("select account, address, detail from message where kind = 'query_answered'")
    assert (told["account"], told["address"]) == (ada.account, ada.email)
    central.clock[0] += timedelta(minutes=5)
    thread = _write(ada, query, "Thank you!").json()
    assert thread["state"] == "assigned"
    assert [(one["fromHouse"], one["message"]) for one in thread["messages"]] == [
        (False, "May I bring one?"),
        (True, "Of course."),
        (False, "Thank you!"),
    ]
    assert boss.client.post(f"/api/queries/{query}/close").json()["state"] == "closed"
    refused = _write(boss, query, "One more thing.")
    assert (refused.status_code, problem_of(refused)["code"]) == (409, "query_closed")
    assert _write(ada, query, "It was a cat.").json()["state"] == "assigned"
    actions = central.fetch("select action from audit_entry where subject = $1 order by id", f"query:{query}")
    assert [row["action"] for row in actions] == ["query assigned", "query answered", "query closed"]


@pytest.mark.parametrize("who", [customer, cashier])
def test_what_others_asked_is_not_even_there(central: RunningCentral, who: Any) -> None:
    query = _asked(customer(central))["queryId"]
    bea = who(central)
    for reply in (
        bea.client.get(f"/api/queries/{query}"),
        _write(bea, query, "Me too."),
        bea.client.post(f"/api/queries/{query}/close"),
    ):
        assert (reply.status_code, problem_of(reply)["code"]) == (404, "unknown_query")
    assert bea.client.get("/api/queries").json() == []
    assert bea.client.put(f"/api/queries/{query}/assignee", json={"userId": bea.id}).status_code == 403
    assert httpx.get(f"{central.url}/api/queries/{query}", verify=False).status_code == 401


def test_a_query_is_about_a_booking_of_ones_own(central: RunningCentral) -> None:
    ada, bea = customer(central), customer(central)
    booked = ada.client.post("/api/bookings", json={"eventId": "1001", "userId": ada.id, "seats": [20]}).json()
    assert _asked(ada, bookingId=booked["bookingId"])["bookingId"] == booked["bookingId"]
    body = {"subject": "s", "message": "m", "bookingId": booked["bookingId"]}
    reply = bea.client.post("/api/queries", json=body)
    assert (reply.status_code, problem_of(reply)["code"]) == (404, "unknown_booking")


def test_only_somebody_who_answers_can_be_given_one(central: RunningCentral) -> None:
    ada, boss = customer(central), admin(central)
    query = _asked(ada)["queryId"]
    for nobody in (ada.id, str(uuid4())):
        reply = boss.client.put(f"/api/queries/{query}/assignee", json={"userId": nobody})
        assert (reply.status_code, problem_of(reply)["field"]) == (422, "userId")
    stale = boss.client.put(f"/api/queries/{query}/assignee", json={"userId": boss.id}, headers={"If-Match": '"v9"'})
    assert (stale.status_code, problem_of(stale)["code"]) == (412, "version_changed")


def test_pages_follow_each_other_and_nobody_floods_the_house(central: RunningCentral) -> None:
    ada = customer(central)
    asked = []
    for number in range(20):
        central.clock[0] += timedelta(seconds=1)
        asked.append(_asked(ada, subject=f"Number {number}")["queryId"])
    refused = ada.client.post("/api/queries", json={"subject": "s", "message": "m"})
    assert (refused.status_code, problem_of(refused)["code"]) == (409, "too_many_queries")
    first = [one["queryId"] for one in ada.client.get("/api/queries", params={"limit": 12}).json()]
    rest = ada.client.get("/api/queries", params={"limit": 12, "before": first[-1]}).json()
    assert first + [one["queryId"] for one in rest] == asked[::-1]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"subject": " "}, "subject"),
        ({"subject": "a\nb"}, "subject"),
        ({"message": "x" * 4001}, "message"),
        ({"message": "a\x00"}, "message"),
        ({"bookingId": "none"}, "bookingId"),
    ],
)
def test_what_is_no_question_is_refused_by_its_field(
    central: RunningCentral, changes: dict[str, str], field: str
) -> None:
    body = {"subject": "s", "message": "m", **changes}
    reply = customer(central).client.post("/api/queries", json=body)
    assert (reply.status_code, problem_of(reply)["field"]) == (422, field)
