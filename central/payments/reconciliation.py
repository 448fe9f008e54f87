"""Our payments against the gateways' own lists, both ways; what can be healed is, and the rest a person reads.

Healed is what the gateway itself is asked about once more: money that it took and we had not seen is booked, which
confirms the booking or gives the money back. Nothing is charged here, and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import asyncpg
import structlog

from boxoffice.domain.money import Money
from central.payments import paying, refunds
from central.payments.gateways import Captured, Gateway, GatewayAway, Listed, NotTaken, Period
from central.payments.paying import Payment
from central.problems import Declined
from central.services import Services

_MOST_LOOKED_AT = 20
_log = structlog.get_logger("central.payments")


@dataclass(frozen=True, slots=True)
class Difference:
    """`kind`: not_ours, not_there, amount, refunds, not_booked; `payment` ours and `reference` theirs, where known."""

    method: str
    kind: str
    words: str
    payment: UUID | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """`away`: gateways that could not be asked, so nothing is known of them."""

    period: Period
    compared: int
    healed: tuple[UUID, ...]
    differences: tuple[Difference, ...]
    away: tuple[str, ...]


async def reconcile(services: Services, period: Period, *, heal: bool = True) -> Reconciliation:
    """Compare what was captured in a period. Without `heal` it only looks."""
    compared, healed, differences, away = 0, [], [], []
    for method, gateway in services.payments.gateways.items():
        try:
            theirs = {entry.reference: entry async for entry in gateway.listing(period)}
        except GatewayAway as error:
            _log.warning("gateway not reconciled", method=method, error=str(error))
            away.append(method)
            continue
        ours = await services.database.read(partial(_ours, method=method, period=period, references=theirs))
        compared += len(theirs.keys() | ours.keys())
        for entry in theirs.values():
            found = await _compare(services, method, entry, ours.get(entry.reference), heal)
            if isinstance(found, UUID):
                healed.append(found)
            elif found is not None:
                differences.append(found)
        for reference, (payment, _) in ours.items():
            if reference not in theirs and payment.state == "captured":
                missing = await _missing(gateway, payment)
                if missing is not None:
                    differences.append(missing)
    return Reconciliation(period, compared, tuple(healed), tuple(differences), tuple(away))


async def _ours(
    connection: asyncpg.Connection, method: str, period: Period, references: Iterable[str]
) -> dict[str, tuple[Payment, int]]:
    """Those of the period and those that the gateway names, with what has gone back of each, in minor units."""
    rows = await connection.fetch(
        "select p.*, coalesce((select sum(r.amount_minor) from payment_refund r where r.payment = p.id"
        " and r.state = 'done' and r.gateway_reference <> 'by hand'), 0)::bigint as given_back_minor"
        " from payment p where p.method = $1 and p.gateway_reference <> ''"
        " and ((p.started_at >= $2 and p.started_at < $3) or p.gateway_reference = any($4))",
        *(method, period.start, period.end, list(references)),
    )
    return {row["gateway_reference"]: (Payment.of(row), row["given_back_minor"]) for row in rows}


async def _compare(
    services: Services, method: str, entry: Listed, ours: tuple[Payment, int] | None, heal: bool
) -> Difference | UUID | None:
    """The payment's id when it was healed."""
    if ours is None:
        words = f"{entry.money} was taken at {entry.at:%Y-%m-%d %H:%M} UTC and is in none of our books."
        return Difference(method, "not_ours", words, entry.payment, entry.reference)
    payment, given_back = ours
    if entry.money != payment.money:
        words = f"{entry.money} was taken, {payment.money} was to be paid."
        return Difference(method, "amount", words, payment.id, entry.reference)
    if payment.state != "captured":
        if heal:
            captured = Captured(entry.money, entry.reference, entry.given_back_minor)
            await paying.settle(services, payment.id, captured, "reconcile")
            return payment.id
        words = f"{entry.money} was taken; here the payment is {payment.state}."
        return Difference(method, "not_booked", words, payment.id, entry.reference)
    if entry.given_back_minor != given_back:
        back, booked = (Money(minor, payment.money.currency) for minor in (entry.given_back_minor, given_back))
        return Difference(method, "refunds", f"{back} has gone back there, {booked} here.", payment.id, entry.reference)
    return None


async def _missing(gateway: Gateway, payment: Payment) -> Difference | None:
    """A list may lag behind, or count by another day: ask for this one."""
    outcome = await gateway.look_up(payment.reference)
    if isinstance(outcome, Captured):
        if outcome.money == payment.money:
            return None
        words = f"{outcome.money} was taken, {payment.money} was to be paid."
        return Difference(payment.method, "amount", words, payment.id, payment.reference)
    said = outcome.words if isinstance(outcome, NotTaken) else "it does not say"
    words = f"{payment.money} is booked here and not taken there: {said}"
    return Difference(payment.method, "not_there", words, payment.id, payment.reference)


async def look_after(services: Services) -> None:
    """One round: doubtful payments, then refunds that are due. Several nodes may do it at once."""
    doubtful = await services.database.write(
        lambda connection: paying.claim_doubtful(connection, services.now(), _MOST_LOOKED_AT)
    )
    for payment in doubtful:
        try:
            await paying.advance(services, payment)
        except Declined as error:
            _log.warning("payment not settled", payment=str(payment), error=error.message)
    await refunds.settle_due(services)
