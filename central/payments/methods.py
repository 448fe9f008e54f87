"""The ways to pay that this central offers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from central.payments.card import CardGateway
from central.payments.counter import Counter
from central.payments.gateways import Gateway, HouseMethod
from central.payments.invoices import Invoices
from central.payments.paypal import PayPalGateway
from central.payments.settings import PaymentSettings
from central.payments.vouchers import Vouchers


@dataclass(frozen=True, slots=True)
class Methods:
    gateways: Mapping[str, Gateway]
    house: Mapping[str, HouseMethod]
    publishable_key: str = ""
    timeout_s: float = 10

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: PaymentSettings) -> AsyncIterator[Methods]:
        gateways: list[Gateway] = []
        if settings.stripe is not None:
            gateways.append(CardGateway(settings.stripe, settings.timeout_s))
        if settings.paypal is not None:
            gateways.append(PayPalGateway(settings.paypal, settings.timeout_s))
        house: tuple[HouseMethod, ...] = (Vouchers(), Invoices(), Counter())
        try:
            yield cls(
                {gateway.method: gateway for gateway in gateways},
                {method.method: method for method in house},
                settings.stripe.publishable if settings.stripe else "",
                settings.timeout_s,
            )
        finally:
            for gateway in gateways:
                await gateway.close()

    def __contains__(self, method: object) -> bool:
        return method in self.gateways or method in self.house
