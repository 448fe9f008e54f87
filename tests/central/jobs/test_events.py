"""What happens to those who booked an event that is called off, moved, about to start or over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from boxoffice.domain.ids import PerformanceId
from tests.central.audience.visits import booked, scanned, visited
from tests.central.bookings.test_bookings import book, shown
from tests.central.bookings.test_cancelling import paid
from tests.central.jobs.household import done, went_on
from tests.central.people import Person, cashier, customer, manager
from tests.support.central import NOW, TOMORROW, TONIGHT, RunningCentral, problem_of, run

EACH = 5150
EVENT = f"/api/admin/events/{TOMORROW}"


@pytest.fixture(autouse=True)
def _as_it_was(central: RunningCentral) -> Any:
    """The programme outlives a test, but not its dates."""
    before = central.fetch("select id, starts_at, doors_at, ends_at from performance")
    yield

    async def restore(connection: Any) -> None:
        await connection.executemany(
            "update performance set starts_at = $2, doors_at = $3, ends_at = $4 where id = $1",
            [tuple(row.values()) for row in before],
        )
        await connection.execute("update server set catalogue_version = catalogue_version + 1")

    run(central.database, restore)


def told(central: RunningCentral, kind: str) -> list[tuple[Any, Any]]:
    rows = central.fetch(
        "select account, detail ->> 'booking' as booking from message where kind = $1 order by id", kind
    )
    return [(row["account"], row["booking"]) for row in rows]


def call_off(person: Person, event: PerformanceId = TOMORROW) -> str:
    reply = person.client.delete(f"/api/admin/events/{event}")
    assert (reply.status_code, reply.json()["removed"]) == (200, False), reply.text
    job: str = reply.json()["jobId"]
    return job


def move(person: Person, date: str, **more: Any) -> str | None:
    reply = person.client.put(EVENT, json={"date": date, **more})
    assert reply.status_code == 200, reply.text
    job: str | None = reply.json()["jobId"]
    return job


# --- called off


def test_who_booked_what_is_called_off_gets_everything_back_and_hears_of_it(central: RunningCentral) -> None:
    ada, bea, boss = customer(central), customer(central), manager(central)
    central.clock[0] = NOW + timedelta(days=1)  # no policy would give anything back so late
    whole, pending = paid(central, ada, seats=[20, 21]), book(bea, eventId=str(TOMORROW), seats=[30]).json()
    ended = went_on(central, call_off(boss))
    assert (ended.state, ended.states) == ("completed", ["completed"])
    after = shown(ada, whole["bookingId"])
    assert (after["state"], after["refundedMinor"]) == ("cancelled", 2 * EACH)
    assert shown(bea, pending["bookingId"])["state"] == "cancelled"
    assert told(central, "booking_cancelled") == [(ada.account, whole["bookingId"])]
    assert central.value("select sum(minor) from web_ledger_line where account like 'revenue:%'") == 0
    assert "1 bookings with 2 tickets refunded, 10300 minor units in all; 1 that were not paid ended." in ended.said
    again = went_on(central, call_off(boss))
    assert again.state == "completed"
    assert central.value("select count(*) from payment_refund") == 1
    assert len(told(central, "booking_cancelled")) == 1


def test_a_manager_looks_at_the_job_that_refunds(central: RunningCentral) -> None:
    ada, boss = customer(central), manager(central)
    paid(central, ada, seats=[20])
    job = boss.client.get(f"/api/jobs/{call_off(boss)}").json()
    assert (job["type"], job["payload"], job["userId"]) == ("event_cancelled", {"eventId": str(TOMORROW)}, None)


def test_calling_off_by_an_edit_refunds_as_well_and_only_once(central: RunningCentral) -> None:
    ada, boss = customer(central), manager(central)
    booking = paid(central, ada, seats=[20])
    first = boss.client.put(EVENT, json={"status": "cancelled"}).json()
    assert went_on(central, first["jobId"]).state == "completed"
    assert shown(ada, booking["bookingId"])["refundedMinor"] == EACH
    assert boss.client.put(EVENT, json={"status": "cancelled"}).json()["jobId"] is None


def test_who_was_let_in_before_it_was_called_off_gets_everything_back(central: RunningCentral) -> None:
    ada = customer(central)
    booking = paid(central, ada, seats=[20])
    scanned(ada, booking["bookingId"])
    assert went_on(central, call_off(manager(central))).state == "completed"
    assert shown(ada, booking["bookingId"])["refundedMinor"] == EACH


def test_what_tills_sold_is_counted_and_left_to_them(central: RunningCentral) -> None:
    till = central.till()
    till.sell(till.lease([1, 2], performance=TOMORROW).seats, performance=TOMORROW)
    till.push()
    ended = went_on(central, call_off(manager(central)))
    assert "2 tickets were sold at tills" in ended.said
    assert central.value("select count(*) from ticket where valid") == 2


def test_who_gave_a_ticket_back_before_gets_the_rest(central: RunningCentral) -> None:
    ada = customer(central)
    booking = paid(central, ada, seats=[20, 21])
    ada.client.delete(
        f"/api/bookings/{booking['bookingId']}", params={"ticket": booking["tickets"][0]["ticketId"]}
    ).raise_for_status()
    assert went_on(central, call_off(manager(central))).state == "completed"
    assert shown(ada, booking["bookingId"])["refundedMinor"] == 2500 + EACH


def test_what_cannot_be_refunded_is_named_tried_again_and_keeps_nobody_waiting(central: RunningCentral) -> None:
    ada, bea = customer(central), customer(central)
    odd, right = paid(central, ada, seats=[20]), paid(central, bea, seats=[21])
    break_ = "update payment set state = $2 where booking = $1::text::uuid"
    run(central.database, lambda connection: connection.execute(break_, odd["bookingId"], "abandoned"))
    call_off(manager(central))
    ended = done(central, "event_cancelled", {"eventId": str(TOMORROW)}, max_retries=1, retry_after_s=[1])
    assert (ended.state, ended.states) == ("failed", ["failed", "failed"])
    assert f"Booking {odd['bookingId']} is not refunded" in ended.said
    assert shown(bea, right["bookingId"])["refundedMinor"] == EACH
    assert shown(ada, odd["bookingId"])["state"] == "confirmed"
    run(central.database, lambda connection: connection.execute(break_, odd["bookingId"], "captured"))
    assert done(central, "event_cancelled", {"eventId": str(TOMORROW)}).state == "completed"
    assert shown(ada, odd["bookingId"])["refundedMinor"] == EACH


def test_nobody_is_refunded_for_an_event_that_takes_place(central: RunningCentral) -> None:
    ada = customer(central)
    booking = paid(central, ada, seats=[20])
    ended = done(central, "event_cancelled", {"eventId": str(TOMORROW)})
    assert ended.logs[0][0] == "warning"
    assert shown(ada, booking["bookingId"])["state"] == "confirmed"


def test_an_event_of_long_ago_is_not_called_off(central: RunningCentral) -> None:
    paid(central, customer(central), seats=[20])
    boss = manager(central)
    central.clock[0] = NOW + timedelta(days=10)
    for reply in (boss.client.delete(EVENT), boss.client.put(EVENT, json={"status": "cancelled"})):
        assert (reply.status_code, problem_of(reply)["code"]) == (409, "event_over")
    assert central.value("select count(*) from job") == 0


def test_what_is_paid_after_it_was_called_off_is_not_sold(central: RunningCentral) -> None:
    ada = customer(central)
    pending = book(ada, eventId=str(TOMORROW), seats=[20]).json()
    call_off(manager(central))  # and its job has not run yet
    asked = ada.client.post(
        "/api/payments",
        json={"bookingId": pending["bookingId"], "paymentMethod": "counter", "amount": pending["total price"]},
    )
    confirmed = cashier(central).client.post(f"/api/payments/{asked.json()['paymentId']}/confirm")
    assert confirmed.status_code == 409, confirmed.text
    assert shown(ada, pending["bookingId"])["state"] != "confirmed"
    assert central.value("select count(*) from ticket") == 0


# --- moved


def test_who_booked_what_is_moved_hears_the_new_date_and_may_give_it_all_back_for_a_while(
    central: RunningCentral,
) -> None:
    ada, bea, boss = customer(central), customer(central), manager(central)
    keeps, leaves = paid(central, ada, seats=[20]), paid(central, bea, seats=[21])
    job = move(boss, "2026-12-20T19:30:00")
    assert job is not None
    ended = went_on(central, job)
    assert ended.said.startswith("2 bookings told of the new date")
    assert set(told(central, "event_moved")) == {(ada.account, keeps["bookingId"]), (bea.account, leaves["bookingId"])}
    detail = central.value("select detail from message where kind = 'event_moved' limit 1")
    assert '"before": "2026-11-15T19:00:00+00:00"' in detail
    assert '"freeUntil": "2026-11-28T12:00:00+00:00"' in detail
    preview = bea.client.get(f"/api/bookings/{leaves['bookingId']}/cancellation").json()
    assert (preview["refundMinor"], preview["policy"]) == (
        EACH,
        "The event was moved: everything goes back until 28 November 2026, 13:00.",
    )
    assert bea.client.delete(f"/api/bookings/{leaves['bookingId']}").json()["refundMinor"] == EACH
    central.clock[0] += timedelta(minutes=1)
    late = paid(central, bea, seats=[21])  # who books the new date knows it
    assert bea.client.get(f"/api/bookings/{late['bookingId']}/cancellation").json()["refundMinor"] == 5000
    central.clock[0] = NOW + timedelta(days=14, seconds=1)
    assert ada.client.get(f"/api/bookings/{keeps['bookingId']}/cancellation").json()["refundMinor"] == 5000


def test_a_second_run_tells_nobody_twice_and_a_second_move_tells_everybody_again(central: RunningCentral) -> None:
    ada, boss = customer(central), manager(central)
    paid(central, ada, seats=[20])
    job = move(boss, "2026-12-20T19:30:00")
    assert job is not None
    went_on(central, job)
    assert done(central, "event_moved", {"eventId": str(TOMORROW)}).said.startswith("0 bookings told")
    central.clock[0] += timedelta(hours=1)
    again = move(boss, "2026-12-21T19:30:00")
    assert again is not None
    assert went_on(central, again).said.startswith("1 bookings told")
    assert len(told(central, "event_moved")) == 2


def test_nobody_is_told_of_what_nobody_booked_or_what_stays(central: RunningCentral) -> None:
    boss = manager(central)
    assert move(boss, "2026-12-20T19:30:00") is None
    paid(central, customer(central), seats=[20])
    assert move(boss, "2026-12-20T19:30:00", hall="Studio") is None


# --- before and after


def test_who_booked_is_reminded_once_of_each_start(central: RunningCentral) -> None:
    ada, bea, boss = customer(central), customer(central), manager(central)
    tonight, tomorrow = booked(ada, TONIGHT), booked(bea, TOMORROW)
    assert "1 bookings reminded" in done(central, "event_reminders", {"hoursAhead": 8}).said
    assert told(central, "event_reminder") == [(ada.account, str(tonight))]
    assert "1 bookings reminded" in done(central, "event_reminders", {"hoursAhead": 48}).said
    assert "0 bookings reminded" in done(central, "event_reminders", {"hoursAhead": 48}).said
    assert set(told(central, "event_reminder")) == {(ada.account, str(tonight)), (bea.account, str(tomorrow))}
    assert len(told(central, "event_reminder")) == 2
    move(boss, "2026-11-16T12:00:00")
    assert "1 bookings reminded" in done(central, "event_reminders", {"hoursAhead": 48}).said


def test_nobody_is_reminded_of_what_is_called_off_or_was_given_back(central: RunningCentral) -> None:
    ada = customer(central)
    booking = paid(central, ada, seats=[20])
    ada.client.delete(f"/api/bookings/{booking['bookingId']}").raise_for_status()
    booked(ada, TONIGHT)
    call_off(manager(central), TONIGHT)
    assert "0 bookings reminded" in done(central, "event_reminders", {"hoursAhead": 48}).said


def test_who_was_there_and_did_not_say_how_it_was_is_asked_once(central: RunningCentral) -> None:
    ada, bea, eve = customer(central), customer(central), customer(central)
    of_ada = {visited(ada, TONIGHT), visited(ada, TONIGHT)}  # she booked twice
    booked(bea, TONIGHT)  # and did not come
    visited(eve, TONIGHT)
    assert "0 visitors" in done(central, "review_invitations").said  # it has not even begun
    central.clock[0] = NOW + timedelta(days=1)
    review = {"eventId": str(TONIGHT), "userId": eve.id, "rating": 5, "review": "Lovely."}
    reply = eve.client.post("/api/reviews", json=review)
    assert reply.status_code == 201, reply.text
    assert "1 visitors" in done(central, "review_invitations").said
    ((account, booking),) = told(central, "review_invitation")
    assert (account, UUID(booking) in of_ada) == (ada.account, True)
    assert "0 visitors" in done(central, "review_invitations").said
