"""From the wish to pay to a confirmed booking.

A payment is written, with what will be asked, and committed before its gateway is asked. The gateway first only
announces the payment; its reference is committed before anything can be taken. What the gateway then says is settled
in one transaction with the booking. Whatever is lost between two of these steps is found by `advance`, later and by
anybody: it asks the gateway and never takes money for a booking that no longer waits for it.

Locks: the booking, then the payment. A booking has one payment under way (a unique index sees to it).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from http import HTTPStatus
from uuid import UUID

import asyncpg

from boxoffice.domain.ids import PerformanceId, uuid7
from boxoffice.domain.money import Money
from central import books, messages
from central.accounts.callers import Caller, unknown
from central.accounts.roles import SELLERS
from central.bookings.confirming import confirm
from central.bookings.owed import Owed, owed
from central.payments import log, refunds
from central.payments.gateways import (
    CANCELLED,
    ActionNeeded,
    Captured,
    Gateway,
    NotTaken,
    Order,
    Outcome,
    Started,
    Unknown,
)
from central.problems import Declined
from central.services import Services

UNDER_WAY = ("started", "action", "unknown")
FIRST_LOOK = timedelta(seconds=60)  # longer than a request may take, so that nobody looks over its shoulder
_LATEST_LOOK = timedelta(minutes=15)
_BEGIN = """
    with begun as (
        insert into payment (id, booking, account, method, state, currency, amount_minor, started_at, look_at)
        values ($1, $2, $3, $4, 'started', $5, $6, $7, $8)
        on conflict (booking) where state in ('started', 'action', 'unknown') do nothing
        returning id
    )
    insert into payment_attempt (payment, at, what, outcome) select id, $7, 'start', $9 from begun returning true
"""
_CANCELLED = NotTaken("The payment was cancelled.", CANCELLED)
_AWAY = NotTaken("This way to pay does not answer. Nothing was taken.", CANCELLED)


@dataclass(frozen=True, slots=True)
class Payment:
    """`state`: started, action, unknown; captured, declined, abandoned."""

    id: UUID
    booking: UUID
    account: UUID
    method: str
    state: str
    money: Money
    reference: str
    started_at: datetime
    settled_at: datetime | None

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @classmethod
    def of(cls, row: asyncpg.Record) -> Payment:
        money = Money(row["amount_minor"], row["currency"])
        return cls(
            *(row["id"], row["booking"], row["account"], row["method"], row["state"], money),
            *(row["gateway_reference"], row["started_at"], row["settled_at"]),
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """`token` is what the gateway's form gave, or a voucher's code."""

    booking: UUID
    method: str
    amount: Decimal
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Settled:
    """Where a payment stands. `late`: why a captured one did not confirm its booking; the money goes back."""

    payment: Payment
    outcome: Outcome | None = None
    heads: dict[PerformanceId, int] = field(default_factory=dict)
    late: str = ""


async def pay(services: Services, caller: Caller, wish: Wish) -> Settled:
    """Raises Declined for what cannot be paid so; a declined or lost payment is an outcome."""
    if wish.method not in services.payments:
        raise Declined(
            *(HTTPStatus.UNPROCESSABLE_ENTITY, "method_not_offered", f"“{wish.method}” is not a way to pay here."),
            "GET /api/payments/methods lists them.",
            field="paymentMethod",
        )
    for _ in range(2):
        begun = await services.database.write(partial(_begin, services=services, caller=caller, wish=wish))
        if begun.outcome is not None or not begun.payment.is_under_way:
            return await _told(services, begun)
        gateway = services.payments.gateways[begun.payment.method] if not begun.is_other else None
        if gateway is None:
            ended = await advance(services, begun.payment.id, cancel=True)
            if ended.payment.state == "captured":
                return ended
            if ended.payment.is_under_way:
                raise _in_doubt()
            continue
        if begun.is_new:
            return await _start(services, gateway, begun.payment, wish.token)
        return await advance(services, begun.payment.id)
    raise _in_doubt()


def _in_doubt() -> Declined:
    return Declined(
        *(HTTPStatus.CONFLICT, "payment_in_doubt", "An earlier payment of this booking is not settled yet."),
        "Wait a minute and look at the booking before you pay again.",
        headers={"Retry-After": "30"},
    )


@dataclass(frozen=True, slots=True)
class _Begun(Settled):
    """`is_new`: to be started; `is_other`: one that is in the way and has to end first."""

    is_new: bool = False
    is_other: bool = False


async def _begin(connection: asyncpg.Connection, services: Services, caller: Caller, wish: Wish) -> _Begun:
    now = services.now()
    found = await owed(connection, wish.booking)
    by_seller = wish.method == "counter" and caller.role in SELLERS
    if found is None or not (caller.owns(found.account) or by_seller):
        raise unknown("booking", "bookingId")
    money = _due(found, wish, now)
    payment = Payment(
        uuid7(now, secrets.randbits), wish.booking, found.account, wish.method, "started", money, "", now, None
    )
    is_new = await connection.fetchval(
        _BEGIN,
        *(payment.id, payment.booking, payment.account, payment.method, money.currency, money.minor),
        *(now, now + FIRST_LOOK, log.ASKED),
    )
    if not is_new:
        row = await connection.fetchrow(
            "select * from payment where booking = $1 and state = any($2) for update", wish.booking, list(UNDER_WAY)
        )
        earlier = Payment.of(row)
        return _Begun(earlier, is_other=earlier.method != wish.method or bool(wish.token) or by_seller)
    house = services.payments.house.get(wish.method)
    if house is None:
        return _Begun(payment, is_new=True)
    outcome = await house.take(connection, _order(payment, wish.token, by_seller), now)
    settled = await _book(connection, payment, outcome, "start", now)
    return _Begun(settled.payment, settled.outcome, settled.heads, settled.late)


def _due(found: Owed, wish: Wish, now: datetime) -> Money:
    """Raises Declined when this booking is not to be paid, or not so much."""
    if found.state != "pending":
        code = "booking_expired" if found.state == "expired" else "booking_settled"
        raise Declined(HTTPStatus.CONFLICT, code, f"This booking is {found.state} already.", "Look at it.")
    if found.expires_at is not None and found.expires_at <= now:
        raise Declined(HTTPStatus.CONFLICT, "booking_expired", "This booking was not paid in time.", "Book again.")
    money = Money(found.total_minor, found.currency)
    if wish.amount.scaleb(money.digits) != money.minor or not money:
        raise Declined(
            *(HTTPStatus.UNPROCESSABLE_ENTITY, "wrong_amount", f"{money} is to be paid for this booking."),
            "Show the customer the new total, and ask again.",
            field="amount",
        )
    return money


def _order(payment: Payment, token: str = "", by_seller: bool = False) -> Order:
    return Order(payment.id, payment.booking, payment.account, payment.money, token, by_seller)


async def _start(services: Services, gateway: Gateway, payment: Payment, token: str) -> Settled:
    order = _order(payment, token)
    started = await gateway.start(order)
    if isinstance(started, Unknown):  # announced or not: nothing can have been taken
        started = replace(_AWAY, words=_AWAY.words)
    if isinstance(started, NotTaken):
        return await settle(services, payment.id, started, "start")

    async def announce(connection: asyncpg.Connection) -> bool:
        now = services.now()
        assert isinstance(started, Started)
        kept = await connection.fetchval(
            "update payment set gateway_reference = $2, state = 'action' where id = $1 and state = 'started'"
            " returning true",
            *(payment.id, started.reference),
        )
        await log.write(connection, payment.id, "start", "announced", now, reference=started.reference)
        if kept and token:
            await log.write(connection, payment.id, "complete", log.ASKED, now, reference=started.reference)
        return bool(kept)

    if not await services.database.write(announce):  # given up meanwhile: it must not be paid either
        return await settle(services, payment.id, await gateway.cancel(started.reference), "cancel")
    if not token:
        payment = replace(payment, state="action", reference=started.reference)
        return Settled(payment, started.action)
    return await settle(services, payment.id, await gateway.complete(order, started.reference), "complete")


async def advance(services: Services, payment_id: UUID, *, cancel: bool = False, by_seller: bool = False) -> Settled:
    """Ask how a payment stands and settle it: take what the customer has agreed to while its booking waits for it;
    otherwise, or with `cancel`, end it. Raises Declined, 404 `unknown_payment`.
    """

    async def prepare(connection: asyncpg.Connection) -> tuple[Settled | None, Payment, str]:
        now = services.now()
        payment, found = await _locked(connection, payment_id)
        if not payment.is_under_way:
            return Settled(payment), payment, ""
        ends = cancel or found is None or not _waits(found, now)
        house = services.payments.house.get(payment.method)
        if house is not None:
            outcome: Outcome = _CANCELLED
            if not ends:
                outcome = await house.take(connection, _order(payment, by_seller=by_seller), now)
            return await _settle(connection, payment_id, outcome, "look", now), payment, ""
        if not payment.reference:
            if payment.started_at + FIRST_LOOK > now:
                return Settled(payment, Unknown("It is being announced.")), payment, ""
            return await _settle(connection, payment_id, _AWAY, "look", now), payment, ""
        what = "cancel" if ends else "complete"
        await log.write(connection, payment_id, what, log.ASKED, now, reference=payment.reference)
        return None, payment, what

    settled, payment, what = await services.database.write(prepare)
    if settled is not None:
        return await _told(services, settled)
    gateway = services.payments.gateways.get(payment.method)
    if gateway is None:
        outcome: Outcome = Unknown("This way to pay is not configured any more.")
    elif what == "cancel":
        outcome = await gateway.cancel(payment.reference)
    else:
        outcome = await gateway.complete(_order(payment), payment.reference)
    return await settle(services, payment_id, outcome, what)


def _waits(found: Owed, now: datetime) -> bool:
    return found.state == "pending" and (found.expires_at is None or found.expires_at > now)


async def settle(services: Services, payment: UUID, outcome: Outcome, what: str) -> Settled:
    """Book what a gateway said. Saying it twice changes nothing."""
    return await _told(
        services,
        await services.database.write(lambda connection: _settle(connection, payment, outcome, what, services.now())),
    )


async def _told(services: Services, settled: Settled) -> Settled:
    if settled.heads:
        services.hints.tell(settled.heads)
    if settled.late:
        await refunds.settle_due(services)
    return settled


async def _locked(connection: asyncpg.Connection, payment: UUID) -> tuple[Payment, Owed | None]:
    """Raises Declined, 404 `unknown_payment`."""
    booking = await connection.fetchval("select booking from payment where id = $1", payment)
    if booking is None:
        raise unknown("payment")
    found = await owed(connection, booking)
    return Payment.of(await connection.fetchrow("select * from payment where id = $1 for update", payment)), found


async def _settle(
    connection: asyncpg.Connection, payment_id: UUID, outcome: Outcome, what: str, now: datetime
) -> Settled:
    payment, _ = await _locked(connection, payment_id)
    return await _book(connection, payment, outcome, what, now)


async def _book(
    connection: asyncpg.Connection, payment: Payment, outcome: Outcome, what: str, now: datetime
) -> Settled:
    """Of a payment that is locked, and its booking before it."""
    word, words = log.named(outcome)
    if isinstance(outcome, Captured) and outcome.money != payment.money:
        outcome = Unknown(f"{outcome.money} was taken, and {payment.money} was to be paid.")
        word, words = "other_amount", outcome.why
    if payment.is_under_way or (isinstance(outcome, Captured) and payment.state != "captured"):
        await log.write(connection, payment.id, what, word, now, reference=payment.reference, detail=words)
    elif isinstance(outcome, Captured) or payment.state != "captured":
        return Settled(payment, outcome)
    else:
        return Settled(payment)
    match outcome:
        case Captured():
            return await _captured(connection, payment, outcome, now)
        case ActionNeeded():
            return Settled(await _moved(connection, payment, "action", now), outcome)
        case NotTaken(_, code):
            ended = "abandoned" if code == CANCELLED else "declined"
            return Settled(await _moved(connection, payment, ended, now), outcome)
        case Unknown():
            return Settled(await _moved(connection, payment, "unknown", now), outcome)


async def _captured(connection: asyncpg.Connection, payment: Payment, outcome: Captured, now: datetime) -> Settled:
    """Confirm the booking; where that is not possible any more, the money goes back."""
    reference = payment.reference or outcome.reference
    payment = await _moved(connection, replace(payment, reference=reference), "captured", now)
    try:
        confirmed = await confirm(connection, payment.booking, payment.method, str(payment.id), now)
        return Settled(payment, outcome, confirmed.heads)
    except Declined as refusal:
        await books.move(connection, payment.method, books.REFUNDS_OWED, payment.money.minor, now)
        await refunds.owe_of(connection, payment.id, payment.money.minor, refusal.code, now)
        told = {
            "booking": str(payment.booking),
            "amountMinor": payment.money.minor,
            "currency": payment.money.currency,
            "because": refusal.code,
        }
        await messages.write_to(connection, payment.account, "payment_returned", now, told)
        return Settled(payment, outcome, late=refusal.code)


async def _moved(connection: asyncpg.Connection, payment: Payment, state: str, now: datetime) -> Payment:
    settled_at = None if state in UNDER_WAY else now
    await connection.execute(
        "update payment set state = $2, gateway_reference = $3, settled_at = $4, version = version + 1 where id = $1",
        *(payment.id, state, payment.reference, settled_at),
    )
    return replace(payment, state=state, settled_at=settled_at)


async def claim_doubtful(connection: asyncpg.Connection, now: datetime, most: int) -> list[UUID]:
    """Payments to look at now, put off so that nobody else looks. In a transaction of its own."""
    rows = await connection.fetch(
        "update payment set looks = least(looks + 1, 30000),"
        " look_at = $1 + least($3::interval * power(2, least(looks, 10)), $4::interval)"
        " where id in (select id from payment where state = any($5) and look_at <= $1"
        " order by look_at limit $2 for update skip locked) returning id",
        *(now, most, FIRST_LOOK, _LATEST_LOOK, list(UNDER_WAY)),
    )
    return [row["id"] for row in rows]
