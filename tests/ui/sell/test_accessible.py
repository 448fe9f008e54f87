"""The counter without eyes and without a mouse: names, roles, and the way that Tab goes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.sell.counter_window import Key, Mod, Window, open_window
from ui.widgets.focus import takes_tab

_MUTE = {  # frames around what speaks
    QAccessible.Role.Client,
    QAccessible.Role.Window,
    QAccessible.Role.LayeredPane,
    QAccessible.Role.Pane,
    QAccessible.Role.Grouping,
    QAccessible.Role.Border,
    QAccessible.Role.Separator,
    QAccessible.Role.Graphic,  # decoration: what it shows stands beside it in words
    QAccessible.Role.ScrollBar,
    QAccessible.Role.NoRole,
}


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    made = open_window()
    qtbot.addWidget(made.shell)
    made.sign_in()
    return made


def spoken(interface: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    """What a screen reader finds below; not the single seats and rows, which have tests of their own."""
    for index in range(interface.childCount()):
        child = interface.child(index)
        if child is None or child.state().invisible or child.object() is None:
            continue
        yield child
        yield from spoken(child)


def nameless(window: Window) -> list[str]:
    root = QAccessible.queryAccessibleInterface(window.shell)
    assert root is not None
    found = []
    for part in spoken(root):
        widget = part.object()
        if not isinstance(widget, QWidget) or not widget.isVisible() or part.role() in _MUTE:
            continue
        if isinstance(widget, QLabel) and not widget.text():
            continue
        if not part.text(QAccessible.Text.Name):
            found.append(f"{type(widget).__name__} ({part.role().name}) in {type(widget.parent()).__name__}")
    return found


def stops(window: Window) -> list[QWidget]:
    """Where Tab goes from the chart, once round."""
    start = window.sell_widget.house.chart
    start.setFocus()
    round_: list[QWidget] = []
    here: QWidget | None = start
    while here is not None and here not in round_:
        round_.append(here)
        window.press(Key.Key_Tab)
        here = window.shell.focusWidget()
    return round_


def test_everything_on_the_sign_in_page_has_a_name(window: Window) -> None:
    window.press(Key.Key_L, modifier=Mod.ControlModifier)
    assert window.page.isVisible()
    assert nameless(window) == []


@pytest.mark.parametrize("keys", [(), ("2", Key.Key_Return), ("2", Key.Key_Return, Key.Key_F5)])
def test_everything_on_sell_has_a_name(window: Window, keys: tuple[Key | str, ...]) -> None:
    window.press(*keys)
    assert nameless(window) == []


def test_tab_goes_from_the_list_over_the_chart_to_the_tenders_and_misses_nothing(window: Window) -> None:
    window.press("2", Key.Key_Return)
    found = stops(window)
    sell = window.sell_widget
    wanted = [widget for widget in sell.findChildren(QWidget) if takes_tab(widget)]
    assert [type(widget).__name__ for widget in wanted if widget not in found] == []
    order = [
        sell.performances.search,
        sell.performances.list,
        next(iter(sell.house.tiles.tiles.values())),
        sell.house.chart,
        sell.house.best.stepper,
        sell.house.best.find_button,
        *sell.basket.lines.values(),
        sell.basket.customer_button,
        sell.basket.cash_button,
        sell.basket.card_button,
    ]
    start = found.index(sell.performances.search)
    found = found[start:] + found[:start]
    places = [found.index(widget) for widget in order]
    assert places == sorted(places)


def test_while_money_is_taken_tab_stays_with_the_money(window: Window) -> None:
    window.press("2", Key.Key_Return, Key.Key_F5)
    seen = set()
    for _ in range(40):
        window.press(Key.Key_Tab)
        focus = window.shell.focusWidget()
        assert focus is not None
        assert not window.sell_widget.house.isAncestorOf(focus)
        assert not window.sell_widget.performances.isAncestorOf(focus)
        seen.add(focus)
    assert {window.sell_widget.cash.complete_button, window.sell_widget.basket.back_button} <= seen


def test_tab_stays_in_the_help(window: Window) -> None:
    window.press(Key.Key_F1)
    for _ in range(6):
        window.press(Key.Key_Tab)
        focus = window.shell.focusWidget()
        assert focus is not None
        assert window.shell.help.isAncestorOf(focus)


def test_from_right_to_left_all_changes_sides_but_chart_and_numpad(window: Window) -> None:
    window.press("2", Key.Key_Return)
    sell = window.sell_widget

    def sides() -> dict[str, bool]:
        """Whether the first of a pair is left of the second."""
        line = list(sell.basket.lines.values())[-1]
        chips = list(line.chips.values())
        chart = sell.house.chart
        return {
            "list, basket": sell.performances.x() < sell.basket.x(),
            "line, its cross": line.remove_button.x() > line.width() / 2,
            "price types": chips[0].x() < chips[1].x(),
            "seats": chart.position_of(0).x() < chart.position_of(5).x(),
        }

    before = sides()
    window.shell.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    QApplication.processEvents()
    window.shell.resize(window.shell.width() + 1, window.shell.height())
    QApplication.processEvents()
    after = sides()
    assert after.pop("seats") == before.pop("seats")
    assert all(after[pair] is not before[pair] for pair in before)
