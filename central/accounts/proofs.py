"""Proof of who somebody is, where an access token alone is not enough."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from central.accounts import sessions
from central.accounts.callers import Caller
from central.limiting import Kind
from central.problems import Declined
from central.services import Services

FRESH = timedelta(minutes=15)


async def must_prove(
    services: Services, caller: Caller, password: str | None, address: str, *, fresh_will_do: bool = False
) -> None:
    """With their password; or by having signed in a few minutes ago, if that will do or there is no password.

    Raises Declined: 401 `session_ended`, 403 `password_needed`, `wrong_password` or `sign_in_again`, 429, 503 `busy`.
    """
    await services.limits.must_allow(Kind.PROOF, address, str(caller.account))
    started_at = await services.database.read(lambda connection: sessions.must_be_live(connection, caller.session))
    stored = await services.database.pool.fetchval(
        "select password_hash from account where id = $1 and deleted_at is null", caller.account
    )
    if password is not None:
        if not await services.passwords.matches(password, stored or ""):
            raise _refused("wrong_password", "The password is wrong.", "Type it again, or reset it.")
    elif stored and not fresh_will_do:
        raise _refused("password_needed", "This needs your password.", "Send it as well.")
    elif services.now() - started_at > FRESH:
        raise _refused("sign_in_again", "This needs that you signed in just now.", "Sign in again first.")


def _refused(code: str, message: str, way_out: str) -> Declined:
    return Declined(HTTPStatus.FORBIDDEN, code, message, way_out, field="password")
