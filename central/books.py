"""The web's books: double entry, in the transaction of what is booked. A debit is positive, a credit negative.

The accounts are those of boxoffice.domain.facts.LedgerLine, one for each way to pay, and `refunds_owed`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

import asyncpg

from boxoffice.domain.facts import LedgerLine
from boxoffice.domain.ids import uuid7

REFUNDS_OWED = "refunds_owed"  # what customers get back and whoever took it has not paid yet


async def book(connection: asyncpg.Connection, lines: Iterable[LedgerLine], now: datetime) -> None:
    """One entry, whose lines sum to zero."""
    entry, found = uuid7(now, secrets.randbits), list(lines)
    assert sum(line.minor for line in found) == 0
    await connection.executemany(
        "insert into web_ledger_line (entry, position, account, minor, booked_at) values ($1, $2, $3, $4, $5)",
        [(entry, position, line.account, line.minor, now) for position, line in enumerate(found)],
    )


async def move(connection: asyncpg.Connection, debit: str, credit: str, minor: int, now: datetime) -> None:
    """From one account to another."""
    await book(connection, [LedgerLine(account=debit, minor=minor), LedgerLine(account=credit, minor=-minor)], now)
