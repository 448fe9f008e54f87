"""Tickets of own sales, with what central did about them since."""

from __future__ import annotations

from boxoffice.domain.ids import TicketId
from boxoffice.domain.protocol import TicketRecord
from boxoffice.store import Store, StoredSale


def with_news(own: TicketRecord, pulled: TicketRecord | None) -> TicketRecord:
    """Printed elsewhere meanwhile, or moved to another seat because somebody else has its own."""
    if pulled is None:
        return own
    return own.model_copy(update={"seat": pulled.seat, "generation": max(own.generation, pulled.generation)})


def own_records(store: Store, stored: StoredSale) -> dict[TicketId, TicketRecord]:
    """All tickets of an own sale; what is refunded is not valid."""
    pulled = {r.ticket: r for _, r in store.read_cache(lambda cache: cache.houses.of_sale(stored.sale.sale))}
    return {line.ticket: with_news(stored.record(line), pulled.get(line.ticket)) for line in stored.sale.tickets}
