"""Proof of who somebody is, where an access token alone is not enough."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus

from central.accounts import sessions
from central.accounts.callers import Caller
from central.accounts.passwords import Passwords
from central.database import Database
from central.problems import Declined

FRESH = timedelta(minutes=15)


async def must_prove(
    database: Database,
    passwords: Passwords,
    caller: Caller,
    password: str | None,
    now: datetime,
    *,
    fresh_will_do: bool = False,
) -> None:
    """With their password; or by having signed in a few minutes ago, if that will do or there is no password.

    Raises Declined: 401 `session_ended`, 403 `password_needed`, `wrong_password` or `sign_in_again`, 503 `busy`.
    """
    started_at = await database.read(lambda connection: sessions.must_be_live(connection, caller.session))
    stored = await database.pool.fetchval(
        "select password_hash from account where id = $1 and deleted_at is null", caller.account
    )
    if password is not None:
        if not await passwords.matches(password, stored or ""):
            raise _refused("wrong_password", "The password is wrong.", "Type it again, or reset it.")
    elif stored and not fresh_will_do:
        raise _refused("password_needed", "This needs your password.", "Send it as well.")
    elif now - started_at > FRESH:
        raise _refused("sign_in_again", "This needs that you signed in just now.", "Sign in again first.")


def _refused(code: str, message: str, way_out: str) -> Declined:
    return Declined(HTTPStatus.FORBIDDEN, code, message, way_out, field="password")
