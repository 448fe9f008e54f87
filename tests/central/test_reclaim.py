"""Two managers take back what a lost till holds. What it sold before it was lost is never refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

from boxoffice.domain.facts import AreaUnits, SeatEpoch
from boxoffice.domain.protocol import FactOutcome, Reclaimed, SeatStatus
from central.tills import standing
from tests.central.people import Person, customer, manager
from tests.support.central import FLOOR, FLOOR_PLACES, TOMORROW, TONIGHT, Clerk, RunningCentral, problem_of, run


def lost(central: RunningCentral, till: Clerk) -> Clerk:
    """Not heard of since yesterday."""
    central.fetch("update till set heard_at = now() - interval '1 day' where number = $1", till.number)
    return till


def ask(boss: Person, till: Clerk, **wanted: Any) -> str:
    reply = boss.client.post(f"/api/admin/tills/{till.number}/reclaims", json={"reason": "It was stolen", **wanted})
    assert reply.status_code == 201, reply.text
    reclaim: str = reply.json()["reclaimId"]
    return reclaim


def confirm(boss: Person, till: Clerk, reclaim: str) -> httpx.Response:
    return boss.client.post(f"/api/admin/tills/{till.number}/reclaims/{reclaim}/confirm")


def reclaim(central: RunningCentral, till: Clerk, **wanted: Any) -> dict[str, Any]:
    """By two managers."""
    reply = confirm(manager(central), till, ask(manager(central), lost(central, till), **wanted))
    assert reply.status_code == 200, reply.text
    shown: dict[str, Any] = reply.json()
    return shown


def seat(central: RunningCentral, number: int) -> tuple[SeatStatus, int, int]:
    """Its status, epoch and till."""
    [row] = central.fetch("select status, epoch, till from seat where performance = $1 and seat = $2", TONIGHT, number)
    return SeatStatus(row["status"]), row["epoch"], row["till"]


def places(central: RunningCentral) -> tuple[int, int]:
    """Free ones, and those that tills hold."""
    free = central.value("select free from area_count where performance = $1 and area = $2", TONIGHT, FLOOR)
    held = central.value("select sum(units)::int from area_lease where performance = $1", TONIGHT)
    return int(free), int(held)


def test_what_a_lost_till_holds_is_free_again_when_two_managers_say_so(central: RunningCentral) -> None:
    till, other = central.till(), central.till()
    till.lease([10, 11], places=8)
    till.lease([20], performance=TOMORROW)
    other.lease([12])
    free_before = central.value("select free_seats from feed_head where performance = $1", TONIGHT)
    first, second = manager(central), manager(central)
    asked = ask(first, lost(central, till))
    assert seat(central, 10) == (SeatStatus.LEASED, 1, till.number)  # one alone changes nothing
    reply = confirm(second, till, asked)
    assert reply.status_code == 200, reply.text
    shown = reply.json()
    assert (shown["state"], shown["seats"], shown["places"]) == ("confirmed", 3, 8)
    assert (shown["askedBy"], shown["confirmedBy"]) == (first.id, second.id)
    assert seat(central, 10) == seat(central, 11) == (SeatStatus.FREE, 2, 0)
    assert seat(central, 12) == (SeatStatus.LEASED, 1, other.number)
    assert places(central) == (FLOOR_PLACES, 0)
    assert central.value("select free_seats from feed_head where performance = $1", TONIGHT) == free_before + 2
    assert first.client.get(f"/api/admin/tills/{till.number}/reclaims").json() == [shown]
    said = [row["action"] for row in central.fetch("select action from audit_entry order by id")]
    assert said[-2:] == ["reclaim asked", "reclaim confirmed"]
    entry = other.feed().entries[-1]
    ended = Reclaimed(
        reclaim=asked,  # type: ignore[arg-type]
        till=till.number,
        seats=(SeatEpoch(seat=10, epoch=1), SeatEpoch(seat=11, epoch=1)),
        areas=(AreaUnits(area=FLOOR, units=8),),
    )
    assert entry.reclaimed == other.snapshot().reclaimed == (ended,)
    assert {change.status for change in entry.seats} == {SeatStatus.FREE}
    other.lease([10, 11])
    customer(central).client.post("/api/holds", json={"eventId": str(TOMORROW), "seats": [20]}).raise_for_status()


def test_only_what_was_asked_for_is_taken(central: RunningCentral) -> None:
    till = central.till()
    till.lease([10, 11], places=8)
    assert reclaim(central, till, eventId=str(TOMORROW))["seats"] == 0
    shown = reclaim(central, till, eventId=str(TONIGHT), seats=[11, 12])
    assert (shown["seats"], shown["places"]) == (1, 0)
    assert seat(central, 10)[0] is SeatStatus.LEASED
    assert places(central) == (FLOOR_PLACES - 8, 8)


def test_nobody_confirms_what_they_asked_for_themselves_nor_twice_nor_late(central: RunningCentral) -> None:
    till, first, second = central.till(), manager(central), manager(central)
    till.lease([10])
    asked = ask(first, lost(central, till))
    assert problem_of(confirm(first, till, asked))["code"] == "another_manager"
    central.clock[0] += timedelta(hours=25)
    assert problem_of(confirm(second, till, asked))["code"] == "reclaim_too_old"
    assert seat(central, 10)[0] is SeatStatus.LEASED
    withdrawn = first.client.delete(f"/api/admin/tills/{till.number}/reclaims/{asked}")
    assert withdrawn.json()["state"] == "withdrawn"
    again = ask(first, till)
    assert problem_of(confirm(second, till, asked))["code"] == "reclaim_is_over"
    assert problem_of(confirm(second, lost(central, central.till()), again))["code"] == "unknown_reclaim"
    assert confirm(second, till, again).status_code == 200
    assert problem_of(confirm(second, till, again))["code"] == "reclaim_is_over"


def test_a_till_that_is_online_gives_back_itself(central: RunningCentral) -> None:
    till, boss = central.till(), manager(central)
    till.lease([10])
    asked = ask(boss, lost(central, till))
    till.feed()  # and here it is again
    for reply in (
        confirm(manager(central), till, asked),
        boss.client.post(f"/api/admin/tills/{till.number}/reclaims", json={"reason": "It was stolen"}),
    ):
        assert (reply.status_code, problem_of(reply)["code"]) == (409, "till_is_online")
    assert seat(central, 10)[0] is SeatStatus.LEASED


def test_what_is_not_there_or_says_too_little_is_refused(central: RunningCentral) -> None:
    till, boss = lost(central, central.till()), manager(central)
    path = f"/api/admin/tills/{till.number}/reclaims"
    for body, field in (
        ({"reason": ""}, "reason"),
        ({"reason": "Lost", "seats": [1]}, "seats"),
        ({"reason": "Lost", "eventId": "x"}, "eventId"),
    ):
        reply = boss.client.post(path, json=body)
        assert reply.status_code == 422, reply.text
        assert field in reply.text
    assert boss.client.post(path, json={"reason": "Lost", "eventId": "4711"}).status_code == 404
    for method, missing in (("GET", "/api/admin/tills/999/reclaims"), ("POST", "/api/admin/tills/999/reclaims")):
        reply = boss.client.request(method, missing, json={"reason": "Lost"})
        assert (reply.status_code, problem_of(reply)["code"]) == (404, "unknown_till")
    assert central.value("select count(*) from reclaim") == 0


def test_a_sale_from_before_is_good_unless_somebody_else_has_the_seat_by_now(central: RunningCentral) -> None:
    till, other = central.till(), central.till()
    seats = {item.seat: item for item in till.lease([10, 11], places=1).seats}
    sold = till.sell([seats[10]], places=1)
    twice = till.sell([seats[11]])
    till.give_back(places=1)  # what it does not hold any more
    reclaim(central, till)
    other.sell(other.lease([11]).seats)
    other.push()
    results = till.push().results
    assert [result.outcome for result in results] == [FactOutcome.APPLIED, FactOutcome.CONFLICT, FactOutcome.APPLIED]
    assert "sold to another ticket" in results[1].reason
    assert seat(central, 10)[0] is seat(central, 11)[0] is SeatStatus.SOLD
    valid = {row["id"]: row["valid"] for row in central.fetch("select id, valid from ticket")}
    assert all(valid[line.ticket] for line in sold.tickets)
    assert not any(valid[line.ticket] for line in twice.tickets)
    assert places(central) == (FLOOR_PLACES - 1, 0)
    money = central.fetch("select till, incarnation, seq from ledger_line group by 1, 2, 3 having sum(minor) <> 0")
    assert money == []
    assert central.value("select count(distinct sale) from ticket") == 3  # the money of all three is booked


def test_returns_of_ended_leases_free_nothing(central: RunningCentral) -> None:
    till, other = central.till(), central.till()
    seats = till.lease([10], places=5).seats
    till.give_back(seats, places=5)
    reclaim(central, till)
    other.lease([10])
    assert till.push().results[0].outcome is FactOutcome.APPLIED
    assert seat(central, 10) == (SeatStatus.LEASED, 3, other.number)
    assert places(central) == (FLOOR_PLACES, 0)


def test_seats_set_aside_when_a_till_was_taken_out_of_service_can_be_sold_again(central: RunningCentral) -> None:
    till = central.till()
    till.lease([10])
    run(central.database, lambda connection: standing.revoke(connection, till.number, central.clock[0]))
    assert seat(central, 10)[0] is SeatStatus.QUARANTINED
    [shown] = [one for one in manager(central).client.get("/api/admin/tills").json() if one["till"] == till.number]
    assert (shown["state"], shown["seats"], shown["setAside"]) == ("revoked", 0, 1)
    asked = ask(manager(central), till)  # heard of a moment ago, and yet away for good
    assert confirm(manager(central), till, asked).json()["seats"] == 1
    assert seat(central, 10)[0] is SeatStatus.FREE


def test_managers_see_what_each_till_holds(central: RunningCentral) -> None:
    till = central.till()
    till.lease([10, 11], places=3)
    [shown] = [one for one in manager(central).client.get("/api/admin/tills").json() if one["till"] == till.number]
    assert (shown["state"], shown["seats"], shown["places"], shown["setAside"]) == ("active", 2, 3, 0)
    assert shown["heardAt"] is not None
