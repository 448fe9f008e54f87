"""An offer lasts long enough for its event to change under it: nobody pays for what was called off or has begun."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from central.problems import Declined
from tests.central.bookings.test_bookings import booked, house, pay, shown
from tests.central.people import customer, manager
from tests.central.waiting.waiters import SoldOut, becomes, entry, until, wait
from tests.support.central import NOW, TOMORROW, RunningCentral


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
