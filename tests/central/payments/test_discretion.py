"""What no log holds: whatever proves who somebody is or takes their money, and who they are."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog

from central.accounts import sessions
from central.logs import configure_logs
from tests.central.accounts.test_users import code
from tests.central.payments.desk import Paying
from tests.central.people import PASSWORD
from tests.support.paypal_fake import SECRET
from tests.support.stripe_fake import SECRET_KEY, WEBHOOK_SECRET

EMAIL = "augusta.byron@example.org"
NAME = "Augusta Ada Byron-Lovelace"
_SENT = {"password", "refreshToken", "code", "voucherCode", "paymentToken"}
_TOLD = {"token", "refreshToken", "voucherCode", "clientSecret", "qrCode"}


@pytest.fixture
def log(paying: Paying, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that central logs, set up as its process does it, and what its libraries say."""
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    configure_logs(logging.DEBUG)
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
    """A client, and every secret that it sent or was told."""

    def __init__(self, paying: Paying) -> None:
        self.secrets = {SECRET, SECRET_KEY, WEBHOOK_SECRET, EMAIL, NAME}
        self.client = httpx.Client(base_url=paying.central.url, timeout=30, verify=False)
        paying.central.clients.append(self.client)

    def send(self, method: str, path: str, token: str = "", **body: object) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.secrets |= {token} - {""}
        self._note(body, _SENT)
        reply = self.client.request(method, path, json=body or None, headers=headers)
        found = reply.json() if reply.content else None
        self._note(found, _TOLD)
        return found

    def _note(self, said: object, secret: set[str]) -> None:
        if isinstance(said, dict):
            self.secrets |= {value for key, value in said.items() if key in secret and value}


def _a_busy_day(paying: Paying, wire: Wire) -> None:
    """Everything that takes or gives a secret, rightly and wrongly."""
    central = paying.central
    wire.send("POST", "/api/register", email=EMAIL, password=PASSWORD, name=NAME)
    wire.send("POST", "/api/email/verification/confirm", code=code(central, "verify_email", EMAIL))
    wire.send("POST", "/api/login", email=EMAIL, password="Not The Password 1")
    in_ = wire.send("POST", "/api/login", email=EMAIL, password=PASSWORD)
    assert in_["message"] == "login successful"
    in_ = wire.send("POST", "/api/token/refresh", refreshToken=in_["refreshToken"])
    token = in_["token"]
    wire.send("POST", "/api/payments", token + "x", bookingId="none")
    booked = wire.send("POST", "/api/bookings", token, eventId="1001", userId=in_["userId"], numberOfTickets=2)
    pay: dict[str, Any] = {"bookingId": booked["bookingId"], "amount": booked["total price"]}
    wire.send("POST", "/api/payments", token, **pay, paymentMethod="card", paymentToken="pm_Card_Declined_9")
    voucher = wire.send("POST", "/api/admin/vouchers", paying.manager.token, amount=pay["amount"], currency="EUR")
    wire.send("POST", "/api/payments", token, **pay, paymentMethod="voucher", voucherCode="AAAAA-BBBBB-CCCCC-DDDDD")
    paid = wire.send(
        *("POST", "/api/payments", token), **pay, paymentMethod="voucher", voucherCode=voucher["voucherCode"]
    )
    assert paid["message"] == "payment processed successfully"
    wire.send("GET", f"/api/bookings/{booked['bookingId']}", token)
    second = wire.send("POST", "/api/bookings", token, eventId="1001", userId=in_["userId"], numberOfTickets=2)
    pay = {"bookingId": second["bookingId"], "amount": second["total price"]}
    wire.send("POST", "/api/payments", token, **pay, paymentMethod="card", paymentToken="pm_Card_Visa_9")
    wire.send("POST", "/api/webhooks/stripe", **{"id": "evt_1", "secret": "not signed"})
    wire.send("POST", "/api/tills/pair", code="AAAA-BBBB", name="Till", public_key="AAAA")
    wire.send("GET", "/api/tills/status", central.till().credential)
    wire.send("POST", "/api/password/reset", email=EMAIL)
    reset = code(central, "reset_password", EMAIL)
    wire.send("POST", "/api/password/reset/confirm", code=reset, password="Another Heap Of Words")


def _found(log: io.StringIO, wire: Wire) -> list[str]:
    said = log.getvalue()
    return [secret for secret in wire.secrets if secret in said or json.dumps(secret)[1:-1] in said]


def test_no_log_holds_a_secret_or_a_customer(paying: Paying, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(paying)
    _a_busy_day(paying, wire)
    with monkeypatch.context() as broken:

        async def fail(*given: object) -> None:
            raise RuntimeError("a bug of ours")

        broken.setattr(sessions, "refresh", fail)
        wire.send("POST", "/api/token/refresh", refreshToken="The-Token-Of-A-Bad-Moment-1234567890")
    lines = log.getvalue()
    assert "/api/login" in lines
    assert "a bug of ours" in lines, "what went wrong is in the log"
    assert len(wire.secrets) > 20
    assert _found(log, wire) == []


def test_the_search_finds_what_somebody_logs(paying: Paying, log: io.StringIO) -> None:
    wire = Wire(paying)
    wire.send("POST", "/api/login", email=EMAIL, password=PASSWORD)
    structlog.get_logger("central").info("sign-in", password=PASSWORD)
    logging.getLogger("httpx").warning("%s", {"email": EMAIL})
    assert sorted(_found(log, wire)) == sorted([PASSWORD, EMAIL])
