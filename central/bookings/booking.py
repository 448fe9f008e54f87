"""One booking: made, looked at, and locked before it is changed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from boxoffice.domain.ids import PerformanceId, uuid7
from central.bookings.holding import Held
from central.bookings.priced import Priced, items_for, priced
from central.loyalty import offers

COLUMNS = """
    b.id, b.account, b.performance, b.hold, b.state, b.currency, b.total_minor, b.priced, b.made_at, b.expires_at,
    b.sale, b.settled_at, b.settled_by, b.refunded_minor, b.version
"""


@dataclass(frozen=True, slots=True)
class Booking:
    """`expires_at` while it waits for its payment; `sale` once it is confirmed."""

    id: UUID
    account: UUID
    performance: PerformanceId
    hold: UUID
    state: str
    currency: str
    total_minor: int
    priced: Priced
    made_at: datetime
    expires_at: datetime | None
    sale: UUID | None
    settled_at: datetime | None
    settled_by: str
    refunded_minor: int
    version: int


def from_row(row: asyncpg.Record) -> Booking:
    return Booking(**{**dict(row), "priced": Priced.model_validate_json(row["priced"])})


async def find(connection: asyncpg.Connection, booking: UUID, *, lock: bool = False) -> Booking | None:
    row = await connection.fetchrow(
        f"select {COLUMNS} from booking b where b.id = $1{' for update' if lock else ''}", booking
    )
    return None if row is None else from_row(row)


async def make(
    connection: asyncpg.Connection,
    account: UUID,
    held: Held,
    price_types: Sequence[str],
    promo_code: str | None,
    now: datetime,
) -> Booking:
    """Of a hold that is open, in its transaction. Raises Declined, 422, for a price type or promo code."""
    items = items_for(held.billing, held.places, price_types)
    reduction = await offers.reductions(connection, account, held.billing.performance, items, promo_code, now)
    found = priced(held.billing, held.places, items, reduction)
    booking = uuid7(now, secrets.randbits)
    row = await connection.fetchrow(
        "insert into booking as b (id, account, performance, hold, state, currency, total_minor, priced, made_at,"
        f" expires_at) values ($1, $2, $3, $4, 'pending', $5, $6, $7, $8, $9) returning {COLUMNS}",
        *(booking, account, held.billing.performance.id, held.hold, found.currency, found.total_minor),
        *(found.model_dump_json(), now, held.expires_at),
    )
    await offers.redeem(connection, booking, account, reduction, now)
    return from_row(row)
