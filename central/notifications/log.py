"""What became of messages, and sending one again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

import asyncpg

from central.accounts.callers import Caller, unknown
from central.notifications.kinds import KINDS
from central.problems import Declined

_COLUMNS = """
    m.id, m.kind, m.account, m.channel, m.address, m.language, m.state, m.attempts, m.written_at, m.sent_at,
    case when m.state = 'waiting' then m.due_at end as retry_at,
    coalesce((select d.said from message_delivery d where d.message = m.id order by d.id desc limit 1), '') as said,
    exists (select from bouncing_address b where b.address = lower(m.address)) as is_bouncing
    from message m
"""
_MOST_RESENDS = 5
_ENDED = frozenset({"sent", "failed", "unwanted"})


@dataclass(frozen=True, slots=True)
class Listed:
    """Which ones: those where everything that is given holds; from the one behind `before`, the latest first."""

    account: UUID | None = None
    kind: str = ""
    state: str = ""
    channel: str = ""
    address: str = ""
    before: UUID | None = None
    limit: int = 50


async def listed(connection: asyncpg.Connection, asked: Listed) -> Sequence[asyncpg.Record]:
    rows: Sequence[asyncpg.Record] = await connection.fetch(
        f"select {_COLUMNS} where ($1::uuid is null or m.account = $1) and ($2 = '' or m.kind = $2)"
        " and ($3 = '' or m.state = $3) and ($4 = '' or m.channel = $4) and ($5 = '' or lower(m.address) = lower($5))"
        " and ($6::uuid is null or m.id < $6) order by m.id desc limit $7",
        *(asked.account, asked.kind, asked.state, asked.channel, asked.address, asked.before, asked.limit),
    )
    return rows


async def find(connection: asyncpg.Connection, message: UUID) -> asyncpg.Record:
    """Raises Declined, 404 `unknown_notification`."""
    row = await connection.fetchrow(f"select {_COLUMNS} where m.id = $1", message)
    if row is None:
        raise unknown("notification", "notificationId")
    return row


async def attempts(connection: asyncpg.Connection, message: UUID) -> Sequence[asyncpg.Record]:
    rows: Sequence[asyncpg.Record] = await connection.fetch(
        "select channel, at, outcome, said from message_delivery where message = $1 order by id", message
    )
    return rows


async def resend(connection: asyncpg.Connection, message: UUID, by: Caller) -> None:
    """To the address that the account has now. Raises Declined: 404, 409 `not_resendable` or `being_sent`."""
    row = await connection.fetchrow(
        "select m.account, m.kind, m.state, m.resends, a.email from message m join account a on a.id = m.account"
        " where m.id = $1 and a.deleted_at is null for update of m",
        message,
    )
    by.must_own(row["account"] if row else None, "notification")
    assert row is not None
    kind = KINDS.get(row["kind"])
    if kind is None or not kind.may_be_resent or row["resends"] >= _MOST_RESENDS:
        raise Declined(
            *(HTTPStatus.CONFLICT, "not_resendable", "This message is not sent again."), "Ask for a new one instead."
        )
    if row["state"] not in _ENDED:
        raise Declined(
            *(HTTPStatus.CONFLICT, "being_sent", "This message is still on its way."), "Look again in a while."
        )
    await connection.execute(
        "update message set state = 'written', due_at = now(), attempts = 0, resends = resends + 1, channel = 'email',"
        " address = $2 where id = $1",
        *(message, row["email"]),
    )
