"""The raised plates that float over the chart, with their shadows."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from ui.seatchart.palette import ChartPalette

_SHADOW_STEPS = 12
_AROUND = 2.0  # logical pixels beyond the shadow


def paint_plate(
    painter: QPainter, plate: QRectF, look: ChartPalette, radius: float, *, drop: float = 1.0, blur: float = 2.0
) -> None:
    """A plate of the raised surface with a hairline; the shadow reaches `drop + blur` beyond it.

    Made once for a size: whatever moves below it, it is only put there.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    picture = _picture(plate.width(), plate.height(), look, radius, drop, blur, painter.device().devicePixelRatioF())
    edge = drop + blur + _AROUND
    painter.drawPixmap(plate.topLeft() - QPointF(edge, edge), picture)


@lru_cache(maxsize=24)
def _picture(
    width: float, height: float, look: ChartPalette, radius: float, drop: float, blur: float, dpr: float
) -> QPixmap:
    edge = drop + blur + _AROUND
    picture = QPixmap(math.ceil((width + 2 * edge) * dpr), math.ceil((height + 2 * edge) * dpr))
    picture.setDevicePixelRatio(dpr)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    _paint(painter, QRectF(edge, edge, width, height), look, radius, drop, blur)
    painter.end()
    return picture


def _paint(painter: QPainter, plate: QRectF, look: ChartPalette, radius: float, drop: float, blur: float) -> None:
    strength = (0.40 if look.dark else 0.08) if blur <= 2 else (0.50 if look.dark else 0.14)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    steps = _SHADOW_STEPS if blur > 2 else 3
    for step in range(steps):
        spread = blur * (1 - 2 * (step + 0.5) / steps) / 2 + blur * 0.1
        shade = QColor(0, 0, 0) if look.dark else QColor(16, 20, 32)
        shade.setAlphaF(strength / steps)
        painter.setBrush(shade)
        painter.drawRoundedRect(
            plate.translated(QPointF(0, drop)).adjusted(-spread, -spread, spread, spread),
            radius + spread,
            radius + spread,
        )
    painter.setBrush(QColor(look.surface))
    painter.setPen(QPen(QColor(look.line), 1))
    painter.drawRoundedRect(plate.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
