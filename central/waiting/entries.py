"""Entries of waiting lists in the database. Every function runs in the caller's transaction.

Locks: the account, its entry, then hold, seats, areas and feed as everybody who changes a house.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import asyncpg

from boxoffice.domain.catalogue import Performance, PerformanceStatus
from boxoffice.domain.ids import PerformanceId, uuid7
from central import audit
from central.accounts.callers import Caller
from central.accounts.profiles import must_be_there
from central.bookings.holding import Asked, chosen, must_be_few, release
from central.bookings.houses import House, Houses
from central.bookings.priced import Chosen
from central.bookings.rules import BookingRules
from central.problems import Declined
from central.versions import must_be_current
from central.waiting.ending import settle

_COLUMNS = """
    w.id, w.account, w.performance, w.count, w.words, w.state, w.joined_at, w.hold, w.ended_at, w.version,
    case when w.state = 'waiting' then (select count(*) from waiting_entry before
        where before.performance = w.performance and before.state = 'waiting' and before.ordinal <= w.ordinal)
        end as position,
    h.seats, h.areas, h.units, h.expires_at as book_until, b.id as booking
    from waiting_entry w
    left join hold h on w.state = 'offered' and h.id = w.hold
    left join booking b on w.state in ('offered', 'booked') and b.hold = w.hold
"""
Heads = dict[PerformanceId, int]


@dataclass(frozen=True, slots=True)
class Wish:
    """How many places, and where, in the words of seat preferences."""

    count: int
    words: str


async def join(
    connection: asyncpg.Connection,
    houses: Houses,
    rules: BookingRules,
    by: Caller,
    account: UUID,
    performance: PerformanceId,
    wish: Wish,
    now: datetime,
) -> UUID:
    """At the end of the list. Raises Declined: 404 `unknown_event` or `unknown_user`; 409 `not_on_sale`,
    `waiting_list_closed`, `places_free`, `already_waiting` or `too_many_lists`; 422 for a wish that cannot come true.
    """
    await must_be_there(connection, account)
    house = await houses.look(connection, performance)
    _must_be_open(house.billing.performance, rules, now)
    _must_be_worth_waiting(house, rules, wish)
    lists = await connection.fetchval(
        "select count(*) from waiting_entry where account = $1 and ended_at is null and performance <> $2",
        *(account, performance),
    )
    if lists >= rules.most_waiting:
        raise Declined(
            *(HTTPStatus.CONFLICT, "too_many_lists", f"You are on {lists} waiting lists already."), "Leave one first."
        )
    entry = await connection.fetchval(
        "insert into waiting_entry (id, account, performance, count, words, joined_at) values ($1, $2, $3, $4, $5, $6)"
        " on conflict (account, performance) where ended_at is null do nothing returning id",
        *(uuid7(now, secrets.randbits), account, performance, wish.count, wish.words, now),
    )
    if entry is None:
        raise Declined(
            *(HTTPStatus.CONFLICT, "already_waiting", "You are on the waiting list of this event already."),
            "Change that entry, or leave the list.",
        )
    await audit.record(connection, by, "waiting list joined", f"waiting:{entry}", now, {"event": performance})
    return UUID(str(entry))


async def change(
    connection: asyncpg.Connection,
    houses: Houses,
    rules: BookingRules,
    by: Caller,
    entry: UUID,
    wish: Wish,
    if_match: int | None,
    version: int | None,
    now: datetime,
) -> None:
    """Fewer places of the same kind keep their turn; anything else waits from the end. Raises Declined."""
    row = await _locked(connection, entry, by)
    must_be_current(row["version"], if_match, version)
    if row["state"] != "waiting":
        raise _not_waiting(row["state"])
    house = await houses.look(connection, row["performance"])
    _must_be_worth_waiting(house, rules, wish)
    keeps_turn = wish.count <= row["count"] and wish.words == row["words"]
    await connection.execute(
        "update waiting_entry set count = $2, words = $3, version = version + 1"
        f"{'' if keeps_turn else ', ordinal = default'} where id = $1",
        *(entry, wish.count, wish.words),
    )
    detail = {"tickets": wish.count, "keepsTurn": keeps_turn}
    await audit.record(connection, by, "waiting list entry changed", f"waiting:{entry}", now, detail)


async def leave(connection: asyncpg.Connection, by: Caller, entry: UUID, if_match: int | None, now: datetime) -> Heads:
    """Off the list; an offer's places go to the next. Raises Declined, 409 `offer_booked` or `not_waiting` for one."""
    row = await _locked(connection, entry, by)
    must_be_current(row["version"], if_match)
    heads: Heads = {}
    if row["state"] == "waiting":
        await connection.execute(
            "update waiting_entry set state = 'left', ended_at = $2, version = version + 1 where id = $1", entry, now
        )
    elif row["state"] == "offered":
        if await connection.fetchval("select exists (select from booking where hold = $1)", row["hold"]):
            raise Declined(
                *(HTTPStatus.CONFLICT, "offer_booked", "The places of this offer are booked."), "Cancel that booking."
            )
        head = await release(connection, row["performance"], row["hold"])
        heads = {row["performance"]: head} if head else {}
        await settle(connection, now, entry)
    else:
        raise _not_waiting(row["state"])
    await audit.record(connection, by, "waiting list left", f"waiting:{entry}", now)
    return heads


async def forget(connection: asyncpg.Connection, account: UUID) -> Heads:
    """Of an account that goes, and is locked: its entries, and the places that were offered to it."""
    rows = await connection.fetch("select performance, hold from waiting_entry where account = $1 for update", account)
    await connection.execute("delete from waiting_entry where account = $1", account)
    offered = sorted((row["performance"], row["hold"]) for row in rows if row["hold"])
    heads = {performance: await release(connection, performance, hold) for performance, hold in offered}
    return {performance: head for performance, head in heads.items() if head}


async def find(connection: asyncpg.Connection, entry: UUID, by: Caller) -> asyncpg.Record:
    """Raises Declined, 404, also for somebody else's."""
    row = await connection.fetchrow(f"select {_COLUMNS} where w.id = $1", entry)
    by.must_own(row["account"] if row else None, "waiting entry")
    return row


async def of_account(
    connection: asyncpg.Connection, account: UUID, after: UUID | None, limit: int
) -> Sequence[asyncpg.Record]:
    """The latest first."""
    rows: Sequence[asyncpg.Record] = await connection.fetch(
        f"select {_COLUMNS} where w.account = $1 and ($2::uuid is null or w.id < $2) order by w.id desc limit $3",
        *(account, after, limit),
    )
    return rows


async def of_event(
    connection: asyncpg.Connection, performance: PerformanceId, after: UUID | None, limit: int
) -> Sequence[asyncpg.Record]:
    """Those on the list, in its order, with `name` and `email`."""
    rows: Sequence[asyncpg.Record] = await connection.fetch(
        f"select a.name, a.email, {_COLUMNS} join account a on a.id = w.account"
        " where w.performance = $1 and w.ended_at is null"
        " and ($2::uuid is null or w.ordinal > (select ordinal from waiting_entry where id = $2))"
        " order by w.ordinal limit $3",
        *(performance, after, limit),
    )
    return rows


async def counted(connection: asyncpg.Connection, performance: PerformanceId) -> dict[str, Any]:
    """By state: `entries` and `tickets`."""
    rows = await connection.fetch(
        "select state, count(*) as entries, sum(count)::bigint as tickets from waiting_entry where performance = $1"
        " group by state",
        performance,
    )
    return {row["state"]: {"entries": row["entries"], "tickets": row["tickets"]} for row in rows}


async def _locked(connection: asyncpg.Connection, entry: UUID, by: Caller) -> asyncpg.Record:
    row = await connection.fetchrow("select * from waiting_entry where id = $1 for update", entry)
    by.must_own(row["account"] if row else None, "waiting entry")
    return row


def _must_be_open(performance: Performance, rules: BookingRules, now: datetime) -> None:
    """Raises Declined, 409."""
    if performance.status is not PerformanceStatus.ON_SALE or performance.ends_at <= now:
        raise Declined(
            *(HTTPStatus.CONFLICT, "not_on_sale", "This event cannot be booked, so nobody waits for it."),
            "Choose another one.",
        )
    if performance.starts_at - rules.list_closes <= now:
        raise Declined(
            *(HTTPStatus.CONFLICT, "waiting_list_closed", "It starts too soon for a waiting list."),
            "Ask at the box office for returned tickets.",
        )


def _must_be_worth_waiting(house: House, rules: BookingRules, wish: Wish) -> None:
    """Raises Declined: 409 `places_free`, 422."""
    must_be_few(wish.count, rules)
    if fitting(house, wish):
        raise Declined(
            *(HTTPStatus.CONFLICT, "places_free", "There are such places right now."), "Book them; no need to wait."
        )
    if not fitting(house.emptied(), wish):
        raise Declined(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            *("never_possible", f"This house does not have {wish.count} such places, even when it is empty."),
            *("Ask for fewer, or for other places.",),
            field="numberOfTickets",
        )


def fitting(house: House, wish: Wish) -> tuple[Chosen, ...]:
    """The best that is free; empty when there is not enough. Raises Declined, 422, for words that nobody knows here."""
    try:
        return chosen(house, Asked(house.billing.performance.id, count=wish.count, words=wish.words))[0]
    except Declined as declined:
        if declined.code != "sold_out":
            raise
        return ()


def _not_waiting(state: str) -> Declined:
    said = "offered places" if state == "offered" else f"over: {state}"
    return Declined(
        *(HTTPStatus.CONFLICT, "not_waiting", f"This entry is {said}."), "Look at it; join the list again if need be."
    )
