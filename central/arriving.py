"""The first thing every request meets: where it comes from, who sends it, and whether too often or too much.

An access token is checked here, once a request and without the database; `callers` reads what was found.
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from central.accounts.access_tokens import AccessTokens, Claims
from central.accounts.roles import MANAGERS
from central.limiting import Kind, address_of
from central.problems import Declined, answer_to, problem
from central.services import Services

MOST_BODY_BYTES = 1024 * 1024
MOST_PLAN_BYTES = 8 * MOST_BODY_BYTES  # 100,000 seats are 4 MB
_TOO_LARGE = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
# tills and payment gateways prove who they are in ways of their own, and come as fast as there is work
_NOT_COUNTED = ("/api/tills", "/api/webhooks")


class Arriving:
    def __init__(self, app: ASGIApp, *, trust_proxy: bool) -> None:
        self._app, self._trust_proxy = app, trust_proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        services: Services = scope["app"].state.services
        address = address_of(scope, trust_proxy=self._trust_proxy)
        claims = _claims(scope, services)
        scope.setdefault("state", {}).update(address=address, claims=claims)
        path = scope["path"]
        if path.startswith("/api/") and not path.startswith(_NOT_COUNTED):
            subject = str(claims.account) if isinstance(claims, Claims) else ""
            try:
                kind = Kind.READ if scope["method"] in _READS else Kind.WRITE
                await services.limits.must_allow(kind, address, subject)
            except Declined as declined:
                await answer_to(declined)(scope, receive, send)
                return
        most_bytes, announced = _most_bytes(path, claims), Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > most_bytes:
            await problem(_TOO_LARGE, _TOO_LARGE.name.lower(), _too_large(most_bytes))(scope, receive, send)
            return
        await self._app(scope, _limited(receive, most_bytes), send)


def _most_bytes(path: str, claims: Claims | Declined | None) -> int:
    """The seating plan of a stadium is large; nobody else makes us keep that much in memory."""
    is_plan = path.startswith("/api/admin/plans") and isinstance(claims, Claims) and claims.role in MANAGERS
    return MOST_PLAN_BYTES if is_plan else MOST_BODY_BYTES


def _too_large(most_bytes: int) -> str:
    return f"The body is larger than {most_bytes} bytes."


def _limited(receive: Receive, most_bytes: int) -> Receive:
    read = 0

    async def limited() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most_bytes:
            raise HTTPException(_TOO_LARGE, _too_large(most_bytes))
        return message

    return limited


def _claims(scope: Scope, services: Services) -> Claims | Declined | None:
    """None: there is no access token. Declined: there is one that is worth nothing, to whom it may concern."""
    scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    tokens: AccessTokens = services.access_tokens
    try:
        return tokens.check(token.strip(), services.now())
    except Declined as declined:
        return declined
