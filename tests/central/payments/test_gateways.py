"""One contract for all gateways: localstripe and our fake of Stripe behind the real SDK, and PayPal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from boxoffice.domain.money import Money
from central.payments.card import CardGateway, StripeKeys
from central.payments.gateways import (
    CANCELLED,
    ActionNeeded,
    Captured,
    Gateway,
    NotTaken,
    Order,
    Period,
    Return,
    Returned,
    ReturnRefused,
    ReturnUnknown,
    Started,
    Unknown,
    said,
)
from central.payments.paypal import PayPalGateway, PayPalKeys
from tests.support.gateways import LOCALSTRIPE_KEY
from tests.support.paypal_contract import FOLDER, ContractBroken, contract
from tests.support.paypal_fake import CLIENT, SECRET, WEBHOOK, PayPalFake
from tests.support.stripe_fake import DECLINED, SECRET_KEY, THREE_D_SECURE, VISA, WEBHOOK_SECRET, StripeFake
from tests.support.trouble import Kind, Troubles

TIMEOUT_S = 0.8
PRICE = Money(4550, "EUR")


def no_charges() -> int:
    raise NotImplementedError


@dataclass
class Bench:
    """A gateway and what a customer does in front of it. `None`: this far end cannot show it."""

    open: Callable[[], Gateway]
    good_token: str
    bad_token: str
    approve: Callable[[str], None]  # what the customer does in the browser
    forbid: Callable[[], None] = lambda: None
    troubles: Troubles | None = None
    path_of_taking: str = ""
    path_of_refunds: str = ""
    charges: Callable[[], int] = no_charges
    lists: bool = True
    keeps_keys: bool = True
    refuses_too_much: bool = True
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @asynccontextmanager
    async def gateway(self) -> AsyncIterator[Gateway]:
        gateway = self.open()
        try:
            yield gateway
        finally:
            await gateway.close()

    def order(self, money: Money = PRICE, *, bad: bool = False) -> Order:
        return Order(uuid4(), uuid4(), uuid4(), money, self.bad_token if bad else self.good_token)

    async def paid(self, gateway: Gateway, order: Order) -> str:
        """The reference of a captured payment."""
        started = await gateway.start(order)
        assert isinstance(started, Started)
        self.approve(started.reference)
        outcome = await gateway.complete(order, started.reference)
        assert isinstance(outcome, Captured)
        return started.reference

    def give_back(self, order: Order, reference: str, minor: int, refund: UUID | None = None) -> Return:
        money = Money(minor, order.money.currency)
        return Return(refund or uuid4(), order.payment, reference, money, False, "cancelled")


def nothing(_: str) -> None:
    """Stripe was given a token: the customer has agreed."""


@pytest.fixture
def card(stripe_fake: StripeFake, stripe_url: str) -> Bench:
    keys = StripeKeys(SECRET_KEY, WEBHOOK_SECRET, url=stripe_url)
    return Bench(
        lambda: CardGateway(keys, TIMEOUT_S),
        *(VISA, DECLINED, nothing),
        troubles=stripe_fake.troubles,
        path_of_taking="/confirm",
        path_of_refunds="/refunds",
        charges=lambda: stripe_fake.charges,
    )


@pytest.fixture
def local(localstripe_url: str) -> Bench:
    def method(number: str) -> str:
        card = {"number": number, "exp_month": 12, "exp_year": 2030, "cvc": "123"}
        form = {"type": "card", **{f"card[{key}]": str(value) for key, value in card.items()}}
        reply = httpx.post(f"{localstripe_url}/v1/payment_methods", data=form, auth=(LOCALSTRIPE_KEY, ""), timeout=5)
        reply.raise_for_status()
        name: str = reply.json()["id"]
        return name

    keys = StripeKeys(LOCALSTRIPE_KEY, WEBHOOK_SECRET, url=localstripe_url)
    return Bench(
        lambda: CardGateway(keys, 5),
        *(method("4242424242424242"), method("4000000000000341"), nothing),
        lists=False,
        keeps_keys=False,
        refuses_too_much=False,
    )


@pytest.fixture
def paypal(paypal_fake: PayPalFake, paypal_url: str) -> Bench:
    keys = PayPalKeys(CLIENT, SECRET, WEBHOOK, "https://tickets.example.org/paid", paypal_url)

    def forbid() -> None:
        paypal_fake.decline = True

    return Bench(
        lambda: PayPalGateway(keys, TIMEOUT_S),
        *("", "", paypal_fake.customer_approves),
        forbid=forbid,
        troubles=paypal_fake.troubles,
        path_of_taking="/capture",
        path_of_refunds="/refund",
        charges=lambda: paypal_fake.charges,
    )


@pytest.fixture(params=["card", "local", "paypal"])
def bench(request: pytest.FixtureRequest) -> Bench:
    found: Bench = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["card", "paypal"])
def troubled(request: pytest.FixtureRequest) -> tuple[Bench, Troubles]:
    """Those whose far end can be made to fail."""
    found: Bench = request.getfixturevalue(request.param)
    assert found.troubles is not None
    return found, found.troubles


def within(scenario: Callable[[Gateway], Awaitable[None]], bench: Bench) -> None:
    async def run() -> None:
        async with bench.gateway() as gateway:
            await scenario(gateway)

    asyncio.run(run())


def test_a_payment_is_started_without_money_and_taken_once(bench: Bench) -> None:
    async def scenario(gateway: Gateway) -> None:
        order = bench.order()
        started = await gateway.start(order)
        assert isinstance(started, Started)
        assert isinstance(await gateway.look_up(started.reference), ActionNeeded)
        bench.approve(started.reference)
        assert await gateway.complete(order, started.reference) == Captured(PRICE, started.reference)
        assert await gateway.look_up(started.reference) == Captured(PRICE, started.reference)

    within(scenario, bench)


def test_asking_again_takes_nothing_more(bench: Bench) -> None:
    async def scenario(gateway: Gateway) -> None:
        order = bench.order()
        reference = await bench.paid(gateway, order)
        if not bench.keeps_keys:
            pytest.skip("localstripe ignores idempotency keys")
        again = await gateway.start(order)
        assert isinstance(again, Started)
        assert again.reference == reference
        assert await gateway.complete(order, reference) == Captured(PRICE, reference)
        assert bench.charges() == 1

    within(scenario, bench)


def test_a_decline_says_why_and_takes_nothing(bench: Bench) -> None:
    async def scenario(gateway: Gateway) -> None:
        order = bench.order(bad=True)
        started = await gateway.start(order)
        assert isinstance(started, Started)
        bench.approve(started.reference)
        bench.forbid()
        outcome = await gateway.complete(order, started.reference)
        assert isinstance(outcome, NotTaken)
        assert "declined" in outcome.words
        assert outcome.code != CANCELLED

    within(scenario, bench)


def test_what_is_cancelled_is_not_taken_and_what_is_taken_is_not_cancelled(bench: Bench) -> None:
    async def scenario(gateway: Gateway) -> None:
        started = await gateway.start(bench.order())
        assert isinstance(started, Started)
        cancelled = await gateway.cancel(started.reference)
        assert isinstance(cancelled, NotTaken)
        assert cancelled.code == CANCELLED
        reference = await bench.paid(gateway, bench.order())
        assert await gateway.cancel(reference) == Captured(PRICE, reference)

    within(scenario, bench)


def test_money_goes_back_in_parts_and_each_part_once(bench: Bench) -> None:
    async def scenario(gateway: Gateway) -> None:
        order = bench.order()
        reference = await bench.paid(gateway, order)
        first, second = bench.give_back(order, reference, 1000), bench.give_back(order, reference, 550)
        done = await gateway.give_back(first)
        assert isinstance(done, Returned)
        assert isinstance(await gateway.give_back(second), Returned)
        again = Return(first.refund, order.payment, reference, first.money, True, "cancelled")
        assert await gateway.give_back(again) == done
        if bench.lists:  # localstripe does not count what was given back
            assert await gateway.look_up(reference) == Captured(PRICE, reference, 1550)

    within(scenario, bench)


def test_more_than_was_taken_does_not_go_back(bench: Bench) -> None:
    if not bench.refuses_too_much:
        pytest.skip("localstripe refunds more than was paid")

    async def scenario(gateway: Gateway) -> None:
        order = bench.order()
        reference = await bench.paid(gateway, order)
        assert isinstance(await gateway.give_back(bench.give_back(order, reference, 4000)), Returned)
        assert isinstance(await gateway.give_back(bench.give_back(order, reference, 551)), ReturnRefused)

    within(scenario, bench)


def test_the_list_of_a_period_has_what_was_taken_with_our_ids(bench: Bench) -> None:
    if not bench.lists:
        pytest.skip("localstripe has no lists of a period")

    async def scenario(gateway: Gateway) -> None:
        orders = [bench.order(Money(1000 + n, "EUR")) for n in range(5)]
        references = [await bench.paid(gateway, order) for order in orders]
        unpaid = await gateway.start(bench.order())
        assert isinstance(unpaid, Started)
        await gateway.give_back(bench.give_back(orders[0], references[0], 300))
        now = datetime.now(UTC)
        period = Period(now - timedelta(hours=1), now + timedelta(hours=1))
        listed = [entry async for entry in gateway.listing(period)]
        assert {(entry.reference, entry.payment, entry.money.minor, entry.given_back_minor) for entry in listed} == {
            (reference, order.payment, order.money.minor, 300 if n == 0 else 0)
            for n, (reference, order) in enumerate(zip(references, orders, strict=True))
        }
        earlier = Period(now - timedelta(days=2), now - timedelta(days=1))
        assert [entry async for entry in gateway.listing(earlier)] == []

    within(scenario, bench)


def test_an_answer_that_is_lost_leaves_it_unknown_and_it_is_found_afterwards(
    troubled: tuple[Bench, Troubles],
) -> None:
    bench, troubles = troubled

    async def scenario(gateway: Gateway) -> None:
        for kind in (Kind.LOST, Kind.FAILED_AFTER):
            order = bench.order()
            started = await gateway.start(order)
            assert isinstance(started, Started)
            bench.approve(started.reference)
            troubles.expect(kind, bench.path_of_taking)
            assert isinstance(await gateway.complete(order, started.reference), Unknown)
            assert await gateway.look_up(started.reference) == Captured(PRICE, started.reference)
        assert bench.charges() == 2

    within(scenario, bench)


def test_a_gateway_that_is_away_took_nothing_and_says_it_does_not_know(troubled: tuple[Bench, Troubles]) -> None:
    bench, troubles = troubled

    async def scenario(gateway: Gateway) -> None:
        order = bench.order()
        started = await gateway.start(order)
        assert isinstance(started, Started)
        bench.approve(started.reference)
        troubles.expect(Kind.AWAY, bench.path_of_taking)
        assert isinstance(await gateway.complete(order, started.reference), Unknown)
        assert bench.charges() == 0
        assert await gateway.complete(order, started.reference) == Captured(PRICE, started.reference)

    within(scenario, bench)


def test_a_refund_whose_answer_is_lost_is_not_made_twice(troubled: tuple[Bench, Troubles]) -> None:
    bench, troubles = troubled

    async def scenario(gateway: Gateway) -> None:
        order = bench.order()
        reference = await bench.paid(gateway, order)
        wanted = bench.give_back(order, reference, 2000)
        troubles.expect(Kind.LOST, bench.path_of_refunds)
        assert isinstance(await gateway.give_back(wanted), ReturnUnknown)
        again = Return(wanted.refund, order.payment, reference, wanted.money, True, "cancelled")
        assert isinstance(await gateway.give_back(again), Returned)
        assert await gateway.look_up(reference) == Captured(PRICE, reference, 2000)

    within(scenario, bench)


def test_wrong_keys_are_unknown_and_no_bug(stripe_url: str, paypal_url: str) -> None:
    async def scenario() -> None:
        gateways: tuple[Gateway, ...] = (
            CardGateway(StripeKeys("sk_test_wrong", "", url=stripe_url), TIMEOUT_S),
            PayPalGateway(PayPalKeys("nobody", "wrong", WEBHOOK, "https://x.example", paypal_url), TIMEOUT_S),
        )
        for gateway in gateways:
            outcome = await gateway.start(Order(uuid4(), uuid4(), uuid4(), PRICE))
            assert not isinstance(outcome, Started)
            await gateway.close()

    asyncio.run(scenario())


def test_a_card_that_wants_the_bank_s_word_needs_the_customer(card: Bench, stripe_fake: StripeFake) -> None:
    async def scenario(gateway: Gateway) -> None:
        order = Order(uuid4(), uuid4(), uuid4(), PRICE, THREE_D_SECURE)
        started = await gateway.start(order)
        assert isinstance(started, Started)
        needed = await gateway.complete(order, started.reference)
        assert isinstance(needed, ActionNeeded)
        assert needed.client_secret.startswith(started.reference)
        stripe_fake.customer_pays(started.reference)
        assert isinstance(await gateway.complete(order, started.reference), Captured)

    within(scenario, card)


def test_a_declined_card_cannot_be_followed_by_another_on_the_same_secret(card: Bench, stripe_fake: StripeFake) -> None:
    async def scenario(gateway: Gateway) -> None:
        order = card.order(bad=True)
        started = await gateway.start(order)
        assert isinstance(started, Started)
        await gateway.complete(order, started.reference)
        with pytest.raises(ValueError, match="canceled"):
            stripe_fake.customer_pays(started.reference)

    within(scenario, card)


@pytest.mark.parametrize(
    ("money", "theirs"),
    [
        (Money(1250, "EUR"), 1250),
        (Money(1250, "JPY"), 1250),
        (Money(12, "ISK"), 1200),  # Stripe counts hundredths of a krona
        (Money(12500, "XAF"), 125),  # and whole francs, which we count in hundredths
        (Money(1250, "KWD"), 1250),
    ],
)
def test_stripe_is_asked_in_its_own_minor_units(
    card: Bench, stripe_fake: StripeFake, money: Money, theirs: int
) -> None:
    async def scenario(gateway: Gateway) -> None:
        reference = await card.paid(gateway, card.order(money))
        assert stripe_fake.intents[reference]["amount"] == theirs
        assert await gateway.look_up(reference) == Captured(money, reference)

    within(scenario, card)


@pytest.mark.parametrize("money", [Money(12550, "XAF"), Money(1255, "KWD"), Money(0, "EUR")])
def test_an_amount_that_stripe_does_not_have_is_declined_before_it_is_asked(
    card: Bench, stripe_fake: StripeFake, money: Money
) -> None:
    async def scenario(gateway: Gateway) -> None:
        assert isinstance(await gateway.start(card.order(money)), NotTaken)
        assert not stripe_fake.asked

    within(scenario, card)


@pytest.mark.parametrize(("money", "value"), [(Money(150000, "HUF"), "1500"), (Money(5, "EUR"), "0.05")])
def test_paypal_is_asked_in_its_own_decimals(paypal: Bench, paypal_fake: PayPalFake, money: Money, value: str) -> None:
    async def scenario(gateway: Gateway) -> None:
        started = await gateway.start(paypal.order(money))
        assert isinstance(started, Started)
        assert paypal_fake.orders[started.reference]["purchase_units"][0]["amount"]["value"] == value

    within(scenario, paypal)


def test_a_payment_that_paypal_thinks_over_is_unknown_until_it_has_thought(
    paypal: Bench, paypal_fake: PayPalFake
) -> None:
    async def scenario(gateway: Gateway) -> None:
        order = paypal.order()
        started = await gateway.start(order)
        assert isinstance(started, Started)
        paypal.approve(started.reference)
        paypal_fake.capture_status = "PENDING"
        assert isinstance(await gateway.complete(order, started.reference), Unknown)
        paypal_fake.orders[started.reference]["purchase_units"][0]["payments"]["captures"][0]["status"] = "COMPLETED"
        assert isinstance(await gateway.look_up(started.reference), Captured)

    within(scenario, paypal)


def test_paypal_s_token_is_got_once_and_again_when_it_no_longer_counts(paypal: Bench, paypal_fake: PayPalFake) -> None:
    async def scenario(gateway: Gateway) -> None:
        await paypal.paid(gateway, paypal.order())
        assert len(paypal_fake.tokens) == 1
        paypal_fake.tokens.clear()
        await paypal.paid(gateway, paypal.order())
        assert len(paypal_fake.tokens) == 1

    within(scenario, paypal)


def test_the_requests_are_held_to_paypals_own_documents() -> None:
    if not FOLDER.is_dir():
        pytest.skip("no ../shared/data/paypal here: requests are held to a small hand-written contract instead")
    assert contract().source == "PayPal's own OpenAPI documents"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"purchase_units": []}', "intent"),
        ('{"intent": "CAPTURE", "purchase_units": [{"amount": {"currency_code": "EUR"}}]}', "value"),
        ('{"intent": "CAPTURE", "purchase_units": [{"amount": {"currency_code": "EUR", "value": "1,5"}}]}', "1,5"),
        (
            '{"intent": "CAPTURE", "purchase_units": [{"amount": {"currency_code": "EUR", "value": "1"},'
            ' "costum_id": "x"}]}',
            "costum_id",
        ),
    ],
)
def test_the_contract_finds_what_is_wrong(body: str, words: str) -> None:
    if not FOLDER.is_dir():
        pytest.skip("the hand-written contract is not as exact")
    operation = contract().operation("POST", "/v2/checkout/orders")
    with pytest.raises(ContractBroken, match=words):
        operation.check_request("/v2/checkout/orders", {}, {}, body.encode())


def test_the_contract_finds_a_wrong_answer_and_a_path_that_is_not_there() -> None:
    with pytest.raises(ContractBroken):
        contract().operation("POST", "/v2/checkout/baskets")
    if FOLDER.is_dir():
        operation = contract().operation("GET", "/v2/checkout/orders/{id}")
        with pytest.raises(ContractBroken, match="DONE"):
            operation.check_answer(200, {"id": "X", "status": "DONE"})


def test_what_looks_like_a_card_number_is_not_kept() -> None:
    assert said("card 4242 4242 4242 4242\n declined") == "card … declined"
    assert said("pi_3Nabc on 2026-11-14") == "pi_3Nabc on 2026-11-14"


def test_what_is_printed_of_keys_and_orders_has_no_secret() -> None:
    keys = (StripeKeys("sk_live_1", "whsec_1"), PayPalKeys("client", "hush", "W", "https://x.example"))
    order = Order(uuid4(), uuid4(), uuid4(), PRICE, "pm_secret")
    shown = repr((keys, order, ActionNeeded(client_secret="pi_secret")))
    for secret in ("sk_live_1", "whsec_1", "hush", "pm_secret", "pi_secret"):
        assert secret not in shown
