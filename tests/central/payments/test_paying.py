"""Paying for a booking by card, PayPal, voucher, invoice and at the counter."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.central.payments.desk import Paying
from tests.central.people import cashier, customer
from tests.support.central import problem_of
from tests.support.stripe_fake import DECLINED, THREE_D_SECURE, VISA
from tests.support.trouble import Kind


def test_a_card_pays_and_the_booking_is_confirmed(paying: Paying) -> None:
    booked = paying.book()
    reply = paying.pay(booked, paymentToken=VISA)
    assert reply.status_code == 201, reply.text
    assert reply.json()["message"] == "payment processed successfully"
    assert reply.json()["status"] == "captured"
    payment = reply.json()["paymentId"]
    assert paying.state(booked) == "confirmed"
    shown = paying.shown(payment)
    assert (shown["amount"], shown["paymentMethod"], shown["status"]) == (booked["total price"], "card", "captured")
    assert paying.payments(booked) == [shown]
    assert paying.attempts(payment) == [
        ("start", "asked"),
        ("start", "announced"),
        ("complete", "asked"),
        ("complete", "captured"),
    ]
    intent = paying.stripe.intents[paying.reference(payment)]
    assert intent["metadata"] == {"payment": payment, "booking": booked["bookingId"]}
    assert paying.central.value("select sum(minor)::bigint from web_ledger_line where account = 'card'") == round(
        booked["total price"] * 100
    )


def test_without_a_token_the_browser_pays_and_confirming_sees_it_through(paying: Paying) -> None:
    booked = paying.book()
    reply = paying.pay(booked)
    assert reply.status_code == 202
    assert reply.json()["status"] == "action"
    payment = reply.json()["paymentId"]
    assert reply.json()["clientSecret"].startswith(paying.reference(payment))
    assert paying.confirm(payment).status_code == 202
    assert paying.state(booked) == "pending"
    paying.stripe.customer_pays(paying.reference(payment))
    assert paying.confirm(payment).json()["status"] == "captured"
    assert paying.state(booked) == "confirmed"
    assert paying.confirm(payment).status_code == 200  # again: nothing more
    assert paying.stripe.charges == 1


def test_the_bank_s_word_is_an_action_too(paying: Paying) -> None:
    booked = paying.book()
    reply = paying.pay(booked, paymentToken=THREE_D_SECURE)
    assert (reply.status_code, reply.json()["status"]) == (202, "action")
    paying.stripe.customer_pays(paying.reference(reply.json()["paymentId"]))
    assert paying.confirm(reply.json()["paymentId"]).status_code == 200


def test_a_declined_card_says_so_and_another_may_pay(paying: Paying) -> None:
    booked = paying.book()
    refusal = problem_of(paying.pay(booked, paymentToken=DECLINED))
    assert (refusal["status"], refusal["code"]) == (402, "payment_declined")
    assert "declined" in refusal["title"]
    assert paying.state(booked) == "pending"
    assert paying.pay(booked, paymentToken=VISA).status_code == 201
    assert sorted(payment["status"] for payment in paying.payments(booked)) == ["captured", "declined"]


def test_paypal_takes_the_money_once_the_customer_has_agreed(paying: Paying) -> None:
    booked = paying.book()
    reply = paying.pay(booked, "paypal")
    assert reply.status_code == 202
    payment = reply.json()["paymentId"]
    order = paying.reference(payment)
    assert reply.json()["redirectUrl"].endswith(order)
    assert paying.confirm(payment).status_code == 202  # not agreed yet
    paying.paypal.customer_approves(order)
    assert paying.confirm(payment).json()["status"] == "captured"
    assert paying.state(booked) == "confirmed"
    assert paying.paypal.charges == 1


def test_paypal_declines(paying: Paying) -> None:
    booked = paying.book()
    payment = paying.pay(booked, "paypal").json()["paymentId"]
    paying.paypal.customer_approves(paying.reference(payment))
    paying.paypal.decline = True
    assert problem_of(paying.confirm(payment))["code"] == "payment_declined"


@pytest.mark.parametrize("kind", [Kind.LOST, Kind.FAILED_AFTER])
def test_a_gateway_that_is_silent_after_it_took_the_money_is_found_out_and_charges_once(
    paying: Paying, kind: Kind
) -> None:
    booked = paying.book()
    paying.stripe.troubles.expect(kind, "/confirm")
    reply = paying.pay(booked, paymentToken=VISA)
    assert (reply.status_code, reply.json()["status"]) == (202, "unknown")
    assert paying.state(booked) == "pending"
    paying.later(1.5)
    paying.until(lambda: paying.state(booked) == "confirmed")
    assert paying.shown(reply.json()["paymentId"])["status"] == "captured"
    assert paying.stripe.charges == 1


def test_paying_again_after_silence_settles_the_first_payment_and_charges_once(paying: Paying) -> None:
    booked = paying.book()
    paying.stripe.troubles.expect(Kind.LOST, "/confirm")
    first = paying.pay(booked, paymentToken=VISA).json()
    again = paying.pay(booked, paymentToken=VISA)
    assert (again.status_code, again.json()["paymentId"]) == (201, first["paymentId"])
    assert paying.stripe.charges == 1


def test_a_gateway_that_is_silent_without_taking_the_money_is_given_up_when_the_booking_is(paying: Paying) -> None:
    booked = paying.book()
    paying.stripe.troubles.expect(Kind.AWAY, "/confirm")
    payment = paying.pay(booked, paymentToken=VISA).json()["paymentId"]
    paying.later(60)
    paying.until(lambda: paying.shown(payment)["status"] == "abandoned")
    assert paying.stripe.charges == 0
    with pytest.raises(ValueError, match="canceled"):  # nobody can pay it any more
        paying.stripe.customer_pays(paying.reference(payment))


def test_a_gateway_that_cannot_be_asked_took_nothing(paying: Paying) -> None:
    booked = paying.book()
    paying.stripe.troubles.expect(Kind.AWAY, "/payment_intents")
    assert problem_of(paying.pay(booked, paymentToken=VISA))["code"] == "payment_abandoned"
    assert paying.pay(booked, paymentToken=VISA).status_code == 201


def test_a_payment_that_is_under_way_makes_room_for_another_method(paying: Paying) -> None:
    booked = paying.book()
    card = paying.pay(booked).json()["paymentId"]
    paypal = paying.pay(booked, "paypal").json()["paymentId"]
    assert paying.shown(card)["status"] == "abandoned"
    with pytest.raises(ValueError, match="canceled"):
        paying.stripe.customer_pays(paying.reference(card))
    paying.paypal.customer_approves(paying.reference(paypal))
    assert paying.confirm(paypal).status_code == 200


def test_a_card_that_has_paid_meanwhile_keeps_paypal_from_taking_more(paying: Paying) -> None:
    booked = paying.book()
    card = paying.pay(booked).json()["paymentId"]
    paying.stripe.customer_pays(paying.reference(card))
    reply = paying.pay(booked, "paypal")
    assert (reply.status_code, reply.json()["paymentId"]) == (201, card)
    assert paying.paypal.charges == 0


def test_paying_at_the_same_time_charges_once(paying: Paying) -> None:
    booked = paying.book()
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda _: paying.pay(booked, paymentToken=VISA), range(6)))
    assert {reply.status_code for reply in replies} <= {201, 402, 409}
    payments = paying.payments(booked)
    if paying.state(booked) != "confirmed":  # all gave way to one another: the next one pays
        assert paying.pay(booked, paymentToken=VISA).status_code == 201
        payments = paying.payments(booked)
    assert [payment["status"] for payment in payments].count("captured") == 1
    assert paying.stripe.charges == 1


def test_the_same_idempotency_key_has_the_same_answer(paying: Paying) -> None:
    booked = paying.book()
    body = {
        "bookingId": booked["bookingId"],
        "paymentMethod": "card",
        "amount": booked["total price"],
        "paymentToken": VISA,
    }
    headers = {"Idempotency-Key": "once-and-for-all"}
    first, again = (paying.person.client.post("/api/payments", json=body, headers=headers) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()


@pytest.mark.parametrize("wrong", [1, -1, 100, 0.001])
def test_another_amount_than_what_is_owed_is_refused(paying: Paying, wrong: float) -> None:
    booked = paying.book()
    for amount in (booked["total price"] + wrong / 100, str(booked["total price"] + wrong / 100)):
        refusal = problem_of(paying.pay(booked, amount=amount, paymentToken=VISA))
        assert refusal["status"] == 422
        assert refusal["field"] == "amount"
    assert not paying.stripe.asked


@pytest.mark.parametrize("token", ["4242424242424242", "pm_4242\n", "pm_" + "x" * 300])
def test_what_is_no_token_is_refused_and_not_kept(paying: Paying, token: str) -> None:
    booked = paying.book()
    assert problem_of(paying.pay(booked, paymentToken=token))["status"] == 422
    assert paying.payments(booked) == []


def test_somebody_else_s_booking_and_payment_are_not_there(paying: Paying) -> None:
    booked = paying.book()
    other = customer(paying.central)
    assert problem_of(paying.pay(booked, person=other, paymentToken=VISA))["code"] == "unknown_booking"
    payment = paying.pay(booked).json()["paymentId"]
    assert problem_of(paying.confirm(payment, other))["code"] == "unknown_payment"
    assert problem_of(other.client.get(f"/api/payments/{payment}"))["code"] == "unknown_payment"
    assert problem_of(other.client.get(f"/api/bookings/{booked['bookingId']}/payments"))["code"] == "unknown_booking"


def test_a_booking_that_is_paid_or_expired_is_not_paid(paying: Paying) -> None:
    booked = paying.book()
    assert paying.pay(booked, paymentToken=VISA).status_code == 201
    assert problem_of(paying.pay(booked, paymentToken=VISA))["code"] == "booking_settled"
    late = paying.book()
    paying.later(60)
    assert problem_of(paying.pay(late, paymentToken=VISA))["code"] == "booking_expired"
    assert paying.stripe.charges == 1


def test_the_methods_are_those_with_keys_and_invoices_for_whom_a_manager_trusts(paying: Paying) -> None:
    def offered() -> list[str]:
        return [method["paymentMethod"] for method in paying.person.client.get("/api/payments/methods").json()]

    assert offered() == ["card", "paypal", "voucher", "counter"]
    limit = {"limit": 100, "currency": "EUR"}
    path = f"/api/admin/users/{paying.person.id}/invoices"
    assert paying.person.client.put(path, json=limit).status_code == 403
    assert paying.manager.client.put(path, json=limit).status_code == 200
    assert offered()[-1] == "invoice"
    assert paying.manager.client.put(path, json=limit | {"limit": 0}).status_code == 200
    assert offered()[-1] == "counter"


def test_a_voucher_pays_what_it_holds_and_no_more(paying: Paying) -> None:
    booked, second = paying.book(), paying.book()
    amount = booked["total price"] + 10
    issued = paying.manager.client.post("/api/admin/vouchers", json={"amount": amount, "currency": "EUR"}).json()
    code = issued["voucherCode"].lower().replace("-", " ")
    assert paying.pay(booked, "voucher", voucherCode=code).status_code == 201
    assert paying.state(booked) == "confirmed"
    assert paying.central.value("select balance_minor from voucher") == 1000
    refusal = problem_of(paying.pay(second, "voucher", voucherCode=code))
    assert (refusal["status"], refusal["code"]) == (402, "payment_declined")
    assert problem_of(paying.pay(second, "voucher", voucherCode="AAAAA"))["status"] == 402
    assert paying.central.value("select balance_minor from voucher") == 1000
    stored = str(paying.central.fetch("select * from voucher")) + str(
        paying.central.fetch("select * from payment_attempt")
    )
    assert issued["voucherCode"].replace("-", "") not in stored


def test_an_invoice_is_owed_until_it_is_paid_and_only_up_to_the_limit(paying: Paying) -> None:
    booked, second = paying.book(), paying.book()
    assert problem_of(paying.pay(booked, "invoice"))["status"] == 402
    limit = {"limit": booked["total price"], "currency": "EUR"}
    paying.manager.client.put(f"/api/admin/users/{paying.person.id}/invoices", json=limit)
    assert paying.pay(booked, "invoice").status_code == 201
    assert paying.state(booked) == "confirmed"
    assert problem_of(paying.pay(second, "invoice"))["status"] == 402
    (owed,) = paying.manager.client.get("/api/admin/invoices").json()
    assert owed["amount"] == booked["total price"]
    paid = paying.manager.client.post(f"/api/admin/invoices/{owed['invoiceNumber']}/paid")
    assert paid.json()["paidAt"]
    assert paying.manager.client.get("/api/admin/invoices").json() == []
    assert paying.pay(second, "invoice").status_code == 201


def test_at_the_counter_it_is_staff_who_say_that_it_is_paid(paying: Paying) -> None:
    booked = paying.book()
    reply = paying.pay(booked, "counter")
    assert (reply.status_code, reply.json()["status"]) == (202, "action")
    payment = reply.json()["paymentId"]
    assert paying.confirm(payment).status_code == 202
    assert paying.state(booked) == "pending"
    assert paying.confirm(payment, cashier(paying.central)).status_code == 200
    assert paying.state(booked) == "confirmed"


def test_a_cashier_takes_the_money_for_somebody_s_booking_at_once_but_not_by_card(paying: Paying) -> None:
    booked, clerk = paying.book(), cashier(paying.central)
    assert paying.pay(booked, person=clerk, paymentToken=VISA).status_code == 404
    assert paying.pay(booked, "counter", person=clerk).status_code == 201
    assert paying.state(booked) == "confirmed"


def test_what_is_not_offered_is_refused(paying: Paying) -> None:
    booked = paying.book()
    assert problem_of(paying.pay(booked, "shells"))["code"] == "method_not_offered"


def test_no_secret_and_no_card_is_in_any_table(paying: Paying) -> None:
    booked = paying.book()
    key = {"Idempotency-Key": "once-and-for-all"}
    body = {"bookingId": booked["bookingId"], "paymentMethod": "card", "amount": booked["total price"]}
    secret = paying.person.client.post("/api/payments", json=body, headers=key).json()["clientSecret"]
    paying.pay(booked, paymentToken=VISA)
    tables = ("kept_answer", "payment", "payment_attempt", "payment_refund", "gateway_event", "audit_entry", "message")
    kept = "".join(str(paying.central.fetch(f"select * from {table}")) for table in tables)
    for word in (secret, VISA, "sk_test_fake", "fake-secret"):
        assert word not in kept
