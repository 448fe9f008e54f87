"""Points: booked once a visit when it is over, and what they amount to. The rule is in docs/rules/loyalty.md."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from boxoffice.domain.ids import uuid7
from boxoffice.domain.loyalty import TIER_LOOKS_BACK, Programme
from boxoffice.domain.money import Money
from central.tills.scans import WAS_LET_IN

ATTENDED = "attended"
TURNED_INTO_CODE = "turned into a promo code"

_VISITS = f"""
    select b.id, b.performance, b.currency, o.title, sum(t.gross_minor)::bigint as paid
    from booking b
    join performance p on p.id = b.performance
    join production o on o.id = p.production_id
    join ticket t on t.sale = b.sale and t.valid
    where b.account = $1 and b.state = 'confirmed' and p.ends_at <= $2
        and not exists (select from points_entry e
            where e.account = b.account and e.reason = $3 and e.subject = 'booking:' || b.id)
        and {WAS_LET_IN}
    group by b.id, b.performance, b.currency, o.title
"""


@dataclass(frozen=True, slots=True)
class Balance:
    points: int
    in_a_year: int  # earned, whatever was spent of them


async def programme(connection: asyncpg.Connection) -> Programme:
    return Programme.model_validate_json(await connection.fetchval("select body from loyalty_programme"))


async def earn(connection: asyncpg.Connection, account: UUID, rules: Programme, now: datetime) -> None:
    """Book the points of every visit that is over and was not booked before. Asking again books nothing."""
    for visit in await connection.fetch(_VISITS, account, now, ATTENDED):
        points = rules.points_for(Money(visit["paid"], visit["currency"]))
        await book(connection, account, points, ATTENDED, f"booking:{visit['id']}", now)


async def book(
    connection: asyncpg.Connection, account: UUID, points: int, reason: str, subject: str, now: datetime
) -> None:
    await connection.execute(
        "insert into points_entry (id, account, points, reason, subject, at) values ($1, $2, $3, $4, $5, $6)"
        " on conflict (account, reason, subject) do nothing",
        *(uuid7(now, secrets.randbits), account, points, reason, subject, now),
    )


async def balance(connection: asyncpg.Connection, account: UUID, now: datetime) -> Balance:
    row = await connection.fetchrow(
        "select coalesce(sum(points), 0) as points,"
        " coalesce(sum(points) filter (where points > 0 and at > $2), 0) as in_a_year"
        " from points_entry where account = $1",
        *(account, now - TIER_LOOKS_BACK),
    )
    return Balance(row["points"], row["in_a_year"])


async def tier(connection: asyncpg.Connection, account: UUID, now: datetime) -> int:
    """What it is right now, with the visits of yesterday."""
    rules = await programme(connection)
    await earn(connection, account, rules, now)
    return rules.tier_of((await balance(connection, account, now)).in_a_year)
