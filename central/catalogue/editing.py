"""Events as their managers write them: made, changed, removed. Every function runs in the caller's transaction.

Locks: the performance, then areas, then feed_head, and last the one row of `server` whose version tells tills to look.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from boxoffice.domain.catalogue import PerformanceStatus
from boxoffice.domain.ids import PerformanceId, PlanId, uuid7
from boxoffice.domain.plan import Area, SeatingPlan, plan_to_json
from central.accounts.callers import unknown
from central.announcements import Happened, announce
from central.catalogue.opening import open_house
from central.problems import Declined
from central.tills.hints import CATALOGUE
from central.versions import must_be_current

_FREE_FOR = timedelta(days=14)  # so long who booked an event that was moved may give it all back
_REFUNDED_FOR = timedelta(days=7)  # after its end, an event may still be called off
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_LONGEST = timedelta(days=31)  # search looks back as far as the longest event
_USUAL_LENGTH = timedelta(hours=2)
_DOORS_BEFORE = timedelta(hours=1)
_GENERAL = "general-"  # plans of one area without seats, shared by all events of that size
_TOUCHED = """
    select exists (select from seat where performance = $1)
        or exists (select from area_lease where performance = $1)
        or exists (select from area_count where performance = $1 and free <> capacity)
        or exists (select from ticket where performance = $1)
        or exists (select from hold where performance = $1)
        or exists (select from booking where performance = $1)
        or exists (select from waiting_entry where performance = $1)
"""

_BOOKED = "select exists (select from booking where performance = $1 and state in ('pending', 'confirmed'))"

Heads = dict[PerformanceId, int]


@dataclass(frozen=True, slots=True)
class Written:
    """Tell `heads` to the hints after the commit. What has to be told or given back to those who booked it:
    `was_called_off`, `was_moved`."""

    event: PerformanceId
    version: int
    heads: Heads
    was_called_off: bool = False
    was_moved: bool = False


async def make(connection: asyncpg.Connection, given: Mapping[str, Any], now: datetime) -> Written:
    """`given` are the fields of an EventRequest that were sent. Raises Declined."""
    venue = await _venue(connection, given, now)
    starts, doors, ends = _times(given, ZoneInfo(venue["timezone"]), None, now)
    plan = await _plan(connection, given)
    prices = await _price_list(connection, given.get("priceListId"), venue["currency"], plan)
    production = await _production(connection, given["name"], given.get("category") or "event", ends - starts, now)
    event = PerformanceId(
        await connection.fetchval(
            "insert into performance (production_id, venue_id, hall, plan_id, price_list_id, starts_at, doors_at,"
            " ends_at, status, allotment, details, refund_policy)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id",
            *(production, venue["id"], given.get("hall", ""), plan["id"], prices, starts, doors, ends),
            *(str(given.get("status") or "on_sale"), given.get("allotment", 60), given.get("details", "")),
            _policy(given),
        )
    )
    await open_house(connection, event)
    return Written(event, 1, await published(connection, {event: 0}))


async def change(
    connection: asyncpg.Connection, event: PerformanceId, given: Mapping[str, Any], if_match: int | None, now: datetime
) -> Written:
    """What was not sent stays as it is. Raises Declined."""
    # another plan: nobody takes a place of the old one meanwhile, for that refers to the performance; called off: what
    # is just being paid for is either sold before, and refunded, or not sold
    alone = given.get("planId") or given.get("status") is PerformanceStatus.CANCELLED
    row = await _locked(connection, event, "for update of p" if alone else "for no key update of p")
    must_be_current(row["version"], if_match, given.get("version"))
    venue = row
    if given.get("venueId") or given.get("location", row["venue_name"]).lower() != row["venue_name"].lower():
        venue = await _venue(connection, given, now)
    starts, doors, ends = _times(given, ZoneInfo(venue["timezone"]), row, now)
    heads, plan = await _changed_house(connection, event, row, given)
    wanted = given.get("priceListId") or row["price_list_id"]
    prices = await _price_list(connection, wanted, venue["currency"], plan)
    production = await _production(
        *(connection, given.get("name", row["title"]), given.get("category") or row["kind"], ends - starts, now)
    )
    version = await connection.fetchval(
        "update performance set production_id = $2, venue_id = $3, hall = $4, plan_id = $5, price_list_id = $6,"
        " starts_at = $7, doors_at = $8, ends_at = $9, status = $10, allotment = $11, details = $12,"
        " refund_policy = $13, version = version + 1 where id = $1 returning version",
        *(event, production, venue["venue_id"] if venue is row else venue["id"], given.get("hall", row["hall"])),
        *(plan["id"], prices, starts, doors, ends, str(given.get("status") or row["status"])),
        *(given.get("allotment", row["allotment"]), given.get("details", row["details"])),
        _policy(given) if "refundPolicy" in given else row["refund_policy"],
    )
    is_booked = await connection.fetchval(_BOOKED, event)
    is_called_off = (given.get("status") or row["status"]) == PerformanceStatus.CANCELLED
    was_called_off = is_booked and is_called_off and row["status"] != PerformanceStatus.CANCELLED
    if was_called_off:
        _check_not_history(row, now)
    was_moved = is_booked and not is_called_off and starts != row["starts_at"]
    if was_moved:
        await connection.execute(
            "update performance set moved_at = $2, moved_from = $3, free_until = $4 where id = $1",
            *(event, now, row["starts_at"], min(starts, now + _FREE_FOR)),
        )
    await _announce(connection, event, version, str(given.get("status") or row["status"]), starts, now)
    return Written(event, version, await published(connection, heads), was_called_off, was_moved)


async def _announce(
    connection: asyncpg.Connection, event: PerformanceId, version: int, status: str, starts: datetime, now: datetime
) -> None:
    told = {"eventId": str(event), "version": version, "status": status, "startsAt": starts.isoformat()}
    await announce(connection, Happened.EVENT_CHANGED, now, told)


def _check_not_history(row: Mapping[str, Any], now: datetime) -> None:
    """Calling off gives everybody their money back. Raises Declined, 409, for what took place long ago."""
    if row["ends_at"] <= now - _REFUNDED_FOR:
        raise Declined(
            *(HTTPStatus.CONFLICT, "event_over", "This event is over: calling it off would refund everybody."),
            "Leave it as it is; bookings can still be cancelled one by one.",
        )


async def remove(
    connection: asyncpg.Connection, event: PerformanceId, if_match: int | None, now: datetime
) -> tuple[Written, bool]:
    """Whether it is gone. One that somebody bought for, or a till may have sold for, is called off and stays."""
    row = await _locked(connection, event, "for update of p")
    must_be_current(row["version"], if_match)
    if await connection.fetchval(_TOUCHED, event):
        _check_not_history(row, now)
        version = await connection.fetchval(
            "update performance set status = 'cancelled', version = version + 1 where id = $1 returning version", event
        )
        await _announce(connection, event, version, "cancelled", row["starts_at"], now)
        return Written(event, version, await published(connection, {event: 0}), was_called_off=True), False
    for table in ("feed", "feed_head", "area_count", "rating", "review"):
        await connection.execute(f"delete from {table} where performance = $1", event)
    await connection.execute("delete from performance where id = $1", event)
    return Written(event, row["version"], await published(connection, {})), True


async def published(connection: asyncpg.Connection, heads: Heads) -> Heads:
    """Raise the catalogue's version; the heads with it. Last in its transaction: it holds a row that all need."""
    version = await connection.fetchval(
        "update server set catalogue_version = catalogue_version + 1 returning catalogue_version"
    )
    return {**heads, CATALOGUE: version}


async def _locked(connection: asyncpg.Connection, event: PerformanceId, how: str) -> Any:
    row = await connection.fetchrow(
        "select p.*, o.title, o.kind, v.name as venue_name, v.timezone, v.currency from performance p"
        f" join production o on o.id = p.production_id join venue v on v.id = p.venue_id where p.id = $1 {how}",
        event,
    )
    if row is None:
        raise unknown("event", "eventId")
    return row


async def _venue(connection: asyncpg.Connection, given: Mapping[str, Any], now: datetime) -> asyncpg.Record:
    """By its id or its name; a place that is not known yet is added, with the time and money of the first venue."""
    if given.get("venueId"):
        found = await connection.fetchrow("select * from venue where id = $1", given["venueId"])
        if found is None:
            raise _unprocessable("unknown_venue", "There is no such venue.", "venueId")
        return found
    found = await connection.fetchrow(
        "select * from venue where lower(name) = lower($1) order by ordinal limit 1", given["location"]
    )
    return found or await connection.fetchrow(
        "insert into venue (id, name, address, timezone, currency) select $1, $2, '',"
        " coalesce((select timezone from venue order by ordinal limit 1), 'UTC'),"
        " coalesce((select currency from venue order by ordinal limit 1), 'EUR') returning *",
        *(str(uuid7(now, secrets.randbits)), given["location"]),
    )


def _times(
    given: Mapping[str, Any], zone: ZoneInfo, before: Mapping[str, Any] | None, now: datetime
) -> tuple[datetime, datetime, datetime]:
    """Start, doors and end. A start that moves takes doors and end along, and does so before it has come."""

    def instant(field: str) -> datetime:
        return _instant(given[field], zone, field)

    try:
        starts = instant("date") if "date" in given else before["starts_at"]  # type: ignore[index]
        lead = before["starts_at"] - before["doors_at"] if before else _DOORS_BEFORE
        length = before["ends_at"] - before["starts_at"] if before else _USUAL_LENGTH
        doors = instant("doorsAt") if given.get("doorsAt") else starts - lead
        ends = instant("endsAt") if given.get("endsAt") else starts + length
    except OverflowError:
        raise _unprocessable("malformed", "This is no date for an event.", "date") from None
    if not _FIRST <= starts < _LAST:
        raise _unprocessable("malformed", "This is no date for an event.", "date")
    if not starts - _LONGEST <= doors <= starts:
        raise _unprocessable("malformed", "Doors open before the start.", "doorsAt")
    if not starts < ends <= starts + _LONGEST:
        raise _unprocessable("malformed", "The end lies after the start, within 31 days.", "endsAt")
    if before and starts != before["starts_at"] and before["starts_at"] <= now:
        raise Declined(
            *(HTTPStatus.CONFLICT, "event_began", "This event has begun: its date stays as it is."),
            *("Make another event.",),
            field="date",
        )
    is_as_before = before is not None and (starts, ends) == (before["starts_at"], before["ends_at"])
    if ends <= now and not is_as_before:
        raise _unprocessable("in_the_past", "It would be over already.", "date" if "date" in given else "endsAt")
    return starts, doors, ends


def _instant(moment: datetime, zone: ZoneInfo, field: str) -> datetime:
    """Without an offset the venue's own time; of an hour that comes twice in autumn, the first."""
    if moment.tzinfo:
        return moment.astimezone(UTC)
    found = moment.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) != moment.replace(fold=0):
        raise _unprocessable(
            *("no_such_time", f"There is no {moment:%H:%M} on that day in {zone.key}: the clocks go forward.", field)
        )
    return found


async def _plan(connection: asyncpg.Connection, given: Mapping[str, Any]) -> asyncpg.Record:
    total = given.get("totalSeats")
    if given.get("planId"):
        found = await connection.fetchrow(_PLAN, given["planId"])
        if found is None:
            raise _unprocessable("unknown_plan", "There is no such seating plan.", "planId")
        if total not in (None, found["capacity"]):
            raise _unprocessable(
                "wrong_total", f"This seating plan has {found['capacity']} places, not {total}.", "totalSeats"
            )
        return found
    if total is None:
        raise _unprocessable("malformed", "Say how many places there are, or name a seating plan.", "totalSeats")
    plan = SeatingPlan(
        id=PlanId(f"{_GENERAL}{total}"),
        version=1,
        name="General admission",
        width=1000,
        height=1000,
        focal_point=(500, 0),
        categories=("General admission",),
        sections=(),
        areas=(Area("General admission", total, 0, ((0, 0), (1000, 0), (1000, 1000), (0, 1000))),),
    )
    await connection.execute(
        "insert into plan (id, version, name, seat_count, body) values ($1, 1, $2, 0, $3) on conflict (id) do nothing",
        *(plan.id, plan.name, json.dumps(plan_to_json(plan))),
    )
    return await connection.fetchrow(_PLAN, plan.id)


PLANS = """
    select id, name, version, seat_count, jsonb_array_length(body -> 'categories') as categories,
        seat_count + coalesce((select sum((area ->> 'capacity')::integer)
            from jsonb_array_elements(body -> 'areas') as area), 0) as capacity
    from plan
"""
_PLAN = f"{PLANS} where id = $1"


async def _price_list(
    connection: asyncpg.Connection, wanted: str | None, currency: str, plan: Mapping[str, Any]
) -> str:
    """The one wanted, or the house's first that has a price for every category of the plan."""
    if wanted is None:
        found = await connection.fetchval(
            "select id from price_list where currency = $1 and jsonb_array_length(body -> 'prices') >= $2"
            " order by ordinal limit 1",
            *(currency, plan["categories"]),
        )
        if found is None:
            raise Declined(
                *(HTTPStatus.CONFLICT, "no_price_list", f"No price list in {currency} fits this seating plan."),
                *("Make one at /api/admin/price-lists, then name it.",),
                field="priceListId",
            )
        return str(found)
    row = await connection.fetchrow(
        "select currency, jsonb_array_length(body -> 'prices') as categories from price_list where id = $1", wanted
    )
    if row is None:
        raise _unprocessable("unknown_price_list", "There is no such price list.", "priceListId")
    if row["currency"] != currency:
        raise _unprocessable("wrong_currency", f"This price list is not in {currency}.", "priceListId")
    if row["categories"] < plan["categories"]:
        raise _unprocessable(
            "missing_prices",
            f"The plan has {plan['categories']} categories, the list prices {row['categories']}.",
            "priceListId",
        )
    return wanted


async def _production(connection: asyncpg.Connection, title: str, kind: str, length: timedelta, now: datetime) -> str:
    """Events of one title, kind and length share it: a new title never renames another event."""
    minutes = max(1, int(length.total_seconds() // 60))
    found = await connection.fetchval(
        "select id from production where lower(title) = lower($1) and lower(kind) = lower($2) and title = $1"
        " and kind = $2 and minutes = $3 order by ordinal limit 1",
        *(title, kind, minutes),
    )
    if found is None:
        found = str(uuid7(now, secrets.randbits))
        await connection.execute(
            "insert into production (id, title, kind, minutes) values ($1, $2, $3, $4)", *(found, title, kind, minutes)
        )
    return str(found)


async def _changed_house(
    connection: asyncpg.Connection, event: PerformanceId, row: Mapping[str, Any], given: Mapping[str, Any]
) -> tuple[Heads, asyncpg.Record]:
    now = await connection.fetchrow(_PLAN, row["plan_id"])
    total = given.get("totalSeats", now["capacity"])
    if not given.get("planId") and total == now["capacity"]:
        return {event: 0}, now
    plan = await _plan(connection, given if given.get("planId") else {"totalSeats": total})
    if plan["id"] == now["id"]:
        return {event: 0}, now
    if now["id"].startswith(_GENERAL) and plan["id"].startswith(_GENERAL):
        return {event: await _resize(connection, event, total)}, plan
    if not given.get("planId"):
        raise _unprocessable(
            "wrong_total", f"This seating plan has {now['capacity']} places, not {total}.", "totalSeats"
        )
    if await connection.fetchval(_TOUCHED, event):
        raise Declined(
            *(HTTPStatus.CONFLICT, "plan_in_use", "Places of this event were sold or reserved on its seating plan."),
            *("Make another event, or change the plan itself.",),
            field="planId",
        )
    await connection.execute("update performance set plan_id = $2 where id = $1", *(event, plan["id"]))
    await connection.execute("delete from area_count where performance = $1", event)
    await open_house(connection, event)
    head = await connection.fetchval(
        # whoever followed the house of the other plan has to look at it anew
        "update feed_head set free_seats = $2, head = head + 1, compacted_to = head + 1 where performance = $1"
        " returning head",
        *(event, plan["seat_count"]),
    )
    return {event: head}, plan


async def _resize(connection: asyncpg.Connection, event: PerformanceId, total: int) -> int:
    """More or fewer places of general admission; the feed's new head."""
    row = await connection.fetchrow(
        "select capacity, free from area_count where performance = $1 and area = 0 for update", event
    )
    taken = row["capacity"] - row["free"]
    if total < taken:
        raise Declined(
            *(HTTPStatus.CONFLICT, "too_few_places", f"{taken} places are sold or reserved already."),
            *(f"Leave at least {taken}.",),
            field="totalSeats",
        )
    count = await connection.fetchrow(
        "update area_count set capacity = $2, free = $2 - $3::integer where performance = $1 and area = 0"
        " returning area, free, sold",
        *(event, total, taken),
    )
    head: int = await connection.fetchval("select append_feed($1, $2, 0)", event, json.dumps({"areas": [dict(count)]}))
    return head


def _policy(given: Mapping[str, Any]) -> str | None:
    policy = given.get("refundPolicy")
    return None if policy is None else policy.model_dump_json()


def _unprocessable(code: str, message: str, field: str) -> Declined:
    return Declined(HTTPStatus.UNPROCESSABLE_ENTITY, code, message, "Correct it and send it again.", field=field)
