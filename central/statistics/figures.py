"""Figures from the tickets and from the books. Money is whole minor units all the way: nothing is rounded.

Tickets say what was sold for each event: those that are valid, at what was paid for admission, without fees. The books
say what came in: every line of every sale and refund of tills and web, so also what was kept of a refund.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
from pydantic import BaseModel, Field


class Sold(BaseModel):
    currency: str
    sold: int = Field(description="Valid tickets.")
    revenueMinor: int = Field(description="Paid for admission, tax included, fees not.")  # noqa: N815


class SoldOnChannel(Sold):
    channel: str = Field(examples=["web", "counter"])


class SoldAtPriceType(Sold):
    priceType: str = Field(examples=["Adult"])  # noqa: N815


class SoldOnDay(Sold):
    day: date


class SoldForEvent(Sold):
    eventId: str  # noqa: N815
    name: str
    date: datetime
    location: str
    capacity: int
    occupancyPercent: float = Field(description="Valid tickets of the capacity.")  # noqa: N815


class Books(BaseModel):
    """Of one day and channel: `total = tickets + fees + tax`, refunds taken off."""

    day: date
    channel: str
    ticketsMinor: int  # noqa: N815
    feesMinor: int  # noqa: N815
    taxMinor: int  # noqa: N815
    totalMinor: int  # noqa: N815


class Statistics(BaseModel):
    timezone: str = Field(description="Whose days these are.")
    totals: list[Sold]
    byChannel: list[SoldOnChannel]  # noqa: N815
    byPriceType: list[SoldAtPriceType]  # noqa: N815
    byDay: list[SoldOnDay]  # noqa: N815
    byEvent: list[SoldForEvent]  # noqa: N815
    books: list[Books] = Field(description="Of all events; empty when one event is asked for.")


@dataclass(frozen=True, slots=True)
class Asked:
    """Days of sale, both counted in; `event` None: all of them."""

    first_day: date | None
    last_day: date | None
    event: int | None
    most_events: int


_ZONE = "select timezone from venue order by ordinal limit 1"
_SOLD = """
    select s.currency, s.channel, t.price_type_name, (s.sold_at at time zone $1)::date as day, t.performance,
        count(*) as sold, sum(t.gross_minor)::bigint as revenue,
        grouping(s.channel, t.price_type_name, (s.sold_at at time zone $1)::date, t.performance) as kind
    from ticket t join sale s on s.id = t.sale
    where t.valid and s.sold_at >= $2 and s.sold_at < $3 and ($4::integer is null or t.performance = $4)
    group by grouping sets (
        (s.currency), (s.currency, s.channel), (s.currency, t.price_type_name),
        (s.currency, (s.sold_at at time zone $1)::date), (s.currency, t.performance))
    order by s.currency, s.channel, t.price_type_name, day, sold desc, t.performance
"""
_EVENTS = """
    select p.id, o.title, p.starts_at, v.name, v.timezone,
        coalesce((select sum(capacity) from section_count c where c.performance = p.id), 0)
            + coalesce((select sum(capacity) from area_count a where a.performance = p.id), 0) as capacity
    from performance p join production o on o.id = p.production_id join venue v on v.id = p.venue_id
    where p.id = any($1)
"""
# an entry's id is minted when it is booked: the key finds the days
_BOOKS = """
    select day, channel, account, -sum(minor)::bigint as minor from (
        select (f.wall_time at time zone $1)::date as day, 'counter' as channel, l.account, l.minor
        from fact f join ledger_line l on (l.till, l.incarnation, l.seq) = (f.till, f.incarnation, f.seq)
        where f.wall_time >= $2 and f.wall_time < $3
        union all
        select (w.booked_at at time zone $1)::date, 'web', w.account, w.minor from web_ledger_line w
        where w.booked_at >= $2 and w.booked_at < $3
            and w.entry >= uuid7_floor(greatest($2, '1970-01-02') - interval '1 minute')
    ) as line
    where account like 'revenue:%' or account like 'tax:%'
    group by 1, 2, 3 order by 1, 2, 3
"""
_TOTAL, _CHANNEL, _PRICE_TYPE, _DAY, _EVENT = 0b1111, 0b0111, 0b1011, 0b1101, 0b1110


async def first_zone(connection: asyncpg.Connection) -> ZoneInfo | None:
    """The first venue's. None: there is no venue yet."""
    zone = await connection.fetchval(_ZONE)
    return ZoneInfo(zone) if zone else None


async def house_zone(connection: asyncpg.Connection) -> ZoneInfo:
    """Whose days count: the first venue's."""
    return await first_zone(connection) or ZoneInfo("UTC")


async def statistics(connection: asyncpg.Connection, asked: Asked) -> Statistics:
    """In a REPEATABLE READ transaction, so that the parts agree with each other."""
    zone = await house_zone(connection)
    first = datetime.combine(asked.first_day or date(1970, 1, 2), time(), zone)
    behind = datetime.combine((asked.last_day or date(9998, 12, 30)) + timedelta(days=1), time(), zone)
    rows = await connection.fetch(_SOLD, zone.key, first, behind, asked.event)
    books = [] if asked.event is not None else await connection.fetch(_BOOKS, zone.key, first, behind)
    return Statistics(
        timezone=zone.key,
        totals=[Sold(**_sold(row)) for row in rows if row["kind"] == _TOTAL],
        byChannel=[SoldOnChannel(**_sold(row), channel=row["channel"]) for row in rows if row["kind"] == _CHANNEL],
        byPriceType=[
            SoldAtPriceType(**_sold(row), priceType=row["price_type_name"])
            for row in rows
            if row["kind"] == _PRICE_TYPE
        ],
        byDay=[SoldOnDay(**_sold(row), day=row["day"]) for row in rows if row["kind"] == _DAY],
        byEvent=await _for_events(connection, [row for row in rows if row["kind"] == _EVENT][: asked.most_events]),
        books=_books(books),
    )


def _sold(row: asyncpg.Record) -> dict[str, Any]:
    return {"currency": row["currency"], "sold": row["sold"], "revenueMinor": row["revenue"]}


async def _for_events(connection: asyncpg.Connection, rows: Sequence[asyncpg.Record]) -> list[SoldForEvent]:
    found = {row["id"]: row for row in await connection.fetch(_EVENTS, sorted({row["performance"] for row in rows}))}
    events = [(row, found[row["performance"]]) for row in rows]
    return [
        SoldForEvent(
            **_sold(row),
            eventId=str(event["id"]),
            name=event["title"],
            date=event["starts_at"].astimezone(ZoneInfo(event["timezone"])),
            location=event["name"],
            capacity=event["capacity"],
            occupancyPercent=round(100 * row["sold"] / event["capacity"], 1) if event["capacity"] else 0.0,
        )
        for row, event in events
    ]


def _books(rows: Iterable[asyncpg.Record]) -> list[Books]:
    found: dict[tuple[date, str], dict[str, int]] = {}
    for row in rows:
        sums = found.setdefault((row["day"], row["channel"]), {"tickets": 0, "fees": 0, "tax": 0})
        kind, _, what = row["account"].partition(":")
        sums["tax" if kind == "tax" else what] += row["minor"]
    return [
        Books(
            day=day,
            channel=channel,
            ticketsMinor=sums["tickets"],
            feesMinor=sums["fees"],
            taxMinor=sums["tax"],
            totalMinor=sum(sums.values()),
        )
        for (day, channel), sums in found.items()
    ]
