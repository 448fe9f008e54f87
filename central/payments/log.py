"""The transaction log: every question to a gateway before it is asked, and what came of it. No card data."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import asyncpg

from central.payments.gateways import (
    CANCELLED,
    ActionNeeded,
    Captured,
    NotTaken,
    Outcome,
    Returned,
    ReturnOutcome,
    ReturnRefused,
    said,
)

ASKED = "asked"


async def write(
    connection: asyncpg.Connection,
    payment: UUID,
    what: str,
    outcome: str,
    now: datetime,
    *,
    reference: str = "",
    detail: str = "",
) -> None:
    await connection.execute(
        "insert into payment_attempt (payment, at, what, outcome, gateway_reference, detail)"
        " values ($1, $2, $3, $4, $5, $6)",
        *(payment, now, what, outcome, reference, said(detail)),
    )


def named(outcome: Outcome | ReturnOutcome) -> tuple[str, str]:
    """An outcome in a word, and the gateway's words."""
    match outcome:
        case Captured():
            return "captured", ""
        case ActionNeeded():
            return "action", ""
        case NotTaken(words, code):
            return ("cancelled" if code == CANCELLED else "declined"), f"{code}: {words}"
        case Returned(reference):
            return "returned", reference
        case ReturnRefused(words):
            return "by_hand", words
        case other:
            return "unknown", other.why
