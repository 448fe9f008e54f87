"""What no log holds: whatever proves who somebody is or takes their money, and who they are."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer

from central.accounts import sessions
from central.accounts.openid import OpenId, Provider
from central.logs import configure_logs
from tests.central.accounts.test_social import Browser
from tests.central.accounts.test_users import code
from tests.central.payments.desk import Paying
from tests.central.people import PASSWORD
from tests.support.central import SEED, pair_body
from tests.support.issuer import misbehaving_issuer
from tests.support.paypal_fake import SECRET
from tests.support.stripe_fake import DECLINED, SECRET_KEY, VISA, WEBHOOK_SECRET

EMAIL = "augusta.byron@example.org"
NAME = "Augusta Ada Byron-Lovelace"
CLUB_SECRET = "what the club knows us by"
_OURS = {SECRET, SECRET_KEY, WEBHOOK_SECRET, CLUB_SECRET, SEED.hex(), base64.b64encode(SEED).decode()}
_SECRET = re.compile("password|token|secret|code|credential|signature|cookie|authorization|state|nonce", re.IGNORECASE)
_NO_SECRET = {"orderCode", "state"}  # in a body: what stands on a ticket, and how a booking goes on


@pytest.fixture
def log(paying: Paying) -> Iterator[io.StringIO]:
    """All that central logs, set up as its process does it, and what its libraries say."""
    written = io.StringIO()
    configure_logs(logging.DEBUG, written)
    everything = logging.StreamHandler(written)
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.WARNING)  # as there
    root.addHandler(everything)
    yield written
    root.removeHandler(everything)
    root.setLevel(level)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


class Wire:
    """Clients, and every secret that they sent or were told."""

    def __init__(self, paying: Paying) -> None:
        self.secrets = {*_OURS, EMAIL, NAME}
        self.client = httpx.Client(base_url=paying.central.url, timeout=30, verify=False)
        paying.central.clients.append(self.client)
        for client in (self.client, paying.person.client, paying.manager.client):
            self.tap(client)

    def tap(self, client: httpx.Client) -> None:
        client.event_hooks["request"].append(self._sent)
        client.event_hooks["response"].append(self._told)

    def send(self, method: str, path: str, token: str = "", **body: object) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        reply = self.client.request(method, path, json=body or None, headers=headers)
        return reply.json() if reply.content else None

    def _sent(self, request: httpx.Request) -> None:
        self._named(request.headers.multi_items())
        self._named(parse_qsl(request.url.query.decode()))
        if request.content:
            self._body(json.loads(request.content))

    def _told(self, reply: httpx.Response) -> None:
        self._named(reply.headers.multi_items())
        self._named(parse_qsl(urlsplit(reply.headers.get("location", "")).query))
        if reply.read() and reply.headers["content-type"] == "application/json":  # the code of a problem is none
            self._body(reply.json())

    def _named(self, pairs: Iterable[tuple[str, str]]) -> None:
        """The value, or those of its parts that are as long as secrets are: `Bearer x`, `name=x; Path=/`."""
        for name, value in pairs:
            if _SECRET.search(name):
                self.secrets |= {part for part in re.split(r"[ ;,=]+", value) if len(part) >= 16} or {value}

    def _body(self, said: object) -> None:
        if isinstance(said, list):
            for one in said:
                self._body(one)
        if isinstance(said, dict):
            for name, value in said.items():
                if isinstance(value, str) and _SECRET.search(name) and name not in _NO_SECRET:
                    self.secrets |= {value} - {""}
                self._body(value)


def _a_busy_day(paying: Paying, wire: Wire) -> None:
    """Everything that takes or gives a secret, rightly and wrongly."""
    _comes_in(paying, wire)
    _pays(paying, wire)
    _pairs(paying, wire)
    _comes_in_through_the_club(paying, wire)


def _comes_in(paying: Paying, wire: Wire) -> None:
    central = paying.central
    wire.send("POST", "/api/register", email=EMAIL, password=PASSWORD, name=NAME)
    wire.send("POST", "/api/email/verification/confirm", code="AAAA-BBBB-CCCC-DDDD")
    wire.send("POST", "/api/email/verification/confirm", code=code(central, "verify_email", EMAIL))
    wire.send("POST", "/api/login", email=EMAIL, password="Not The Password 1")
    first = wire.send("POST", "/api/login", email=EMAIL, password=PASSWORD)
    second = wire.send("POST", "/api/token/refresh", refreshToken=first["refreshToken"])
    assert second["message"] == "token refreshed"
    third = wire.send("POST", "/api/token/refresh", refreshToken=second["refreshToken"])
    copied = wire.send("POST", "/api/token/refresh", refreshToken=first["refreshToken"])
    assert copied["code"] == "refresh_reused"
    wire.send("GET", "/api/bookings", third["token"] + "x")
    user = f"/api/users/{first['userId']}"
    token = wire.send("POST", "/api/login", email=EMAIL, password=PASSWORD)["token"]
    changed = wire.send("PUT", f"{user}/password", token, password=PASSWORD, newPassword="Another Heap Of Words")
    assert changed["message"] == "password changed"
    wire.send("PUT", f"{user}/email", token, password="Another Heap Of Words", email=f"new.{EMAIL}")
    wire.send("POST", "/api/email/verification/confirm", code=code(central, "change_email", f"new.{EMAIL}"))
    wire.send("GET", f"{user}/export", token)
    wire.send("POST", "/api/password/reset", email=f"new.{EMAIL}")
    reset = code(central, "reset_password", f"new.{EMAIL}")
    done = wire.send("POST", "/api/password/reset/confirm", code=reset, password="A Third Heap Of Words")
    assert done["message"] == "password changed"


def _pays(paying: Paying, wire: Wire) -> None:
    by_card = paying.book()
    paying.pay(by_card, paymentToken=DECLINED)
    assert paying.pay(by_card, paymentToken=VISA).json()["status"] == "captured"
    assert paying.person.client.get(f"/api/bookings/{by_card['bookingId']}").json()["qrCode"]
    in_browser = paying.pay(paying.book()).json()
    intent = paying.reference(in_browser["paymentId"])
    paying.stripe.customer_pays(intent)
    told = paying.stripe.event("payment_intent.succeeded", paying.stripe.intents[intent])
    for headers in (paying.stripe.signed(told), paying.stripe.signed(told, "whsec_of_somebody_else")):
        wire.client.post("/api/webhooks/stripe", content=told, headers=headers)
    assert paying.shown(in_browser["paymentId"])["status"] == "captured"
    paypal = paying.pay(paying.book(), "paypal").json()["paymentId"]
    paying.paypal.customer_approves(paying.reference(paypal))
    assert paying.confirm(paypal).json()["status"] == "captured"
    wire.secrets |= paying.paypal.tokens
    booked = paying.book()
    issue = {"amount": booked["total price"], "currency": "EUR"}
    voucher = paying.manager.client.post("/api/admin/vouchers", json=issue).json()["voucherCode"]
    paying.pay(booked, "voucher", voucherCode="AAAAA-BBBBB-CCCCC-DDDDD")
    assert paying.pay(booked, "voucher", voucherCode=voucher).json()["status"] == "captured"


def _pairs(paying: Paying, wire: Wire) -> None:
    key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    wire.client.post("/api/tills/pair", json=pair_body("AAAA-BBBB", key))
    till = wire.client.post("/api/tills/pair", json=pair_body(paying.central.code("Till"), key)).json()
    assert wire.send("GET", "/api/tills/status", till["credential"])["till"] == till["till"]
    wire.send("GET", "/api/tills/status", till["credential"] + "x")


def _comes_in_through_the_club(paying: Paying, wire: Wire) -> None:
    central = paying.central
    central.clock[0] = datetime.now(UTC)  # as the club has it
    before = central.app.state.services
    with misbehaving_issuer() as club:
        about = {"key": "club", "name": "The Club", "issuer": club.url, "clientId": "us", "secretFrom": "CLUB_SECRET"}
        openid = OpenId([Provider.model_validate(about)], {"CLUB_SECRET": CLUB_SECRET})
        central.app.state.services = replace(before, openid=openid)
        try:
            browser = Browser(central)
            wire.tap(browser.client)
            assert browser.finish(club).json()["message"] == "login successful"
            club.claims["nonce"] = "somebody else's nonce"
            assert browser.finish(club).status_code != 200
        finally:
            central.app.state.services = before
        wire.secrets |= {asked[name] for asked in club.token_requests for name in ("code", "code_verifier")}
        wire.secrets |= {header.removeprefix("Basic ") for header in club.secrets}


def _found(log: io.StringIO, wire: Wire) -> set[str]:
    said = log.getvalue()
    return {secret for secret in wire.secrets if secret in said or json.dumps(secret)[1:-1] in said}


def _breaks_at_refreshing(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bug of ours, with a token at hand."""
    token = "The-Token-Of-A-Bad-Moment-1234567890"

    async def fail(connection: object, token: str, *given: object) -> None:
        raise RuntimeError("a bug of ours")

    with monkeypatch.context() as broken:
        broken.setattr(sessions, "refresh", fail)
        wire.send("POST", "/api/token/refresh", refreshToken=token)
    return token


def test_no_log_holds_a_secret_or_a_customer(paying: Paying, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(paying)
    _a_busy_day(paying, wire)
    token = _breaks_at_refreshing(wire, monkeypatch)
    lines = log.getvalue()
    assert "/api/login" in lines
    assert "a bug of ours" in lines, "what went wrong is in the log"
    assert {PASSWORD, token, VISA, CLUB_SECRET} <= wire.secrets
    assert len(wire.secrets) > 50
    assert _found(log, wire) == set()


def _logs_sign_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    start = sessions.start

    async def careless(*given: Any) -> Any:
        session = await start(*given)
        structlog.get_logger("central").info("signed in", session=session)
        return session

    monkeypatch.setattr(sessions, "start", careless)


def _logs_what_gateways_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = httpx.AsyncClient.request

    async def careless(self: httpx.AsyncClient, *given: Any, **more: Any) -> httpx.Response:
        logging.getLogger("httpx").warning("%s %s", given, more)
        return await ask(self, *given, **more)

    monkeypatch.setattr(httpx.AsyncClient, "request", careless)


def _logs_what_a_bug_had_at_hand(_: pytest.MonkeyPatch) -> None:
    careless = ExceptionRenderer(ExceptionDictTransformer(show_locals=True))
    steps = structlog.get_config()["processors"]
    structlog.configure(processors=[careless if isinstance(step, ExceptionRenderer) else step for step in steps])


@pytest.mark.parametrize("careless", [_logs_sign_ins, _logs_what_gateways_are_asked, _logs_what_a_bug_had_at_hand])
def test_the_search_finds_what_somebody_logs(
    paying: Paying, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, careless: Callable[[pytest.MonkeyPatch], None]
) -> None:
    careless(monkeypatch)
    wire = Wire(paying)
    _a_busy_day(paying, wire)
    _breaks_at_refreshing(wire, monkeypatch)
    assert _found(log, wire)
