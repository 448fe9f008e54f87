"""What central says of a house: a snapshot, and the numbered entries after it."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from functools import partial
from http import HTTPStatus
from itertools import groupby
from typing import NamedTuple

import asyncpg
import numpy as np

from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.protocol import AreaCount, FeedEntry, FeedPage, SeatStatus, Snapshot
from central.database import Database
from central.packed import Packed
from central.problems import Declined
from central.tills.reclaiming import reclaimed_from_row
from central.tills.scans import counting_scan, scan_from_row

TICKET_COLUMNS = """
    t.id as ticket, t.sale, t.seat, t.area, t.generation, t.valid, t.price_type, t.price_type_name, t.category,
    t.gross_minor, s.order_code, s.holder, t.will_call, s.channel
"""
_MOST_KEPT = 64
_ENTRIES_KEPT = 5000
COMPACT_EVERY_S = 3600
SCAN_COLUMNS = "s.id, s.ticket, s.gate, s.direction, s.admitted, s.scanned_at, s.staff_name"


def unknown_performance(performance: int) -> Declined:
    return Declined(
        HTTPStatus.NOT_FOUND,
        "unknown_performance",
        f"There is no performance {performance}.",
        "Pull the catalogue again.",
    )


async def snapshot(connection: asyncpg.Connection, performance: PerformanceId) -> tuple[Version, bytes]:
    """A `Snapshot` as JSON, and what it is of. In a REPEATABLE READ transaction.

    The tickets, thousands of them, go from the database to the wire as they are. Raises Declined when unknown.
    """
    version = await _version(connection, performance)
    seat_count = await connection.fetchval(
        "select seat_count from plan join performance p on p.plan_id = plan.id where p.id = $1", performance
    )
    statuses = np.zeros(seat_count, np.uint8)
    touched = await connection.fetch(
        "select seat, status from seat where performance = $1 and status <> 0", performance
    )
    statuses[[row["seat"] for row in touched]] = [row["status"] for row in touched]
    areas = await connection.fetch(
        "select area, free, sold from area_count where performance = $1 order by area", performance
    )
    recalled = await connection.fetch(
        "select seat from seat where performance = $1 and status = $2 and recalled = epoch order by seat",
        *(performance, SeatStatus.LEASED),
    )
    reclaimed = await connection.fetch(
        "select r.till, e.* from reclaimed e join reclaim r on r.id = e.reclaim where e.performance = $1 order by r.id",
        performance,
    )
    tickets: str = await connection.fetchval(
        f"select coalesce(json_agg(json_strip_nulls(row_to_json(r)) order by r.ticket), '[]')::text from"
        f" (select {TICKET_COLUMNS} from ticket t join sale s on s.id = t.sale where t.performance = $1) r",
        performance,
    )
    scans = await connection.fetch(
        f"select {SCAN_COLUMNS} from scan s where s.performance = $1 order by s.ticket, s.scanned_at, s.id", performance
    )
    counting = (
        counting_scan(scan_from_row(row) for row in rows) for _, rows in groupby(scans, key=lambda row: row["ticket"])
    )
    rest = Snapshot(
        performance=performance,
        server_epoch=version.epoch,
        head=version.head,
        statuses=statuses.tobytes(),
        areas=tuple(AreaCount(**row) for row in areas),
        tickets=(),
        scans=tuple(scan for scan in counting if scan is not None),
        recall=tuple(row["seat"] for row in recalled),
        reclaimed=tuple(map(reclaimed_from_row, reclaimed)),
    ).model_dump_json(exclude={"tickets"})
    return version, f'{rest.removesuffix("}")},"tickets":{tickets}}}'.encode()


class Version(NamedTuple):
    epoch: int
    head: int


async def _version(connection: asyncpg.Connection, performance: PerformanceId) -> Version:
    """Raises Declined for an unknown performance."""
    row = await connection.fetchrow(
        "select (select epoch from server), head from feed_head where performance = $1", performance
    )
    if row is None:
        raise unknown_performance(performance)
    return Version(*row)


class Snapshots:
    """The latest snapshot of each performance, made once for all tills that open in the morning."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[PerformanceId, tuple[Version, Packed]] = OrderedDict()
        self._making: dict[PerformanceId, asyncio.Lock] = {}

    async def get(self, performance: PerformanceId) -> Packed:
        """Raises Declined for an unknown performance."""
        async with self._database.pool.acquire() as connection:
            now = await _version(connection, performance)
        async with self._making.setdefault(performance, asyncio.Lock()):
            kept = self._kept.get(performance)
            if kept is None or kept[0] < now:  # a newer one than asked for is as good
                version, body = await self._database.read(lambda connection: snapshot(connection, performance))
                kept = version, await Packed.of(body)
                self._kept[performance] = kept
                while len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(performance)
        return kept[1]


async def feed_page(connection: asyncpg.Connection, performance: PerformanceId, after: int, limit: int) -> FeedPage:
    """Raises Declined: 404 for an unknown performance, 410 `resync` when the cursor leads nowhere."""
    house = await connection.fetchrow(
        "select head, compacted_to, (select epoch from server) as epoch from feed_head where performance = $1",
        performance,
    )
    if house is None:
        raise unknown_performance(performance)
    if not house["compacted_to"] <= after <= house["head"]:
        raise Declined(
            HTTPStatus.GONE, "resync", "The feed does not go on from there.", "Pull a snapshot.", field="after"
        )
    rows = await connection.fetch(
        "select number, entry from feed where performance = $1 and number > $2 and number <= $3 order by number",
        *(performance, after, min(after + limit, house["head"])),
    )
    return FeedPage(
        performance=performance,
        server_epoch=house["epoch"],
        entries=tuple(FeedEntry(number=row["number"], **json.loads(row["entry"])) for row in rows),
        head=house["head"],
    )


async def compact(database: Database, keep: int = _ENTRIES_KEPT) -> int:
    """Drop all but the last `keep` entries of each feed: a till that was away longer resyncs. How many went."""
    gone = 0
    for row in await database.pool.fetch("select performance from feed_head where head - $1 > compacted_to", keep):
        gone += await database.write(partial(_compact, performance=row["performance"], keep=keep))
    return gone


async def _compact(connection: asyncpg.Connection, performance: PerformanceId, keep: int) -> int:
    upto = await connection.fetchval(
        "update feed_head set compacted_to = head - $2 where performance = $1 returning compacted_to", performance, keep
    )
    gone = await connection.fetch(
        "delete from feed where performance = $1 and number <= $2 returning number", performance, upto
    )
    return len(gone)
