"""RECLAIM: two managers end what a lost till holds. Its epochs rise, so that what it sold meanwhile, and somebody else
bought again, shows as a conflict when it comes back. docs/rules/seat-leases.md tells the rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

import asyncpg

from boxoffice.domain.facts import AreaUnits, SeatEpoch
from boxoffice.domain.ids import PerformanceId, TillNumber
from boxoffice.domain.protocol import AreaCount, FeedEntry, Reclaimed, SeatChange, SeatStatus
from central.accounts.callers import Caller, unknown
from central.problems import Declined

CONFIRM_WITHIN = timedelta(hours=24)
_IS_THERE = timedelta(minutes=3)  # a till asks three times a minute, and that is noted once
_HELD = [SeatStatus.LEASED, SeatStatus.QUARANTINED]
_SEATS = """
    with held as (
        select performance, seat from seat
        where till = $1 and status = any($2) and ($3::integer is null or performance = $3)
            and ($4::integer[] is null or seat = any($4))
        order by performance, seat for no key update
    )
    update seat s set status = 0, epoch = s.epoch + 1, till = 0 from held
    where s.performance = held.performance and s.seat = held.seat
    returning s.performance, s.seat, s.epoch - 1 as epoch
"""
_AREAS = """
    select c.performance, c.area, l.units from area_count c
    join area_lease l on l.performance = c.performance and l.area = c.area
    where l.till = $1 and l.units > 0 and ($2::integer is null or l.performance = $2)
    order by c.performance, c.area for update of c, l
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a reclaim took, and the new heads of the feeds that tell of it."""

    seats: int
    places: int
    heads: Mapping[PerformanceId, int]


async def must_be_away(connection: asyncpg.Connection, till: TillNumber) -> None:
    """Locks the till: it leases and sends nothing until the transaction is over. Raises Declined for one that is
    online: it gives its seats back itself."""
    row = await connection.fetchrow(
        "select name, state = 'active' and coalesce(heard_at > now() - $2::interval, false) as is_there from till"
        " where number = $1 for update",
        *(till, _IS_THERE),
    )
    if row is None:
        raise unknown("till", "till")
    if row["is_there"]:
        raise Declined(
            *(HTTPStatus.CONFLICT, "till_is_online", f"{row['name']} was heard of within the last minutes."),
            "Recall its seats: it gives them back by itself. Or take it out of service first.",
        )


async def confirm(
    connection: asyncpg.Connection, till: TillNumber, reclaim: UUID, caller: Caller, now: datetime
) -> Ended:
    """End the leases that the till holds now, of those asked for. Raises Declined."""
    await must_be_away(connection, till)
    asked = await open_reclaim(connection, till, reclaim)
    if asked["asked_by"] == caller.account:
        raise Declined(
            *(HTTPStatus.CONFLICT, "another_manager", "Whoever asked for a reclaim cannot confirm it."),
            "Have another manager look at it.",
        )
    if asked["asked_at"] + CONFIRM_WITHIN < now:
        raise Declined(
            *(HTTPStatus.CONFLICT, "reclaim_too_old", "This was asked for more than a day ago."),
            "Ask for it once more: the till may have been seen since.",
        )
    await connection.execute(
        "update reclaim set confirmed_by = $2, confirmed_at = $3 where id = $1", reclaim, caller.account, now
    )
    seats = await connection.fetch(_SEATS, till, _HELD, asked["performance"], asked["seats"])
    areas = [] if asked["seats"] is not None else await _free_areas(connection, till, asked["performance"])
    heads = {}
    for performance in sorted({row["performance"] for row in (*seats, *areas)}):
        heads[performance] = await _publish(
            connection,
            Reclaimed(
                reclaim=reclaim,
                till=till,
                seats=tuple(
                    SeatEpoch(seat=row["seat"], epoch=row["epoch"])
                    for row in sorted(seats, key=lambda row: row["seat"])
                    if row["performance"] == performance
                ),
                areas=tuple(
                    AreaUnits(area=row["area"], units=row["units"])
                    for row in areas
                    if row["performance"] == performance
                ),
            ),
            performance,
        )
    return Ended(len(seats), sum(row["units"] for row in areas), heads)


async def open_reclaim(connection: asyncpg.Connection, till: TillNumber, reclaim: UUID) -> asyncpg.Record:
    """Locked. Raises Declined when there is none, or it is over."""
    row = await connection.fetchrow("select * from reclaim where id = $1 and till = $2 for update", reclaim, till)
    if row is None:
        raise unknown("reclaim")
    if row["confirmed_at"] is not None or row["withdrawn_at"] is not None:
        done = "confirmed" if row["confirmed_at"] is not None else "withdrawn"
        raise Declined(
            HTTPStatus.CONFLICT, "reclaim_is_over", f"This reclaim was {done} before.", "Look at the list of the till."
        )
    return row


def reclaimed_from_row(row: asyncpg.Record) -> Reclaimed:
    """Of `reclaimed`, with the till."""
    return Reclaimed(
        reclaim=row["reclaim"],
        till=row["till"],
        seats=tuple(SeatEpoch(seat=seat, epoch=epoch) for seat, epoch in zip(row["seats"], row["epochs"], strict=True)),
        areas=tuple(AreaUnits(area=area, units=units) for area, units in zip(row["areas"], row["units"], strict=True)),
    )


async def _free_areas(
    connection: asyncpg.Connection, till: TillNumber, performance: PerformanceId | None
) -> Sequence[asyncpg.Record]:
    rows: Sequence[asyncpg.Record] = await connection.fetch(_AREAS, till, performance)
    for row in rows:
        key = row["performance"], row["area"]
        await connection.execute(
            "update area_lease set units = 0 where till = $1 and performance = $2 and area = $3", till, *key
        )
        await connection.execute(
            "update area_count set free = free + $3 where performance = $1 and area = $2", *key, row["units"]
        )
    return rows


async def _publish(connection: asyncpg.Connection, ended: Reclaimed, performance: PerformanceId) -> int:
    """Keep what was ended, and tell all tills. The feed's new head."""
    await connection.execute(
        "insert into reclaimed (reclaim, performance, seats, epochs, areas, units) values ($1, $2, $3, $4, $5, $6)",
        *(ended.reclaim, performance, [item.seat for item in ended.seats], [item.epoch for item in ended.seats]),
        *([place.area for place in ended.areas], [place.units for place in ended.areas]),
    )
    counts = await connection.fetch(
        "select area, free, sold from area_count where performance = $1 and area = any($2) order by area",
        *(performance, [place.area for place in ended.areas]),
    )
    entry = FeedEntry(
        number=0,
        seats=tuple(SeatChange(seat=item.seat, status=SeatStatus.FREE) for item in ended.seats),
        areas=tuple(AreaCount(**row) for row in counts),
        reclaimed=(ended,),
    )
    head: int = await connection.fetchval(
        "select append_feed($1, $2, $3)",
        *(performance, entry.model_dump_json(exclude={"number"}, exclude_defaults=True), len(ended.seats)),
    )
    return head
