"""Houses fill as audiences do: good seats first, side by side, and at the hours when people buy."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise
from random import Random
from statistics import mean

import numpy as np
import pytest
from numpy.typing import NDArray

from boxoffice.domain.catalogue import PerformanceStatus
from central.demo.arrivals import arrivals
from central.demo.orders import House, sell
from central.demo.people import Customers
from central.demo.programme import TIMEZONE, Showing
from central.demo.seat_sales import Auditorium
from central.demo.theatre import main_house
from tests.central.demo.houses import NOW, evening, house, tonight

ALL = range(len(evening().showings))


def sold(number: int) -> NDArray[np.bool_]:
    taken = np.zeros(evening().showings[number].room.plan.seat_count, np.bool_)
    taken[[t.record.seat for t in house(number).tickets if t.record.valid and t.record.seat is not None]] = True
    return taken


def orders(made: House) -> dict[object, list[int]]:
    seats: dict[object, list[int]] = defaultdict(list)
    for ticket in made.tickets:
        if ticket.record.seat is not None:
            seats[ticket.record.sale].append(ticket.record.seat)
    return seats


@pytest.mark.parametrize("number", ALL)
def test_a_place_is_sold_held_or_blocked_once(number: int) -> None:
    showing, made = evening().showings[number], house(number)
    seats = [t.record.seat for t in made.tickets if t.record.valid and t.record.seat is not None]
    seats += [*made.held, *made.blocked]
    assert len(seats) == len(set(seats))
    assert len({t.record.ticket for t in made.tickets}) == len(made.tickets)
    for index, area in enumerate(showing.room.plan.areas):
        assert sum(t.record.area == index for t in made.tickets) <= area.capacity


@pytest.mark.parametrize("number", ALL)
def test_a_house_is_as_full_as_it_was_meant_to_be(number: int) -> None:
    showing = evening().showings[number]
    if showing.performance.status is PerformanceStatus.CANCELLED:
        assert not house(number).tickets
    else:
        share = len(house(number).tickets) / showing.room.plan.capacity
        assert share == pytest.approx(showing.share, abs=0.02)


def test_the_sold_out_house_has_no_seat_left() -> None:
    full = next(number for number in ALL if evening().showings[number].share == 1.0)
    assert sold(full).all()


def test_parties_sit_side_by_side() -> None:
    plan = evening().showings[tonight()].room.plan
    for seats in orders(house(tonight())).values():
        assert all(plan.right[a] == b for a, b in pairwise(sorted(seats)))


def test_few_single_seats_are_left_over() -> None:
    plan = evening().showings[tonight()].room.plan
    free = ~sold(tonight())
    free[[*house(tonight()).held, *house(tonight()).blocked]] = False
    alone = [
        seat
        for seat in np.flatnonzero(free).tolist()
        if not any(other >= 0 and free[other] for other in (plan.left[seat], plan.right[seat]))
    ]
    assert len(alone) < 0.07 * free.sum()


def test_the_best_seats_go_first() -> None:
    plan, taken = evening().showings[tonight()].room.plan, sold(tonight())
    share = {name: taken[plan.category == i].mean() for i, name in enumerate(plan.categories)}
    assert share["Premium"] > 0.75 > share["Band D"] + 0.2


def test_sales_begin_weeks_before_and_end_now() -> None:
    times = [ticket.sold_at for ticket in house(tonight()).tickets]
    assert max(times) <= NOW
    assert NOW - min(times) > timedelta(days=40)
    assert len({at.date() for at in times}) > 30
    hours = Counter(ticket.sold_at.astimezone(TIMEZONE).hour for ticket in house(tonight()).tickets)
    assert sum(hours[hour] for hour in range(7)) < 0.05 * len(times)


def test_two_thirds_buy_on_the_web_and_some_of_them_collect() -> None:
    tickets = [t.record for number in ALL for t in house(number).tickets]
    web = [record for record in tickets if record.channel == "web"]
    assert len(web) / len(tickets) == pytest.approx(0.65, abs=0.05)
    assert all(record.holder for record in web)
    assert not any(record.will_call for record in tickets if record.channel == "counter")
    tonights = [t.record for t in house(tonight()).tickets if t.record.channel == "web"]
    assert 0.02 < mean(record.will_call for record in tonights) < 0.12


def test_tickets_cost_what_the_price_list_says() -> None:
    for number in ALL:
        price_list = evening().showings[number].room.price_list
        for ticket in house(number).tickets:
            record = ticket.record
            assert record.gross_minor == price_list.price(record.category, record.price_type).minor


def test_children_do_not_come_alone() -> None:
    for number in ALL:
        by_order: dict[object, set[str]] = defaultdict(set)
        for ticket in house(number).tickets:
            by_order[ticket.record.sale].add(ticket.record.price_type)
        assert {"C"} not in by_order.values()


def arrived(showing: Showing, made: House) -> list[float]:
    """Minutes before the start."""
    scans = arrivals(showing, made.tickets, NOW, Random(1))
    return [(showing.performance.starts_at - scan.scanned_at).total_seconds() / 60 for scan in scans]


def test_most_come_in_the_last_half_hour() -> None:
    past = [n for n in ALL if evening().showings[n].performance.ends_at < NOW and n in theatres()]
    minutes = [m for n in past for m in arrived(evening().showings[n], house(n))]
    assert len(minutes) > 3000
    assert 0.58 <= mean(0 <= before <= 30 for before in minutes) <= 0.72
    assert 0 < mean(before < 0 for before in minutes) < 0.06


def theatres() -> set[int]:
    return {n for n in ALL if evening().showings[n].performance.hall == "Main House"}


def test_they_come_by_three_gates_and_not_all_of_them() -> None:
    number = next(n for n in sorted(theatres()) if evening().showings[n].performance.ends_at < NOW)
    showing, made = evening().showings[number], house(number)
    scans = arrivals(showing, made.tickets, NOW, Random(1))
    assert set(Counter(scan.gate for scan in scans)) == {"A", "B", "C"}
    assert 0.9 < len(scans) / len(made.tickets) < 0.98
    assert all(scan.scanned_at >= showing.performance.doors_at for scan in scans)


def test_nobody_is_in_before_the_doors_open() -> None:
    for number in ALL:
        showing = evening().showings[number]
        if showing.performance.doors_at > NOW:
            assert not arrivals(showing, house(number).tickets, NOW, Random(1))


def test_the_same_dice_give_the_same_house() -> None:
    showing = evening().showings[tonight()]
    assert sell(showing, NOW, Random(7)) == sell(showing, NOW, Random(7)) != sell(showing, NOW, Random(8))


def test_an_auditorium_fills_to_the_last_ordinary_seat() -> None:
    plan = main_house()
    auditorium = Auditorium(plan, Random(3))
    seats = [seat for party in auditorium.parties(10_000) for seat in party.seats]
    assert len(seats) == len(set(seats))
    assert sorted(seats) == np.flatnonzero((plan.kind == 0) | (plan.kind == 3)).tolist()


def test_names_are_from_everywhere_and_mail_addresses_stay_plain() -> None:
    customers = Customers(Random(5))
    names = [customers.name() for _ in range(2000)]
    assert len(set(names)) > 600
    assert any(not name.isascii() for name in names)
    assert max(map(len, names)) > 40
    for name in names:
        address = customers.email(name)
        assert address.isascii()
        assert address.partition("@")[2] in ("example.org", "example.com", "example.net")
        assert not address.startswith((".", "@"))
