"""People who are signed in at a running central. They are put straight into its database, so thousands cost little."""

from __future__ import annotations

import secrets
from collections.abc import Generator
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

import asyncpg
import httpx
from argon2 import PasswordHasher

from boxoffice.domain.ids import uuid7
from central.accounts.access_tokens import Claims
from central.accounts.roles import AccountRole
from tests.support.central import RunningCentral, run

PASSWORD = "a heap of plain words"


@dataclass
class Person:
    """`client` signs every request with an access token of the moment: moving the clock does not sign anybody out."""

    central: RunningCentral
    account: UUID
    session: UUID
    email: str
    role: AccountRole
    name: str
    password: str = PASSWORD
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.central.url, auth=_Bearer(self), timeout=30, verify=False)
        self.central.clients.append(self.client)

    @property
    def id(self) -> str:
        return str(self.account)

    @property
    def token(self) -> str:
        tokens = self.central.app.state.services.access_tokens
        issued: str = tokens.issue(Claims(self.account, self.role, self.session), self.central.clock[0])
        return issued


class _Bearer(httpx.Auth):
    def __init__(self, person: Person) -> None:
        self._person = person

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers.setdefault("Authorization", f"Bearer {self._person.token}")
        yield request


def customer(central: RunningCentral, *, email: str = "", name: str = "Ada Byron", verified: bool = True) -> Person:
    return person(central, AccountRole.CUSTOMER, email=email, name=name, verified=verified)


def cashier(central: RunningCentral) -> Person:
    return person(central, AccountRole.CASHIER)


def door(central: RunningCentral) -> Person:
    return person(central, AccountRole.DOOR)


def manager(central: RunningCentral) -> Person:
    return person(central, AccountRole.MANAGER)


def admin(central: RunningCentral) -> Person:
    return person(central, AccountRole.ADMIN)


def person(
    central: RunningCentral, role: AccountRole, *, email: str = "", name: str = "Ada Byron", verified: bool = True
) -> Person:
    """Whose password is PASSWORD."""
    now = central.clock[0]
    account, session = uuid7(now, secrets.randbits), uuid7(now, secrets.randbits)
    email = email or f"{role}.{secrets.token_hex(5)}@example.org"

    async def write(connection: asyncpg.Connection) -> None:
        await connection.execute(
            "insert into account (id, email, name, password_hash, role, created_at, email_verified_at)"
            " values ($1, $2, $3, $4, $5, $6, $7)",
            *(account, email, name, _hashed(), str(role), now, now if verified else None),
        )
        await connection.execute(
            "insert into session (id, account, started_at) values ($1, $2, $3)", *(session, account, now)
        )

    run(central.database, write)
    return Person(central, account, session, email, role, name)


@lru_cache(maxsize=1)
def _hashed() -> str:
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1).hash(PASSWORD)
