"""The rows behind `Books`: locked and loaded before a batch, written after it.

Locks are taken in one order by everybody who changes a house: the till, tickets, seats, areas, and last the counter
rows of the feeds, each kind by rising key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from uuid import UUID

import asyncpg

from boxoffice.domain.facts import (
    Body,
    IssueBody,
    RefundBody,
    ReturnBody,
    SaleBody,
    ScanBody,
    ShiftOpenBody,
    TicketLine,
)
from boxoffice.domain.ids import PerformanceId, TicketId, TillNumber
from boxoffice.domain.protocol import AreaCount, FeedEntry, ScanRecord, SeatChange, SeatStatus, TicketRecord
from central.tills.books import AreaKey, AreaRow, Books, SeatKey, SeatRow, TicketRow
from central.tills.feeds import SCAN_COLUMNS, TICKET_COLUMNS
from central.tills.scans import counting_scan, scan_from_row

_SHOWS_TILL = (SeatStatus.LEASED, SeatStatus.QUARANTINED)


async def load(connection: asyncpg.Connection, till: TillNumber, bodies: Sequence[Body]) -> Books:
    """Lock and read every row that these bodies can touch. The till's row is locked already."""
    tickets = await _load_tickets(connection, {ticket for body in bodies for ticket in _tickets_of(body)})
    seats = {key for body in bodies for key in _seats_of(body)}
    seats |= {(row.performance, row.record.seat) for row in tickets.values() if row.record.seat is not None}
    areas = {key for body in bodies for key in _areas_of(body)}
    areas |= {(row.performance, row.record.area) for row in tickets.values() if row.record.area is not None}
    scanned = {body.performance for body in bodies if isinstance(body, ScanBody)}
    performances = sorted({key[0] for key in seats | areas} | scanned)
    rows = await connection.fetch(
        "select p.id, plan.seat_count from performance p join plan on plan.id = p.plan_id"
        " where p.id = any($1::bigint[])",
        performances,
    )
    houses = {row["id"]: row["seat_count"] for row in rows}
    books = Books(till, houses, tickets=tickets)
    books.seats = await _load_seats(connection, sorted(key for key in seats if key[1] < houses.get(key[0], 0)))
    books.areas = await _load_areas(connection, till, sorted(areas))
    books.sales = await _known(connection, "sale", [body.sale for body in bodies if isinstance(body, SaleBody)])
    books.refunds = await _known(connection, "refund", [body.refund for body in bodies if isinstance(body, RefundBody)])
    return books


async def _load_tickets(connection: asyncpg.Connection, wanted: Iterable[TicketId]) -> dict[TicketId, TicketRow]:
    rows = await connection.fetch(
        f"select {TICKET_COLUMNS}, t.performance, t.in_conflict from ticket t join sale s on s.id = t.sale"
        " where t.id = any($1::bigint[]) order by t.id for update of t",
        sorted(ticket for ticket in set(wanted) if 0 <= ticket < 1 << 63),
    )
    return {
        row["ticket"]: TicketRow(row["performance"], TicketRecord.model_validate(dict(row)), row["in_conflict"])
        for row in rows
    }


async def _load_seats(connection: asyncpg.Connection, keys: Sequence[SeatKey]) -> dict[SeatKey, SeatRow]:
    if not keys:
        return {}
    columns = [key[0] for key in keys], [key[1] for key in keys]
    lock = (
        "select s.performance, s.seat, s.status, s.epoch, s.till, s.ticket from seat s"
        " join unnest($1::int[], $2::int[]) as wanted (performance, seat)"
        " on s.performance = wanted.performance and s.seat = wanted.seat order by 1, 2 for update of s"
    )
    rows = await connection.fetch(lock, *columns)
    if len(rows) < len(keys):
        await connection.execute(
            "insert into seat (performance, seat) select * from unnest($1::int[], $2::int[]) order by 1, 2"
            " on conflict do nothing",
            *columns,
        )
        rows = await connection.fetch(lock, *columns)
    return {
        (row["performance"], row["seat"]): SeatRow(SeatStatus(row["status"]), row["epoch"], row["till"], row["ticket"])
        for row in rows
    }


async def _load_areas(
    connection: asyncpg.Connection, till: TillNumber, keys: Sequence[AreaKey]
) -> dict[AreaKey, AreaRow]:
    if not keys:
        return {}
    rows = await connection.fetch(
        "select c.performance, c.area, c.free, c.sold from area_count c"
        " join unnest($1::bigint[], $2::bigint[]) as wanted (performance, area)"
        " on c.performance = wanted.performance and c.area = wanted.area order by 1, 2 for update of c",
        *([key[0] for key in keys], [key[1] for key in keys]),
    )
    leases = await connection.fetch(
        "select performance, area, units from area_lease where till = $1 and performance = any($2::bigint[])",
        *(till, sorted({key[0] for key in keys})),
    )
    units = {(row["performance"], row["area"]): row["units"] for row in leases}
    return {
        (row["performance"], row["area"]): AreaRow(
            row["free"], row["sold"], units.get((row["performance"], row["area"]), 0)
        )
        for row in rows
    }


async def _known(connection: asyncpg.Connection, table: str, ids: Sequence[UUID]) -> set[UUID]:
    if not ids:
        return set()
    return {row["id"] for row in await connection.fetch(f"select id from {table} where id = any($1)", ids)}


def _lines_of(body: Body) -> Iterable[TicketLine]:
    return body.tickets if isinstance(body, SaleBody) else ()


def _tickets_of(body: Body) -> Iterable[TicketId]:
    return [line.ticket for line in body.tickets] if isinstance(body, SaleBody | RefundBody | IssueBody) else []


def _seats_of(body: Body) -> Iterable[SeatKey]:
    if isinstance(body, ReturnBody):
        return [(body.performance, seat.seat) for seat in body.seats]
    return [(line.performance, line.seat) for line in _lines_of(body) if line.seat is not None]


def _areas_of(body: Body) -> Iterable[AreaKey]:
    if isinstance(body, ReturnBody):
        return [(body.performance, area.area) for area in body.areas]
    return [(line.performance, line.area) for line in _lines_of(body) if line.area is not None]


async def save(
    connection: asyncpg.Connection, incarnation: int, before: Books, after: Books
) -> dict[PerformanceId, int]:
    """Write what changed and append one feed entry a performance; the new heads. Ends the transaction's work."""
    await _save_sales(connection, after)
    seats = {key: row for key, row in after.seats.items() if row != before.seats[key]}
    areas = {key: row for key, row in after.areas.items() if row != before.areas[key]}
    tickets = {key: row for key, row in after.tickets.items() if row != before.tickets.get(key)}
    await _save_tickets(connection, after, tickets)
    await _save_seats(connection, seats)
    await _save_areas(connection, after.till, areas)
    await _save_money(connection, incarnation, after)
    scanned = await _save_scans(connection, after)
    return await _publish(connection, before, seats, areas, tickets, scanned)


async def _save_sales(connection: asyncpg.Connection, books: Books) -> None:
    if not books.new_sales:
        return
    await connection.executemany(
        "insert into sale (id, channel, till, order_code, receipt, staff, shift, sold_at, currency, total_minor,"
        " holder, email, phone, note, reason)"
        " values ($1, 'counter', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        [
            (
                *(sale.sale, books.till, sale.order_code, sale.receipt, sale.staff, sale.shift, sale.sold_at),
                *(sale.currency, sale.total_minor),
                *((sale.customer.name, sale.customer.email, sale.customer.phone) if sale.customer else ("", "", "")),
                *(sale.note, sale.reason),
            )
            for sale in books.new_sales
        ],
    )


async def _save_tickets(connection: asyncpg.Connection, books: Books, tickets: Mapping[TicketId, TicketRow]) -> None:
    new = set(books.new_tickets)
    if new:
        await connection.executemany(
            "insert into ticket (id, sale, performance, seat, area, generation, valid, in_conflict, price_type,"
            " price_type_name, category, gross_minor, will_call)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            [
                (
                    *(key, row.record.sale, row.performance, row.record.seat, row.record.area, row.record.generation),
                    *(row.record.valid, row.in_conflict, row.record.price_type, row.record.price_type_name),
                    *(row.record.category, row.record.gross_minor, row.record.will_call),
                )
                for key, row in tickets.items()
                if key in new
            ],
        )
    changed = [
        (key, row.record.generation, row.record.valid, row.in_conflict, row.record.will_call)
        for key, row in tickets.items()
        if key not in new
    ]
    if changed:
        await connection.executemany(
            "update ticket set generation = $2, valid = $3, in_conflict = $4, will_call = $5 where id = $1", changed
        )


async def _save_seats(connection: asyncpg.Connection, seats: Mapping[SeatKey, SeatRow]) -> None:
    if not seats:
        return
    await connection.execute(
        "update seat s set status = v.status, epoch = v.epoch, till = v.till, ticket = v.ticket from"
        " unnest($1::int[], $2::int[], $3::int[], $4::int[], $5::int[], $6::bigint[])"
        " as v (performance, seat, status, epoch, till, ticket)"
        " where s.performance = v.performance and s.seat = v.seat",
        [key[0] for key in seats],
        [key[1] for key in seats],
        [int(row.status) for row in seats.values()],
        [row.epoch for row in seats.values()],
        [row.till for row in seats.values()],
        [row.ticket for row in seats.values()],
    )


async def _save_areas(connection: asyncpg.Connection, till: TillNumber, areas: Mapping[AreaKey, AreaRow]) -> None:
    for (performance, area), row in areas.items():
        await connection.execute(
            "update area_count set free = $3, sold = $4 where performance = $1 and area = $2",
            *(performance, area, row.free, row.sold),
        )
        await connection.execute(
            "update area_lease set units = $4 where till = $1 and performance = $2 and area = $3",
            *(till, performance, area, row.leased),
        )


async def _save_money(connection: asyncpg.Connection, incarnation: int, books: Books) -> None:
    lines = [
        (books.till, incarnation, seq, position, line.account, line.minor)
        for seq, ledger in books.new_ledger
        for position, line in enumerate(ledger)
    ]
    if lines:
        await connection.executemany("insert into ledger_line values ($1, $2, $3, $4, $5, $6)", lines)
    if books.new_refunds:
        await connection.executemany(
            "insert into refund (id, sale, till, receipt, staff, shift, refunded_at, currency, total_minor, reason)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            [
                (
                    *(item.refund, item.sale, books.till, item.receipt, item.staff, item.shift, item.refunded_at),
                    *(item.currency, item.total_minor, item.reason),
                )
                for item in books.new_refunds
            ],
        )
    for body in books.shifts:
        if isinstance(body, ShiftOpenBody):
            await connection.execute(
                "insert into shift (id, till, number, staff, currency, float_minor, opened_at)"
                " values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing",
                *(body.shift, books.till, body.number, body.staff, body.currency, body.float_minor, body.opened_at),
            )
        else:
            await connection.execute(
                "insert into shift (id, till, number, staff, currency, counted_minor, difference_minor, closed_at)"
                " values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do update set"
                " counted_minor = excluded.counted_minor, difference_minor = excluded.difference_minor,"
                " closed_at = excluded.closed_at",
                *(body.shift, books.till, body.number, body.staff, body.currency, body.counted_minor),
                *(body.difference_minor, body.closed_at),
            )


async def _save_scans(connection: asyncpg.Connection, books: Books) -> set[tuple[PerformanceId, TicketId]]:
    """Adds the scans and returns the tickets of known performances that they are of."""
    if not books.new_scans:
        return set()
    staff = {row["id"]: row["name"] for row in await connection.fetch("select id, name from staff")}
    await connection.executemany(
        "insert into scan (id, ticket, performance, generation, gate, direction, shown, admitted, online, list_head,"
        " staff, staff_name, scanned_at, till) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
        " on conflict (id) do nothing",
        [
            (
                *(scan.scan, scan.ticket, scan.performance, scan.generation, scan.gate, scan.direction, scan.shown),
                *(scan.admitted, scan.online, scan.list_head, scan.staff, staff.get(scan.staff, ""), scan.scanned_at),
                books.till,
            )
            for scan in books.new_scans
        ],
    )
    return {(scan.performance, scan.ticket) for scan in books.new_scans if scan.performance in books.houses}


async def _publish(
    connection: asyncpg.Connection,
    before: Books,
    seats: Mapping[SeatKey, SeatRow],
    areas: Mapping[AreaKey, AreaRow],
    tickets: Mapping[TicketId, TicketRow],
    scanned: set[tuple[PerformanceId, TicketId]],
) -> dict[PerformanceId, int]:
    performances = sorted(
        {key[0] for key in (*seats, *areas, *scanned)} | {row.performance for row in tickets.values()}
    )
    if not performances:
        return {}
    await connection.execute(
        "select from feed_head where performance = any($1::int[]) order by performance for update", performances
    )
    # from here nobody else commits a change of these houses: the scans read now are all there are
    scans = await _counting_scans(connection, scanned)
    heads: dict[PerformanceId, int] = {}
    for performance in performances:
        entry = FeedEntry(
            number=0,
            seats=tuple(
                SeatChange(
                    seat=key[1], status=row.status, till=row.till if row.status in _SHOWS_TILL else TillNumber(0)
                )
                for key, row in sorted(seats.items(), key=lambda item: item[0])
                if key[0] == performance
            ),
            areas=tuple(
                AreaCount(area=key[1], free=row.free, sold=row.sold)
                for key, row in sorted(areas.items(), key=lambda item: item[0])
                if key[0] == performance
            ),
            tickets=tuple(row.record for row in tickets.values() if row.performance == performance),
            scans=tuple(scan for key, scan in scans.items() if key[0] == performance),
        )
        freed = sum(
            (row.status is SeatStatus.FREE) - (before.seats[key].status is SeatStatus.FREE)
            for key, row in seats.items()
            if key[0] == performance
        )
        heads[performance] = await connection.fetchval(
            "select append_feed($1, $2, $3)",
            *(performance, entry.model_dump_json(exclude={"number"}, exclude_defaults=True), freed),
        )
    return heads


async def _counting_scans(
    connection: asyncpg.Connection, scanned: set[tuple[PerformanceId, TicketId]]
) -> dict[tuple[PerformanceId, TicketId], ScanRecord]:
    if not scanned:
        return {}
    rows = await connection.fetch(
        f"select {SCAN_COLUMNS}, s.performance from scan s"
        " join unnest($1::int[], $2::bigint[]) as wanted (performance, ticket)"
        " on s.performance = wanted.performance and s.ticket = wanted.ticket"
        " order by s.performance, s.ticket, s.scanned_at, s.id",
        *([key[0] for key in scanned], [key[1] for key in scanned]),
    )
    counting = {
        key: counting_scan(scan_from_row(row) for row in group)
        for key, group in groupby(rows, key=lambda row: (row["performance"], row["ticket"]))
    }
    return {key: scan for key, scan in counting.items() if scan is not None}
