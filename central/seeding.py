"""Filling a central with what exists before it opens: an import of another system, or the demo.

`central.demo` provides `async def seed(connection: asyncpg.Connection, now: datetime) -> None`. `serve --demo` calls it
once, on a database whose catalogue is empty, inside one transaction. A seeder calls, in this order:

    await insert_catalogue(connection, catalogue)          venue, plan, production, price_list, staff, performance,
                                                           and an empty house each (area_count, feed_head)
    await insert_sales(connection, performance, records)   sale, ticket, and the sold seats and places of the house
    await set_aside(connection, performance, seats)        seats HELD or BLOCKED (seat)
    await insert_scans(connection, performance, scans)     scan: who came to a past performance

and never writes these tables itself: the counters (feed_head.free_seats, area_count.free and .sold) must agree with the
rows, and these functions keep them so. Everything goes in by COPY: 100,000 tickets take a few seconds.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from boxoffice.domain.catalogue import Catalogue, Performance
from boxoffice.domain.facts import canonical_json
from boxoffice.domain.ids import PerformanceId, uuid7
from boxoffice.domain.plan import plan_from_json
from boxoffice.domain.protocol import ScanRecord, SeatStatus, TicketRecord
from central.catalogue.opening import open_house
from central.tills.hints import CATALOGUE, notify_all


@dataclass(frozen=True, slots=True)
class SeededTicket:
    """`record.sale` groups tickets into sales; the first one's order code, holder and channel are the sale's."""

    record: TicketRecord
    sold_at: datetime
    email: str = ""


async def insert_catalogue(connection: asyncpg.Connection, catalogue: Catalogue) -> None:
    """Add the catalogue, or bring what is there by the same ids up to it. `catalogue.version` is not looked at.

    Houses of performances that exist already keep their seats. Tills hear of it by the raised version.
    """
    await connection.execute("update server set seller = $1", catalogue.seller.model_dump_json())
    await connection.executemany(
        "insert into venue (id, name, address, timezone, currency) values ($1, $2, $3, $4, $5) on conflict (id)"
        " do update set name = excluded.name, address = excluded.address, timezone = excluded.timezone,"
        " currency = excluded.currency",
        [(venue.id, venue.name, venue.address, venue.timezone, venue.currency) for venue in catalogue.venues],
    )
    plans = {plan.id: plan for plan in map(plan_from_json, catalogue.plans)}
    await connection.executemany(
        "insert into plan (id, version, name, seat_count, body) values ($1, $2, $3, $4, $5) on conflict (id) do update"
        " set version = excluded.version, name = excluded.name, body = excluded.body where plan.seat_count ="
        " excluded.seat_count",
        [
            (plan.id, plan.version, plan.name, plan.seat_count, canonical_json(body).decode())
            for plan, body in zip(plans.values(), catalogue.plans, strict=True)
        ],
    )
    await connection.executemany(
        "insert into production (id, title, kind, minutes) values ($1, $2, $3, $4) on conflict (id) do update"
        " set title = excluded.title, kind = excluded.kind, minutes = excluded.minutes",
        [(item.id, item.title, item.kind, item.minutes) for item in catalogue.productions],
    )
    await connection.executemany(
        "insert into price_list (id, name, currency, body) values ($1, $2, $3, $4) on conflict (id) do update"
        " set name = excluded.name, currency = excluded.currency, body = excluded.body",
        [(item.id, item.name, item.currency, item.model_dump_json()) for item in catalogue.price_lists],
    )
    await connection.executemany(
        "insert into staff (id, name, role, pin_hash, demo_pin) values ($1, $2, $3, $4, $5) on conflict (id) do update"
        " set name = excluded.name, role = excluded.role, pin_hash = excluded.pin_hash, demo_pin = excluded.demo_pin",
        [(person.id, person.name, str(person.role), person.pin_hash, person.demo_pin) for person in catalogue.staff],
    )
    await _insert_performances(connection, catalogue.performances)
    for performance in catalogue.performances:
        await open_house(connection, performance.id)
    version = await connection.fetchval(
        "update server set catalogue_version = catalogue_version + 1 returning catalogue_version"
    )
    await notify_all(connection, {CATALOGUE: version})


async def _insert_performances(connection: asyncpg.Connection, performances: Sequence[Performance]) -> None:
    await connection.executemany(
        "insert into performance (id, production_id, venue_id, hall, plan_id, price_list_id, starts_at, doors_at,"
        " ends_at, status, allotment) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (id) do update"
        " set production_id = excluded.production_id, venue_id = excluded.venue_id, hall = excluded.hall,"
        " price_list_id = excluded.price_list_id, starts_at = excluded.starts_at, doors_at = excluded.doors_at,"
        " ends_at = excluded.ends_at, status = excluded.status, allotment = excluded.allotment",
        [
            (
                *(item.id, item.production_id, item.venue_id, item.hall, item.plan_id, item.price_list_id),
                *(item.starts_at, item.doors_at, item.ends_at, str(item.status), item.allotment),
            )
            for item in performances
        ],
    )
    await connection.execute(
        "select setval(pg_get_serial_sequence('performance', 'id'), greatest(1, (select max(id) from performance)))"
    )


async def insert_sales(
    connection: asyncpg.Connection, performance: PerformanceId, tickets: Sequence[SeededTicket], *, currency: str
) -> None:
    """Tickets of one performance that were sold before. Each seat at most once; invalid records take no place.

    Raises asyncpg.UniqueViolationError when a seat is taken and CheckViolationError when an area is full.
    """
    first: dict[object, SeededTicket] = {}
    totals: Counter[object] = Counter()
    for ticket in tickets:
        first.setdefault(ticket.record.sale, ticket)
        totals[ticket.record.sale] += ticket.record.gross_minor
    await connection.copy_records_to_table(
        "sale",
        columns=["id", "channel", "order_code", "sold_at", "currency", "total_minor", "holder", "email"],
        records=[
            (
                *(sale, item.record.channel, item.record.order_code, item.sold_at, currency),
                *(totals[sale], item.record.holder, item.email),
            )
            for sale, item in first.items()
        ],
    )
    records = [ticket.record for ticket in tickets]
    await connection.copy_records_to_table(
        "ticket",
        columns=[
            *("id", "sale", "performance", "seat", "area", "generation", "valid", "price_type", "price_type_name"),
            *("category", "gross_minor", "will_call"),
        ],
        records=[
            (
                *(item.ticket, item.sale, performance, item.seat, item.area, item.generation, item.valid),
                *(item.price_type, item.price_type_name, item.category, item.gross_minor, item.will_call),
            )
            for item in records
        ],
    )
    sold = {item.seat: item.ticket for item in records if item.valid and item.seat is not None}
    await connection.copy_records_to_table(
        "seat",
        columns=["performance", "seat", "status", "epoch", "ticket"],
        records=[(performance, seat, SeatStatus.SOLD, 1, ticket) for seat, ticket in sorted(sold.items())],
    )
    await _take_seats(connection, performance, len(sold))
    for area, count in Counter(item.area for item in records if item.valid and item.area is not None).items():
        await connection.execute(
            "update area_count set free = free - $3, sold = sold + $3 where performance = $1 and area = $2",
            *(performance, area, count),
        )


async def set_aside(
    connection: asyncpg.Connection,
    performance: PerformanceId,
    seats: Iterable[int],
    status: SeatStatus = SeatStatus.HELD,
) -> None:
    """Seats kept back by the house (HELD) or never sold (BLOCKED). They must be free."""
    records = [(performance, seat, status) for seat in sorted(set(seats))]
    await connection.copy_records_to_table("seat", columns=["performance", "seat", "status"], records=records)
    await _take_seats(connection, performance, len(records))


async def _take_seats(connection: asyncpg.Connection, performance: PerformanceId, count: int) -> None:
    await connection.execute(
        "update feed_head set free_seats = free_seats - $2 where performance = $1", performance, count
    )


async def insert_scans(connection: asyncpg.Connection, performance: PerformanceId, scans: Iterable[ScanRecord]) -> None:
    """Scans of a past evening."""
    await connection.copy_records_to_table(
        "scan",
        columns=[
            *("id", "ticket", "performance", "generation", "gate", "direction", "shown", "admitted", "online"),
            *("list_head", "staff_name", "scanned_at"),
        ],
        records=[
            (
                *(uuid7(scan.scanned_at, secrets.randbits), scan.ticket, performance, 1, scan.gate, scan.direction),
                *("admit" if scan.admitted else "not_valid", scan.admitted, True, 0, scan.staff_name, scan.scanned_at),
            )
            for scan in scans
        ],
    )
