"""Leases: each place to one till, the same answer to the same request, and allotments in good runs."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import asyncpg
import pytest

from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.protocol import SeatStatus
from tests.support.central import FLOOR, FLOOR_PLACES, SEATS, TOMORROW, TONIGHT, RunningCentral, plan, problem_of


def test_two_tills_and_fifty_threads_get_each_seat_once(central: RunningCentral) -> None:
    tills = [central.till(), central.till()]
    wanted = list(range(40))

    def grab(n: int) -> list[int]:
        order = wanted if n % 3 else wanted[::-1]  # asked for in any order: no deadlock
        return [seat.seat for seat in tills[n % 2].lease(order[n % 7 :: 2]).seats]

    with ThreadPoolExecutor(50) as threads:
        granted = [seat for seats in threads.map(grab, range(50)) for seat in seats]
    assert max(Counter(granted).values()) == 1
    assert set(granted) == set(wanted)
    assert central.value("select count(*) from seat where status = 2") == len(wanted)
    assert tills[0].feed().head == tills[0].snapshot().head == central.value("select count(*) from feed")


def test_without_the_lock_the_same_race_gives_a_seat_twice(central: RunningCentral) -> None:
    """The twin: look first, write after, as `lease_places` must not."""

    async def grab(connection: asyncpg.Connection, barrier: asyncio.Barrier) -> bool:
        async with connection.transaction():
            status = await connection.fetchval("select status from seat where performance = $1 and seat = 5", TONIGHT)
            await barrier.wait()
            if status != SeatStatus.FREE:
                return False
            await connection.execute("update seat set status = 2, epoch = epoch + 1 where seat = 5")
            return True

    async def race() -> list[bool]:
        connections = [await asyncpg.connect(central.database) for _ in range(2)]
        await connections[0].execute("insert into seat (performance, seat) values ($1, 5)", TONIGHT)
        barrier = asyncio.Barrier(2)
        got = await asyncio.gather(*(grab(connection, barrier) for connection in connections))
        for connection in connections:
            await connection.close()
        return got

    assert asyncio.run(race()) == [True, True]


def test_the_same_request_gets_the_same_grant_however_often(central: RunningCentral) -> None:
    till, request = central.till(), uuid4()
    with ThreadPoolExecutor(8) as threads:
        grants = list(threads.map(lambda _: till.lease([1, 2, 3], places=4, request=request), range(16)))
    assert all(grant == grants[0] for grant in grants)
    assert [seat.seat for seat in grants[0].seats] == [1, 2, 3]
    assert central.value("select units from area_lease") == 4
    assert till.feed().head == 1
    other = central.till()
    stolen = other.client.post(
        "/api/tills/leases",
        json={"request": str(request), "performance": TONIGHT, "kind": "basket", "seats": [1]},
    )
    assert (stolen.status_code, problem_of(stolen)["code"]) == (409, "request_of_another")


def test_what_somebody_else_has_is_named_and_the_rest_is_granted(central: RunningCentral) -> None:
    first, second = central.till(), central.till()
    first.lease([4, 5])
    grant = second.lease([6, 5, 4, 7, 7])
    assert [seat.seat for seat in grant.seats] == [6, 7]
    assert grant.taken == (4, 5)


def test_an_epoch_rises_with_every_grant(central: RunningCentral) -> None:
    till = central.till()
    epochs = []
    for _ in range(3):
        [seat] = till.lease([9]).seats
        epochs.append(seat.epoch)
        till.give_back([seat])
        till.push()
    assert epochs == [1, 2, 3]


def test_places_of_an_area_are_never_leased_beyond_its_capacity(central: RunningCentral) -> None:
    tills = [central.till(), central.till()]
    with ThreadPoolExecutor(20) as threads:
        grants = list(threads.map(lambda n: tills[n % 2].lease(places=7), range(20)))
    units = sum(area.units for grant in grants for area in grant.areas)
    assert units == FLOOR_PLACES
    assert tills[0].snapshot().areas[0].free == 0
    assert tills[0].lease(places=1).areas == ()


def test_an_allotment_is_runs_of_neighbours_of_both_categories_without_the_bays(central: RunningCentral) -> None:
    grant = central.till().lease(best=20)
    seats = [seat.seat for seat in grant.seats]
    assert len(seats) == 20
    assert not {0, 1} & set(seats)
    house = plan()
    chosen = set(seats)
    assert all(int(house.left[seat]) in chosen or int(house.right[seat]) in chosen for seat in seats)
    assert Counter(int(house.category[seat]) for seat in seats) == {0: 10, 1: 10}


def test_two_allotments_at_once_do_not_fight_for_the_same_seats(central: RunningCentral) -> None:
    tills = [central.till() for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        grants = list(threads.map(lambda till: till.lease(best=24), tills))
    assert [len(grant.seats) for grant in grants] == [24, 24, 24]
    assert all(grant.taken == () for grant in grants)
    request = uuid4()
    assert tills[0].lease(best=6, request=request) == tills[0].lease(best=6, request=request)


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"performance": 4242}, 404, "unknown_performance", ""),
        ({"performance": -1}, 404, "unknown_performance", ""),
        ({"performance": 1 << 40}, 422, "malformed", ""),
        ({"seats": [SEATS]}, 422, "malformed", "seats"),
        ({"seats": [-1]}, 422, "malformed", "seats.0"),
        ({"seats": list(range(3000))}, 422, "malformed", "seats"),
        ({"seats": []}, 422, "malformed", "seats"),
        ({"seats": [], "best": 10_000}, 422, "malformed", "best"),
        ({"areas": [{"area": 9, "units": 1}]}, 422, "malformed", "areas"),
        ({"areas": [{"area": 0, "units": -1}]}, 422, "malformed", "areas.0.units"),
        ({"areas": [{"area": 1 << 40, "units": 1}]}, 422, "malformed", ""),
        ({"request": "7"}, 422, "malformed", "request"),
        ({"kind": "gift"}, 422, "malformed", "kind"),
    ],
)
def test_a_malformed_request_names_its_field_and_leases_nothing(
    central: RunningCentral, changes: dict[str, object], status: int, code: str, field: str
) -> None:
    till = central.till()
    body = {"request": str(uuid4()), "performance": TONIGHT, "kind": "basket", "seats": [1], **changes}
    reply = till.client.post("/api/tills/leases", json=body)
    assert (reply.status_code, problem_of(reply)["code"], problem_of(reply)["field"]) == (status, code, field)
    assert central.value("select count(*) from seat where status <> 0") == 0
    assert central.value("select count(*) from lease_request") == 0


def test_a_closed_performance_leases_nothing(central: RunningCentral) -> None:
    till = central.till()
    central.fetch("update performance set status = 'cancelled' where id = $1", TOMORROW)
    body = {"request": str(uuid4()), "performance": TOMORROW, "kind": "basket", "seats": [1]}
    reply = till.client.post("/api/tills/leases", json=body)
    assert (reply.status_code, problem_of(reply)["code"]) == (409, "not_on_sale")


def test_leases_of_one_performance_do_not_touch_another(central: RunningCentral) -> None:
    till = central.till()
    till.lease([3], places=2, performance=TOMORROW)
    tonight, tomorrow = till.snapshot(TONIGHT), till.snapshot(TOMORROW)
    assert (tonight.statuses[3], tomorrow.statuses[3]) == (SeatStatus.FREE, SeatStatus.LEASED)
    assert [area.free for area in (*tonight.areas, *tomorrow.areas)] == [FLOOR_PLACES, FLOOR_PLACES - 2]
    assert tomorrow.areas[FLOOR].area == FLOOR
    assert till.client.get(f"/api/tills/performances/{PerformanceId(999)}/snapshot").status_code == 404
