"""What gateways send by themselves. An event that is genuine makes us look, and is kept so that it does so once."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import structlog
from fastapi import APIRouter, Request
from pydantic import BaseModel

from central.payments import paying, refunds
from central.payments.gateways import GatewayAway, Notice, Unknown
from central.problems import Declined, documented
from central.services import Services, ServicesDep

router = APIRouter(tags=["payments"])
_log = structlog.get_logger("central.payments")
_ANSWERS = documented(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE)


class Heard(BaseModel):
    """`known`: whether it is about a payment of ours."""

    received: bool = True
    known: bool


@router.post("/api/webhooks/stripe", responses=_ANSWERS)
async def stripe(request: Request, services: ServicesDep) -> Heard:
    """For Stripe alone: its events, signed."""
    return await _hear(services, "card", request)


@router.post("/api/webhooks/paypal", responses=_ANSWERS)
async def paypal(request: Request, services: ServicesDep) -> Heard:
    """For PayPal alone: its events, signed."""
    return await _hear(services, "paypal", request)


async def _hear(services: Services, method: str, request: Request) -> Heard:
    """Answers 503 when it cannot be looked at now: then the gateway delivers it again."""
    gateway = services.payments.gateways.get(method)
    if gateway is None:
        raise Declined(HTTPStatus.NOT_FOUND, "method_not_offered", "This gateway is not configured here.")
    try:
        notice = await gateway.notice(request.headers, await request.body())
    except GatewayAway:
        raise _later() from None
    if notice is None:
        raise Declined(HTTPStatus.BAD_REQUEST, "bad_signature", "This is not a signed event of the gateway's.")
    if await _heard_before(services, method, notice):
        return Heard(known=True)
    payment = await _payment_of(services, method, notice)
    if payment is None:
        _log.warning("event of an unknown payment", method=method, delivery=notice.event, kind=notice.kind)
    else:
        settled = await paying.advance(services, payment)
        if settled.payment.state in ("declined", "abandoned"):  # given up, and paid all the same
            settled = await paying.settle(services, payment, await gateway.look_up(settled.payment.reference), "look")
        if isinstance(settled.outcome, Unknown):
            raise _later()
        if settled.payment.state == "captured":
            await refunds.hurry(services, payment)
    await services.database.pool.execute(
        "insert into gateway_event (method, event, heard_at) values ($1, $2, $3) on conflict do nothing",
        *(method, notice.event, services.now()),
    )
    return Heard(known=payment is not None)


def _later() -> Declined:
    return Declined(
        *(HTTPStatus.SERVICE_UNAVAILABLE, "gateway_away", "The gateway could not be asked about it."),
        "Deliver it again.",
        headers={"Retry-After": "30"},
    )


async def _heard_before(services: Services, method: str, notice: Notice) -> bool:
    return bool(
        await services.database.pool.fetchval(
            "select exists (select from gateway_event where method = $1 and event = $2)", method, notice.event
        )
    )


async def _payment_of(services: Services, method: str, notice: Notice) -> UUID | None:
    found: UUID | None = await services.database.pool.fetchval(
        "select id from payment where method = $1 and (id = $2 or (gateway_reference = $3 and $3 <> ''))",
        *(method, notice.payment, notice.reference),
    )
    return found
