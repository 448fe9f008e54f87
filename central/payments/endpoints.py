"""Paying for a booking, looking at payments, and what managers and the box office do with them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Literal, cast
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from boxoffice.domain.money import Money
from boxoffice.domain.values import Instant
from central import audit
from central.accounts.callers import CallerDep, ManagerDep, SellerDep, unknown
from central.accounts.roles import SELLERS
from central.bookings.booking import find
from central.idempotency import IdempotencyKey, once
from central.payments import invoices, paying, reconciliation, refunds, vouchers
from central.payments.gateways import ActionNeeded, NotTaken, Period
from central.payments.invoices import Invoice
from central.payments.paying import Payment, Settled, Wish
from central.payments.reconciliation import Reconciliation
from central.problems import Declined, documented
from central.services import Services, ServicesDep
from central.text import Line
from central.wire import major

router = APIRouter(tags=["payments"])
_SIGNED_IN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)
_MANAGERS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_PAYING = documented(
    *(*_SIGNED_IN, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.CONFLICT, HTTPStatus.SERVICE_UNAVAILABLE),
)
_LONGEST = timedelta(days=31)
_Amount = Annotated[Decimal, Field(gt=0, le=Decimal("999999999"), decimal_places=3, examples=[91.0])]
_Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["EUR"])]
_Method = Literal["card", "paypal", "voucher", "invoice", "counter"]
_State = Literal["started", "action", "unknown", "captured", "declined", "abandoned"]


class PaymentRequest(BaseModel):
    """No card's number: the gateway's own form in the browser takes it and gives a token, or takes the money."""

    bookingId: UUID  # noqa: N815
    paymentMethod: Annotated[Line, Field(min_length=1, max_length=20, examples=["card"])]  # noqa: N815
    amount: Annotated[_Amount, Field(description="What is owed, in major units, to the cent.")]
    paymentToken: Annotated[  # noqa: N815
        str,
        Field(
            pattern="^((pm|tok)_[A-Za-z0-9_]{1,200})?$",
            description="For `card`: the payment method that the gateway's form made, to be charged at once.",
            examples=["pm_1QabcXYZ"],
        ),
    ] = ""
    voucherCode: Annotated[  # noqa: N815
        str, Field(pattern="^[A-Za-z0-9 -]{0,40}$", examples=["7K2MQ-9XWPA-3RTZC-HV6BN"])
    ] = ""


class PaymentMade(BaseModel):
    paymentId: str  # noqa: N815
    status: _State
    message: str = "payment processed successfully"
    clientSecret: Annotated[  # noqa: N815
        str, Field(description="With status `action`: what the gateway's script in the browser goes on with.")
    ] = ""
    redirectUrl: Annotated[str, Field(description="With status `action`: where the customer agrees to pay.")] = ""  # noqa: N815


class _NotSettled(Exception):
    """An answer that is not kept under the request's key: it may hold a client secret, and the next one says more."""

    def __init__(self, made: PaymentMade) -> None:
        super().__init__("not settled")
        self.made = made


class RefundShown(BaseModel):
    """`status`: due and unknown are on their way, by_hand waits for somebody at the box office."""

    refundId: str  # noqa: N815
    status: Literal["due", "unknown", "done", "by_hand"]
    amount: float
    amountMinor: int  # noqa: N815
    reason: str
    owedAt: datetime  # noqa: N815
    doneAt: datetime | None  # noqa: N815


class PaymentShown(BaseModel):
    paymentId: str  # noqa: N815
    bookingId: str  # noqa: N815
    paymentMethod: _Method  # noqa: N815
    status: _State
    amount: float
    amountMinor: int  # noqa: N815
    currency: str
    startedAt: datetime  # noqa: N815
    settledAt: datetime | None  # noqa: N815
    refunds: list[RefundShown]


class MethodShown(BaseModel):
    paymentMethod: _Method  # noqa: N815
    publishableKey: Annotated[str, Field(description="For the gateway's script in the browser.")] = ""  # noqa: N815


class AttemptShown(BaseModel):
    at: datetime
    what: str
    outcome: str
    reference: str
    detail: str


class VoucherRequest(BaseModel):
    amount: _Amount
    currency: _Currency
    note: Annotated[Line, Field(max_length=200)] = ""
    expiresAt: Instant | None = None  # noqa: N815


class VoucherIssued(BaseModel):
    voucherId: str  # noqa: N815
    voucherCode: Annotated[str, Field(description="Shown this once.")]  # noqa: N815


class InvoiceLimit(BaseModel):
    limit: Annotated[Decimal, Field(ge=0, le=Decimal("999999999"), decimal_places=3, examples=[500])]
    currency: _Currency


class InvoiceShown(BaseModel):
    invoiceNumber: str  # noqa: N815
    paymentId: str  # noqa: N815
    userId: str  # noqa: N815
    amount: float
    credited: float
    currency: str
    issuedAt: datetime  # noqa: N815
    dueAt: datetime  # noqa: N815
    paidAt: datetime | None  # noqa: N815


class DifferenceShown(BaseModel):
    paymentMethod: str  # noqa: N815
    kind: Literal["not_ours", "not_there", "amount", "refunds", "not_booked"]
    words: str
    paymentId: str  # noqa: N815
    gatewayReference: str  # noqa: N815


class ReconciliationShown(BaseModel):
    start: datetime
    end: datetime
    compared: int
    healed: list[str]
    differences: list[DifferenceShown]
    away: list[str]


class PeriodRequest(BaseModel):
    start: Instant
    end: Instant


class Done(BaseModel):
    message: str


@router.get("/api/payments/methods", responses=documented(HTTPStatus.UNAUTHORIZED))
async def list_methods(caller: CallerDep, services: ServicesDep) -> list[MethodShown]:
    """How this customer may pay here."""
    offered = [*services.payments.gateways, "voucher", "counter"]
    if await invoices.may_owe(services.database.pool, caller.account):
        offered.append("invoice")
    keys = {"card": services.payments.publishable_key}
    return [MethodShown(paymentMethod=cast(_Method, name), publishableKey=keys.get(name, "")) for name in offered]


@router.post(
    "/api/payments",
    status_code=HTTPStatus.CREATED,
    responses={**_PAYING, HTTPStatus.ACCEPTED: {"model": PaymentMade, "description": "Not settled yet"}},
    response_model=PaymentMade,
)
async def pay(
    asked: PaymentRequest,
    request: Request,
    caller: CallerDep,
    services: ServicesDep,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Pay for a booking. 201: paid and confirmed. 202 `action`: the customer has something to do, then
    `POST /api/payments/{paymentId}/confirm`. 202 `unknown`: the gateway did not say; look at the payment again,
    nothing is taken twice.
    """
    token = asked.voucherCode if asked.paymentMethod == "voucher" else asked.paymentToken
    wish = Wish(asked.bookingId, asked.paymentMethod, asked.amount, token)

    async def work() -> tuple[int, BaseModel]:
        status, made = _answer(await paying.pay(services, caller, wish), HTTPStatus.CREATED)
        if status == HTTPStatus.ACCEPTED:
            raise _NotSettled(made)
        return status, made

    try:
        return await once(services.database, request, idempotency_key, caller.account, services.now(), work)
    except _NotSettled as still:
        return Response(still.made.model_dump_json(), HTTPStatus.ACCEPTED, media_type="application/json")


@router.post(
    "/api/payments/{paymentId}/confirm",
    responses={**_PAYING, HTTPStatus.ACCEPTED: {"model": PaymentMade, "description": "Not settled yet"}},
)
async def confirm_payment(
    paymentId: UUID,  # noqa: N803
    caller: CallerDep,
    services: ServicesDep,
    response: Response,
) -> PaymentMade:
    """The customer has done their part, or a cashier has taken the money at the counter: see it through."""
    payment = await _payment(services, paymentId)
    by_seller = caller.role in SELLERS and payment.method == "counter"
    if not by_seller:
        caller.must_own(payment.account, "payment")
    status, answer = _answer(await paying.advance(services, paymentId, by_seller=by_seller), HTTPStatus.OK)
    response.status_code = status
    return answer


@router.get("/api/payments/{paymentId}", responses=documented(*_SIGNED_IN))
async def show_payment(
    paymentId: UUID,  # noqa: N803
    caller: CallerDep,
    services: ServicesDep,
) -> PaymentShown:
    """One payment, with what has gone back of it."""

    async def look(connection: asyncpg.Connection) -> PaymentShown:
        row = await connection.fetchrow("select * from payment where id = $1", paymentId)
        caller.must_own(None if row is None else row["account"], "payment")
        return await _shown(connection, Payment.of(row))

    return await services.database.read(look)


@router.get("/api/bookings/{bookingId}/payments", responses=documented(*_SIGNED_IN))
async def list_payments(
    bookingId: UUID,  # noqa: N803
    caller: CallerDep,
    services: ServicesDep,
) -> list[PaymentShown]:
    """All attempts to pay for a booking, newest first."""

    async def look(connection: asyncpg.Connection) -> list[PaymentShown]:
        booking = await find(connection, bookingId)
        caller.must_own(None if booking is None else booking.account, "booking")
        rows = await connection.fetch("select * from payment where booking = $1 order by id desc limit 100", bookingId)
        return [await _shown(connection, Payment.of(row)) for row in rows]

    return await services.database.read(look)


@router.get(
    "/api/admin/payments/{paymentId}/attempts",
    responses=documented(*_MANAGERS, HTTPStatus.NOT_FOUND),
)
async def list_attempts(
    paymentId: UUID,  # noqa: N803
    _: ManagerDep,
    services: ServicesDep,
) -> list[AttemptShown]:
    """The transaction log of one payment."""
    await _payment(services, paymentId)
    rows = await services.database.pool.fetch(
        "select at, what, outcome, gateway_reference as reference, detail from payment_attempt where payment = $1"
        " order by id",
        paymentId,
    )
    return [AttemptShown(**row) for row in rows]


@router.post("/api/payments/refunds/{refundId}/paid-out", responses=documented(*_MANAGERS, HTTPStatus.NOT_FOUND))
async def pay_out(
    refundId: UUID,  # noqa: N803
    caller: SellerDep,
    services: ServicesDep,
) -> Done:
    """The money of a refund that waits `by_hand` has been given to the customer."""
    now = services.now()

    async def note(connection: asyncpg.Connection) -> None:
        payment = await refunds.paid_out(connection, refundId, now)
        if payment is None:
            raise unknown("refund", "refundId")
        await audit.record(connection, caller, "refund.paid_out", f"payment:{payment}", now, {"refund": str(refundId)})

    await services.database.write(note)
    return Done(message="refund paid out")


@router.get("/api/admin/payments/reconciliation", responses=documented(*_MANAGERS))
async def compare_payments(
    _: ManagerDep,
    services: ServicesDep,
    start: Annotated[Instant | None, Query(description="By default a day before `end`.")] = None,
    end: Annotated[Instant | None, Query(description="By default now.")] = None,
) -> ReconciliationShown:
    """What the gateways' own lists and ours do not agree on. Changes nothing."""
    until = end or services.now()
    period = _period(start or until - timedelta(days=1), until)
    return _reconciled(await reconciliation.reconcile(services, period, heal=False))


@router.post("/api/admin/payments/reconciliation", responses=documented(*_MANAGERS))
async def reconcile_payments(asked: PeriodRequest, caller: ManagerDep, services: ServicesDep) -> ReconciliationShown:
    """Compare, and book what was taken and not booked."""
    found = await reconciliation.reconcile(services, _period(asked.start, asked.end))
    detail = {"healed": [str(payment) for payment in found.healed], "differences": len(found.differences)}
    await services.database.write(
        lambda connection: audit.record(
            connection, caller, "payments.reconciled", f"period:{asked.start.isoformat()}", services.now(), detail
        )
    )
    return _reconciled(found)


@router.post("/api/admin/vouchers", status_code=HTTPStatus.CREATED, responses=documented(*_MANAGERS))
async def issue_voucher(asked: VoucherRequest, caller: ManagerDep, services: ServicesDep) -> VoucherIssued:
    """A voucher that was paid for, or is given away."""
    value, now = _money(asked.amount, asked.currency, "amount"), services.now()
    if asked.expiresAt is not None and asked.expiresAt <= now:
        raise Declined(
            *(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", "It would have expired already."), field="expiresAt"
        )

    async def issue(connection: asyncpg.Connection) -> vouchers.Issued:
        issued = await vouchers.issue(connection, value, caller.account, asked.note, asked.expiresAt, now)
        await audit.record(
            connection, caller, "voucher.issued", f"voucher:{issued.voucher}", now, {"minor": value.minor}
        )
        return issued

    issued = await services.database.write(issue)
    return VoucherIssued(voucherId=str(issued.voucher), voucherCode=issued.code)


@router.put("/api/admin/users/{userId}/invoices", responses=documented(*_MANAGERS, HTTPStatus.NOT_FOUND))
async def allow_invoices(
    userId: UUID,  # noqa: N803
    asked: InvoiceLimit,
    caller: ManagerDep,
    services: ServicesDep,
) -> Done:
    """How much this account may owe at a time; 0: it does not pay by invoice."""
    limit, now = _money(asked.limit, asked.currency, "limit"), services.now()

    async def allow(connection: asyncpg.Connection) -> None:
        if not await connection.fetchval("select true from account where id = $1 and deleted_at is null", userId):
            raise unknown("user", "userId")
        await invoices.allow(connection, userId, limit, caller.account, now)
        await audit.record(connection, caller, "invoices.allowed", f"account:{userId}", now, {"limit": str(limit)})

    await services.database.write(allow)
    return Done(message="invoices allowed" if limit else "invoices not allowed")


@router.get("/api/admin/invoices", responses=documented(*_MANAGERS))
async def list_open_invoices(
    _: ManagerDep,
    services: ServicesDep,
    after: Annotated[int, Query(ge=0, lt=2**63, description="The last number of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[InvoiceShown]:
    """Invoices that are still owed, by number."""
    return [_invoice(found) for found in await invoices.still_open(services.database.pool, after, limit)]


@router.post("/api/admin/invoices/{invoiceNumber}/paid", responses=documented(*_MANAGERS, HTTPStatus.NOT_FOUND))
async def mark_invoice_paid(
    invoiceNumber: Annotated[int, Path(ge=1, lt=2**63)],  # noqa: N803
    caller: ManagerDep,
    services: ServicesDep,
) -> InvoiceShown:
    """The money has come."""
    now = services.now()

    async def mark(connection: asyncpg.Connection) -> Invoice:
        found = await invoices.mark_paid(connection, invoiceNumber, now)
        if found is None:
            raise unknown("invoice", "invoiceNumber")
        await audit.record(connection, caller, "invoice.paid", f"invoice:{invoiceNumber}", now)
        return found

    return _invoice(await services.database.write(mark))


def _answer(settled: Settled, when_paid: HTTPStatus) -> tuple[int, PaymentMade]:
    """Raises Declined for what was not taken, or not kept."""
    payment, outcome = settled.payment, settled.outcome
    made = PaymentMade(paymentId=str(payment.id), status=cast(_State, payment.state))
    if settled.late:
        raise Declined(
            *(HTTPStatus.CONFLICT, "paid_too_late", "The payment came after the places had gone to somebody else."),
            "The money goes back at once. Book again.",
        )
    if payment.state == "captured":
        return when_paid, made
    if payment.state in ("declined", "abandoned"):
        words = outcome.words if isinstance(outcome, NotTaken) else f"This payment was {payment.state}."
        raise Declined(
            *(HTTPStatus.PAYMENT_REQUIRED, f"payment_{payment.state}", words),
            "Nothing was taken. Try again, or pay in another way.",
        )
    if isinstance(outcome, ActionNeeded):
        made.clientSecret, made.redirectUrl = outcome.client_secret, outcome.redirect
        made.message = outcome.words or "payment needs the customer"
    else:
        made.message = "payment is being looked into"
    return HTTPStatus.ACCEPTED, made


async def _payment(services: Services, payment: UUID) -> Payment:
    row = await services.database.pool.fetchrow("select * from payment where id = $1", payment)
    if row is None:
        raise unknown("payment")
    return Payment.of(row)


async def _shown(connection: asyncpg.Connection, payment: Payment) -> PaymentShown:
    rows = await connection.fetch("select * from payment_refund where payment = $1 order by id", payment.id)
    return PaymentShown(
        paymentId=str(payment.id),
        bookingId=str(payment.booking),
        paymentMethod=cast(_Method, payment.method),
        status=cast(_State, payment.state),
        amount=major(payment.money),
        amountMinor=payment.money.minor,
        currency=payment.money.currency,
        startedAt=payment.started_at,
        settledAt=payment.settled_at,
        refunds=[
            RefundShown(
                refundId=str(row["id"]),
                status=row["state"],
                amount=major(Money(row["amount_minor"], payment.money.currency)),
                amountMinor=row["amount_minor"],
                reason=row["reason"],
                owedAt=row["owed_at"],
                doneAt=row["done_at"],
            )
            for row in rows
        ],
    )


def _invoice(found: Invoice) -> InvoiceShown:
    return InvoiceShown(
        invoiceNumber=str(found.number),
        paymentId=str(found.payment),
        userId=str(found.account),
        amount=major(Money(found.amount_minor, found.currency)),
        credited=major(Money(found.credited_minor, found.currency)),
        currency=found.currency,
        issuedAt=found.issued_at,
        dueAt=found.due_at,
        paidAt=found.paid_at,
    )


def _reconciled(found: Reconciliation) -> ReconciliationShown:
    return ReconciliationShown(
        start=found.period.start,
        end=found.period.end,
        compared=found.compared,
        healed=[str(payment) for payment in found.healed],
        differences=[
            DifferenceShown.model_validate(
                {
                    "paymentMethod": difference.method,
                    "kind": difference.kind,
                    "words": difference.words,
                    "paymentId": str(difference.payment or ""),
                    "gatewayReference": difference.reference,
                }
            )
            for difference in found.differences
        ],
        away=list(found.away),
    )


def _period(start: datetime, end: datetime) -> Period:
    """Raises Declined."""
    if not start < end or end - start > _LONGEST:
        raise Declined(
            *(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", "A period ends after it starts and has 31 days at most."),
            field="end",
        )
    return Period(start, end)


def _money(amount: Decimal, currency: str, field: str) -> Money:
    """Raises Declined when the currency has no such amount."""
    minor = amount.scaleb(Money(0, currency).digits)
    if minor != minor.to_integral_value():
        raise Declined(
            *(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", f"{currency} has no amount of {amount}."), field=field
        )
    return Money(int(minor), currency)
