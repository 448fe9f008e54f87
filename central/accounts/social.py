"""Endpoints to sign in through somebody else."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Cookie, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from central.accounts import identities
from central.accounts.callers import unknown
from central.accounts.endpoints import LoggedIn, logged_in
from central.accounts.openid import ATTEMPT_GOOD_FOR, Attempt, Provider
from central.limiting import AddressDep, Kind
from central.problems import Declined, documented
from central.services import Services, ServicesDep

router = APIRouter(prefix="/api/login", tags=["accounts"])
_COOKIE = "boxoffice_login"
_PATH = "/api/login"
_Key = Annotated[str, Path(max_length=32, examples=["club"])]


class ProviderShown(BaseModel):
    key: str
    name: str


@router.get("/providers", responses=documented())
async def list_providers(services: ServicesDep) -> list[ProviderShown]:
    """Through whom one may sign in here: send the browser to `/api/login/{key}`."""
    return [ProviderShown(key=one.key, name=one.name) for one in services.openid.providers.values()]


@router.get(
    "/{provider}",
    status_code=HTTPStatus.SEE_OTHER,
    response_class=RedirectResponse,
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.BAD_GATEWAY),
)
async def begin(provider: _Key, services: ServicesDep, request: Request) -> RedirectResponse:
    """Send the browser to a provider; it comes back to `/callback`."""
    chosen = _chosen(services, provider)
    attempt = Attempt.new(chosen.key)
    to = await services.openid.address(chosen, attempt, _come_back_to(services, request, chosen))
    answer = RedirectResponse(to, HTTPStatus.SEE_OTHER)
    answer.set_cookie(
        _COOKIE,
        attempt.sealed(services.keys.secret("login attempts"), services.now()),
        max_age=int(ATTEMPT_GOOD_FOR.total_seconds()),
        path=_PATH,
        secure=_base(services, request).startswith("https:"),
        httponly=True,
        samesite="lax",  # the way back is a link from the provider
    )
    return answer


@router.get(
    "/{provider}/callback",
    responses=documented(
        *(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
        HTTPStatus.BAD_GATEWAY,
    ),
)
async def finish(
    provider: _Key,
    services: ServicesDep,
    request: Request,
    response: Response,
    address: AddressDep,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    iss: Annotated[str, Query(max_length=500, description="Who answers, if the provider says so (RFC 9207).")] = "",
    cookie: Annotated[str, Cookie(alias=_COOKIE, max_length=2000)] = "",
) -> LoggedIn:
    """Where a provider sends the browser back to. A new person gets an account; nobody gets somebody else's."""
    await services.limits.must_allow(Kind.CODE, address)
    chosen = _chosen(services, provider)
    attempt = Attempt.unsealed(cookie, services.keys.secret("login attempts"), services.now())
    if attempt is None or not attempt.is_answered_by(chosen.key, state) or iss not in ("", chosen.issuer):
        raise Declined(
            *(HTTPStatus.FORBIDDEN, "wrong_state", "This browser did not begin this, or too long ago."),
            "Begin again.",
            field="state",
        )
    if not code:
        raise Declined(HTTPStatus.UNAUTHORIZED, "login_refused", "The other side did not say who you are.")
    come_back_to = _come_back_to(services, request, chosen)
    person = await services.openid.person(chosen, attempt, code, come_back_to, services.now())
    session = await services.database.write(lambda connection: identities.sign_in(connection, person, services.now()))
    response.delete_cookie(_COOKIE, path=_PATH)
    return await logged_in(services, session)


def _chosen(services: Services, key: str) -> Provider:
    chosen = services.openid.providers.get(key)
    if chosen is None:
        raise unknown("provider", "provider")
    return chosen


def _come_back_to(services: Services, request: Request, provider: Provider) -> str:
    return f"{_base(services, request)}{_PATH}/{provider.key}/callback"


def _base(services: Services, request: Request) -> str:
    """Without a public address set, the one that was asked for: the provider has a list of those it sends back to."""
    return services.public_url or str(request.base_url).rstrip("/")
