"""The part of Stripe that central uses, as far as localstripe lacks it: idempotency keys, lists of a period, webhooks,
test payment methods by name, and trouble on the line. Strict: a parameter that it does not know is refused.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import stripe
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.trouble import Kind, Troubles

SECRET_KEY = "sk_test_fake"
WEBHOOK_SECRET = "whsec_fake"
VISA = "pm_card_visa"
DECLINED = "pm_card_visa_chargeDeclined"
THREE_D_SECURE = "pm_card_authenticationRequired"
_METHODS = (VISA, DECLINED, THREE_D_SECURE)
_CREATE = {"amount", "currency", "payment_method", "allowed_payment_method_types", "metadata", "expand"}
_REFUND = {"payment_intent", "amount", "metadata", "expand"}


class _No(Exception):
    def __init__(self, status: int, kind: str, code: str, message: str, intent: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"type": kind, "code": code, "message": message}
        if intent is not None:
            self.error["payment_intent"] = intent  # type: ignore[assignment]


def _invalid(code: str, message: str) -> _No:
    return _No(400, "invalid_request_error", code, message)


@dataclass
class StripeFake:
    intents: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    charges: int = 0  # how often money was really taken
    refunds_pend: bool = False
    troubles: Troubles = field(default_factory=Troubles)
    now: Callable[[], float] = time.time
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _kept: dict[str, tuple[str, int, str]] = field(default_factory=dict)

    def forget(self) -> None:
        for kept in (self.intents, self.refunds, self._kept):
            kept.clear()
        self.asked.clear()
        self.charges, self.refunds_pend = 0, False
        self.troubles.clear()

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])

    # what happens in the browser

    def customer_pays(self, intent: str, method: str = VISA) -> None:
        """As Stripe.js does with the client secret. Raises ValueError when the card is declined."""
        found = self.intents[intent]
        if found["status"] not in ("requires_payment_method", "requires_confirmation", "requires_action"):
            raise ValueError(f"the intent is {found['status']}")
        if method == DECLINED:
            found["status"] = "requires_payment_method"
            raise ValueError("card_declined")
        self._take(found)

    def event(self, kind: str, subject: dict[str, Any], event: str = "") -> bytes:
        body = {
            "id": event or f"evt_{secrets.token_hex(8)}",
            "object": "event",
            "type": kind,
            "data": {"object": subject},
        }
        return json.dumps(body).encode()

    def signed(self, body: bytes, secret: str = WEBHOOK_SECRET, age_s: int = 0) -> dict[str, str]:
        return {
            "Stripe-Signature": stripe.WebhookSignature.generate_signature_header(
                body.decode(), secret, timestamp=int(time.time()) - age_s
            ),
            "Content-Type": "application/json",
        }

    # the API

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        given = _unflattened(request.url.query if request.method == "GET" else (await request.body()).decode())
        self.asked.append((path, given))
        trouble = self.troubles.strike(path)
        if trouble is Kind.AWAY:
            return _refusal(_No(503, "api_error", "", "Stripe is having a rest."))
        if request.headers.get("authorization") != f"Bearer {SECRET_KEY}":
            return _refusal(_No(401, "invalid_request_error", "", "Invalid API Key provided"))
        reply = self._once(request, path, given)
        if trouble is Kind.LOST:
            await self.troubles.silence()
        if trouble is not None:
            return _refusal(_No(500, "api_error", "", "Something went wrong on Stripe's end."))
        return reply

    def _once(self, request: Request, path: str, given: dict[str, Any]) -> Response:
        key = request.headers.get("idempotency-key", "")
        asked = json.dumps([path, given], sort_keys=True)
        if request.method == "POST" and key in self._kept:
            before, status, body = self._kept[key]
            if before != asked:
                words = (
                    "Keys for idempotent requests can only be used with the same parameters they were first used with."
                )
                return _refusal(_No(400, "idempotency_error", "", words))
            return Response(body, status, {"Idempotent-Replayed": "true"}, "application/json")
        try:
            reply: Response = JSONResponse(self._dispatch(request.method, path, given))
        except _No as no:
            reply = _refusal(no)
        if request.method == "POST" and key:
            self._kept[key] = (asked, reply.status_code, bytes(reply.body).decode())
        return reply

    def _dispatch(self, verb: str, path: str, given: dict[str, Any]) -> dict[str, Any]:
        match verb, path.removeprefix("/v1/").split("/"):
            case "POST", ["payment_intents"]:
                return self._create(given)
            case "GET", ["payment_intents"]:
                return self._list(given)
            case "GET", ["payment_intents", intent]:
                return self._expanded(self._found(intent))
            case "POST", ["payment_intents", intent, "confirm"]:
                return self._confirm(self._found(intent), given)
            case "POST", ["payment_intents", intent, "cancel"]:
                return self._cancel(self._found(intent))
            case "POST", ["refunds"]:
                return self._refund(given)
            case "GET", ["refunds"]:
                of = [r for r in self.refunds.values() if r["payment_intent"] == given["payment_intent"]]
                return {"object": "list", "url": "/v1/refunds", "has_more": False, "data": of}
        raise _No(404, "invalid_request_error", "", f"Unrecognized request URL ({verb}: {path}).")

    def _create(self, given: dict[str, Any]) -> dict[str, Any]:
        if "payment_method_types" in given:  # since 2026-09-30.endive
            raise _invalid("payment_method_types_no_longer_supported", "payment_method_types is no longer supported.")
        _only(given, _CREATE)
        method = given.get("payment_method")
        if method is not None and method not in _METHODS:
            raise _invalid("resource_missing", f"No such PaymentMethod: '{method}'")
        name = f"pi_{secrets.token_hex(12)}"
        self.intents[name] = {
            "id": name,
            "object": "payment_intent",
            "amount": int(given["amount"]),
            "amount_received": 0,
            "currency": given["currency"],
            "status": "requires_confirmation" if method else "requires_payment_method",
            "payment_method": method,
            "client_secret": f"{name}_secret_{secrets.token_hex(8)}",
            "latest_charge": None,
            "metadata": given.get("metadata") or {},
            "created": int(self.now()),
        }
        return self.intents[name]

    def _confirm(self, intent: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        _only(given, {"use_stripe_sdk", "expand"})
        if intent["status"] != "requires_confirmation":
            message = f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}."
            raise _invalid("payment_intent_unexpected_state", message)
        if intent["payment_method"] == DECLINED:
            intent["status"] = "requires_payment_method"
            raise _No(402, "card_error", "card_declined", "Your card was declined.", intent)
        if intent["payment_method"] == THREE_D_SECURE:
            intent["status"] = "requires_action"
            return intent
        self._take(intent)
        return intent

    def _take(self, intent: dict[str, Any]) -> None:
        self.charges += 1
        intent |= {
            "status": "succeeded",
            "amount_received": intent["amount"],
            "latest_charge": f"ch_{intent['id'][3:]}",
        }

    def _cancel(self, intent: dict[str, Any]) -> dict[str, Any]:
        if intent["status"] in ("succeeded", "canceled", "processing"):
            message = f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}."
            raise _invalid("payment_intent_unexpected_state", message)
        intent["status"] = "canceled"
        return intent

    def _refund(self, given: dict[str, Any]) -> dict[str, Any]:
        _only(given, _REFUND)
        intent, amount = self._found(given["payment_intent"]), int(given["amount"])
        if intent["amount_received"] - self._given_back(intent["id"]) < amount:
            raise _invalid("charge_already_refunded", "Refund amount is greater than unrefunded amount on charge.")
        name = f"re_{secrets.token_hex(12)}"
        self.refunds[name] = {
            "id": name,
            "object": "refund",
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "status": "pending" if self.refunds_pend else "succeeded",
            "metadata": given.get("metadata") or {},
        }
        return self.refunds[name]

    def _list(self, given: dict[str, Any]) -> dict[str, Any]:
        _only(given, {"created", "limit", "expand", "starting_after"})
        start, end = int(given["created"]["gte"]), int(given["created"]["lt"])
        of = [self._expanded(i) for i in reversed(self.intents.values()) if start <= i["created"] < end]
        after = given.get("starting_after")
        first = next((n + 1 for n, i in enumerate(of) if i["id"] == after), 0)
        page = of[first : first + min(int(given["limit"]), 2)]  # short pages: whoever reads one page only is found out
        more = first + len(page) < len(of)
        return {"object": "list", "url": "/v1/payment_intents", "has_more": more, "data": page}

    def _expanded(self, intent: dict[str, Any]) -> dict[str, Any]:
        if intent["latest_charge"] is None:
            return intent
        charge = {
            "id": intent["latest_charge"],
            "object": "charge",
            "amount": intent["amount"],
            "amount_refunded": self._given_back(intent["id"]),
        }
        return {**intent, "latest_charge": charge}

    def _given_back(self, intent: str) -> int:
        return sum(r["amount"] for r in self.refunds.values() if r["payment_intent"] == intent)

    def _found(self, intent: str) -> dict[str, Any]:
        if intent not in self.intents:
            raise _No(404, "invalid_request_error", "resource_missing", f"No such payment_intent: '{intent}'")
        return self.intents[intent]


def _refusal(no: _No) -> Response:
    return JSONResponse({"error": no.error}, no.status)


def _only(given: dict[str, Any], known: set[str]) -> None:
    unknown = set(given) - known
    if unknown:
        raise _invalid("parameter_unknown", f"Received unknown parameters: {', '.join(sorted(unknown))}")


def _unflattened(form: str) -> dict[str, Any]:
    """`metadata[payment]=1&expand[0]=x` as nested dicts; lists stay dicts by their number."""
    out: dict[str, Any] = {}
    for name, value in parse_qsl(form):
        at, *inner = re.findall(r"[^\[\]]+", name)
        here = out
        for key in inner:
            here = here.setdefault(at, {})
            at = key
        here[at] = value
    return out
