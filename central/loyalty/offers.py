"""Discounts as bookings use them: what applies to this order, and the uses that limits and budgets count.

Limits are checked again under a lock of the discount's row when it is redeemed, so that of two who want the last use
one gets it. Discounts without limits take no lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

import asyncpg

from boxoffice.domain import discounts
from boxoffice.domain.catalogue import Performance
from boxoffice.domain.discounts import CodeRefused, Discount, Order, Reduction, Uses, Why
from boxoffice.domain.pricing import Item
from central.loyalty import points
from central.problems import Declined

_OFFERS = """
    select d.id, d.code, d.body, d.orders, d.spent_minor,
        (select count(*) from discount_use u
            where u.discount = d.id and u.account = $1 and u.given_back_at is null) as own
    from discount d
    where d.ended_at is null and (d.code is null or (d.code = $2 and (d.owner is null or d.owner = $1)))
    order by d.made_at, d.id
"""


async def reductions(
    connection: asyncpg.Connection,
    account: UUID,
    performance: Performance,
    items: Sequence[Item],
    promo_code: str | None,
    now: datetime,
) -> Reduction:
    """The one discount that saves these tickets most. Raises Declined, 422 `promo_code_refused`."""
    typed = promo_code.strip().upper() if promo_code else None
    rows = await connection.fetch(_OFFERS, account, typed)
    offers = [(Discount.model_validate_json(row["body"]), _uses(row)) for row in rows]
    tier = await points.tier(connection, account, now) if any(offer.tier for offer, _ in offers) else 0
    order = Order(performance.id, performance.starts_at, items, now, tier)
    try:
        return discounts.best(order, offers, typed)
    except CodeRefused as refused:
        raise _declined(refused) from refused


async def redeem(
    connection: asyncpg.Connection, booking: UUID, account: UUID, reduction: Reduction, now: datetime
) -> None:
    """Count the use, in the transaction that makes the booking. Raises Declined when the last use has just gone."""
    discount = reduction.discount
    if discount is None:
        return
    await connection.execute(
        "insert into discount_use (booking, discount, account, minor, at) values ($1, $2, $3, $4, $5)",
        *(booking, discount.id, account, reduction.total_minor, now),
    )
    if not _is_limited(discount):
        return
    row = await connection.fetchrow(
        "update discount d set orders = orders + 1, spent_minor = spent_minor + $2 where id = $1 and ended_at is null"
        " returning d.orders, d.spent_minor",
        *(discount.id, reduction.total_minor),
    )
    if row is None:
        raise _declined(CodeRefused(discount.code or discount.name, Why.OVER))
    own = await connection.fetchval(
        "select count(*) from discount_use where discount = $1 and account = $2 and given_back_at is null",
        *(discount.id, account),
    )
    if _above(row["orders"], discount.most_uses) or _above(row["spent_minor"], discount.budget_minor):
        raise _declined(CodeRefused(discount.code or discount.name, Why.USED_UP))
    if _above(own, discount.most_uses_each):
        raise _declined(CodeRefused(discount.code or discount.name, Why.USED_BEFORE))


async def use_again(connection: asyncpg.Connection, booking: UUID) -> None:
    """What a booking that had expired used, and was paid for in the end: its price stands, even above a limit."""
    row = await connection.fetchrow(
        "update discount_use set given_back_at = null where booking = $1 and given_back_at is not null"
        " returning discount, minor",
        booking,
    )
    if row is not None:
        await connection.execute(
            "update discount set orders = orders + 1, spent_minor = spent_minor + $2 where id = $1", *row
        )


async def give_back(connection: asyncpg.Connection, bookings: Sequence[UUID], now: datetime) -> None:
    """These bookings expired or were cancelled whole: what they used may be used again."""
    rows = await connection.fetch(
        "update discount_use set given_back_at = $2 where booking = any($1) and given_back_at is null"
        " returning discount, minor",
        *(list(bookings), now),
    )
    for row in sorted(rows, key=lambda row: row["discount"]):
        await connection.execute(
            "update discount set orders = greatest(0, orders - 1), spent_minor = greatest(0, spent_minor - $2)"
            " where id = $1 and orders > 0",
            *(row["discount"], row["minor"]),
        )


def _uses(row: asyncpg.Record) -> Uses:
    return Uses(row["orders"], row["own"], row["spent_minor"])


def _is_limited(discount: Discount) -> bool:
    return (discount.most_uses, discount.most_uses_each, discount.budget_minor) != (None, None, None)


def _above(figure: int, limit: int | None) -> bool:
    return limit is not None and figure > limit


def _declined(refused: CodeRefused) -> Declined:
    return Declined(HTTPStatus.UNPROCESSABLE_ENTITY, refused.code, refused.message, refused.way_out, field="promoCode")
