"""What painted controls share: rounded boxes, the focus ring, key hints."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from ui.theme import display_font, icon_pixmap, theme

RADIUS = 8.0
_RETURN = "⏎"


def painter_of(widget: QWidget) -> QPainter:
    painter = QPainter(widget)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    return painter


def box(
    painter: QPainter, rect: QRectF, fill: str | QColor | None, edge: str | QColor | None, radius: float = RADIUS
) -> None:
    """A rounded box whose 1 px edge lies on whole pixels."""
    inner = rect.adjusted(0.5, 0.5, -0.5, -0.5) if edge is not None else rect
    path = QPainterPath()
    path.addRoundedRect(inner, radius, radius)
    if fill is not None:
        painter.fillPath(path, QColor(fill))
    if edge is not None:
        painter.setPen(QPen(QColor(edge), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)


def focus_ring(painter: QPainter, rect: QRectF, radius: float = RADIUS) -> None:
    """2 px inside the control's own edge, so that nothing around needs to leave room for it."""
    inner = rect.adjusted(1, 1, -1, -1)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme().colors.q("accent"), 2.0))
    painter.drawRoundedRect(inner, radius, radius)
    painter.setPen(QPen(theme().colors.q("surface"), 2.0))
    painter.drawRoundedRect(inner.adjusted(2, 2, -2, -2), max(1.0, radius - 2), max(1.0, radius - 2))


def key_hint_width(key: str) -> float:
    """Width of a key hint with its distance to the text before it; 0 for none."""
    if not key:
        return 0.0
    return max(22.0, QFontMetricsF(display_font(12, 600)).horizontalAdvance(key) + 12) + 8


def key_hint(painter: QPainter, right: float, middle: float, key: str, ink: QColor, plain: bool) -> None:
    """Draw a key cap whose right edge is at `right`. `plain` caps stand on a filled control."""
    width = key_hint_width(key) - 8
    rect = QRectF(right - width, middle - 10, width, 20)
    colors = theme().colors
    edge = QColor(ink)
    edge.setAlphaF(0.55 if plain else 0.35)
    box(painter, rect, None if plain else colors.surface_sunken, edge, 4)
    if key == _RETURN:
        pixmap = icon_pixmap("corner-down-left", ink, 12, painter.device().devicePixelRatioF())
        painter.drawPixmap(QPointF(rect.center().x() - 6, rect.center().y() - 6), pixmap)
        return
    painter.setFont(display_font(12, 600))
    painter.setPen(ink)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, key)
