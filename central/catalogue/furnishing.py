"""Venues, price lists and seating plans as managers write them. Every function runs in the caller's transaction."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

import asyncpg

from boxoffice.domain.ids import PerformanceId, uuid7
from boxoffice.domain.plan import SeatingPlan, plan_from_json, plan_to_json
from boxoffice.domain.pricing import PriceList
from central.accounts.callers import unknown
from central.catalogue import plan_faults
from central.catalogue.editing import Heads
from central.problems import Declined
from central.versions import must_be_current

_MOST_NAMED = 10


async def save_venue(
    connection: asyncpg.Connection, venue: str | None, given: Mapping[str, Any], if_match: int | None, now: datetime
) -> asyncpg.Record:
    """A new one without `venue`. Raises Declined; a currency cannot change once there are events."""
    values = (given["name"], given["address"], given["timezone"], given["currency"])
    if venue is None:
        return await connection.fetchrow(
            "insert into venue (id, name, address, timezone, currency) values ($1, $2, $3, $4, $5) returning *",
            *(str(uuid7(now, secrets.randbits)), *values),
        )
    row = await connection.fetchrow("select * from venue where id = $1 for no key update", venue)
    if row is None:
        raise unknown("venue", "venueId")
    must_be_current(row["version"], if_match)
    if row["currency"] != given["currency"] and await _is_used(connection, "venue_id", venue):
        raise _conflict("venue_in_use", "There are events here in another currency.", "currency")
    return await connection.fetchrow(
        "update venue set name = $2, address = $3, timezone = $4, currency = $5, version = version + 1"
        " where id = $1 returning *",
        *(venue, *values),
    )


async def save_price_list(
    connection: asyncpg.Connection,
    price_list: str | None,
    given: Mapping[str, Any],
    if_match: int | None,
    now: datetime,
) -> asyncpg.Record:
    """Raises Declined; the currency and the number of categories hold while events use the list."""
    found = PriceList.model_validate({**given, "id": price_list or str(uuid7(now, secrets.randbits))})
    if price_list is None:
        return await connection.fetchrow(
            "insert into price_list (id, name, currency, body) values ($1, $2, $3, $4) returning *",
            *(found.id, found.name, found.currency, found.model_dump_json()),
        )
    row = await connection.fetchrow("select * from price_list where id = $1 for no key update", price_list)
    if row is None:
        raise unknown("price list", "priceListId")
    must_be_current(row["version"], if_match)
    if await _is_used(connection, "price_list_id", price_list):
        if row["currency"] != found.currency:
            raise _conflict("price_list_in_use", "There are events at these prices in another currency.", "currency")
        if len(found.prices) < len(json.loads(row["body"])["prices"]):
            raise _conflict("price_list_in_use", "There are events with more price categories.", "prices")
    return await connection.fetchrow(
        "update price_list set name = $2, currency = $3, body = $4, version = version + 1 where id = $1 returning *",
        *(found.id, found.name, found.currency, found.model_dump_json()),
    )


async def save_plan(
    connection: asyncpg.Connection,
    plan: str | None,
    given: Mapping[str, Any],
    if_match: int | None,
    now: datetime,
) -> tuple[SeatingPlan, Heads]:
    """A new plan or a new version. Places that were touched keep their number and name. Raises Declined."""
    row = None
    if plan is not None:
        row = await connection.fetchrow("select * from plan where id = $1 for no key update", plan)
        if row is None:
            raise unknown("plan", "planId")
        must_be_current(row["version"], if_match)
    identity, version = plan or str(uuid7(now, secrets.randbits)), (row["version"] if row else 0) + 1
    # a stadium takes a second, and others wait for this loop
    found = await asyncio.to_thread(plan_faults.read, given, identity, version)
    if isinstance(found, list):
        more = len(found) - plan_faults.MOST_NAMED
        named = " ".join(found[: plan_faults.MOST_NAMED]) + (f" And {more} more." if more > 0 else "")
        raise Declined(
            *(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed_plan", f"The seating plan has {len(found)} faults."),
            named,
            field=found[0].partition(":")[0],
        )
    body = json.dumps(plan_to_json(found))
    if row is None:
        await connection.execute(
            "insert into plan (id, version, name, seat_count, body) values ($1, $2, $3, $4, $5)",
            *(found.id, found.version, found.name, found.seat_count, body),
        )
        return found, {}
    events = await connection.fetch("select id from performance where plan_id = $1 order by id for update", found.id)
    performances = [PerformanceId(event["id"]) for event in events]
    await _check_places_stay(connection, performances, plan_from_json(json.loads(row["body"])), found)
    await connection.execute(
        "update plan set version = $2, name = $3, seat_count = $4, body = $5 where id = $1",
        *(found.id, found.version, found.name, found.seat_count, body),
    )
    return found, await _refit(connection, performances, found, found.seat_count - row["seat_count"])


async def remove(connection: asyncpg.Connection, table: str, column: str, kind: str, key: str) -> None:
    """Of `venue`, `plan` or `price_list`. Raises Declined, 409, while events use it."""
    if await connection.fetchval(f"select id from {table} where id = $1 for update", key) is None:
        raise unknown(kind)
    if await _is_used(connection, column, key):
        raise _conflict(f"{table}_in_use", f"There are events with this {kind}.", "")
    await connection.execute(f"delete from {table} where id = $1", key)


async def _is_used(connection: asyncpg.Connection, column: str, key: str) -> bool:
    return bool(await connection.fetchval(f"select exists (select from performance where {column} = $1)", key))


async def _check_places_stay(
    connection: asyncpg.Connection, performances: Sequence[PerformanceId], old: SeatingPlan, new: SeatingPlan
) -> None:
    seats = await connection.fetch(
        "select seat from seat where performance = any($1) union"
        " select seat from ticket where performance = any($1) and seat is not null order by seat",
        performances,
    )
    moved = [
        old.seat_name(row["seat"])
        for row in seats
        if row["seat"] < old.seat_count
        and (row["seat"] >= new.seat_count or old.seat_name(row["seat"]) != new.seat_name(row["seat"]))
    ]
    if moved:
        named = ", ".join(moved[:_MOST_NAMED]) + (f" and {len(moved) - _MOST_NAMED} more" * (len(moved) > _MOST_NAMED))
        raise _conflict("places_in_use", f"Seats that were sold or reserved would vanish or move: {named}.", "sections")
    areas = await connection.fetch(
        "select area, max(capacity - free) as taken from area_count where performance = any($1) group by area",
        performances,
    )
    for row in areas:
        area = new.areas[row["area"]] if row["area"] < len(new.areas) else None
        if area is None or area.name != old.areas[row["area"]].name:
            raise _conflict("places_in_use", f"{old.areas[row['area']].name} has events; it cannot vanish.", "areas")
        if area.capacity < row["taken"]:
            raise _conflict("places_in_use", f"{row['taken']} places of {area.name} are sold or reserved.", "areas")
    if performances:
        priced = await connection.fetchval(
            "select min(jsonb_array_length(l.body -> 'prices')) from performance p"
            " join price_list l on l.id = p.price_list_id where p.id = any($1)",
            performances,
        )
        if priced < len(new.categories):
            raise _conflict("missing_prices", f"Events on this plan have prices for {priced} categories.", "categories")


async def _refit(
    connection: asyncpg.Connection, performances: Sequence[PerformanceId], plan: SeatingPlan, more_seats: int
) -> Heads:
    """The houses of a plan that changed: their areas and counters; whoever followed them looks anew."""
    await connection.executemany(
        "insert into area_count as c (performance, area, capacity, free) values ($1, $2, $3, $3)"
        " on conflict (performance, area) do update"
        " set capacity = excluded.capacity, free = c.free + excluded.capacity - c.capacity",
        [(performance, index, area.capacity) for performance in performances for index, area in enumerate(plan.areas)],
    )
    rows = await connection.fetch(
        "update feed_head h set free_seats = h.free_seats + $2, head = h.head + 1, compacted_to = h.head + 1"
        " from (select performance from feed_head where performance = any($1) order by performance for update) as mine"
        " where h.performance = mine.performance returning h.performance, h.head",
        *(performances, more_seats),
    )
    return {PerformanceId(row["performance"]): row["head"] for row in rows}


def _conflict(code: str, message: str, field: str) -> Declined:
    return Declined(HTTPStatus.CONFLICT, code, message, "Make a new one and use it for new events.", field=field)
