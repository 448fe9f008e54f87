"""Events as the public sees them: a performance of a production at a venue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
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


@dataclass(frozen=True, slots=True)
class Search:
    """Empty texts match everything. Without a `day` only what has not ended is found."""

    location: str = ""
    category: str = ""
    keyword: str = ""
    day: date | None = None
    limit: int = 50
    offset: int = 0


_EVENT = """
    select p.id, o.title, p.starts_at, v.name as venue, o.kind, p.hall, v.address, v.timezone, p.doors_at, p.ends_at,
        p.status, v.currency,
        case when p.status = 'on_sale' then
            h.free_seats + coalesce((select sum(free) from area_count a where a.performance = p.id), 0)
            else 0 end as free
    from performance p
    join production o on o.id = p.production_id
    join venue v on v.id = p.venue_id
    join feed_head h on h.performance = p.id
"""
_SEARCH = (
    _EVENT
    + """
    where p.status <> 'cancelled'
        and (v.name ilike $1 or v.address ilike $1 or p.hall ilike $1)
        and ($2 = '' or lower(o.kind) = lower($2))
        and (o.title ilike $3 or o.kind ilike $3 or v.name ilike $3 or p.hall ilike $3)
        and case when $4::date is null then p.ends_at > $5
            else (p.starts_at at time zone v.timezone)::date = $4 end
    order by p.starts_at, p.id limit $6 offset $7
"""
)


async def find_events(connection: asyncpg.Connection, search: Search, now: datetime) -> list[Event]:
    rows = await connection.fetch(
        _SEARCH,
        *(_anywhere(search.location), search.category.strip(), _anywhere(search.keyword)),
        *(search.day, now, search.limit, search.offset),
    )
    return [_event(row) for row in rows]


async def event(connection: asyncpg.Connection, performance: int) -> Event | None:
    row = await connection.fetchrow(_EVENT + " where p.id = $1", performance)
    return None if row is None else _event(row)


def _anywhere(text: str) -> str:
    escaped = text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _event(row: asyncpg.Record) -> Event:
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
