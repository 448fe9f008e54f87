"""PUSH: every fact once, in order, never refused; what two tills cannot both have becomes a conflict."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from boxoffice.domain.facts import CardSettledBody, FactKind, SeatEpoch
from boxoffice.domain.ids import SaleId, StaffId, TicketId
from boxoffice.domain.protocol import FactOutcome, SeatStatus, Status
from tests.support.central import (
    FLOOR_PLACES,
    NOW,
    PRICE_MINOR,
    TONIGHT,
    Clerk,
    RunningCentral,
    problem_of,
    sale_body,
)

APPLIED, CONFLICT, PARKED = FactOutcome.APPLIED, FactOutcome.CONFLICT, FactOutcome.PARKED


def _outcomes(clerk: Clerk) -> list[FactOutcome]:
    return [result.outcome for result in clerk.push().results]


def test_a_sale_of_leased_seats_and_places_is_booked_with_its_money(central: RunningCentral) -> None:
    till = central.till()
    sale = till.sell(till.lease([5, 6], places=3).seats, places=2)
    reply = till.push()
    assert (reply.applied_hi, [result.outcome for result in reply.results]) == (1, [APPLIED])
    house = till.snapshot()
    assert [house.statuses[seat] for seat in (5, 6)] == [SeatStatus.SOLD] * 2
    assert (house.areas[0].free, house.areas[0].sold) == (FLOOR_PLACES - 3, 2)
    assert {ticket.ticket for ticket in house.tickets} == {line.ticket for line in sale.tickets}
    assert all(ticket.valid and ticket.order_code == sale.order_code for ticket in house.tickets)
    assert central.value("select sum(minor) from ledger_line") == 0
    assert central.value("select minor from ledger_line where account = $1", f"cash:{till.number}") == 4 * PRICE_MINOR
    assert central.value("select total_minor from sale where id = $1", sale.sale) == 4 * PRICE_MINOR


def test_a_replay_changes_nothing_and_tells_the_stored_results(central: RunningCentral) -> None:
    till, other = central.till(), central.till()
    other.lease([6])
    till.sell(till.lease([5]).seats)
    till.sell([SeatEpoch(seat=6, epoch=1)])
    first = till.push()
    house = till.snapshot()
    assert [result.outcome for result in first.results] == [APPLIED, CONFLICT]
    assert till.push() == first
    till.sell(till.lease([7]).seats)
    longer = till.push()
    assert longer.results[:2] == first.results
    assert longer.applied_hi == 3
    assert till.snapshot().head == house.head + 2


def test_a_gap_applies_nothing_and_the_reply_says_where_to_go_on(central: RunningCentral) -> None:
    till = central.till()
    for seat in till.lease([1, 2, 3]).seats:
        till.sell([seat])
    reply = till.push(till.facts[1:])
    assert (reply.applied_hi, reply.results, reply.diverged) == (0, (), False)
    assert till.push(till.facts[:1]).applied_hi == 1
    assert till.push(till.facts[1:]).applied_hi == 3


def test_another_fact_under_a_known_number_quarantines_the_till(central: RunningCentral) -> None:
    till = central.till()
    [one, two] = till.lease([1, 2]).seats
    till.sell([one])
    till.push()
    clone = Clerk(central, till.number, till.credential, till.pair_reply)
    central.clerks.append(clone)
    clone.sell([two])
    reply = clone.push()
    assert reply.diverged
    assert (reply.applied_hi, reply.results) == (1, ())
    assert till.snapshot().statuses[2] == SeatStatus.LEASED
    refused = till.client.post(
        "/api/tills/leases",
        json={"request": str(SaleId(till.facts[0].id)), "performance": TONIGHT, "kind": "basket", "seats": [3]},
    )
    assert (refused.status_code, problem_of(refused)["code"]) == (409, "till_quarantined")
    till.sell([two])  # what continues the chain that central knows is never refused
    reply = till.push()
    assert (reply.applied_hi, reply.diverged, reply.results[-1].outcome) == (2, True, APPLIED)


def test_a_fact_that_does_not_continue_the_chain_quarantines_too(central: RunningCentral) -> None:
    till = central.till()
    [one, two] = till.lease([1, 2]).seats
    till.sell([one])
    till.push()
    till.append(sale_body(till.number, [two], 0), prev_hash="f" * 64)
    reply = till.push()
    assert (reply.diverged, reply.applied_hi) == (True, 1)


def test_a_fact_whose_hash_is_not_its_content_is_not_booked(central: RunningCentral) -> None:
    till = central.till()
    [one, two] = till.lease([1, 2]).seats
    till.sell([one])
    till.sell([two])
    bent = till.facts[1].model_copy(update={"body": {**till.facts[1].body, "total_minor": 1}})
    reply = till.push([till.facts[0], bent])
    assert (reply.applied_hi, len(reply.results), reply.diverged) == (1, 1, False)
    refused = till.push_raw([bent])
    assert (refused.status_code, problem_of(refused)["code"]) == (422, "not_authentic")
    assert till.push().applied_hi == 2


MALFORMED: list[tuple[dict[str, Any], str]] = [
    ({"performance": "tonight"}, "performance"),
    ({}, "performance"),
    ({"performance": 4242, "seats": [{"seat": 1, "epoch": 1}]}, "performance 4242"),
    ({"performance": TONIGHT, "seats": [{"seat": 100, "epoch": 1}]}, "no seat 100"),
    ({"performance": TONIGHT, "areas": [{"area": 3, "units": 1}]}, "no area 3"),
    ({"performance": 1 << 80, "seats": [{"seat": 1, "epoch": 1}]}, "could not be booked"),
    ({"performance": TONIGHT, "seats": [{"seat": 1, "epoch": 1}], "note": "a\0b"}, "NUL"),
]


@pytest.mark.parametrize(("body", "reason"), MALFORMED)
def test_an_authentic_fact_that_makes_no_sense_is_parked_and_holds_nobody_up(
    central: RunningCentral, body: dict[str, Any], reason: str
) -> None:
    till = central.till()
    [one, two] = till.lease([1, 2]).seats
    till.sell([one])
    till.append(body)
    till.sell([two])
    reply = till.push()
    assert [result.outcome for result in reply.results] == [APPLIED, PARKED, APPLIED]
    assert reason in reply.results[1].reason
    assert reply.applied_hi == 3
    assert json.loads(central.value("select body from fact where seq = 2")) == till.facts[1].body
    assert till.push() == reply


@pytest.mark.parametrize("later", [{"kind": "EXCHANGE"}, {"schema_version": 2}])
def test_a_fact_of_a_later_release_is_parked_and_holds_nobody_up(
    central: RunningCentral, later: dict[str, Any]
) -> None:
    till = central.till()
    one, two = till.lease([5, 6]).seats
    till.sell([one])
    strange = till.append({"from_seat": 5, "to_seat": 7}, **later)
    till.sell([two])
    reply = till.push()
    assert [result.outcome for result in reply.results] == [APPLIED, PARKED, APPLIED]
    assert "of a later release" in reply.results[1].reason
    assert central.value("select kind from fact where seq = 2") == strange.kind
    assert json.loads(central.value("select body from fact where seq = 2")) == strange.body
    assert till.push() == reply


def test_an_unbalanced_sale_is_parked_and_books_no_money(central: RunningCentral) -> None:
    till = central.till()
    good = sale_body(till.number, till.lease([1]).seats, 0).model_dump(mode="json")
    good["ledger"][0]["minor"] += 1
    till.append(good, kind=FactKind.SALE)
    [result] = till.push().results
    assert (result.outcome, "sum to zero" in result.reason) == (PARKED, True)
    assert central.value("select count(*) from ledger_line") == 0
    assert till.snapshot().statuses[1] == SeatStatus.LEASED


def test_the_second_of_two_sales_of_a_seat_keeps_its_money_and_becomes_a_conflict(central: RunningCentral) -> None:
    """A reclaimed seat, leased to another till: the old till sells it all the same."""
    late, other = central.till(), central.till()
    [old] = late.lease([5]).seats
    central.fetch("update seat set status = 0, till = 0 where seat = 5")  # what a reclaim does
    other.sell(other.lease([5]).seats)
    assert _outcomes(other) == [APPLIED]
    sale = late.sell([old])
    [result] = late.push().results
    assert (result.outcome, "sold to another ticket" in result.reason) == (CONFLICT, True)
    assert central.value("select minor from ledger_line where account = $1", f"cash:{late.number}") == PRICE_MINOR
    tickets = {ticket.ticket: ticket.valid for ticket in late.snapshot().tickets}
    assert tickets[sale.tickets[0].ticket] is False
    assert list(tickets.values()).count(True) == 1
    late.refund(sale)
    assert _outcomes(late)[-1] is APPLIED
    assert late.snapshot().statuses[5] == SeatStatus.SOLD


def test_a_sale_at_risk_of_a_seat_that_is_free_gets_it_and_opens_the_door(central: RunningCentral) -> None:
    till = central.till()
    [fresh] = till.lease([8]).seats
    till.give_back([fresh])
    sale = till.sell([fresh.model_copy(update={"epoch": fresh.epoch - 1})])
    assert _outcomes(till) == [APPLIED, APPLIED]
    house = till.snapshot()
    assert house.statuses[8] == SeatStatus.SOLD
    assert [(ticket.ticket, ticket.valid) for ticket in house.tickets] == [(sale.tickets[0].ticket, True)]
    assert till.lease([8]).taken == (8,)
    till.refund(sale)
    till.push()
    assert till.snapshot().statuses[8] == SeatStatus.FREE
    assert till.lease([8]).seats[0].epoch > fresh.epoch


def test_a_sale_at_risk_of_a_seat_that_another_till_holds_is_a_conflict(central: RunningCentral) -> None:
    till, other = central.till(), central.till()
    other.lease([8])
    till.sell([SeatEpoch(seat=8, epoch=1)])
    assert _outcomes(till) == [CONFLICT]
    house = till.snapshot()
    assert (house.statuses[8], [ticket.valid for ticket in house.tickets]) == (SeatStatus.LEASED, [False])


def test_places_that_the_till_does_not_hold_are_given_while_there_are_some_and_then_become_conflicts(
    central: RunningCentral,
) -> None:
    till, other = central.till(), central.till()
    other.lease(places=FLOOR_PLACES - 3)
    till.lease(places=2)
    till.sell(places=4)
    [result] = till.push().results
    assert result.outcome is CONFLICT
    area = till.snapshot().areas[0]
    assert (area.free, area.sold) == (0, 3)
    assert sorted(ticket.valid for ticket in till.snapshot().tickets) == [False, True, True, True]


def test_a_return_frees_what_was_leased_and_only_that(central: RunningCentral) -> None:
    till, other = central.till(), central.till()
    granted = till.lease([1, 2], places=5)
    foreign = other.lease([3]).seats
    till.sell(granted.seats[:1])
    till.give_back([*granted.seats, *foreign], places=9)
    assert _outcomes(till) == [APPLIED, APPLIED]
    house = till.snapshot()
    assert list(house.statuses[1:4]) == [SeatStatus.SOLD, SeatStatus.FREE, SeatStatus.LEASED]
    assert house.areas[0].free == FLOOR_PLACES
    assert [seat.seat for seat in other.lease([2]).seats] == [2]


def test_a_refund_frees_the_seat_under_a_new_epoch_and_ends_the_ticket(central: RunningCentral) -> None:
    till = central.till()
    sale = till.sell(till.lease([1], places=1).seats, places=1)
    till.refund(sale)
    till.refund(sale)
    assert _outcomes(till) == [APPLIED, APPLIED, CONFLICT]
    house = till.snapshot()
    assert house.statuses[1] == SeatStatus.FREE
    assert (house.areas[0].free, house.areas[0].sold) == (FLOOR_PLACES, 0)
    assert not any(ticket.valid for ticket in house.tickets)
    assert [seat.epoch for seat in till.lease([1]).seats] == [3]


def test_an_issue_raises_the_generation_and_never_lowers_it(central: RunningCentral) -> None:
    till = central.till()
    sale = till.sell(till.lease([1]).seats)
    ticket = sale.tickets[0].ticket
    till.issue(ticket, 3)
    till.issue(ticket, 2)
    till.issue(TicketId(1), 2)
    assert _outcomes(till) == [APPLIED, APPLIED, APPLIED, PARKED]
    assert [record.generation for record in till.snapshot().tickets] == [3]


def test_what_a_person_said_of_a_card_is_kept_and_moves_no_money(central: RunningCentral) -> None:
    till = central.till()
    till.append(
        CardSettledBody(
            reference="T2-1", minor=8600, currency="EUR", moved=True, staff=StaffId(UUID(int=9)), settled_at=NOW
        )
    )
    assert _outcomes(till) == [APPLIED]
    assert central.value("select count(*) from ledger_line") == 0


def test_the_same_fact_under_a_second_number_counts_once(central: RunningCentral) -> None:
    till = central.till()
    body = till.sell(till.lease([1]).seats)
    fact = till.facts[0]
    till.append(body, id=fact.id)
    reply = till.push()
    assert [result.outcome for result in reply.results] == [APPLIED, APPLIED]
    assert central.value("select count(*) from sale") == 1
    assert till.push() == reply
    till.incarnation, till.facts = 2, []
    till.append(body, id=fact.id)
    assert "number 1 of incarnation 1" in till.push().results[0].reason


def test_another_fact_with_a_known_sale_or_ticket_number_is_parked(central: RunningCentral) -> None:
    till = central.till()
    body = till.sell(till.lease([1]).seats)
    till.append(body)
    till.append(body.model_copy(update={"sale": SaleId(till.facts[0].id)}))
    assert _outcomes(till) == [APPLIED, PARKED, PARKED]


def test_a_restored_till_counts_again_and_its_old_leases_are_sold_by_nobody(central: RunningCentral) -> None:
    till = central.till()
    [seat, gone] = till.lease([1, 2]).seats
    till.sell([seat])
    till.push()
    status = Status.model_validate_json(till.client.post("/api/tills/incarnations", json={}).content)
    assert (status.incarnation, status.applied_hi) == (2, 0)
    assert till.snapshot().statuses[2] == SeatStatus.QUARANTINED
    old = Status.model_validate_json(till.client.get("/api/tills/status", params={"incarnation": 1}).content)
    assert old.applied_hi == 1
    till.sell([gone])  # the old machine turns up after all: its facts are still good
    assert till.push().results[-1].outcome is APPLIED
    till.incarnation, till.facts = 2, []
    till.sell(till.lease([3]).seats)
    assert (till.push().applied_hi, till.snapshot().statuses[2]) == (1, SeatStatus.SOLD)


def test_after_a_restore_central_takes_an_incarnation_it_has_forgotten(central: RunningCentral) -> None:
    till = central.till()
    till.incarnation = 4
    status = Status.model_validate_json(till.client.get("/api/tills/status", params={"incarnation": 4}).content)
    assert status.applied_hi == 0
    till.sell(till.lease([3]).seats)
    assert till.push().applied_hi == 1
    assert Status.model_validate_json(till.client.get("/api/tills/status").content).incarnation == 4


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"till": 99}, "till"),
        ({"incarnation": 0}, "incarnation"),
        ({"incarnation": 2}, "facts.0"),
        ({"from_seq": 2}, "facts.0.seq"),
        ({"facts": []}, "facts"),
        ({"facts": [{"seq": 1}]}, "facts.0.till"),
        ({"facts": "all"}, "facts"),
    ],
)
def test_a_batch_that_no_till_sends_is_refused_and_books_nothing(
    central: RunningCentral, changes: dict[str, Any], field: str
) -> None:
    till = central.till()
    till.sell(till.lease([1]).seats)
    fact = till.facts[0].model_dump(mode="json")
    body = {"till": till.number, "incarnation": 1, "from_seq": 1, "facts": [fact], **changes}
    reply = till.client.post("/api/tills/push", json=body)
    assert (reply.status_code, problem_of(reply)["field"]) == (422, field)
    assert central.value("select count(*) from fact") == 0


@pytest.mark.parametrize("value", ['"\\ud800"', "NaN", "-Infinity", "[" * 900 + "]" * 900])
def test_json_that_no_journal_writes_is_refused_not_a_crash(central: RunningCentral, value: str) -> None:
    till = central.till()
    till.append({"performance": TONIGHT, "note": "HERE"})
    text = till.facts[0].model_dump_json().replace('"HERE"', value)
    batch = f'{{"till": {till.number}, "incarnation": 1, "from_seq": 1, "facts": [{text}]}}'
    reply = till.client.post("/api/tills/push", content=batch, headers={"Content-Type": "application/json"})
    assert reply.status_code in (400, 422)
    assert problem_of(reply)["code"] in ("not_authentic", "not_json", "bad_request", "malformed")
