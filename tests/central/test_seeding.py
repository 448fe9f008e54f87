"""Filling a central with sales that were made before it opened: the counters agree with the rows."""

from __future__ import annotations

from uuid import UUID

import asyncpg
import pytest

from boxoffice.domain.ids import SaleId, TicketId
from boxoffice.domain.protocol import ScanRecord, SeatStatus, TicketRecord
from central.seeding import SeededTicket, insert_catalogue, insert_sales, insert_scans, set_aside
from tests.support.central import FLOOR_PLACES, NOW, SEATS, TONIGHT, RunningCentral, catalogue, run


def _ticket(n: int, *, seat: int | None = None, valid: bool = True) -> SeededTicket:
    record = TicketRecord(
        ticket=TicketId(n),
        sale=SaleId(UUID(int=n // 2)),
        seat=seat,
        area=0 if seat is None else None,
        generation=1,
        valid=valid,
        price_type="A",
        price_type_name="Adult",
        category=0,
        gross_minor=4500,
        order_code="7N2R-8C",
        holder="Lindqvist",
        will_call=True,
        channel="web",
    )
    return SeededTicket(record, NOW, "l@example.org")


TICKETS = [_ticket(2, seat=5), _ticket(3, seat=6), _ticket(4, seat=7, valid=False), _ticket(5), _ticket(6)]


async def _fill(connection: asyncpg.Connection) -> None:
    async with connection.transaction():
        await insert_sales(connection, TONIGHT, TICKETS, currency="EUR")
        await set_aside(connection, TONIGHT, [20, 21])
        await set_aside(connection, TONIGHT, [30], SeatStatus.BLOCKED)
        scan = ScanRecord(
            ticket=TicketId(2), gate="Stalls", direction="entry", admitted=True, scanned_at=NOW, staff_name="Mara Lindt"
        )
        await insert_scans(connection, TONIGHT, [scan])


def test_seeded_sales_stand_in_the_snapshot_and_can_be_issued_and_scanned(central: RunningCentral) -> None:
    run(central.database, _fill)
    till = central.till()
    house = till.snapshot()
    assert [house.statuses[seat] for seat in (5, 6, 7, 20, 21, 30)] == [3, 3, 0, 1, 1, 4]
    assert (house.areas[0].free, house.areas[0].sold) == (FLOOR_PLACES - 2, 2)
    assert set(house.tickets) == {ticket.record for ticket in TICKETS}
    assert [scan.ticket for scan in house.scans] == [TicketId(2)]
    assert central.value("select free_seats from feed_head where performance = $1", TONIGHT) == SEATS - 5
    assert central.value("select total_minor from sale where id = $1", UUID(int=1)) == 9000
    assert till.lease([5, 7, 20, 30]).taken == (5, 20, 30)
    till.issue(TicketId(3), 2)
    till.push()
    changed = {ticket.ticket: ticket.generation for ticket in till.snapshot().tickets}
    assert changed[TicketId(3)] == 2


def test_a_seat_is_not_seeded_twice(central: RunningCentral) -> None:
    run(central.database, _fill)
    with pytest.raises(asyncpg.UniqueViolationError):
        run(central.database, lambda connection: set_aside(connection, TONIGHT, [5]))


def test_bringing_the_catalogue_in_again_keeps_the_houses_and_tells_the_tills(central: RunningCentral) -> None:
    run(central.database, _fill)
    version = central.value("select catalogue_version from server")
    run(central.database, lambda connection: insert_catalogue(connection, catalogue()))
    assert central.value("select catalogue_version from server") == version + 1
    assert central.till().snapshot().statuses[5] == SeatStatus.SOLD
    assert (
        central.value(
            "insert into performance (production_id, venue_id, hall, plan_id, price_list_id, starts_at,"
            " doors_at, ends_at) select production_id, venue_id, hall, plan_id, price_list_id, starts_at,"
            " doors_at, ends_at from performance limit 1 returning id"
        )
        > 1002
    )
    central.fetch("delete from performance where id > 1002")
