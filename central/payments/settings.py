"""Which gateways there are and with which keys, from the environment. A gateway without keys is not offered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import stripe

from boxoffice.domain.refusals import Refused
from central.payments.card import StripeKeys
from central.payments.paypal import LIVE_URL, PayPalKeys

_STRIPE = ("BOXOFFICE_STRIPE_KEY", "BOXOFFICE_STRIPE_WEBHOOK_SECRET")
_PAYPAL = ("BOXOFFICE_PAYPAL_CLIENT", "BOXOFFICE_PAYPAL_SECRET", "BOXOFFICE_PAYPAL_WEBHOOK", "BOXOFFICE_PUBLIC_URL")


class HalfConfigured(Refused):
    code = "half_configured"


@dataclass(frozen=True, slots=True)
class PaymentSettings:
    """`timeout_s`: how long a gateway may take to answer before the outcome is unknown; `look_every_s`: between two
    rounds of looking after what is not settled.
    """

    stripe: StripeKeys | None = field(default=None, repr=False)
    paypal: PayPalKeys | None = field(default=None, repr=False)
    timeout_s: float = 10
    look_every_s: float = 15

    @classmethod
    def of(cls, environment: Mapping[str, str], public_url: str = "") -> PaymentSettings:
        """Raises HalfConfigured: a gateway whose webhooks cannot be checked would leave customers waiting."""
        if public_url:
            environment = {**environment, "BOXOFFICE_PUBLIC_URL": public_url}
        card = _all_or_none(environment, _STRIPE)
        paypal = _all_or_none(environment, _PAYPAL)
        return cls(_stripe(card, environment) if card else None, _paypal(paypal, environment) if paypal else None)


def _stripe(keys: list[str], environment: Mapping[str, str]) -> StripeKeys:
    secret, webhook_secret = keys
    publishable = environment.get("BOXOFFICE_STRIPE_PUBLISHABLE_KEY", "")
    return StripeKeys(
        secret, webhook_secret, publishable, environment.get("BOXOFFICE_STRIPE_URL") or stripe.DEFAULT_API_BASE
    )


def _paypal(keys: list[str], environment: Mapping[str, str]) -> PayPalKeys:
    client, secret, webhook, public = keys
    url = environment.get("BOXOFFICE_PAYPAL_URL") or LIVE_URL
    return PayPalKeys(client, secret, webhook, f"{public.rstrip('/')}/paid", url)


def _all_or_none(environment: Mapping[str, str], names: tuple[str, ...]) -> list[str]:
    given = [environment.get(name, "") for name in names]
    missing = [name for name, value in zip(names, given, strict=True) if not value]
    if missing == list(names) or (names is _PAYPAL and missing == list(names[:3])):
        return []  # the public address alone is not about PayPal
    if missing:
        raise HalfConfigured(
            f"{' and '.join(missing)} must be set as well: without it this way to pay would only half work.",
            "Set it, or none of this gateway's.",
        )
    return given
