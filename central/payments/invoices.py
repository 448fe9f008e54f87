"""Invoices: the seats are the customer's at once and the money is owed. For accounts that a manager trusts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from boxoffice.domain.money import Money
from central.payments.gateways import (
    Captured,
    NotTaken,
    Order,
    Outcome,
    Return,
    Returned,
    ReturnOutcome,
    ReturnRefused,
)

DUE_AFTER = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Invoice:
    number: int
    payment: UUID
    account: UUID
    currency: str
    amount_minor: int
    credited_minor: int
    issued_at: datetime
    due_at: datetime
    paid_at: datetime | None


class Invoices:
    method = "invoice"

    async def take(self, connection: asyncpg.Connection, order: Order, now: datetime) -> Outcome:
        limit = await connection.fetchrow(
            "select currency, limit_minor from invoice_account where account = $1 for update", order.account
        )
        if limit is None or limit["currency"] != order.money.currency:
            return NotTaken("This account does not pay by invoice.", "invoice_not_allowed")
        open_minor = await connection.fetchval(
            "select coalesce(sum(amount_minor - credited_minor), 0)::bigint from invoice"
            " where account = $1 and paid_at is null",
            order.account,
        )
        if open_minor + order.money.minor > limit["limit_minor"]:
            left = Money(max(0, limit["limit_minor"] - open_minor), order.money.currency)
            return NotTaken(f"Only {left} more may be owed before earlier invoices are paid.", "invoice_limit")
        number = await connection.fetchval(
            "insert into invoice (payment, account, currency, amount_minor, issued_at, due_at)"
            " values ($1, $2, $3, $4, $5, $6) returning number",
            *(order.payment, order.account, order.money.currency, order.money.minor, now, now + DUE_AFTER),
        )
        return Captured(order.money, str(number))

    async def give_back(self, connection: asyncpg.Connection, wanted: Return, now: datetime) -> ReturnOutcome:
        """What is still owed is owed no longer; what was paid, somebody has to transfer."""
        number = int(wanted.payment_reference)
        if await connection.fetchval("select paid_at is not null from invoice where number = $1 for update", number):
            return ReturnRefused(f"Invoice {number} is paid: transfer the money back.")
        await connection.execute(
            "update invoice set credited_minor = credited_minor + $2 where number = $1", number, wanted.money.minor
        )
        return Returned(f"credit on {number}")


async def allow(connection: asyncpg.Connection, account: UUID, limit: Money, by: UUID, now: datetime) -> None:
    """Up to `limit` may be owed at a time; nothing takes the right away. Raises ForeignKeyViolationError."""
    if not limit:
        await connection.execute("delete from invoice_account where account = $1", account)
        return
    await connection.execute(
        "insert into invoice_account (account, currency, limit_minor, allowed_by, allowed_at)"
        " values ($1, $2, $3, $4, $5) on conflict (account) do update set"
        " (currency, limit_minor, allowed_by, allowed_at) = ($2, $3, $4, $5)",
        *(account, limit.currency, limit.minor, by, now),
    )


async def may_owe(connection: asyncpg.Connection, account: UUID) -> bool:
    return bool(await connection.fetchval("select exists (select from invoice_account where account = $1)", account))


async def mark_paid(connection: asyncpg.Connection, number: int, now: datetime) -> Invoice | None:
    """Marking twice keeps the first day. None: there is no such invoice."""
    row = await connection.fetchrow(
        "update invoice set paid_at = coalesce(paid_at, $2) where number = $1 returning *", number, now
    )
    return Invoice(**row) if row else None


async def still_open(connection: asyncpg.Connection, after: int, limit: int) -> list[Invoice]:
    """By number, those above `after`."""
    rows = await connection.fetch(
        "select * from invoice where paid_at is null and amount_minor > credited_minor and number > $1"
        " order by number limit $2",
        *(after, limit),
    )
    return [Invoice(**row) for row in rows]
