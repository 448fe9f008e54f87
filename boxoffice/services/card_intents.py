"""Keeps card payments in the till's store until they are in a sale: a crash or silence loses no money from sight."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from boxoffice.devices.card_payments import CardPayment, Stage
from boxoffice.devices.terminals import CardOutcome, CardResult
from boxoffice.domain.clock import Clock
from boxoffice.domain.facts import CardSettledBody, RefundBody, SaleBody
from boxoffice.domain.ids import StaffId
from boxoffice.domain.money import Money
from boxoffice.store import Store, Tx

_SETTING = "cards.open"
_CLOCK_STEP = timedelta(days=1)  # a sale may carry an earlier time than its payment when the clock was set back


class StoreCardIntents:
    """CardIntents of boxoffice.devices.card_payments; each call is a transaction of its own.

    Only open payments are kept: what is done is in its sale, and what was declined moved no money.
    """

    def __init__(self, store: Store, now: Clock) -> None:
        self._store, self._now = store, now

    def keep(self, payment: CardPayment, by: StaffId | None = None) -> None:
        """What a person said of it is a fact of the journal, in the same transaction."""

        def commit(tx: Tx) -> None:
            if by is not None:
                tx.journal.append(self._said(payment, by))
            rows = _rows(tx)
            at = rows.get(payment.reference, {}).get("at", self._now().isoformat())
            if payment.is_open:
                rows[payment.reference] = {**asdict(payment), "at": at}
            else:
                rows.pop(payment.reference, None)
            tx.settings.set(_SETTING, json.dumps(rows))

        self._store.write(commit)

    def _said(self, payment: CardPayment, by: StaffId) -> CardSettledBody:
        return CardSettledBody(
            reference=payment.reference,
            original=payment.original,
            minor=payment.amount.minor,
            currency=payment.amount.currency,
            moved=payment.stage is Stage.APPROVED,
            staff=by,
            settled_at=self._now(),
        )

    def open(self) -> tuple[CardPayment, ...]:
        return tuple(_payment(row) for row in self._store.read(_rows).values())

    def is_booked(self, reference: str) -> bool:
        def look(tx: Tx) -> bool:
            recent = [stored.sale for stored in tx.sales.last(20)]
            if any(tender.reference == reference for sale in recent for tender in sale.tenders):
                return True
            row = _rows(tx).get(reference)
            start = datetime.fromisoformat(row["at"]) - _CLOCK_STEP if row is not None else self._now() - _CLOCK_STEP
            end = self._now() + _CLOCK_STEP
            bodies: tuple[SaleBody | RefundBody, ...] = (
                *tx.sales.between(start, end),
                *tx.sales.refunds_between(start, end),
            )
            return any(tender.reference == reference for body in bodies for tender in body.tenders)

        return self._store.read(look)


def _rows(tx: Tx) -> dict[str, dict[str, Any]]:
    """Reference -> payment, in the order they were recorded."""
    rows: dict[str, dict[str, Any]] = json.loads(tx.settings.get(_SETTING) or "{}")
    return rows


def _payment(row: dict[str, Any]) -> CardPayment:
    result = row["result"]
    return CardPayment(
        reference=row["reference"],
        amount=Money(**row["amount"]),
        original=row["original"],
        stage=Stage(row["stage"]),
        result=CardResult(**{**result, "outcome": CardOutcome(result["outcome"])}) if result is not None else None,
        asks=row["asks"],
        at=datetime.fromisoformat(row["at"]),
    )
