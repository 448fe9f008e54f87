"""Money that goes back, and money that comes too late."""

from __future__ import annotations

from uuid import UUID

import asyncpg
import pytest

from central.payments import refunds
from central.problems import Declined
from tests.central.payments.desk import Json, Paying
from tests.central.people import cashier, customer
from tests.support.central import TOMORROW, problem_of, run
from tests.support.stripe_fake import VISA
from tests.support.trouble import Kind


def owe(paying: Paying, booked: Json, minor: int) -> None:
    async def write(connection: asyncpg.Connection) -> None:
        async with connection.transaction():
            now = paying.central.clock[0]
            await refunds.owe(connection, UUID(booked["bookingId"]), minor, "event cancelled", now)

    run(paying.central.database, write)


def settled(paying: Paying, payment: str) -> bool:
    return all(refund["status"] == "done" for refund in paying.shown(payment)["refunds"])


def cents(booked: Json) -> int:
    minor: int = round(booked["total price"] * 100)
    return minor


def paid_by_card(paying: Paying) -> tuple[Json, str]:
    booked = paying.book()
    return booked, paying.pay(booked, paymentToken=VISA).json()["paymentId"]


def balances(paying: Paying) -> dict[str, int]:
    """Of the accounts that are not even."""
    rows = paying.central.fetch("select account, sum(minor)::bigint as minor from web_ledger_line group by account")
    return {row["account"]: row["minor"] for row in rows if row["minor"]}


def given_back(paying: Paying) -> int:
    return sum(refund["amount"] for refund in paying.stripe.refunds.values())


def test_cancelling_a_booking_gives_the_money_back_through_the_gateway(paying: Paying) -> None:
    booked = paying.book(event=TOMORROW)
    payment = paying.pay(booked, paymentToken=VISA).json()["paymentId"]
    reply = paying.person.client.delete(f"/api/bookings/{booked['bookingId']}")
    assert reply.status_code == 200, reply.text
    back = round(reply.json()["refund amount"] * 100)
    assert back > 0
    paying.until(lambda: settled(paying, payment))
    assert given_back(paying) == back
    assert paying.shown(payment)["refunds"][0]["amountMinor"] == back
    assert balances(paying)["card"] == cents(booked) - back
    assert "refunds_owed" not in balances(paying), "what was owed is paid"


def test_parts_go_back_up_to_what_was_paid_and_no_more(paying: Paying) -> None:
    booked, payment = paid_by_card(paying)
    owe(paying, booked, 1000)
    owe(paying, booked, cents(booked) - 1000)
    with pytest.raises(Declined, match="More would go back"):
        owe(paying, booked, 1)
    paying.until(lambda: settled(paying, payment))
    assert given_back(paying) == cents(booked)
    assert len(paying.shown(payment)["refunds"]) == 2


def test_nothing_goes_back_of_what_was_not_paid(paying: Paying) -> None:
    booked = paying.book()
    paying.pay(booked)
    with pytest.raises(Declined, match="More would go back"):
        owe(paying, booked, 1)


@pytest.mark.parametrize("kind", [Kind.AWAY, Kind.LOST])
def test_a_gateway_that_does_not_answer_pays_back_later_and_once(paying: Paying, kind: Kind) -> None:
    booked, payment = paid_by_card(paying)
    paying.stripe.troubles.expect(kind, "/refunds")
    owe(paying, booked, 1500)
    paying.until(lambda: paying.shown(payment)["refunds"][0]["status"] == "unknown")
    paying.later(2)
    paying.until(lambda: settled(paying, payment))
    assert given_back(paying) == 1500


def test_a_refund_that_the_gateway_is_working_on_is_done_when_it_is(paying: Paying) -> None:
    booked, payment = paid_by_card(paying)
    paying.stripe.refunds_pend = True
    owe(paying, booked, 1500)
    paying.until(lambda: paying.shown(payment)["refunds"][0]["status"] == "unknown")
    (refund,) = paying.stripe.refunds.values()
    refund["status"] = "succeeded"
    paying.later(2)
    paying.until(lambda: settled(paying, payment))
    assert given_back(paying) == 1500


def test_paypal_gives_back(paying: Paying) -> None:
    booked = paying.book()
    payment = paying.pay(booked, "paypal").json()["paymentId"]
    paying.paypal.customer_approves(paying.reference(payment))
    paying.confirm(payment)
    owe(paying, booked, 1234)
    paying.until(lambda: settled(paying, payment))
    (refund,) = paying.paypal.orders[paying.reference(payment)]["purchase_units"][0]["payments"]["refunds"]
    assert refund["amount"] == {"currency_code": "EUR", "value": "12.34"}


def test_what_a_gateway_refuses_waits_for_a_hand(paying: Paying) -> None:
    booked, payment = paid_by_card(paying)
    (intent,) = paying.stripe.intents.values()
    intent["amount_received"] = 100  # most of it was given back by somebody at the gateway itself
    owe(paying, booked, 1500)
    paying.until(lambda: paying.shown(payment)["refunds"][0]["status"] == "by_hand")
    refund = paying.shown(payment)["refunds"][0]["refundId"]
    path = f"/api/payments/refunds/{refund}/paid-out"
    assert problem_of(paying.person.client.post(path))["status"] == 403
    clerk = cashier(paying.central)
    assert clerk.client.post(path).status_code == 200
    assert settled(paying, payment)
    assert problem_of(clerk.client.post(path))["code"] == "unknown_refund"


def test_a_voucher_gets_its_money_back_and_an_invoice_is_owed_no_longer(paying: Paying) -> None:
    booked, second = paying.book(), paying.book()
    issued = {"amount": booked["total price"], "currency": "EUR"}
    code = paying.manager.client.post("/api/admin/vouchers", json=issued).json()["voucherCode"]
    by_voucher = paying.pay(booked, "voucher", voucherCode=code).json()["paymentId"]
    limit = {"limit": 1000, "currency": "EUR"}
    paying.manager.client.put(f"/api/admin/users/{paying.person.id}/invoices", json=limit)
    by_invoice = paying.pay(second, "invoice").json()["paymentId"]
    owe(paying, booked, 1000)
    owe(paying, second, cents(second))
    paying.until(lambda: settled(paying, by_voucher) and settled(paying, by_invoice))
    assert paying.central.value("select balance_minor from voucher") == 1000
    assert paying.central.value(
        "select issued_minor + sum(minor) = balance_minor from voucher join voucher_entry"
        " on voucher = voucher.id group by voucher.id"
    )
    assert paying.manager.client.get("/api/admin/invoices").json() == []


def test_what_was_paid_at_the_counter_is_paid_out_there(paying: Paying) -> None:
    booked, clerk = paying.book(), cashier(paying.central)
    payment = paying.pay(booked, "counter", person=clerk).json()["paymentId"]
    owe(paying, booked, 500)
    paying.until(lambda: paying.shown(payment)["refunds"][0]["status"] == "by_hand")
    refund = paying.shown(payment)["refunds"][0]["refundId"]
    assert clerk.client.post(f"/api/payments/refunds/{refund}/paid-out").status_code == 200


def test_money_that_comes_late_still_buys_the_places_if_nobody_has_them(paying: Paying) -> None:
    booked = paying.book()
    payment = paying.pay(booked).json()["paymentId"]
    paying.stripe.customer_pays(paying.reference(payment))
    paying.later(30)
    paying.until(lambda: paying.state(booked) == "confirmed")
    assert paying.shown(payment)["refunds"] == []


def test_money_that_comes_when_the_places_have_gone_goes_back_at_once(paying: Paying) -> None:
    booked = paying.book(seats=(41, 42))
    payment = paying.pay(booked).json()["paymentId"]
    intent = paying.reference(payment)
    paying.stripe.troubles.expect(Kind.AWAY, "/cancel", times=1000)  # so the customer can still pay
    paying.later(30)
    paying.until(lambda: paying.state(booked) == "expired")
    other = customer(paying.central)
    taken = paying.book(other, seats=(41, 42))
    paying.stripe.customer_pays(intent)
    paying.stripe.troubles.clear()
    refusal = problem_of(paying.confirm(payment))
    assert (refusal["status"], refusal["code"]) == (409, "paid_too_late")
    assert paying.shown(payment)["status"] == "captured"
    assert settled(paying, payment)  # by the time that the customer is told
    assert given_back(paying) == cents(booked)
    assert (paying.state(booked), paying.state(taken)) == ("expired", "pending")
    assert paying.central.value("select count(*) from message where kind = 'payment_returned'") == 1
    assert paying.pay(taken, person=other, paymentToken=VISA).status_code == 201
