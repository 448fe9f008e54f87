"""Paying at the box office: the customer comes, and staff say that the money is in the drawer."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from central.payments.gateways import ActionNeeded, Captured, Order, Outcome, Return, ReturnOutcome, ReturnRefused


class Counter:
    method = "counter"

    async def take(self, connection: asyncpg.Connection, order: Order, now: datetime) -> Outcome:
        if order.by_seller:
            return Captured(order.money, str(order.payment))
        return ActionNeeded(words="Pay at the box office.")

    async def give_back(self, connection: asyncpg.Connection, wanted: Return, now: datetime) -> ReturnOutcome:
        return ReturnRefused("Paid at the box office: to be paid out there.")
