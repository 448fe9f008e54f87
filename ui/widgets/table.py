"""A table to read: figures at the end of their column, tags in their colour, one chosen row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from boxoffice.domain.money import Money
from ui.formats import Formats
from ui.theme import font, theme, theme_source
from ui.widgets.painting import focus_ring
from ui.widgets.tags import TAG_HEIGHT, paint_tag, tag_width

ROW_PX = 44
_PADDING = 12
_AnyIndex = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True)
class Column:
    """`kind`: strong, text, quiet, number, money, tag. One column may `stretch`."""

    name: str
    kind: str = "text"
    stretch: bool = False

    @property
    def is_figure(self) -> bool:
        return self.kind in ("number", "money")


@dataclass(frozen=True, slots=True)
class TagCell:
    text: str
    tone: str = "neutral"
    icon: str = ""


Cell = str | int | Money | TagCell


@dataclass(frozen=True, slots=True)
class TableRow:
    """`key` is what a chosen row is told by."""

    key: Any
    cells: tuple[Cell, ...]


class _Rows(QAbstractTableModel):
    def __init__(self, columns: Sequence[Column], formats: Formats, parent: QWidget) -> None:
        super().__init__(parent)
        self.columns, self._formats = tuple(columns), formats
        self.rows: tuple[TableRow, ...] = ()

    def show_rows(self, rows: Sequence[TableRow]) -> None:
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def cell(self, index: _AnyIndex) -> Cell:
        return self.rows[index.row()].cells[index.column()]

    def words(self, index: _AnyIndex) -> str:
        cell = self.cell(index)
        if isinstance(cell, Money):
            return self._formats.money(cell)
        if isinstance(cell, TagCell):
            return cell.text
        return self._formats.number(cell) if isinstance(cell, int) else cell

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return self.words(index) if role == Qt.ItemDataRole.DisplayRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].name
        if role == Qt.ItemDataRole.TextAlignmentRole:
            end = self.columns[section].is_figure
            side = Qt.AlignmentFlag.AlignTrailing if end else Qt.AlignmentFlag.AlignLeading
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class _Cells(QStyledItemDelegate):
    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._table = table

    def sizeHint(self, option: QStyleOptionViewItem, index: _AnyIndex) -> QSize:
        model = self._table.rows_model
        cell, words = model.cell(index), model.words(index)
        if isinstance(cell, TagCell):
            return QSize(round(tag_width(cell.text, cell.icon)) + 2 * _PADDING, ROW_PX)
        width = QFontMetricsF(font("body", 600)).horizontalAdvance(words)
        return QSize(round(width) + 2 * _PADDING + 2, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _AnyIndex) -> None:
        model, colors = self._table.rows_model, theme().colors
        column, cell, words = model.columns[index.column()], model.cell(index), model.words(index)
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(rect, colors.q("accent_soft"))
        painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), colors.q("line"))
        inner = rect.adjusted(_PADDING, 0, -_PADDING, -1)
        if isinstance(cell, TagCell):
            width = min(tag_width(cell.text, cell.icon), inner.width())
            left = inner.right() - width if self._table.isRightToLeft() else inner.left()
            place = QRectF(round(left), round(inner.center().y() - TAG_HEIGHT / 2), width, TAG_HEIGHT)
            paint_tag(painter, self._table, place, cell.text, cell.tone, cell.icon)
        else:
            bold = column.kind in ("strong", "money")
            painter.setFont(font("body", 600 if bold else 400))
            painter.setPen(colors.q("ink_2" if column.kind == "quiet" and not chosen else "ink"))
            side = Qt.AlignmentFlag.AlignRight if column.is_figure else Qt.AlignmentFlag.AlignLeft
            shown = QFontMetricsF(painter.font()).elidedText(words, Qt.TextElideMode.ElideMiddle, inner.width() + 1)
            painter.drawText(inner, side | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()


class _Header(QHeaderView):
    def __init__(self, parent: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setHighlightSections(False)
        self.setSectionsClickable(False)
        self.setFixedHeight(36)

    def sectionSizeFromContents(self, section: int) -> QSize:
        name = str(self.model().headerData(section, Qt.Orientation.Horizontal))
        return QSize(round(QFontMetricsF(font("caption", 600)).horizontalAdvance(name)) + 2 * _PADDING + 2, 36)

    def paintSection(self, painter: QPainter, rect: Any, section: int) -> None:
        model, colors = self.model(), theme().colors
        painter.save()
        whole = QRectF(rect)
        painter.fillRect(QRectF(whole.left(), whole.bottom() - 1, whole.width(), 1), colors.q("line"))
        painter.setFont(font("caption", 600))
        painter.setPen(colors.q("ink_2"))
        side = model.headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
        name = str(model.headerData(section, Qt.Orientation.Horizontal))
        painter.drawText(whole.adjusted(_PADDING, 0, -_PADDING, 0), side, name)
        painter.restore()


class Table(QTableView):
    """Rows are chosen by click or arrows, and acted on by a double click or Enter."""

    chosen = Signal(object)  # the row's key
    acted = Signal(object)

    def __init__(self, columns: Sequence[Column], formats: Formats, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.rows_model = _Rows(columns, formats, self)
        self._told: Any = None
        self.setHorizontalHeader(_Header(self))
        self.setModel(self.rows_model)
        self.setItemDelegate(_Cells(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        stretching = any(column.stretch for column in columns)
        for number, column in enumerate(columns):
            stretch = column.stretch or (not stretching and number == len(columns) - 1)
            mode = QHeaderView.ResizeMode.Stretch if stretch else QHeaderView.ResizeMode.ResizeToContents
            header.setSectionResizeMode(number, mode)
        self.selectionModel().currentRowChanged.connect(self._tell_chosen)
        self.doubleClicked.connect(lambda index: self.acted.emit(self.rows_model.rows[index.row()].key))
        theme_source().changed.connect(self.viewport().update)

    def show_rows(self, rows: Sequence[TableRow]) -> None:
        """Keeps the chosen row when its key comes again, and then does not tell it again."""
        before = self.chosen_key
        self.rows_model.show_rows(rows)
        self._told = before
        self.choose(before)
        self._told = None

    def choose(self, key: object) -> None:
        for number, row in enumerate(self.rows_model.rows):
            if key is not None and row.key == key:
                self.selectRow(number)

    @property
    def chosen_key(self) -> Any:
        """None while nothing is chosen."""
        index = self.currentIndex()
        return self.rows_model.rows[index.row()].key if index.isValid() else None

    def sizeHint(self) -> QSize:
        """All rows; give it a maximum height where there may be many."""
        return QSize(480, 36 + ROW_PX * len(self.rows_model.rows))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.chosen_key is not None:
            self.acted.emit(self.chosen_key)
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        index = self.currentIndex()
        if self.hasFocus() and index.isValid():
            row = QRectF(0, self.rowViewportPosition(index.row()), self.viewport().width(), ROW_PX - 1)
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            focus_ring(painter, row, 6)

    def _tell_chosen(self, current: QModelIndex) -> None:
        if current.isValid() and self.chosen_key != self._told:
            self.chosen.emit(self.chosen_key)
