"""What one-time codes do: an e-mail address is verified or changed, a forgotten password is replaced."""

from __future__ import annotations

import asyncio
from datetime import datetime
from time import monotonic
from uuid import UUID

import asyncpg

from central import audit, messages
from central.accounts import one_time_codes, sessions
from central.accounts.callers import Caller, unknown
from central.accounts.one_time_codes import Purpose
from central.accounts.passwords import Passwords, check_rules
from central.accounts.signing_in import Themselves, email_taken
from central.database import Database

_ADDRESS = frozenset({Purpose.VERIFY_EMAIL, Purpose.CHANGE_EMAIL})
_RESET = frozenset({Purpose.RESET_PASSWORD})
_ANSWERED_AFTER_S = 0.1


async def send_verification(connection: asyncpg.Connection, account: UUID, now: datetime) -> bool:
    """Another code to the address of the account; False: it is verified already."""
    row = await connection.fetchrow(
        "select email, language from account where id = $1 and deleted_at is null and email_verified_at is null"
        " for update",
        account,
    )
    if row is None:
        return False
    await one_time_codes.send(connection, Purpose.VERIFY_EMAIL, account, row["email"], row["language"], now)
    return True


async def ask_for_email(connection: asyncpg.Connection, caller: Caller, email: str, now: datetime) -> None:
    """Send a code to the new address; the account keeps its own until the code comes back.

    Raises Declined, 409 `email_taken`.
    """
    if await _is_taken(connection, email, caller.account):
        raise email_taken()
    language = await connection.fetchval(
        "select language from account where id = $1 and deleted_at is null for update", caller.account
    )
    if language is None:  # forgotten meanwhile
        raise unknown("user", "userId")
    await one_time_codes.send(connection, Purpose.CHANGE_EMAIL, caller.account, email, language, now)


async def confirm_email(connection: asyncpg.Connection, code: str, now: datetime) -> None:
    """Raises Declined: 422 `wrong_code`, 409 `email_taken`."""
    spent = await one_time_codes.spend(connection, code, _ADDRESS, now)
    before = await connection.fetchrow(
        "select email, role, language from account where id = $1 for update", spent.account
    )
    is_change = spent.purpose is Purpose.CHANGE_EMAIL
    if is_change:
        if await _is_taken(connection, spent.email, spent.account):
            raise email_taken()
        await connection.execute(  # codes that went to the old address prove nothing about the new one
            "delete from one_time_code where account = $1 and used_at is null", spent.account
        )
        await messages.write(
            *(connection, "email_changed", now),
            account=spent.account,
            address=before["email"],
            language=before["language"],
            detail={},
        )
    try:
        await connection.execute(
            "update account set email = $2, email_verified_at = $3, version = version + 1 where id = $1",
            *(spent.account, spent.email, now),
        )
    except asyncpg.UniqueViolationError:
        raise email_taken() from None
    themselves = Themselves(spent.account, before["role"])
    action = "email changed" if is_change else "email verified"
    await audit.record(connection, themselves, action, f"account:{spent.account}", now)


async def ask_for_reset(database: Database, email: str, now: datetime) -> None:
    """Send a code, if there is such an account. Takes a tenth of a second whether there is one or not."""
    began = monotonic()

    async def send(connection: asyncpg.Connection) -> None:
        row = await connection.fetchrow(
            "select id, email, language from account where lower(email) = lower($1) and deleted_at is null for update",
            email,
        )
        if row is not None:
            await one_time_codes.send(
                *(connection, Purpose.RESET_PASSWORD, row["id"], row["email"], row["language"], now)
            )

    await database.write(send)
    await asyncio.sleep(max(0.0, began + _ANSWERED_AFTER_S - monotonic()))


async def reset(database: Database, passwords: Passwords, code: str, password: str, now: datetime) -> None:
    """Every session ends. Raises Declined: 422 `wrong_code` or `weak_password`, 503 `busy`."""
    email = await database.read(
        lambda connection: one_time_codes.address_of(connection, code, Purpose.RESET_PASSWORD, now)
    )
    check_rules(password, email)
    hashed = await passwords.hash(password)

    async def write(connection: asyncpg.Connection) -> None:
        spent = await one_time_codes.spend(connection, code, _RESET, now)
        await connection.execute(  # the code was read at the account's own address
            "update account set email_verified_at = coalesce(email_verified_at, $2)"
            " where id = $1 and lower(email) = lower($3)",
            *(spent.account, now, spent.email),
        )
        await set_password(connection, spent.account, hashed, "password reset", now)

    await database.write(write)


async def set_password(
    connection: asyncpg.Connection,
    account: UUID,
    hashed: str,
    because: str,
    now: datetime,
    *,
    but: UUID | None = None,
) -> None:
    """End all sessions but `but`, and tell the owner. Raises Declined, 404 `unknown_user`."""
    row = await connection.fetchrow(
        "update account set password_hash = $2, version = version + 1 where id = $1 and deleted_at is null"
        " returning email, language, role",
        *(account, hashed),
    )
    if row is None:  # forgotten meanwhile
        raise unknown("user", "userId")
    await connection.execute(
        "delete from one_time_code where account = $1 and purpose = $2 and used_at is null",
        *(account, str(Purpose.RESET_PASSWORD)),
    )
    await sessions.end_all(connection, account, because, now, but=but)
    await messages.write(
        *(connection, "password_changed", now),
        account=account,
        address=row["email"],
        language=row["language"],
        detail={},
    )
    await audit.record(connection, Themselves(account, row["role"]), because, f"account:{account}", now)


async def _is_taken(connection: asyncpg.Connection, email: str, by_other_than: UUID) -> bool:
    return bool(
        await connection.fetchval(
            "select exists (select from account where lower(email) = lower($1) and deleted_at is null and id <> $2)",
            *(email, by_other_than),
        )
    )
