"""Pictures of figures: bars per step, lines against earlier lines, shares of houses.

Titles state the finding and stand outside. There are no pies. Time runs from left to right in every language.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import font, theme, theme_source
from ui.theme.tokens import contrast, raw_tokens
from ui.widgets.accessible import speak_as
from ui.widgets.painting import box, hatch, painter_of

_CENTRE = Qt.AlignmentFlag.AlignCenter
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_SWATCH = 10


@dataclass(frozen=True, slots=True)
class Bars:
    """One colour of a bar chart: a value a step."""

    name: str
    values: tuple[int, ...]
    color: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """`points` are (x, y) with x ascending; `figure` is said behind the name at the line's end."""

    name: str
    points: tuple[tuple[float, float], ...]
    figure: str = ""


def nice_top(value: float) -> tuple[int, int]:
    """The top of an axis and its step: round numbers, at most five lines; a top that can be kept is kept."""
    if value <= 0:
        return 4, 1
    base = 10 ** math.floor(math.log10(value / 4)) if value >= 4 else 1
    steps = [max(1, round(base * factor)) for factor in (1, 2, 2.5, 3, 5, 10)]
    fitting = [step for step in steps if value / step <= 4]
    step = next((step for step in fitting if value % step == 0), next(step for step in fitting if step != 3 * base))
    return math.ceil(value / step) * step, step


class _Picture(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        speak_as(self, QAccessible.Role.Chart)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme_source().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(480, 220)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 150)


class Legend(QWidget):
    """Swatches and words, for the corner of a panel. A hatched entry has no colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[tuple[str, str, bool], ...] = ()
        speak_as(self, QAccessible.Role.StaticText)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme_source().changed.connect(self.update)

    def show_entries(self, entries: Sequence[tuple[str, str, bool]]) -> None:
        """(word, colour, hatched). A colour is `#RRGGBB` or a token's name such as `accent`."""
        self._entries = tuple(entries)
        self.setAccessibleName(", ".join(word for word, _, _ in entries))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(font("caption"))
        words = sum(metrics.horizontalAdvance(word) + _SWATCH + 6 for word, _, _ in self._entries)
        return QSize(round(words + 16 * max(0, len(self._entries) - 1)) + 2, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        painter.setFont(font("caption"))
        left, metrics = 0.0, QFontMetricsF(font("caption"))
        for word, color, hatched in self._entries:
            swatch = QRectF(left, 5, _SWATCH, _SWATCH)
            if hatched:
                hatch(painter, swatch, theme().colors.q("ink_3"), 4)
            else:
                box(painter, swatch, _named(color), None, 2.5)
            width = metrics.horizontalAdvance(word)
            painter.setPen(theme().colors.q("ink_2"))
            painter.drawText(QRectF(left + _SWATCH + 6, 0, width + 2, 20), _LEFT, word)
            left += _SWATCH + 6 + width + 16


class _Axes(_Picture):
    """The light grid with its figures, shared by bars and lines."""

    def _paint_grid(self, painter: QPainter, plot: QRectF, top: int, step: int) -> None:
        colors = theme().colors
        painter.setFont(font("caption", 400))
        for line in range(0, top + 1, step):
            y = round(plot.bottom() - plot.height() * line / top)
            painter.fillRect(QRectF(plot.left(), y, plot.width(), 1), colors.q("line"))
            painter.setPen(colors.q("ink_3"))
            painter.drawText(QRectF(0, y - 8, plot.left() - 8, 16), _RIGHT, str(line))

    @staticmethod
    def _figures_px(top: int) -> float:
        return QFontMetricsF(font("caption")).horizontalAdvance(str(top)) + 12


class BarChart(_Axes):
    """Bars with a light grid and words below each step: stacked with the total on top, or side by side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: tuple[str, ...] = ()
        self._bars: tuple[Bars, ...] = ()
        self._mark: tuple[int, str] | None = None
        self._grouped = False

    def show_bars(
        self,
        steps: Sequence[str],
        bars: Sequence[Bars],
        description: str,
        mark: tuple[int, str] | None = None,
        *,
        grouped: bool = False,
    ) -> None:
        """`mark` is a dashed line before a step with a word, such as the start of the performance."""
        self._steps, self._bars, self._mark, self._grouped = tuple(steps), tuple(bars), mark, grouped
        self.setAccessibleName(description)
        self.setAccessibleDescription("; ".join(self._spoken()))
        self.update()

    def legend(self) -> list[tuple[str, str, bool]]:
        """Entries for a Legend."""
        return [(bars.name, bars.color or _color(number), False) for number, bars in enumerate(self._bars)]

    def _spoken(self) -> list[str]:
        return [
            f"{step}: " + ", ".join(f"{bars.name} {bars.values[index]}" for bars in self._bars)
            for index, step in enumerate(self._steps)
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        columns = list(zip(*(bars.values for bars in self._bars), strict=True))
        if not columns:
            return
        painter = painter_of(self)
        highest = max(max(column) if self._grouped else sum(column) for column in columns)
        top, step = nice_top(highest)
        left = self._figures_px(top)
        plot = QRectF(left, 26, self.width() - left - 4, self.height() - 26 - 26)
        self._paint_grid(painter, plot, top, step)
        slot = plot.width() / len(columns)
        for index, column in enumerate(columns):
            middle = plot.left() + slot * (index + 0.5)
            if self._grouped:
                self._paint_group(painter, plot, middle, slot, column, top)
            else:
                self._paint_stack(painter, plot, middle, slot, column, top)
        self._paint_steps(painter, plot, slot)
        if self._mark is not None:
            self._paint_mark(painter, plot, plot.left() + slot * self._mark[0], self._mark[1])

    def _paint_stack(
        self, painter: QPainter, plot: QRectF, middle: float, slot: float, column: tuple[int, ...], top: int
    ) -> None:
        width = round(min(86.0, slot * 0.5 if slot > 60 else slot * 0.7))
        left, bottom = round(middle - width / 2), plot.bottom()
        for number, value in enumerate(column):
            height = plot.height() * value / top
            if value <= 0:
                continue
            fill = QColor(self._bars[number].color or _color(number))
            bar = QRectF(left, bottom - height, width, max(1.0, height - (2 if height > 4 else 0)))
            box(painter, bar, fill, None, min(2.5, bar.height() / 2))
            if height > 17 and len(self._bars) > 1:
                painter.setFont(font("caption", 700))
                painter.setPen(_ink_on(fill))
                painter.drawText(bar, _CENTRE, str(value))
            bottom -= height
        if sum(column):
            painter.setFont(font("body", 600))
            painter.setPen(theme().colors.q("ink"))
            painter.drawText(QRectF(middle - slot / 2, bottom - 23, slot, 20), _CENTRE, str(sum(column)))

    def _paint_group(
        self, painter: QPainter, plot: QRectF, middle: float, slot: float, column: tuple[int, ...], top: int
    ) -> None:
        width = min(40.0, slot * 0.74 / len(column))
        left = middle - width * len(column) / 2
        for number, value in enumerate(column):
            height = plot.height() * value / top
            bar = QRectF(left + 1, plot.bottom() - height, width - 2, height)
            box(painter, bar, self._bars[number].color or _color(number), None, min(2.5, height / 2))
            if width >= QFontMetricsF(font("caption")).horizontalAdvance(str(value)):
                painter.setFont(font("caption", 600))
                painter.setPen(theme().colors.q("ink"))
                painter.drawText(QRectF(left - 4, bar.top() - 18, width + 8, 16), _CENTRE, str(value))
            left += width

    def _paint_steps(self, painter: QPainter, plot: QRectF, slot: float) -> None:
        """Every word, or every second, third ... where they would touch."""
        painter.setFont(font("caption", 400))
        painter.setPen(theme().colors.q("ink_2"))
        metrics = QFontMetricsF(painter.font())
        widest = max(metrics.horizontalAdvance(step) for step in self._steps) + 6
        every = max(1, math.ceil(widest / slot))
        for index in range(0, len(self._steps), every):
            middle = plot.left() + slot * (index + 0.5)
            where = QRectF(middle - widest / 2, plot.bottom() + 7, widest, 18)
            painter.drawText(where, _CENTRE, self._steps[index])

    @staticmethod
    def _paint_mark(painter: QPainter, plot: QRectF, x: float, word: str) -> None:
        ink = theme().colors.q("ink")
        painter.setFont(font("caption", 600))
        width = QFontMetricsF(painter.font()).horizontalAdvance(word) + 4
        before = x - plot.left() > width + 12
        painter.setPen(QPen(ink, 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, 0), QPointF(x, plot.bottom()))
        painter.setPen(ink)
        place = QRectF(x - 8 - width if before else x + 8, 0, width, 16)
        painter.drawText(place, _RIGHT if before else _LEFT, word)


class LineChart(_Axes):
    """One line in the accent against earlier ones in grey with their range. Nothing is drawn into the future."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now: Line | None = None
        self._earlier: tuple[Line, ...] = ()
        self._ticks: tuple[tuple[float, str], ...] = ()
        self._top = 0.0

    def show_lines(
        self,
        now: Line | None,
        earlier: Sequence[Line],
        ticks: Sequence[tuple[float, str]],
        description: str,
        top: float = 0.0,
    ) -> None:
        """`ticks` are (x, word); they span the axis with the points. `top` is at least the axis's height."""
        self._now, self._earlier, self._ticks, self._top = now, tuple(earlier), tuple(ticks), top
        self.setAccessibleName(description)
        lines = ([now] if now else []) + list(earlier)
        self.setAccessibleDescription("; ".join(f"{line.name} {line.figure}".strip() for line in lines))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        lines = [line for line in (*self._earlier, *([self._now] if self._now else [])) if line.points]
        xs = [x for line in lines for x, _ in line.points] + [x for x, _ in self._ticks]
        if not xs or min(xs) == max(xs):
            return
        painter = painter_of(self)
        highest = max([self._top, *(y for line in lines for _, y in line.points)])
        top, step = nice_top(highest)
        metrics = QFontMetricsF(font("caption", 600))
        left = self._figures_px(top)
        ends = max((metrics.horizontalAdvance(f"{line.name}  {line.figure}") for line in self._earlier), default=0)
        right = ends + 14 if ends and ends < self.width() * 0.3 else 12
        plot = QRectF(left, 14, self.width() - left - right, self.height() - 14 - 30)
        first, last = min(xs), max(xs)

        def at(point: tuple[float, float]) -> QPointF:
            x = plot.left() + plot.width() * (point[0] - first) / (last - first)
            return QPointF(x, plot.bottom() - plot.height() * point[1] / top)

        self._paint_grid(painter, plot, top, step)
        self._paint_ticks(painter, plot, [(at((x, 0)).x(), word) for x, word in self._ticks])
        earlier = [(line, QPolygonF([at(point) for point in line.points])) for line in self._earlier if line.points]
        self._paint_range(painter, [polygon for _, polygon in earlier])
        painter.setPen(QPen(theme().colors.q("seat_sold_dot"), 1.25))
        for _, polygon in earlier:
            painter.drawPolyline(polygon)
        if right > 12:
            self._paint_ends(painter, plot, [(line, polygon.at(polygon.size() - 1).y()) for line, polygon in earlier])
        if self._now is not None and self._now.points:
            self._paint_now(painter, plot, self._now, QPolygonF([at(point) for point in self._now.points]))

    @staticmethod
    def _paint_ticks(painter: QPainter, plot: QRectF, ticks: list[tuple[float, str]]) -> None:
        painter.setFont(font("caption", 400))
        painter.setPen(theme().colors.q("ink_2"))
        metrics = QFontMetricsF(painter.font())
        taken = -math.inf
        for x, word in ticks:
            half = metrics.horizontalAdvance(word) / 2 + 2
            if x - half < taken:
                continue
            left = max(0.0, x - half)
            painter.drawText(QRectF(left, plot.bottom() + 9, 2 * half, 18), _CENTRE, word)
            taken = left + 2 * half + 8

    @staticmethod
    def _paint_range(painter: QPainter, polygons: list[QPolygonF]) -> None:
        """Between the lowest and the highest, as far as two of them reach."""
        if len(polygons) < 2:
            return
        curves = [np.array([(point.x(), point.y()) for point in polygon.toList()]) for polygon in polygons]
        last = sorted(curve[-1, 0] for curve in curves)[-2]
        xs = np.unique(np.concatenate([curve[:, 0] for curve in curves]))
        xs = xs[xs <= last]
        ys = np.array([np.interp(xs, curve[:, 0], curve[:, 1], left=np.nan, right=np.nan) for curve in curves])
        low, high = np.nanmax(ys, axis=0), np.nanmin(ys, axis=0)
        edge = [QPointF(x, y) for x, y in zip(xs, high, strict=True)]
        edge += [QPointF(x, y) for x, y in zip(xs[::-1], low[::-1], strict=True)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_quiet_fill())
        painter.drawPolygon(QPolygonF(edge))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    @staticmethod
    def _paint_ends(painter: QPainter, plot: QRectF, ends: list[tuple[Line, float]]) -> None:
        """Names at the lines' ends, moved apart where they would touch."""
        y = -math.inf
        for line, end in sorted(ends, key=lambda pair: pair[1]):
            y = max(end, y + 16)
            painter.setFont(font("caption", 400))
            painter.setPen(theme().colors.q("ink_2"))
            words = f"{line.name}  {line.figure}"
            width = QFontMetricsF(painter.font()).horizontalAdvance(words) + 2
            painter.drawText(QRectF(plot.right() + 10, y - 8, width, 16), _LEFT, words)

    @staticmethod
    def _paint_now(painter: QPainter, plot: QRectF, now: Line, polygon: QPolygonF) -> None:
        colors = theme().colors
        pen = QPen(colors.q("accent"), 2.75)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPolyline(polygon)
        end = polygon.at(polygon.size() - 1)
        painter.setPen(QPen(colors.q("surface"), 2))
        painter.setBrush(colors.q("accent"))
        painter.drawEllipse(end, 6, 6)
        words = " · ".join(part for part in (now.name, now.figure) if part)
        painter.setFont(font("body", 600))
        width = QFontMetricsF(painter.font()).horizontalAdvance(words) + 28
        left = min(max(plot.left() + 4, end.x() - width - 16), plot.right() - width)
        above = end.y() - 48 if end.y() - 48 >= 0 else end.y() + 14
        plate = QRectF(round(left), round(above), round(width), 34)
        box(painter, plate, colors.accent, None, 6)
        painter.setPen(colors.q("on_accent"))
        painter.drawText(plate, _CENTRE, words)


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
        spoken = "; ".join(f"{row.when} {row.name} {round(row.share * 100)} %, {row.figures}" for row in rows)
        self.setAccessibleName(spoken)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(560, 44 * len(self._rows))

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 34 * len(self._rows))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._rows:
            return
        painter = painter_of(self)
        bold = QFontMetricsF(font("body", 700))
        when = max(bold.horizontalAdvance(row.when) for row in self._rows) + 14
        figures = max(QFontMetricsF(font("caption")).horizontalAdvance(row.figures) for row in self._rows) + 20
        percent = bold.horizontalAdvance("100 %") + 16
        names = min(190.0, max(bold.horizontalAdvance(row.name) for row in self._rows) + 14)
        if self.width() < 520:
            names = min(names, 120.0)
        height = min(52.0, self.height() / len(self._rows))
        bar = QRectF(when + names, 0, max(40.0, self.width() - when - names - percent - figures), 18)
        for index, row in enumerate(self._rows):
            whole = QRectF(0, index * height, self.width(), height)
            self._paint_words(painter, whole, row, when, names)
            track = bar.translated(0, round(whole.center().y() - 9))
            self._paint_bar(painter, track, row)
            painter.setFont(font("body", 600))
            painter.setPen(theme().colors.q("ink"))
            share = QRectF(track.right(), whole.top(), percent - 2, height)
            painter.drawText(share, _RIGHT, f"{round(row.share * 100)} %")
            painter.setFont(font("caption", 400))
            painter.setPen(theme().colors.q("ink_2"))
            painter.drawText(QRectF(self.width() - figures, whole.top(), figures, height), _RIGHT, row.figures)

    @staticmethod
    def _paint_words(painter: QPainter, whole: QRectF, row: ShareRow, when: float, names: float) -> None:
        colors = theme().colors
        painter.setFont(font("body", 700 if row.now else 500))
        painter.setPen(colors.q("ink"))
        painter.drawText(QRectF(0, whole.top(), when, whole.height()), _LEFT, row.when)
        painter.setFont(font("body", 500 if row.now else 400))
        painter.setPen(colors.q("ink" if row.now else "ink_2"))
        name = QFontMetricsF(painter.font()).elidedText(row.name, Qt.TextElideMode.ElideMiddle, names - 10)
        painter.drawText(QRectF(when, whole.top(), names, whole.height()), _LEFT, name)

    @staticmethod
    def _paint_bar(painter: QPainter, track: QRectF, row: ShareRow) -> None:
        colors = theme().colors
        box(painter, track, _quiet_fill(), None, 3)
        sold = QRectF(track.left(), track.top(), track.width() * min(1.0, row.share), track.height())
        if sold.width() >= 1:
            fill = colors.accent if row.now else raw_tokens()["chart_data"]["other_bars"]
            box(painter, sold, fill, None, min(3.0, sold.width() / 2))
        if row.held > 0:
            room = track.right() - sold.right()
            held = QRectF(sold.right() + 1, track.top(), min(room, track.width() * row.held), track.height())
            hatch(painter, held, colors.q("ink_3"), 5)


def _color(number: int) -> str:
    data = raw_tokens()["chart_data"]
    palette: list[str] = [data["gate_a"], data["gate_b"], data["gate_c"], data["other_bars"]]
    return palette[number % len(palette)]


def _quiet_fill() -> QColor:
    """Behind what is meant; the chart's section would vanish on a dark panel."""
    colors = theme().colors
    return colors.q("surface_raised" if theme().is_dark else "chart_section")


def _named(color: str) -> QColor:
    return QColor(color) if color.startswith("#") else theme().colors.q(color)


def _ink_on(fill: QColor) -> QColor:
    """White or near black, whichever reads better."""
    inks = ("#FFFFFF", "#14171F")
    return QColor(max(inks, key=lambda ink: contrast(ink, fill.name())))
