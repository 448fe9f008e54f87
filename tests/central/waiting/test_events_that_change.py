"""An offer lasts long enough for its event to change under it: nobody pays for what was called off or has begun."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import pytest

from central.problems import Declined
from tests.central.bookings.test_bookings import booked, house, pay, shown
from tests.central.people import customer, manager
from tests.central.waiting.waiters import SoldOut, becomes, entry, seats_of, until, wait
from tests.support.central import NOW, TOMORROW, TONIGHT, RunningCentral, problem_of


def test_an_offer_that_waits_for_its_payment_ends_when_the_event_is_called_off(central: RunningCentral) -> None:
    sold_out, ada, boss = SoldOut(central), customer(central), manager(central)
    joined = wait(ada, 1)
    sold_out.free(40)
    offer = becomes(ada, joined, "offered")["offer"]
    made = booked(ada, eventId=str(TOMORROW), holdId=offer["holdId"])
    assert boss.client.delete(f"/api/admin/events/{TOMORROW}").status_code == 200
    becomes(ada, joined, "closed")
    assert shown(ada, made["bookingId"])["state"] == "cancelled"
    with pytest.raises(Declined, match="cancelled already"):
        pay(central, made["bookingId"])
    assert house(central).get(40) is None


def test_an_offer_that_is_paid_keeps_its_places_when_the_event_is_called_off(central: RunningCentral) -> None:
    sold_out, ada, boss = SoldOut(central), customer(central), manager(central)
    joined = wait(ada, 1)
    sold_out.free(40)
    made = booked(ada, eventId=str(TOMORROW), holdId=becomes(ada, joined, "offered")["offer"]["holdId"])
    pay(central, made["bookingId"])
    assert boss.client.delete(f"/api/admin/events/{TOMORROW}").status_code == 200
    until(lambda: entry(ada, joined)["state"] in ("booked", "closed"))
    assert shown(ada, made["bookingId"])["state"] == "confirmed"  # what goes back goes by its cancellation


@pytest.mark.parametrize("is_booked", [False, True])
def test_an_offer_ends_before_the_start_of_an_event_that_is_moved(central: RunningCentral, is_booked: bool) -> None:
    sold_out, ada, boss = SoldOut(central), customer(central), manager(central)
    joined = wait(ada, 1)
    sold_out.free(40)
    offer = becomes(ada, joined, "offered")["offer"]
    made = booked(ada, eventId=str(TOMORROW), holdId=offer["holdId"]) if is_booked else None
    starts_at = NOW + timedelta(hours=3)
    before, after = datetime.fromisoformat(offer["bookUntil"]), starts_at - timedelta(hours=1)
    assert before > starts_at
    sooner = boss.client.put(f"/api/admin/events/{TOMORROW}", json={"date": starts_at.isoformat()})
    assert sooner.status_code == 200, sooner.text
    try:
        until(lambda: datetime.fromisoformat(entry(ada, joined)["offer"]["bookUntil"]) == after)
        if made:
            assert datetime.fromisoformat(shown(ada, made["bookingId"])["expiresAt"]) == after
        central.clock[0] = after + timedelta(seconds=1)
        becomes(ada, joined, "expired")
    finally:
        central.clock[0] = NOW
        boss.client.put(
            f"/api/admin/events/{TOMORROW}", json={"date": (NOW + timedelta(hours=31)).isoformat()}
        ).raise_for_status()


def test_an_offer_is_kept_when_the_sale_is_closed_and_nobody_else_is_offered_anything(central: RunningCentral) -> None:
    sold_out, boss = SoldOut(central), manager(central)
    ada, bob, eve = customer(central), customer(central), customer(central)
    first, second = wait(ada, 1), wait(bob, 1)
    sold_out.free(40)
    offer = becomes(ada, first, "offered")["offer"]

    def sale_is(status: str) -> None:
        boss.client.put(f"/api/admin/events/{TOMORROW}", json={"status": status}).raise_for_status()

    sale_is("closed")
    try:
        sold_out.free(41)
        refused = eve.client.post("/api/holds", json={"eventId": str(TOMORROW), "seats": [41]})
        assert problem_of(refused)["code"] == "not_on_sale"
        made = booked(ada, eventId=str(TOMORROW), holdId=offer["holdId"])
        pay(central, made["bookingId"])
        becomes(ada, first, "booked")
        assert shown(ada, made["bookingId"])["state"] == "confirmed"
        assert entry(bob, second)["state"] == "waiting"
        sale_is("on_sale")
        assert seats_of(becomes(bob, second, "offered")) == {41}
        sale_is("closed")
        boss.client.delete(f"/api/waiting/{second['entryId']}").raise_for_status()  # so a manager has it back
        becomes(bob, second, "declined")
        assert house(central).get(41) in (None, 0)
    finally:
        sale_is("on_sale")


def test_an_offer_takes_none_of_the_holds_that_a_customer_may_have(central: RunningCentral) -> None:
    sold_out, ada = SoldOut(central), customer(central)
    joined = wait(ada, 1)
    sold_out.free(40)
    becomes(ada, joined, "offered")

    def hold(seat: int) -> httpx.Response:
        return ada.client.post("/api/holds", json={"eventId": str(TONIGHT), "seats": [seat]})

    assert [hold(seat).status_code for seat in range(20, 25)] == [201] * 5
    assert problem_of(hold(25))["code"] == "too_many_holds"
