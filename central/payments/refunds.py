"""Money that goes back: owed in the transaction that causes it, paid by whoever took it, asked for until it is done."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from uuid import UUID

import asyncpg

from boxoffice.domain.ids import uuid7
from boxoffice.domain.money import Money
from central import books
from central.announcements import Happened, announce
from central.payments import log
from central.payments.gateways import Return, Returned, ReturnOutcome, ReturnRefused
from central.payments.methods import Methods
from central.problems import Declined
from central.services import Services

_AT_ONCE = 20
_TOGETHER = 4  # each holds a connection for moments only, but a gateway may be slow
_SOONEST = timedelta(seconds=60)  # longer than a gateway may take to answer
_LATEST = timedelta(hours=1)


async def owe(connection: asyncpg.Connection, booking: UUID, amount_minor: int, reason: str, now: datetime) -> None:
    """From the booking's captured payments, newest first. The caller holds the booking's lock.

    Raises Declined, 409 `refund_exceeds_payment`; nothing is written then.
    """
    payments = await connection.fetch(
        "select id, amount_minor from payment where booking = $1 and state = 'captured'"
        " order by settled_at desc, id desc for update",
        booking,
    )
    owed = await connection.fetch(
        "select payment, sum(amount_minor)::bigint as minor from payment_refund where payment = any($1)"
        " group by payment",
        [row["id"] for row in payments],
    )
    promised = {row["payment"]: row["minor"] for row in owed}
    shares: list[tuple[UUID, int]] = []
    left = amount_minor
    for row in payments:
        share = min(left, row["amount_minor"] - promised.get(row["id"], 0))
        if share > 0:
            shares.append((row["id"], share))
            left -= share
    if left:
        raise Declined(
            *(HTTPStatus.CONFLICT, "refund_exceeds_payment", "More would go back than was paid and not yet returned."),
            "Look at the booking's payments.",
        )
    for payment, minor in shares:
        await owe_of(connection, payment, minor, reason, now)


async def owe_of(connection: asyncpg.Connection, payment: UUID, minor: int, reason: str, now: datetime) -> None:
    """Of one payment, whose row the caller has locked."""
    await connection.execute(
        "insert into payment_refund (id, payment, amount_minor, reason, owed_at, due_at)"
        " values ($1, $2, $3, $4, $5, $5)",
        *(uuid7(now, secrets.randbits), payment, minor, reason, now),
    )


@dataclass(frozen=True, slots=True)
class _Due:
    method: str
    wanted: Return


async def settle_due(services: Services) -> int:
    """Pay back what is due, up to a batch. How many were tried. Several nodes may run it at once."""
    due = await services.database.write(partial(_claim, methods=services.payments, now=services.now()))
    together = asyncio.Semaphore(_TOGETHER)

    async def one(refund: _Due) -> None:
        async with together:
            await _settle(services, refund)

    await asyncio.gather(*(one(refund) for refund in due))
    return len(due)


async def hurry(services: Services, payment: UUID) -> None:
    """The gateway has news of this payment: ask for its refunds that it was still working on."""
    waiting = await services.database.pool.fetchval(
        "with hurried as (update payment_refund set due_at = $2 where payment = $1 and state = 'unknown' returning id)"
        " select count(*) from hurried",
        *(payment, services.now()),
    )
    if waiting:
        await settle_due(services)


async def _claim(connection: asyncpg.Connection, methods: Methods, now: datetime) -> Sequence[_Due]:
    """Put off what is taken up, so that nobody else takes it up, and a crash only delays it."""
    rows = await connection.fetch(
        "select r.id, r.payment, r.amount_minor, r.reason, r.tries, p.method, p.currency, p.gateway_reference"
        " from payment_refund r join payment p on p.id = r.payment"
        " where r.state in ('due', 'unknown') and r.due_at <= $1"
        " order by r.due_at limit $2 for update of r skip locked",
        *(now, _AT_ONCE),
    )
    claimed = []
    for row in rows:
        again = now + min(_SOONEST * 2 ** min(row["tries"], 10), _LATEST)
        await connection.execute(
            "update payment_refund set due_at = $2, tries = least(tries + 1, 30000) where id = $1", row["id"], again
        )
        if row["method"] not in methods:
            await log.write(connection, row["payment"], "refund", "unknown", now, detail="not configured any more")
            continue
        await log.write(connection, row["payment"], "refund", log.ASKED, now, reference=str(row["id"]))
        money = Money(row["amount_minor"], row["currency"])
        claimed.append(
            _Due(
                row["method"],
                Return(*(row["id"], row["payment"], row["gateway_reference"], money, row["tries"] > 0, row["reason"])),
            )
        )
    return claimed


async def _settle(services: Services, due: _Due) -> None:
    house = services.payments.house.get(due.method)
    gateway = services.payments.gateways.get(due.method)
    outcome = await gateway.give_back(due.wanted) if gateway is not None else None

    async def note(connection: asyncpg.Connection) -> None:
        now = services.now()
        state = await connection.fetchval(
            "select state from payment_refund where id = $1 for update", due.wanted.refund
        )
        if state not in ("due", "unknown"):
            return
        if outcome is not None:
            found: ReturnOutcome = outcome
        else:
            assert house is not None
            found = await house.give_back(connection, due.wanted, now)
        word, words = log.named(found)
        await log.write(
            connection, due.wanted.payment, "refund", word, now, reference=str(due.wanted.refund), detail=words
        )
        match found:
            case Returned(reference):
                await _done(connection, due.wanted.refund, reference, now)
            case ReturnRefused():
                await connection.execute("update payment_refund set state = 'by_hand' where id = $1", due.wanted.refund)
            case _:
                await connection.execute("update payment_refund set state = 'unknown' where id = $1", due.wanted.refund)

    await services.database.write(note)


async def _done(connection: asyncpg.Connection, refund: UUID, reference: str, now: datetime) -> None:
    row = await connection.fetchrow(
        "update payment_refund r set state = 'done', gateway_reference = $2, done_at = $3 from payment p"
        " where r.id = $1 and p.id = r.payment returning p.method, r.amount_minor, p.id, p.booking, p.currency",
        *(refund, reference, now),
    )
    await books.move(connection, books.REFUNDS_OWED, row["method"], row["amount_minor"], now)
    told = {"refundId": str(refund), "paymentId": str(row["id"]), "bookingId": str(row["booking"])}
    money = {"amountMinor": row["amount_minor"], "currency": row["currency"]}
    await announce(connection, Happened.REFUND_PAID, now, {**told, **money})


async def paid_out(connection: asyncpg.Connection, refund: UUID, now: datetime) -> UUID | None:
    """Somebody has given the money back by hand. Its payment; None: no refund waits for a hand under this id."""
    payment: UUID | None = await connection.fetchval(
        "select payment from payment_refund where id = $1 and state = 'by_hand' for update", refund
    )
    if payment is not None:
        await _done(connection, refund, "by hand", now)
        await log.write(connection, payment, "refund", "returned", now, reference=str(refund), detail="by hand")
    return payment
