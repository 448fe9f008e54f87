"""The house in the middle: title, sections, category filters, the chart, and best available."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QCoreApplication, QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from boxoffice.domain.house import House, SeatState
from boxoffice.domain.plan import SeatingPlan, SeatKind
from ui.formats import Formats
from ui.seatchart import ChartPalette, SeatCard, SeatChart
from ui.sell.presenter import MOST_AT_ONCE, Best
from ui.shell.workspace import WindowSize
from ui.theme import font, theme, theme_source
from ui.widgets import Button, CategoryTile, Chip, Choice, Elided, EmptyState, Panel, Segments, Stepper, Text, rule
from ui.widgets.focus import chain_focus
from ui.widgets.painting import painter_of

_ALL = "all"
_MOST_SEGMENTS = 6
_LEAST_WITH_TILES = 460
_LEAST_ZOOMED, _MOST_ZOOMED = 400, 3000  # seats: below all fit anyway, above a section says too little of the house
_HEADER = {WindowSize.WIDE: 64, WindowSize.COMPACT: 56, WindowSize.NARROW: 54}
_WIDEST_TILE = 320


class Reason(QWidget):
    """Why these seats, right-aligned in two lines at most; all of it as a tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme_source().changed.connect(self.update)

    @property
    def text(self) -> str:
        return self._text

    def show_text(self, text: str) -> None:
        self._text = text
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        painter.setFont(font("caption"))
        painter.setPen(theme().colors.q("ink_2"))
        lines = self._lines(painter.fontMetrics())
        top = self.height() / 2 - 9 * len(lines)
        for number, line in enumerate(lines):
            box = QRectF(0, top + 18 * number, self.width(), 18)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, line)

    def _lines(self, metrics: QFontMetrics) -> list[str]:
        """Two lines of about the same length when one is too short; the rest is elided."""
        if not self._text or metrics.horizontalAdvance(self._text) <= self.width():
            return [self._text] if self._text else []
        words = self._text.split()
        half = metrics.horizontalAdvance(self._text) / 2
        first = ""
        while words:
            longer = f"{first} {words[0]}".strip()
            if metrics.horizontalAdvance(longer) > self.width() or metrics.horizontalAdvance(first) >= half:
                break
            first = longer
            words.pop(0)
        rest = metrics.elidedText(" ".join(words), Qt.TextElideMode.ElideRight, self.width())
        return [line for line in (first, rest) if line]


class BestBar(QWidget):
    """How many, which category, together, wheelchair; why these seats; find."""

    quantity_changed = Signal(int)
    category_changed = Signal(object)  # int, or None for any
    together_changed = Signal(bool)
    wheelchair_changed = Signal(bool)
    find_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(10)
        self._title = QWidget()
        words = QVBoxLayout(self._title)
        words.setContentsMargins(0, 0, 4, 0)
        words.setSpacing(2)
        words.addWidget(Text(self.tr("Best available"), "caption", weight=600))
        words.addWidget(Text("F3", "caption", "ink_3"))
        self.stepper = Stepper(1, MOST_AT_ONCE)
        self.stepper.changed.connect(self.quantity_changed)
        self.category = Choice(self.tr("Category"))
        self.category.activated.connect(self._category_chosen)
        self.together = Chip(self.tr("Together"))
        self.together.clicked.connect(lambda: self.together_changed.emit(self.together.isChecked()))
        self.wheelchair = Chip(self.tr("Wheelchair"), "accessibility")
        self.wheelchair.clicked.connect(lambda: self.wheelchair_changed.emit(self.wheelchair.isChecked()))
        self._reason = Reason()
        self.find_button = Button(self.tr("Find seats"), "accent", key="⏎")
        self.find_button.clicked.connect(self.find_wanted)
        for widget in (self._title, self.stepper, self.category, self.together, self.wheelchair):
            layout.addWidget(widget)
        layout.addWidget(self._reason, 1)
        layout.addWidget(self.find_button)
        self._layout = layout
        self._size = WindowSize.WIDE
        self._has_wheelchair = False
        self._only_areas = False
        self._types = ""

    @property
    def reason(self) -> str:
        return self._reason.text

    def show_house(self, house: House, categories: Sequence[int]) -> None:
        plan = house.plan
        wanted = [(self.tr("Any price"), None), *((plan.categories[index], index) for index in categories)]
        shown = [(self.category.itemText(i), self.category.itemData(i)) for i in range(self.category.count())]
        if wanted != shown:
            with QSignalBlocker(self.category):
                self.category.clear()
                for name, index in wanted:
                    self.category.addItem(name, index)
            self.category.updateGeometry()
        self._types = ", ".join(f"{kind.key} {kind.name}" for kind in house.price_list.price_types)
        self._has_wheelchair = bool((plan.kind == SeatKind.WHEELCHAIR).any())
        self._only_areas = not plan.seat_count
        self.find_button.setText(self.tr("Add places") if self._only_areas else self.tr("Find seats"))
        self._arrange()

    def show_best(self, best: Best) -> None:
        with QSignalBlocker(self.stepper):
            self.stepper.set_value(best.quantity)
        with QSignalBlocker(self.category):
            self.category.setCurrentIndex(max(0, self.category.findData(best.category)))
        self.together.setChecked(best.together)
        self.wheelchair.setChecked(best.wheelchair)
        hint = f"{best.quantity} × {self._types}" if best.wants_type else ""
        self._reason.show_text(hint or best.reason)

    def set_size(self, size: WindowSize) -> None:
        self._size = size
        vertical = {WindowSize.WIDE: 14, WindowSize.COMPACT: 10, WindowSize.NARROW: 6}[size]
        self._layout.setContentsMargins(16 if size is WindowSize.WIDE else 12, vertical, 12, vertical)
        self._arrange()

    def _arrange(self) -> None:
        wide, narrow = self._size is WindowSize.WIDE, self._size is WindowSize.NARROW
        self._title.setVisible(wide)
        self.category.setVisible(not narrow and self.category.count() > 2)  # any, and the only one there is
        self.together.setVisible(not narrow and not self._only_areas)
        self.wheelchair.setVisible(wide and self._has_wheelchair)

    def _category_chosen(self, index: int) -> None:
        self.category_changed.emit(self.category.itemData(index))


class _Tiles(QScrollArea):
    """One toggle a category; the row scrolls sideways where it does not fit."""

    toggled = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        self._row = QHBoxLayout(inside)
        self._row.setContentsMargins(16, 0, 16, 0)
        self._row.setSpacing(10)
        self._row.addStretch()
        self.setWidget(inside)
        self.setFixedHeight(56)
        self.tiles: dict[int, CategoryTile] = {}
        self._height, self._least = 56, 84
        self._names: tuple[str, ...] = ()
        theme_source().changed.connect(self._recolor)

    def show_categories(
        self, house: House, categories: Sequence[int], filters: frozenset[int], formats: Formats, *, short: bool
    ) -> None:
        names = tuple(house.plan.categories[index] for index in categories)
        if names != self._names or list(categories) != list(self.tiles):
            self._make(categories, names)
        free = house.free_by_category()
        word = "" if short else self.tr("free") if house.online else self.tr("left")
        for index, tile in self.tiles.items():
            types = house.price_list.types_for(index)
            price = formats.whole_money(house.price_list.price(index, types[0].key)) if types else "–"
            tile.show_detail(price, formats.number(free[index]), word)
            tile.setChecked(index in filters)

    def _make(self, categories: Sequence[int], names: tuple[str, ...]) -> None:
        for tile in self.tiles.values():
            self._row.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        self._names = names
        self.tiles = {}
        for number, (index, name) in enumerate(zip(categories, names, strict=True), start=1):
            tile = CategoryTile(name, theme().seat(index))
            tile.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            tile.setToolTip(f"{name} (Alt+{number})")
            tile.clicked.connect(lambda _checked=False, index=index: self.toggled.emit(index))
            tile.setMaximumWidth(_WIDEST_TILE)
            self._row.insertWidget(number - 1, tile, 1)
            self.tiles[index] = tile
        self._fit_tiles()

    def _recolor(self) -> None:
        for index, tile in self.tiles.items():
            tile.show_colors(theme().seat(index))

    def set_size(self, size: WindowSize) -> None:
        edge = 16 if size is WindowSize.WIDE else 12
        self._row.setContentsMargins(edge, 0, edge, 0)
        self._row.setSpacing(10 if size is WindowSize.WIDE else 8)
        self._height = 56 if size is WindowSize.WIDE else 52
        self._least = 112 if size is WindowSize.NARROW else 84
        self.setFixedHeight(self._height)
        self._fit_tiles()

    def _fit_tiles(self) -> None:
        for tile in self.tiles.values():
            tile.setFixedHeight(self._height)
            tile.setMinimumWidth(self._least)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Up and down scroll the row sideways: it has no other direction."""
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - event.angleDelta().y() - event.angleDelta().x())
        event.accept()


class ChartPanel(Panel):
    seats_clicked = Signal(list)
    area_clicked = Signal(int)
    filter_toggled = Signal(int)

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(padding=1, spacing=0, parent=parent)
        self._formats = formats
        self._house: House | None = None
        self._size = WindowSize.WIDE
        self._categories: tuple[int, ...] = ()
        self._stops: tuple[QWidget, ...] = ()  # of Tab, as far as they are made again for another house
        self._make_header()
        self.tiles = _Tiles()
        self.tiles.toggled.connect(self.filter_toggled)
        self.chart = SeatChart(ChartPalette.of(theme()))
        self.chart.setMinimumSize(520, 240)
        self.chart.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.chart.seat_activated.connect(lambda seat: self.seats_clicked.emit([seat]))
        self.chart.seats_activated.connect(self.seats_clicked)
        self.chart.area_activated.connect(self.area_clicked)
        self.chart.section_in_view_changed.connect(self._section_seen)
        self.best = BestBar()
        self._pages = QStackedWidget()
        self._pages.addWidget(self._make_house_page())
        self._pages.addWidget(
            EmptyState(
                "theater",
                self.tr("No performance to sell"),
                self.tr("When central publishes performances they appear on the left, the next one already chosen."),
            )
        )
        self._pages.addWidget(QWidget())  # until the first answer: neither a house nor the lack of one
        self._pages.setCurrentIndex(2)
        self.body.addWidget(self._pages)
        theme_source().changed.connect(self._recolor)

    def _make_header(self) -> None:
        self._header = QWidget()
        layout = QHBoxLayout(self._header)
        layout.setContentsMargins(16, 8, 16, 8)
        layout.setSpacing(12)
        self.performance_button = Button("", "second", icon="calendar-days", key="F2")
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        self._title = Elided("", "title")
        self._when = Elided("", "body", "ink_2")
        column.addWidget(self._title)
        column.addWidget(self._when)
        self._words = words
        self.segments = Segments()
        self.segments.chosen.connect(self._segment_chosen)
        self.sections = Choice(self.tr("Section"))
        self.sections.activated.connect(lambda index: self._segment_chosen(self.sections.itemData(index)))
        layout.addWidget(self.performance_button)
        layout.addWidget(words, 1)
        layout.addWidget(self.segments)
        layout.addWidget(self.sections)

    def _make_house_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._header)
        self._tiles_gap = QWidget()
        self._tiles_gap.setFixedHeight(10)
        layout.addWidget(self.tiles)
        layout.addWidget(self._tiles_gap)
        layout.addWidget(rule())
        layout.addWidget(self.chart, 1)
        layout.addWidget(rule())
        layout.addWidget(self.best)
        return page

    # showing

    @property
    def categories(self) -> tuple[int, ...]:
        """The categories that the plan uses, in the order of Alt+1 and on."""
        return self._categories

    def show_house(self, house: House | None, filters: frozenset[int]) -> None:
        self._pages.setCurrentIndex(1 if house is None else 0)
        former, self._house = self._house, house
        if house is None:
            return
        is_new = former is None or former.performance.id != house.performance.id
        if former is None or former.plan is not house.plan:
            self._categories = used_categories(house.plan)
            self.chart.set_plan(house.plan)
            former = None
        self._show_states(former, house)
        self.chart.set_describe(lambda seat: seat_card(house, seat, self._formats))
        self.chart.set_filter(filters or None)
        self.chart.set_area_counts({index: area.sellable for index, area in house.areas.items()})
        self.chart.set_section_counts(dict(enumerate(house.free_by_section())))
        self._show_header(house)
        self.tiles.show_categories(
            house, self._categories, filters, self._formats, short=self._size is not WindowSize.WIDE
        )
        self.best.show_house(house, self._categories)
        stops = (*self.segments.buttons, self.sections, *self.tiles.tiles.values())
        if stops != self._stops:
            self._stops = stops
            chain_focus([self.performance_button, *stops])
        if is_new:
            self._open_view(house)

    def set_size(self, size: WindowSize) -> None:
        self._size = size
        self._header.setFixedHeight(_HEADER[size] + (6 if size is WindowSize.WIDE else 2))
        edge = 16 if size is WindowSize.WIDE else 12
        layout = self._header.layout()
        if layout is not None:
            layout.setContentsMargins(edge, 6, edge, 6)
        narrow = size is WindowSize.NARROW
        self._words.setVisible(not narrow)
        self.performance_button.setVisible(narrow)
        self.tiles.set_size(size)
        self.best.set_size(size)
        if self._house is not None:
            self._show_header(self._house)
            self._open_view(self._house)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The chart keeps its least height: a banner over a narrow window costs the row of filters (Alt+1 … stay)."""
        super().resizeEvent(event)
        is_short = self.height() < _LEAST_WITH_TILES
        for part in (self.tiles, self._tiles_gap):
            part.setVisible(not is_short)

    def ensure_mine_visible(self) -> None:
        if self._house is not None:
            self.chart.ensure_visible(np.flatnonzero(self._house.states == SeatState.MINE).tolist())

    def _show_states(self, former: House | None, house: House) -> None:
        if former is None:
            self.chart.set_states(house.states)
            return
        changed = np.flatnonzero(former.states != house.states)
        if len(changed):
            self.chart.update_states(changed, house.states[changed])

    def _show_header(self, house: House) -> None:
        local = self._formats.at(house.venue.timezone)
        self._title.setText(house.production.title)
        when = f"{local.day_and_time(house.performance.starts_at)} · {house.performance.hall}"
        if self._size is WindowSize.WIDE:
            when += " · " + self.tr("doors {}").format(local.time(house.performance.doors_at))
        self._when.setText(when)
        widest = max(self._title.sizeHint().width(), self._when.sizeHint().width())
        self._words.setMinimumWidth(min(220, widest + 4))
        button = f"{local.time(house.performance.starts_at)} {house.production.title}"
        metrics = self.performance_button.fontMetrics()
        self.performance_button.setText(metrics.elidedText(button, Qt.TextElideMode.ElideRight, 210))
        self.performance_button.setToolTip(f"{house.production.title} · {when}")
        self._show_sections(house)

    def _show_sections(self, house: House) -> None:
        free = house.free_by_section()
        items = [(_ALL, self.tr("All"), self._formats.number(house.free))]
        items += [
            (str(index), section.name, self._formats.number(free[index]))
            for index, section in enumerate(house.plan.sections)
        ]
        several = len(items) > 2
        as_list = len(items) > _MOST_SEGMENTS or self._size is WindowSize.NARROW
        self.segments.setVisible(several and not as_list)
        self.sections.setVisible(several and as_list)
        if as_list:
            words = self.tr("{} · {} free") if house.online else self.tr("{} · {} left")
            with QSignalBlocker(self.sections):
                chosen = self.sections.currentData()
                self.sections.clear()
                for key, name, count in items:
                    self.sections.addItem(words.format(name, count), key)
                self.sections.setCurrentIndex(max(0, self.sections.findData(chosen)))
            self.sections.updateGeometry()
        else:
            self.segments.set_items(items)

    def _open_view(self, house: House) -> None:
        """Where the window is small the chart opens at the best section that still has seats."""
        self.chart.fit()
        if self._size is WindowSize.WIDE or not house.plan.seat_count or len(house.plan.sections) < 2:
            return
        free = house.free_by_section()
        nearest = [
            float(house.plan.focal_distance[part].min()) if part.stop > part.start else float("inf")
            for part in house.plan.section_slices
        ]
        open_ = [index for index, count in enumerate(free) if count and len(house.plan.sections[index].rows) > 1]
        if open_ and _LEAST_ZOOMED < house.plan.seat_count < _MOST_ZOOMED:
            self.chart.zoom_to_section(min(open_, key=lambda index: nearest[index]))

    def _segment_chosen(self, key: str) -> None:
        self.chart.zoom_to_section(None if key == _ALL else int(key))
        self.chart.setFocus(Qt.FocusReason.OtherFocusReason)

    def _section_seen(self, section: int) -> None:
        key = _ALL if section < 0 else str(section)
        self.segments.choose(key)
        with QSignalBlocker(self.sections):
            self.sections.setCurrentIndex(max(0, self.sections.findData(key)))

    def _recolor(self) -> None:
        self.chart.set_palette(ChartPalette.of(theme()))


def used_categories(plan: SeatingPlan) -> tuple[int, ...]:
    used = set(np.unique(plan.category).tolist()) | {area.category for area in plan.areas}
    return tuple(sorted(used))


def seat_card(house: House, seat: int, formats: Formats) -> SeatCard:
    """What the card beside a seat says: price, what others pay, the view, what a click does."""
    category = int(house.plan.category[seat])
    state = SeatState(int(house.states[seat]))
    for_sale = state in (SeatState.FREE, SeatState.MINE)
    types = [kind for kind in house.price_list.types_for(category) if not kind.is_comp] if for_sale else []
    prices = [(kind.name, formats.money(house.price_list.price(category, kind.key))) for kind in types]
    return SeatCard(
        title=house.plan.seat_name(seat),
        price=prices[0][1] if prices else "",
        lines=tuple(prices[1:]),
        note=f"{house.plan.categories[category]} · {_kind(SeatKind(int(house.plan.kind[seat])))}",
        hint=_hint(state),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("SeatCard", text)


def _kind(kind: SeatKind) -> str:
    return {
        SeatKind.STANDARD: _tr("clear view"),
        SeatKind.WHEELCHAIR: _tr("wheelchair place"),
        SeatKind.COMPANION: _tr("beside a wheelchair place"),
        SeatKind.RESTRICTED_VIEW: _tr("restricted view"),
    }[kind]


def _hint(state: SeatState) -> str:
    return {
        SeatState.FREE: _tr("Click to add · Shift-click adds the row up to here"),
        SeatState.MINE: _tr("Click to give back"),
        SeatState.OTHER_BASKET: _tr("In another basket just now"),
        SeatState.HELD: _tr("Held, not for sale here"),
        SeatState.SOLD: _tr("Sold"),
        SeatState.BLOCKED: _tr("Blocked"),
        SeatState.NOT_OURS: _tr("Not set aside for this till while offline"),
    }[state]
