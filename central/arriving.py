"""The first thing every request of the public API meets: where it comes from, who sends it, and whether too often.

An access token is checked here, once a request and without the database; `callers` reads what was found.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from central.accounts.access_tokens import AccessTokens, Claims
from central.limiting import Kind, address_of
from central.problems import Declined, problem
from central.services import Services

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
# tills and payment gateways prove who they are in ways of their own, and come as fast as there is work
_NOT_COUNTED = ("/api/tills", "/api/payments/webhooks")


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
                answer = problem(
                    *(declined.status, declined.code, declined.message, declined.way_out), headers=declined.headers
                )
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)


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
