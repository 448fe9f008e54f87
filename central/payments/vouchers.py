"""Vouchers: money paid earlier, spent by a code that is shown once. The table holds the code's hash alone."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

from boxoffice.domain.ids import uuid7
from boxoffice.domain.money import Money
from central.payments.gateways import Captured, NotTaken, Order, Outcome, Return, Returned, ReturnOutcome

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0/O, no 1/I
_LETTERS = 20  # 100 bits: guessing is hopeless, so a plain hash does
_NOT_GOOD = NotTaken("This voucher is not good for this.", "voucher_not_good")


@dataclass(frozen=True, slots=True)
class Issued:
    voucher: UUID
    code: str = field(repr=False)


async def issue(
    connection: asyncpg.Connection, value: Money, by: UUID, note: str, expires_at: datetime | None, now: datetime
) -> Issued:
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS))
    voucher = uuid7(now, secrets.randbits)
    await connection.execute(
        "insert into voucher (id, code_hash, currency, issued_minor, balance_minor, note, issued_by, issued_at,"
        " expires_at) values ($1, $2, $3, $4, $4, $5, $6, $7, $8)",
        *(voucher, _hash(code), value.currency, value.minor, note, by, now, expires_at),
    )
    return Issued(voucher, "-".join(code[at : at + 5] for at in range(0, _LETTERS, 5)))


async def balance(connection: asyncpg.Connection, code: str, now: datetime) -> Money | None:
    """None: there is no such voucher, or it is no longer good."""
    row = await connection.fetchrow(
        "select balance_minor, currency from voucher where code_hash = $1 and (expires_at is null or expires_at > $2)",
        *(_hash(code), now),
    )
    return Money(row["balance_minor"], row["currency"]) if row else None


_SPEND = """
    with spent as (
        update voucher set balance_minor = balance_minor - $2
        where code_hash = $1 and currency = $3 and balance_minor >= $2 and (expires_at is null or expires_at > $5)
        returning id
    )
    insert into voucher_entry (voucher, minor, payment, at) select id, -$2, $4, $5 from spent returning voucher
"""


class Vouchers:
    method = "voucher"

    async def take(self, connection: asyncpg.Connection, order: Order, now: datetime) -> Outcome:
        """`order.token` is the code. A payment is settled with this, so it spends once."""
        money, code = order.money, _hash(order.token)
        voucher = await connection.fetchval(_SPEND, code, money.minor, money.currency, order.payment, now)
        return await self._refusal(connection, order, now) if voucher is None else Captured(money, str(voucher))

    async def _refusal(self, connection: asyncpg.Connection, order: Order, now: datetime) -> NotTaken:
        row = await connection.fetchrow(
            "select currency, balance_minor, expires_at from voucher where code_hash = $1", _hash(order.token)
        )
        if row is None or row["currency"] != order.money.currency:
            return _NOT_GOOD
        if row["expires_at"] is not None and row["expires_at"] <= now:
            return NotTaken("This voucher has expired.", "voucher_expired")
        left = Money(row["balance_minor"], row["currency"])
        return NotTaken(f"This voucher holds {left} and {order.money} is to be paid.", "voucher_too_small")

    async def give_back(self, connection: asyncpg.Connection, wanted: Return, now: datetime) -> ReturnOutcome:
        """Back onto the voucher, once, and also when it has expired since: what was paid with it was good."""
        await connection.execute(
            "with given as (insert into voucher_entry (voucher, minor, payment, refund, at) values ($1, $2, $3, $4, $5)"
            " on conflict do nothing returning voucher, minor)"
            " update voucher v set balance_minor = v.balance_minor + given.minor from given where v.id = given.voucher",
            *(UUID(wanted.payment_reference), wanted.money.minor, wanted.payment, wanted.refund, now),
        )
        return Returned(wanted.payment_reference)


def _hash(code: str) -> bytes:
    """However it is typed: with or without dashes and spaces, in small letters."""
    return hashlib.sha256("".join(code.split()).replace("-", "").upper().encode()).digest()
