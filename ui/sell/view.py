"""The three columns of Sell, and the panel that covers two of them while money is taken."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPropertyAnimation, QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QStackedWidget, QWidget

from boxoffice.domain.house import House
from boxoffice.domain.ids import PerformanceId
from ui.formats import Formats
from ui.sell.basket_lines import BasketRows
from ui.sell.basket_panel import BasketPanel
from ui.sell.card_panel import CardPanel
from ui.sell.cash import CashEntry
from ui.sell.cash_panel import CashPanel
from ui.sell.chart_panel import ChartPanel
from ui.sell.listing import ListingGroup
from ui.sell.performance_list import PerformanceList
from ui.sell.presenter import Best, CardRows, Mode, SoldRows
from ui.shell.workspace import WindowSize
from ui.theme import duration_ms, theme, theme_source
from ui.widgets import Panel, SearchField, Text, keep_above
from ui.widgets.focus import step_focus
from ui.widgets.painting import painter_of

_PERFORMANCES = {WindowSize.WIDE: 300, WindowSize.COMPACT: 236, WindowSize.NARROW: 340}
_BASKET = {WindowSize.WIDE: 424, WindowSize.COMPACT: 332, WindowSize.NARROW: 320}
_CASH_WIDTH = 1040


class PerformancePanel(Panel):
    """Search above, performances below."""

    searched = Signal(str)
    found = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(padding=12, spacing=6, parent=parent)
        self.search = SearchField(self.tr("Find a performance"))
        self.search.textEdited.connect(self.searched)
        self.search.returnPressed.connect(self.found)
        self.search.down_pressed.connect(self._to_list)
        self.list = PerformanceList()
        self.list.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._nothing = Text(self.tr("Nothing matches. Esc shows all."), "body", "ink_3", wrap=True)
        self._nothing.hide()
        self.body.addWidget(self.search)
        self.body.addWidget(self._nothing)
        self.body.addWidget(self.list, 1)

    def show_groups(self, groups: Sequence[ListingGroup], selected: PerformanceId | None) -> None:
        self.list.show_groups(groups, selected)
        self._nothing.setVisible(not groups and bool(self.search.text()))

    def set_size(self, size: WindowSize) -> None:
        edge = 8 if size is WindowSize.COMPACT else 12
        self.body.setContentsMargins(edge, 12, edge - 4, 8)
        self.list.set_compact(size is not WindowSize.WIDE)
        self.search.setPlaceholderText(
            self.tr("Find a performance") if size is not WindowSize.COMPACT else self.tr("Find")
        )

    def _to_list(self) -> None:
        self.list.setFocus(Qt.FocusReason.TabFocusReason)


class _Scrim(QWidget):
    """Dims what may not be touched while money is taken; a click on it does nothing."""

    clicked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        theme_source().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter_of(self).fillRect(self.rect(), theme().colors.q("scrim"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit()
        event.accept()


class SellWidget(QWidget):
    """Implements SellView. Signals of its parts are connected by the workspace."""

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = WindowSize.WIDE
        self._is_typing = self._has_lines = False
        self.performances = PerformancePanel()
        self.house = ChartPanel(formats)
        self.basket = BasketPanel()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 12, 12, 12)
        self._row.setSpacing(12)
        self._row.addWidget(self.performances)
        self._row.addWidget(self.house, 1)
        self._row.addWidget(self.basket)
        self._scrim = _Scrim(self)
        self._scrim.hide()
        self._pay = QStackedWidget(self)
        self.cash = CashPanel(formats)
        self.card = CardPanel()
        self._pay.addWidget(self.cash)
        self._pay.addWidget(self.card)
        self._pay.hide()
        self._slide = QPropertyAnimation(self._pay, b"geometry", self)
        self._is_drawer_open = False
        self._scrim.clicked.connect(self.close_drawer)
        for button in self.findChildren(QAbstractButton):
            if button.focusPolicy() & Qt.FocusPolicy.ClickFocus:
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys where they were
        for choice in (self.house.best.category, self.house.sections, self.house.best.stepper):
            choice.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        QWidget.setTabOrder(self.performances.search, self.performances.list)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.set_size(WindowSize.WIDE)

    # SellView

    def show_listings(self, groups: Sequence[ListingGroup], selected: PerformanceId | None) -> None:
        self.performances.show_groups(groups, selected)

    def show_house(self, house: House | None, filters: frozenset[int]) -> None:
        self.house.show_house(house, filters)

    def show_best(self, best: Best) -> None:
        self._is_typing = bool(best.typed)
        self.house.best.show_best(best)
        self._show_what_enter_does()
        if best.reason:
            self.house.ensure_mine_visible()

    def show_basket(self, rows: BasketRows, mode: Mode) -> None:
        self._has_lines = not rows.is_empty
        was_typed_in = self.basket.has_form_focus
        self.basket.show_rows(rows, mode)
        self._show_what_enter_does()
        if was_typed_in and mode is Mode.CHOOSING:
            self.focus_chart()  # else Qt hands the focus to Cash, and a space would open it

    def show_cash(self, entry: CashEntry, tickets: int, has_customer: bool) -> None:
        self._open_pay(self.cash)
        self.cash.show_entry(entry, tickets, has_customer)

    def show_card(self, card: CardRows) -> None:
        self._open_pay(self.card)
        self.card.show_card(card)

    def hide_payment(self) -> None:
        self._slide.stop()
        self._pay.hide()
        self._scrim.setVisible(self._is_drawer_open)
        self.focus_chart()

    def show_sold(self, sold: SoldRows | None) -> None:
        self.basket.show_sold(sold)

    def show_busy(self, busy: bool) -> None:
        if busy:
            self.setCursor(Qt.CursorShape.BusyCursor)
        else:
            self.unsetCursor()

    @property
    def enter_finds(self) -> bool:
        """Enter finds seats; once some are in the basket and no number is typed, it takes cash."""
        return self._is_typing or not self._has_lines

    def _show_what_enter_does(self) -> None:
        finds = self.enter_finds
        self.house.best.find_button.set_key("⏎" if finds else "")
        self.basket.show_enter(takes_cash=not finds)

    # sizes, and the drawer of performances in the narrow window

    @property
    def is_paying(self) -> bool:
        return self._pay.isVisible()

    @property
    def toast_host(self) -> QWidget:
        return self._pay if self.is_paying else self.house.chart

    @property
    def is_drawer_open(self) -> bool:
        return self._is_drawer_open

    def set_size(self, size: WindowSize) -> None:
        self._size = size
        narrow = size is WindowSize.NARROW
        gap = 8 if narrow else 12
        self._row.setSpacing(gap)
        self._row.setContentsMargins(0, gap, gap, gap)
        self.basket.setFixedWidth(_BASKET[size])
        self.performances.setFixedWidth(_PERFORMANCES[size])
        self.performances.set_size(size)
        self.house.set_size(size)
        self.basket.set_size(size)
        self._is_drawer_open = False
        if narrow:
            self._row.removeWidget(self.performances)
            self.performances.hide()
        elif self._row.indexOf(self.performances) < 0:
            self._row.insertWidget(0, self.performances)
            self.performances.show()
        if not self.is_paying:
            self._scrim.hide()
        self._place()

    def open_search(self) -> None:
        """F2."""
        if self._size is WindowSize.NARROW and not self._is_drawer_open:
            self._is_drawer_open = True
            self._scrim.show()
            self._scrim.raise_()
            self.performances.show()
            self.performances.raise_()
            self._place()
        self.performances.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.performances.search.selectAll()

    def close_drawer(self) -> None:
        if self._is_drawer_open:
            self._is_drawer_open = False
            self.performances.hide()
            self._scrim.setVisible(self.is_paying)
        self.focus_chart()

    def focus_chart(self) -> None:
        self.house.chart.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open_pay(self, panel: QWidget) -> None:
        self._pay.setCurrentWidget(panel)
        keep_above(self._pay, self.cash.complete_button if panel is self.cash else self.card.cancel_button)
        if self._pay.isVisible():
            return
        self._scrim.show()
        self._scrim.raise_()
        self._pay.show()
        self._pay.raise_()
        self._place()
        self._pay.setFocus(Qt.FocusReason.OtherFocusReason)
        self._pay.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._pay.setFocus()
        if duration_ms():
            end = self._pay.geometry()
            self._slide.setDuration(duration_ms())
            self._slide.setStartValue(end.translated(24, 0))
            self._slide.setEndValue(end)
            self._slide.start()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """While money is taken, and while the drawer is open, Tab stays with what can be touched."""
        if self.is_paying:
            step_focus([self._pay, self.basket], forward=forward)
            return True
        if self._is_drawer_open:
            step_focus([self.performances], forward=forward)
            return True
        return super().focusNextPrevChild(forward)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._place()

    def _place(self) -> None:
        """The pay panel ends at the basket; the scrim covers all but the basket."""
        gap = self._row.spacing()
        right = self.width() - self.basket.width() - 2 * gap
        if self.isRightToLeft():
            left = self.basket.width() + 2 * gap
            self._scrim.setGeometry(left, 0, self.width() - left, self.height())
            width = min(_CASH_WIDTH, self.width() - left)
            area = QRect(left, gap, width, self.height() - 2 * gap)
        else:
            self._scrim.setGeometry(0, 0, right, self.height())
            width = min(_CASH_WIDTH, right)
            area = QRect(right - width, gap, width, self.height() - 2 * gap)
        self._slide.stop()
        self._pay.setGeometry(area)
        self.cash.set_size(self._size, area.height())
        if self._is_drawer_open:
            width = self.performances.width()
            left = self.width() - width - gap if self.isRightToLeft() else 0
            self.performances.setGeometry(left, gap, width, self.height() - 2 * gap)
