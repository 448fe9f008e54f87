"""What is free in each section agrees with the seats, whoever moved them."""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import asyncpg
import pytest

from boxoffice.domain.facts import SeatEpoch
from boxoffice.domain.plan import plan_to_json
from boxoffice.domain.protocol import LeaseGrant, SeatStatus
from central.seeding import set_aside
from tests.central.people import Person, customer
from tests.support.central import NOW, SEATS, TOMORROW, TONIGHT, Clerk, RunningCentral, plan, run

_COUNTED_ANEW = """
    select p.id as performance, place.section, place.category, count(*)::int as capacity,
        (count(*) filter (where coalesce(s.status, 0) = 0))::int as free
    from performance p join plan_place place on place.plan = p.plan_id
    left join seat s on s.performance = p.id and s.seat = place.seat
    group by 1, 2, 3 order by 1, 2, 3
"""


def _agree(central: RunningCentral) -> bool:
    kept = central.fetch("select * from section_count order by performance, section, category")
    free = central.fetch("select sum(free)::int as free from section_count group by performance order by performance")
    heads = central.fetch("select free_seats as free from feed_head order by performance")
    return kept == central.fetch(_COUNTED_ANEW) and free == heads


class _Evening:
    """Two tills and a customer who do what comes into their heads."""

    def __init__(self, central: RunningCentral, seed: int) -> None:
        self.central, self.random = central, random.Random(seed)
        self.tills = [central.till(), central.till()]
        self.buyer: Person = customer(central)
        self.leased: list[tuple[Clerk, SeatEpoch]] = []
        self.sold: list[tuple[Clerk, object]] = []
        self.holds: list[str] = []

    def step(self) -> None:
        moves = [self.lease, self.sell, self.give_back, self.refund, self.hold, self.release, self.expire, self.fold]
        self.random.choice(moves)()

    def fold(self) -> None:
        self.central.fetch("select fold_sections($1)", self.random.randint(1, 5))

    def lease(self) -> None:
        till = self.random.choice(self.tills)
        grant: LeaseGrant = till.lease(self.random.sample(range(SEATS), self.random.randint(1, 8)))
        self.leased += [(till, seat) for seat in grant.seats]

    def sell(self) -> None:
        if self.leased:
            till, seat = self.leased.pop(self.random.randrange(len(self.leased)))
            self.sold.append((till, till.sell([seat])))
            till.push()

    def give_back(self) -> None:
        if self.leased:
            till, seat = self.leased.pop(self.random.randrange(len(self.leased)))
            till.give_back([seat])
            till.push()

    def refund(self) -> None:
        if self.sold:
            till, sale = self.sold.pop(self.random.randrange(len(self.sold)))
            till.refund(sale)  # type: ignore[arg-type]
            till.push()

    def hold(self) -> None:
        wanted = {"eventId": str(TONIGHT), "seats": self.random.sample(range(SEATS), self.random.randint(1, 4))}
        reply = self.buyer.client.post("/api/holds", json=wanted)
        assert reply.status_code in (201, 409), reply.text
        if reply.status_code == 201:
            self.holds.append(reply.json()["holdId"])

    def release(self) -> None:
        if self.holds:
            self.buyer.client.delete(f"/api/holds/{self.holds.pop()}")

    def expire(self) -> None:
        self.central.fetch("select * from expire_holds($1, 100)", NOW + timedelta(hours=1))
        self.holds.clear()


@pytest.mark.parametrize("seed", range(2))
def test_they_agree_after_whatever_happens(central: RunningCentral, seed: int) -> None:
    evening = _Evening(central, seed)
    for number in range(30):
        evening.step()
        assert _agree(central), f"after step {number}"


def test_the_same_evening_without_the_counting_does_not_agree(house: RunningCentral) -> None:
    house.fetch("drop trigger seats_changed on seat")
    evening = _Evening(house, 0)
    for _ in range(40):
        evening.step()
    assert not _agree(house)


def test_tills_at_once_in_every_section_neither_deadlock_nor_miscount(house: RunningCentral) -> None:
    tills = [house.till() for _ in range(6)]

    def work(number: int) -> None:
        chance = random.Random(number)
        for _ in range(12):
            performance = chance.choice([TONIGHT, TOMORROW])
            seats = chance.sample(range(SEATS), 6)
            grant = tills[number].lease(seats, performance=performance)
            if grant.seats:
                tills[number].give_back(grant.seats, performance=performance)
                tills[number].push(tills[number].facts[-1:])

    with ThreadPoolExecutor(len(tills)) as pool:
        list(pool.map(work, range(len(tills))))
    assert _agree(house)
    assert house.value("select deadlocks from pg_stat_database where datname = current_database()") == 0


def test_seeding_and_another_plan_count_as_well(house: RunningCentral) -> None:
    run(house.database, lambda connection: set_aside(connection, TONIGHT, range(48, 53), SeatStatus.BLOCKED))
    assert _agree(house)
    body = plan_to_json(plan())
    for row in body["sections"][0]["rows"]:
        row["category"] = [1] * len(row["category"])

    async def recategorise(connection: asyncpg.Connection) -> None:
        await connection.execute("update plan set version = 2, body = $1", json.dumps(body))

    run(house.database, recategorise)
    assert _agree(house)
    counted = house.fetch(
        "select section, category, free from section_count where performance = $1 order by 1", TONIGHT
    )
    assert [tuple(row.values()) for row in counted] == [(0, 1, 48), (1, 1, 47)]
    house.fetch("truncate seat cascade")
    house.fetch("update feed_head set free_seats = $1", SEATS)
    assert _agree(house)


def test_a_seat_row_that_goes_is_free_again(house: RunningCentral) -> None:
    house.till().lease([3, 4])
    house.fetch("delete from seat where seat = 3")
    assert house.value("select free from section_count where performance = $1 and section = 0", TONIGHT) == 49
