"""Registering and signing in with an e-mail address and a password."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

import asyncpg

from boxoffice.domain.ids import uuid7
from central import audit
from central.accounts import one_time_codes, sessions
from central.accounts.access_tokens import unauthorised
from central.accounts.one_time_codes import Purpose
from central.accounts.passwords import Passwords, check_rules
from central.accounts.roles import AccountRole
from central.accounts.sessions import Session
from central.database import Database
from central.problems import Declined


@dataclass(frozen=True, slots=True)
class NewAccount:
    email: str
    password: str
    name: str
    language: str = "en"
    role: AccountRole = AccountRole.CUSTOMER


@dataclass(frozen=True, slots=True)
class Themselves:
    """Who acts without an access token: they registered, or had a code."""

    account: UUID
    role: AccountRole


async def register(database: Database, passwords: Passwords, new: NewAccount, now: datetime) -> UUID:
    """Raises Declined: 422 `weak_password`, 409 `email_taken`, 503 `busy`.

    Hashed before looking, so that an address that is taken takes as long as a new one.
    """
    check_rules(new.password, new.email)
    hashed = await passwords.hash(new.password)
    account = uuid7(now, secrets.randbits)

    async def write(connection: asyncpg.Connection) -> None:
        await insert(connection, account, new, hashed, now)
        await one_time_codes.send(connection, Purpose.VERIFY_EMAIL, account, new.email, new.language, now)

    await database.write(write)
    return account


async def insert(
    connection: asyncpg.Connection,
    account: UUID,
    new: NewAccount,
    password_hash: str,
    now: datetime,
    verified_at: datetime | None = None,
) -> None:
    """Raises Declined, 409 `email_taken`."""
    added = await connection.fetchval(
        "insert into account (id, email, name, password_hash, role, language, created_at, email_verified_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8)"
        " on conflict (lower(email)) where deleted_at is null do nothing returning id",
        *(account, new.email, new.name, password_hash, str(new.role), new.language, now, verified_at),
    )
    if added is None:
        raise email_taken()
    await audit.record(connection, Themselves(account, new.role), "registered", f"account:{account}", now)


def email_taken() -> Declined:
    return Declined(
        *(HTTPStatus.CONFLICT, "email_taken", "There is an account with this e-mail address."),
        "Sign in, or reset the password.",
        field="email",
    )


async def sign_in(database: Database, passwords: Passwords, email: str, password: str, now: datetime) -> Session:
    """Raises Declined: 401 `wrong_credentials`, the same and as slow for an unknown address; 503 `busy`."""
    row = await database.pool.fetchrow(
        "select id, role, password_hash from account where lower(email) = lower($1) and deleted_at is null", email
    )
    stored = row["password_hash"] if row else ""
    if not await passwords.matches(password, stored) or row is None:
        raise wrong_credentials()
    fresh = await passwords.hash(password) if passwords.is_dated(stored) else ""

    async def write(connection: asyncpg.Connection) -> Session:
        role = await connection.fetchval(
            "select role from account where id = $1 and password_hash = $2 and deleted_at is null for update",
            *(row["id"], stored),
        )
        if role is None:  # changed while it was being checked
            raise wrong_credentials()
        if fresh:
            await connection.execute("update account set password_hash = $2 where id = $1", row["id"], fresh)
        return await sessions.start(connection, row["id"], AccountRole(role), now)

    return await database.write(write)


def wrong_credentials() -> Declined:
    return unauthorised(
        "wrong_credentials", "E-mail address or password is wrong.", "Type them again, or reset the password."
    )
