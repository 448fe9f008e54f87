"""Cards through Stripe: PaymentIntents by its SDK. The card's number goes from the browser to Stripe and never here."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import httpx
import stripe
from stripe.params import PaymentIntentCreateParams

from boxoffice.domain.money import Money
from central.payments.gateways import (
    CANCELLED,
    ActionNeeded,
    Captured,
    GatewayAway,
    Listed,
    Notice,
    NotTaken,
    Order,
    Outcome,
    Period,
    Return,
    Returned,
    ReturnOutcome,
    ReturnRefused,
    ReturnUnknown,
    Started,
    Unknown,
    id_or_none,
    said,
)

T = TypeVar("T")
SIGNATURE_TOLERANCE_S = 300
_WITHOUT_DECIMALS = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF")
)
_WITH_THREE = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))
# of the right kind, but not now: our keys, our rate, their trouble
_AWAY = (
    stripe.APIConnectionError,
    stripe.APIError,
    stripe.RateLimitError,
    stripe.AuthenticationError,
    stripe.PermissionError,
    stripe.IdempotencyError,
)
_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


@dataclass(frozen=True, slots=True)
class StripeKeys:
    secret: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    publishable: str = ""
    url: str = stripe.DEFAULT_API_BASE


class _Http(stripe.HTTPClient):
    """httpx below the SDK. Its own hands the body over in a way that httpx has deprecated."""

    name = "httpx"

    def __init__(self, timeout_s: float) -> None:
        super().__init__()
        self._client = httpx.AsyncClient(timeout=timeout_s)

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | bytes | None = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            reply = await self._client.request(method, url, headers=headers, content=post_data or None)
        except httpx.HTTPError as error:
            raise stripe.APIConnectionError(type(error).__name__) from error  # type: ignore[no-untyped-call]
        return reply.content, reply.status_code, reply.headers

    async def close_async(self) -> None:
        await self._client.aclose()


class CardGateway:
    method = "card"

    def __init__(self, keys: StripeKeys, timeout_s: float) -> None:
        self.publishable = keys.publishable
        self._webhook_secret = keys.webhook_secret
        self._http = _Http(timeout_s)
        client = stripe.StripeClient(
            keys.secret, base_addresses={"api": keys.url}, http_client=self._http, max_network_retries=0
        )
        self._intents, self._refunds = client.v1.payment_intents, client.v1.refunds

    async def close(self) -> None:
        await self._http.close_async()

    async def start(self, order: Order) -> Started | NotTaken | Unknown:
        amount = _to_stripe(order.money)
        if amount is None:
            return NotTaken(f"A card cannot pay {order.money}.", "amount")
        params: PaymentIntentCreateParams = {
            "amount": amount,
            "currency": order.money.currency.lower(),
            "allowed_payment_method_types": ["card"],
            "metadata": {"payment": str(order.payment), "booking": str(order.booking)},
        }
        if order.token:
            params["payment_method"] = order.token
        made = await _asked(
            self._intents.create_async(
                params,
                {"idempotency_key": f"pay-{order.payment}"},
            )
        )
        if isinstance(made, NotTaken | Unknown):
            return made
        return Started(made.id, ActionNeeded(client_secret=made.client_secret or ""))

    async def complete(self, order: Order, reference: str) -> Outcome:
        """Without a token it is the browser that confirms: then there is only something to look at."""
        if not order.token:
            return await self.look_up(reference)
        confirmed = await _asked(
            self._intents.confirm_async(
                reference, {"use_stripe_sdk": True}, {"idempotency_key": f"confirm-{order.payment}"}
            )
        )
        if isinstance(confirmed, NotTaken) and confirmed.code == "payment_intent_unexpected_state":
            return await self.look_up(reference)
        if isinstance(confirmed, NotTaken):
            return await self._closed_after(reference, confirmed)
        if isinstance(confirmed, Unknown):
            return confirmed
        outcome = _outcome(confirmed)
        # a repeated question gets the first answer again: what has happened since is not in it
        return outcome if isinstance(outcome, Captured) else await self.look_up(reference)

    async def _closed_after(self, reference: str, decline: NotTaken) -> Outcome:
        """A declined intent would take another card: only ours may try again, with a payment of its own."""
        cancelled = await self.cancel(reference)
        return cancelled if isinstance(cancelled, Captured) else decline

    async def look_up(self, reference: str) -> Outcome:
        found = await _asked(self._intents.retrieve_async(reference, {"expand": ["latest_charge"]}))
        if isinstance(found, NotTaken):
            return Unknown(found.words)
        return found if isinstance(found, Unknown) else _outcome(found)

    async def cancel(self, reference: str) -> Outcome:
        cancelled = await _asked(self._intents.cancel_async(reference))
        if isinstance(cancelled, NotTaken):  # paid or cancelled before: see which
            return await self.look_up(reference)
        return cancelled if isinstance(cancelled, Unknown) else _outcome(cancelled)

    async def give_back(self, wanted: Return) -> ReturnOutcome:
        amount = _to_stripe(wanted.money)
        assert amount is not None  # it was taken
        if wanted.asked_before:  # keys are forgotten after a day, metadata never
            earlier = await self._refund_of(wanted)
            if earlier is not None:
                return earlier
        made = await _asked(
            self._refunds.create_async(
                {
                    "payment_intent": wanted.payment_reference,
                    "amount": amount,
                    "metadata": {"refund": str(wanted.refund), "payment": str(wanted.payment)},
                },
                {"idempotency_key": f"refund-{wanted.refund}"},
            )
        )
        if isinstance(made, NotTaken):
            return ReturnRefused(made.words)
        return ReturnUnknown(made.why) if isinstance(made, Unknown) else _returned(made)

    async def _refund_of(self, wanted: Return) -> ReturnOutcome | None:
        listed = await _asked(self._refunds.list_async({"payment_intent": wanted.payment_reference, "limit": 100}))
        if isinstance(listed, NotTaken | Unknown):
            return ReturnUnknown(listed.words if isinstance(listed, NotTaken) else listed.why)
        async for refund in listed.auto_paging_iter():
            if _noted(refund, "refund") == wanted.refund:
                return _returned(refund)
        return None

    async def listing(self, period: Period) -> AsyncIterator[Listed]:
        listed = await _asked(
            self._intents.list_async(
                {
                    "created": {"gte": int(period.start.timestamp()), "lt": int(period.end.timestamp())},
                    "limit": 100,
                    "expand": ["data.latest_charge"],
                }
            )
        )
        if isinstance(listed, NotTaken | Unknown):
            raise GatewayAway(listed.words if isinstance(listed, NotTaken) else listed.why)
        try:
            async for intent in listed.auto_paging_iter():
                outcome = _outcome(intent)
                if isinstance(outcome, Captured):
                    at = datetime.fromtimestamp(intent.created, UTC)
                    ours = _noted(intent, "payment")
                    yield Listed(intent.id, ours, outcome.money, outcome.given_back_minor, at)
        except stripe.StripeError as error:
            raise GatewayAway(said(error)) from error

    async def notice(self, headers: Mapping[str, str], body: bytes) -> Notice | None:
        try:
            stripe.WebhookSignature.verify_header(
                body.decode(), headers.get("stripe-signature", ""), self._webhook_secret, SIGNATURE_TOLERANCE_S
            )
            event = json.loads(body)
            kind, subject = str(event["type"]), event["data"]["object"]
            intent = subject["id"] if subject.get("object") == "payment_intent" else subject.get("payment_intent")
            ours = id_or_none((subject.get("metadata") or {}).get("payment"))
            return Notice(str(event["id"]), kind, intent or "", ours)
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError, AttributeError):
            return None


async def _asked(question: Awaitable[T]) -> T | NotTaken | Unknown:
    try:
        return await question
    except _AWAY as error:
        return Unknown(f"{type(error).__name__}: {said(error.user_message or error)}")
    except stripe.StripeError as error:
        return NotTaken(said(error.user_message or error), error.code or "refused")


def _noted(thing: stripe.PaymentIntent | stripe.Refund, key: str) -> UUID | None:
    """The id that we put beside it."""
    return id_or_none(getattr(thing.metadata, key, None))


def _outcome(intent: stripe.PaymentIntent) -> Outcome:
    if intent.status == "succeeded":
        received = getattr(intent, "amount_received", None) or intent.amount
        charge = intent.latest_charge
        given_back = (getattr(charge, "amount_refunded", 0) or 0) if not isinstance(charge, str) else 0
        money = _from_stripe(received, intent.currency)
        return Captured(money, intent.id, _from_stripe(given_back, intent.currency).minor)
    if intent.status in _OPEN:
        return ActionNeeded(client_secret=intent.client_secret or "")
    if intent.status == "canceled":
        return NotTaken("The payment was cancelled.", CANCELLED)
    return Unknown(f"Stripe is still working on it ({intent.status}).")


def _returned(refund: stripe.Refund) -> ReturnOutcome:
    if refund.status == "succeeded":
        return Returned(refund.id)
    if refund.status in ("failed", "canceled"):
        return ReturnRefused(
            f"The refund {refund.status}: {said(getattr(refund, 'failure_reason', None) or 'no reason given')}"
        )
    return ReturnUnknown(f"Stripe is still working on it ({refund.status}).")


def _decimals(currency: str) -> int:
    """As Stripe counts, which is not always as ISO 4217 does."""
    return 0 if currency in _WITHOUT_DECIMALS else 3 if currency in _WITH_THREE else 2


def _to_stripe(money: Money) -> int | None:
    """None: Stripe has no such amount."""
    theirs = _decimals(money.currency)
    amount, rest = divmod(money.minor * 10**theirs, 10**money.digits)
    return None if rest or amount <= 0 or (theirs == 3 and amount % 10) else int(amount)


def _from_stripe(amount: int, currency: str) -> Money:
    code = currency.upper()
    ours = Money(0, code).digits
    return Money(amount * 10**ours // 10 ** _decimals(code), code)
