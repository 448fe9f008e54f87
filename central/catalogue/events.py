"""Events as the public sees them: a performance of a production at a venue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import asyncpg
from pydantic import BaseModel, Field


class Event(BaseModel):
    """`date` is the start in the venue's own time, with its offset. Prices are minor units of `currency`."""

    eventId: str = Field(examples=["1001"])  # noqa: N815  (the API's spelling)
    name: str = Field(examples=["The Cherry Orchard"])
    date: datetime
    location: str = Field(examples=["Theatre Royal"])
    availableSeats: int  # noqa: N815
    category: str = Field(examples=["play"])
    hall: str
    address: str
    timezone: str
    doorsAt: datetime  # noqa: N815
    endsAt: datetime  # noqa: N815
    status: str
    currency: str


COLUMNS = """
    p.id, o.title, p.starts_at, v.name as venue, o.kind, p.hall, v.address, v.timezone, p.doors_at, p.ends_at,
        p.status, v.currency,
        case when p.status = 'on_sale' then
            h.free_seats + coalesce((select sum(free) from area_count a where a.performance = p.id), 0)
            else 0 end as free
"""
JOINED = """
    join production o on o.id = p.production_id
    join venue v on v.id = p.venue_id
    join feed_head h on h.performance = p.id
"""


async def events(connection: asyncpg.Connection, performances: Sequence[int]) -> list[Event]:
    """In the order of `performances`; those that are gone are left out."""
    rows = await connection.fetch(f"select {COLUMNS} from performance p {JOINED} where p.id = any($1)", performances)
    found = {row["id"]: from_row(row) for row in rows}
    return [found[performance] for performance in performances if performance in found]


async def event(connection: asyncpg.Connection, performance: int) -> Event | None:
    found = await events(connection, [performance])
    return found[0] if found else None


def from_row(row: asyncpg.Record) -> Event:
    zone = ZoneInfo(row["timezone"])
    return Event(
        eventId=str(row["id"]),
        name=row["title"],
        date=row["starts_at"].astimezone(zone),
        location=row["venue"],
        availableSeats=row["free"],
        category=row["kind"],
        hall=row["hall"],
        address=row["address"],
        timezone=row["timezone"],
        doorsAt=row["doors_at"].astimezone(zone),
        endsAt=row["ends_at"].astimezone(zone),
        status=row["status"],
        currency=row["currency"],
    )
