"""The feed: numbered without gaps whoever writes, and a snapshot is what its entries add up to."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import asyncpg
import httpx
import numpy as np
import pytest

from boxoffice.domain.facts import SaleBody, SeatEpoch
from boxoffice.domain.ids import PerformanceId, TicketId
from boxoffice.domain.protocol import AreaCount, FeedEntry, Hint, ScanRecord, SeatStatus, Snapshot, TicketRecord
from central.database import Database
from central.tills.feeds import compact
from tests.support.central import (
    FLOOR,
    FLOOR_PLACES,
    NOW,
    SEATS,
    TOMORROW,
    TONIGHT,
    Clerk,
    RunningCentral,
    problem_of,
    running_central,
)


class Mirror:
    """What a till builds from the feed alone."""

    def __init__(self) -> None:
        self.head = 0
        self.statuses = np.zeros(SEATS, np.uint8)
        self.areas = {FLOOR: AreaCount(area=FLOOR, free=FLOOR_PLACES, sold=0)}
        self.tickets: dict[TicketId, TicketRecord] = {}
        self.scans: dict[TicketId, ScanRecord] = {}

    def apply(self, entry: FeedEntry) -> None:
        assert entry.number == self.head + 1, "a gap"
        self.head = entry.number
        for change in entry.seats:
            self.statuses[change.seat] = change.status
        self.areas.update({area.area: area for area in entry.areas})
        self.tickets.update({ticket.ticket: ticket for ticket in entry.tickets})
        self.scans.update({scan.ticket: scan for scan in entry.scans})

    def follow(self, till: Clerk) -> None:
        while (page := till.feed(self.head, limit=37)).entries:
            for entry in page.entries:
                self.apply(entry)
        assert self.head == page.head

    def assert_is(self, house: Snapshot) -> None:
        assert self.head == house.head
        assert self.statuses.tobytes() == house.statuses
        assert tuple(self.areas[key] for key in sorted(self.areas)) == house.areas
        assert tuple(self.tickets[key] for key in sorted(self.tickets)) == house.tickets
        assert self.scans == {scan.ticket: scan for scan in house.scans}


def _work_a_while(till: Clerk, seed: int, rounds: int) -> None:
    chance = random.Random(seed)
    sales: list[SaleBody] = []
    for _ in range(rounds):
        grant = till.lease([chance.randrange(SEATS) for _ in range(4)], places=chance.randrange(3))
        units = sum(area.units for area in grant.areas)
        if grant.seats or units:
            sales.append(till.sell(grant.seats[:2] if len(grant.seats) > 2 else grant.seats, places=units))
        if len(grant.seats) > 2:
            till.give_back(grant.seats[2:])
        if sales and chance.random() < 0.5:
            till.scan(chance.choice(chance.choice(sales).tickets).ticket)
        if sales and chance.random() < 0.4:
            till.refund(sales.pop(chance.randrange(len(sales))))
        if till.facts:
            till.push(till.facts[-20:])


def test_the_feed_has_no_gap_under_eight_writers_and_adds_up_to_the_snapshot(central: RunningCentral) -> None:
    tills = [central.till() for _ in range(8)]
    reader, mirror, done = central.till(), Mirror(), threading.Event()

    def follow() -> None:
        while not done.is_set():
            mirror.follow(reader)

    with ThreadPoolExecutor(9) as threads:
        following = threads.submit(follow)
        try:
            for work in [threads.submit(_work_a_while, till, seed, 8) for seed, till in enumerate(tills)]:
                work.result()
        finally:
            done.set()
        following.result()
    mirror.follow(reader)
    assert mirror.head >= 64
    mirror.assert_is(reader.snapshot())
    free = central.value("select free_seats from feed_head where performance = $1", TONIGHT)
    assert free == int((mirror.statuses == SeatStatus.FREE).sum())
    _assert_places_add_up(central)


def _assert_places_add_up(central: RunningCentral) -> None:
    adrift = central.value(
        "select count(*) from area_count c where free + sold + coalesce((select sum(units) from area_lease l"
        " where l.performance = c.performance and l.area = c.area), 0) <> capacity"
    )
    assert adrift == 0
    assert central.value("select coalesce(sum(minor), 0) from ledger_line") == 0


def test_paging_by_a_sequence_loses_rows_that_commit_late(central: RunningCentral) -> None:
    """The twin: numbers from a sequence are handed out before the commit, so a cursor passes over them."""

    async def race() -> tuple[int, int]:
        slow, quick, reader = [await asyncpg.connect(central.database) for _ in range(3)]
        try:
            await reader.execute("create temp table cursor_of_reader (at bigint)")
            await reader.execute("create table naive_feed (seq bigint generated always as identity)")
            late = slow.transaction()
            await late.start()
            await slow.execute("insert into naive_feed default values")
            await quick.execute("insert into naive_feed default values")
            first = await reader.fetch("select seq from naive_feed where seq > 0 order by seq")
            await late.commit()
            second = await reader.fetch("select seq from naive_feed where seq > $1", first[-1]["seq"])
            return len(first) + len(second), await reader.fetchval("select count(*) from naive_feed")
        finally:
            await reader.execute("drop table naive_feed")
            for connection in (slow, quick, reader):
                await connection.close()

    seen, written = asyncio.run(race())
    assert (seen, written) == (1, 2)


@pytest.mark.parametrize("seed", range(2))
def test_random_operations_leave_what_a_simple_model_says(central: RunningCentral, seed: int) -> None:
    """Two tills, one thread, any order of leasing, selling, refunding, giving back and scanning."""
    chance = random.Random(seed)
    tills = [central.till(), central.till()]
    statuses = [SeatStatus.FREE] * SEATS
    free, sold = FLOOR_PLACES, 0
    leased: dict[int, list[SeatEpoch]] = {0: [], 1: []}
    places = {0: 0, 1: 0}
    sales: dict[int, list[SaleBody]] = {0: [], 1: []}
    valid: dict[TicketId, bool] = {}
    inside: set[TicketId] = set()
    for _ in range(50):
        n = chance.randrange(2)
        till = tills[n]
        match chance.choice(("lease", "places", "sell", "sell", "return", "refund", "scan", "push")):
            case "lease":
                wanted = chance.sample(range(SEATS), 5)
                grant = till.lease(wanted)
                got = [seat.seat for seat in grant.seats]
                # what the other till returned or refunded and has not pushed is still taken
                assert set(got) <= {seat for seat in wanted if statuses[seat] is SeatStatus.FREE}
                for index in got:
                    statuses[index] = SeatStatus.LEASED
                leased[n] += grant.seats
            case "places":
                units = sum(area.units for area in till.lease(places=3).areas)
                free, places[n] = free - units, places[n] + units
            case "sell" if leased[n] or places[n]:
                seats = leased[n][:2]
                count = min(places[n], 1)
                sale = till.sell(seats, places=count)
                leased[n] = leased[n][2:]
                for line in sale.tickets:
                    valid[line.ticket] = True
                    if line.seat is not None:
                        statuses[line.seat] = SeatStatus.SOLD
                places[n], sold = places[n] - count, sold + count
                sales[n].append(sale)
                till.push(till.facts[-20:])
            case "return" if leased[n]:
                till.give_back(leased[n][:3], places=places[n])
                for seat in leased[n][:3]:
                    statuses[seat.seat] = SeatStatus.FREE
                leased[n] = leased[n][3:]
                free, places[n] = free + places[n], 0
                till.push(till.facts[-20:])
            case "refund" if sales[n]:
                sale = sales[n].pop(chance.randrange(len(sales[n])))
                till.refund(sale)
                for line in sale.tickets:
                    valid[line.ticket] = False
                    if line.seat is not None:
                        statuses[line.seat] = SeatStatus.FREE
                    else:
                        free, sold = free + 1, sold - 1
                till.push(till.facts[-20:])
            case "scan" if sales[n]:
                ticket = chance.choice(chance.choice(sales[n]).tickets).ticket
                till.scan(ticket)
                inside.add(ticket)
                till.push(till.facts[-20:])
            case _:
                if till.facts:
                    till.push(till.facts[-20:])
    house = tills[0].snapshot()
    assert list(house.statuses) == [int(status) for status in statuses]
    assert (house.areas[0].free, house.areas[0].sold) == (free, sold)
    assert {ticket.ticket: ticket.valid for ticket in house.tickets} == valid
    assert {scan.ticket for scan in house.scans} == inside
    mirror = Mirror()
    mirror.follow(tills[1])
    mirror.assert_is(house)
    _assert_places_add_up(central)


def test_a_cursor_beyond_the_head_or_compacted_away_has_to_resync(central: RunningCentral) -> None:
    till = central.till()
    for seat in range(4):
        till.lease([seat])
    path = f"/api/tills/performances/{TONIGHT}/feed"
    beyond = till.client.get(path, params={"after": 5})
    assert (beyond.status_code, problem_of(beyond)["code"]) == (410, "resync")
    assert till.feed(after=4).entries == ()
    central.fetch("update feed_head set compacted_to = 2 where performance = $1", TONIGHT)
    old = till.client.get(path, params={"after": 1})
    assert (old.status_code, problem_of(old)["code"]) == (410, "resync")
    assert [entry.number for entry in till.feed(after=2).entries] == [3, 4]
    for wrong in ({"after": -1}, {"after": "x"}, {}, {"after": 0, "limit": 0}, {"after": 1 << 70}):
        reply = till.client.get(path, params=wrong)
        assert (reply.status_code, problem_of(reply)["code"]) == (422, "malformed")
    assert till.client.get("/api/tills/performances/77/feed", params={"after": 0}).status_code == 404


def test_a_push_of_two_performances_moves_both_feeds_by_one(central: RunningCentral) -> None:
    till = central.till()
    for performance in (TONIGHT, TOMORROW):
        for seat in till.lease([1, 2], performance=performance).seats:
            till.sell([seat], performance=performance)
    till.push()
    assert [till.feed(performance=performance).head for performance in (TONIGHT, TOMORROW)] == [2, 2]
    [_, entry] = till.feed().entries
    assert [(change.seat, change.status) for change in entry.seats] == [(1, SeatStatus.SOLD), (2, SeatStatus.SOLD)]
    assert len(entry.tickets) == 2


def test_the_earliest_entry_counts_whatever_order_scans_arrive_in(central: RunningCentral) -> None:
    doors = [central.till(), central.till()]
    sale = doors[0].sell(doors[0].lease([1]).seats)
    ticket = sale.tickets[0].ticket
    doors[0].push()
    doors[1].scan(ticket, NOW + timedelta(minutes=5))
    doors[1].push()
    doors[0].scan(ticket, NOW + timedelta(minutes=1))
    doors[0].scan(ticket, NOW + timedelta(minutes=2), admitted=False)
    doors[0].push()
    [counting] = doors[0].snapshot().scans
    assert (counting.scanned_at, counting.staff_name) == (NOW + timedelta(minutes=1), "Mara Lindt")
    doors[1].scan(ticket, NOW + timedelta(minutes=6), direction="undo")
    doors[1].scan(ticket, NOW + timedelta(minutes=7))
    doors[1].push(doors[1].facts[-2:])
    [counting] = doors[0].snapshot().scans
    assert (counting.direction, counting.scanned_at) == ("entry", NOW + timedelta(minutes=7))
    assert central.value("select count(*) from scan") == 5


def test_a_scan_of_a_ticket_that_is_not_here_yet_is_kept(central: RunningCentral) -> None:
    door = central.till()
    door.scan(TicketId(7))
    door.scan(TicketId(8), performance=PerformanceId(31337))
    assert [result.outcome for result in door.push().results] == ["applied", "applied"]
    assert [scan.ticket for scan in door.snapshot().scans] == [TicketId(7)]


def _read_hints(till: Clerk, count: int, started: threading.Event) -> list[Hint]:
    hints: list[Hint] = []
    with till.client.stream("GET", "/api/tills/hints", timeout=20) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["x-box-office"] == "1"
        for line in stream.iter_lines():
            started.set()
            if line.startswith("data: "):
                hint = Hint.model_validate_json(line.removeprefix("data: "))
                hints += [hint] * bool(hint.performance)  # the catalogue's are of the pairing before
            if len(hints) == count:
                break
    return hints


def test_hints_tell_that_a_house_moved_on_here_and_on_another_node(central: RunningCentral) -> None:
    with running_central(central.database) as node, ThreadPoolExecutor(2) as threads:
        till = central.till()
        far = Clerk(node, till.number, till.credential, till.pair_reply)
        node.clerks.append(far)
        events = [threading.Event(), threading.Event()]
        reading = [
            threads.submit(_read_hints, clerk, 1, event) for clerk, event in zip((till, far), events, strict=True)
        ]
        assert all(event.wait(10) for event in events)
        _wait_for_listeners(central, 2)
        till.lease([1])
        assert [hints.result(15) for hints in reading] == [[Hint(performance=TONIGHT, head=1)]] * 2
        node.clerks.clear()
        far.client.close()


def _wait_for_listeners(central: RunningCentral, count: int) -> None:
    deadline = time.monotonic() + 10
    while central.value("select count(*) from pg_stat_activity where query ilike 'listen%'") < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_stream_of_a_stranger_is_refused(central: RunningCentral) -> None:
    assert httpx.get(f"{central.url}/api/tills/hints", verify=False).status_code == 401


def test_a_snapshot_is_the_same_packed_and_not_and_follows_every_change(central: RunningCentral) -> None:
    till = central.till()
    path = f"/api/tills/performances/{TONIGHT}/snapshot"
    for seat in till.lease([1, 2, 3]).seats:
        till.sell([seat])
        till.push(till.facts[-1:])
        packed = till.client.get(path)
        plain = till.client.get(path, headers={"Accept-Encoding": "identity"})
        assert packed.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert packed.content == plain.content
        assert Snapshot.model_validate_json(plain.content).statuses[seat.seat] == SeatStatus.SOLD


def test_a_compacted_feed_keeps_its_latest_entries_and_asks_others_to_resync(
    central: RunningCentral,
) -> None:
    till = central.till()
    for seat in range(6):
        till.lease([seat])
    till.lease([1], performance=TOMORROW)

    async def compact_it() -> int:
        async with Database.open(central.database, 2) as database:
            return await compact(database, keep=2)

    assert asyncio.run(compact_it()) == 4
    assert [entry.number for entry in till.feed(after=4).entries] == [5, 6]
    assert [entry.number for entry in till.feed(performance=TOMORROW).entries] == [1]
    old = till.client.get(f"/api/tills/performances/{TONIGHT}/feed", params={"after": 3})
    assert (old.status_code, problem_of(old)["code"]) == (410, "resync")
    till.lease([7])
    assert till.feed(after=4).head == till.snapshot().head == 7
    assert asyncio.run(compact_it()) == 1
