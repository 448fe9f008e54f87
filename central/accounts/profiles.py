"""Accounts as their owners, managers and admins see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import asyncpg
from pydantic import BaseModel, Field

from central import audit
from central.accounts import sessions
from central.accounts.callers import Caller, unknown
from central.accounts.roles import AccountRole
from central.problems import Declined
from central.versions import must_be_current

_COLUMNS = """
    a.id, a.email, a.name, a.language, a.role, a.email_verified_at, a.password_hash <> '' as has_password,
    a.created_at, a.version, (select count(*) from identity i where i.account = a.id)::int as identities
"""


class Profile(BaseModel):
    userId: str  # noqa: N815
    email: str
    name: str
    language: str
    role: AccountRole
    emailVerified: bool  # noqa: N815
    hasPassword: bool  # noqa: N815
    identities: Annotated[int, Field(description="How many ways to sign in through somebody else there are.")]
    createdAt: datetime  # noqa: N815
    version: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """None: stays as it is. `if_match` and `version`: what the caller saw."""

    name: str | None = None
    language: str | None = None
    if_match: int | None = None
    version: int | None = None


async def profile(connection: asyncpg.Connection, account: UUID) -> Profile:
    """Raises Declined, 404 `unknown_user`."""
    row = await connection.fetchrow(
        f"select {_COLUMNS} from account a where a.id = $1 and a.deleted_at is null", account
    )
    if row is None:
        raise unknown("user")
    return _from_row(row)


async def change(connection: asyncpg.Connection, by: Caller, account: UUID, wanted: Wanted, now: datetime) -> Profile:
    """Raises Declined: 404, 409 and 412 `version_changed`."""
    before = await _locked(connection, account)
    must_be_current(before["version"], wanted.if_match, wanted.version)
    changes = {
        field: value
        for field, value in (("name", wanted.name), ("language", wanted.language))
        if value is not None and value != before[field]
    }
    if changes:
        await connection.execute(
            "update account set name = $2, language = $3, version = version + 1 where id = $1",
            *(account, changes.get("name", before["name"]), changes.get("language", before["language"])),
        )
        # which fields, not what was in them: the log outlives the account
        detail = {"fields": sorted(changes)}
        await audit.record(connection, by, "profile changed", f"account:{account}", now, detail)
    return await profile(connection, account)


async def set_role(
    connection: asyncpg.Connection, by: Caller, account: UUID, role: AccountRole, if_match: int | None, now: datetime
) -> Profile:
    """Raises Declined: 401 `session_ended`, 403, 404, 412 `version_changed`, 409 `last_admin`.

    Whether `by` is an admin is looked up: the access token of one who no longer is would last to undo that.
    """
    await sessions.must_be_live(connection, by.session)
    admins = await connection.fetch(  # in one order, so that two admins who demote each other wait, not deadlock
        "select id from account where role = 'admin' and deleted_at is null order by id for update"
    )
    if by.account not in {row["id"] for row in admins}:
        raise Declined(HTTPStatus.FORBIDDEN, "not_allowed", "You are no admin any more.", "Ask somebody who is admin.")
    before = await _locked(connection, account)
    must_be_current(before["version"], if_match)
    if before["role"] == role:
        return await profile(connection, account)
    if before["role"] == AccountRole.ADMIN and len(admins) == 1:
        raise last_admin()
    await connection.execute("update account set role = $2, version = version + 1 where id = $1", *(account, str(role)))
    if before["role"] != AccountRole.CUSTOMER:  # rights may have gone: their tokens say what was
        await sessions.end_all(connection, account, "role changed", now)
    detail = {"from": before["role"], "to": str(role)}
    await audit.record(connection, by, "role changed", f"account:{account}", now, detail)
    return await profile(connection, account)


async def must_be_there(connection: asyncpg.Connection, account: UUID) -> None:
    """And stays until the transaction ends: what is written of them meanwhile is forgotten with them.

    Raises Declined, 404 `unknown_user`.
    """
    if not await connection.fetchval(
        "select true from account where id = $1 and deleted_at is null for no key update", account
    ):
        raise unknown("user", "userId")


def last_admin() -> Declined:
    return Declined(*(HTTPStatus.CONFLICT, "last_admin", "This is the last admin."), "Make somebody else admin first.")


async def find(
    connection: asyncpg.Connection, beginning: str, role: AccountRole | None, after: UUID | None, limit: int
) -> list[Profile]:
    """Whose e-mail address or name begins so, in the order they registered, from the one behind `after`."""
    rows = await connection.fetch(
        f"select {_COLUMNS} from account a where a.deleted_at is null and ($1 = ''"
        " or lower(a.email) like $2 or lower(a.name) like $2)"
        " and ($3::text is null or a.role = $3) and ($4::uuid is null or a.id > $4) order by a.id limit $5",
        *(beginning, _like(beginning.lower()) + "%", role and str(role), after, limit),
    )
    return [_from_row(row) for row in rows]


async def _locked(connection: asyncpg.Connection, account: UUID) -> asyncpg.Record:
    row = await connection.fetchrow(
        "select name, language, role, version from account where id = $1 and deleted_at is null for update", account
    )
    if row is None:
        raise unknown("user")
    return row


def _from_row(row: asyncpg.Record) -> Profile:
    return Profile(
        userId=str(row["id"]),
        email=row["email"],
        name=row["name"],
        language=row["language"],
        role=AccountRole(row["role"]),
        emailVerified=row["email_verified_at"] is not None,
        hasPassword=row["has_password"],
        identities=row["identities"],
        createdAt=row["created_at"],
        version=row["version"],
    )


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
