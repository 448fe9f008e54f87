"""Events that gateways send: genuine or not, twice, in the wrong order, and about payments that nobody knows."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.central.payments.desk import Json, Paying
from tests.support.central import problem_of
from tests.support.stripe_fake import WEBHOOK_SECRET
from tests.support.trouble import Kind


def deliver(paying: Paying, gateway: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    return httpx.post(f"{paying.central.url}/api/webhooks/{gateway}", content=body, headers=headers, timeout=10)


def started(paying: Paying, method: str) -> tuple[Json, str, str]:
    """A pending booking, its payment and the gateway's reference."""
    booked = paying.book()
    payment = paying.pay(booked, method).json()["paymentId"]
    return booked, payment, paying.reference(payment)


def test_stripe_tells_of_a_payment_and_the_booking_is_confirmed(paying: Paying) -> None:
    booked, payment, intent = started(paying, "card")
    paying.stripe.customer_pays(intent)
    body = paying.stripe.event("payment_intent.succeeded", paying.stripe.intents[intent])
    reply = deliver(paying, "stripe", body, paying.stripe.signed(body))
    assert (reply.status_code, reply.json()) == (200, {"received": True, "known": True})
    assert paying.state(booked) == "confirmed"
    assert paying.shown(payment)["status"] == "captured"


@pytest.mark.parametrize(
    "forged",
    [
        lambda fake, body: {},
        lambda fake, body: {"Stripe-Signature": "t=1,v1=00"},
        lambda fake, body: {"Stripe-Signature": "garbage"},
        lambda fake, body: fake.signed(body, "whsec_other"),
        lambda fake, body: fake.signed(body + b" "),
        lambda fake, body: fake.signed(body, WEBHOOK_SECRET, 400),  # recorded and sent again later
    ],
)
def test_what_stripe_did_not_sign_is_refused_and_does_nothing(paying: Paying, forged: object) -> None:
    assert callable(forged)
    booked, _, intent = started(paying, "card")
    paying.stripe.customer_pays(intent)
    body = paying.stripe.event("payment_intent.succeeded", paying.stripe.intents[intent])
    assert problem_of(deliver(paying, "stripe", body, forged(paying.stripe, body)))["code"] == "bad_signature"
    assert paying.state(booked) == "pending"


def test_what_an_event_says_of_money_is_not_believed(paying: Paying) -> None:
    booked, _, intent = started(paying, "card")
    told = {**paying.stripe.intents[intent], "status": "succeeded"}
    body = paying.stripe.event("payment_intent.succeeded", told)
    assert deliver(paying, "stripe", body, paying.stripe.signed(body)).status_code == 200
    assert paying.state(booked) == "pending"


def test_a_second_delivery_does_nothing_and_asks_nobody(paying: Paying) -> None:
    _, payment, intent = started(paying, "card")
    paying.stripe.customer_pays(intent)
    body = paying.stripe.event("payment_intent.succeeded", paying.stripe.intents[intent])
    deliver(paying, "stripe", body, paying.stripe.signed(body))
    attempts, asked = paying.attempts(payment), len(paying.stripe.asked)
    again = deliver(paying, "stripe", body, paying.stripe.signed(body))
    assert again.status_code == 200
    assert (paying.attempts(payment), len(paying.stripe.asked)) == (attempts, asked)


def test_events_may_come_in_the_wrong_order(paying: Paying) -> None:
    booked, payment, intent = started(paying, "card")
    failed = paying.stripe.event("payment_intent.payment_failed", dict(paying.stripe.intents[intent]))
    paying.stripe.customer_pays(intent)
    succeeded = paying.stripe.event("payment_intent.succeeded", paying.stripe.intents[intent])
    for body in (succeeded, failed):
        assert deliver(paying, "stripe", body, paying.stripe.signed(body)).status_code == 200
    assert paying.state(booked) == "confirmed"
    assert paying.shown(payment)["status"] == "captured"


def test_an_event_of_a_payment_that_nobody_knows_is_taken_in_and_says_so(paying: Paying) -> None:
    body = paying.stripe.event("payment_intent.succeeded", {"id": "pi_other", "object": "payment_intent"})
    assert deliver(paying, "stripe", body, paying.stripe.signed(body)).json() == {"received": True, "known": False}
    body = paying.stripe.event("customer.created", {"id": "cus_1", "object": "customer"})
    assert deliver(paying, "stripe", body, paying.stripe.signed(body)).json()["known"] is False


def test_an_event_that_cannot_be_looked_at_is_delivered_again(paying: Paying) -> None:
    booked, _, intent = started(paying, "card")
    paying.stripe.customer_pays(intent)
    body = paying.stripe.event("payment_intent.succeeded", paying.stripe.intents[intent])
    paying.stripe.troubles.expect(Kind.AWAY, intent)
    assert problem_of(deliver(paying, "stripe", body, paying.stripe.signed(body)))["status"] == 503
    assert paying.state(booked) == "pending"
    assert deliver(paying, "stripe", body, paying.stripe.signed(body)).status_code == 200
    assert paying.state(booked) == "confirmed"


def test_paypal_tells_that_the_customer_agreed_and_the_money_is_taken(paying: Paying) -> None:
    booked, payment, order = started(paying, "paypal")
    paying.paypal.customer_approves(order)
    body = paying.paypal.event("CHECKOUT.ORDER.APPROVED", {"id": order, "status": "APPROVED"})
    assert deliver(paying, "paypal", body, paying.paypal.signed(body)).json() == {"received": True, "known": True}
    assert paying.state(booked) == "confirmed"
    assert paying.shown(payment)["status"] == "captured"
    again = deliver(paying, "paypal", body, paying.paypal.signed(body))
    assert again.status_code == 200
    assert paying.paypal.charges == 1


def test_paypal_tells_of_a_capture_by_our_id(paying: Paying) -> None:
    booked, payment, order = started(paying, "paypal")
    paying.paypal.customer_approves(order)
    paying.paypal.capture_status = "PENDING"
    assert paying.confirm(payment).json()["status"] == "unknown"
    capture = paying.paypal.orders[order]["purchase_units"][0]["payments"]["captures"][0]
    capture["status"] = "COMPLETED"
    body = paying.paypal.event("PAYMENT.CAPTURE.COMPLETED", {"id": capture["id"], "custom_id": payment})
    assert deliver(paying, "paypal", body, paying.paypal.signed(body)).status_code == 200
    assert paying.state(booked) == "confirmed"


def test_what_paypal_did_not_sign_is_refused(paying: Paying) -> None:
    booked, _, order = started(paying, "paypal")
    paying.paypal.customer_approves(order)
    body = paying.paypal.event("CHECKOUT.ORDER.APPROVED", {"id": order})
    other = paying.paypal.event("CHECKOUT.ORDER.APPROVED", {"id": "OTHER"})
    for headers in (
        {},
        paying.paypal.signed(other),
        paying.paypal.signed(body, "ANOTHERWEBHOOK"),
        {**paying.paypal.signed(body), "PAYPAL-TRANSMISSION-ID": "t0"},
    ):
        assert problem_of(deliver(paying, "paypal", body, headers))["code"] == "bad_signature"
    assert paying.state(booked) == "pending"


def test_when_paypal_cannot_say_whether_it_signed_it_delivers_again(paying: Paying) -> None:
    booked, _, order = started(paying, "paypal")
    paying.paypal.customer_approves(order)
    body = paying.paypal.event("CHECKOUT.ORDER.APPROVED", {"id": order})
    headers = paying.paypal.signed(body)
    paying.paypal.troubles.expect(Kind.AWAY, "/verify-webhook-signature")
    assert problem_of(deliver(paying, "paypal", body, headers))["status"] == 503
    assert deliver(paying, "paypal", body, headers).status_code == 200
    assert paying.state(booked) == "confirmed"


@pytest.mark.parametrize("gateway", ["stripe", "paypal"])
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"id": 1}', b"\xff\xfe", json.dumps({"a": [1]}).encode()]
)
def test_nonsense_is_refused(paying: Paying, gateway: str, body: bytes) -> None:
    headers = paying.paypal.signed(body)
    if gateway == "stripe":
        headers = paying.stripe.signed(body) if body.isascii() else {"Stripe-Signature": "t=1,v1=0"}
    assert problem_of(deliver(paying, gateway, body, headers))["code"] == "bad_signature"
