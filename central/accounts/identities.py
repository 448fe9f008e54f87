"""Which account a person is whom an OpenID Connect issuer vouches for."""

from __future__ import annotations

import secrets
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter, ValidationError

from boxoffice.domain.ids import uuid7
from central import audit, messages
from central.accounts import sessions
from central.accounts.openid import Person
from central.accounts.roles import AccountRole
from central.accounts.sessions import Session
from central.accounts.signing_in import NewAccount, Themselves, insert
from central.problems import Declined
from central.text import Email, Line

_EMAIL = TypeAdapter[str](Email)
_NAME = TypeAdapter[str](Line)
_MOST_NAME = 100


async def sign_in(connection: asyncpg.Connection, person: Person, now: datetime) -> Session:
    """Known: their account. Unknown: the account with their address, or a new one.

    An account is linked only if the address is verified on both sides: else whoever opens an account with somebody's
    address beforehand would share it with them afterwards. Raises Declined: 403 `email_not_verified` by the issuer,
    409 `account_not_verified` here.
    """
    known = await connection.fetchrow(
        "select a.id, a.role from identity i join account a on a.id = i.account"
        " where i.issuer = $1 and i.subject = $2 and a.deleted_at is null for update of a",
        *(person.issuer, person.subject),
    )
    if known is not None:
        return await sessions.start(connection, known["id"], AccountRole(known["role"]), now)
    email = _address(person)
    row = await connection.fetchrow(
        "select id, role, email, language, email_verified_at from account"
        " where lower(email) = lower($1) and deleted_at is null for update",
        email,
    )
    if row is None:
        account, role = uuid7(now, secrets.randbits), AccountRole.CUSTOMER
        await insert(connection, account, NewAccount(email, "", _name(person, email)), "", now, verified_at=now)
    elif row["email_verified_at"] is None:
        raise Declined(
            *(HTTPStatus.CONFLICT, "account_not_verified", "There is an account with this address, not verified yet."),
            "Sign in with its password and verify the address, or reset the password.",
        )
    else:
        account, role = row["id"], AccountRole(row["role"])
        await messages.write(
            *(connection, "identity_linked", now),
            account=account,
            address=row["email"],
            language=row["language"],
            detail={"issuer": person.issuer},
        )
    await _link(connection, person, account, role, now)
    return await sessions.start(connection, account, role, now)


async def _link(
    connection: asyncpg.Connection, person: Person, account: UUID, role: AccountRole, now: datetime
) -> None:
    await connection.execute(
        "insert into identity (issuer, subject, account, linked_at) values ($1, $2, $3, $4)",
        *(person.issuer, person.subject, account, now),
    )
    themselves, detail = Themselves(account, role), {"issuer": person.issuer}
    await audit.record(connection, themselves, "identity linked", f"account:{account}", now, detail)


def _address(person: Person) -> str:
    try:
        return _EMAIL.validate_python(person.email)
    except ValidationError:
        raise Declined(
            *(HTTPStatus.FORBIDDEN, "email_not_verified", "The other side has not verified your e-mail address."),
            "Verify it there first, or register here with a password.",
        ) from None


def _name(person: Person, email: str) -> str:
    try:
        name = _NAME.validate_python(person.name)[:_MOST_NAME].strip()
    except ValidationError:
        name = ""
    return name or email.partition("@")[0]
