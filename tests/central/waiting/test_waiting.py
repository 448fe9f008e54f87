from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from boxoffice.domain.ids import PerformanceId
from central.waiting.offering import WaitingList
from tests.central.bookings.test_bookings import booked, pay, shown
from tests.central.bookings.test_cancelling import cancel, paid
from tests.central.people import customer, manager
from tests.central.waiting.waiters import SoldOut, ask_to_wait, becomes, entry, seats_of, told, until, wait
from tests.support.central import NOW, TOMORROW, TONIGHT, RunningCentral, problem_of


def _refused(reply: Any) -> tuple[int, str]:
    return reply.status_code, problem_of(reply)["code"]


def test_free_seats_are_offered_in_order_of_joining_and_booked_with_the_offers_hold(central: RunningCentral) -> None:
    house, ada, bob = SoldOut(central), customer(central), customer(central)
    first, second = wait(ada, 2), wait(bob, 2)
    assert [first["position"], second["position"]] == [1, 2]
    house.free(40, 41)
    offered = becomes(ada, first, "offered")
    assert seats_of(offered) == {40, 41}
    assert (offered["position"], entry(bob, second)["state"], entry(bob, second)["position"]) == (None, "waiting", 1)
    [(kind, detail)] = told(central, ada)
    assert (kind, detail["places"], detail["book"]["holdId"]) == (
        "waiting_offer",
        ["Stalls E 1", "Stalls E 2"],
        offered["offer"]["holdId"],
    )
    made = booked(ada, **detail["book"], numberOfTickets=0)
    pay(central, made["bookingId"])
    assert becomes(ada, first, "booked")["bookingId"] == made["bookingId"]
    assert {ticket["place"] for ticket in shown(ada, made["bookingId"])["tickets"]} == set(detail["places"])
    assert entry(bob, second)["state"] == "waiting"


def test_who_needs_more_than_is_free_keeps_the_turn_while_the_next_whom_it_fits_is_offered(
    central: RunningCentral,
) -> None:
    house, group, pair, single = SoldOut(central), customer(central), customer(central), customer(central)
    four, two, one = wait(group, 4), wait(pair, 2), wait(single, 1)
    house.free(40, 41)
    becomes(pair, two, "offered")
    assert [entry(group, four)["position"], entry(single, one)["position"]] == [1, 2]
    house.free(60, 61, 62, 63, 64)
    assert seats_of(becomes(group, four, "offered")) | seats_of(becomes(single, one, "offered")) == set(range(60, 65))


def test_what_is_wished_for_is_kept_to(central: RunningCentral) -> None:
    house, ada, bob, eve = SoldOut(central), customer(central), customer(central), customer(central)
    circle, stalls, floor = wait(ada, 1, "Circle"), wait(bob, 1, "stalls"), wait(eve, 3, "Floor")
    house.free(20)
    assert seats_of(becomes(bob, stalls, "offered")) == {20}
    house.free(places=3)
    assert [place["area"] for place in becomes(eve, floor, "offered")["offer"]["places"]] == [0, 0, 0]
    assert entry(ada, circle)["state"] == "waiting"


def test_nobody_who_asks_later_gets_seats_before_the_list(central: RunningCentral) -> None:
    house, ada, bob, clerk = SoldOut(central), customer(central), customer(central), central.till("Other")
    pair = wait(ada, 2)
    house.free(40, 41)
    late = bob.client.post("/api/holds", json={"eventId": str(TOMORROW), "seats": [40]})
    assert _refused(late) == (409, "places_taken")
    assert entry(ada, pair)["state"] == "offered"
    wait(bob, 1)
    house.free(50)
    assert clerk.lease([50], performance=TOMORROW).taken == (50,)


def test_what_fits_nobody_on_the_list_is_free_for_anybody(central: RunningCentral) -> None:
    house, ada, bob = SoldOut(central), customer(central), customer(central)
    wait(ada, 4)
    house.free(40)
    assert booked(bob, eventId=str(TOMORROW), seats=[40])["state"] == "pending"


def test_an_offer_that_expires_goes_to_the_next_and_ends_the_turn(central: RunningCentral) -> None:
    house, ada, bob = SoldOut(central), customer(central), customer(central)
    first, second = wait(ada, 2), wait(bob, 2)
    house.free(40, 41)
    until_when = datetime.fromisoformat(becomes(ada, first, "offered")["offer"]["bookUntil"])
    assert until_when - NOW == timedelta(hours=15)  # half of the 31 hours to the start without the last
    central.clock[0] = until_when + timedelta(seconds=1)
    assert seats_of(becomes(bob, second, "offered")) == {40, 41}
    becomes(ada, first, "expired")
    assert [(kind, detail.get("why")) for kind, detail in told(central, ada)] == [
        ("waiting_offer", None),
        ("waiting_offer_over", "expired"),
    ]
    assert wait(ada, 2)["position"] == 1  # again, from the end


def test_an_offer_that_is_declined_goes_to_the_next(central: RunningCentral) -> None:
    house, people = SoldOut(central), [customer(central) for _ in range(3)]
    joined = [wait(person, 2) for person in people]
    house.free(40, 41)
    becomes(people[0], joined[0], "offered")
    assert people[0].client.delete(f"/api/waiting/{joined[0]['entryId']}").status_code == 204
    hold = becomes(people[1], joined[1], "offered")["offer"]["holdId"]
    assert people[1].client.delete(f"/api/holds/{hold}").status_code == 204  # the other way to decline
    assert seats_of(becomes(people[2], joined[2], "offered")) == {40, 41}
    assert [entry(people[i], joined[i])["state"] for i in (0, 1)] == ["declined", "declined"]
    assert {kind for kind, _ in told(central, people[1])} == {"waiting_offer", "waiting_offer_over"}


def test_an_offer_that_is_booked_is_left_by_cancelling_the_booking(central: RunningCentral) -> None:
    house, ada, bob = SoldOut(central), customer(central), customer(central)
    first, second = wait(ada, 1), wait(bob, 1)
    house.free(40)
    hold = becomes(ada, first, "offered")["offer"]["holdId"]
    made = booked(ada, eventId=str(TOMORROW), holdId=hold, numberOfTickets=0)
    refused = ada.client.delete(f"/api/waiting/{first['entryId']}")
    assert _refused(refused) == (409, "offer_booked")
    assert cancel(ada, made).status_code == 200
    becomes(bob, second, "offered")
    becomes(ada, first, "declined")


def test_seats_of_a_cancelled_booking_go_to_the_list(central: RunningCentral) -> None:
    ada, bob = customer(central), customer(central)
    made = paid(central, ada, seats=[40, 41])
    clerk = central.till()
    clerk.lease([seat for seat in range(100) if seat not in (40, 41)], places=50, performance=TOMORROW)
    pair = wait(bob, 2)
    assert cancel(ada, made).status_code == 200
    assert seats_of(becomes(bob, pair, "offered")) == {40, 41}


def test_seats_of_a_hold_that_expires_go_to_the_list(central: RunningCentral) -> None:
    ada, bob = customer(central), customer(central)
    assert ada.client.post("/api/holds", json={"eventId": str(TOMORROW), "seats": [40, 41]}).status_code == 201
    clerk = central.till()
    clerk.lease([seat for seat in range(100) if seat not in (40, 41)], places=50, performance=TOMORROW)
    pair = wait(bob, 2)
    central.clock[0] += timedelta(minutes=11)
    assert seats_of(becomes(bob, pair, "offered")) == {40, 41}


def test_a_seat_that_is_refunded_at_a_till_goes_to_the_list(central: RunningCentral) -> None:
    clerk, ada = central.till(), customer(central)
    grant = clerk.lease(range(100), places=50, performance=TOMORROW)
    sold = clerk.sell(grant.seats[40:42], performance=TOMORROW)
    joined = wait(ada, 2)
    clerk.refund(sold)
    clerk.push()
    assert seats_of(becomes(ada, joined, "offered")) == {40, 41}


def test_places_that_a_manager_adds_go_to_the_list(central: RunningCentral) -> None:
    boss, ada, bob = manager(central), customer(central), customer(central)
    wanted = {"name": "Ghosts", "date": "2026-12-01T19:30:00", "location": "Theatre Royal", "totalSeats": 4}
    event = PerformanceId(int(boss.client.post("/api/admin/events", json=wanted).json()["eventId"]))
    booked(ada, eventId=str(event), numberOfTickets=4)
    joined = wait(bob, 2, performance=event)
    assert boss.client.put(f"/api/admin/events/{event}", json={"totalSeats": 6}).status_code == 200
    assert len(becomes(bob, joined, "offered")["offer"]["places"]) == 2


def test_an_event_that_is_called_off_clears_its_list_and_says_so(central: RunningCentral) -> None:
    house, ada, bob, boss = SoldOut(central), customer(central), customer(central), manager(central)
    first, second = wait(ada, 1), wait(bob, 1)
    house.free(40)
    hold = becomes(ada, first, "offered")["offer"]["holdId"]
    assert boss.client.delete(f"/api/admin/events/{TOMORROW}").status_code == 200
    becomes(ada, first, "closed")
    becomes(bob, second, "closed")
    assert told(central, bob) == [
        ("waiting_list_closed", {"entry": second["entryId"], "eventId": str(TOMORROW), "why": "cancelled"})
    ]
    assert central.value("select state from hold where id = $1", hold) == "released"
    assert _refused(ask_to_wait(bob)) == (409, "not_on_sale")


def test_a_list_closes_when_an_offer_would_not_last_any_more(central: RunningCentral) -> None:
    house, ada = SoldOut(central), customer(central)
    joined = wait(ada, 1)
    central.clock[0] = NOW + timedelta(hours=29, minutes=50)  # 70 minutes before the start
    becomes(ada, joined, "closed")
    assert [detail["why"] for _, detail in told(central, ada)] == ["too late"]
    assert _refused(ask_to_wait(ada, 1)) == (409, "waiting_list_closed")
    house.free(40)
    assert booked(ada, eventId=str(TOMORROW), seats=[40])["state"] == "pending"


def test_joining_is_refused_where_waiting_makes_no_sense(central: RunningCentral) -> None:
    ada = customer(central)
    assert _refused(ask_to_wait(ada, 2)) == (409, "places_free")
    SoldOut(central)
    assert _refused(ask_to_wait(ada, 21)) == (422, "too_many_tickets")
    assert _refused(ask_to_wait(ada, 1, "Balcony")) == (422, "unknown_preference")
    assert _refused(ask_to_wait(ada, 1, "Circle, wheelchair")) == (422, "never_possible")
    assert _refused(ada.client.post("/api/waiting", json={"eventId": "4711", "numberOfTickets": 1})) == (
        404,
        "unknown_event",
    )
    wait(ada, 2)
    assert _refused(ask_to_wait(ada, 2)) == (409, "already_waiting")
    assert ask_to_wait(ada, 2, performance=TONIGHT).status_code == 409  # there it is free


def test_fewer_tickets_keep_the_turn_and_more_wait_from_the_end(central: RunningCentral) -> None:
    SoldOut(central)
    ada, bob = customer(central), customer(central)
    first, second = wait(ada, 2), wait(bob, 2)

    def change(count: int, tag: str) -> Any:
        return ada.client.put(
            f"/api/waiting/{first['entryId']}", json={"numberOfTickets": count}, headers={"If-Match": tag}
        )

    fewer = change(1, '"v1"')
    assert (fewer.status_code, fewer.json()["position"], fewer.headers["etag"]) == (200, 1, '"v2"')
    assert _refused(change(3, '"v1"')) == (412, "version_changed")
    assert change(2, '"v2"').json()["position"] == 2
    assert entry(bob, second)["position"] == 1
    assert ada.client.delete(f"/api/waiting/{first['entryId']}").status_code == 204
    assert _refused(change(1, '"v4"')) == (409, "not_waiting")
    assert [row["state"] for row in ada.client.get("/api/waiting").json()] == ["left"]


def test_managers_see_who_waits_and_how_many_did(central: RunningCentral) -> None:
    house, ada, bob, boss = SoldOut(central), customer(central), customer(central), manager(central)
    first = wait(ada, 1)
    wait(bob, 3)
    house.free(40)
    becomes(ada, first, "offered")
    seen = boss.client.get(f"/api/admin/events/{TOMORROW}/waiting").json()
    assert seen["counts"] == {"offered": {"entries": 1, "tickets": 1}, "waiting": {"entries": 1, "tickets": 3}}
    assert [(row["email"], row["state"], row["position"]) for row in seen["entries"]] == [
        (ada.email, "offered", None),
        (bob.email, "waiting", 1),
    ]
    page = httpx.get(f"{central.url}/metrics", verify=False).text
    assert 'boxoffice_waiting{state="waiting"} 1.0' in page
    assert 'boxoffice_waiting{state="offered"} 1.0' in page
    assert ada.client.get(f"/api/admin/events/{TOMORROW}/waiting").status_code == 403
    assert boss.client.get("/api/admin/events/4711/waiting").status_code == 404


def test_an_entry_is_nobody_elses(central: RunningCentral) -> None:
    SoldOut(central)
    ada, bob = customer(central), customer(central)
    joined = wait(ada)
    for method in ("GET", "DELETE"):
        reply = bob.client.request(method, f"/api/waiting/{joined['entryId']}")
        assert _refused(reply) == (404, "unknown_waiting_entry")
    assert bob.client.get("/api/waiting", params={"userId": ada.id}).status_code == 404


def test_an_account_that_goes_leaves_its_offer_to_the_next(central: RunningCentral) -> None:
    house, ada, bob = SoldOut(central), customer(central), customer(central)
    first, second = wait(ada, 1), wait(bob, 1)
    house.free(40)
    becomes(ada, first, "offered")
    exported = ada.client.get(f"/api/users/{ada.id}/export").json()
    assert [row["state"] for row in exported["waitingLists"]] == ["offered"]
    gone = ada.client.request("DELETE", f"/api/users/{ada.id}", json={"password": ada.password})
    assert gone.status_code in (200, 204), gone.text
    assert seats_of(becomes(bob, second, "offered")) == {40}
    until(lambda: central.value("select count(*) from waiting_entry where account = $1", ada.account) == 0)


def test_without_serving_the_list_first_who_asks_later_gets_the_seats(
    central: RunningCentral, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forgotten(self: WaitingList, performance: PerformanceId) -> None:
        pass

    house, ada, bob = SoldOut(central), customer(central), customer(central)
    monkeypatch.setattr(WaitingList, "first", forgotten)
    wait(ada, 2)
    house.free(40, 41)
    assert bob.client.post("/api/holds", json={"eventId": str(TOMORROW), "seats": [40]}).status_code == 201
