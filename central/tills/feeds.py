"""What central says of a house: a snapshot, and the numbered entries after it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from http import HTTPStatus
from itertools import groupby

import asyncpg
import numpy as np

from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.protocol import AreaCount, FeedEntry, FeedPage, Snapshot, TicketRecord
from central.problems import Declined
from central.tills.scans import counting_scan, scan_from_row

TICKET_COLUMNS = """
    t.id as ticket, t.sale, t.seat, t.area, t.generation, t.valid, t.price_type, t.price_type_name, t.category,
    t.gross_minor, s.order_code, s.holder, t.will_call, s.channel
"""
SCAN_COLUMNS = "s.id, s.ticket, s.gate, s.direction, s.admitted, s.scanned_at, s.staff_name"


def unknown_performance(performance: int) -> Declined:
    return Declined(
        HTTPStatus.NOT_FOUND,
        "unknown_performance",
        f"There is no performance {performance}.",
        "Pull the catalogue again.",
    )


async def snapshot(connection: asyncpg.Connection, performance: PerformanceId) -> Snapshot:
    """In a REPEATABLE READ transaction. Raises Declined for an unknown performance."""
    house = await connection.fetchrow(
        "select h.head, plan.seat_count, (select epoch from server) as epoch from feed_head h"
        " join performance p on p.id = h.performance join plan on plan.id = p.plan_id where h.performance = $1",
        performance,
    )
    if house is None:
        raise unknown_performance(performance)
    statuses = np.zeros(house["seat_count"], np.uint8)
    touched = await connection.fetch(
        "select seat, status from seat where performance = $1 and status <> 0", performance
    )
    statuses[[row["seat"] for row in touched]] = [row["status"] for row in touched]
    areas = await connection.fetch(
        "select area, free, sold from area_count where performance = $1 order by area", performance
    )
    tickets = await connection.fetch(
        f"select {TICKET_COLUMNS} from ticket t join sale s on s.id = t.sale where t.performance = $1 order by t.id",
        performance,
    )
    scans = await connection.fetch(
        f"select {SCAN_COLUMNS} from scan s where s.performance = $1 order by s.ticket, s.scanned_at, s.id", performance
    )
    counting = (
        counting_scan(scan_from_row(row) for row in rows) for _, rows in groupby(scans, key=lambda row: row["ticket"])
    )
    return Snapshot(
        performance=performance,
        server_epoch=house["epoch"],
        head=house["head"],
        statuses=statuses.tobytes(),
        areas=tuple(AreaCount(**row) for row in areas),
        tickets=tuple(ticket_records(tickets)),
        scans=tuple(scan for scan in counting if scan is not None),
    )


def ticket_records(rows: Iterable[asyncpg.Record]) -> Iterable[TicketRecord]:
    return (TicketRecord(**row) for row in rows)


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
