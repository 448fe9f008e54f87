"""What central could not take as it is: parked and conflicting facts, until a later result of central settles them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from boxoffice.domain.facts import RefundBody, SaleBody
from boxoffice.domain.money import Money
from boxoffice.domain.protocol import FactOutcome
from boxoffice.store import AttentionItem, Store, Tx


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that waits for a person: its money, its customer, and what central said.

    `kind` is a FactKind, or what a later release named it. `order_code` is empty where no order is known here.
    """

    kind: str
    outcome: FactOutcome
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
        return self._store.read(lambda tx: tuple(_matter(item, tx) for item in tx.journal.needs_attention()))


def _matter(item: AttentionItem, tx: Tx) -> Matter:
    fact = item.fact
    try:
        body = fact.parsed()
    except ValueError:  # parked because it is not well-formed, or of a later release: show it raw
        body = None
    amount, sale = None, None
    if isinstance(body, SaleBody | RefundBody):
        amount = Money(body.total_minor, body.currency)
    if isinstance(body, SaleBody):
        sale = body
    elif isinstance(body, RefundBody) and (stored := tx.sales.find(body.sale)) is not None:
        sale = stored.sale
    return Matter(
        kind=str(fact.kind),
        outcome=item.outcome,
        reason=item.reason,
        at=fact.wall_time,
        amount=amount,
        customer=sale.customer.name if sale is not None and sale.customer is not None else "",
        order_code=sale.order_code if sale is not None else "",
        raw=fact.model_dump_json(indent=2),
    )
