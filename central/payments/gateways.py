"""What the house needs of whoever moves the money, and what they can say. Refusals and time-outs are values.

`Gateway`
    somebody else's computer: asked outside any transaction, may answer late, twice or not at all.
`HouseMethod`
    vouchers, invoices and the counter: settled in the caller's transaction.

A gateway gives its reference in `start`, which moves no money; it is committed before `complete`, which may. So
whatever is lost on the way, the reference to look up is known whenever money can have moved.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias
from uuid import UUID

import asyncpg

from boxoffice.domain.money import Money

CANCELLED = "cancelled"
_CARD_NUMBER = re.compile(r"\d(?:[ -]?\d){11,18}")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be paid. `token` names what the gateway's own form in the browser took in; it is no card data."""

    payment: UUID
    booking: UUID
    account: UUID
    money: Money
    token: str = field(default="", repr=False)
    by_seller: bool = False


@dataclass(frozen=True, slots=True)
class Captured:
    """The money is the house's. `given_back_minor` is what the gateway has refunded of it since."""

    money: Money
    reference: str
    given_back_minor: int = 0


@dataclass(frozen=True, slots=True)
class ActionNeeded:
    """The customer has to do something. Nothing is taken yet, and still may be."""

    client_secret: str = field(default="", repr=False)
    redirect: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Nothing was taken; `words` say why to the customer. `code` is the gateway's own, or CANCELLED."""

    words: str
    code: str = "declined"


@dataclass(frozen=True, slots=True)
class Unknown:
    """The gateway did not say. The money may have been taken."""

    why: str


@dataclass(frozen=True, slots=True)
class Started:
    """Nothing is taken yet."""

    reference: str
    action: ActionNeeded


Outcome: TypeAlias = Captured | ActionNeeded | NotTaken | Unknown


@dataclass(frozen=True, slots=True)
class Return:
    """Money to give back. `asked_before`: an answer may have been lost, look for it first."""

    refund: UUID
    payment: UUID
    payment_reference: str
    money: Money
    asked_before: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Returned:
    reference: str


@dataclass(frozen=True, slots=True)
class ReturnRefused:
    """The gateway will never do it: a person has to."""

    words: str


@dataclass(frozen=True, slots=True)
class ReturnUnknown:
    """Ask again later, with the same refund."""

    why: str


ReturnOutcome: TypeAlias = Returned | ReturnRefused | ReturnUnknown


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` up to, not including, `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """A payment in the gateway's own list. `payment` is what it knows of our id; None: not one of ours."""

    reference: str
    payment: UUID | None
    money: Money
    given_back_minor: int
    at: datetime


class GatewayAway(Exception):
    """The gateway cannot be asked, or not with these keys."""


class Gateway(Protocol):
    """Outcomes are values; only `listing` and `notice` raise GatewayAway."""

    @property
    def method(self) -> str: ...

    async def start(self, order: Order) -> Started | NotTaken | Unknown:
        """Announce a payment. Takes no money; the same payment twice is announced once."""

    async def complete(self, order: Order, reference: str) -> Outcome:
        """Take the money, once, if the customer has agreed to it."""

    async def look_up(self, reference: str) -> Outcome: ...

    async def cancel(self, reference: str) -> Outcome:
        """NotTaken(CANCELLED): it cannot be paid any more. Captured: too late for that."""

    async def give_back(self, wanted: Return) -> ReturnOutcome:
        """Once for each `wanted.refund`, however often it is asked."""

    def listing(self, period: Period) -> AsyncIterator[Listed]:
        """What was captured in a period, as the gateway tells it."""

    async def notice(self, headers: Mapping[str, str], body: bytes) -> Notice | None:
        """A webhook's delivery: what to look at again. None: it does not come from the gateway."""

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Notice:
    """An event is a reason to look, no more: what it says of money is not believed. So order does not matter.

    Either `reference` or `payment` says which payment is meant; neither: one that concerns no payment.
    """

    event: str
    kind: str
    reference: str = ""
    payment: UUID | None = None


class HouseMethod(Protocol):
    """Both in the caller's transaction, which holds the lock of the payment's booking."""

    @property
    def method(self) -> str: ...

    async def take(self, connection: asyncpg.Connection, order: Order, now: datetime) -> Outcome: ...

    async def give_back(self, connection: asyncpg.Connection, wanted: Return, now: datetime) -> ReturnOutcome: ...


def id_or_none(text: object) -> UUID | None:
    """One of our ids as a gateway gives it back."""
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None


def said(text: object) -> str:
    """A gateway's words for the log and the customer: short, one line, without anything like a card's number."""
    line = " ".join(str(text).split())
    return _CARD_NUMBER.sub("…", line)[:300]
