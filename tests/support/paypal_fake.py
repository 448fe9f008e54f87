"""PayPal as central meets it: a stateful imitation that holds every request and every answer to PayPal's documents.

What breaks them is kept in `broken` and answered with 500; the fixture that gives the fake out looks there.
"""

from __future__ import annotations

import base64
import json
import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.paypal_contract import Contract, ContractBroken, Json
from tests.support.trouble import Kind, Troubles

CLIENT, SECRET, WEBHOOK = "fake-client", "fake-secret", "7WH00K"
CERT_URL = "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270"
# PayPal's own words, as its documents fix them
NOT_APPROVED = (
    "Payer has not yet approved the Order for payment. Please redirect the payer to the 'rel':'approve' url returned as"
    " part of the HATEOAS links within the Create Order call or provide a valid `payment_source` in the request."
)
DECLINED = (
    "The instrument presented  was either declined by the processor or bank, or it can't be used for this payment."
)
TOO_MUCH = "The refund amount must be less than or equal to the capture amount that has not yet been refunded."
_FORMS = {
    400: ("INVALID_REQUEST", "Request is not well-formed, syntactically incorrect, or violates schema."),
    404: ("RESOURCE_NOT_FOUND", "The specified resource does not exist."),
    422: (
        "UNPROCESSABLE_ENTITY",
        "The requested action could not be performed, semantically incorrect, or failed business validation.",
    ),
}


class _No(Exception):
    def __init__(self, status: int, issue: str, description: str) -> None:
        super().__init__(description)
        name, message = _FORMS[status]
        self.status = status
        details = [{"issue": issue, "description": description}]
        self.body = {"name": name, "message": message, "debug_id": secrets.token_hex(6), "details": details}


@dataclass
class PayPalFake:
    contract: Contract
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    orders: dict[str, Json] = field(default_factory=dict)
    events: list[Json] = field(default_factory=list)
    charges: int = 0  # how often money was really taken
    capture_status: str = "COMPLETED"
    refund_status: str = "COMPLETED"
    decline: bool = False
    troubles: Troubles = field(default_factory=Troubles)
    broken: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    signatures: dict[str, str] = field(default_factory=dict)  # of webhooks: transmission id -> what was signed
    _kept: dict[str, tuple[int, Json]] = field(default_factory=dict)

    def forget(self) -> None:
        for kept in (self.orders, self._kept, self.signatures):
            kept.clear()
        self.events.clear()
        self.asked.clear()
        self.tokens.clear()
        self.broken.clear()
        self.charges, self.decline = 0, False
        self.capture_status = self.refund_status = "COMPLETED"
        self.troubles.clear()

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/oauth2/token", self._token, methods=["POST"]),
                Route("/{path:path}", self._answer, methods=["GET", "POST"]),
            ]
        )

    # what happens in the browser, and what PayPal sends

    def customer_approves(self, order: str) -> None:
        self.orders[order]["status"] = "APPROVED"

    def event(self, kind: str, resource: Json) -> bytes:
        event = {
            "id": f"WH-{secrets.token_hex(8).upper()}",
            "create_time": self.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "resource_type": kind.split(".")[1].lower(),
            "event_version": "1.0",
            "event_type": kind,
            "resource_version": "2.0",
            "resource": resource,
        }
        # spaces as PayPal may write them, to find out who writes the body anew before it is verified
        return json.dumps(event, separators=(" ,", " :  ")).encode()

    def signed(self, body: bytes, webhook: str = WEBHOOK) -> dict[str, str]:
        """The headers of a delivery. The signature is over the id, the time, the webhook and the CRC of the bytes."""
        transmission, at = f"t{secrets.token_hex(8)}", self.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        signature = f"s{secrets.token_hex(20)}"
        self.signatures[signature] = f"{transmission}|{at}|{webhook}|{zlib.crc32(body)}"
        return {
            "PAYPAL-TRANSMISSION-ID": transmission,
            "PAYPAL-TRANSMISSION-TIME": at,
            "PAYPAL-TRANSMISSION-SIG": signature,
            "PAYPAL-CERT-URL": CERT_URL,
            "PAYPAL-AUTH-ALGO": "SHA256withRSA",
            "Content-Type": "application/json",
        }

    # the API

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if self.troubles.strike("/v1/oauth2/token"):
            return Response(status_code=503)
        expected = f"Basic {_base64(f'{CLIENT}:{SECRET}')}"
        if request.headers.get("authorization") != expected or form != {"grant_type": "client_credentials"}:
            words = {"error": "invalid_client", "error_description": "Client Authentication failed"}
            return JSONResponse(words, 401)
        token = f"A21AA{secrets.token_hex(12)}"
        self.tokens.add(token)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": 32400, "scope": "x"})

    async def _answer(self, request: Request) -> Response:
        path, body = request.url.path, await request.body()
        self.asked.append(path)
        trouble = self.troubles.strike(path)
        if trouble is Kind.AWAY:
            return Response(status_code=503)
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return JSONResponse({"error": "invalid_token", "error_description": "The token is not valid"}, 401)
        try:
            operation = self.contract.operation(request.method, path)
            query = dict(request.query_params)
            operation.check_request(path, query, request.headers, body)
            status, answer = self._once(request, path, query, body)
            operation.check_answer(status, answer)
        except ContractBroken as error:
            self.broken.append(str(error))
            return JSONResponse({"name": "CONTRACT", "message": str(error)}, 500)
        if trouble is Kind.LOST:
            await self.troubles.silence()
        if trouble is not None:
            return Response(status_code=500)
        return JSONResponse(answer, status)

    def _once(self, request: Request, path: str, query: dict[str, str], body: bytes) -> tuple[int, Json]:
        key = request.headers.get("paypal-request-id", "")
        if key and (path + key) in self._kept:
            status, answer = self._kept[path + key]
            return (200 if status == 201 and "/refund" not in path else status), answer
        try:
            status, answer = self._dispatch(request.method, path, query, body)
        except _No as no:
            status, answer = no.status, no.body
        if key and status < 400:  # a refusal is not kept: the customer may agree later
            self._kept[path + key] = status, json.loads(json.dumps(answer))
        return status, answer

    def _dispatch(self, verb: str, path: str, query: dict[str, str], body: bytes) -> tuple[int, Json]:
        match verb, path.strip("/").split("/")[1:]:
            case "POST", ["checkout", "orders"]:
                return 201, self._create(json.loads(body))
            case "GET", ["checkout", "orders", order]:
                return 200, self._found(order)
            case "POST", ["checkout", "orders", order, "capture"]:
                return 201, self._capture(self._found(order))
            case "POST", ["payments", "captures", capture, "refund"]:
                return 201, self._refund(capture, json.loads(body))
            case "POST", ["notifications", "verify-webhook-signature"]:
                return 200, self._verify(body)
            case "GET", ["notifications", "webhooks-events"]:
                return 200, self._events(query)
        raise ContractBroken(f"the fake cannot {verb} {path}")

    def _create(self, given: Json) -> Json:
        name = secrets.token_hex(8).upper() + "X"
        unit = given["purchase_units"][0]
        self.orders[name] = {
            "id": name,
            "intent": "CAPTURE",
            "status": "PAYER_ACTION_REQUIRED",
            "purchase_units": [unit],
            "links": [
                {
                    "href": f"https://www.sandbox.paypal.com/checkoutnow?token={name}",
                    "rel": "payer-action",
                    "method": "GET",
                }
            ],
        }
        return self.orders[name]

    def _capture(self, order: Json) -> Json:
        if order["status"] == "COMPLETED":
            raise _No(
                422,
                "ORDER_ALREADY_CAPTURED",
                "Order already captured.If 'intent=CAPTURE' only one capture per order is allowed.",
            )
        if order["status"] != "APPROVED":
            raise _No(422, "ORDER_NOT_APPROVED", NOT_APPROVED)
        if self.decline:
            raise _No(422, "INSTRUMENT_DECLINED", DECLINED)
        unit = order["purchase_units"][0]
        capture = {
            "id": secrets.token_hex(8).upper() + "C",
            "status": self.capture_status,
            "amount": {key: unit["amount"][key] for key in ("currency_code", "value")},
            "custom_id": unit["custom_id"],
            "invoice_id": unit["invoice_id"],
            "final_capture": True,
        }
        order["status"] = "COMPLETED"
        unit["payments"] = {"captures": [capture]}
        if self.capture_status == "COMPLETED":
            self.charges += 1
            resource = {**capture, "supplementary_data": {"related_ids": {"order_id": order["id"]}}}
            self.events.append(json.loads(self.event("PAYMENT.CAPTURE.COMPLETED", resource)))
        return order

    def _refund(self, capture_id: str, given: Json) -> Json:
        payments = next(
            (
                payments
                for order in self.orders.values()
                if (payments := order["purchase_units"][0].get("payments"))
                and payments["captures"][0]["id"] == capture_id
            ),
            None,
        )
        if payments is None:
            raise _No(404, "INVALID_RESOURCE_ID", "Specified resource ID does not exist.")
        capture, refunds = payments["captures"][0], payments.setdefault("refunds", [])
        given_back = sum(_cents(refund["amount"]) for refund in refunds) + _cents(given["amount"])
        if given_back > _cents(capture["amount"]):
            raise _No(422, "REFUND_AMOUNT_EXCEEDED", TOO_MUCH)
        refund = {"id": secrets.token_hex(8).upper() + "R", "status": self.refund_status, **given}
        refunds.append(refund)
        capture["status"] = "REFUNDED" if given_back == _cents(capture["amount"]) else "PARTIALLY_REFUNDED"
        return refund

    def _verify(self, body: bytes) -> Json:
        given = json.loads(body)
        sent = body[body.index(b'"webhook_event": ') + len(b'"webhook_event": ') : -1]
        signed = f"{given['transmission_id']}|{given['transmission_time']}|{given['webhook_id']}|{zlib.crc32(sent)}"
        good = self.signatures.get(given["transmission_sig"]) == signed
        return {"verification_status": "SUCCESS" if good else "FAILURE"}

    def _events(self, query: dict[str, str]) -> Json:
        start, end = query["start_time"], query["end_time"]
        of = [e for e in self.events if start <= e["create_time"] <= end and e["event_type"] == query["event_type"]]
        of.sort(key=lambda event: event["create_time"])
        page = of[: int(query["page_size"])]
        links = []
        if len(of) > len(page):
            further = urlencode({**query, "start_time": of[len(page)]["create_time"]})
            href = f"https://api-m.paypal.com/v1/notifications/webhooks-events?{further}"
            links.append({"href": href, "rel": "next", "method": "GET"})
        return {"events": page, "count": len(page), "links": links}

    def _found(self, order: str) -> Json:
        if order not in self.orders:
            raise _No(404, "INVALID_RESOURCE_ID", "Specified resource ID does not exist.")
        return self.orders[order]


def _cents(amount: dict[str, Any]) -> int:
    whole, _, part = amount["value"].partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0") or 0)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
