"""What is owed for a booking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg


@dataclass(frozen=True, slots=True)
class Owed:
    """`state` of the booking; only a `pending` one can be paid, until `expires_at`."""

    account: UUID
    state: str
    currency: str
    total_minor: int
    expires_at: datetime | None


async def owed(connection: asyncpg.Connection, booking: UUID) -> Owed | None:
    """Locks the booking until the transaction ends: it is paid by one at a time."""
    row = await connection.fetchrow(
        "select account, state, currency, total_minor, expires_at from booking where id = $1 for update", booking
    )
    return None if row is None else Owed(**row)
