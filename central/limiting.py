"""Rate limits: how often an address, an account or an e-mail address may ask, by what it asks for."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from types import MappingProxyType
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import Headers
from starlette.types import Scope

from central.counting import OFF, Counts, CountsHere, Rate, counts
from central.problems import Declined

_MINUTE, _QUARTER, _HOUR = 60, 900, 3600


class Kind(StrEnum):
    READ = "read"
    WRITE = "write"
    LOGIN = "login"
    REGISTER = "register"
    REFRESH = "refresh"
    RESET = "reset"
    CODE = "code"  # typing one in
    MAIL = "mail"  # asking for one
    PROOF = "proof"  # a password again, while signed in


class By(StrEnum):
    ADDRESS = "address"
    SUBJECT = "subject"  # the account or the e-mail address it is about
    BOTH = "both"  # this subject from this address
    WHO = "who"  # the account of who is signed in, otherwise the address


@dataclass(frozen=True, slots=True)
class Budget:
    by: By
    rate: Rate


Budgets = Mapping[Kind, Sequence[Budget]]

# An address may be a whole office behind one router; an account is one person, or a program of theirs.
BUDGETS: Budgets = MappingProxyType(
    {
        Kind.READ: (Budget(By.WHO, Rate(1200, _MINUTE)),),
        Kind.WRITE: (Budget(By.WHO, Rate(240, _MINUTE)),),
        Kind.LOGIN: (
            Budget(By.BOTH, Rate(10, _QUARTER)),
            Budget(By.ADDRESS, Rate(30, _MINUTE)),
            Budget(By.SUBJECT, Rate(100, _HOUR)),
        ),
        Kind.REGISTER: (Budget(By.ADDRESS, Rate(20, _HOUR)), Budget(By.SUBJECT, Rate(5, _HOUR))),
        Kind.REFRESH: (Budget(By.ADDRESS, Rate(120, _MINUTE)),),
        Kind.RESET: (Budget(By.ADDRESS, Rate(20, _HOUR)), Budget(By.SUBJECT, Rate(3, _HOUR))),
        Kind.CODE: (Budget(By.ADDRESS, Rate(30, _QUARTER)),),
        Kind.MAIL: (Budget(By.SUBJECT, Rate(5, _HOUR)),),
        Kind.PROOF: (Budget(By.SUBJECT, Rate(10, _QUARTER)),),
    }
)


class Limits:
    def __init__(self, counts: Counts, budgets: Budgets = BUDGETS) -> None:
        self._counts, self._budgets = counts, budgets

    @classmethod
    def at(cls, url: str) -> Limits:
        """`off`, or where to count. Raises BadLimits."""
        return cls(CountsHere(), {}) if url == OFF else cls(counts(url))

    async def must_allow(self, kind: Kind, address: str, subject: str = "") -> None:
        """Raises Declined, 429 `too_many_requests`, with Retry-After and RateLimit headers."""
        for budget in self._budgets.get(kind, ()):
            who = _who(budget.by, address, subject)
            wait_s = await self._counts.hit(budget.rate, f"{kind}/{budget.by}/{who}")
            if wait_s:
                raise _too_many(kind, budget, math.ceil(round(wait_s, 3)) or 1)


def _who(by: By, address: str, subject: str) -> str:
    """Hashed: a Redis has no need to know e-mail addresses."""
    match by:
        case By.ADDRESS:
            named = address
        case By.SUBJECT:
            named = subject.lower()
        case By.BOTH:
            named = f"{address} {subject.lower()}"
        case By.WHO:
            named = subject or address
    return hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _too_many(kind: Kind, budget: Budget, wait_s: int) -> Declined:
    """The headers are those of draft-ietf-httpapi-ratelimit-headers."""
    rate = budget.rate
    return Declined(
        *(HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests", "This came too often in a short time."),
        f"Try again in {wait_s} s.",
        headers={
            "Retry-After": f"{wait_s}",
            "RateLimit-Policy": f'"{kind}";q={rate.amount};w={rate.per_s}',
            "RateLimit": f'"{kind}";r=0;t={wait_s}',
        },
    )


def address_of(scope: Scope, *, trust_proxy: bool) -> str:
    """Whom to count. Of an IPv6 address the network's half: a home has 2^64 of them.

    With a proxy in front, what it adds last to X-Forwarded-For; anything before that the client may have made up.
    """
    client = scope.get("client")
    found = str(client[0]) if client else ""
    if trust_proxy:
        found = Headers(scope=scope).get("x-forwarded-for", "").rpartition(",")[2].strip() or found
    try:
        address = ip_address(found)
    except ValueError:
        return found[:64]
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"
    return str(address)


async def _address(request: Request) -> str:
    address: str = request.state.address
    return address


AddressDep = Annotated[str, Depends(_address)]
