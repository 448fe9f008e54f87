"""PayPal by its Orders v2, Payments v2 and Webhooks v1 over HTTP.

Webhooks are verified by PayPal's own verify-webhook-signature, not with the certificate that the delivery names:
nothing has to be fetched from an address that a stranger sent, there is no chain of certificates to keep, and the
question is in PayPal's published documents. It costs one call for each event; when PayPal does not answer, we do not
either, and it delivers again.

The list of a period is PayPal's list of webhook events: Transaction Search lags hours behind and needs a permission
of its own. PayPal keeps events for 30 days.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from boxoffice.domain.money import Money, parse_amount
from boxoffice.domain.refusals import Malformed
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

LIVE_URL = "https://api-m.paypal.com"
_WITHOUT_DECIMALS = frozenset(("HUF", "JPY", "TWD"))
_MOST_TAKEN = ("COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED")
_TOKEN_SPARE_S = 60
_PAGE = 100
_MOST_PAGES = 1000
_SIGNATURE_HEADERS = {
    "auth_algo": "paypal-auth-algo",
    "cert_url": "paypal-cert-url",
    "transmission_id": "paypal-transmission-id",
    "transmission_sig": "paypal-transmission-sig",
    "transmission_time": "paypal-transmission-time",
}


@dataclass(frozen=True, slots=True)
class PayPalKeys:
    """`webhook` is the id that PayPal gave the webhook. `return_url`: where the customer's browser comes back to."""

    client: str
    secret: str = field(repr=False)
    webhook: str
    return_url: str
    url: str = LIVE_URL


class _Refused(Exception):
    """PayPal said no, in its own form."""

    def __init__(self, status: int, issue: str, words: str) -> None:
        super().__init__(words)
        self.status, self.issue, self.words = status, issue, words


class PayPalGateway:
    method = "paypal"

    def __init__(self, keys: PayPalKeys, timeout_s: float) -> None:
        self._keys = keys
        self._client = httpx.AsyncClient(base_url=keys.url, timeout=timeout_s)
        self._token, self._token_until = "", 0.0

    async def close(self) -> None:
        await self._client.aclose()

    async def start(self, order: Order) -> Started | NotTaken | Unknown:
        amount = _to_paypal(order.money)
        if amount is None:
            return NotTaken(f"PayPal cannot take {order.money}.", "amount")
        context = {
            "user_action": "PAY_NOW",
            "shipping_preference": "NO_SHIPPING",
            "payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED",
            "return_url": f"{self._keys.return_url}?payment={order.payment}",
            "cancel_url": f"{self._keys.return_url}?payment={order.payment}&cancelled=1",
        }
        body = {
            "intent": "CAPTURE",
            "purchase_units": [
                {
                    "reference_id": str(order.booking),
                    "custom_id": str(order.payment),
                    "invoice_id": str(order.payment),
                    "amount": amount,
                }
            ],
            "payment_source": {"paypal": {"experience_context": context}},
        }
        try:
            made = await self._post("/v2/checkout/orders", body, f"pay-{order.payment}")
            return Started(_text(made, "id"), _approval(made))
        except _Refused as no:
            return NotTaken(no.words, no.issue)
        except GatewayAway as error:
            return Unknown(said(error))

    async def complete(self, order: Order, reference: str) -> Outcome:
        path = f"/v2/checkout/orders/{quote(reference, safe='')}/capture"
        try:
            outcome = _outcome(await self._post(path, {}, f"capture-{order.payment}"))
            # a repeated question gets the first answer again: what has happened since is not in it
            return outcome if isinstance(outcome, Captured) else await self.look_up(reference)
        except _Refused as no:
            if no.issue in ("ORDER_NOT_APPROVED", "ORDER_ALREADY_CAPTURED", "PAYER_ACTION_REQUIRED"):
                return await self.look_up(reference)
            if no.status == httpx.codes.UNPROCESSABLE_ENTITY:
                return NotTaken(no.words, no.issue)
            return Unknown(no.words)
        except GatewayAway as error:
            return Unknown(said(error))

    async def look_up(self, reference: str) -> Outcome:
        try:
            return _outcome(await self._get(f"/v2/checkout/orders/{quote(reference, safe='')}"))
        except _Refused as no:
            if no.status == httpx.codes.NOT_FOUND:  # an order that nobody paid is forgotten after some hours
                return NotTaken("PayPal no longer knows this order.", CANCELLED)
            return Unknown(no.words)
        except GatewayAway as error:
            return Unknown(said(error))

    async def cancel(self, reference: str) -> Outcome:
        """An order is paid by our capture alone: one that is not captured needs nothing more."""
        outcome = await self.look_up(reference)
        return NotTaken("The payment was cancelled.", CANCELLED) if isinstance(outcome, ActionNeeded) else outcome

    async def give_back(self, wanted: Return) -> ReturnOutcome:
        amount = _to_paypal(wanted.money)
        assert amount is not None  # it was taken
        try:
            order = await self._get(f"/v2/checkout/orders/{quote(wanted.payment_reference, safe='')}")
            payments = _payments(order)
            for refund in payments.get("refunds", ()):
                if refund.get("invoice_id") == str(wanted.refund):
                    return _returned(refund)
            capture = next((c for c in payments.get("captures", ()) if c.get("status") in _MOST_TAKEN), None)
            if capture is None:
                return ReturnRefused("PayPal knows of no money that was taken.")
            body = {"amount": amount, "invoice_id": str(wanted.refund), "custom_id": str(wanted.payment)}
            path = f"/v2/payments/captures/{quote(_text(capture, 'id'), safe='')}/refund"
            return _returned(await self._post(path, body, f"refund-{wanted.refund}"))
        except _Refused as no:
            if no.status == httpx.codes.UNPROCESSABLE_ENTITY:
                return ReturnRefused(no.words)
            return ReturnUnknown(no.words)
        except GatewayAway as error:
            return ReturnUnknown(said(error))

    async def listing(self, period: Period) -> AsyncIterator[Listed]:
        """What was captured then, each with what has been given back of it up to now."""
        query: Mapping[str, str | int] | None = {
            "event_type": "PAYMENT.CAPTURE.COMPLETED",
            "start_time": period.start.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "end_time": period.end.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "page_size": _PAGE,
        }
        path = "/v1/notifications/webhooks-events"
        seen: set[str] = set()
        try:
            for _ in range(_MOST_PAGES):
                page = await self._get(path, query)
                for event in page.get("events", ()):
                    reference = _order_of(event["resource"])
                    if reference and reference not in seen:
                        seen.add(reference)
                        listed = await self._listed(reference, event)
                        if listed is not None:
                            yield listed
                following = _link(page, "next")
                if not following:
                    return
                path, query = self._own_path(following), None
        except (_Refused, KeyError, TypeError, ValueError) as error:
            raise GatewayAway(said(error)) from error

    async def _listed(self, reference: str, event: Mapping[str, Any]) -> Listed | None:
        outcome = await self.look_up(reference)
        if not isinstance(outcome, Captured):
            return None
        ours = id_or_none(event["resource"].get("custom_id"))
        at = datetime.fromisoformat(event["create_time"].replace("Z", "+00:00")).astimezone(UTC)
        return Listed(reference, ours, outcome.money, outcome.given_back_minor, at)

    async def notice(self, headers: Mapping[str, str], body: bytes) -> Notice | None:
        """Raises GatewayAway when PayPal cannot be asked: it must deliver again."""
        try:
            event = json.loads(body)
            resource, kind = event["resource"], str(event["event_type"])
            order = _text(resource, "id") if kind.startswith("CHECKOUT.ORDER.") else _order_of(resource)
            notice = Notice(str(event["id"]), kind, order, id_or_none(resource.get("custom_id")))
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        given = {name: headers.get(header, "") for name, header in _SIGNATURE_HEADERS.items()}
        if not all(0 < len(value) <= 500 and value.isascii() for value in given.values()):
            return None
        # the signature is over the very bytes: they are put in as they came, not written anew
        question = json.dumps({**given, "webhook_id": self._keys.webhook}).encode()
        question = question.removesuffix(b"}") + b', "webhook_event": ' + body + b"}"
        try:
            answer = await self._call("POST", "/v1/notifications/verify-webhook-signature", content=question)
        except _Refused as no:
            if no.status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
                raise GatewayAway(no.words) from no
            return None
        return notice if answer.get("verification_status") == "SUCCESS" else None

    async def _post(self, path: str, body: Mapping[str, Any], once: str) -> dict[str, Any]:
        headers = {"PayPal-Request-Id": once, "Prefer": "return=representation"}
        return await self._call("POST", path, content=json.dumps(body).encode(), headers=headers)

    async def _get(self, path: str, query: Mapping[str, str | int] | None = None) -> dict[str, Any]:
        return await self._call("GET", path, params=query)

    async def _call(
        self,
        verb: str,
        path: str,
        *,
        content: bytes | None = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Raises _Refused, or GatewayAway when nobody knows whether it was done."""
        try:
            for fresh in (False, True):
                own = {"Authorization": f"Bearer {await self._bearer(fresh)}", "Content-Type": "application/json"}
                reply = await self._client.request(
                    verb, path, content=content, params=params, headers={**own, **(headers or {})}
                )
                if reply.status_code != httpx.codes.UNAUTHORIZED:
                    break
            return _answer(reply)
        except (httpx.HTTPError, ValueError) as error:
            raise GatewayAway(f"PayPal: {type(error).__name__}") from error

    async def _bearer(self, fresh: bool) -> str:
        if fresh or not self._token or time.monotonic() >= self._token_until:
            reply = await self._client.post(
                "/v1/oauth2/token",
                data={"grant_type": "client_credentials"},
                auth=(self._keys.client, self._keys.secret),
            )
            answer = _answer(reply)
            self._token = _text(answer, "access_token")
            self._token_until = time.monotonic() + float(answer["expires_in"]) - _TOKEN_SPARE_S
        return self._token

    def _own_path(self, link: str) -> str:
        """A link of PayPal's, to be followed with our credentials: nowhere else than to PayPal."""
        there = httpx.URL(self._keys.url).join(link)
        return there.raw_path.decode()


def _answer(reply: httpx.Response) -> dict[str, Any]:
    """Raises _Refused, or GatewayAway."""
    if reply.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or reply.status_code in (
        httpx.codes.TOO_MANY_REQUESTS,
        httpx.codes.CONFLICT,  # the same request is being worked on
    ):
        raise GatewayAway(f"PayPal answered {reply.status_code}.")
    body = reply.json()
    if not isinstance(body, dict):
        raise GatewayAway("PayPal's answer is not an object.")
    if reply.is_success:
        return body
    details = [detail for detail in body.get("details") or () if isinstance(detail, dict)]
    first = details[0] if details else {}
    issue = str(first.get("issue") or body.get("name") or body.get("error") or reply.status_code)
    words = first.get("description") or body.get("message") or body.get("error_description") or issue
    raise _Refused(reply.status_code, issue, said(words))


def _outcome(order: Mapping[str, Any]) -> Outcome:
    payments = _payments(order)
    captures = payments.get("captures", [])
    taken = [capture for capture in captures if capture.get("status") in _MOST_TAKEN]
    if taken:
        money = _from_paypal(taken[0]["amount"])
        back = (_from_paypal(r["amount"]) for r in payments.get("refunds", ()) if r.get("status") == "COMPLETED")
        return Captured(money, _text(order, "id"), sum(refund.minor for refund in back))
    if any(capture.get("status") == "PENDING" for capture in captures):
        return Unknown("PayPal is still looking at this payment.")
    if captures:
        return NotTaken("PayPal declined this payment.", str(captures[-1].get("status")))
    if order.get("status") == "VOIDED":
        return NotTaken("The payment was cancelled.", CANCELLED)
    if order.get("status") == "COMPLETED":
        return Unknown("PayPal calls the order completed and shows no payment.")
    return _approval(order)


def _approval(order: Mapping[str, Any]) -> ActionNeeded:
    return ActionNeeded(redirect=_link(order, "payer-action") or _link(order, "approve"))


def _returned(refund: Mapping[str, Any]) -> ReturnOutcome:
    if refund.get("status") == "COMPLETED":
        return Returned(_text(refund, "id"))
    if refund.get("status") in ("FAILED", "CANCELLED"):
        return ReturnRefused(f"PayPal: the refund is {str(refund['status']).lower()}.")
    return ReturnUnknown("PayPal is still working on it.")


def _payments(order: Mapping[str, Any]) -> dict[str, Any]:
    units = order.get("purchase_units") or [{}]
    found: dict[str, Any] = units[0].get("payments") or {}
    return found


def _order_of(capture: Mapping[str, Any]) -> str:
    related = (capture.get("supplementary_data") or {}).get("related_ids") or {}
    return str(related.get("order_id") or "")


def _link(thing: Mapping[str, Any], relation: str) -> str:
    return next((str(link["href"]) for link in thing.get("links") or () if link.get("rel") == relation), "")


def _text(thing: Mapping[str, Any], key: str) -> str:
    value = thing[key]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} is not a text")
    return value


def _to_paypal(money: Money) -> dict[str, str] | None:
    """None: PayPal has no such amount."""
    value = money.decimal
    if money.currency in _WITHOUT_DECIMALS:
        value, _, rest = value.partition(".")
        if rest.strip("0"):
            return None
    return {"currency_code": money.currency, "value": value} if money.minor > 0 else None


def _from_paypal(amount: Mapping[str, str]) -> Money:
    try:
        return parse_amount(amount["value"], amount["currency_code"])
    except Malformed as error:
        raise ValueError(str(error)) from error
