"""Several nodes serve one list: each is a database pool and a picture of the house of its own."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from boxoffice.domain.ids import PerformanceId, uuid7
from central.bookings.houses import Houses
from central.bookings.rules import BookingRules
from central.catalogue.programme import Programme
from central.database import Database
from central.problems import Declined
from central.tills.hints import Hints
from central.waiting.offering import MOST_AT_ONCE, WaitingList
from central.waiting.turns import SomebodyWaits
from tests.central.bookings.test_bookings import book
from tests.central.people import customer
from tests.central.waiting.waiters import wait
from tests.support.central import NOW, SEATS, TOMORROW, RunningCentral

_TAKEN = 3


class Careless(WaitingList):
    """Looks, and offers what it saw without asking again: as if it were the only one."""

    arrived: asyncio.Barrier

    async def _alone(self, connection: asyncpg.Connection, performance: PerformanceId) -> None:
        pass

    async def _still_waits(self, connection: asyncpg.Connection, entry: Mapping[str, Any]) -> bool:
        await self.arrived.wait()
        return True


@dataclass
class House:
    """Sold out at first."""

    pool: asyncpg.Pool
    nodes: Sequence[WaitingList]

    async def free(self, *seats: int) -> None:
        entry = {"seats": [{"seat": seat, "status": 0} for seat in seats]}
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "update seat set status = 0 where performance = $1 and seat = any($2)", TOMORROW, seats
            )
            await connection.execute("select append_feed($1, $2, $3)", TOMORROW, json.dumps(entry), len(seats))

    async def joined(self, count: int) -> UUID:
        account, entry = uuid7(NOW, secrets.randbits), uuid7(NOW, secrets.randbits)
        await self.pool.execute(
            "insert into account (id, email, name, password_hash, role, created_at)"
            " values ($1, $2, 'Ada Byron', '', 'customer', $3)",
            *(account, f"{account}@example.org", NOW),
        )
        await self.pool.execute(
            "insert into waiting_entry (id, account, performance, count, joined_at) values ($1, $2, $3, $4, $5)",
            *(entry, account, TOMORROW, count, NOW),
        )
        return entry

    async def served_by_all(self) -> None:
        await asyncio.gather(*(node.first(TOMORROW) for node in self.nodes for _ in range(2)))

    async def faults(self) -> list[str]:
        """Seats and people that were offered, or offered to, twice."""
        seats = await self.pool.fetch(
            "select seat from hold, unnest(seats) as seat where state = 'open' group by seat having count(*) > 1"
        )
        people = await self.pool.fetch(
            "select account from hold where state = 'open' group by account having count(*) > 1"
        )
        return [f"seat {row['seat']}" for row in seats] + [f"account {row['account']}" for row in people]

    async def offered(self) -> list[UUID]:
        rows = await self.pool.fetch("select id from waiting_entry where state = 'offered' order by ordinal")
        return [row["id"] for row in rows]


@asynccontextmanager
async def house(url: str, kind: type[WaitingList] = WaitingList, nodes: int = 3) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        databases = [await stack.enter_async_context(Database.open(url, 4)) for _ in range(nodes)]
        pool = databases[0].pool
        await pool.execute(
            "insert into seat (performance, seat, status, epoch) select $1, s, $2, 1 from generate_series(0, $3) as s",
            *(TOMORROW, _TAKEN, SEATS - 1),
        )
        await pool.execute("update area_count set free = 0, sold = capacity where performance = $1", TOMORROW)
        await pool.execute("update feed_head set free_seats = 0 where performance = $1", TOMORROW)
        yield House(pool, [_node(database, kind) for database in databases])


def _node(database: Database, kind: type[WaitingList]) -> WaitingList:
    rules = BookingRules(offer_for=timedelta(hours=4))
    return kind(database, Houses(Programme(database)), rules, Hints(), lambda: NOW)


def test_three_nodes_at_once_offer_every_seat_once_and_in_order(database: str) -> None:
    async def go() -> None:
        async with house(database) as given:
            waiting = [await given.joined(2) for _ in range(12)]
            await given.served_by_all()  # everybody has seen the full house
            for seats in ((40, 41), (20, 21, 22, 23), (60, 61, 62, 63, 64, 65, 66, 67, 68, 69)):
                await asyncio.gather(given.free(*seats), given.served_by_all())
            await given.served_by_all()
            assert await given.faults() == []
            assert await given.offered() == waiting[:8]
            assert await given.pool.fetchval("select count(*) from message where kind = 'waiting_offer'") == 8
            assert await given.pool.fetchval("select free_seats from feed_head where performance = $1", TOMORROW) == 0

    asyncio.run(go())


def test_nodes_that_do_not_mind_each_other_are_found_out(database: str) -> None:
    async def go() -> None:
        async with house(database, Careless, nodes=2) as given:
            await given.joined(2)
            await given.free(60, 61)
            Careless.arrived = asyncio.Barrier(2)
            first = asyncio.create_task(_once(given.nodes[0]))
            while not Careless.arrived.n_waiting:
                await asyncio.sleep(0.01)
            await given.free(40, 41)  # better ones: the other node chooses these
            await asyncio.gather(first, _once(given.nodes[1]))
            assert [fault.split()[0] for fault in await given.faults()] == ["account"]

    async def _once(node: WaitingList) -> None:
        await node._database.write(lambda connection: node.offer(connection, TOMORROW))

    asyncio.run(go())


@pytest.mark.parametrize(
    ("wishes", "free", "offered"),
    [
        ((2, 2), (40, 41), [0]),
        ((4, 2, 1), (40, 41), [1]),
        ((4, 2, 1), (40, 41, 60), [1, 2]),
        ((4, 2, 1), (40, 41, 42, 43), [0]),
        ((1, 1, 1), (40, 60), [0, 1]),
        ((3, 3, 2), (40, 41), [2]),
        ((3, 3), (40, 41), []),
    ],
)
def test_who_is_first_of_those_whom_it_fits_is_offered(
    database: str, wishes: Sequence[int], free: Sequence[int], offered: Sequence[int]
) -> None:
    async def go() -> None:
        async with house(database, nodes=1) as given:
            waiting = [await given.joined(count) for count in wishes]
            await given.free(*free)
            await given.served_by_all()
            assert await given.offered() == [waiting[i] for i in offered]

    asyncio.run(go())


def test_a_list_that_nothing_fits_is_not_gone_through_again_until_something_has_changed(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[PerformanceId] = []
    offer = WaitingList.offer

    async def counted(self: WaitingList, connection: asyncpg.Connection, performance: PerformanceId) -> Any:
        looked.append(performance)
        return await offer(self, connection, performance)

    async def go() -> None:
        async with house(database, nodes=1) as given:
            await given.joined(2)
            steps: list[Callable[[], Any]] = [
                lambda: given.joined(2),
                lambda: given.free(40),
                lambda: given.pool.execute("update server set catalogue_version = catalogue_version + 1"),
            ]
            for number, step in enumerate(steps):
                for _ in range(3):
                    await given.nodes[0].turn()
                assert len(looked) == number + 1
                await step()

    monkeypatch.setattr(WaitingList, "offer", counted)
    asyncio.run(go())


def test_a_request_serves_a_few_and_is_told_to_come_again_until_all_are_served(database: str) -> None:
    count = 2 * MOST_AT_ONCE + 3

    async def go() -> None:
        taken: list[bool] = []

        async def take(is_turn: bool) -> None:
            if not is_turn:
                raise SomebodyWaits
            taken.append(is_turn)

        async with house(database, nodes=2) as given:
            waiting = [await given.joined(1) for _ in range(count)]
            await given.free(*range(40, 40 + count + 1))
            for served in (MOST_AT_ONCE, 2 * MOST_AT_ONCE):
                with pytest.raises(Declined) as declined:
                    await given.nodes[0].behind(TOMORROW, take)
                assert (declined.value.code, declined.value.headers) == ("waiting_list_first", {"Retry-After": "1"})
                assert await given.offered() == waiting[:served]
                assert taken == []
            await given.nodes[1].behind(TOMORROW, take)
            assert await given.offered() == waiting
            assert taken == [True]

    asyncio.run(go())


def test_a_turn_serves_a_long_list_to_its_end(database: str) -> None:
    async def go() -> None:
        async with house(database, nodes=1) as given:
            waiting = [await given.joined(1) for _ in range(MOST_AT_ONCE + 3)]
            await given.free(*range(40, 40 + MOST_AT_ONCE + 3))
            await given.nodes[0].turn()
            assert await given.offered() == waiting

    asyncio.run(go())


def test_where_nobody_waits_the_list_is_not_asked(central: RunningCentral, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[PerformanceId] = []
    first = WaitingList.first

    async def counted(self: WaitingList, performance: PerformanceId) -> None:
        asked.append(performance)
        await first(self, performance)

    monkeypatch.setattr(WaitingList, "first", counted)
    ada, clerk = customer(central), central.till()

    def take(seat: int) -> None:
        hold = {"eventId": str(TOMORROW), "seats": [seat]}
        ada.client.post("/api/holds", json=hold).raise_for_status()
        book(ada, eventId=str(TOMORROW), seats=[seat + 1]).raise_for_status()
        assert clerk.lease([seat + 2], performance=TOMORROW).seats

    take(0)  # with the only place for a wheelchair
    assert asked == []
    wait(customer(central), 1, "wheelchair")
    asked.clear()
    take(30)
    assert asked == [TOMORROW] * 3
