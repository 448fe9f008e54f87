"""Take places under a lease, and sell them. The sale, its money and its upload are one local commit."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Sequence

from boxoffice.domain.allocation import Offer, Wish, best_available
from boxoffice.domain.baskets import Basket, BasketLine
from boxoffice.domain.catalogue import PerformanceStatus
from boxoffice.domain.clock import Clock
from boxoffice.domain.facts import AreaUnits, Customer, SaleBody
from boxoffice.domain.house import SeatState
from boxoffice.domain.ids import LeaseRequestId, NewId, PerformanceId, SaleId, TillNumber, new_ticket_id
from boxoffice.domain.plan import SeatingPlan
from boxoffice.domain.protocol import LeaseGrant, LeaseKind, LeaseRequest
from boxoffice.domain.refusals import Malformed, Refused
from boxoffice.domain.sales import Seller, receipt_number, sale_of
from boxoffice.domain.shifts import ShiftClosed
from boxoffice.domain.staff import Permission, StaffMember
from boxoffice.domain.tenders import Tender
from boxoffice.services.connection import Connection, LinkState, Offline, TillStopped
from boxoffice.services.programme import Programme
from boxoffice.store import NotLeased, Store, Tx

_TRIES_FOR_BEST = 3
SPACE_FOR_A_SALE = 4 * 1024 * 1024  # bytes: the sale, its journal row, the WAL and the printed files


class SeatTaken(Refused):
    """Somebody else was quicker. `seats` are plan indices."""

    code = "seat_taken"

    def __init__(self, message: str, way_out: str, seats: Sequence[int]) -> None:
        super().__init__(message, way_out)
        self.seats = tuple(seats)


class NotSellableOffline(Refused):
    code = "not_sellable_offline"


class NothingFits(Refused):
    code = "nothing_fits"


class NotOnSale(Refused):
    code = "not_on_sale"


class Selling:
    def __init__(self, store: Store, programme: Programme, connection: Connection, now: Clock, new_id: NewId) -> None:
        self._store, self._programme, self._connection = store, programme, connection
        self._now, self._new_id = now, new_id

    def new_basket(self) -> Basket:
        return Basket(started_at=self._now())

    def take_seats(
        self, basket: Basket, performance: PerformanceId, seats: Sequence[int], price_type: str | None = None
    ) -> Basket:
        """Put named seats into the basket, each under a durable lease.

        Raises SeatTaken, NotSellableOffline, NotOnSale, SeatInBasket, Malformed or TillStopped; the basket and the
        leases are then as before.
        """
        self._require_on_sale(performance)
        plan = self._plan(performance)
        if not all(0 <= seat < plan.seat_count for seat in seats):
            raise Malformed("seat", "is not in this house.", "Choose it from the plan.")
        price_list = self._programme.price_list(performance)
        categories = [int(plan.category[seat]) for seat in seats]
        key = price_type or price_list.types_for(categories[0])[0].key
        grown = basket.with_seats(performance, list(zip(seats, categories, strict=True)), key)
        held = self._store.read(lambda tx: tx.leases.seats(performance))
        missing = [seat for seat in seats if seat not in held]
        if missing:
            grant = self._lease(performance, seats=missing)
            got = {item.seat for item in grant.seats}
            lost = [seat for seat in missing if seat not in got]
            if lost:
                self._return(performance, sorted(got), {})
                names = ", ".join(plan.seat_name(seat) for seat in lost[:4])
                raise SeatTaken(f"{names} was just taken elsewhere.", "Choose another seat.", lost)
        return grown

    def take_best(
        self, basket: Basket, performance: PerformanceId, wish: Wish, price_type: str | None = None
    ) -> tuple[Basket, Offer]:
        """The best places for `wish`, leased and in the basket. Raises NothingFits, or as `take_seats`."""
        self._require_on_sale(performance)
        house = self._programme.house(performance, basket.seats_of(performance))
        sellable = house.states == SeatState.FREE
        if price_type is not None:
            wish = wish.within(house.price_list.categories_for(price_type))
        for _ in range(_TRIES_FOR_BEST):
            offer = best_available(house.plan, sellable, wish)
            if offer is None:
                break
            try:
                return self.take_seats(basket, performance, offer.seats, price_type), offer
            except SeatTaken as taken:
                sellable = sellable.copy()
                sellable[list(taken.seats)] = False
        together = " together" if wish.together and wish.count > 1 else ""
        raise NothingFits(f"No {wish.count} seats{together} like that are free.", "Ask for fewer, apart, or any price.")

    def take_places(
        self, basket: Basket, performance: PerformanceId, area: int, count: int, price_type: str | None = None
    ) -> Basket:
        """Put `count` places of an area into the basket. Raises as `take_seats`."""
        self._require_on_sale(performance)
        plan = self._plan(performance)
        if not 0 <= area < len(plan.areas) or count < 1:
            raise Malformed("area", "is not in this house.", "Choose it from the plan.")
        category = plan.areas[area].category
        key = price_type or self._programme.price_list(performance).types_for(category)[0].key
        grown = basket.with_places(performance, area, category, count, key)
        wanted = _places(grown.lines, performance)[area]
        held = self._store.read(lambda tx: tx.leases.areas(performance)).get(area, 0)
        if wanted > held:
            grant = self._lease(performance, areas=(AreaUnits(area=area, units=wanted - held),))
            got = sum(item.units for item in grant.areas)
            if held + got < wanted:
                if got:
                    self._return(performance, (), {area: got})
                raise SeatTaken(
                    f"{plan.areas[area].name} has not {count} places left.", "Ask for fewer, or another area.", ()
                )
        return grown

    def give_back(self, basket: Basket, keys: Collection[int]) -> Basket:
        """Take lines out of the basket. Seats of the allotment stay with the till, others go back to central."""
        lines = [line for line in basket.lines if line.key in keys]
        for key in keys:
            basket = basket.without(key)
        for performance in {line.performance for line in lines}:
            of_basket = self._basket_seats(performance)
            seats = [line.seat for line in lines if line.performance == performance and line.seat in of_basket]
            spare = self._spare_places(basket, performance)
            if seats or spare:
                self._return(performance, [seat for seat in seats if seat is not None], spare)
        return basket

    def abandon(self, basket: Basket) -> Basket:
        """Everything back, and a new basket."""
        self.give_back(basket, [line.key for line in basket.lines])
        return self.new_basket()

    def with_customer(self, basket: Basket, customer: Customer | None, note: str) -> Basket:
        return Basket(basket.started_at, basket.lines, customer, note, basket.next_key)

    def return_left_over(self) -> None:
        """After a crash: basket leases that no basket remembers go back. Called once at start, before any sale."""

        def put_back(tx: Tx) -> bool:
            found = False
            for performance in tx.leases.all_performances():
                seats = sorted(tx.leases.basket_seats(performance))
                body = tx.leases.release(performance, seats, tx.leases.basket_areas(performance))
                if body is not None:
                    tx.journal.append(body)
                    found = True
            return found

        if self._store.write(put_back):
            self._connection.wake()

    def require_ready(self, staff: StaffMember) -> None:
        """To be asked before money is taken. Raises whatever refuses every sale here just now: ShiftClosed,
        TillStopped, DiskFull or NotAllowed."""
        self._require_may_sell(staff)
        if self._store.read(lambda tx: tx.shifts.current()) is None:
            raise ShiftClosed

    def sell(
        self,
        basket: Basket,
        tenders: Sequence[Tender],
        staff: StaffMember,
        *,
        reason: str = "",
        sale: SaleId | None = None,
    ) -> SaleBody:
        """Durable when it returns; only then may paper move. `sale` is the id a card payment was started with.

        Asked again with the same `sale`, it answers with what was sold. Raises SeatTaken, TenderShort, TenderTooMuch,
        ShiftClosed, TillStopped, DiskFull or NotAllowed; nothing is written then.
        """
        self._require_may_sell(staff)
        sale_id = sale or self.new_sale_id()

        def commit(tx: Tx) -> SaleBody:
            sold = tx.sales.find(sale_id) if sale is not None else None
            if sold is not None:
                return sold.sale
            shift = tx.shifts.current()
            identity = tx.identity.get()
            if shift is None or identity is None:
                raise ShiftClosed
            epochs = self._consume(tx, basket)
            body = sale_of(
                basket,
                tenders,
                self._programme.price_list,
                sale=sale_id,
                receipt=receipt_number(TillNumber(identity.till), identity.incarnation, tx.sales.next_receipt()),
                seller=Seller(TillNumber(identity.till), shift.shift, staff.id),
                at=self._now(),
                epochs=epochs,
                new_ticket=lambda: new_ticket_id(secrets.randbits),
                reason=reason,
            )
            tx.sales.add(body)
            tx.journal.append(body)
            return body

        sold = self._store.write(commit)
        self._connection.wake()
        return sold

    def new_sale_id(self) -> SaleId:
        return SaleId(self._new_id())

    def _consume(self, tx: Tx, basket: Basket) -> dict[tuple[PerformanceId, int], int]:
        epochs: dict[tuple[PerformanceId, int], int] = {}
        try:
            for performance in {line.performance for line in basket.lines}:
                held = tx.leases.seats(performance)
                seats = basket.seats_of(performance)
                tx.leases.consume(performance, seats)
                epochs |= {(performance, seat): held[seat] for seat in seats}
                for area, units in _places(basket.lines, performance).items():
                    tx.leases.consume_area(performance, area, units)
        except NotLeased as lost:
            raise SeatTaken(
                "A place in this basket is no longer held for this till.", "Take it out and choose again.", ()
            ) from lost
        return epochs

    def _lease(
        self, performance: PerformanceId, *, seats: Sequence[int] = (), areas: tuple[AreaUnits, ...] = ()
    ) -> LeaseGrant:
        """Ask central for places of a basket. The request is durable before it is sent. Raises NotSellableOffline."""
        request = LeaseRequest(
            request=LeaseRequestId(self._new_id()),
            performance=performance,
            kind=LeaseKind.BASKET,
            seats=tuple(seats),
            areas=areas,
        )
        if not self._connection.is_online:
            raise self._not_offline(performance, seats)
        self._store.write(lambda tx: tx.leases.open_request(request))
        try:
            grant = self._connection.request_lease(request)
        except Offline:
            raise self._not_offline(performance, seats) from None
        held = self._store.write(lambda tx: tx.leases.accept(grant, LeaseKind.BASKET))
        return grant.model_copy(update={"seats": held})

    def _not_offline(self, performance: PerformanceId, seats: Sequence[int]) -> NotSellableOffline:
        plan = self._plan(performance)
        what = plan.seat_name(seats[0]) if seats else "This"
        return NotSellableOffline(
            f"{what} is not among the places set aside for this till.", "Choose one that is, until the network is back."
        )

    def _return(self, performance: PerformanceId, seats: Sequence[int], areas: dict[int, int]) -> None:
        def put_back(tx: Tx) -> None:
            body = tx.leases.release(performance, seats, areas)
            if body is not None:
                tx.journal.append(body)

        self._store.write(put_back)
        self._connection.wake()

    def _basket_seats(self, performance: PerformanceId) -> Collection[int]:
        return self._store.read(lambda tx: tx.leases.basket_seats(performance))

    def _spare_places(self, basket: Basket, performance: PerformanceId) -> dict[int, int]:
        """Places of areas that were leased for a basket, and that this one does not need beside the allotment."""
        held, of_basket = self._store.read(
            lambda tx: (tx.leases.areas(performance), tx.leases.basket_areas(performance))
        )
        wanted = _places(basket.lines, performance)
        spare = {area: min(units, held[area] - wanted[area]) for area, units in of_basket.items()}
        return {area: units for area, units in spare.items() if units > 0}

    def _plan(self, performance: PerformanceId) -> SeatingPlan:
        return self._programme.plan(self._programme.catalogue().performance(performance).plan_id)

    def _require_may_sell(self, staff: StaffMember) -> None:
        staff.require(Permission.SELL)
        self._require_in_service()
        self._store.check_space(SPACE_FOR_A_SALE)

    def _require_in_service(self) -> None:
        match self._connection.state:
            case LinkState.REVOKED:
                raise TillStopped(
                    "This till is no longer known to central: nothing new can be sold here.",
                    "Sell at another till; a manager can pair this one again. What waits here is kept.",
                )
            case LinkState.STOPPED:
                raise TillStopped(
                    "Central has stopped this till: its records and central's differ.",
                    "Sell at another till, and ask a manager to look. What waits here is kept.",
                )

    def _require_on_sale(self, performance: PerformanceId) -> None:
        self._require_in_service()
        known = self._programme.catalogue().performance(performance)
        if known.status is not PerformanceStatus.ON_SALE:
            raise NotOnSale(f"This performance is {known.status.value}.", "Choose another performance.")
        if self._now() >= known.ends_at:
            raise NotOnSale("This performance has ended.", "Choose another performance.")


def _places(lines: Sequence[BasketLine], performance: PerformanceId) -> Counter[int]:
    return Counter(line.area for line in lines if line.performance == performance and line.area is not None)
