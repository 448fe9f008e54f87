"""Who is calling, and whether they may. Every endpoint that is not public takes one of these dependencies.

`CallerDep` is anybody signed in; objects are then checked one by one with `Caller.must_own`. `ManagerDep` and
`AdminDep` are for endpoints that look at everybody's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from central.accounts.access_tokens import Claims, unauthorised
from central.accounts.roles import ADMINS, MANAGERS, SELLERS, AccountRole
from central.problems import Declined

_bearer = HTTPBearer(auto_error=False, scheme_name="account", description="The `token` that signing in gave.")


@dataclass(frozen=True, slots=True)
class Caller:
    account: UUID
    role: AccountRole
    session: UUID

    @property
    def is_manager(self) -> bool:
        return self.role in MANAGERS

    def owns(self, account: UUID | None) -> bool:
        """Their own, or anybody's for a manager; of None, the house's."""
        return account == self.account or self.is_manager

    def must_own(self, account: UUID | None, kind: str) -> None:
        """Raises Declined, 404: what belongs to somebody else is not even there. `account` None: there is none."""
        if account is None or not self.owns(account):
            raise unknown(kind)


def unknown(kind: str, field: str = "") -> Declined:
    """404 `unknown_<kind>`."""
    code = f"unknown_{kind.replace(' ', '_')}"
    return Declined(HTTPStatus.NOT_FOUND, code, f"There is no such {kind}.", "Look it up in the list.", field=field)


async def _caller(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Caller:
    claims: Claims | Declined | None = request.state.claims  # found when the request arrived
    if claims is None or credentials is None:
        raise unauthorised("not_signed_in", "This needs somebody who is signed in.")
    if isinstance(claims, Declined):
        raise claims
    return Caller(claims.account, claims.role, claims.session)


CallerDep = Annotated[Caller, Depends(_caller)]


def _only(roles: frozenset[AccountRole]) -> Callable[[Caller], Awaitable[Caller]]:
    async def check(caller: CallerDep) -> Caller:
        if caller.role not in roles:
            raise Declined(
                *(HTTPStatus.FORBIDDEN, "not_allowed", f"A {caller.role} may not do this."),
                f"Ask somebody who is {' or '.join(sorted(roles))}.",
            )
        return caller

    return check


SellerDep = Annotated[Caller, Depends(_only(SELLERS))]
ManagerDep = Annotated[Caller, Depends(_only(MANAGERS))]
AdminDep = Annotated[Caller, Depends(_only(ADMINS))]
