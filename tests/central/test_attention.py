"""Orders whose seats somebody else has, facts that could not be booked, tickets let in twice: what becomes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from boxoffice.domain.facts import Customer, SaleBody, ScanBody
from boxoffice.domain.ids import PerformanceId, ScanId
from boxoffice.domain.protocol import FactOutcome, SeatStatus
from central.attention.conflicts import settle_open
from central.bookings.houses import Houses
from central.catalogue.programme import Programme
from central.database import Database
from central.invariants import broken
from central.tills.hints import Hints
from tests.central.people import customer, manager
from tests.central.test_reclaim import reclaim
from tests.support.central import (
    CASHIER,
    FLOOR_PLACES,
    NOW,
    TONIGHT,
    Clerk,
    RunningCentral,
    problem_of,
    run,
    sale_body,
)

GUEST = Customer(name="Ada Byron", email="ada@example.org")


def in_conflict(
    central: RunningCentral, seats: Sequence[int], of: Customer | None = GUEST, *, lost: Sequence[int] = ()
) -> tuple[Clerk, SaleBody, SaleBody]:
    """Two orders of the same seats: a till's that was lost meanwhile, in conflict, and the one that has them.

    `lost`: those of `seats` that were sold again, otherwise all of them.
    """
    till, other = central.till(), central.till()
    late = sale_body(till.number, till.lease(seats).seats, 0).model_copy(update={"customer": of})
    till.append(late)
    reclaim(central, till)
    first = other.sell(other.lease(lost or seats).seats)
    other.push()
    [result] = till.push().results
    assert result.outcome is FactOutcome.CONFLICT
    return other, late, first


def matters(central: RunningCentral) -> list[dict[str, Any]]:
    reply = manager(central).client.get("/api/admin/attention")
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()
    return found


def settle_all(central: RunningCentral) -> int:
    """As each node does from time to time. How many were moved."""

    async def settle() -> int:
        async with Database.open(central.database) as database:
            return await settle_open(database, Houses(Programme(database)), Hints(), lambda: central.clock[0])

    return asyncio.run(settle())


def seats_of(central: RunningCentral, sale: SaleBody) -> list[tuple[int, bool, int]]:
    """Seat, whether it admits, generation."""
    rows = central.fetch("select seat, valid, generation from ticket where sale = $1 order by seat", sale.sale)
    return [(row["seat"], row["valid"], row["generation"]) for row in rows]


def status(central: RunningCentral, seat: int) -> SeatStatus:
    return SeatStatus(central.value("select status from seat where performance = $1 and seat = $2", TONIGHT, seat))


def let_in(till: Clerk, sale: SaleBody, gate: str = "Stalls", minute: int = 0) -> None:
    till.append(
        ScanBody(
            scan=ScanId(uuid4()),
            ticket=sale.tickets[0].ticket,
            performance=TONIGHT,
            generation=1,
            gate=gate,
            direction="entry",
            shown="admit",
            admitted=True,
            online=True,
            list_head=0,
            staff=CASHIER,
            scanned_at=NOW + timedelta(minutes=minute),
        )
    )
    till.push(till.facts[-1:])


def books_hold(central: RunningCentral) -> None:
    assert run(central.database, broken) == []


def test_whoever_can_be_reached_is_moved_together_to_seats_as_good_and_told(central: RunningCentral) -> None:
    other, late, first = in_conflict(central, [10, 11])
    [matter] = matters(central)
    assert (matter["kind"], matter["orderCode"], matter["customer"]) == ("conflict", late.order_code, "Ada Byron")
    assert (matter["amount"], matter["currency"]) == (100.0, "EUR")
    assert "sold to another ticket" in matter["reason"]
    assert matter["proposal"]["why"] == "there are equal or better seats for the other party"
    head = other.snapshot().head
    assert settle_all(central) == 1
    one, two = (seat for seat, _, _ in seats_of(central, late))
    assert [one, two] == matter["proposal"]["seats"]
    assert two == one + 1
    assert seats_of(central, late) == [(one, True, 2), (two, True, 2)]
    assert seats_of(central, first) == [(10, True, 1), (11, True, 1)]
    assert status(central, one) is status(central, two) is SeatStatus.SOLD
    entry = other.feed(after=head).entries[-1]
    assert {(change.seat, change.status) for change in entry.seats} == {
        (one, SeatStatus.SOLD),
        (two, SeatStatus.SOLD),
    }
    assert all(record.valid and record.generation == 2 for record in entry.tickets)
    [letter] = central.fetch("select address, account, detail from message where kind = 'seats_moved'")
    assert (letter["address"], letter["account"]) == ("ada@example.org", None)
    assert late.order_code in letter["detail"]
    assert matters(central) == []
    assert settle_all(central) == 0
    books_hold(central)


def test_whoever_cannot_be_reached_waits_for_a_manager_who_names_the_seats(central: RunningCentral) -> None:
    _, late, _ = in_conflict(central, [10, 11], None)
    assert settle_all(central) == 0
    [matter] = matters(central)
    assert matter["proposal"] == {
        "seats": [],
        "places": [],
        "why": "nobody knows how to reach the other party",
    }
    boss = manager(central)
    path = f"/api/admin/attention/orders/{late.sale}/move"
    for body, code in (
        ({}, "nothing_to_propose"),
        ({"seats": [30]}, "malformed"),
        ({"seats": [30, 30]}, "malformed"),
        ({"seats": [30, 100]}, "malformed"),
        ({"seats": [10, 30]}, "places_taken"),
    ):
        reply = boss.client.post(path, json={"eventId": str(TONIGHT), **body})
        assert problem_of(reply)["code"] == code, reply.text
    assert [valid for _, valid, _ in seats_of(central, late)] == [False, False]
    assert central.value("select count(*) from seat where seat = 30 and status <> 0") == 0
    reply = boss.client.post(path, json={"eventId": str(TONIGHT), "seats": [31, 30]})
    assert reply.status_code == 200, reply.text
    assert sorted(reply.json()["places"]) == ["Stalls D 1", "Stalls D 2"]
    assert seats_of(central, late) == [(30, True, 2), (31, True, 2)]
    assert problem_of(boss.client.post(path, json={"eventId": str(TONIGHT)}))["code"] == "no_conflict"
    assert central.value("select count(*) from message where kind = 'seats_moved'") == 0
    books_hold(central)


def test_a_party_of_which_one_seat_is_lost_moves_together_and_leaves_the_others_free(central: RunningCentral) -> None:
    _, late, _ = in_conflict(central, [10, 11, 12], lost=[12])
    assert settle_all(central) == 1
    taken = [seat for seat, valid, _ in seats_of(central, late) if valid]
    assert taken == list(range(taken[0], taken[0] + 3))
    assert 12 not in taken
    for seat in {10, 11} - set(taken):
        assert status(central, seat) is SeatStatus.FREE
    books_hold(central)


def test_seats_that_the_others_gave_back_are_theirs_again_on_the_same_paper(central: RunningCentral) -> None:
    _, late, first = in_conflict(central, [10, 11])
    central.fetch("update ticket set valid = false where sale = $1", first.sale)
    central.fetch("update seat set status = 0, ticket = null where performance = $1 and seat in (10, 11)", TONIGHT)
    central.fetch("update feed_head set free_seats = free_seats + 2 where performance = $1", TONIGHT)
    assert matters(central)[0]["proposal"]["why"] == "nobody else has their places any more"
    assert settle_all(central) == 1
    assert seats_of(central, late) == [(10, True, 1), (11, True, 1)]
    assert central.value("select count(*) from message where kind = 'seats_moved'") == 0  # nothing changed for them
    books_hold(central)


def test_nobody_who_is_in_the_house_is_asked_to_stand_up(central: RunningCentral) -> None:
    other, late, _ = in_conflict(central, [10])
    let_in(other, late)
    assert settle_all(central) == 0
    assert matters(central)[0]["proposal"]["why"] == "their people are in the house, so the others need new seats"


def test_where_nothing_as_good_is_free_a_manager_settles(central: RunningCentral) -> None:
    other, _, _ = in_conflict(central, [10])
    other.lease(range(100))
    assert settle_all(central) == 0
    assert matters(central)[0]["proposal"]["why"] == "no equal or better seats are free side by side"


def test_places_without_seat_numbers_are_given_as_soon_as_there_are_some(central: RunningCentral) -> None:
    till, other = central.till(), central.till()
    till.lease(places=2)
    late = sale_body(till.number, (), 2).model_copy(update={"customer": GUEST})
    till.append(late)
    reclaim(central, till)
    other.lease(places=FLOOR_PLACES - 1)
    [result] = till.push().results
    assert result.outcome is FactOutcome.CONFLICT  # one place was left for two
    assert settle_all(central) == 0
    other.give_back(places=5)
    other.push()
    assert settle_all(central) == 1
    assert central.value("select bool_and(valid) from ticket where sale = $1", late.sale)
    counts = central.fetch("select free, sold from area_count where performance = $1", TONIGHT)
    held = central.value("select sum(units) from area_lease where performance = $1", TONIGHT)
    assert counts[0]["free"] + counts[0]["sold"] + held == FLOOR_PLACES
    books_hold(central)


def test_a_fact_that_could_not_be_booked_is_shown_whole_until_somebody_notes_what_became_of_it(
    central: RunningCentral,
) -> None:
    till, boss = central.till(), manager(central)
    body = sale_body(till.number, (), 1, PerformanceId(4711))
    till.append(body)
    assert till.push().results[0].outcome is FactOutcome.PARKED
    [matter] = matters(central)
    assert (matter["kind"], matter["till"], matter["amount"]) == ("fact", till.number, 50.0)
    assert matter["raw"]["sale"] == str(body.sale)
    assert "performance 4711 is not known here" in matter["reason"]
    path = f"/api/admin/attention/{matter['matterId']}/settle"
    assert boss.client.post(path, json={"note": ""}).status_code == 422
    assert boss.client.post(path, json={"note": "Refunded in cash"}).status_code == 200
    assert matters(central) == []
    assert central.value("select count(*) from fact where outcome = 'parked'") == 1
    assert boss.client.post(path, json={"note": "Once more"}).status_code == 404
    assert boss.client.post("/api/admin/attention/fact.1.1.x/settle", json={"note": "No"}).status_code == 422


def test_a_ticket_that_was_let_in_twice_is_shown_once(central: RunningCentral) -> None:
    till = central.till()
    sold = till.sell(till.lease([10]).seats)
    till.push()
    let_in(till, sold)
    assert matters(central) == []
    let_in(till, sold, "Circle", 5)
    [matter] = matters(central)
    assert (matter["kind"], matter["orderCode"]) == ("admitted_twice", sold.order_code)
    assert "Stalls, then Circle" in matter["reason"]
    settled = manager(central).client.post(f"/api/admin/attention/{matter['matterId']}/settle", json={"note": "Copy"})
    assert settled.status_code == 200
    assert matters(central) == []


def test_an_order_that_is_in_no_conflict_is_not_moved(central: RunningCentral) -> None:
    till, ada = central.till(), customer(central)
    sold = till.sell(till.lease([10]).seats)
    till.push()
    for sale in (sold.sale, UUID(int=1)):
        reply = manager(central).client.post(
            f"/api/admin/attention/orders/{sale}/move", json={"eventId": str(TONIGHT), "seats": [20]}
        )
        assert (reply.status_code, problem_of(reply)["code"]) == (409, "no_conflict")
    assert ada.client.get("/api/admin/attention").status_code == 403
