from __future__ import annotations

from collections.abc import Iterator

import pytest

from central.payments.card import StripeKeys
from central.payments.paypal import PayPalKeys
from central.payments.settings import PaymentSettings
from tests.central.payments.desk import Paying
from tests.central.people import customer, manager
from tests.support.central import Databases, RunningCentral, running_central
from tests.support.gateways import localstripe
from tests.support.loopback import served
from tests.support.paypal_contract import contract
from tests.support.paypal_fake import CLIENT, SECRET, WEBHOOK, PayPalFake
from tests.support.stripe_fake import SECRET_KEY, WEBHOOK_SECRET, StripeFake


@pytest.fixture(scope="session")
def localstripe_url() -> Iterator[str]:
    with localstripe() as url:
        yield url


@pytest.fixture(scope="session")
def _stripe() -> Iterator[tuple[StripeFake, str]]:
    fake = StripeFake()
    with served(fake.app()) as url:
        yield fake, url


@pytest.fixture(scope="session")
def _paypal() -> Iterator[tuple[PayPalFake, str]]:
    fake = PayPalFake(contract())
    with served(fake.app()) as url:
        yield fake, url


@pytest.fixture
def stripe_fake(_stripe: tuple[StripeFake, str]) -> Iterator[StripeFake]:
    yield _stripe[0]
    _stripe[0].forget()


@pytest.fixture
def stripe_url(_stripe: tuple[StripeFake, str]) -> str:
    return _stripe[1]


@pytest.fixture
def paypal_fake(_paypal: tuple[PayPalFake, str]) -> Iterator[PayPalFake]:
    """Fails the test whose requests, or our own answers, were not as PayPal documents them."""
    fake = _paypal[0]
    yield fake
    broken = list(fake.broken)
    fake.forget()
    assert not broken


@pytest.fixture
def paypal_url(_paypal: tuple[PayPalFake, str]) -> str:
    return _paypal[1]


@pytest.fixture(scope="session")
def _paying(
    databases: Databases, _stripe: tuple[StripeFake, str], _paypal: tuple[PayPalFake, str]
) -> Iterator[RunningCentral]:
    settings = PaymentSettings(
        StripeKeys(SECRET_KEY, WEBHOOK_SECRET, "pk_test_fake", _stripe[1]),
        PayPalKeys(CLIENT, SECRET, WEBHOOK, "https://tickets.example.org/paid", _paypal[1]),
        timeout_s=0.8,
        look_every_s=0.1,
    )
    with running_central(databases.fresh(), settings) as running:
        yield running


@pytest.fixture
def paying(_paying: RunningCentral, stripe_fake: StripeFake, paypal_fake: PayPalFake) -> Iterator[Paying]:
    """A central with both gateways, a customer and a manager. At the end: no books out of balance."""
    stripe_fake.now, by_themselves = lambda: _paying.clock[0].timestamp(), stripe_fake.now
    paypal_fake.now, of_itself = lambda: _paying.clock[0], paypal_fake.now
    yield Paying(_paying, stripe_fake, paypal_fake, customer(_paying), manager(_paying))
    stripe_fake.now, paypal_fake.now = by_themselves, of_itself
    assert not _paying.value("select coalesce(sum(minor), 0)::bigint from web_ledger_line")
    _paying.forget()
