"""Points turned into a promo code: a discount of one order that only its owner may use."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

import asyncpg

from boxoffice.domain.discounts import Discount, Taken
from boxoffice.domain.ids import uuid7
from boxoffice.domain.loyalty import PointsRefused
from central.loyalty import points
from central.problems import Declined

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LETTERS = 12  # 60 bits: nobody guesses another's


async def turn_into_code(connection: asyncpg.Connection, account: UUID, spent: int, now: datetime) -> Discount:
    """Takes the points and makes the code, or neither. Raises Declined, 409 `points_refused`."""
    await connection.execute("select from account where id = $1 for update", account)  # one after the other
    rules = await points.programme(connection)
    await points.earn(connection, account, rules, now)
    currency = await connection.fetchval("select currency from price_list order by ordinal limit 1")
    try:
        worth = rules.worth_of(spent, (await points.balance(connection, account, now)).points, currency or "EUR")
    except PointsRefused as refused:
        raise Declined(
            *(HTTPStatus.CONFLICT, refused.code, refused.message, refused.way_out), field="points"
        ) from refused
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS))
    discount = Discount(
        id=uuid7(now, secrets.randbits),
        name=f"{spent} points",
        code="-".join(("P", letters[:4], letters[4:8], letters[8:])),
        taken=Taken.PER_ORDER,
        amount=worth.minor,
        currency=worth.currency,
        valid_until=now + timedelta(days=rules.code_days),
        most_uses=1,
    )
    await connection.execute(
        "insert into discount (id, code, owner, body, made_at) values ($1, $2, $3, $4, $5)",
        *(discount.id, discount.code, account, discount.model_dump_json(), now),
    )
    await points.book(connection, account, -spent, points.TURNED_INTO_CODE, f"discount:{discount.id}", now)
    return discount
