"""Events that other systems may want to hear of: written for each that does, in the transaction that causes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import asyncpg


class Happened(StrEnum):
    BOOKING_CONFIRMED = "booking.confirmed"
    BOOKING_CANCELLED = "booking.cancelled"
    REFUND_PAID = "refund.paid"
    EVENT_CHANGED = "event.changed"


async def announce(connection: asyncpg.Connection, event: Happened, at: datetime, data: Mapping[str, Any]) -> None:
    """`data`: ids and sums, and nothing about a person: it leaves the house."""
    body = json.dumps({"event": event, "at": at.isoformat(), "data": data})
    await connection.execute(
        "insert into hook_delivery (id, hook, event, body, written_at)"
        " select gen_random_uuid(), id, $1, $2, $3 from hook where state = 'active' and $1 = any(events)",
        *(str(event), body, at),
    )
