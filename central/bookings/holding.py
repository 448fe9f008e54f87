"""Holds: places kept for a customer for some minutes, by the one database function `hold_places`."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import asyncpg

from boxoffice.domain.allocation import best_available
from boxoffice.domain.ids import PerformanceId, uuid7
from boxoffice.domain.refusals import Malformed
from central.accounts.access_tokens import unauthorised
from central.accounts.callers import unknown
from central.bookings.houses import Billing, House, Houses
from central.bookings.priced import Chosen
from central.bookings.rules import BookingRules
from central.bookings.wishes import preference
from central.problems import Declined
from central.waiting.turns import SomebodyWaits, nobody_waits

_TRIES = 8  # of places chosen for a customer: somebody may have been quicker each time

_HOLD = f"select hold_places($1, $2, $3, $4, $5, $6, $7, $8, $9) where $10 or {nobody_waits('$3')}"


@dataclass(frozen=True, slots=True)
class Asked:
    """Either named `seats` and `places`, or a `count` with `words` about where."""

    performance: PerformanceId
    seats: tuple[int, ...] = ()
    places: tuple[tuple[int, int], ...] = ()  # (area, how many)
    count: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """`head` of the feed; 0: it was held before, by the same request."""

    hold: UUID
    billing: Billing
    places: tuple[Chosen, ...]
    expires_at: datetime
    head: int
    reason: str = ""  # why these, when they were chosen for the customer


async def hold(
    connection: asyncpg.Connection,
    houses: Houses,
    rules: BookingRules,
    account: UUID,
    asked: Asked,
    now: datetime,
    hold_id: UUID | None = None,
    *,
    is_turn: bool = False,
) -> Held:
    """All places or none. In a transaction of the caller, or in one of its own statement. `is_turn`: nobody who waits
    comes before this one.

    Raises SomebodyWaits, Declined: 404 `unknown_event`, 409 `places_taken`, `sold_out`, `not_on_sale`,
    `too_many_holds`, 422.
    """
    must_be_few(len(asked.seats) + sum(count for _, count in asked.places) or asked.count, rules)
    hold_id = hold_id or uuid7(now, secrets.randbits)
    if asked.seats or asked.places:
        billing = await houses.billing(connection, asked.performance)
        places = _named(billing, asked)
        head = await _hold(connection, billing, rules, hold_id, account, places, now, is_turn=is_turn)
        return Held(hold_id, billing, places, now + rules.hold_for, head)
    house = await houses.look(connection, asked.performance)
    for _ in range(_TRIES):
        places, reason = chosen(house, asked)
        seats = [place.seat for place in places if place.seat is not None]
        with house.trying(seats):
            try:
                async with connection.transaction():
                    head = await _hold(connection, house.billing, rules, hold_id, account, places, now, is_turn=is_turn)
            except Declined as declined:
                if declined.code not in ("places_taken", "sold_out"):
                    raise
                house = await houses.look(connection, asked.performance)
                continue
        return Held(hold_id, house.billing, places, now + rules.hold_for, head, reason)
    raise Declined(
        *(HTTPStatus.CONFLICT, "busy", "Many people are booking these places right now."),
        "Try again in a moment.",
        headers={"Retry-After": "1"},
    )


def must_be_few(count: int, rules: BookingRules) -> None:
    """Raises Declined, 422 `too_many_tickets`."""
    if not 1 <= count <= rules.most_tickets:
        raise Declined(
            *(HTTPStatus.UNPROCESSABLE_ENTITY, "too_many_tickets", f"{count} tickets cannot be booked at once."),
            f"Book 1 to {rules.most_tickets}, or ask the box office for a group.",
            field="numberOfTickets",
        )


async def release(connection: asyncpg.Connection, performance: PerformanceId, hold_id: UUID) -> int:
    """The feed's new head, or 0 when it was not open any more."""
    head: int = await connection.fetchval("select free_holds($1, array[$2::uuid], 'released')", performance, hold_id)
    return head


def places_of(hold: Mapping[str, Any]) -> tuple[Chosen, ...]:
    """Of a row of `hold`."""
    return tuple(Chosen(seat=seat) for seat in sorted(hold["seats"])) + tuple(
        Chosen(area=area) for area, units in zip(hold["areas"], hold["units"], strict=True) for _ in range(units)
    )


def _named(billing: Billing, asked: Asked) -> tuple[Chosen, ...]:
    """Raises Declined, 422."""
    plan = billing.plan
    if len(set(asked.seats)) < len(asked.seats):
        raise _malformed("seats", "A seat is named twice.")
    if any(seat >= plan.seat_count for seat in asked.seats):
        raise _malformed("seats", f"This house has seats 0 to {plan.seat_count - 1}.")
    if len({area for area, _ in asked.places}) < len(asked.places):
        raise _malformed("places", "An area is named twice.")
    if any(area >= len(plan.areas) for area, _ in asked.places):
        raise _malformed("places", "There is no such area.")
    seats = tuple(Chosen(seat=seat) for seat in sorted(asked.seats))
    return seats + tuple(Chosen(area=area) for area, count in sorted(asked.places) for _ in range(count))


def chosen(house: House, asked: Asked) -> tuple[tuple[Chosen, ...], str]:
    """The best that is left, and why it is. Raises Declined, 409 `sold_out` or 422."""
    plan = house.billing.plan
    wanted = preference(plan, asked.words)
    if wanted.area is None and plan.seat_count:
        try:
            offer = best_available(plan, house.sellable, wanted.wish(asked.count))
        except Malformed as malformed:
            raise _malformed("seatPreferences", malformed.message) from malformed
        if offer is not None:
            return tuple(Chosen(seat=seat) for seat in offer.seats), offer.reason
    if wanted.section is None and not wanted.wheelchair:
        for area, part in enumerate(plan.areas):
            fits = wanted.category in (None, part.category) and wanted.area in (None, area)
            if fits and house.free_places.get(area, 0) >= asked.count:
                return tuple(Chosen(area=area) for _ in range(asked.count)), part.name
    raise Declined(
        *(HTTPStatus.CONFLICT, "sold_out", f"{asked.count} such places are not free."),
        "Ask for fewer, for other places, or join the waiting list.",
    )


async def _hold(
    connection: asyncpg.Connection,
    billing: Billing,
    rules: BookingRules,
    hold_id: UUID,
    account: UUID,
    places: Sequence[Chosen],
    now: datetime,
    *,
    is_turn: bool,
) -> int:
    seats = [place.seat for place in places if place.seat is not None]
    areas = Counter(place.area for place in places if place.area is not None)
    try:
        head: int | None = await connection.fetchval(
            _HOLD,
            *(hold_id, account, billing.performance.id, seats, list(areas), list(areas.values())),
            *(now, now + rules.hold_for, rules.most_holds, is_turn),
        )
    except asyncpg.PostgresError as error:
        raise _declined(error, billing, rules) from error
    if head is None:
        raise SomebodyWaits
    return head


def _declined(error: Exception, billing: Billing, rules: BookingRules) -> Exception:
    said = str(error)
    state: str | None = getattr(error, "sqlstate", None)
    match state:
        case "BX001":
            return unknown("event", "eventId")
        case "BX002":
            why = {"over": "It is over.", "closed": "Its sale is closed.", "cancelled": "It was cancelled."}
            return Declined(
                *(HTTPStatus.CONFLICT, "not_on_sale", f"This event cannot be booked. {why.get(said, '')}".strip()),
                "Choose another one.",
            )
        case "BX005":
            return Declined(
                *(HTTPStatus.CONFLICT, "hold_of_another", "Somebody else used this hold id."), field="holdId"
            )
        case "BX007":
            seats = [int(seat) for seat in said.split(",")]
            names = ", ".join(billing.place_name(seat, None) for seat in seats[:10])
            is_one = len(seats) == 1
            return Declined(
                HTTPStatus.CONFLICT,
                "places_taken",
                f"{names} {'is' if is_one else 'are'} taken.",
                f"Choose {'another seat' if is_one else 'other seats'}.",
                field="seats",
            )
        case "BX008":
            return Declined(
                *(HTTPStatus.CONFLICT, "sold_out", f"{billing.place_name(None, int(said))} has too few places."),
                "Ask for fewer, or choose another area.",
                field="places",
            )
        case "BX009":
            return Declined(
                *(HTTPStatus.CONFLICT, "too_many_holds", f"You hold places {rules.most_holds} times already."),
                "Book or release one of them first.",
            )
        case "BX010":
            return unauthorised("account_gone", "This account is not there any more.")
    return error


def _malformed(field: str, message: str) -> Declined:
    return Declined(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", message, field=field)
