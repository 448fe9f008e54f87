"""Our payments against the gateways' own lists."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.central.payments.desk import Json, Paying
from tests.support.central import problem_of
from tests.support.stripe_fake import VISA
from tests.support.trouble import Kind

PATH = "/api/admin/payments/reconciliation"


def period(paying: Paying) -> Json:
    now = paying.central.clock[0]
    return {"start": (now - timedelta(hours=2)).isoformat(), "end": (now + timedelta(hours=1)).isoformat()}


def compared(paying: Paying) -> Json:
    reply = paying.manager.client.get(PATH, params=period(paying))
    assert reply.status_code == 200, reply.text
    found: Json = reply.json()
    return found


def reconciled(paying: Paying) -> Json:
    reply = paying.manager.client.post(PATH, json=period(paying))
    assert reply.status_code == 200, reply.text
    found: Json = reply.json()
    return found


def kinds(found: Json) -> list[str]:
    return [difference["kind"] for difference in found["differences"]]


def paid(paying: Paying, method: str) -> str:
    booked = paying.book()
    if method == "card":
        payment: str = paying.pay(booked, paymentToken=VISA).json()["paymentId"]
        return payment
    payment = paying.pay(booked, "paypal").json()["paymentId"]
    paying.paypal.customer_approves(paying.reference(payment))
    assert paying.confirm(payment).status_code == 200
    return payment


def test_books_that_agree_have_no_differences(paying: Paying) -> None:
    for method in ("card", "card", "card", "paypal"):
        paid(paying, method)
    paying.pay(paying.book())  # one that is under way
    found = compared(paying)
    assert (found["compared"], found["differences"], found["healed"], found["away"]) == (5, [], [], [])


@pytest.mark.parametrize("method", ["card", "paypal"])
def test_money_that_was_taken_and_not_booked_is_seen_and_then_booked(paying: Paying, method: str) -> None:
    booked = paying.book()
    if method == "card":
        payment = paying.pay(booked).json()["paymentId"]
        paying.stripe.customer_pays(paying.reference(payment))
    else:
        payment = paying.pay(booked, "paypal").json()["paymentId"]
        paying.paypal.customer_approves(paying.reference(payment))
        paying.paypal.troubles.expect(Kind.LOST, "/capture")
        paying.confirm(payment)
    assert kinds(compared(paying)) == ["not_booked"]
    assert paying.state(booked) == "pending"  # looking changes nothing
    assert reconciled(paying)["healed"] == [payment]
    assert paying.state(booked) == "confirmed"
    assert compared(paying)["differences"] == []


def test_money_that_is_in_none_of_our_books_is_reported(paying: Paying) -> None:
    payment = paid(paying, "card")
    other = {**paying.stripe.intents[paying.reference(payment)], "id": "pi_stranger", "metadata": {}}
    paying.stripe.intents["pi_stranger"] = other
    found = reconciled(paying)
    assert kinds(found) == ["not_ours"]
    assert found["differences"][0]["gatewayReference"] == "pi_stranger"


def test_what_we_booked_and_the_gateway_did_not_take_is_reported(paying: Paying) -> None:
    payment = paid(paying, "card")
    paying.stripe.intents[paying.reference(payment)] |= {"status": "canceled", "latest_charge": None}
    found = reconciled(paying)
    assert kinds(found) == ["not_there"]
    assert found["differences"][0]["paymentId"] == payment


def test_another_amount_and_other_refunds_are_reported(paying: Paying) -> None:
    first, second = paid(paying, "card"), paid(paying, "card")
    paying.stripe.intents[paying.reference(first)]["amount_received"] += 1
    paying.stripe.refunds["re_by_hand"] = {
        "id": "re_by_hand",
        "object": "refund",
        "payment_intent": paying.reference(second),
        "amount": 100,
        "currency": "eur",
        "status": "succeeded",
        "metadata": {},
    }
    assert sorted(kinds(reconciled(paying))) == ["amount", "refunds"]


def test_another_amount_than_was_to_be_paid_confirms_nothing(paying: Paying) -> None:
    booked = paying.book()
    payment = paying.pay(booked).json()["paymentId"]
    paying.stripe.customer_pays(paying.reference(payment))
    paying.stripe.intents[paying.reference(payment)]["amount_received"] -= 100
    assert paying.confirm(payment).json()["status"] == "unknown"
    assert paying.state(booked) == "pending"
    assert ("complete", "other_amount") in paying.attempts(payment)
    assert kinds(reconciled(paying)) == ["amount"]


def test_a_gateway_that_is_away_is_named_and_the_other_compared(paying: Paying) -> None:
    paid(paying, "paypal")
    paying.stripe.troubles.expect(Kind.AWAY, "/payment_intents")
    found = compared(paying)
    assert (found["away"], found["compared"]) == (["card"], 1)


def test_only_managers_reconcile_and_only_a_month_at_a_time(paying: Paying) -> None:
    assert problem_of(paying.person.client.get(PATH))["status"] == 403
    assert problem_of(paying.person.client.post(PATH, json=period(paying)))["status"] == 403
    assert paying.manager.client.get(PATH).status_code == 200
    now = paying.central.clock[0]
    for start, end in ((now, now), (now - timedelta(days=40), now)):
        params = {"start": start.isoformat(), "end": end.isoformat()}
        assert problem_of(paying.manager.client.get(PATH, params=params))["status"] == 422
