"""Endpoints about accounts: profile, e-mail address, password, roles."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from boxoffice.domain.values import Whole
from central import audit
from central.accounts import exporting, forgetting, profiles, sessions, verifying
from central.accounts.callers import AdminDep, Caller, CallerDep, ManagerDep, unknown
from central.accounts.endpoints import Done, NewPassword, Password, sessions_ended
from central.accounts.passwords import check_rules
from central.accounts.profiles import Profile, Wanted
from central.accounts.proofs import must_prove
from central.accounts.roles import ADMINS, AccountRole
from central.limiting import AddressDep, Kind
from central.problems import documented
from central.services import ServicesDep
from central.text import Email, Language, Line
from central.versions import IfMatch, etag

router = APIRouter(tags=["accounts"])
_SIGNED_IN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)
_PROVED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_Code = Annotated[str, Field(min_length=1, max_length=40, examples=["7KQ2-MXA9-3BTR-HZ4P"])]
_Version = Annotated[Whole, Field(ge=0, lt=1 << 31, description="The version you saw.")]


class EmailOnly(BaseModel):
    email: Email


class CodeOnly(BaseModel):
    code: _Code


class ResetRequest(BaseModel):
    code: _Code
    password: NewPassword


class ProfileChange(BaseModel):
    name: Annotated[Line, Field(min_length=1, max_length=100, examples=["Ada Byron"])] | None = None
    language: Language | None = None
    version: _Version | None = None


class EmailChange(BaseModel):
    email: Email
    password: Password | None = None


class PasswordChange(BaseModel):
    password: Annotated[Password | None, Field(description="The one until now.")] = None
    newPassword: NewPassword  # noqa: N815


class RoleChange(BaseModel):
    role: AccountRole


class Deletion(BaseModel):
    password: Annotated[Password | None, Field(description="Or sign in a few minutes before.")] = None
    keepBookings: Annotated[  # noqa: N815
        bool, Field(description="Leave tickets for events to come as they are: good, and nobody's to cancel.")
    ] = False


class Users(BaseModel):
    users: list[Profile]
    next: Annotated[str, Field(description="Send it as `after` for the next page; empty: this is the last.")]


@router.post("/api/email/verification", status_code=HTTPStatus.ACCEPTED, responses=documented(HTTPStatus.UNAUTHORIZED))
async def send_verification(caller: CallerDep, services: ServicesDep, address: AddressDep) -> Done:
    """Send another code to verify the e-mail address."""
    await services.limits.must_allow(Kind.MAIL, address, str(caller.account))
    sent = await services.database.write(
        lambda connection: verifying.send_verification(connection, caller.account, services.now())
    )
    return Done(message="code sent" if sent else "the e-mail address is verified already")


@router.post("/api/email/verification/confirm", responses=documented(HTTPStatus.CONFLICT))
async def confirm_email(asked: CodeOnly, services: ServicesDep, address: AddressDep) -> Done:
    """Verify an e-mail address, or complete its change, with the code that was sent to it."""
    await services.limits.must_allow(Kind.CODE, address)
    await services.database.write(lambda connection: verifying.confirm_email(connection, asked.code, services.now()))
    return Done(message="e-mail address verified")


@router.post("/api/password/reset", status_code=HTTPStatus.ACCEPTED, responses=documented())
async def ask_for_reset(asked: EmailOnly, services: ServicesDep, address: AddressDep) -> Done:
    """Send a code to this address if there is an account with it. The answer is the same if there is none."""
    await services.limits.must_allow(Kind.RESET, address, asked.email)
    await verifying.ask_for_reset(services.database, asked.email, services.now())
    return Done(message="if there is an account with this address, a code was sent to it")


@router.post("/api/password/reset/confirm", responses=documented())
async def reset_password(asked: ResetRequest, services: ServicesDep, address: AddressDep) -> Done:
    """Replace a forgotten password with the code that was sent. All sessions end."""
    await services.limits.must_allow(Kind.CODE, address)
    await verifying.reset(services.database, services.passwords, asked.code, asked.password, services.now())
    await sessions_ended(services)
    return Done(message="password changed")


@router.get("/api/users/{userId}", responses=documented(*_SIGNED_IN))
async def show_user(userId: str, caller: CallerDep, services: ServicesDep, response: Response) -> Profile:  # noqa: N803
    account = _owned(caller, userId)
    found = await services.database.read(lambda connection: profiles.profile(connection, account))
    response.headers["ETag"] = etag(found.version)
    return found


@router.patch(
    "/api/users/{userId}",
    responses=documented(*_SIGNED_IN, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED),
)
async def change_user(
    userId: str,  # noqa: N803
    asked: ProfileChange,
    caller: CallerDep,
    services: ServicesDep,
    response: Response,
    if_match: IfMatch,
) -> Profile:
    """Change the name or the language of messages."""
    account = _owned(caller, userId)
    wanted = Wanted(asked.name, asked.language, if_match, asked.version)
    changed = await services.database.write(
        lambda connection: profiles.change(connection, caller, account, wanted, services.now())
    )
    response.headers["ETag"] = etag(changed.version)
    return changed


@router.put(
    "/api/users/{userId}/email",
    status_code=HTTPStatus.ACCEPTED,
    responses=documented(*_PROVED, HTTPStatus.CONFLICT),
)
async def change_email(
    userId: str,  # noqa: N803
    asked: EmailChange,
    caller: CallerDep,
    services: ServicesDep,
    address: AddressDep,
) -> Done:
    """Send a code to a new e-mail address; the account moves there once the code comes back."""
    _their_own(caller, userId)
    await services.limits.must_allow(Kind.MAIL, address, str(caller.account))
    await must_prove(services, caller, asked.password, address)
    await services.database.write(
        lambda connection: verifying.ask_for_email(connection, caller, asked.email, services.now())
    )
    return Done(message="code sent to the new address")


@router.get("/api/users/{userId}/export", responses=documented(*_SIGNED_IN))
async def export_user(userId: str, caller: CallerDep, services: ServicesDep, response: Response) -> dict[str, Any]:  # noqa: N803
    """Everything that is theirs, for themselves or an admin."""
    account = _theirs_or_admins(caller, userId)

    async def read(connection: asyncpg.Connection) -> dict[str, Any]:
        await sessions.must_be_live(connection, caller.session)
        return await exporting.export(connection, account)

    found = await services.database.read(read)
    if account != caller.account:
        await services.database.write(
            lambda connection: audit.record(
                connection, caller, "account exported", f"account:{account}", services.now()
            )
        )
    response.headers["Content-Disposition"] = f'attachment; filename="{account}.json"'
    return found


@router.delete("/api/users/{userId}", responses=documented(*_PROVED, HTTPStatus.CONFLICT))
async def delete_user(
    userId: str,  # noqa: N803
    caller: CallerDep,
    services: ServicesDep,
    address: AddressDep,
    asked: Deletion | None = None,
) -> Done:
    """Forget who somebody was, at their wish or an admin's. Needs the caller's password, or that they just signed in.

    Bookings and books stay, without a name. Refused while a payment or an invoice is open, and, unless `keepBookings`
    says so, while there are tickets for events to come.
    """
    account = _theirs_or_admins(caller, userId)
    asked = asked or Deletion()
    await must_prove(services, caller, asked.password, address, fresh_will_do=True)
    wish = forgetting.Wish(account, asked.keepBookings)
    heads = await services.database.write(
        lambda connection: forgetting.forget(connection, caller, wish, services.now())
    )
    await sessions_ended(services)
    services.hints.tell(heads)
    return Done(message="account deleted")


@router.put("/api/users/{userId}/password", responses=documented(*_PROVED))
async def change_password(
    userId: str,  # noqa: N803
    asked: PasswordChange,
    caller: CallerDep,
    services: ServicesDep,
    address: AddressDep,
) -> Done:
    """Change the password. All other sessions end. Without a password until now: within 15 minutes of signing in."""
    account = _their_own(caller, userId)
    await must_prove(services, caller, asked.password, address)
    known = await services.database.read(lambda connection: profiles.profile(connection, account))
    check_rules(asked.newPassword, known.email, "newPassword")
    hashed = await services.passwords.hash(asked.newPassword)
    await services.database.write(
        lambda connection: verifying.set_password(
            *(connection, account, hashed, "password changed", services.now()), but=caller.session
        )
    )
    await sessions_ended(services)
    return Done(message="password changed")


@router.get("/api/users", responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN))
async def list_users(
    _: ManagerDep,
    services: ServicesDep,
    query: Annotated[Line, Query(max_length=254, description="How the e-mail address or the name begins.")] = "",
    role: AccountRole | None = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Users:
    found = await services.database.read(lambda connection: profiles.find(connection, query, role, after, limit + 1))
    page = found[:limit]
    return Users(users=page, next=page[-1].userId if len(found) > limit else "")


@router.put(
    "/api/admin/users/{userId}/role",
    responses=documented(*_PROVED, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED),
    tags=["admin"],
)
async def set_role(
    userId: str,  # noqa: N803
    asked: RoleChange,
    caller: AdminDep,
    services: ServicesDep,
    response: Response,
    if_match: IfMatch,
) -> Profile:
    """Make somebody staff, or no longer. Who was staff signs in again; a customer refreshes the token."""
    account = parsed(userId)
    changed = await services.database.write(
        lambda connection: profiles.set_role(connection, caller, account, asked.role, if_match, services.now())
    )
    await sessions_ended(services)
    response.headers["ETag"] = etag(changed.version)
    return changed


def parsed(user: str) -> UUID:
    """Raises Declined, 404 `unknown_user`, for what is no id at all too."""
    try:
        return UUID(user)
    except ValueError:
        raise unknown("user", "userId") from None


def _owned(caller: Caller, user: str) -> UUID:
    account = parsed(user)
    caller.must_own(account, "user")
    return account


def _theirs_or_admins(caller: Caller, user: str) -> UUID:
    account = parsed(user)
    if account != caller.account and caller.role not in ADMINS:
        raise unknown("user", "userId")
    return account


def _their_own(caller: Caller, user: str) -> UUID:
    """Passwords and addresses are nobody else's business, a manager's neither."""
    account = parsed(user)
    if account != caller.account:
        raise unknown("user", "userId")
    return account
