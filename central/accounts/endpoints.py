"""Registering, signing in and out, and the keys that check access tokens."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from central.accounts import sessions, signing_in
from central.accounts.access_tokens import AccessTokens
from central.accounts.callers import CallerDep
from central.accounts.passwords import LEAST, MOST
from central.accounts.roles import AccountRole
from central.accounts.sessions import Session
from central.limiting import AddressDep, Kind
from central.problems import Declined, documented
from central.services import Services, ServicesDep
from central.text import Email, Language, Line

router = APIRouter(tags=["accounts"])
NewPassword = Annotated[str, Field(min_length=LEAST, max_length=MOST, examples=["three random words"])]
Password = Annotated[str, Field(min_length=1, max_length=MOST, examples=["three random words"])]
_Token = Annotated[str, Field(min_length=1, max_length=200)]


class RegisterRequest(BaseModel):
    email: Email
    password: NewPassword
    name: Annotated[Line, Field(min_length=1, max_length=100, examples=["Ada Byron"])]
    language: Language = "en"


class Registered(BaseModel):
    userId: str  # noqa: N815
    message: str = "user registered successfully"


class LoginRequest(BaseModel):
    email: Email
    password: Password


class LoggedIn(BaseModel):
    token: Annotated[str, Field(description="Send it as `Authorization: Bearer ...`.")]
    message: str = "login successful"
    refreshToken: Annotated[str, Field(description="For `POST /api/token/refresh`, once.")]  # noqa: N815
    expiresIn: Annotated[int, Field(description="Seconds that `token` is good for.", examples=[600])]  # noqa: N815
    userId: str  # noqa: N815
    role: AccountRole


class RefreshRequest(BaseModel):
    refreshToken: _Token  # noqa: N815


class Done(BaseModel):
    message: str


@router.post(
    "/api/register",
    status_code=HTTPStatus.CREATED,
    responses=documented(HTTPStatus.CONFLICT),
)
async def register(asked: RegisterRequest, services: ServicesDep, address: AddressDep) -> Registered:
    """Open an account. A code to verify the e-mail address is sent to it."""
    await services.limits.must_allow(Kind.REGISTER, address, asked.email)
    new = signing_in.NewAccount(asked.email, asked.password, asked.name, asked.language)
    account = await signing_in.register(services.database, services.passwords, new, services.now())
    return Registered(userId=str(account))


@router.post("/api/login", responses=documented(HTTPStatus.UNAUTHORIZED))
async def login(asked: LoginRequest, services: ServicesDep, address: AddressDep) -> LoggedIn:
    """Sign in. An unknown address is answered as a wrong password is."""
    await services.limits.must_allow(Kind.LOGIN, address, asked.email)
    session = await signing_in.sign_in(
        *(services.database, services.passwords, asked.email, asked.password, services.now())
    )
    return await logged_in(services, session)


@router.post("/api/token/refresh", responses=documented(HTTPStatus.UNAUTHORIZED))
async def refresh(asked: RefreshRequest, services: ServicesDep, address: AddressDep) -> LoggedIn:
    """The next pair of tokens. A refresh token that was used before ends its session."""
    await services.limits.must_allow(Kind.REFRESH, address)
    key = services.keys.secret("refresh tokens")
    session = await services.database.write(
        lambda connection: sessions.refresh(connection, asked.refreshToken, key, services.now())
    )
    if isinstance(session, Declined):
        await sessions_ended(services)
        raise session
    return await logged_in(services, session, "token refreshed")


@router.post("/api/logout", responses=documented(HTTPStatus.UNAUTHORIZED))
async def logout(caller: CallerDep, services: ServicesDep) -> Done:
    """End this session: its tokens are worth nothing from now on, at other nodes within seconds."""
    await services.database.write(
        lambda connection: sessions.end(connection, caller.session, "logged out", services.now())
    )
    await sessions_ended(services)
    return Done(message="logout successful")


@router.post("/api/logout/everywhere", responses=documented(HTTPStatus.UNAUTHORIZED))
async def logout_everywhere(caller: CallerDep, services: ServicesDep) -> Done:
    """End all sessions of this account."""
    await services.database.write(
        lambda connection: sessions.end_all(connection, caller.account, "logged out everywhere", services.now())
    )
    await sessions_ended(services)
    return Done(message="logged out everywhere")


@router.get("/.well-known/jwks.json", responses=documented())
async def show_keys(services: ServicesDep, response: Response) -> dict[str, Any]:
    """The public keys that check access tokens (RFC 7517). A new one is here a day before it signs."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    return services.access_tokens.jwks()


async def sessions_ended(services: Services) -> None:
    """Say so to this node at once; others look themselves."""
    await services.access_tokens.look_for_ended(services.database, services.now())


async def logged_in(services: Services, session: Session, message: str = "login successful") -> LoggedIn:
    """The answer to whoever proved who they are."""
    tokens: AccessTokens = services.access_tokens
    now = services.now()
    if tokens.is_due(now):
        await tokens.renew(services.database, now)
    return LoggedIn(
        token=tokens.issue(session.claims, now),
        message=message,
        refreshToken=session.refresh_token,
        expiresIn=session.expires_in_s,
        userId=str(session.claims.account),
        role=session.claims.role,
    )
