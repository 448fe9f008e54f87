"""Sales of tills whose seats somebody else has: where their people go. docs/rules/conflicts.md tells the rule.

Only an order of a till can be in conflict, as the web commits its own. Its money is booked; what is open is where its
people sit. They are moved together, by the policy of `boxoffice.domain.settlement` or to seats that a manager names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

import asyncpg
import numpy as np
from numpy.typing import NDArray

from boxoffice.domain.clock import Clock
from boxoffice.domain.ids import PerformanceId, SaleId, TicketId
from boxoffice.domain.protocol import FeedEntry, SeatChange, SeatStatus, TicketRecord
from boxoffice.domain.settlement import Party, Why, settle
from central import audit, messages
from central.accounts.callers import Caller
from central.bookings.houses import Billing, Houses
from central.database import Database
from central.problems import Declined
from central.tills.feeds import TICKET_COLUMNS
from central.tills.hints import Hints
from central.tills.scans import WAS_LET_IN

_OPEN = """
    select sale, performance from ticket where in_conflict
        and exists (select from performance p where p.id = performance and p.ends_at > $1)
    group by sale, performance order by performance, sale
"""
_TICKETS = f"""
    select {TICKET_COLUMNS}, t.in_conflict, {WAS_LET_IN} as was_let_in, s.email, s.sold_at, s.currency
    from ticket t join sale s on s.id = t.sale
    where t.sale = $1 and t.performance = $2 and (t.valid or t.in_conflict) order by t.seat, t.id
"""
_RIVALS = """
    select distinct r.sale from ticket mine
    join seat on seat.performance = mine.performance and seat.seat = mine.seat
    join ticket r on r.id = seat.ticket and r.sale <> mine.sale
    where mine.sale = $1 and mine.performance = $2 and mine.in_conflict order by r.sale
"""
_SEATS = """
    select seat, status, ticket from seat where performance = $1 and seat = any($2) order by seat for no key update
"""


@dataclass(frozen=True, slots=True)
class Proposal:
    """`seats` for the order's tickets, in the order of their present ones. `is_certain`: nobody need decide it."""

    seats: tuple[int, ...]
    why: str
    is_certain: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the order's people sit now, and the feed's new head."""

    places: tuple[str, ...]
    head: int


async def open_conflicts(connection: asyncpg.Connection, after: datetime) -> Sequence[tuple[SaleId, PerformanceId]]:
    """Orders in conflict about performances that end after that moment."""
    return [(row["sale"], row["performance"]) for row in await connection.fetch(_OPEN, after)]


async def propose(connection: asyncpg.Connection, houses: Houses, sale: SaleId, performance: PerformanceId) -> Proposal:
    """What the policy says, as things are now. Raises Declined, 409 `no_conflict`."""
    mine = await _tickets(connection, sale, performance)
    house = await houses.look(connection, performance)
    seats = tuple(row["seat"] for row in mine if row["seat"] is not None)
    rivals = [row["sale"] for row in await connection.fetch(_RIVALS, sale, performance)]
    if not rivals:
        own = {row["ticket"] for row in mine}
        rows = await connection.fetch(
            "select seat, status, ticket from seat where performance = $1 and seat = any($2)", performance, seats
        )
        if all(_is_theirs(row, own) for row in rows):
            return Proposal(seats, "nobody else has their places any more", is_certain=True)
    party = _party(mine, 1)
    others = [_party(await connection.fetch(_TICKETS, rival, performance), 0) for rival in rivals]
    # whoever of the others is in the house decides; without others the seats are held by another till
    other = min(others, key=lambda one: not one.is_admitted, default=_nobody(party))
    found = settle(party, other, house.billing.plan, house.sellable, _worth(house.billing))
    if found.moves is not party:
        return Proposal((), "their people are in the house, so the others need new seats", is_certain=False)
    return Proposal(found.seats, str(found.why), is_certain=found.why is Why.MOVES)


async def move(
    connection: asyncpg.Connection,
    houses: Houses,
    sale: SaleId,
    performance: PerformanceId,
    seats: Sequence[int],
    by: Caller | None,
    now: datetime,
) -> Placed:
    """Give the order these seats, in the order of its present ones, and places in its areas; its old seats are free if
    they were its own. In the caller's transaction. Raises Declined, 409 or 422."""
    mine = await _tickets(connection, sale, performance, lock=True)
    billing = await houses.billing(connection, performance)
    seated = [row for row in mine if row["seat"] is not None]
    _must_fit(seats, len(seated), billing)
    changed = await _take(connection, performance, seated, seats, billing)
    counts = await _take_places(connection, performance, mine, billing)
    goes_to = {row["ticket"]: seat for row, seat in zip(seated, seats, strict=True)}
    await connection.execute(
        "update ticket t set seat = new.seat, valid = true, in_conflict = false,"
        " generation = t.generation + (new.seat is distinct from t.seat)::int"
        " from unnest($1::bigint[], $2::int[]) as new (ticket, seat) where t.id = new.ticket",
        *([row["ticket"] for row in mine], [goes_to.get(row["ticket"]) for row in mine]),
    )
    records = await connection.fetch(
        f"select {TICKET_COLUMNS} from ticket t join sale s on s.id = t.sale where t.id = any($1) order by t.id",
        [row["ticket"] for row in mine],
    )
    entry = FeedEntry(
        number=0,
        seats=tuple(SeatChange(seat=seat, status=status) for seat, (_, status) in sorted(changed.items())),
        tickets=tuple(TicketRecord.model_validate(dict(row)) for row in records),
    )
    body = {**entry.model_dump(mode="json", exclude={"number"}, exclude_defaults=True), "areas": counts}
    freed = sum((now_is is SeatStatus.FREE) - (was is SeatStatus.FREE) for was, now_is in changed.values())
    head: int = await connection.fetchval("select append_feed($1, $2, $3)", performance, json.dumps(body), freed)
    places = tuple(billing.place_name(row["seat"], row["area"]) for row in records)
    detail = {"event": str(performance), "order": mine[0]["order_code"], "places": places}
    await audit.record(connection, by, "order moved", f"sale:{sale}", now, detail)
    if mine[0]["email"] and any(row["seat"] != goes_to[row["ticket"]] for row in seated):
        await _tell(connection, mine[0], performance, places, now)
    return Placed(places, head)


async def settle_open(database: Database, houses: Houses, hints: Hints, clock: Clock) -> int:
    """Move those of whom the policy says where to, as nobody need decide that. How many."""
    moved, now = 0, clock()
    async with database.pool.acquire() as connection:
        waiting = await open_conflicts(connection, now)
    for sale, performance in waiting:

        async def one(
            connection: asyncpg.Connection, sale: SaleId = sale, performance: PerformanceId = performance
        ) -> Placed | None:
            proposal = await propose(connection, houses, sale, performance)
            if not proposal.is_certain:
                return None
            return await move(connection, houses, sale, performance, proposal.seats, None, now)

        try:
            placed = await database.write(one)
        except Declined:  # another node was quicker, or a seat has just gone: the next look sees
            continue
        if placed is not None:
            hints.tell({performance: placed.head})
            moved += 1
    return moved


async def _tickets(
    connection: asyncpg.Connection, sale: SaleId, performance: PerformanceId, *, lock: bool = False
) -> Sequence[asyncpg.Record]:
    """Raises Declined when none of them is in conflict."""
    rows: Sequence[asyncpg.Record] = await connection.fetch(
        _TICKETS + (" for update of t" if lock else ""), sale, performance
    )
    if not any(row["in_conflict"] for row in rows):
        raise Declined(
            *(HTTPStatus.CONFLICT, "no_conflict", "This order is in no conflict about this event."),
            "It was settled meanwhile: look at the list again.",
        )
    return rows


def _party(rows: Sequence[asyncpg.Record], committed: int) -> Party:
    return Party(
        seats=tuple(row["seat"] for row in rows if row["seat"] is not None),
        committed=committed,
        is_admitted=any(row["was_let_in"] for row in rows),
        is_reachable=any(row["email"] for row in rows),
    )


def _nobody(than: Party) -> Party:
    """Who has the seats without having sold them yet: another till, for a customer of its own."""
    return Party(than.seats, 0, is_admitted=False, is_reachable=False)


def _worth(billing: Billing) -> NDArray[np.int64]:
    """Of each seat, at the dearest price type of its category."""
    prices = [max(row.values(), default=0) for row in billing.price_list.prices]
    by_category = np.zeros(max(len(prices), len(billing.plan.categories)), np.int64)
    by_category[: len(prices)] = prices
    worth: NDArray[np.int64] = by_category[billing.plan.category]
    return worth


def _is_theirs(row: Mapping[str, object], own: set[TicketId]) -> bool:
    return row["status"] == SeatStatus.FREE or row["ticket"] in own


def _must_fit(seats: Sequence[int], count: int, billing: Billing) -> None:
    def malformed(message: str, way_out: str = "") -> Declined:
        return Declined(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", message, way_out, field="seats")

    if len(seats) != count:
        raise malformed(f"The order has {count} seats, and {len(seats)} are named.", "Name one for each.")
    if len(set(seats)) < len(seats):
        raise malformed("A seat is named twice.")
    if any(seat >= billing.plan.seat_count for seat in seats):
        raise malformed(f"This house has seats 0 to {billing.plan.seat_count - 1}.")


async def _take(
    connection: asyncpg.Connection,
    performance: PerformanceId,
    seated: Sequence[asyncpg.Record],
    seats: Sequence[int],
    billing: Billing,
) -> dict[int, tuple[SeatStatus, SeatStatus]]:
    """Seat -> what it was and what it is. Raises Declined, 409 `places_taken`."""
    own = {row["ticket"] for row in seated}
    wanted = sorted({*seats, *(row["seat"] for row in seated)})
    await connection.execute(
        "insert into seat (performance, seat) select $1, unnest($2::int[]) on conflict do nothing", performance, wanted
    )
    rows = {row["seat"]: row for row in await connection.fetch(_SEATS, performance, wanted)}
    taken = [billing.place_name(seat, None) for seat in sorted(seats) if not _is_theirs(rows[seat], own)]
    if taken:
        raise Declined(
            *(HTTPStatus.CONFLICT, "places_taken", f"{', '.join(taken)}: taken."), "Choose others.", field="seats"
        )
    given = {seat: row["ticket"] for row, seat in zip(seated, seats, strict=True)}
    left = [seat for seat, row in rows.items() if row["ticket"] in own and seat not in given]
    await connection.execute(
        "update seat set status = $3, epoch = epoch + 1, till = 0, ticket = null where performance = $1"
        " and seat = any($2)",
        *(performance, left, SeatStatus.FREE),
    )
    await connection.execute(
        "update seat s set status = $4, epoch = s.epoch + 1, till = 0, ticket = new.ticket"
        " from unnest($2::int[], $3::bigint[]) as new (seat, ticket) where s.performance = $1 and s.seat = new.seat",
        *(performance, list(given), list(given.values()), SeatStatus.SOLD),
    )
    became = dict.fromkeys(left, SeatStatus.FREE) | dict.fromkeys(given, SeatStatus.SOLD)
    return {seat: (SeatStatus(rows[seat]["status"]), status) for seat, status in became.items()}


async def _take_places(
    connection: asyncpg.Connection, performance: PerformanceId, mine: Sequence[asyncpg.Record], billing: Billing
) -> list[dict[str, int]]:
    """Places for those tickets of areas that have none. Raises Declined, 409 `sold_out`."""
    counts = []
    for area in sorted({row["area"] for row in mine if row["in_conflict"] and row["area"] is not None}):
        units = sum(row["in_conflict"] and row["area"] == area for row in mine)
        row = await connection.fetchrow(
            "update area_count set free = free - $3, sold = sold + $3 where performance = $1 and area = $2"
            " and free >= $3 returning area, free, sold",
            *(performance, area, units),
        )
        if row is None:
            raise Declined(
                HTTPStatus.CONFLICT,
                "sold_out",
                f"{billing.place_name(None, area)} has too few places.",
                "Refund the order at a till, or wait until places come back.",
            )
        counts.append(dict(row))
    return counts


async def _tell(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    performance: PerformanceId,
    places: Sequence[str],
    now: datetime,
) -> None:
    account = await connection.fetchrow(
        "select id, language from account where email = $1 and deleted_at is null", order["email"]
    )
    await messages.write(
        connection,
        "seats_moved",
        now,
        account=account["id"] if account else None,
        address=order["email"],
        language=account["language"] if account else "en",
        detail={"eventId": str(performance), "order": order["order_code"], "places": list(places)},
    )
