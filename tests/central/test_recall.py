"""Central asks tills for seats of their allotments. They stay theirs until they come back in the queue of sales."""

from __future__ import annotations

from boxoffice.domain.protocol import FactOutcome, SeatStatus
from tests.central.people import customer, manager
from tests.central.waiting.waiters import SoldOut, becomes, seats_of, until, wait
from tests.support.central import TOMORROW, TONIGHT, Clerk, RunningCentral, problem_of


def recall(central: RunningCentral, *seats: int) -> int:
    body = {"seats": seats} if seats else {}
    reply = manager(central).client.post(f"/api/admin/events/{TONIGHT}/recall", json=body)
    assert reply.status_code == 200, reply.text
    count: int = reply.json()["recalled"]
    return count


def asked_for(till: Clerk, performance: int = TONIGHT) -> list[tuple[int, ...]]:
    """By each entry of the feed that recalls anything."""
    entries = till.feed(performance=performance).entries  # type: ignore[arg-type]
    return [entry.recall for entry in entries if entry.recall]


def status(central: RunningCentral, seat: int) -> SeatStatus:
    return SeatStatus(central.value("select status from seat where performance = $1 and seat = $2", TONIGHT, seat))


def test_only_seats_that_tills_hold_are_recalled_and_once_a_lease(central: RunningCentral) -> None:
    till, ada = central.till(), customer(central)
    till.lease([10, 11])
    ada.client.post("/api/holds", json={"eventId": str(TONIGHT), "seats": [12]}).raise_for_status()
    assert recall(central, 11, 12, 13) == 1
    assert recall(central) == 1
    assert recall(central) == 0
    assert asked_for(till) == [(11,), (10,)]
    assert till.snapshot().recall == (10, 11)  # for a till that was away for longer than the feed goes back
    assert status(central, 11) is SeatStatus.LEASED
    said = central.fetch("select detail from audit_entry where action = 'seats recalled' order by id")
    assert [row["detail"] for row in said] == ['{"seats": 1}'] * 2


def test_a_seat_that_came_back_can_be_leased_and_recalled_again(central: RunningCentral) -> None:
    till = central.till()
    grant = till.lease([10])
    recall(central, 10)
    till.give_back(grant.seats)
    assert till.push().results[-1].outcome is FactOutcome.APPLIED
    assert status(central, 10) is SeatStatus.FREE
    assert till.snapshot().recall == ()
    till.lease([10])
    assert till.snapshot().recall == ()
    assert recall(central, 10) == 1


def test_what_a_till_sold_before_it_heard_of_the_recall_stays_sold(central: RunningCentral) -> None:
    till = central.till()
    grant = till.lease([10])
    recall(central, 10)
    till.sell(grant.seats)
    assert till.push().results[-1].outcome is FactOutcome.APPLIED
    assert status(central, 10) is SeatStatus.SOLD
    assert till.snapshot().recall == ()


def test_nothing_is_recalled_of_an_event_that_is_not_there(central: RunningCentral) -> None:
    reply = manager(central).client.post("/api/admin/events/4711/recall", json={})
    assert (reply.status_code, problem_of(reply)["code"]) == (404, "unknown_event")


def test_for_somebody_who_waits_tills_are_asked_for_as_many_neighbours_as_would_do(central: RunningCentral) -> None:
    sold_out, ada, bob = SoldOut(central), customer(central), customer(central)
    first = wait(ada, 2)
    until(lambda: len(asked_for(sold_out.clerk, TOMORROW)) == 1, "a recall")
    [pair] = asked_for(sold_out.clerk, TOMORROW)
    assert len(pair) == 2
    assert pair[1] == pair[0] + 1
    second = wait(bob, 3)
    until(lambda: len(asked_for(sold_out.clerk, TOMORROW)) == 2, "another recall")
    trio = asked_for(sold_out.clerk, TOMORROW)[1]
    assert len(trio) == 3
    assert not set(trio) & set(pair)
    sold_out.free(*pair)
    assert seats_of(becomes(ada, first, "offered")) == set(pair)
    sold_out.free(*trio)
    assert seats_of(becomes(bob, second, "offered")) == set(trio)


def test_a_till_that_is_silent_is_not_asked_while_another_one_hears(central: RunningCentral) -> None:
    silent, hears, ada = central.till(), central.till(), customer(central)
    silent.lease(range(50), places=50, performance=TOMORROW)
    hears.lease(range(50, 100), performance=TOMORROW)
    central.value(
        "update till set heard_at = now() - interval '10 minutes' where number = $1 returning number", silent.number
    )
    wait(ada, 2)
    until(lambda: bool(asked_for(hears, TOMORROW)), "a recall")
    assert all(seat >= 50 for entry in asked_for(hears, TOMORROW) for seat in entry)
