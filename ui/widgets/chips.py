"""Choices that show all their options: chips, segments, category tiles, price types."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QColor, QFontMetricsF, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from ui.theme import SeatColors, font, theme, theme_source
from ui.widgets.accessible import speak_as
from ui.widgets.buttons import PaintedButton
from ui.widgets.painting import DISABLED, box, draw_icon, frame, painter_of, visual

_MIDDLE_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class Chip(PaintedButton):
    """On or off. On shows a tick, so that colour does not speak alone."""

    def __init__(self, text: str, icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._icon = icon
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.toggled.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        icon = 24 if self.isChecked() or self._icon else 0
        return QSize(round(QFontMetricsF(font("body", 600)).horizontalAdvance(self.text()) + 34 + icon), 44)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        rect = QRectF(self.rect())
        on = self.isChecked()
        if not self.isEnabled():
            painter.setOpacity(DISABLED)
        over = self._hovered and self.isEnabled()
        edge = colors.accent if on else colors.control_edge if over else colors.line
        fill = colors.accent_soft if on else colors.surface
        frame(painter, rect, fill, edge, 22, focused=self.hasFocus())
        ink = colors.q("on_accent_soft" if on else "ink_2")
        name = "check" if on else self._icon
        painter.setFont(font("body", 600))
        painter.setPen(ink)
        width = QFontMetricsF(painter.font()).horizontalAdvance(self.text())
        left = rect.center().x() - (width + (24 if name else 0)) / 2
        if name:
            draw_icon(painter, name, ink, visual(self, QRectF(left, 0, 18, 0)).left(), rect.center().y(), 18)
            left += 24
        painter.drawText(visual(self, QRectF(left, 0, width + 2, rect.height())), _MIDDLE_LEFT, self.text())


class _Segment(PaintedButton):
    """A segment may carry a quieter figure behind its word."""

    def __init__(self, text: str, figure: str, parent: QWidget) -> None:
        self._figure = figure
        super().__init__(text, parent)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{text} {figure}".strip())

    def show_figure(self, figure: str) -> None:
        self._figure = figure
        self.setAccessibleName(f"{self.text()} {figure}".strip())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(self._text_width() + 26), 44)

    def minimumSizeHint(self) -> QSize:
        return QSize(round(self._text_width() + 12), 44)

    def _text_width(self) -> float:
        metrics = QFontMetricsF(font("body", 600))
        return metrics.horizontalAdvance(self.text()) + (
            metrics.horizontalAdvance(self._figure) + 6 if self._figure else 0
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        rect = QRectF(self.rect()).adjusted(0, 4, 0, -4)  # all 44 are the target
        on = self.isChecked()
        if not self.isEnabled():
            painter.setOpacity(DISABLED)
        raised = colors.surface_raised if theme().is_dark else colors.surface
        over = self._hovered and self.isEnabled()
        fill = raised if on else colors.line if over else None
        frame(painter, rect, fill, colors.line if on else None, 7, focused=self.hasFocus())
        left = (rect.width() - self._text_width()) / 2
        painter.setFont(font("body", 600 if on else 500))
        painter.setPen(colors.q("ink" if on else "ink_2"))
        width = QFontMetricsF(font("body", 600)).horizontalAdvance(self.text())
        painter.drawText(visual(self, QRectF(left, rect.top(), width + 2, rect.height())), _MIDDLE_LEFT, self.text())
        if self._figure:
            painter.setFont(font("body", 600 if on else 500))
            left += width + 6
            area = QRectF(left, rect.top(), max(0.0, rect.width() - left), rect.height())
            painter.drawText(visual(self, area), _MIDDLE_LEFT, self._figure)


class Segments(QWidget):
    """One of a few: the row of words in a sunken box."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(4, 0, 4, 0)
        self._row.setSpacing(2)
        self._group = QButtonGroup(self)
        speak_as(self, QAccessible.Role.Grouping)
        self._segments: dict[str, _Segment] = {}
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        theme_source().changed.connect(self.update)

    def set_items(self, items: Sequence[tuple[str, str, str]], current: str = "") -> None:
        """(key, word, figure) each. Keeps the choice when the same keys come again with other figures."""
        if [key for key, _, _ in items] == list(self._segments) and all(
            self._segments[key].text() == word for key, word, _ in items
        ):
            for key, _, figure in items:
                self._segments[key].show_figure(figure)
        else:
            for segment in self._segments.values():
                self._group.removeButton(segment)
                self._row.removeWidget(segment)
                segment.deleteLater()
            self._segments = {}
            for key, word, figure in items:
                segment = _Segment(word, figure, self)
                segment.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
                self._group.addButton(segment)
                self._row.addWidget(segment)
                self._segments[key] = segment
                segment.show()
        wanted = current or self.current or (items[0][0] if items else "")
        if wanted in self._segments:
            self._segments[wanted].setChecked(True)

    @property
    def buttons(self) -> tuple[QAbstractButton, ...]:
        return tuple(self._segments.values())

    @property
    def current(self) -> str:
        return next((key for key, segment in self._segments.items() if segment.isChecked()), "")

    def choose(self, key: str) -> None:
        """Without emitting `chosen`."""
        if key in self._segments:
            self._segments[key].setChecked(True)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme().colors
        box(painter_of(self), QRectF(self.rect()), colors.surface_sunken, colors.line, 10)


class CategoryTile(PaintedButton):
    """A price category: swatch, name, price and how many are free. A toggle that filters the chart."""

    def __init__(self, name: str, seat: SeatColors, parent: QWidget | None = None) -> None:
        self._detail, self._bold, self._suffix = "", "", ""
        super().__init__(name, parent)
        self._seat = seat
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_detail(self, price: str, free: str, suffix: str = "") -> None:
        """`€86`, `7`, `free`: the count is bold."""
        self._detail, self._bold, self._suffix = price, free, suffix
        self.setAccessibleName(f"{self.text()}, {price}, {free} {suffix}".strip())
        self.update()

    def show_colors(self, seat: SeatColors) -> None:
        self._seat = seat
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(128, 56)

    def minimumSizeHint(self) -> QSize:
        return QSize(84, 52)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        rect = QRectF(self.rect())
        on = self.isChecked()
        if not self.isEnabled():
            painter.setOpacity(DISABLED)
        over = self._hovered and self.isEnabled()
        edge = colors.accent if on else colors.control_edge if over else colors.line
        frame(painter, rect, colors.accent_soft if on else colors.surface, edge, 10, focused=self.hasFocus())
        painter.setBrush(QColor(self._seat.fill))
        painter.setPen(QPen(QColor(self._seat.edge), 1))
        middle = rect.center().y()
        tight = rect.width() < 124  # six tiles in a compact window: the name matters more than the air
        swatch = visual(self, QRectF(8 if tight else 12, middle - 8, 16, 16))
        painter.drawEllipse(swatch)
        if on:
            draw_icon(painter, "check", self._seat.number, swatch.left() + 2, middle, 12)
        left = 30.0 if tight else 38.0
        room = rect.width() - left - (4 if tight else 8)
        title = QFontMetricsF(font("body", 600)).elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        painter.setFont(font("body", 600))
        painter.setPen(colors.q("ink"))
        painter.drawText(visual(self, QRectF(left, middle - 20, room, 20)), _MIDDLE_LEFT, title)
        for text, weight in ((f"{self._detail} · ", 500), (self._bold, 700), (f" {self._suffix}", 500)):
            painter.setFont(font("caption", weight))
            painter.setPen(colors.q("ink" if weight == 700 else "ink_2"))
            width = QFontMetricsF(painter.font()).horizontalAdvance(text)
            if left + width > rect.width() - 2:
                break
            painter.drawText(visual(self, QRectF(left, middle, width + 2, 18)), _MIDDLE_LEFT, text)
            left += width


class PriceTypeChip(PaintedButton):
    """A price type of a basket line: its name above its price."""

    def __init__(self, name: str, price: str, parent: QWidget | None = None) -> None:
        self._price = price
        super().__init__(name, parent)
        self.setCheckable(True)
        self.setAccessibleName(f"{name} {price}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(72, 44)

    def minimumSizeHint(self) -> QSize:
        return QSize(56, 44)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        rect = QRectF(self.rect())
        on = self.isChecked()
        if not self.isEnabled():
            painter.setOpacity(DISABLED)
        edge = colors.accent if on else colors.control_edge if self._hovered and self.isEnabled() else colors.line
        frame(painter, rect, colors.accent_soft if on else colors.surface, edge, focused=self.hasFocus())
        painter.setPen(colors.q("on_accent_soft" if on else "ink"))
        painter.setFont(font("body", 600 if on else 500))
        name = QFontMetricsF(painter.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, rect.width() - 8)
        painter.drawText(QRectF(4, 4, rect.width() - 8, 20), Qt.AlignmentFlag.AlignCenter, name)
        painter.setPen(colors.q("on_accent_soft" if on else "ink_3"))
        painter.setFont(font("caption"))
        painter.drawText(QRectF(4, 23, rect.width() - 8, 16), Qt.AlignmentFlag.AlignCenter, self._price)
