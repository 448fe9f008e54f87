"""Sessions: from signing in to signing out. A short access token, and a refresh token that changes at every use.

A refresh token that was used before and comes again was copied: whoever has the copy, the session ends. One honest case
is told apart: a client that sends the same refresh twice, because the line broke before the answer. The successor grows
from the token that was used (HMAC with a key of central's), so within ten seconds, and as long as the successor was not
used itself, asking again gives the very same successor. No second branch ever exists, so a thief who is that fast holds
what the owner holds too, and the next use of the two ends the session.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from boxoffice.domain.ids import uuid7
from central.accounts.access_tokens import GOOD_FOR, Claims, unauthorised
from central.accounts.roles import AccountRole
from central.problems import Declined

_REFRESHED_WITHIN = timedelta(days=30)
_LONGEST = timedelta(days=365)
_SENT_TWICE_WITHIN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Session:
    """What a client gets once: `refresh_token` is stored as a hash only."""

    claims: Claims
    refresh_token: str

    @property
    def expires_in_s(self) -> int:
        return int(GOOD_FOR.total_seconds())


async def start(connection: asyncpg.Connection, account: UUID, role: AccountRole, now: datetime) -> Session:
    session = uuid7(now, secrets.randbits)
    await connection.execute(
        "insert into session (id, account, started_at) values ($1, $2, $3)", *(session, account, now)
    )
    token = secrets.token_urlsafe(32)
    await _keep(connection, token, session, now, now)
    return Session(Claims(account, role, session), token)


async def refresh(connection: asyncpg.Connection, token: str, key: bytes, now: datetime) -> Session | Declined:
    """The next token of the session. A `Declined` is returned, not raised: that a session ended is to be committed."""
    used = await connection.fetchrow(
        "select t.session, t.used_at, t.expires_at, s.started_at, s.ended_at, s.account, a.role, a.deleted_at"
        " from refresh_token t join session s on s.id = t.session join account a on a.id = s.account"
        " where t.hash = $1 for update of t, s",
        _hash(token),
    )
    if used is None:
        return unauthorised("refresh_invalid", "This refresh token is not one of ours.")
    if used["ended_at"] is not None or used["deleted_at"] is not None:
        return unauthorised("session_ended", "This session has ended.")
    if used["expires_at"] <= now:
        return unauthorised("session_expired", "This session has expired.")
    successor = _successor(token, key)
    if used["used_at"] is not None and not await _is_sent_twice(connection, successor, used["used_at"], now):
        await end(connection, used["session"], "refresh token used twice", now)
        return unauthorised("refresh_reused", "This refresh token was used before, so its session was ended.")
    if used["used_at"] is None:
        await connection.execute("update refresh_token set used_at = $2 where hash = $1", _hash(token), now)
        await _keep(connection, successor, used["session"], now, used["started_at"])
    return Session(Claims(used["account"], AccountRole(used["role"]), used["session"]), successor)


async def end(connection: asyncpg.Connection, session: UUID, because: str, now: datetime) -> None:
    await connection.execute(
        "update session set ended_at = $2, ended_because = $3 where id = $1 and ended_at is null",
        *(session, now, because),
    )


async def end_all(
    connection: asyncpg.Connection, account: UUID, because: str, now: datetime, *, but: UUID | None = None
) -> int:
    """How many ended. `but`: the session that goes on."""
    ended = await connection.fetch(
        "update session set ended_at = $2, ended_because = $3"
        " where account = $1 and ended_at is null and id is distinct from $4 returning id",
        *(account, now, because, but),
    )
    return len(ended)


async def must_be_live(connection: asyncpg.Connection, session: UUID) -> datetime:
    """When it started. For what an access token of an ended session must not do in its last minutes.

    Raises Declined, 401 `session_ended`.
    """
    started_at: datetime | None = await connection.fetchval(
        "select started_at from session where id = $1 and ended_at is null", session
    )
    if started_at is None:
        raise unauthorised("session_ended", "This session has ended.")
    return started_at


async def _is_sent_twice(connection: asyncpg.Connection, successor: str, used_at: datetime, now: datetime) -> bool:
    if now - used_at > _SENT_TWICE_WITHIN:
        return False
    return bool(
        await connection.fetchval(
            "select exists (select from refresh_token where hash = $1 and used_at is null)", _hash(successor)
        )
    )


async def _keep(connection: asyncpg.Connection, token: str, session: UUID, now: datetime, started_at: datetime) -> None:
    await connection.execute(
        "insert into refresh_token (hash, session, issued_at, expires_at) values ($1, $2, $3, $4)",
        *(_hash(token), session, now, min(now + _REFRESHED_WITHIN, started_at + _LONGEST)),
    )


def _successor(token: str, key: bytes) -> str:
    return base64.urlsafe_b64encode(hmac.digest(key, token.encode(), "sha256")).rstrip(b"=").decode()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
