"""Find an order and tell everything that happened to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from boxoffice.domain.ids import PerformanceId, SaleId, TicketId, ticket_code
from boxoffice.domain.money import Money
from boxoffice.domain.protocol import TicketRecord
from boxoffice.services.admitting import place_name
from boxoffice.services.own_tickets import own_records
from boxoffice.services.programme import Programme
from boxoffice.store import Store, StoredSale


@dataclass(frozen=True, slots=True)
class OrderTicket:
    """One admission of an order, as a cashier reads it."""

    ticket: TicketId
    performance: PerformanceId
    place: str
    category: int
    price_type: str
    price: Money
    generation: int
    valid: bool
    admitted_at: datetime | None

    @property
    def code(self) -> str:
        return ticket_code(self.ticket, self.generation)


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the timeline. `kind` chooses the icon: sold, refunded, issued, admitted, booked."""

    kind: str
    title: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """`own` orders were sold at this till and can be refunded here."""

    sale: SaleId
    code: str
    holder: str
    email: str
    receipt: str
    total: Money
    tickets: tuple[OrderTicket, ...]
    timeline: tuple[Event, ...]  # newest first
    own: bool
    will_call: bool
    channel: str

    @property
    def performance(self) -> PerformanceId:
        return self.tickets[0].performance


class Orders:
    def __init__(self, store: Store, programme: Programme) -> None:
        self._store, self._programme = store, programme

    def search(self, text: str, most: int = 50) -> tuple[Order, ...]:
        """By order code, receipt, name, e-mail or ticket code; own orders first. Empty text: the till's last sales."""
        own = self._store.read(lambda tx: tx.sales.search(text, most) if text.strip() else tx.sales.last(most))
        orders = [self._own(stored) for stored in own]
        if text.strip():
            known = {order.sale for order in orders}
            orders += [order for order in self._pulled(text, most) if order.sale not in known]
        return tuple(orders[:most])

    def will_call(self, performance: PerformanceId) -> tuple[Order, ...]:
        """Orders that wait at the counter for their customer, by name."""
        records = self._store.read_cache(lambda cache: cache.houses.tickets(performance))
        waiting = [record for record in records if record.will_call and record.valid]
        orders = self._grouped((performance, record) for record in waiting)
        return tuple(sorted(orders, key=lambda order: order.holder.casefold()))

    def get(self, sale: SaleId) -> Order | None:
        stored = self._store.read(lambda tx: tx.sales.find(sale))
        if stored is not None:
            return self._own(stored)
        records = self._store.read_cache(lambda cache: cache.houses.of_sale(sale))
        return next(iter(self._grouped(records)), None)

    def stored(self, sale: SaleId) -> StoredSale:
        """An own sale as it is kept. Raises UnknownSale."""
        return self._store.read(lambda tx: tx.sales.get(sale))

    def records(self, sale: SaleId) -> tuple[tuple[PerformanceId, TicketRecord], ...]:
        """The tickets of an order that was booked elsewhere, as the lists have them."""
        return self._store.read_cache(lambda cache: cache.houses.of_sale(sale))

    def _pulled(self, text: str, most: int) -> list[Order]:
        found = self._store.read_cache(
            lambda cache: [
                (performance, record)
                for performance in cache.houses.known()
                for record in cache.houses.search(text, performance, most)
            ]
        )
        return self._grouped(found)

    def _grouped(self, records: Iterable[tuple[PerformanceId, TicketRecord]]) -> list[Order]:
        by_sale: dict[SaleId, list[tuple[PerformanceId, TicketRecord]]] = defaultdict(list)
        for performance, record in records:
            by_sale[record.sale].append((performance, record))
        return [self._web(sale, members) for sale, members in by_sale.items()]

    def _web(self, sale: SaleId, members: list[tuple[PerformanceId, TicketRecord]]) -> Order:
        first = members[0][1]
        tickets = tuple(self._ticket(performance, record) for performance, record in members)
        currency = self._programme.price_list(members[0][0]).currency
        events = [
            Event("admitted", "Admitted", ticket.place, ticket.admitted_at) for ticket in tickets if ticket.admitted_at
        ]
        return Order(
            sale=sale,
            code=first.order_code,
            holder=first.holder,
            email="",
            receipt="",
            total=Money(sum(record.gross_minor for _, record in members), currency),
            tickets=tickets,
            timeline=tuple(sorted(events, key=lambda event: event.at, reverse=True)),
            own=False,
            will_call=first.will_call,
            channel=first.channel,
        )

    def _own(self, stored: StoredSale) -> Order:
        sale = stored.sale
        records = own_records(self._store, stored)
        tickets = tuple(self._ticket(line.performance, records[line.ticket]) for line in sale.tickets)
        count = len(sale.tickets)
        paid = " and ".join(tender.kind.value for tender in sale.tenders)
        events = [
            Event(
                "sold",
                f"Sold for {paid}",
                f"{count} {'ticket' if count == 1 else 'tickets'} · receipt {sale.receipt}",
                sale.sold_at,
            )
        ]
        events += [
            Event(
                "refunded", "Refunded", f"{len(r.tickets)} of {count} · {r.reason} · receipt {r.receipt}", r.refunded_at
            )
            for r in stored.refunds
        ]
        events += [
            Event(
                "issued",
                "Printed again" if issue.why == "reprint" else "Collected at the counter",
                f"{len(issue.tickets)} new {'code' if len(issue.tickets) == 1 else 'codes'}, the earlier ended",
                issue.issued_at,
            )
            for issue in stored.issues
        ]
        events += [
            Event("admitted", "Admitted", ticket.place, ticket.admitted_at) for ticket in tickets if ticket.admitted_at
        ]
        return Order(
            sale=sale.sale,
            code=sale.order_code,
            holder=sale.customer.name if sale.customer is not None else "Counter sale",
            email=sale.customer.email if sale.customer is not None else "",
            receipt=sale.receipt,
            total=Money(sale.total_minor, sale.currency),
            tickets=tickets,
            timeline=tuple(sorted(events, key=lambda event: event.at, reverse=True)),
            own=True,
            will_call=False,
            channel="counter",
        )

    def _ticket(self, performance: PerformanceId, record: TicketRecord) -> OrderTicket:
        catalogue = self._programme.catalogue()
        plan = self._programme.plan(catalogue.performance(performance).plan_id)
        own_scan = self._store.read(lambda tx: tx.scans.last(record.ticket))
        scan = self._store.read_cache(lambda cache: cache.houses.scan(record.ticket))
        admitted = None
        if own_scan is not None and own_scan.direction == "entry" and own_scan.admitted:
            admitted = own_scan.scanned_at
        elif own_scan is None and scan is not None and scan.direction == "entry" and scan.admitted:
            admitted = scan.scanned_at
        return OrderTicket(
            ticket=record.ticket,
            performance=performance,
            place=place_name(plan, record),
            category=record.category,
            price_type=record.price_type_name,
            price=Money(record.gross_minor, self._programme.price_list(performance).currency),
            generation=record.generation,
            valid=record.valid,
            admitted_at=admitted,
        )
