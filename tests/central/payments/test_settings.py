"""Gateways' keys come from the environment, whole or not at all."""

from __future__ import annotations

import pytest

from central.payments.settings import HalfConfigured, PaymentSettings

STRIPE = {"BOXOFFICE_STRIPE_KEY": "sk_live_1", "BOXOFFICE_STRIPE_WEBHOOK_SECRET": "whsec_1"}
PAYPAL = {"BOXOFFICE_PAYPAL_CLIENT": "c", "BOXOFFICE_PAYPAL_SECRET": "hush", "BOXOFFICE_PAYPAL_WEBHOOK": "W"}


def test_without_keys_no_gateway_is_offered() -> None:
    assert PaymentSettings.of({}) == PaymentSettings()
    assert PaymentSettings.of({}, "https://tickets.example.org") == PaymentSettings()


def test_with_all_its_keys_a_gateway_is_offered() -> None:
    settings = PaymentSettings.of({**STRIPE, **PAYPAL}, "https://tickets.example.org/")
    assert settings.stripe is not None
    assert settings.paypal is not None
    assert (settings.stripe.secret, settings.stripe.url) == ("sk_live_1", "https://api.stripe.com")
    assert settings.paypal.return_url == "https://tickets.example.org/paid"
    assert "sk_live_1" not in repr(settings)
    assert "hush" not in repr(settings)


@pytest.mark.parametrize("missing", [*STRIPE, *PAYPAL])
def test_half_a_configuration_is_refused_by_name(missing: str) -> None:
    environment = {**STRIPE, **PAYPAL, "BOXOFFICE_PUBLIC_URL": "https://x.example"}
    del environment[missing]
    with pytest.raises(HalfConfigured, match=missing):
        PaymentSettings.of(environment)


def test_paypal_needs_an_address_to_come_back_to() -> None:
    with pytest.raises(HalfConfigured, match="BOXOFFICE_PUBLIC_URL"):
        PaymentSettings.of(PAYPAL)
