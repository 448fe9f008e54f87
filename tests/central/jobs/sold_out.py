"""An event for which very many people booked and paid, put straight into the books as confirming would."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from boxoffice.domain.facts import TicketLine
from boxoffice.domain.ids import PerformanceId, TicketId, new_ticket_id, uuid7
from boxoffice.domain.plan import plan_to_json
from boxoffice.domain.pricing import Charge, FeeLine, TaxLine, merge_taxes, taxes_of
from boxoffice.domain.sales import balanced
from central.bookings.priced import Priced
from central.seeding import insert_catalogue
from tests.central.test_nodes import hall
from tests.support.central import PRICE_MINOR, catalogue, run

EVENT = PerformanceId(2001)
_OF_THE_TICKET = (
    Charge(gross_minor=PRICE_MINOR, tax_minor=327, rate_bp=700),
    Charge(gross_minor=150, tax_minor=24, rate_bp=1900, is_fee=True),
)
_OF_THE_ORDER = TaxLine(rate_bp=1900, net_minor=168, tax_minor=32, gross_minor=200)
EACH_MINOR = PRICE_MINOR + 150 + 200
_TABLES = {
    "account": ("id", "email", "name", "role", "created_at", "language"),
    "hold": ("id", "account", "performance", "seats", "areas", "units", "state", "made_at", "expires_at"),
    "sale": ("id", "channel", "order_code", "sold_at", "currency", "total_minor", "holder", "email"),
    "ticket": (*("id", "sale", "performance", "seat", "price_type", "price_type_name", "category", "gross_minor"),),
    "seat": ("performance", "seat", "status", "epoch", "ticket"),
    "booking": (
        *("id", "account", "performance", "hold", "state", "currency", "total_minor", "priced", "made_at", "sale"),
        *("settled_at", "settled_by"),
    ),
    "payment": (
        *("id", "booking", "account", "method", "state", "currency", "amount_minor", "gateway_reference"),
        *("started_at", "settled_at", "look_at"),
    ),
    "voucher_entry": ("voucher", "minor", "payment", "at"),
    "web_ledger_line": ("entry", "position", "account", "minor", "booked_at"),
}


@dataclass(frozen=True)
class SoldOut:
    event: PerformanceId
    accounts: list[UUID]
    bookings: list[UUID]


def sold_out(database: str, count: int, now: datetime) -> SoldOut:
    """As many bookings of one seat with a fee of the ticket and one of the order, paid with one large voucher."""
    usual, plan = catalogue(now), hall(-(-count // 50))
    event = usual.performances[1].model_copy(update={"id": EVENT, "plan_id": plan.id})
    wanted = usual.model_copy(update={"plans": (plan_to_json(plan),), "performances": (event,)})
    rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in _TABLES}
    voucher = uuid7(now, secrets.randbits)
    for seat in range(count):
        for table, row in _booked(seat, voucher, now):
            rows[table].append(row)

    async def write(connection: asyncpg.Connection) -> None:
        async with connection.transaction():
            await insert_catalogue(connection, wanted)
            for table in ("account",):
                await connection.copy_records_to_table(table, records=rows[table], columns=_TABLES[table])
            await connection.execute(
                "insert into voucher (id, code_hash, currency, issued_minor, balance_minor, issued_by, issued_at)"
                " values ($1, $2, 'EUR', $3, 0, $4, $5)",
                *(voucher, secrets.token_bytes(32), count * EACH_MINOR, rows["account"][0][0], now),
            )
            for table in list(_TABLES)[1:]:
                await connection.copy_records_to_table(table, records=rows[table], columns=_TABLES[table])
            await connection.execute(
                "update feed_head set free_seats = free_seats - $2 where performance = $1", EVENT, count
            )

    run(database, write)
    return SoldOut(EVENT, [row[0] for row in rows["account"]], [row[0] for row in rows["booking"]])


def _booked(seat: int, voucher: UUID, now: datetime) -> Iterator[tuple[str, tuple[Any, ...]]]:
    account, hold, booking, sale, payment = (uuid7(now, secrets.randbits) for _ in range(5))
    ticket: TicketId = new_ticket_id(secrets.randbits)
    line = TicketLine(
        ticket=ticket,
        performance=EVENT,
        seat=seat,
        category=0,
        price_type="A",
        price_type_name="Adult",
        charges=_OF_THE_TICKET,
    )
    taxes = merge_taxes((*taxes_of([line]), _OF_THE_ORDER))
    fee = FeeLine(name="Order fee", count=1, unit_minor=200, tax_bp=1900, minor=200, per_order=True)
    priced = Priced(currency="EUR", tickets=(line,), fees=(fee,), taxes=taxes, total_minor=EACH_MINOR)
    email = f"{account}@example.org"
    yield "account", (account, email, "Ada Byron", "customer", now, ("en", "de")[seat % 2])
    yield "hold", (hold, account, EVENT, [seat], [], [], "sold", now, now)
    yield "sale", (sale, "web", f"W{seat}", now, "EUR", EACH_MINOR, "Ada Byron", email)
    yield "ticket", (ticket, sale, EVENT, seat, "A", "Adult", 0, PRICE_MINOR)
    yield "seat", (EVENT, seat, 3, 1, ticket)
    yield (
        "booking",
        (
            *(booking, account, EVENT, hold, "confirmed", "EUR", EACH_MINOR, priced.model_dump_json(), now, sale),
            *(now, str(payment)),
        ),
    )
    yield (
        "payment",
        (*(payment, booking, account, "voucher", "captured", "EUR", EACH_MINOR, str(voucher), now, now, now),),
    )
    yield "voucher_entry", (voucher, -EACH_MINOR, payment, now)
    for position, entry in enumerate(balanced({"voucher": EACH_MINOR}, taxes, [line])):
        yield "web_ledger_line", (sale, position, entry.account, entry.minor, now)
