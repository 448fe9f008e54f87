"""Reviews: one a visitor and event, by those who were there. What an event's figures add up is written with them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

import asyncpg

from boxoffice.domain.ids import uuid7
from central.accounts.callers import Caller, unknown
from central.accounts.profiles import must_be_there
from central.problems import Declined
from central.tills.scans import WAS_LET_IN

_ATTENDED = f"""
    select exists (select from booking b join ticket t on t.sale = b.sale and t.performance = b.performance
        where b.account = $1 and b.performance = $2 and {WAS_LET_IN})
"""


@dataclass(frozen=True, slots=True)
class Review:
    id: UUID
    performance: int
    account: UUID
    rating: int
    words: str
    is_shown: bool
    hidden_because: str
    author: str
    written_at: datetime
    changed_at: datetime
    version: int


REVIEWS = """
    select r.id, r.performance, r.account, r.rating, r.words, r.state = 'shown' as is_shown, r.hidden_because,
        case when a.deleted_at is null then split_part(a.name, ' ', 1) else '' end as author,
        r.written_at, r.changed_at, r.version
    from review r join account a on a.id = r.account
"""


async def write(
    connection: asyncpg.Connection, account: UUID, performance: int, rating: int, words: str, now: datetime
) -> UUID:
    """Raises Declined: 404 `unknown_event`, 403 `did_not_attend`, 409 `reviewed_before`."""
    await must_be_there(connection, account)
    if not await connection.fetchval("select exists (select from performance where id = $1)", performance):
        raise unknown("event", "eventId")
    if not await connection.fetchval(_ATTENDED, account, performance):
        raise Declined(
            *(HTTPStatus.FORBIDDEN, "did_not_attend", "Only those who were there can review an event."),
            "Come and see it; you can write once your ticket was admitted.",
        )
    review = await connection.fetchval(
        "insert into review (id, performance, account, rating, words, written_at, changed_at)"
        " values ($1, $2, $3, $4, $5, $6, $6) on conflict (performance, account) do nothing returning id",
        *(uuid7(now, secrets.randbits), performance, account, rating, words, now),
    )
    if review is None:
        raise Declined(
            *(HTTPStatus.CONFLICT, "reviewed_before", "You have reviewed this event before."), "Edit that review."
        )
    await _count(connection, performance, 1, rating)
    found: UUID = review
    return found


async def find(connection: asyncpg.Connection, review: UUID, *, lock: bool = False) -> Review:
    """Raises Declined, 404 `unknown_review`."""
    row = await connection.fetchrow(f"{REVIEWS} where r.id = $1{' for update of r' if lock else ''}", review)
    if row is None:
        raise unknown("review")
    return Review(**row)


async def edit(
    connection: asyncpg.Connection, caller: Caller, review: UUID, rating: int, words: str, now: datetime
) -> Review:
    """By its author. A hidden one stays hidden until a manager has looked. Raises Declined, 404 or 409."""
    await must_be_there(connection, caller.account)
    before = await find(connection, review, lock=True)
    if before.account != caller.account:
        raise unknown("review")
    await connection.execute(
        "update review set rating = $2, words = $3, changed_at = $4, version = version + 1 where id = $1",
        *(review, rating, words, now),
    )
    if before.is_shown:
        await _count(connection, before.performance, 0, rating - before.rating)
    return await find(connection, review)


async def remove(connection: asyncpg.Connection, caller: Caller, review: UUID) -> None:
    """By its author or a manager. Raises Declined, 404."""
    before = await find(connection, review, lock=True)
    caller.must_own(before.account, "review")
    await connection.execute("delete from review where id = $1", review)
    if before.is_shown:
        await _count(connection, before.performance, -1, -before.rating)


async def moderate(connection: asyncpg.Connection, review: UUID, *, shown: bool, because: str) -> Review:
    """Show it, or hide it with a reason. Raises Declined, 404."""
    before = await find(connection, review, lock=True)
    await connection.execute(
        "update review set state = $2, hidden_because = $3, version = version + 1 where id = $1",
        *(review, "shown" if shown else "hidden", "" if shown else because),
    )
    if before.is_shown != shown:
        sign = 1 if shown else -1
        await _count(connection, before.performance, sign, sign * before.rating)
    return await find(connection, review)


async def _count(connection: asyncpg.Connection, performance: int, reviews: int, stars: int) -> None:
    await connection.execute(
        "insert into rating as r (performance, reviews, stars) values ($1, greatest(0, $2), greatest(0, $3))"
        " on conflict (performance) do update set reviews = r.reviews + $2, stars = r.stars + $3",
        *(performance, reviews, stars),
    )
