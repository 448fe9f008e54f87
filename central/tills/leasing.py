"""Leases: a till's right to sell places, by the one database function `lease_places`."""

from __future__ import annotations

from http import HTTPStatus

import asyncpg
import numpy as np

from boxoffice.domain.allotments import choose_allotment
from boxoffice.domain.plan import SeatingPlan
from boxoffice.domain.protocol import LeaseGrant, LeaseRequest, SeatStatus
from central.problems import Declined
from central.tills.feeds import unknown_performance
from central.tills.pairing import Till
from central.waiting.turns import SomebodyWaits, nobody_waits

_ALLOTMENTS = 0x6C656173  # advisory lock class: two best-n requests of one performance choose one after the other
_LEASE = f"""
    with leased as materialized (
        select lease_places($1, $2, $3, $4, $5, $6, $7) as one where $8 or {nobody_waits("$3")}
    )
    select (one).granted, (one).head from leased
"""


async def lease(
    connection: asyncpg.Connection, till: Till, asked: LeaseRequest, plan: SeatingPlan | None, *, is_turn: bool = False
) -> tuple[LeaseGrant, int]:
    """In the caller's transaction. The grant, and the feed's new head or 0. `plan` is needed for `best` only.
    `is_turn`: nobody who waits comes before this till.

    Raises SomebodyWaits, Declined; the same request id gets the same grant.
    """
    seats = list(asked.seats)
    if asked.best and plan is not None and not await _was_granted(connection, asked):
        await connection.execute("select pg_advisory_xact_lock($1, $2)", _ALLOTMENTS, asked.performance)
        free = np.ones(plan.seat_count, np.bool_)
        taken = await connection.fetch(
            "select seat from seat where performance = $1 and status <> $2", asked.performance, SeatStatus.FREE
        )
        free[[row["seat"] for row in taken]] = False
        seats += choose_allotment(plan, free, asked.best).tolist()
    try:
        row = await connection.fetchrow(
            _LEASE,
            *(till.number, asked.request, asked.performance, str(asked.kind), seats),
            *([wish.area for wish in asked.areas], [wish.units for wish in asked.areas], is_turn),
        )
    except asyncpg.PostgresError as error:
        raise _declined(error, asked) from error
    if row is None:
        raise SomebodyWaits
    return LeaseGrant.model_validate_json(row["granted"]), row["head"]


async def _was_granted(connection: asyncpg.Connection, asked: LeaseRequest) -> bool:
    return bool(await connection.fetchval("select exists (select from lease_request where id = $1)", asked.request))


def _declined(error: BaseException, asked: LeaseRequest) -> BaseException:
    match getattr(error, "sqlstate", None):
        case "BX001":
            return unknown_performance(asked.performance)
        case "BX002":
            return Declined(
                HTTPStatus.CONFLICT, "not_on_sale", f"This performance cannot be sold: {error}.", "Choose another one."
            )
        case "BX003":
            return Declined(
                *(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", "A seat lies outside of the plan."), field="seats"
            )
        case "BX004":
            return Declined(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", "There is no such area.", field="areas")
        case "BX005":
            return Declined(
                *(HTTPStatus.CONFLICT, "request_of_another", "Another till used this request id."), field="request"
            )
        case "BX006":
            return Declined(
                HTTPStatus.CONFLICT,
                "till_quarantined",
                "This till sells nothing new until a manager has looked at it.",
                "Its sales are safe and still go up. Call a manager.",
            )
    return error
