"""What happens at the counter, without a widget: choose, take, price, pay, and be ready for the next customer."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import Protocol, TypeVar

import numpy as np
from PySide6.QtCore import QCoreApplication

from boxoffice.devices.card_payments import CardPayment
from boxoffice.domain.allocation import Offer, Wish
from boxoffice.domain.baskets import Basket, BasketEmpty, BasketLine
from boxoffice.domain.facts import Customer, SaleBody
from boxoffice.domain.house import House, SeatState
from boxoffice.domain.ids import PerformanceId, SaleId
from boxoffice.domain.money import Money
from boxoffice.domain.refusals import Refused
from boxoffice.domain.staff import StaffMember
from boxoffice.domain.tenders import Tender, cash
from ui.formats import Formats, plural
from ui.sell.basket_lines import BasketRows, basket_rows, next_price_type, place_name
from ui.sell.cash import CashEntry
from ui.sell.listing import ListingGroup, ListingRow, group_listings, preselected
from ui.sell.ports import CardPayments, ListedPerformance, Printing, Programme, Selling
from ui.shell.workspace import Notice, Notices, Tone
from ui.tasks import TaskRunner

T = TypeVar("T")

MOST_AT_ONCE = 99
_LANE = "sell"  # everything that changes the basket, in the order it was asked
_LOOK = "sell.look"  # reading lists and houses
_PRINT = "sell.print"
_CARDS = "sell.cards"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Sell", text)


class CardChargedAlready(Refused):
    code = "card_charged_already"

    def __init__(self, amount: str) -> None:
        super().__init__(
            _tr("A card was charged {} for this basket already.").format(amount),
            _tr("Make it the same basket again and press F6, or give the money back first."),
        )


class Mode(Enum):
    CHOOSING = "choosing"
    CASH = "cash"
    CARD = "card"
    CUSTOMER = "customer"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Best:
    """What best available is asked for. `category` None is any; `quantity_typed` while digits are being typed."""

    quantity: int = 2
    category: int | None = None
    together: bool = True
    wheelchair: bool = False
    typed: str = ""
    reason: str = ""
    wants_type: bool = False  # after `n*`: the next letter is a price type


@dataclass(frozen=True, slots=True)
class CardRows:
    """The card panel. `is_waiting` while the terminal has the customer."""

    amount: str
    title: str
    text: str
    is_waiting: bool


@dataclass(frozen=True, slots=True)
class SoldRows:
    """What stays on the screen until the next key: the change first of all. Empty for exact cash and for cards."""

    title: str
    change: str
    receipt: str
    order_code: str
    prints: str


class SellView(Protocol):
    """What the presenter says to the screen."""

    def show_listings(self, groups: Sequence[ListingGroup], selected: PerformanceId | None) -> None: ...
    def show_house(self, house: House | None, filters: frozenset[int]) -> None: ...
    def show_best(self, best: Best) -> None: ...
    def show_basket(self, rows: BasketRows, mode: Mode) -> None: ...
    def show_cash(self, entry: CashEntry, tickets: int, has_customer: bool) -> None: ...
    def show_card(self, card: CardRows) -> None: ...
    def hide_payment(self) -> None: ...
    def show_sold(self, sold: SoldRows | None) -> None: ...
    def show_busy(self, busy: bool) -> None: ...


class SellPresenter:
    """Intents run one after the other: what is typed while the till still looks for seats waits its turn.

    A refusal drops the intents that wait behind it, so that keys typed ahead never pay for another basket than the
    clerk had in mind.
    """

    def __init__(
        self,
        view: SellView,
        programme: Programme,
        selling: Selling,
        printing: Printing,
        cards: CardPayments,
        tasks: TaskRunner,
        notices: Notices,
        formats: Formats,
        staff: Callable[[], StaffMember],
    ) -> None:
        self._view, self._programme, self._selling, self._printing = view, programme, selling, printing
        self._cards, self._tasks, self._notices, self._formats, self._staff = cards, tasks, notices, formats, staff
        self._basket = selling.new_basket()
        self._history: list[Basket] = []
        self._listings: Sequence[ListedPerformance] = ()
        self._query = ""
        self._selected: PerformanceId | None = None
        self._houses: dict[PerformanceId, House] = {}
        self._best = Best()
        self._filters: frozenset[int] = frozenset()
        self._active: int | None = None
        self._mode = Mode.CHOOSING
        self._cash: CashEntry | None = None
        self._paying: tuple[Basket, SaleId] | None = None  # one id for all tries to sell this very basket
        self._charged: Tender | None = None  # a card that was charged for a sale that then failed
        self._sold: SoldRows | None = None
        self._waiting: deque[Callable[[], None]] = deque()
        self._is_busy = self._has_asked_for_cards = False
        self._is_looking = self._look_again = False

    # reading

    @property
    def basket(self) -> Basket:
        return self._basket

    @property
    def mode(self) -> Mode:
        return self._mode

    @property
    def house(self) -> House | None:
        return self._houses.get(self._selected) if self._selected is not None else None

    @property
    def _currency(self) -> str:
        return self.house.price_list.currency if self.house is not None else "EUR"

    @property
    def is_busy(self) -> bool:
        return self._is_busy

    # lists

    def enter(self) -> None:
        self._leave_the_past()
        self._show_all()
        self.refresh()
        if not self._has_asked_for_cards:
            self._has_asked_for_cards = True
            self._tasks.run(self._cards.recover, self._tell_of_cards, lane=_CARDS)

    def _leave_the_past(self) -> None:
        """Who comes in the morning does not want last night's performance."""
        house = self.house
        if house is not None and not self._basket.lines and house.performance.ends_at <= self._formats.now():
            self._selected, self._filters = None, frozenset()

    def refresh(self) -> None:
        """Ask again for the list and the house that are shown.

        One question at a time, however often the till hears of changes: a busy evening must not keep every answer
        from being shown. An answer about another basket or performance is dropped and asked for anew.
        """
        if self._is_looking:
            self._look_again = True
            return
        self._is_looking, self._look_again = True, False
        selected, basket = self._selected, self._basket

        def look() -> tuple[Sequence[ListedPerformance], House | None]:
            listings = self._programme.listings()
            known = {listing.performance.id for listing in listings}
            chosen = selected if selected in known else preselected(listings)
            return listings, None if chosen is None else self._house_of(chosen, basket)

        def seen(answer: tuple[Sequence[ListedPerformance], House | None]) -> None:
            self._is_looking = False
            is_current = basket is self._basket and selected == self._selected
            if is_current:
                self._show_answer(*answer)
            if self._look_again or not is_current:
                self.refresh()
            self._advance()

        def failed(error: Exception) -> None:
            self._is_looking = False
            if isinstance(error, Refused):
                self._notices.show_refusal(error)
            self._advance()

        self._tasks.run(look, seen, failed, lane=_LOOK)

    def _show_answer(self, listings: Sequence[ListedPerformance], house: House | None) -> None:
        self._listings = listings
        if house is not None:
            self._selected = house.performance.id
            self._houses[house.performance.id] = house
        self._show_listings()
        self._view.show_house(house, self._filters)

    def search(self, query: str) -> None:
        self._query = query
        self._show_listings()

    def choose_found(self) -> None:
        """Enter in the search field: the first row that can be sold."""
        found = _first_open(self._groups())
        self._query = ""
        if found is None:
            self._show_listings()
        else:
            self.choose(found.performance)

    def choose(self, performance: PerformanceId) -> None:
        self._then(lambda: self._choose(performance))

    def _choose(self, performance: PerformanceId) -> None:
        if self._mode in (Mode.CASH, Mode.CARD):
            return
        basket = self._basket
        if performance != self._selected:
            self._filters = frozenset()
            self._best = replace(self._best, category=None, reason="", typed="", wants_type=False)

        def chosen(house: House) -> None:
            self._selected = performance
            self._houses[performance] = house
            self._show_all()

        self._do(lambda: self._house_of(performance, basket), chosen)

    def toggle_filter(self, category: int) -> None:
        self._filters ^= {category}
        self._view.show_house(self.house, self._filters)

    def clear_filters(self) -> None:
        self._filters = frozenset()
        self._view.show_house(self.house, self._filters)

    # best available

    def digit(self, digit: str) -> None:
        """A digit with no field in focus: the quantity, or the cash received."""
        self._then(lambda: self._digit(digit))

    def _digit(self, digit: str) -> None:
        if self._mode is Mode.CASH and self._cash is not None:
            self._set_cash(self._cash.digit(digit))
        elif self._mode is Mode.CHOOSING:
            self._next_customer()
            typed = (self._best.typed + digit)[-2:].lstrip("0")
            if typed:
                self._set_best(replace(self._best, quantity=int(typed), typed=typed, wants_type=False))

    def point(self) -> None:
        def act() -> None:
            if self._mode is Mode.CASH and self._cash is not None:
                self._set_cash(self._cash.point())

        self._then(act)

    def backspace(self) -> None:
        def act() -> None:
            if self._mode is Mode.CASH and self._cash is not None:
                self._set_cash(self._cash.backspace())
            elif self._mode is Mode.CHOOSING and self._best.typed:
                typed = self._best.typed[:-1]
                quantity = int(typed) if typed else Best().quantity
                self._set_best(replace(self._best, typed=typed, quantity=quantity, wants_type=False))

        self._then(act)

    def times(self) -> None:
        """`*` of `4*A`."""

        def act() -> None:
            if self._mode is Mode.CHOOSING and self._best.typed:
                self._set_best(replace(self._best, wants_type=True))

        self._then(act)

    def letter(self, letter: str) -> None:
        """The price type of `4*A`: finds four seats at that price type at once."""

        def act() -> None:
            if self._mode is not Mode.CHOOSING or not self._best.wants_type or self.house is None:
                return
            known = {kind.key for kind in self.house.price_list.price_types}
            if letter.upper() in known:
                self._find(letter.upper())

        self._then(act)

    @property
    def is_typing(self) -> bool:
        """A number is being typed: a 0 belongs to it."""
        return bool(self._best.typed) or self._mode is Mode.CASH or self._is_busy or bool(self._waiting)

    @property
    def wants_letter(self) -> bool:
        return self._best.wants_type or bool(self._waiting)

    def set_quantity(self, quantity: int) -> None:
        def act() -> None:
            self._next_customer()
            wanted = min(max(1, quantity), MOST_AT_ONCE)
            self._set_best(replace(self._best, quantity=wanted, typed=str(wanted), reason=""))

        self._then(act)

    def set_category(self, category: int | None) -> None:
        self._then(lambda: self._set_best(replace(self._best, category=category, reason="")))

    def set_together(self, together: bool) -> None:
        self._then(lambda: self._set_best(replace(self._best, together=together, reason="")))

    def set_wheelchair(self, wheelchair: bool) -> None:
        self._then(lambda: self._set_best(replace(self._best, wheelchair=wheelchair, reason="")))

    def find_seats(self) -> None:
        self._then(self._find)

    def _find(self, price_type: str | None = None) -> None:
        house, best, basket = self.house, self._best, self._basket
        if house is None or self._mode is not Mode.CHOOSING:
            return
        self._next_customer()
        area = self._area_for(house)
        if area is not None:
            self._take_places(area, best.quantity, price_type)
            return
        performance = house.performance.id
        wish = self._wish()

        def take() -> tuple[Basket, Offer, House]:
            changed, offer = self._selling.take_best(basket, performance, wish, price_type)
            return changed, offer, self._house_of(performance, changed)

        def taken(answer: tuple[Basket, Offer, House]) -> None:
            changed, offer, seen = answer
            self._best = replace(best, typed="", wants_type=False)
            self._took(changed, seen, f"{_tr('Found')}: {offer.reason}")

        self._do(take, taken)

    def _wish(self) -> Wish:
        best = self._best
        category = best.category
        if category is None and len(self._filters) == 1:
            (category,) = self._filters
        wanted = None if category is None else frozenset({category})
        return Wish(best.quantity, wanted, together=best.together, wheelchair=int(best.wheelchair))

    def _area_for(self, house: House) -> int | None:
        """Where the quantity goes when places without numbers are meant; None: seats.

        With a category it is that category's; without one, seats or areas, whichever has more left.
        """
        wanted = self._wish().categories
        areas = house.plan.areas
        fitting = [index for index, area in enumerate(areas) if wanted is None or area.category in wanted]
        usable = house.states == SeatState.FREE
        if wanted is not None:
            usable &= np.isin(house.plan.category, list(wanted))
        places = sum(house.areas[index].sellable for index in fitting)
        if not fitting or int(usable.sum()) >= max(1, places):
            return None
        roomy = [index for index in fitting if house.areas[index].sellable >= self._best.quantity]
        return (roomy or fitting)[0]

    # taking and giving back

    def click_seats(self, seats: Sequence[int]) -> None:
        """Seats pointed at: those in the basket are given back when all of them are, else the free ones are taken."""
        self._then(lambda: self._click(list(seats)))

    def _click(self, seats: list[int]) -> None:
        house, basket = self.house, self._basket
        if house is None or self._mode is not Mode.CHOOSING:
            return
        self._next_customer()
        performance = house.performance.id
        mine = {line.seat: line.key for line in basket.lines if line.performance == performance}
        if all(seat in mine for seat in seats):
            self._give_back([mine[seat] for seat in seats])
            return
        new = [seat for seat in seats if seat not in mine]

        def take() -> tuple[Basket, House]:
            changed = self._selling.take_seats(basket, performance, new)
            return changed, self._house_of(performance, changed)

        self._do(take, lambda answer: self._took(*answer))

    def click_area(self, area: int) -> None:
        """An area pointed at: as many places as the quantity typed, otherwise one."""
        self._then(lambda: self._take_places(area, int(self._best.typed or 1)))

    def _take_places(self, area: int, count: int, price_type: str | None = None) -> None:
        house, basket = self.house, self._basket
        if house is None or self._mode is not Mode.CHOOSING:
            return
        self._next_customer()
        performance = house.performance.id

        def take() -> tuple[Basket, House]:
            changed = self._selling.take_places(basket, performance, area, count, price_type)
            return changed, self._house_of(performance, changed)

        def taken(answer: tuple[Basket, House]) -> None:
            name = house.plan.areas[area].name
            places = plural("Sell", "{} place", "{} places", count)
            self._best = replace(self._best, typed="", wants_type=False)
            self._took(*answer, f"{name} · {places}")

        self._do(take, taken)

    def remove(self, key: int) -> None:
        self._then(lambda: self._give_back([key]))

    def clear(self) -> None:
        """The customer has gone, and with the seats go the name and the note: undo brings all of it back."""
        self._then(lambda: self._give_back([line.key for line in self._basket.lines], is_all=True))

    def _give_back(self, keys: list[int], *, is_all: bool = False) -> None:
        basket = self._basket
        lines = [line for line in basket.lines if line.key in keys]
        if not lines or self._mode is not Mode.CHOOSING:
            return
        names = [place_name(line, self._houses[line.performance]) for line in lines]

        def give() -> tuple[Basket, list[House]]:
            changed = self._selling.give_back(basket, keys)
            if is_all:
                changed = replace(changed, customer=None, note="")
            return changed, self._houses_of({line.performance for line in lines}, changed)

        def given(answer: tuple[Basket, list[House]]) -> None:
            self._remember(basket)
            self._use(*answer)
            title = _tr("{} removed").format(names[0]) if len(names) == 1 else _tr("Basket emptied")
            text = _tr("The seat is free again.") if len(names) == 1 else _tr("All seats are free again.")
            self._notices.say(
                Notice(Tone.INFO, title, text, icon="undo-2", action=_tr("Undo"), key="Ctrl Z", on_action=self.undo)
            )

        self._do(give, given)

    def _took(self, basket: Basket, house: House, reason: str = "") -> None:
        self._remember(self._basket)
        self._active = basket.lines[-1].key if basket.lines else None
        self._use(basket, [house], reason)

    def _use(self, basket: Basket, houses: Iterable[House], reason: str = "") -> None:
        """`reason`: why these seats. What was said of earlier ones is no longer true."""
        self._basket = basket
        self._best = replace(self._best, reason=reason)
        self._houses.update({house.performance.id: house for house in houses})
        if self._active not in {line.key for line in basket.lines}:
            self._active = basket.lines[-1].key if basket.lines else None
        self._show_all()
        self.refresh()

    # lines

    def activate(self, key: int) -> None:
        self._active = key
        self._show_basket()

    def set_price_type(self, key: int, price_type: str) -> None:
        self._then(lambda: self._change(self._basket.with_price_type(key, price_type)))

    def next_price_type(self) -> None:
        """F4."""

        def act() -> None:
            if self._active is None or self._mode is not Mode.CHOOSING:
                return
            line = self._basket.line(self._active)
            prices = self._houses[line.performance].price_list
            self._change(self._basket.with_price_type(line.key, next_price_type(line, prices)))

        self._then(act)

    def open_customer(self) -> None:
        self._then(lambda: self._open_form(Mode.CUSTOMER))

    def open_note(self) -> None:
        self._then(lambda: self._open_form(Mode.NOTE))

    def _open_form(self, mode: Mode) -> None:
        if self._mode in (Mode.CHOOSING, Mode.CUSTOMER, Mode.NOTE):
            self._next_customer()
            self._mode = mode
            self._show_basket()

    def set_customer(self, name: str, email: str) -> None:
        """An empty name takes the customer off the sale."""
        name, email = name.strip(), email.strip()
        customer = Customer(name=name or email, email=email) if name or email else None
        self._mode = Mode.CHOOSING
        self._change(replace(self._basket, customer=customer))

    def set_note(self, note: str) -> None:
        self._mode = Mode.CHOOSING
        self._change(replace(self._basket, note=note.strip()))

    def _change(self, basket: Basket) -> None:
        """A change that needs no lease."""
        if basket != self._basket:
            self._remember(self._basket)
            self._basket = basket
        self._show_basket()

    # undo

    def _remember(self, basket: Basket) -> None:
        self._history.append(basket)

    def undo(self) -> None:
        self._then(self._undo)

    def _undo(self) -> None:
        if not self._history or self._mode is not Mode.CHOOSING:
            return
        basket, wanted = self._basket, self._history[-1]
        touched = {line.performance for line in (*basket.lines, *wanted.lines)}

        def go_back() -> tuple[Basket, list[House], Refused | None]:
            restored, refusal = restore(self._selling, basket, wanted)
            return restored, self._houses_of(touched, restored), refusal

        def gone_back(answer: tuple[Basket, list[House], Refused | None]) -> None:
            restored, houses, refusal = answer
            self._history.pop()
            self._use(restored, houses)
            if refusal is not None:
                self._refuse(refusal)

        self._do(go_back, gone_back)

    def step_back(self) -> None:
        """Esc."""
        if self._mode is Mode.CARD:
            self.cancel_card()
            return

        def act() -> None:
            if self._mode is not Mode.CHOOSING:
                self._to_choosing()
            elif self._best.typed:
                self._set_best(Best(together=self._best.together, category=self._best.category))
            else:
                self._next_customer()

        self._then(act)

    def scan_refused(self) -> None:
        self._notices.say(
            Notice(
                Tone.INFO,
                _tr("A ticket was scanned during a sale"),
                _tr("Finish this sale or empty the basket, then scan it again."),
                icon="scan-line",
            )
        )

    # paying

    def primary(self) -> None:
        """Enter: find what was asked for, then take exact cash, then complete the sale."""

        def act() -> None:
            if self._mode is Mode.CASH:
                self._complete_cash()
            elif self._mode is Mode.CHOOSING:
                if self._sold is not None and not self._best.typed:
                    self._next_customer()  # one Enter too many must not start another sale
                elif self._basket.lines and not self._best.typed:
                    self._open_cash()
                else:
                    self._find()

        self._then(act)

    def pay_cash(self) -> None:
        self._then(self._open_cash)

    def _open_cash(self) -> None:
        if self._mode not in (Mode.CHOOSING, Mode.CUSTOMER, Mode.NOTE):
            return
        total = self._total()
        if self._charged is not None:
            raise CardChargedAlready(self._formats.minor(self._charged.minor, total.currency))
        staff = self._staff()

        def ready(_: None) -> None:
            self._mode = Mode.CASH
            self._set_cash(CashEntry(total))
            self._show_basket()

        self._do(lambda: self._selling.require_ready(staff), ready)

    def set_received(self, amount: Money) -> None:
        """A quick amount."""

        def act() -> None:
            if self._cash is not None:
                self._set_cash(self._cash.exactly(amount))

        self._then(act)

    def complete(self) -> None:
        self._then(self._complete_cash)

    def _complete_cash(self) -> None:
        entry = self._cash
        if entry is None or self._mode is not Mode.CASH:
            return
        entry.require_enough()
        self._sell(cash(entry.total, entry.received))

    def pay_card(self) -> None:
        self._then(self._open_card)

    def _open_card(self) -> None:
        if self._mode not in (Mode.CHOOSING, Mode.CUSTOMER, Mode.NOTE):
            return
        total = self._total()
        charged = self._charged
        if charged is not None and charged.minor != total.minor:
            raise CardChargedAlready(self._formats.minor(charged.minor, total.currency))
        self._mode = Mode.CARD
        amount, staff = self._formats.money(total), self._staff()
        if charged is not None or not total:
            self._show_basket()
            self._sell(charged or cash(total, total))
            return
        self._view.show_card(
            CardRows(amount, _tr("Card, please"), _tr("The customer follows the terminal."), is_waiting=True)
        )
        self._show_basket()

        def failed(_error: Exception) -> None:
            self._to_choosing()

        def pay() -> Tender:
            self._selling.require_ready(staff)  # no card is charged for what cannot be sold
            return self._cards.pay(total)

        self._do(pay, self._sell, failed)

    def cancel_card(self) -> None:
        """Goes round the queue of intents: the payment being cancelled is what they wait for."""
        if self._mode is not Mode.CARD:
            return
        amount = self._formats.money(self._total())
        self._view.show_card(
            CardRows(amount, _tr("Cancelling"), _tr("The terminal is asked to let go of the card."), is_waiting=False)
        )
        self._tasks.run(self._cards.cancel)

    def _sell(self, tender: Tender) -> None:
        basket, staff, sale_id = self._basket, self._staff(), self._sale_id()

        def sold(sale: SaleBody) -> None:
            self._tasks.run(lambda: self._printing.print_sale(sale), lane=_PRINT)
            self._charged = self._paying = None
            self._history.clear()
            self._active = None
            self._best = Best()
            self._sold = self._sold_rows(sale, tender)
            self._mode, self._cash = Mode.CHOOSING, None
            self._view.hide_payment()
            self._use(self._selling.new_basket(), ())
            self._notices.say(
                Notice(
                    Tone.SUCCESS,
                    f"{_tr('Sold')}, {self._sold.prints}",
                    (_tr("{} change. ").format(self._sold.change) if self._sold.change else "")
                    + _tr("Ready for the next customer."),
                )
            )

        def failed(_error: Exception) -> None:
            if self._mode is Mode.CARD:
                self._to_choosing()
                self._keep_charge(tender)

        self._do(lambda: self._selling.sell(basket, [tender], staff, sale=sale_id), sold, failed)

    def _sale_id(self) -> SaleId:
        """Taken once a payment: pressing twice, or trying again after a fault whose end nobody saw, sells once.

        Another basket is another sale.
        """
        if self._paying is None or self._paying[0] != self._basket:
            self._paying = self._basket, self._selling.new_sale_id()
        return self._paying[1]

    def _keep_charge(self, tender: Tender) -> None:
        """The card was charged, the sale was not written: neither charge it again nor forget it."""
        if not tender.reference:
            return
        self._charged = tender
        amount = self._formats.minor(tender.minor, self._total().currency)
        self._notices.say(
            Notice(
                Tone.DANGER,
                _tr("The card was charged {}, but nothing is sold yet").format(amount),
                _tr("F6 completes the sale without charging again, once what is in its way is gone."),
                icon="credit-card",
                action=_tr("Give it back"),
                on_action=self.give_back_charge,
                stays=True,
            )
        )

    def give_back_charge(self) -> None:
        """To the card that was charged for nothing."""
        charged = self._charged
        if charged is None:
            return
        amount = Money(charged.minor, self._currency)

        def given() -> None:
            self._charged = None

        self._refund_card(amount, charged.reference, given, lambda: self._keep_charge(charged))

    def _refund_card(
        self, amount: Money, reference: str, given: Callable[[], None], failed: Callable[[], None]
    ) -> None:
        def done(_refund: Tender) -> None:
            given()
            self._notices.say(Notice(Tone.SUCCESS, _tr("{} went back to the card").format(self._formats.money(amount))))

        self._then(lambda: self._do(lambda: self._cards.refund(amount, reference), done, lambda _error: failed()))

    def _tell_of_cards(self, payments: Sequence[CardPayment]) -> None:
        """After a restart: money that the program had taken, and lost from sight."""
        for payment in payments:
            amount = self._formats.money(payment.amount)
            if payment.is_in_doubt:
                words = _tr("whether {} went back to a card") if payment.original else _tr("whether a card paid {}")
                notice = Notice(
                    Tone.DANGER,
                    _tr("The terminal does not say {}").format(words.format(amount)),
                    _tr("No card can be taken until a manager settles it under Attention, by its last slip."),
                    icon="credit-card",
                    stays=True,
                )
            elif payment.original:
                notice = Notice(
                    Tone.DANGER,
                    _tr("{} went back to a card and no refund is written for it").format(amount),
                    _tr("Refund the same tickets under Orders: the card is not asked again."),
                    icon="credit-card",
                    stays=True,
                )
            else:
                notice = Notice(
                    Tone.DANGER,
                    _tr("A card was charged {} and nothing was sold for it").format(amount),
                    _tr("It is left from before the program ended. F6 uses it for a sale of the same amount."),
                    icon="credit-card",
                    action=_tr("Give it back"),
                    on_action=partial(self._give_back_found, payment),
                    stays=True,
                )
            self._notices.say(notice)

    def _give_back_found(self, payment: CardPayment) -> None:
        self._refund_card(payment.amount, payment.reference, lambda: None, lambda: self._tell_of_cards([payment]))

    def _sold_rows(self, sale: SaleBody, tender: Tender) -> SoldRows:
        change = tender.change_minor
        return SoldRows(
            title=_tr("Sold"),
            change=self._formats.minor(change, sale.currency) if change else "",
            receipt=sale.receipt,
            order_code=sale.order_code,
            prints=plural("Sell", "{} ticket prints", "{} tickets print", len(sale.tickets)),
        )

    def _total(self) -> Money:
        if not self._basket.lines:
            raise BasketEmpty(_tr("Nothing is in the basket yet."), _tr("Choose seats first."))
        return self._basket.quote(lambda performance: self._houses[performance].price_list).total

    def _to_choosing(self) -> None:
        self._mode, self._cash = Mode.CHOOSING, None
        self._view.hide_payment()
        self._show_basket()

    # the queue of intents

    def _then(self, step: Callable[[], None]) -> None:
        self._waiting.append(step)
        self._advance()

    def _advance(self) -> None:
        while self._waiting and not self._is_busy and not (self.house is None and self._is_looking):
            step = self._waiting.popleft()
            try:
                step()
            except Refused as refusal:
                self._refuse(refusal)

    def _do(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None] | None = None
    ) -> None:
        """Work that the following intents wait for."""
        self._set_busy(True)

        def ended(result: T) -> None:
            self._set_busy(False)
            done(result)
            self._advance()

        def refused(error: Exception) -> None:
            self._set_busy(False)
            if failed is not None:
                failed(error)
            if isinstance(error, Refused):
                self._refuse(error)
            else:
                self._waiting.clear()
            self.refresh()

        self._tasks.run(work, ended, refused, lane=_LANE)

    def _set_busy(self, busy: bool) -> None:
        self._is_busy = busy
        self._view.show_busy(busy)

    def _refuse(self, refusal: Refused) -> None:
        self._waiting.clear()
        self._set_best(replace(self._best, typed="", wants_type=False))
        self._notices.show_refusal(refusal)

    # showing

    def _house_of(self, performance: PerformanceId, basket: Basket) -> House:
        places = Counter(
            line.area for line in basket.lines if line.performance == performance and line.area is not None
        )
        return self._programme.house(performance, basket.seats_of(performance), places)

    def _houses_of(self, performances: Iterable[PerformanceId], basket: Basket) -> list[House]:
        return [self._house_of(performance, basket) for performance in performances]

    def _groups(self) -> tuple[ListingGroup, ...]:
        online = self.house.online if self.house is not None else True
        taken = Counter(line.performance for line in self._basket.lines)
        return group_listings(self._listings, self._formats, query=self._query, online=online, taken=taken)

    def _show_listings(self) -> None:
        """While somebody types, the row that Enter would take is the marked one."""
        groups = self._groups()
        found = _first_open(groups) if self._query else None
        self._view.show_listings(groups, found.performance if found is not None else self._selected)

    def _show_all(self) -> None:
        if self.house is not None:
            self._show_listings()
            self._view.show_house(self.house, self._filters)
        self._view.show_best(self._best)
        self._show_basket()

    def _show_basket(self) -> None:
        rows = basket_rows(
            self._basket,
            self._houses,
            self._formats,
            active=self._active,
            can_undo=bool(self._history),
            currency=self._currency,
        )
        self._view.show_basket(rows, self._mode)
        self._view.show_sold(self._sold)

    def _set_best(self, best: Best) -> None:
        self._best = best
        self._view.show_best(best)

    def _set_cash(self, entry: CashEntry) -> None:
        self._cash = entry
        self._view.show_cash(entry, len(self._basket.lines), self._basket.customer is not None)

    def _next_customer(self) -> None:
        """The first action after a sale clears what was left standing of it."""
        if self._sold is not None:
            self._sold = None
            self._view.show_sold(None)


def _first_open(groups: Iterable[ListingGroup]) -> ListingRow | None:
    return next((row for group in groups for row in group.rows if not row.recedes), None)


def restore(selling: Selling, basket: Basket, wanted: Basket) -> tuple[Basket, Refused | None]:
    """`basket` made like `wanted`: gives back what was added since and takes again what was given back. Blocks.

    What went elsewhere meanwhile stays out, and the refusal that says so comes along.
    """
    extra = _left_over(basket.lines, wanted.lines)
    if extra:
        basket = selling.give_back(basket, [line.key for line in extra])
    refusal: Refused | None = None
    for line in _left_over(wanted.lines, basket.lines):
        try:
            if line.seat is not None:
                basket = selling.take_seats(basket, line.performance, [line.seat], line.price_type)
            else:
                basket = selling.take_places(basket, line.performance, line.area or 0, 1, line.price_type)
        except Refused as error:
            refusal = error
    places = list(map(_place, wanted.lines))
    types = {place: deque(_types(wanted, place)) for place in places}
    lines = sorted(basket.lines, key=lambda line: places.index(_place(line)))
    priced = tuple(replace(line, price_type=types[_place(line)].popleft()) for line in lines)
    return replace(basket, lines=priced, customer=wanted.customer, note=wanted.note), refusal


def _place(line: BasketLine) -> tuple[PerformanceId, int | None, int | None]:
    return line.performance, line.seat, line.area


def _types(basket: Basket, place: tuple[PerformanceId, int | None, int | None]) -> list[str]:
    return [line.price_type for line in basket.lines if _place(line) == place]


def _left_over(lines: Sequence[BasketLine], others: Sequence[BasketLine]) -> list[BasketLine]:
    """Lines whose place is not among `others`, counting places of areas; the latest first."""
    there = Counter(map(_place, others))
    extra: list[BasketLine] = []
    for line in lines:
        if there[_place(line)]:
            there[_place(line)] -= 1
        else:
            extra.append(line)
    return extra
