"""The books of an evening hold, and each check of them can fail."""

from __future__ import annotations

import pytest

from central.invariants import INVARIANTS
from tests.central.bookings.test_cancelling import paid
from tests.central.people import admin, customer
from tests.central.test_reclaim import reclaim
from tests.support.central import TONIGHT, RunningCentral

# what no code of ours does; each is seen by the check of its name, whatever others see it as well
BREAKING = {
    "a seat admits one ticket": "update ticket set seat = 10 where seat = 11",
    "a sold seat belongs to a ticket that admits to it": "update ticket set valid = false where seat = 10",
    "a ticket that admits has its seat": "update seat set status = 0, ticket = null where seat = 10",
    "a seat has one owner": "update seat set till = 7 where seat = 10",
    "a seat held on the web is of an open hold": "update hold set state = 'expired' where state = 'open'",
    "places of an area add up to its capacity": "update area_count set free = free - 1",
    "places sold are those of tickets that admit": "update area_count set sold = sold + 1, free = free - 1",
    "free seats are counted right": "update feed_head set free_seats = free_seats + 1",
    "a feed has no gap": "delete from feed where number = 2",
    "what is acknowledged is here": "update till_journal set applied_hi = applied_hi + 1",
    "a till's facts are one chain": "update fact set prev_hash = repeat('f', 64) where seq = 2",
    "a till's money sums to zero, fact by fact": "update ledger_line set minor = minor + 1 where position = 0",
    "the web's money sums to zero, entry by entry": "update web_ledger_line set minor = minor + 1 where position = 0",
    "every sale of a till is in the books": "with gone as (delete from ticket where sale in (select id from sale"
    " where channel = 'counter') returning sale) delete from sale where id in (select sale from gone)",
    "every sale at a counter has its fact": "insert into sale (id, channel, till, order_code, sold_at, currency,"
    " total_minor) values (gen_random_uuid(), 'counter', 1, 'X', now(), 'EUR', 0)",
    "a seat's epoch is not below a lease of it": "update seat set epoch = 0 where seat = 10",
}


def evening(central: RunningCentral) -> None:
    """A till sells and gives back, another one is lost; the web books, holds and cancels."""
    till, lost, ada = central.till(), central.till(), customer(central)
    seats = till.lease([10, 11, 12], places=5).seats
    till.sell(seats[:2], places=2)
    till.give_back(seats[2:], places=1)
    till.push()
    lost.lease([40, 41], places=3)
    reclaim(central, lost)
    paid(central, ada, seats=[20, 21])
    gone = paid(central, ada, seats=[22])
    ada.client.delete(f"/api/bookings/{gone['bookingId']}").raise_for_status()
    ada.client.post("/api/holds", json={"eventId": str(TONIGHT), "seats": [30]}).raise_for_status()


def found(central: RunningCentral) -> list[str]:
    reply = admin(central).client.get("/api/admin/invariants")
    assert reply.status_code == 200, reply.text
    assert reply.json()["checked"] == len(INVARIANTS)
    assert all(one["found"] for one in reply.json()["broken"])
    return [one["invariant"] for one in reply.json()["broken"]]


def test_the_books_of_an_evening_hold(central: RunningCentral) -> None:
    evening(central)
    assert found(central) == []


def test_every_invariant_is_tried() -> None:
    assert set(BREAKING) == set(INVARIANTS)


@pytest.mark.parametrize("name", BREAKING)
def test_each_check_sees_what_is_broken(central: RunningCentral, name: str) -> None:
    evening(central)
    central.fetch(BREAKING[name])
    assert name in found(central)
