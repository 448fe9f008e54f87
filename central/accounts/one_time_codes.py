"""One-time codes that prove who reads an e-mail address. Stored as a hash, good once, for one purpose, for a while."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from uuid import UUID

import asyncpg

from central import messages
from central.problems import Declined

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0/O, no 1/I: it may be typed from another screen
_LETTERS = 16  # 80 bits


class Purpose(StrEnum):
    VERIFY_EMAIL = "verify_email"
    CHANGE_EMAIL = "change_email"
    RESET_PASSWORD = "reset_password"


_GOOD_FOR = {
    Purpose.VERIFY_EMAIL: timedelta(days=2),
    Purpose.CHANGE_EMAIL: timedelta(hours=2),
    Purpose.RESET_PASSWORD: timedelta(minutes=30),
}


@dataclass(frozen=True, slots=True)
class Spent:
    """What a code proved: that the owner of `account` reads `email`."""

    purpose: Purpose
    account: UUID
    email: str


async def send(
    connection: asyncpg.Connection, purpose: Purpose, account: UUID, email: str, language: str, now: datetime
) -> None:
    """Write the message that carries a new code; an earlier one for the same purpose is good no more."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS))
    await connection.execute("delete from one_time_code where account = $1 and purpose = $2", *(account, str(purpose)))
    await connection.execute(
        "insert into one_time_code (hash, purpose, account, email, expires_at) values ($1, $2, $3, $4, $5)",
        *(_hash(letters), str(purpose), account, email, now + _GOOD_FOR[purpose]),
    )
    code = "-".join(letters[start : start + 4] for start in range(0, _LETTERS, 4))
    minutes = int(_GOOD_FOR[purpose].total_seconds() // 60)
    await messages.write(
        *(connection, str(purpose), now),
        account=account,
        address=email,
        language=language,
        detail={"code": code, "minutes": minutes},
    )


async def address_of(connection: asyncpg.Connection, code: str, purpose: Purpose, now: datetime) -> str:
    """Where a good code was sent to, without spending it. Raises Declined, 422 `wrong_code`."""
    email: str | None = await connection.fetchval(
        "select email from one_time_code where hash = $1 and used_at is null and expires_at > $2 and purpose = $3",
        *(_hash(code), now, str(purpose)),
    )
    if email is None:
        raise _wrong_code()
    return email


async def spend(connection: asyncpg.Connection, code: str, purposes: frozenset[Purpose], now: datetime) -> Spent:
    """Raises Declined, 422 `wrong_code`: unknown, used, expired, for something else, all the same."""
    row = await connection.fetchrow(
        "update one_time_code c set used_at = $2 from account a"
        " where c.hash = $1 and c.used_at is null and c.expires_at > $2 and c.purpose = any($3)"
        " and a.id = c.account and a.deleted_at is null returning c.purpose, c.account, c.email",
        *(_hash(code), now, [str(purpose) for purpose in purposes]),
    )
    if row is None:
        raise _wrong_code()
    return Spent(Purpose(row["purpose"]), row["account"], row["email"])


def _wrong_code() -> Declined:
    return Declined(
        *(HTTPStatus.UNPROCESSABLE_ENTITY, "wrong_code", "This code is wrong, or was used, or has expired."),
        "Ask for a new one.",
        field="code",
    )


def _hash(code: str) -> bytes:
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(letters.encode("utf-8", "surrogateescape")).digest()
