"""The counter without a widget: what a clerk's keys do, in the order they are pressed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pytest

from boxoffice.devices.card_payments import CardPayment, Stage
from boxoffice.domain.house import House, SeatState
from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.money import Money
from boxoffice.domain.refusals import Refused
from boxoffice.domain.tenders import TenderKind
from tests.ui.sell.counter import FORMATS, LENA, Cards, Counters, HandTasks, Notes, Printer, plain_house
from ui.sell.basket_lines import BasketRows
from ui.sell.cash import CashEntry
from ui.sell.listing import ListingGroup
from ui.sell.presenter import Best, CardRows, Mode, SellPresenter, SoldRows

TONIGHT, QUARTET, TOMORROW, MAP = PerformanceId(2), PerformanceId(3), PerformanceId(5), PerformanceId(7)


class Screen:
    """What the clerk sees."""

    def __init__(self) -> None:
        self.groups: Sequence[ListingGroup] = ()
        self.selected: PerformanceId | None = None
        self.house: House | None = None
        self.filters: frozenset[int] = frozenset()
        self.best = Best()
        self.basket = BasketRows("")
        self.mode = Mode.CHOOSING
        self.cash: CashEntry | None = None
        self.card: CardRows | None = None
        self.sold: SoldRows | None = None
        self.busy = False

    def show_listings(self, groups: Sequence[ListingGroup], selected: PerformanceId | None) -> None:
        self.groups, self.selected = groups, selected

    def show_house(self, house: House | None, filters: frozenset[int]) -> None:
        self.house, self.filters = house, filters

    def show_best(self, best: Best) -> None:
        self.best = best

    def show_basket(self, rows: BasketRows, mode: Mode) -> None:
        self.basket, self.mode = rows, mode

    def show_cash(self, entry: CashEntry, tickets: int, has_customer: bool) -> None:
        self.cash = entry

    def show_card(self, card: CardRows) -> None:
        self.card = card

    def hide_payment(self) -> None:
        self.cash = self.card = None

    def show_sold(self, sold: SoldRows | None) -> None:
        self.sold = sold

    def show_busy(self, busy: bool) -> None:
        self.busy = busy


@dataclass
class Till:
    screen: Screen
    counters: Counters
    cards: Cards
    printer: Printer
    notes: Notes
    tasks: HandTasks
    sell: SellPresenter

    def press(self, *keys: str) -> None:
        """The keys as the workspace maps them."""
        actions = {
            "Enter": self.sell.primary,
            "F4": self.sell.next_price_type,
            "F5": self.sell.pay_cash,
            "F6": self.sell.pay_card,
            "Esc": self.sell.step_back,
            "Undo": self.sell.undo,
            "*": self.sell.times,
        }
        for key in keys:
            if key in actions:
                actions[key]()
            elif key.isdigit():
                self.sell.digit(key)
            else:
                self.sell.letter(key)

    def names(self) -> list[str]:
        return [line.name for group in self.screen.basket.performances for line in group.lines]


@pytest.fixture
def till() -> Till:
    screen, counters, cards, printer, notes, tasks = Screen(), Counters(), Cards(), Printer(), Notes(), HandTasks()
    sell = SellPresenter(screen, counters, counters, printer, cards, tasks, notes, FORMATS, staff=lambda: LENA)
    sell.enter()
    return Till(screen, counters, cards, printer, notes, tasks, sell)


# the list


def test_tonights_next_performance_is_chosen_already(till: Till) -> None:
    assert till.screen.selected == TONIGHT
    assert [group.title for group in till.screen.groups] == ["Tonight", "Tomorrow", "Next"]
    assert till.screen.groups[0].rows[0].state == "Ended 16:25"
    assert till.screen.groups[0].rows[0].recedes


def test_who_comes_in_the_morning_does_not_find_last_nights_performance(till: Till) -> None:
    over = next(row for row in till.screen.groups[0].rows if row.recedes)
    till.sell.choose(over.performance)
    assert till.screen.selected == over.performance
    till.sell.enter()
    assert till.screen.selected == TONIGHT


def test_two_letters_find_another_performance(till: Till) -> None:
    till.sell.search("no")
    assert [row.title for group in till.screen.groups for row in group.rows] == ["North Sea Quartet"]
    till.sell.choose_found()
    assert till.screen.selected == QUARTET
    assert len(till.screen.groups) == 3


def test_a_search_without_a_match_chooses_nothing(till: Till) -> None:
    till.sell.search("zz")
    till.sell.choose_found()
    assert till.screen.selected == TONIGHT


def test_a_sold_out_evening_says_so(till: Till) -> None:
    assert till.screen.groups[2].rows[2].state == "Sold out"


def test_offline_the_list_counts_what_is_left_for_this_till(till: Till) -> None:
    till.counters.online = False
    till.sell.refresh()
    till.sell.refresh()
    assert till.screen.groups[0].rows[1].count == "60 left"


# the reference sales


def test_two_seats_for_tonight_cash_exact_take_four_keys(till: Till) -> None:
    till.press("2", "Enter", "F5", "Enter")
    [sale] = till.counters.sales
    assert len(sale.tickets) == 2
    assert sale.tenders[0].kind is TenderKind.CASH
    assert sale.tenders[0].minor == sale.total_minor
    assert till.printer.printed == [sale]
    assert till.screen.sold is not None
    assert till.screen.basket.is_empty
    assert till.screen.selected == TONIGHT


def test_keys_typed_ahead_of_the_services_still_make_the_sale(till: Till) -> None:
    till.tasks.at_once = False
    till.press("2", "Enter", "F5", "Enter")
    assert till.counters.sales == []
    till.tasks.work_off()
    assert len(till.counters.sales) == 1


def test_keys_typed_ahead_never_pay_for_a_basket_the_clerk_did_not_mean(till: Till) -> None:
    """One seat is in the basket already; nine more are not found; F5 and Enter were typed for ten."""
    plain_house(till.counters, TONIGHT, free=[100, 101, 102])
    till.sell.click_seats([100])
    till.tasks.at_once = False
    till.press("9", "Enter", "F5", "Enter")
    till.tasks.work_off()
    assert till.counters.sales == []
    assert till.screen.mode is Mode.CHOOSING
    assert len(till.notes.refused) == 1


def test_four_adults_are_typed_as_they_are_said(till: Till) -> None:
    till.press("4", "*", "C")
    assert till.screen.basket.count == "4 tickets"
    assert {line.price_type for group in till.screen.basket.performances for line in group.lines} == {"Child"}


def test_one_enter_too_many_after_a_sale_starts_no_other_one(till: Till) -> None:
    till.press("2", "Enter", "F5", "Enter", "Enter")
    assert till.screen.basket.is_empty
    assert till.screen.sold is None


# the basket


def test_a_seat_is_taken_by_a_click_and_given_back_by_the_next(till: Till) -> None:
    plain_house(till.counters, TONIGHT, free=[100, 101])
    till.sell.click_seats([100])
    assert till.names() == ["Stalls D 20"]
    assert till.screen.house is not None
    assert till.screen.house.states[100] == SeatState.MINE
    till.sell.click_seats([100])
    assert till.names() == []


def test_a_seat_gone_elsewhere_is_refused_and_the_basket_stays(till: Till) -> None:
    plain_house(till.counters, TONIGHT, free=[100, 101])
    till.sell.click_seats([100])
    till.counters.take_elsewhere(TONIGHT, 101)
    till.sell.click_seats([101])
    assert till.notes.refused[0].way_out == "Choose another seat."
    assert len(till.names()) == 1
    assert till.screen.house is not None
    assert till.screen.house.states[101] == SeatState.OTHER_BASKET


def test_f4_walks_through_the_price_types_of_the_active_line(till: Till) -> None:
    plain_house(till.counters, TONIGHT, free=[100])
    till.sell.click_seats([100])
    seen = []
    for _ in range(4):
        seen.append(till.screen.basket.performances[0].lines[0].price_type)
        till.press("F4")
    assert seen == ["Adult", "Student", "Child", "Comp"]
    assert till.screen.basket.performances[0].lines[0].price_type == "Adult"


def test_sums_name_the_fee_and_the_tax_inside(till: Till) -> None:
    plain_house(till.counters, TONIGHT, free=[100, 101])
    till.sell.click_seats([100, 101])
    rows = till.screen.basket
    assert [(row.text, row.amount) for row in rows.sums] == [
        ("2 tickets", "€136.00"),
        ("Booking fee 2 × €1.50", "€3.00"),
    ]
    assert rows.tax == "incl. VAT 7\N{NO-BREAK SPACE}% €8.90 · 19\N{NO-BREAK SPACE}% €0.48"
    assert rows.total == "€139.00"


def test_undo_takes_a_removed_seat_again_with_its_price_type(till: Till) -> None:
    plain_house(till.counters, TONIGHT, free=[100, 101])
    till.sell.click_seats([100, 101])
    first = till.screen.basket.performances[0].lines[0].key
    till.sell.set_price_type(first, "S")
    till.sell.remove(first)
    till.press("Undo")
    assert [(line.name, line.price_type) for line in till.screen.basket.performances[0].lines] == [
        ("Stalls D 20", "Student"),
        ("Stalls D 21", "Adult"),
    ]


def test_undo_goes_back_step_by_step_to_an_empty_basket(till: Till) -> None:
    till.press("2", "Enter", "3", "Enter", "F4")
    till.press("Undo", "Undo")
    assert till.screen.basket.count == "2 tickets"
    till.press("Undo", "Undo")
    assert till.screen.basket.is_empty
    assert till.counters.mine[TONIGHT] == set()


def test_undo_of_a_seat_that_went_elsewhere_says_so_and_loses_nothing_else(till: Till) -> None:
    plain_house(till.counters, TONIGHT, free=[100, 101])
    till.sell.click_seats([100, 101])
    till.sell.remove(till.screen.basket.performances[0].lines[0].key)
    till.counters.take_elsewhere(TONIGHT, 100)
    till.press("Undo")
    assert till.names() == ["Stalls D 21"]
    assert "Stalls D 20" in till.notes.refused[0].message


def test_one_basket_may_hold_two_performances(till: Till) -> None:
    till.press("2", "Enter")
    till.sell.choose(TOMORROW)
    till.press("1", "Enter")
    assert len(till.screen.basket.performances) == 2
    till.press("F5", "Enter")
    assert {ticket.performance for ticket in till.counters.sales[0].tickets} == {TONIGHT, TOMORROW}
    assert till.screen.selected == TOMORROW


def test_a_customer_and_a_note_go_onto_the_sale(till: Till) -> None:
    till.press("1", "Enter")
    till.sell.open_customer()
    till.sell.set_customer(" Aylin Sommer ", "aylin@example.org")
    till.sell.open_note()
    till.sell.set_note("Aisle, please")
    till.press("F5", "Enter")
    sale = till.counters.sales[0]
    assert sale.customer is not None
    assert sale.customer.name == "Aylin Sommer"
    assert sale.note == "Aisle, please"


# areas


def test_unreserved_places_are_sold_by_quantity(till: Till) -> None:
    till.sell.choose(QUARTET)
    till.sell.set_category(0)
    till.press("3", "Enter")
    assert till.names() == ["Standing floor"] * 3


def test_a_click_on_an_area_adds_the_quantity_typed(till: Till) -> None:
    till.sell.choose(QUARTET)
    till.sell.click_area(1)
    till.press("3")
    till.sell.click_area(1)
    assert till.names() == ["Gallery"] * 4
    till.press("Undo")
    assert till.names() == ["Gallery"]


# best available


def test_find_asks_for_the_category_that_was_chosen(till: Till) -> None:
    till.sell.set_category(4)
    till.press("2", "Enter")
    house = till.screen.house
    assert house is not None
    assert set(house.plan.category[np.flatnonzero(house.states == SeatState.MINE)].tolist()) == {4}
    assert till.screen.best.reason


def test_filters_narrow_what_is_found_and_alt_0_clears_them(till: Till) -> None:
    till.sell.toggle_filter(5)
    till.press("2", "Enter")
    assert all(name.startswith("Boxes") for name in till.names())
    till.sell.clear_filters()
    assert till.screen.filters == frozenset()


def test_the_quantity_has_two_digits_at_most(till: Till) -> None:
    till.press("1", "2", "3")
    assert till.screen.best.quantity == 23
    till.press("0", "0")
    assert till.screen.best.quantity == 30


# money


def test_change_stays_on_screen_until_the_next_key(till: Till) -> None:
    plain_house(till.counters, TONIGHT, free=[100])
    till.press("1", "Enter", "F5")
    till.press("1", "0", "0", "0", "0", "Enter")
    assert till.screen.sold is not None
    assert till.screen.sold.change == "€30.50"
    till.press("2")
    assert till.screen.sold is None


def test_too_little_cash_is_refused_and_the_panel_stays(till: Till) -> None:
    till.press("1", "Enter", "F5", "5", "Enter")
    assert till.screen.mode is Mode.CASH
    assert till.notes.refused[0].code == "tender_short"
    assert till.counters.sales == []


def test_a_quick_amount_is_what_was_received(till: Till) -> None:
    till.press("1", "Enter", "F5")
    till.sell.set_received(Money(20000, "EUR"))
    till.press("Enter")
    assert till.counters.sales[0].tenders[0].received_minor == 20000


def test_esc_leaves_the_cash_panel_with_the_basket_untouched(till: Till) -> None:
    till.press("2", "Enter")
    before = till.sell.basket
    till.press("F5", "5", "Esc")
    assert till.screen.mode is Mode.CHOOSING
    assert till.sell.basket is before


def test_an_empty_basket_cannot_be_paid(till: Till) -> None:
    till.press("F5")
    assert till.screen.mode is Mode.CHOOSING
    assert till.notes.refused[0].code == "basket_empty"


def test_a_refused_sale_keeps_basket_and_panel(till: Till) -> None:
    till.counters.refusal = Refused("No shift is open at this till.", "Open a shift first (Ctrl+4).")
    till.press("2", "Enter", "F5", "Enter")
    assert till.screen.mode is Mode.CASH
    assert till.screen.basket.count == "2 tickets"
    assert till.printer.printed == []
    till.press("Enter")
    assert len(till.counters.sales) == 1


def test_why_these_seats_is_said_only_while_it_is_true(till: Till) -> None:
    till.press("2", "Enter")
    assert till.screen.best.reason.startswith("Found")
    till.sell.remove(till.sell.basket.lines[0].key)
    assert till.screen.best.reason == ""


def test_with_the_basket_emptied_the_customers_name_is_gone_and_undo_brings_it_back(till: Till) -> None:
    till.press("2", "Enter")
    till.sell.set_customer("Ayşe Demir", "")
    named = till.sell.basket
    till.sell.clear()
    assert till.sell.basket.customer is None
    till.press("Undo")
    assert till.sell.basket.customer == named.customer
    assert len(till.names()) == 2


def test_places_in_the_basket_are_not_counted_as_free(till: Till) -> None:
    def free() -> list[str]:
        return [row.count for group in till.screen.groups for row in group.rows if row.performance == TONIGHT]

    [before] = free()
    till.press("2", "Enter")
    [after] = free()
    assert int(before.split()[0]) - int(after.split()[0]) == 2
    assert till.screen.house is not None
    assert after == f"{till.screen.house.free} free"


def test_while_somebody_types_the_row_that_enter_takes_is_marked(till: Till) -> None:
    till.sell.search("no")
    assert till.screen.selected == QUARTET
    till.sell.search("")
    assert till.screen.selected == TONIGHT


@pytest.mark.parametrize("tender", ["F5", "F6"])
def test_no_money_is_taken_while_nothing_can_be_sold(till: Till, tender: str) -> None:
    till.counters.shut = Refused("No shift is open at this till.", "Open a shift first (Ctrl+4).")
    till.press("2", "Enter", tender)
    assert till.screen.mode is Mode.CHOOSING
    assert till.cards.asked == []
    assert till.notes.refused == [till.counters.shut]
    till.counters.shut = None
    till.press("F6")
    assert len(till.counters.sales) == 1


def test_a_card_pays_the_total_and_keeps_the_terminals_reference(till: Till) -> None:
    till.press("2", "Enter", "F6")
    [tender] = till.counters.sales[0].tenders
    assert (tender.kind, tender.reference) == (TenderKind.CARD, "SIM-0001")
    assert till.cards.asked == [Money(till.counters.sales[0].total_minor, "EUR")]


def test_a_declined_card_leads_back_to_the_basket(till: Till) -> None:
    till.cards.refusal = Refused("The card was declined.", "Try another card, or take cash.")
    till.press("2", "Enter", "F6")
    assert till.screen.mode is Mode.CHOOSING
    assert till.screen.basket.count == "2 tickets"
    assert till.counters.sales == []


def test_esc_at_the_card_panel_asks_the_terminal_to_stop(till: Till) -> None:
    till.press("2", "Enter")
    till.tasks.at_once = False
    till.press("F6", "Esc")
    assert till.screen.card is not None
    assert not till.screen.card.is_waiting
    till.cards.refusal = Refused("Cancelled.", "")
    till.tasks.work_off()
    assert till.cards.cancelled == 1
    assert till.screen.mode is Mode.CHOOSING


def test_a_card_charged_for_a_sale_that_failed_is_not_charged_again(till: Till) -> None:
    till.counters.refusal = Refused("The disk is full.", "Free some space.")
    till.press("2", "Enter", "F6")
    assert till.screen.mode is Mode.CHOOSING
    assert till.notes.said[-1].stays
    till.press("F5")
    assert till.notes.refused[-1].code == "card_charged_already"
    till.press("F6")
    assert len(till.cards.asked) == 1
    assert till.counters.sales[0].tenders[0].reference == "SIM-0001"


@pytest.mark.parametrize("again", [("Enter",), ("Esc", "F5", "Enter"), ("Esc", "F6")])
def test_a_sale_whose_answer_was_lost_is_sold_once(till: Till, again: Sequence[str]) -> None:
    till.sell.choose(QUARTET)
    till.sell.click_area(1)
    till.counters.fault = Refused("The till stumbled.", "Try again.")
    till.press("F5", "Enter", *again)
    assert len(till.counters.sales) == 1
    assert len(till.counters.asked_to_sell) == 2
    assert till.names() == []


def test_each_basket_is_a_sale_of_its_own(till: Till) -> None:
    till.counters.refusal = Refused("The disk is full.", "Free some space.")
    till.press("2", "Enter", "F5", "Enter", "Esc", "2", "Enter", "F5", "Enter")
    till.press("2", "Enter", "F5", "Enter")
    assert len(set(till.counters.asked_to_sell)) == 3


def test_a_card_charged_for_nothing_can_be_given_back(till: Till) -> None:
    till.counters.refusal = Refused("The disk is full.", "Free some space.")
    till.press("2", "Enter", "F6")
    undo = till.notes.said[-1].on_action
    assert undo is not None
    undo()
    assert till.cards.refunded == [(till.cards.asked[0], "SIM-0001")]
    till.press("F5", "Enter")
    assert till.counters.sales[0].tenders[0].kind is TenderKind.CASH


def test_a_charge_can_be_given_back_when_its_basket_is_gone(till: Till) -> None:
    till.counters.refusal = Refused("The disk is full.", "Free some space.")
    till.press("2", "Enter", "F6")
    undo = till.notes.said[-1].on_action
    till.sell.clear()
    assert undo is not None
    undo()
    assert till.cards.refunded == [(till.cards.asked[0], "SIM-0001")]


def reopened(*payments: CardPayment) -> Till:
    """The till after a restart, with what its terminal had taken before."""
    screen, counters, cards, printer, notes, tasks = Screen(), Counters(), Cards(), Printer(), Notes(), HandTasks()
    cards.left_open = payments
    sell = SellPresenter(screen, counters, counters, printer, cards, tasks, notes, FORMATS, staff=lambda: LENA)
    till = Till(screen, counters, cards, printer, notes, tasks, sell)
    sell.enter()
    return till


def test_money_taken_for_nothing_is_in_sight_after_a_restart_and_can_be_given_back() -> None:
    till = reopened(CardPayment("SIM-0007", Money(3550, "EUR"), stage=Stage.APPROVED))
    [notice] = till.notes.said
    assert "35.50" in notice.title
    assert notice.stays
    assert notice.on_action is not None
    notice.on_action()
    assert till.cards.refunded == [(Money(3550, "EUR"), "SIM-0007")]
    till.sell.enter()
    assert len([said for said in till.notes.said if said.stays]) == 1


def test_a_refund_that_no_books_have_is_named_and_not_given_back_as_if_it_were_a_charge() -> None:
    till = reopened(CardPayment("SIM-0009", Money(1200, "EUR"), "SIM-0001", stage=Stage.APPROVED))
    [notice] = till.notes.said
    assert "went back" in notice.title
    assert notice.on_action is None


def test_a_payment_that_nobody_can_vouch_for_is_named_but_not_refunded() -> None:
    till = reopened(CardPayment("SIM-0008", Money(1200, "EUR"), stage=Stage.IN_DOUBT))
    [notice] = till.notes.said
    assert "does not say" in notice.title
    assert notice.on_action is None


# what others do


def test_a_sale_elsewhere_shows_without_losing_the_basket(till: Till) -> None:
    plain_house(till.counters, TONIGHT, free=[100, 101])
    till.sell.click_seats([100])
    till.counters.take_elsewhere(TONIGHT, 101)
    till.sell.refresh()
    assert till.screen.house is not None
    assert till.screen.house.states[[100, 101]].tolist() == [SeatState.MINE, SeatState.OTHER_BASKET]


def test_an_answer_older_than_the_basket_is_dropped(till: Till) -> None:
    plain_house(till.counters, TONIGHT, free=[100])
    till.tasks.at_once = False
    till.sell.refresh()
    till.sell.click_seats([100])
    till.tasks.work_off()
    assert till.screen.house is not None
    assert till.screen.house.states[100] == SeatState.MINE


def test_changes_that_never_stop_do_not_keep_the_list_from_showing(till: Till) -> None:
    till.tasks.at_once = False
    before = till.tasks.worked
    till.counters.take_elsewhere(TONIGHT, 100)
    for _ in range(50):
        till.sell.refresh()
    till.tasks.work_off_one()
    assert till.screen.house is not None
    assert till.screen.house.states[100] == SeatState.OTHER_BASKET
    till.tasks.work_off()
    assert till.tasks.worked - before <= 2


def test_keys_typed_before_the_house_is_loaded_wait_for_it(till: Till) -> None:
    slow = HandTasks(at_once=False)
    fresh = SellPresenter(
        till.screen, till.counters, till.counters, till.printer, till.cards, slow, till.notes, FORMATS, lambda: LENA
    )
    fresh.enter()
    fresh.digit("2")
    fresh.primary()
    fresh.pay_cash()
    fresh.primary()
    slow.work_off()
    assert len(till.counters.sales) == 1


def test_yesterdays_evening_does_not_stand_under_tonight(till: Till) -> None:
    room = till.counters.rooms[PerformanceId(1)]
    day = timedelta(days=1)
    room.performance = room.performance.model_copy(
        update={"starts_at": room.performance.starts_at - day, "ends_at": room.performance.ends_at - day}
    )
    till.sell.refresh()
    assert [row.anchor for row in till.screen.groups[0].rows] == ["19:30", "20:00"]
