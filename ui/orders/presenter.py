"""Finding orders and acting on one, without a widget."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from boxoffice.documents.ticket import TicketPaper
from boxoffice.domain.facts import RefundBody, SaleBody
from boxoffice.domain.ids import PerformanceId, SaleId, TicketId
from boxoffice.domain.money import Money
from boxoffice.domain.protocol import TicketRecord
from boxoffice.domain.refusals import Refused
from boxoffice.domain.staff import StaffMember
from boxoffice.domain.tenders import Tender, TenderKind
from boxoffice.services.orders import Order
from boxoffice.services.programme import Listing
from boxoffice.store import StoredSale
from ui.tasks import TaskRunner

_LOOK, _ACT = "orders.look", "orders"


class Orders(Protocol):
    """Blocks; see boxoffice.services.orders."""

    def search(self, text: str, most: int = 50) -> tuple[Order, ...]: ...
    def will_call(self, performance: PerformanceId) -> tuple[Order, ...]: ...
    def get(self, sale: SaleId) -> Order | None: ...
    def stored(self, sale: SaleId) -> StoredSale: ...
    def records(self, sale: SaleId) -> tuple[tuple[PerformanceId, TicketRecord], ...]: ...


class Programme(Protocol):
    def listings(self) -> tuple[Listing, ...]: ...


class Refunding(Protocol):
    def amount(self, stored: StoredSale, tickets: Collection[TicketId]) -> Money: ...
    def check(self, sale_id: SaleId, tickets: Collection[TicketId], staff: StaffMember, reason: str) -> None: ...
    def refund(self, sale_id: SaleId, tickets: Collection[TicketId], staff: StaffMember, reason: str) -> RefundBody: ...


class Issuing(Protocol):
    def reprint(self, sale: SaleId, tickets: Collection[TicketId], staff: StaffMember) -> tuple[TicketPaper, ...]: ...
    def collect(
        self, performance: PerformanceId, records: Sequence[TicketRecord], staff: StaffMember
    ) -> tuple[TicketPaper, ...]: ...


class Printing(Protocol):
    def print_tickets(self, name: str, papers: tuple[TicketPaper, ...]) -> None: ...
    def print_refund(self, refund: RefundBody, sale: SaleBody) -> None: ...
    def print_copy(self, sale: SaleBody) -> None: ...


class Cards(Protocol):
    def refund(self, amount: Money, original: str) -> Tender: ...


@dataclass(frozen=True, slots=True)
class OrdersState:
    """`chosen` are the tickets that an action is about: all valid ones until some are picked."""

    text: str = ""
    heading: str = ""
    results: tuple[Order, ...] = ()
    order: Order | None = None
    chosen: frozenset[TicketId] = frozenset()
    is_busy: bool = False


class OrdersView(Protocol):
    def show_state(self, state: OrdersState) -> None: ...
    def show_refusal(self, error: Refused) -> None: ...
    def say_done(self, what: str, text: str) -> None: ...
    def ask_refund(self, amount: Money, tickets: int, order: Order, by_card: bool) -> None: ...


class OrdersPresenter:
    def __init__(
        self,
        orders: Orders,
        programme: Programme,
        refunding: Refunding,
        issuing: Issuing,
        printing: Printing,
        cards: Cards,
        tasks: TaskRunner,
        staff: Callable[[], StaffMember],
    ) -> None:
        self._orders, self._programme, self._refunding, self._issuing = orders, programme, refunding, issuing
        self._printing, self._cards, self._tasks, self._staff = printing, cards, tasks, staff
        self._view: OrdersView | None = None
        self._state = OrdersState()
        self._asked = 0  # answers to an older question are dropped

    def attach(self, view: OrdersView) -> None:
        self._view = view

    @property
    def state(self) -> OrdersState:
        return self._state

    def enter(self) -> None:
        """Shown: the till's last sales, unless something is being looked at."""
        if self._state.order is None and not self._state.text:
            self.last_sales()
        else:
            self.refresh()

    def refresh(self) -> None:
        order = self._state.order
        if order is not None:
            self._tasks.run(lambda: self._orders.get(order.sale), self._opened_again, self._failed, lane=_LOOK)

    def search(self, text: str) -> None:
        if not text.strip():
            self.last_sales()
            return
        self._ask(text, "", lambda: self._orders.search(text))

    def last_sales(self) -> None:
        self._ask("", "Last sales at this till", lambda: self._orders.search("", 30))

    def will_call(self) -> None:
        """Who still has to collect for tonight, by name."""

        def waiting() -> tuple[Order, ...]:
            ahead = [listing for listing in self._programme.listings() if not listing.ended]
            return tuple(order for listing in ahead[:3] for order in self._orders.will_call(listing.performance.id))

        self._ask("", "Will-call, next performances", waiting)

    def open(self, sale: SaleId) -> None:
        order = next((order for order in self._state.results if order.sale == sale), None)
        if order is not None:
            self._show_order(order)

    def toggle(self, ticket: TicketId) -> None:
        order = self._state.order
        if order is None or not any(item.ticket == ticket and item.valid for item in order.tickets):
            return
        chosen = self._state.chosen ^ {ticket}
        self._set(replace(self._state, chosen=chosen or _valid(order)))

    def reprint(self) -> None:
        """New codes, the earlier ones end. An order that was booked elsewhere is printed for the first time."""
        order, chosen, staff = self._state.order, self._state.chosen, self._staff()
        if order is None or self._state.is_busy:
            return

        def issue() -> int:
            if order.own:
                papers = self._issuing.reprint(order.sale, chosen, staff)
            else:
                found = [(performance, record) for performance, record in self._orders.records(order.sale)]
                papers = ()
                for performance in dict.fromkeys(performance for performance, _ in found):
                    records = [record for at, record in found if at == performance and record.ticket in chosen]
                    papers += self._issuing.collect(performance, records, staff)
            name = f"reprint-{order.code}" if order.own else f"will-call-{order.code}"
            self._printing.print_tickets(f"{name}-{papers[0].code}", papers)
            return len(papers)

        self._busy(issue, self._reprinted)

    def ask_refund(self) -> None:
        order, chosen = self._state.order, self._state.chosen
        if order is None or self._state.is_busy or self._view is None:
            return
        if not order.own:
            self._failed(
                Refused("This order was not sold at this till.", "Refund it where it was sold, or ask a manager.")
            )
            return

        def look() -> tuple[Money, bool]:
            stored = self._orders.stored(order.sale)
            return self._refunding.amount(stored, chosen), stored.sale.tenders[0].kind is TenderKind.CARD

        def ask(found: tuple[Money, bool]) -> None:
            amount, by_card = found
            if self._view is not None:
                self._view.ask_refund(amount, len(chosen), order, by_card)

        self._tasks.run(look, ask, self._failed, lane=_ACT)

    def refund(self, reason: str) -> None:
        """Give the money of the chosen tickets back to the tender that paid; the card first, then the books."""
        order, chosen, staff = self._state.order, self._state.chosen, self._staff()
        if order is None or self._state.is_busy:
            return

        def give_back() -> RefundBody:
            stored = self._orders.stored(order.sale)
            tender = stored.sale.tenders[0]
            if tender.kind is TenderKind.CARD:
                self._refunding.check(order.sale, chosen, staff, reason)
                self._cards.refund(self._refunding.amount(stored, chosen), tender.reference)
            body = self._refunding.refund(order.sale, chosen, staff, reason)
            self._printing.print_refund(body, stored.sale)
            return body

        self._busy(give_back, self._refunded)

    def print_copy(self) -> None:
        order = self._state.order
        if order is None or not order.own:
            return

        def copy() -> None:
            self._printing.print_copy(self._orders.stored(order.sale).sale)

        self._tasks.run(copy, lambda _: self._said("Receipt printed", "Marked as a copy."), self._failed, lane=_ACT)

    def back(self) -> None:
        self._set(replace(self._state, order=None, chosen=frozenset()))

    def _ask(self, text: str, heading: str, look: Callable[[], tuple[Order, ...]]) -> None:
        self._asked += 1
        number = self._asked
        self._set(replace(self._state, text=text))

        def found(orders: tuple[Order, ...]) -> None:
            if number == self._asked:
                words = heading or (f"{len(orders)} orders" if len(orders) != 1 else "1 order")
                self._set(replace(self._state, results=orders, heading=words))
                if len(orders) == 1 and text:
                    self._show_order(orders[0])

        self._tasks.run(look, found, self._failed, lane=_LOOK)

    def _busy(self, work: Callable[[], object], done: Callable[[object], None]) -> None:
        self._set(replace(self._state, is_busy=True))

        def finished(result: object) -> None:
            self._set(replace(self._state, is_busy=False))
            done(result)
            self.refresh()

        def failed(error: Exception) -> None:
            self._set(replace(self._state, is_busy=False))
            self._failed(error)

        self._tasks.run(work, finished, failed, lane=_ACT)

    def _reprinted(self, count: object) -> None:
        words = "1 ticket prints" if count == 1 else f"{count} tickets print"
        self._said(words, "They carry new codes. The earlier ones no longer work.")

    def _refunded(self, body: object) -> None:
        if isinstance(body, RefundBody):
            back = Money(-body.total_minor, body.currency)
            how = "to the card" if body.tenders[0].kind is TenderKind.CARD else "in cash"
            self._said(
                f"Give back {back.decimal} {back.currency} {how}", f"Receipt {body.receipt}. The seats are free."
            )

    def _opened_again(self, order: Order | None) -> None:
        if order is not None and self._state.order is not None and order.sale == self._state.order.sale:
            results = tuple(order if other.sale == order.sale else other for other in self._state.results)
            self._set(replace(self._state, results=results))
            self._show_order(order)

    def _show_order(self, order: Order) -> None:
        self._set(replace(self._state, order=order, chosen=_valid(order)))

    def _failed(self, error: Exception) -> None:
        if isinstance(error, Refused) and self._view is not None:
            self._view.show_refusal(error)

    def _said(self, what: str, text: str) -> None:
        if self._view is not None:
            self._view.say_done(what, text)

    def _set(self, state: OrdersState) -> None:
        self._state = state
        if self._view is not None:
            self._view.show_state(state)


def _valid(order: Order) -> frozenset[TicketId]:
    return frozenset(item.ticket for item in order.tickets if item.valid)
