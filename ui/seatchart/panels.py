"""The raised plates that float over the chart, with their shadows."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ui.seatchart.palette import ChartPalette

_SHADOW_STEPS = 12


def paint_plate(
    painter: QPainter, plate: QRectF, look: ChartPalette, radius: float, *, drop: float = 1.0, blur: float = 2.0
) -> None:
    """A plate of the raised surface with a hairline; the shadow reaches `drop + blur` beyond it."""
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
