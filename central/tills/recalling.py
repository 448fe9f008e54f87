"""Recalls: tills are asked for seats of their allotments. What a till gives back comes as its RETURN, behind its sales;
until then the seat stays its own, however long the till is silent. docs/rules/seat-leases.md tells the rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import asyncpg

from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.protocol import FeedEntry, SeatStatus

_SILENT_AFTER = timedelta(minutes=3)  # a till asks three times a minute, and that is noted once
_OF_SILENT_TILLS = """
    select s.seat from seat s join till t on t.number = s.till
    where s.performance = $1 and s.status = $2 and (t.heard_at < now() - $3::interval) is not false
"""
# `recalled` is the epoch of the lease that was: a new one can be recalled again
_RECALL = """
    with kept as (
        select performance, seat from seat
        where performance = $1 and status = $2 and recalled < epoch and ($3::integer[] is null or seat = any($3))
        order by seat for no key update
    )
    update seat s set recalled = s.epoch from kept where s.performance = kept.performance and s.seat = kept.seat
    returning s.seat
"""


async def out_of_reach(connection: asyncpg.Connection, performance: PerformanceId) -> list[int]:
    """Seats of tills that do not hear of a recall now."""
    rows = await connection.fetch(_OF_SILENT_TILLS, performance, SeatStatus.LEASED, _SILENT_AFTER)
    return [row["seat"] for row in rows]


async def recall(
    connection: asyncpg.Connection, performance: PerformanceId, seats: Sequence[int] | None
) -> tuple[int, int]:
    """Ask for those of `seats` that tills hold (None: of all), once a lease. How many, and the feed's new head or 0.
    In the caller's transaction."""
    rows = await connection.fetch(_RECALL, performance, SeatStatus.LEASED, seats)
    if not rows:
        return 0, 0
    entry = FeedEntry(number=0, recall=tuple(sorted(row["seat"] for row in rows)))
    head: int = await connection.fetchval(
        "select append_feed($1, $2, 0)", performance, entry.model_dump_json(exclude={"number"}, exclude_defaults=True)
    )
    return len(rows), head
