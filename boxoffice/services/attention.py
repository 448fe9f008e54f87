"""What a person must settle: parked and conflicting facts, failed prints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from boxoffice.domain.facts import FactKind, RefundBody, SaleBody
from boxoffice.domain.money import Money
from boxoffice.domain.protocol import FactOutcome
from boxoffice.store import AttentionItem, Store


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that waits for a person: its money, its customer, and what central said."""

    title: str
    reason: str
    at: datetime
    amount: Money | None
    customer: str
    order_code: str
    raw: str


class Attention:
    """Nothing here is ever deleted; it leaves the list when central has settled it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def matters(self) -> tuple[Matter, ...]:
        return tuple(_matter(item) for item in self._store.read(lambda tx: tx.journal.needs_attention()))


_TITLES: dict[tuple[str, FactOutcome], str] = {  # a fact of a later release has a kind of its own
    (FactKind.SALE, FactOutcome.CONFLICT): "A seat of this sale belongs to somebody else",
    (FactKind.SALE, FactOutcome.PARKED): "A sale that central could not book",
    (FactKind.REFUND, FactOutcome.PARKED): "A refund that central could not book",
}


def _matter(item: AttentionItem) -> Matter:
    fact = item.fact
    amount, customer, order_code = None, "", ""
    if fact.kind in (FactKind.SALE, FactKind.REFUND):
        try:
            body = fact.parsed()
        except ValueError:  # parked because it is not well-formed, or of a later release: show it raw
            body = None
        if isinstance(body, (SaleBody, RefundBody)):
            amount = Money(body.total_minor, body.currency)
        if isinstance(body, SaleBody):
            customer = body.customer.name if body.customer is not None else ""
            order_code = body.order_code
    return Matter(
        title=_TITLES.get((fact.kind, item.outcome), f"{fact.kind.replace('_', ' ').capitalize()} to look at"),
        reason=item.reason,
        at=fact.wall_time,
        amount=amount,
        customer=customer,
        order_code=order_code,
        raw=fact.model_dump_json(indent=2),
    )
