"""Questions and their threads in the database. Every function runs in the caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

import asyncpg

from boxoffice.domain.ids import uuid7
from central import audit, messages
from central.accounts.callers import Caller
from central.accounts.profiles import must_be_there
from central.accounts.roles import MANAGERS
from central.problems import Declined
from central.queries.states import QueryClosed, State, Step, after
from central.versions import must_be_current

_MOST_OPEN = 20  # of one customer at a time
_MOST_WORDS = 200  # messages of one thread
Work = Callable[[asyncpg.Connection], Awaitable[None]]
COLUMNS = """
    q.id, q.account, q.booking, q.subject, q.state, q.assigned_to, q.opened_at, q.changed_at, q.version
    from customer_query q
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """Which ones: of `account`, or everybody's; from the one behind `before`, the latest first."""

    account: UUID | None
    state: State | None
    before: UUID | None
    limit: int


async def open_query(
    connection: asyncpg.Connection, by: Caller, subject: str, words: str, booking: UUID | None, now: datetime
) -> UUID:
    """Raises Declined: 404 for a booking of somebody else, 409 `too_many_queries`."""
    await must_be_there(connection, by.account)
    if booking is not None:
        by.must_own(await connection.fetchval("select account from booking where id = $1", booking), "booking")
    waiting = await connection.fetchval(
        "select count(*) from customer_query where account = $1 and state <> 'closed'", by.account
    )
    if waiting >= _MOST_OPEN:
        raise Declined(
            *(HTTPStatus.CONFLICT, "too_many_queries", f"{waiting} of your queries are open."),
            "Write on in one of them, or close one.",
        )
    query = uuid7(now, secrets.randbits)
    await connection.execute(
        "insert into customer_query (id, account, booking, subject, opened_at, changed_at)"
        " values ($1, $2, $3, $4, $5, $5)",
        *(query, by.account, booking, subject, now),
    )
    await _add(connection, query, by.account, words, now, from_house=False)
    return query


async def write(connection: asyncpg.Connection, query: UUID, by: Caller, words: str, now: datetime) -> None:
    """The customer goes on asking, or a manager answers. Raises Declined."""
    await must_be_there(connection, by.account)
    row = await _locked(connection, query, by)
    from_house = row["account"] != by.account
    count = await connection.fetchval("select count(*) from customer_query_message where query = $1", query)
    if count >= _MOST_WORDS:
        raise Declined(
            *(HTTPStatus.CONFLICT, "thread_full", f"This thread has {count} messages."), "Open another query."
        )
    await _step(connection, row, Step.ANSWER if from_house else Step.ASK, row["assigned_to"], now)
    await _add(connection, query, by.account, words, now, from_house=from_house)
    if from_house:
        await audit.record(connection, by, "query answered", f"query:{query}", now)
        detail = {"query": str(row["id"]), "subject": row["subject"], "words": words}
        await messages.write_to(connection, row["account"], "query_answered", now, detail)


async def assign(
    connection: asyncpg.Connection, query: UUID, by: Caller, to: UUID, if_match: int | None, now: datetime
) -> None:
    """To a manager or admin. Raises Declined."""
    row = await _locked(connection, query, by)
    must_be_current(row["version"], if_match)
    role = await connection.fetchval("select role from account where id = $1 and deleted_at is null", to)
    if role not in MANAGERS:
        raise Declined(
            *(HTTPStatus.UNPROCESSABLE_ENTITY, "unknown_user", "This is nobody who answers queries."),
            *("Choose a manager.",),
            field="userId",
        )
    await _step(connection, row, Step.ASSIGN, to, now)
    await audit.record(connection, by, "query assigned", f"query:{query}", now, {"to": str(to)})


async def close(connection: asyncpg.Connection, query: UUID, by: Caller, if_match: int | None, now: datetime) -> None:
    """By the customer or a manager; a second time changes nothing. Raises Declined."""
    row = await _locked(connection, query, by)
    must_be_current(row["version"], if_match)
    if row["state"] != State.CLOSED:
        await _step(connection, row, Step.CLOSE, row["assigned_to"], now)
        await audit.record(connection, by, "query closed", f"query:{query}", now)


async def find(connection: asyncpg.Connection, query: UUID, by: Caller) -> asyncpg.Record:
    """Raises Declined, 404, also for somebody else's."""
    row = await connection.fetchrow(f"select {COLUMNS} where q.id = $1", query)
    by.must_own(row["account"] if row else None, "query")
    return row


async def thread(connection: asyncpg.Connection, query: UUID) -> Sequence[asyncpg.Record]:
    rows: Sequence[asyncpg.Record] = await connection.fetch(
        "select from_house, words, at from customer_query_message where query = $1 order by at, id", query
    )
    return rows


async def listed(connection: asyncpg.Connection, asked: Listed) -> Sequence[asyncpg.Record]:
    rows: Sequence[asyncpg.Record] = await connection.fetch(
        f"select {COLUMNS} where ($1::uuid is null or q.account = $1) and ($2::text is null or q.state = $2)"
        " and ($3::uuid is null or q.id < $3) order by q.id desc limit $4",
        *(asked.account, asked.state and str(asked.state), asked.before, asked.limit),
    )
    return rows


async def _locked(connection: asyncpg.Connection, query: UUID, by: Caller) -> asyncpg.Record:
    row = await connection.fetchrow(f"select {COLUMNS} where q.id = $1 for update", query)
    by.must_own(row["account"] if row else None, "query")
    return row


async def _step(
    connection: asyncpg.Connection, row: asyncpg.Record, step: Step, assigned_to: UUID | None, now: datetime
) -> None:
    try:
        state = after(State(row["state"]), step, has_assignee=assigned_to is not None)
    except QueryClosed as refused:
        raise Declined(HTTPStatus.CONFLICT, refused.code, refused.message, refused.way_out) from refused
    await connection.execute(
        "update customer_query set state = $2, assigned_to = $3, changed_at = $4, version = version + 1 where id = $1",
        *(row["id"], str(state), assigned_to, now),
    )


async def _add(
    connection: asyncpg.Connection, query: UUID, author: UUID, words: str, now: datetime, *, from_house: bool
) -> None:
    await connection.execute(
        "insert into customer_query_message (id, query, author, from_house, words, at) values ($1, $2, $3, $4, $5, $6)",
        *(uuid7(now, secrets.randbits), query, author, from_house, words, now),
    )
