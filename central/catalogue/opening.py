"""The empty house of an event: its areas and its feed, as the seating plan has them."""

from __future__ import annotations

import asyncpg

from boxoffice.domain.ids import PerformanceId


async def open_house(connection: asyncpg.Connection, event: PerformanceId) -> None:
    """What is there already stays as it is."""
    await connection.execute(
        "insert into area_count (performance, area, capacity, free)"
        " select p.id, area.n - 1, (area.body ->> 'capacity')::integer, (area.body ->> 'capacity')::integer"
        " from performance p join plan on plan.id = p.plan_id,"
        " jsonb_array_elements(plan.body -> 'areas') with ordinality as area (body, n) where p.id = $1"
        " on conflict do nothing",
        event,
    )
    await connection.execute(
        "insert into feed_head (performance, free_seats) select p.id, plan.seat_count from performance p"
        " join plan on plan.id = p.plan_id where p.id = $1 on conflict do nothing",
        event,
    )
