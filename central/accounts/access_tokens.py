"""Access tokens: JWT signed with Ed25519 (RFC 7519, RFC 8037), good for ten minutes, checked without the database.

The signing keys grow from central's seed by their number, so every node of one central has them and none is stored.
A key is known to every node a day before it signs, signs for 30 days, and is good for checking an hour longer.

Every node looks every two seconds which sessions have ended in the last ten minutes and refuses their tokens: signing
out, a new password, a changed role or a deleted account hold everywhere at once, and no request pays for that.
"""

from __future__ import annotations

import base64
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import asyncpg
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.accounts.roles import AccountRole
from central.database import Database
from central.keys import CentralKeys
from central.problems import Declined

ISSUER = "boxoffice"
GOOD_FOR = timedelta(minutes=10)
_SIGNS_FOR = timedelta(days=30)
_KNOWN_BEFORE = timedelta(days=1)  # nodes read the list of keys far more often than that
_CHECKS_ON = timedelta(hours=1)  # longer than a token lives
_CLOCKS_DIFFER = timedelta(minutes=1)
_ALGORITHM = "EdDSA"
_MOST_CHECKED = 4096  # some 3 MB


@dataclass(frozen=True, slots=True)
class Claims:
    account: UUID
    role: AccountRole
    session: UUID


@dataclass(frozen=True, slots=True)
class AccessKey:
    number: int
    signs_until: datetime
    checks_until: datetime
    private: Ed25519PrivateKey

    @property
    def kid(self) -> str:
        return f"{self.number}"

    def as_jwk(self) -> dict[str, Any]:
        public = self.private.public_key().public_bytes_raw()
        x = base64.urlsafe_b64encode(public).rstrip(b"=").decode()
        return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": _ALGORITHM, "kid": self.kid, "x": x}


@dataclass(frozen=True, slots=True)
class _Checked:
    claims: Claims
    good_until: datetime


class AccessTokens:
    """The keys in use. `renew` now and then: another node may have made the next one."""

    def __init__(self, central: CentralKeys) -> None:
        self._central = central
        self._keys: dict[str, AccessKey] = {}
        self._ended: frozenset[UUID] = frozenset()
        self._checked: OrderedDict[str, _Checked] = OrderedDict()  # a signature is looked at once

    async def renew(self, database: Database, now: datetime) -> None:
        """Read the list of keys, and make the next when its time has come."""
        newest = await database.pool.fetchval("select max(signs_until) from access_key")
        if newest is None or newest - _KNOWN_BEFORE <= now:
            await database.write(lambda connection: _make_next(connection, now))
        rows = await database.pool.fetch(
            "select number, signs_until, checks_until from access_key where checks_until > $1", now
        )
        keys = [AccessKey(**row, private=self._central.access(row["number"])) for row in rows]
        self._keys = {key.kid: key for key in keys}
        self._checked.clear()

    async def look_for_ended(self, database: Database, now: datetime) -> None:
        """Sessions whose tokens may still be about."""
        rows = await database.pool.fetch("select id from session where ended_at > $1", now - GOOD_FOR - _CLOCKS_DIFFER)
        self._ended = frozenset(row["id"] for row in rows)

    def is_due(self, now: datetime) -> bool:
        """None of the keys known here signs any more."""
        return not any(key.signs_until > now for key in self._keys.values())

    def issue(self, claims: Claims, now: datetime) -> str:
        # each signs to its end: the next one is only known until then
        key = min(
            (key for key in self._keys.values() if key.signs_until > now),
            key=lambda key: key.signs_until,
        )
        body = {
            "iss": ISSUER,
            "sub": str(claims.account),
            "role": str(claims.role),
            "sid": str(claims.session),
            "iat": int(now.timestamp()),
            "exp": int((now + GOOD_FOR).timestamp()),
        }
        return jwt.encode(body, key.private, _ALGORITHM, {"kid": key.kid})

    def check(self, token: str, now: datetime) -> Claims:
        """Raises Declined, 401 `token_expired`, `token_invalid` or `session_ended`."""
        checked = self._checked.get(token) or self._signed(token)
        if now >= checked.good_until:
            raise unauthorised("token_expired", "This access token has expired.", "Refresh it, or sign in again.")
        if checked.claims.session in self._ended:
            raise unauthorised("session_ended", "This session has ended.")
        return checked.claims

    def _signed(self, token: str) -> _Checked:
        """By a key of ours. Raises Declined, 401 `token_invalid`."""
        try:
            key = self._keys[jwt.get_unverified_header(token).get("kid", "")]
            body = jwt.decode(
                token,
                key.private.public_key(),
                [_ALGORITHM],
                issuer=ISSUER,
                options={"require": ["iss", "sub", "role", "sid", "exp"], "verify_exp": False, "verify_iat": False},
            )
            claims = Claims(UUID(body["sub"]), AccountRole(body["role"]), UUID(body["sid"]))
            good_until = datetime.fromtimestamp(body["exp"], UTC)
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, OverflowError, OSError):
            raise unauthorised("token_invalid", "This access token is not one of ours.") from None
        self._checked[token] = checked = _Checked(claims, min(good_until, key.checks_until))
        if len(self._checked) > _MOST_CHECKED:
            self._checked.popitem(last=False)
        return checked

    def jwks(self) -> dict[str, Any]:
        """RFC 7517, for services that check tokens themselves."""
        return {"keys": [key.as_jwk() for key in self._keys.values()]}


async def _make_next(connection: asyncpg.Connection, now: datetime) -> None:
    await connection.execute("lock table access_key in share row exclusive mode")  # one node makes it
    newest = await connection.fetchval("select max(signs_until) from access_key")
    if newest is None or newest - _KNOWN_BEFORE <= now:
        starts = max(newest or now, now)
        await connection.execute(
            "insert into access_key (made_at, signs_until, checks_until) values ($1, $2, $3)",
            *(now, starts + _SIGNS_FOR, starts + _SIGNS_FOR + _CHECKS_ON),
        )


def unauthorised(code: str, message: str, way_out: str = "Sign in.") -> Declined:
    return Declined(HTTPStatus.UNAUTHORIZED, code, message, way_out, headers={"WWW-Authenticate": "Bearer"})
