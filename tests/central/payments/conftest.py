from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.gateways import localstripe
from tests.support.loopback import served
from tests.support.paypal_contract import contract
from tests.support.paypal_fake import PayPalFake
from tests.support.stripe_fake import StripeFake


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
