"""Sell in its window: keys and clicks as a clerk makes them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from boxoffice.domain.house import SeatState
from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.refusals import Refused
from boxoffice.domain.tenders import TenderKind
from tests.ui.sell.counter import plain_house
from tests.ui.sell.counter_window import Key, Mod, Window, open_window
from ui.sell.presenter import Mode
from ui.shell import WindowSize

TONIGHT, QUARTET = PerformanceId(2), PerformanceId(3)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    opened = open_window()
    qtbot.addWidget(opened.shell)
    opened.sign_in()
    yield opened
    opened.shell.close()


def test_the_reference_sale_is_four_keys(window: Window) -> None:
    window.press("2", Key.Key_Return, Key.Key_F5, Key.Key_Return)
    [sale] = window.counters.sales
    assert len(sale.tickets) == 2
    assert sale.tenders[0].kind is TenderKind.CASH
    assert window.sell.presenter.house is not None
    assert window.sell.presenter.house.performance.id == TONIGHT


def test_another_performance_makes_it_eight(window: Window) -> None:
    window.press(Key.Key_F2, "n", "o", Key.Key_Return, "2", Key.Key_Return, Key.Key_F5, Key.Key_Return)
    [sale] = window.counters.sales
    assert {ticket.performance for ticket in sale.tickets} == {QUARTET}
    assert len(sale.tickets) == 2


def test_a_mouse_click_on_a_control_does_not_take_the_keys_away(window: Window) -> None:
    tile = next(iter(window.sell_widget.house.tiles.tiles.values()))
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton)
    QTest.mouseClick(window.sell_widget.house.best.together, Qt.MouseButton.LeftButton)
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton)
    window.press("2", Key.Key_Return, Key.Key_F5, Key.Key_Return)
    assert len(window.counters.sales) == 1


def test_enter_on_a_control_reached_by_tab_presses_that_control(window: Window) -> None:
    window.press("2", Key.Key_Return)
    window.sell_widget.basket.card_button.setFocus(Qt.FocusReason.TabFocusReason)
    window.press(Key.Key_Return)
    assert window.counters.sales[0].tenders[0].kind is TenderKind.CARD


def test_a_line_is_reached_and_worked_by_keyboard(window: Window) -> None:
    window.press("2", Key.Key_Return)
    first, second = window.sell_widget.basket.lines.values()
    assert second.chips
    first.setFocus(Qt.FocusReason.TabFocusReason)
    window.press(Key.Key_Return)
    assert first.chips
    assert not window.sell_widget.is_paying
    window.press(Key.Key_Delete)
    assert len(window.lines) == 1


def test_the_hint_of_enter_stands_where_enter_goes(window: Window) -> None:
    seen = [window.sell_widget.enter_finds]
    window.press("2", Key.Key_Return)
    seen.append(window.sell_widget.enter_finds)
    window.press("3")
    seen.append(window.sell_widget.enter_finds)
    assert seen == [True, False, True]


def test_a_seat_is_clicked_into_the_basket_and_out_again(window: Window) -> None:
    plain_house(window.counters, TONIGHT, free=[100, 101])
    window.sell.changed()
    chart = window.sell_widget.house.chart
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=chart.position_of(100))
    assert window.lines == ["Stalls D 20, Band A, Adult, €68.00"]
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=chart.position_of(100))
    assert window.lines == []


def test_a_price_type_is_chosen_by_its_chip_or_by_f4(window: Window) -> None:
    plain_house(window.counters, TONIGHT, free=[100])
    window.sell.changed()
    window.press("1", Key.Key_Return)
    [line] = window.sell_widget.basket.lines.values()
    QTest.mouseClick(line.chips["S"], Qt.MouseButton.LeftButton)
    assert window.sell_widget.basket.total_text == "€55.90"
    window.press(Key.Key_F4)
    assert window.sell_widget.basket.total_text == "€35.50"


def test_the_keys_of_a_form_stay_in_the_form(window: Window) -> None:
    window.press("2", Key.Key_Return)
    window.press(Key.Key_K, modifier=Mod.ControlModifier)
    window.press("A", "y", "2", "*")
    form = window.sell_widget.basket.customer_form
    assert form.name.field.text() == "Ay2*"
    assert window.sell.presenter.mode is Mode.CUSTOMER
    window.press(Key.Key_F5, Key.Key_Return)
    customer = window.counters.sales[0].customer
    assert customer is not None
    assert customer.name == "Ay2*"


def test_an_impossible_address_is_said_at_its_field(window: Window) -> None:
    window.press("1", Key.Key_Return)
    window.press(Key.Key_K, modifier=Mod.ControlModifier)
    form = window.sell_widget.basket.customer_form
    form.email.field.setText("nobody")
    form.save()
    assert window.sell.presenter.mode is Mode.CUSTOMER
    assert form.email.field.property("invalid")


def test_an_impossible_address_keeps_the_till_from_taking_money(window: Window) -> None:
    window.press("1", Key.Key_Return)
    window.press(Key.Key_K, modifier=Mod.ControlModifier)
    window.sell_widget.basket.customer_form.email.field.setText("nobody")
    window.press(Key.Key_F5)
    assert not window.sell_widget.is_paying
    assert window.sell.presenter.mode is Mode.CUSTOMER


def test_after_a_form_the_keys_go_to_the_chart_again(window: Window) -> None:
    window.press("1", Key.Key_Return)
    window.press(Key.Key_N, modifier=Mod.ControlModifier)
    window.press("x", Key.Key_Return)
    assert window.shell.focusWidget() is window.sell_widget.house.chart


def test_the_hint_of_enter_is_only_where_enter_goes(window: Window) -> None:
    cash, find = window.sell_widget.basket.cash_button, window.sell_widget.house.best.find_button
    assert (cash.key, find.key) == ("F5", "⏎")
    window.press("1", Key.Key_Return)
    assert (cash.key, find.key) == ("F5 ⏎", "")
    window.press(Key.Key_F5)
    assert cash.key == ""
    window.press(Key.Key_Escape)
    assert cash.key == "F5 ⏎"


def test_change_is_shown_large_until_the_next_key(window: Window) -> None:
    plain_house(window.counters, TONIGHT, free=[100])
    window.sell.changed()
    window.press("1", Key.Key_Return, Key.Key_F5, *"10000")
    assert window.sell_widget.cash.change_text == "€30.50"
    window.press(Key.Key_Return)
    assert not window.sell_widget.is_paying
    assert window.shell.toasts[-1].accessibleName().startswith("Sold, 1 ticket")


def test_a_refusal_shows_over_the_panel_that_is_open(window: Window) -> None:
    window.press("2", Key.Key_Return, Key.Key_F5, "1", Key.Key_Return)
    assert window.sell_widget.is_paying
    [toast] = window.shell.toasts[-1:]
    assert toast.isVisible()
    assert "less than the total" in toast.accessibleName()


def test_the_basket_is_locked_while_money_is_taken(window: Window) -> None:
    window.press("2", Key.Key_Return, Key.Key_F5)
    assert all(not line.remove_button.isVisible() for line in window.sell_widget.basket.lines.values())
    window.press(Key.Key_Escape)
    assert all(line.remove_button.isVisible() for line in window.sell_widget.basket.lines.values())


def test_undo_is_in_the_message_and_on_the_keyboard(window: Window) -> None:
    window.press("2", Key.Key_Return)
    first = next(iter(window.sell_widget.basket.lines.values()))
    first.remove_button.click()
    assert len(window.lines) == 1
    window.press(Key.Key_Z, modifier=Mod.ControlModifier)
    assert len(window.lines) == 2


def test_new_figures_do_not_move_a_list_that_somebody_scrolls(window: Window) -> None:
    window.shell.resize(1366, 600)
    bar = window.sell_widget.performances.list.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert bar.value() > 0
    window.counters.take_elsewhere(TONIGHT, 100)
    window.sell.changed()
    assert bar.value() == bar.maximum()


def test_alt_digits_filter_the_chart(window: Window) -> None:
    window.press(Key.Key_2, modifier=Mod.AltModifier)
    tiles = window.sell_widget.house.tiles.tiles
    assert [tile.isChecked() for tile in tiles.values()] == [False, True, False, False, False, False]
    window.press(Key.Key_0, modifier=Mod.AltModifier)
    assert not any(tile.isChecked() for tile in tiles.values())


def test_a_zero_belongs_to_the_number_and_alone_to_the_chart(window: Window) -> None:
    window.sell_widget.house.chart.zoom_in()
    before = window.sell_widget.house.chart.scale
    window.press("1", "0")
    assert window.sell_widget.house.best.stepper.value == 10
    assert window.sell_widget.house.chart.scale == before
    window.press(Key.Key_Escape, "0")
    assert window.sell_widget.house.chart.scale < before


def test_a_scanned_ticket_types_nothing_into_a_sale(window: Window) -> None:
    window.press("2", Key.Key_Return)
    window.press(Key.Key_F2)
    window.type_fast("7N2R8C")
    QTest.keyClick(window.shell.focusWidget() or window.shell, Key.Key_Return)
    window.shell.scanner_keys.settle()
    assert window.sell_widget.performances.search.text() == ""
    assert window.sell_widget.house.best.stepper.value == 2
    assert len(window.lines) == 2
    assert window.rooms["orders"].heard == []
    assert "scanned during a sale" in window.shell.toasts[-1].accessibleName()


def test_a_scanned_ticket_with_nothing_in_the_basket_is_found_under_orders(window: Window) -> None:
    window.type_fast("7N2R8C")
    QTest.keyClick(window.shell.focusWidget() or window.shell, Key.Key_Return)
    window.shell.scanner_keys.settle()
    assert window.rooms["orders"].heard[0] == "7N2R8C"
    assert window.shell.current is window.rooms["orders"]


def test_locking_keeps_the_basket_for_whoever_comes_back(window: Window) -> None:
    window.press("2", Key.Key_Return)
    window.press(Key.Key_L, modifier=Mod.ControlModifier)
    assert window.page.isVisible()
    window.sign_in()
    assert len(window.lines) == 2
    assert window.sell_widget.isVisible()


def test_offline_counts_are_what_is_left_and_other_seats_are_no_targets(qtbot: QtBot) -> None:
    window = open_window(online=False)
    qtbot.addWidget(window.shell)
    window.sign_in()
    house = window.sell.presenter.house
    assert house is not None
    assert int((house.states == SeatState.FREE).sum()) == 60
    ghost = int(np.flatnonzero(house.states == SeatState.NOT_OURS)[0])
    chart = window.sell_widget.house.chart
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=chart.position_of(ghost))
    assert window.lines == []
    assert window.shell.banner.is_open
    window.press("2", Key.Key_Return, Key.Key_F5, Key.Key_Return)
    assert len(window.counters.sales) == 1


def test_a_sale_refused_at_the_last_moment_loses_nothing(window: Window) -> None:
    window.counters.refusal = Refused("The disk is full: nothing was sold.", "Free some space, then press Enter again.")
    window.press("2", Key.Key_Return, Key.Key_F5, Key.Key_Return)
    assert window.sell_widget.is_paying
    assert len(window.lines) == 2
    assert window.printer.printed == []
    window.press(Key.Key_Return)
    assert len(window.counters.sales) == 1


@pytest.mark.parametrize(
    ("size", "width", "height"),
    [(WindowSize.WIDE, 1920, 1080), (WindowSize.COMPACT, 1366, 768), (WindowSize.NARROW, 960, 540)],
)
def test_nothing_is_cut_off_in_any_window_size(qtbot: QtBot, size: WindowSize, width: int, height: int) -> None:
    window = open_window(width=width, height=height)
    qtbot.addWidget(window.shell)
    window.sign_in()
    window.press("3", Key.Key_Return)
    assert WindowSize.of_width(window.shell.width()) is size
    assert (window.shell.width(), window.shell.height()) == (width, height)
    chart = window.sell_widget.house.chart
    assert chart.width() >= 520
    for button in window.shell.findChildren(QAbstractButton):
        if button.isVisible() and button.visibleRegion().boundingRect().height():
            assert button.height() >= min(36, button.sizeHint().height()), button.accessibleName()
    inside = window.sell_widget.rect()
    for part in (chart, window.sell_widget.house.best, window.sell_widget.basket.cash_button):
        corner = part.mapTo(window.sell_widget, part.rect().bottomRight())
        assert inside.contains(corner)


def test_in_the_narrow_window_f2_opens_the_list_over_the_chart(qtbot: QtBot) -> None:
    window = open_window(width=960, height=540)
    qtbot.addWidget(window.shell)
    window.sign_in()
    assert not window.sell_widget.performances.isVisible()
    window.press(Key.Key_F2, "n", "o")
    assert window.sell_widget.performances.isVisible()
    window.press(Key.Key_Return)
    assert not window.sell_widget.performances.isVisible()
    assert window.sell.presenter.house is not None
    assert window.sell.presenter.house.performance.id == QUARTET


def test_every_control_has_a_name_for_a_screen_reader(window: Window) -> None:
    window.press("2", Key.Key_Return, Key.Key_F5)
    for button in window.shell.findChildren(QAbstractButton):
        if button.isVisible() and button.focusPolicy() != Qt.FocusPolicy.NoFocus:
            assert button.accessibleName() or button.text(), button
