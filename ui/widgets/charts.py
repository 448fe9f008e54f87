"""Pictures of figures: bars per step, shares of houses. Titles state the finding; there are no pies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import font, theme, theme_source
from ui.theme.tokens import raw_tokens
from ui.widgets.painting import box, painter_of


@dataclass(frozen=True, slots=True)
class Bars:
    """One colour of a stacked bar chart: a value a step."""

    name: str
    values: tuple[int, ...]
    color: str = ""


def nice_top(value: float) -> tuple[int, int]:
    """The top of an axis and its step: round numbers, at most five lines."""
    if value <= 0:
        return 4, 1
    step = 10 ** math.floor(math.log10(value / 4)) if value >= 4 else 1
    for factor in (1, 2, 2.5, 5, 10):
        lines = max(1, round(step * factor))
        if value / lines <= 4:
            return max(lines, math.ceil(value / lines) * lines), lines
    return math.ceil(value), max(1, math.ceil(value / 4))


class _Picture(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme_source().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(480, 220)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 150)


class BarChart(_Picture):
    """Stacked bars with the total on top, a light grid and words below each step."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: tuple[str, ...] = ()
        self._bars: tuple[Bars, ...] = ()
        self._mark: tuple[int, str] | None = None
        self._format = str

    def show_bars(
        self, steps: Sequence[str], bars: Sequence[Bars], description: str, mark: tuple[int, str] | None = None
    ) -> None:
        """`mark` is a dashed line before a step with a word, such as the start of the performance."""
        self._steps, self._bars, self._mark = tuple(steps), tuple(bars), mark
        self.setAccessibleName(description)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        totals = [sum(column) for column in zip(*(bars.values for bars in self._bars), strict=True)]
        if not totals:
            return
        top, step = nice_top(max(totals))
        metrics = QFontMetricsF(font("caption"))
        left = metrics.horizontalAdvance(str(top)) + 12
        plot = QRectF(left, 24, self.width() - left - 4, self.height() - 24 - 26)
        painter.setFont(font("caption"))
        for line in range(0, top + 1, step):
            y = plot.bottom() - plot.height() * line / top
            painter.setPen(QPen(colors.q("line"), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(colors.q("ink_3"))
            where = QRectF(0, y - 8, left - 8, 16)
            painter.drawText(where, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(line))
        slot = plot.width() / len(totals)
        width = min(64.0, slot * 0.62)
        for index, total in enumerate(totals):
            x = plot.left() + slot * (index + 0.5) - width / 2
            y = plot.bottom()
            for number, bars in enumerate(self._bars):
                height = plot.height() * bars.values[index] / top
                if height <= 0:
                    continue
                fill = QColor(bars.color or _color(number))
                bar = QRectF(x, y - height, width, max(1.0, height - (1.5 if height > 4 else 0)))
                box(painter, bar, fill, None, min(3.0, bar.height() / 2))
                if height > 22 and len(self._bars) > 1:
                    painter.setFont(font("caption", 600))
                    painter.setPen(QColor("#FFFFFF" if fill.lightnessF() < 0.42 else "#14171F"))
                    painter.drawText(bar, Qt.AlignmentFlag.AlignCenter, str(bars.values[index]))
                y -= height
            if total:
                painter.setFont(font("body", 600))
                painter.setPen(colors.q("ink"))
                where = QRectF(x - 20, y - 22, width + 40, 20)
                painter.drawText(where, Qt.AlignmentFlag.AlignCenter, str(total))
            if slot >= metrics.horizontalAdvance(self._steps[index]) + 2 or index % 2 == 0:
                painter.setFont(font("caption"))
                painter.setPen(colors.q("ink_2"))
                where = QRectF(x - 30, plot.bottom() + 6, width + 60, 18)
                painter.drawText(where, Qt.AlignmentFlag.AlignCenter, self._steps[index])
        if self._mark is not None:
            x = plot.left() + slot * self._mark[0]
            painter.setPen(QPen(colors.q("ink"), 1.5, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, plot.top() - 6), QPointF(x, plot.bottom()))
            painter.setFont(font("caption", 600))
            where = QRectF(x - 90, plot.top() - 24, 84, 18)
            painter.drawText(where, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._mark[1])


@dataclass(frozen=True, slots=True)
class ShareRow:
    """`share` and `held` from 0 to 1. The row that is `now` is bold and in the accent."""

    when: str
    name: str
    share: float
    figures: str
    held: float = 0.0
    now: bool = False


class ShareBars(_Picture):
    """A row a house: when, what, a bar of its share, and the figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[ShareRow, ...] = ()

    def show_rows(self, rows: Sequence[ShareRow]) -> None:
        self._rows = tuple(rows)
        spoken = "; ".join(f"{row.when} {row.name} {round(row.share * 100)} %" for row in rows)
        self.setAccessibleName(spoken)
        self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 34 * len(self._rows))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._rows:
            return
        painter = painter_of(self)
        colors = theme().colors
        metrics = QFontMetricsF(font("body", 600))
        when = max(metrics.horizontalAdvance(row.when) for row in self._rows) + 12
        figures = max(metrics.horizontalAdvance(row.figures) for row in self._rows) + 8
        percent = metrics.horizontalAdvance("100 %") + 16
        names = min(190.0, max(metrics.horizontalAdvance(row.name) for row in self._rows) + 12)
        if self.width() < 520:
            names = min(names, 120.0)
        height = min(52.0, self.height() / len(self._rows))
        bar_left = when + names
        bar_width = max(40.0, self.width() - bar_left - percent - figures)
        for index, row in enumerate(self._rows):
            y = index * height
            middle = y + height / 2
            vertical = Qt.AlignmentFlag.AlignVCenter
            painter.setFont(font("body", 700 if row.now else 500))
            painter.setPen(colors.q("ink"))
            painter.drawText(QRectF(0, y, when, height), vertical, row.when)
            painter.setPen(colors.q("ink" if row.now else "ink_2"))
            name = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideRight, int(names) - 10)
            painter.drawText(QRectF(when, y, names, height), vertical, name)
            track = QRectF(bar_left, middle - 9, bar_width, 18)
            box(painter, track, colors.chart_section, None, 4)
            sold = QRectF(track.left(), track.top(), track.width() * min(1.0, row.share), 18)
            fill = colors.accent if row.now else raw_tokens()["chart_data"]["other_bars"]
            if sold.width() >= 1:
                box(painter, sold, fill, None, min(4.0, sold.width() / 2))
            if row.held > 0:
                held = QRectF(sold.right(), track.top(), track.width() * row.held, 18)
                painter.fillRect(held, QBrush(colors.q("ink_3"), Qt.BrushStyle.BDiagPattern))
            painter.setFont(font("body", 700))
            painter.setPen(colors.q("ink"))
            right = Qt.AlignmentFlag.AlignRight | vertical
            painter.drawText(QRectF(track.right(), y, percent - 4, height), right, f"{round(row.share * 100)} %")
            painter.setFont(font("body"))
            painter.setPen(colors.q("ink_2"))
            painter.drawText(QRectF(self.width() - figures, y, figures, height), right, row.figures)


def _color(number: int) -> str:
    data = raw_tokens()["chart_data"]
    palette: list[str] = [data["gate_a"], data["gate_b"], data["gate_c"], data["other_bars"]]
    return palette[number % len(palette)]
