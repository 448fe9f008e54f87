"""A house in one hue instead of its categories: how often, how soon or how full each seat was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.seatchart.lettering import chart_font
from ui.seatchart.palette import ChartPalette
from ui.theme import SeatColors, theme, theme_source
from ui.theme.tokens import contrast, raw_tokens

_STEPS = 32
_RAMP = 92
_GAP = 8
_EDGE = 0.25  # of the ink in a seat's edge


def heat_steps(shares: NDArray[np.floating]) -> NDArray[np.uint8]:
    """From 0 to 1, as places on the ramp."""
    steps: NDArray[np.uint8] = np.rint(np.clip(shares, 0.0, 1.0) * (_STEPS - 1)).astype(np.uint8)
    return steps


def heated(look: ChartPalette) -> ChartPalette:
    """The same chart with the ramp in place of the categories."""
    stops = _stops(look.dark)
    ramp = [_between(stops, step / (_STEPS - 1)) for step in range(_STEPS)]
    ink = QColor(look.ink)
    return replace(look, categories=tuple(SeatColors(c.name(), _mix(c, ink, _EDGE).name(), _number(c)) for c in ramp))


class HeatScale(QWidget):
    """What the hue means: the ramp between two words."""

    def __init__(self, least: str, most: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least, self._most = least, most
        self.setAccessibleName(f"{least} – {most}")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme_source().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        metrics = self._metrics()
        words = metrics.horizontalAdvance(self._least) + metrics.horizontalAdvance(self._most)
        return QSize(round(words) + _RAMP + 2 * _GAP + 2, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, metrics = QPainter(self), self._metrics()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(chart_font(self.font().family(), 12))
        painter.setPen(theme().colors.q("ink_2"))
        words, middle = QRectF(self.rect()), Qt.AlignmentFlag.AlignVCenter
        painter.drawText(words, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute | middle), self._least)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute | middle), self._most)
        ramp = QRectF(metrics.horizontalAdvance(self._least) + _GAP, 4, _RAMP, 12)
        gradient = QLinearGradient(ramp.topLeft(), ramp.topRight())
        stops = _stops(theme().is_dark)
        for index, stop in enumerate(stops):
            gradient.setColorAt(index / (len(stops) - 1), stop)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRoundedRect(ramp, 2, 2)
        painter.end()

    def _metrics(self) -> QFontMetricsF:
        return QFontMetricsF(chart_font(self.font().family(), 12))


def _stops(dark: bool) -> list[QColor]:
    """Much always stands out from the ground."""
    stops = [QColor(stop) for stop in raw_tokens()["chart_data"]["heat"]]
    return stops[::-1] if dark else stops


def _between(stops: Sequence[QColor], share: float) -> QColor:
    index = min(int(share * (len(stops) - 1)), len(stops) - 2)
    return _mix(stops[index], stops[index + 1], share * (len(stops) - 1) - index)


def _mix(one: QColor, other: QColor, share: float) -> QColor:
    pairs = zip((one.red(), one.green(), one.blue()), (other.red(), other.green(), other.blue()), strict=True)
    return QColor(*(round(a + (b - a) * share) for a, b in pairs))


def _number(fill: QColor) -> str:
    return max(("#FFFFFF", "#111318"), key=lambda ink: contrast(ink, fill.name()))
