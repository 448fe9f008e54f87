from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.protocol import SeatStatus
from tests.central.audience.visits import scanned
from tests.central.bookings.test_bookings import EACH, assert_the_counters_are_right, book, house, shown
from tests.central.people import Person, cashier, customer, manager
from tests.support.central import FLOOR, NOW, PRICE_MINOR, TOMORROW, RunningCentral, problem_of, run


def paid(
    central: RunningCentral, person: Person, performance: PerformanceId = TOMORROW, **wanted: Any
) -> dict[str, Any]:
    """Booked, and paid at the counter."""
    made = book(person, eventId=str(performance), **wanted).json()
    clerk = cashier(central)
    asked = person.client.post(
        "/api/payments",
        json={"bookingId": made["bookingId"], "paymentMethod": "counter", "amount": made["total price"]},
    )
    assert asked.status_code in (201, 202), asked.text
    confirmed = clerk.client.post(f"/api/payments/{asked.json()['paymentId']}/confirm")
    assert confirmed.status_code in (200, 201), confirmed.text
    found = shown(person, made["bookingId"])
    assert found["state"] == "confirmed"
    return found


def cancel(person: Person, booking: dict[str, Any], *tickets: str, **headers: str) -> httpx.Response:
    query = {"ticket": list(tickets)}
    return person.client.delete(f"/api/bookings/{booking['bookingId']}", params=query, headers=headers)


def test_half_goes_back_a_day_before_and_the_seats_are_free_again(central: RunningCentral) -> None:
    ada = customer(central)
    booking = paid(central, ada, seats=[20, 21], places=[{"area": FLOOR, "count": 1}])
    preview = ada.client.get(f"/api/bookings/{booking['bookingId']}/cancellation").json()
    done = cancel(ada, booking)
    assert (done.status_code, done.json()["message"]) == (200, "booking cancelled successfully")
    assert done.json()["refund amount"] == preview["refund amount"] == 3 * PRICE_MINOR / 2 / 100
    assert "50 % until 1 day" in preview["policy"]
    after = shown(ada, booking["bookingId"])
    assert (after["state"], after["refundedMinor"]) == ("cancelled", 3 * PRICE_MINOR // 2)
    assert [ticket["token"] for ticket in after["tickets"]] == ["", "", ""]
    assert [row["amount_minor"] for row in central.fetch("select amount_minor from payment_refund")] == [7500]
    assert central.value("select count(*) from seat where status <> 0") == 0
    assert central.value("select free_seats from feed_head where performance = $1", TOMORROW) == 100
    assert central.value("select sum(minor) from web_ledger_line") == 0
    assert central.value("select sum(minor) from web_ledger_line where account = 'refunds_owed'") == -7500
    again = cancel(ada, booking)
    assert (again.status_code, problem_of(again)["code"]) == (409, "nothing_to_cancel")
    # tills hear of it: the tickets do not admit, and the seats can be sold
    till = central.till()
    assert {ticket.valid for ticket in till.snapshot(TOMORROW).tickets} == {False}
    assert till.lease([20, 21], performance=TOMORROW).taken == ()


def test_one_ticket_at_a_time_gives_back_what_all_would(central: RunningCentral) -> None:
    ada = customer(central)
    booking = paid(central, ada, seats=[20, 21, 22])
    whole = ada.client.get(f"/api/bookings/{booking['bookingId']}/cancellation").json()["refundMinor"]
    parts = [cancel(ada, booking, ticket["ticketId"]).json()["refundMinor"] for ticket in booking["tickets"]]
    assert sum(parts) == whole == shown(ada, booking["bookingId"])["refundedMinor"]
    assert shown(ada, booking["bookingId"])["state"] == "cancelled"
    assert central.value("select sum(minor) from web_ledger_line") == 0


def test_a_booking_that_was_not_paid_is_cancelled_for_nothing(central: RunningCentral) -> None:
    ada = customer(central)
    booking = book(ada, seats=[20, 21]).json()
    done = cancel(ada, booking)
    assert (done.status_code, done.json()["refund amount"]) == (200, 0.0)
    assert house(central) == {}
    assert_the_counters_are_right(central)


def test_after_the_last_window_nothing_goes_back(central: RunningCentral) -> None:
    ada = customer(central)
    booking = paid(central, ada, seats=[20])
    central.clock[0] = NOW + timedelta(hours=8)
    refused = cancel(ada, booking)
    assert (refused.status_code, problem_of(refused)["code"]) == (409, "too_late_to_cancel")
    assert central.value("select status from seat where seat = 20") == SeatStatus.SOLD
    assert central.value("select count(*) from payment_refund") == 0


def test_who_was_let_in_cannot_give_the_ticket_back(central: RunningCentral) -> None:
    ada = customer(central)
    booking = paid(central, ada, seats=[20, 21])
    scanned(ada, UUID(booking["bookingId"]))
    refused = cancel(ada, booking, booking["tickets"][0]["ticketId"])
    assert (refused.status_code, problem_of(refused)["code"]) == (409, "was_used")
    assert shown(ada, booking["bookingId"])["refundedMinor"] == 0
    scanned(ada, UUID(booking["bookingId"]), "undo", NOW + timedelta(minutes=1))  # it was somebody else's ticket
    assert cancel(ada, booking, booking["tickets"][0]["ticketId"]).status_code == 200


@pytest.mark.parametrize("ticket", ["1", "x", "-1", "9" * 40])
def test_a_ticket_of_another_booking_is_not_given_back(central: RunningCentral, ticket: str) -> None:
    ada, bea = customer(central), customer(central)
    booking, other = paid(central, ada, seats=[20]), paid(central, bea, seats=[21])
    for wrong in (ticket, other["tickets"][0]["ticketId"]):
        refused = cancel(ada, booking, wrong)
        assert (refused.status_code, problem_of(refused)["code"]) == (422, "unknown_ticket")
    assert cancel(bea, booking).status_code == 404
    assert central.value("select count(*) from ticket where valid") == 2


def test_a_stale_version_changes_nothing(central: RunningCentral) -> None:
    ada = customer(central)
    booking = paid(central, ada, seats=[20, 21])
    stale = cancel(ada, booking, **{"If-Match": '"v1"'})
    assert (stale.status_code, problem_of(stale)["code"]) == (412, "version_changed")
    tag = ada.client.get(f"/api/bookings/{booking['bookingId']}").headers["etag"]
    assert cancel(ada, booking, **{"If-Match": tag}).status_code == 200


def test_a_manager_cancels_for_a_customer_and_it_is_in_the_audit_log(central: RunningCentral) -> None:
    ada, boss = customer(central), manager(central)
    booking = paid(central, ada, seats=[20])
    assert cancel(boss, booking).status_code == 200
    subject = f"booking:{booking['bookingId']}"
    assert central.value("select account from audit_entry where subject = $1", subject) == boss.account


def test_the_house_may_give_the_fees_back_too(central: RunningCentral) -> None:
    ada = customer(central)
    policy = '{"windows": [{"hours_before": 0, "share_bp": 10000}], "keeps_fees": false}'

    async def set_policy(connection: Any) -> None:
        await connection.execute("update performance set refund_policy = $1", policy)
        await connection.execute("update server set catalogue_version = catalogue_version + 1")

    async def unset(connection: Any) -> None:
        await connection.execute("update performance set refund_policy = null")
        await connection.execute("update server set catalogue_version = catalogue_version + 1")

    run(central.database, set_policy)
    try:
        booking = paid(central, ada, seats=[20])
        assert cancel(ada, booking).json()["refundMinor"] == EACH
    finally:
        run(central.database, unset)


def test_what_the_house_called_off_gives_everything_back_even_afterwards(central: RunningCentral) -> None:
    ada = customer(central)
    booking = paid(central, ada, seats=[20])

    async def call_off(connection: Any) -> None:
        await connection.execute("update performance set status = 'cancelled' where id = $1", TOMORROW)
        await connection.execute("update server set catalogue_version = catalogue_version + 1")

    run(central.database, call_off)
    central.clock[0] = NOW + timedelta(days=3)
    assert cancel(ada, booking).json()["refundMinor"] == EACH
