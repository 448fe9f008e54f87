"""The performances as a painted list: time as the anchor, the bar is what is sold, the number what is free."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from boxoffice.domain.ids import PerformanceId
from ui.sell.listing import ListingGroup, ListingRow
from ui.theme import font, theme, theme_source

AnyIndex = QModelIndex | QPersistentModelIndex
_ENTRY = Qt.ItemDataRole.UserRole


class PerformanceModel(QAbstractListModel):
    """Groups and rows, one after the other; a group is no target."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._entries: list[ListingGroup | ListingRow] = []

    def set_groups(self, groups: Sequence[ListingGroup]) -> None:
        entries: list[ListingGroup | ListingRow] = []
        for group in groups:
            entries.append(group)
            entries += group.rows
        if [self._identity(entry) for entry in entries] == [self._identity(entry) for entry in self._entries]:
            self._entries = entries  # figures changed, places did not: scrolling and focus stay
            if entries:
                self.dataChanged.emit(self.index(0), self.index(len(entries) - 1))
            return
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()

    def row_of(self, performance: PerformanceId | None) -> QModelIndex:
        for row, entry in enumerate(self._entries):
            if isinstance(entry, ListingRow) and entry.performance == performance:
                return self.index(row)
        return QModelIndex()

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._entries)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if role == _ENTRY:
            return entry
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return entry.title if isinstance(entry, ListingGroup) else entry.spoken
        return None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        if index.isValid() and isinstance(self._entries[index.row()], ListingRow):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.NoItemFlags

    @staticmethod
    def _identity(entry: ListingGroup | ListingRow) -> object:
        return entry.title if isinstance(entry, ListingGroup) else entry.performance


class _PerformanceDelegate(QStyledItemDelegate):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.is_compact = False

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        if isinstance(index.data(_ENTRY), ListingGroup):
            return QSize(0, 34 if index.row() == 0 else 42)
        return QSize(0, 60 if self.is_compact else 68)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        entry = index.data(_ENTRY)
        rect: QRect = option.rect
        if isinstance(entry, ListingGroup):
            self._paint_group(painter, rect, entry)
        else:
            state: QStyle.StateFlag = option.state
            self._paint_row(painter, rect, entry, state, option.direction)
        painter.restore()

    def _paint_group(self, painter: QPainter, rect: QRect, group: ListingGroup) -> None:
        colors = theme().colors
        line = QRectF(rect.left() + 8, rect.bottom() - 27, rect.width() - 24, 20)
        painter.setPen(colors.q("ink_3"))
        painter.setFont(font("caption", 600))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, group.title)
        painter.setFont(font("caption"))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, group.aside)

    def _paint_row(
        self,
        painter: QPainter,
        rect: QRect,
        row: ListingRow,
        state: QStyle.StateFlag,
        direction: Qt.LayoutDirection,
    ) -> None:
        colors = theme().colors

        def there(place: QRectF) -> QRectF:
            """Where the reading direction puts it."""
            if direction is Qt.LayoutDirection.LeftToRight:
                return place
            return QRectF(rect.left() + rect.right() + 1 - place.right(), place.top(), place.width(), place.height())

        selected = bool(state & QStyle.StateFlag.State_Selected)
        box = QRectF(rect).adjusted(0, 0, -2, -1)
        if selected:
            self._plate(painter, there(box), colors.q("accent_soft"))
        elif state & QStyle.StateFlag.State_MouseOver:
            self._plate(painter, there(box), colors.q("surface_sunken"))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(colors.q("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(there(box.adjusted(1, 1, -1, -1)), 9, 9)
        title_ink = colors.q("ink_3" if row.recedes else "on_accent_soft" if selected else "ink")
        detail_ink = colors.q("ink_2" if selected else "ink_3")
        anchor_width = 58 if self.is_compact else 60
        inset = 8 if self.is_compact else 12
        left, right = box.left() + min(10, inset), box.right() - inset
        start = left + anchor_width
        lines = 3 if row.state else 2
        top = box.top() + (box.height() - (58 if lines == 3 else 52)) / 2

        painter.setPen(title_ink)
        _elided(
            painter,
            _fitting_font(row.anchor, anchor_width - 6),
            there(QRectF(left, box.top(), anchor_width - 4, box.height())),
            row.anchor,
        )
        _elided(painter, font("body", 600), there(QRectF(start, top, right - start, 20)), row.title)
        painter.setPen(detail_ink)
        _elided(painter, font("caption"), there(QRectF(start, top + 19, right - start, 17)), row.place)
        if row.state:
            is_loud = not row.recedes
            painter.setPen(colors.q("caution") if is_loud else detail_ink)
            state_font = font("caption", 600 if is_loud else 500)
            _elided(painter, state_font, there(QRectF(start, top + 37, right - start, 17)), row.state)
            return
        painter.setPen(title_ink)
        count_font = font("caption", 600)
        width = QFontMetrics(count_font).horizontalAdvance(row.count)
        painter.setFont(count_font)
        line = QRectF(right - width - 1, top + 36, width + 2, 17)
        painter.drawText(there(line), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, row.count)
        bar = QRectF(start, line.center().y() - 1.5, max(24.0, right - start - max(width, 50) - 10), 4)
        self._plate(painter, there(bar), colors.q("line"), 2)
        sold = QRectF(bar.left(), bar.top(), bar.width() * min(1.0, row.sold_share), 4)
        self._plate(painter, there(sold), colors.q("accent" if selected else "ink_3"), 2)

    @staticmethod
    def _plate(painter: QPainter, box: QRectF, color: QColor, radius: float = 10) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(box, radius, radius)

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: AnyIndex
    ) -> bool:
        entry = index.data(_ENTRY)
        if isinstance(entry, ListingRow):
            QToolTip.showText(event.globalPos(), f"{entry.title}\n{entry.place}", view)
            return True
        return False


class PerformanceList(QListView):
    """`chosen` is a click, or Enter or Space on a row."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = PerformanceModel(self)
        self._delegate = _PerformanceDelegate(self)
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Performances"))
        self.clicked.connect(self._choose)
        theme_source().changed.connect(self.viewport().update)

    def set_compact(self, compact: bool) -> None:
        self._delegate.is_compact = compact
        self.scheduleDelayedItemsLayout()

    def show_groups(self, groups: Sequence[ListingGroup], selected: PerformanceId | None) -> None:
        self._model.set_groups(groups)
        index = self._model.row_of(selected)
        if not index.isValid():
            self.selectionModel().clear()
        elif index != self.currentIndex():  # new figures alone must not move the list under whoever has scrolled it
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(index)

    def activate_current(self) -> None:
        self._choose(self.currentIndex())

    def position_of(self, performance: PerformanceId) -> QPoint:
        """The middle of its row, in the viewport."""
        return self.visualRect(self._model.row_of(performance)).center()

    def _choose(self, index: QModelIndex) -> None:
        entry = index.data(_ENTRY) if index.isValid() else None
        if isinstance(entry, ListingRow):
            self.chosen.emit(entry.performance)


def _elided(painter: QPainter, wanted: QFont, box: QRectF, text: str) -> None:
    """One line; too long a text loses its middle."""
    painter.setFont(wanted)
    fitting = QFontMetrics(wanted).elidedText(text, Qt.TextElideMode.ElideMiddle, int(box.width()))
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fitting)


def _fitting_font(text: str, width: float) -> QFont:
    """The anchor is large when it fits (`19:30`), else the size of a title (`Wed 18`)."""
    large = font("strong")
    return large if QFontMetrics(large).horizontalAdvance(text) <= width else font("body", 600)
