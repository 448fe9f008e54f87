"""What painted controls share: rounded boxes, the focus ring, key hints, hatching, mirroring."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from ui.theme import display_font, icon_pixmap, theme

RADIUS = 8.0
DISABLED = 0.42
KEY_HEIGHT = 20.0
_KEY_GAP = 8.0
_RETURN = "⏎"


def painter_of(widget: QWidget) -> QPainter:
    painter = QPainter(widget)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    return painter


def visual(widget: QWidget, rect: QRectF) -> QRectF:
    """`rect` where the widget's reading direction puts it: mirrored from right to left."""
    if not widget.isRightToLeft():
        return rect
    return QRectF(widget.width() - rect.right(), rect.top(), rect.width(), rect.height())


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


def frame(
    painter: QPainter,
    rect: QRectF,
    fill: str | QColor | None,
    edge: str | QColor | None,
    radius: float = RADIUS,
    *,
    focused: bool,
) -> None:
    """A control's box. With the focus it draws back 4 px: the ring and its gap never need room of their neighbours."""
    if not focused:
        box(painter, rect, fill, edge, radius)
        return
    box(painter, rect.adjusted(4, 4, -4, -4), fill, edge, max(2.0, radius - 3))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme().colors.q("accent"), 2.0))
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius, radius)


def focus_ring(painter: QPainter, rect: QRectF, radius: float = RADIUS) -> None:
    """Ring and gap over what is painted already, for rows and other things that have no box of their own."""
    inner = rect.adjusted(1, 1, -1, -1)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme().colors.q("accent"), 2.0))
    painter.drawRoundedRect(inner, radius, radius)
    painter.setPen(QPen(theme().colors.q("surface"), 2.0))
    painter.drawRoundedRect(inner.adjusted(2, 2, -2, -2), max(1.0, radius - 2), max(1.0, radius - 2))


def draw_icon(painter: QPainter, name: str, ink: QColor | str, left: float, middle: float, size: int) -> None:
    """`middle` is the icon's height. Lies on whole device pixels, so that its lines stay sharp."""
    ratio = painter.device().devicePixelRatioF()
    at = QPointF(round(left * ratio) / ratio, round((middle - size / 2) * ratio) / ratio)
    painter.drawPixmap(at, icon_pixmap(name, ink, size, ratio))


def key_hint_width(key: str) -> float:
    """Width of a key hint with its distance to the text before it; 0 for none."""
    return key_cap_width(key) + _KEY_GAP if key else 0.0


def key_cap_width(key: str) -> float:
    return max(22.0, QFontMetricsF(display_font(12, 600)).horizontalAdvance(key) + 12)


def key_hint(painter: QPainter, right: float, middle: float, key: str, ink: QColor, plain: bool) -> None:
    """Draw a key cap whose right edge is at `right`. `plain` caps stand on a filled control."""
    width = key_cap_width(key)
    rect = QRectF(round(right - width), round(middle - KEY_HEIGHT / 2), round(width), KEY_HEIGHT)
    colors = theme().colors
    edge = QColor(ink)
    edge.setAlphaF(0.6)
    box(painter, rect, None if plain else colors.surface_sunken, edge if plain else colors.line, 4)
    if key == _RETURN:
        draw_icon(painter, "corner-down-left", ink, rect.center().x() - 6, rect.center().y(), 12)
        return
    painter.setFont(display_font(12, 600))
    painter.setPen(ink)
    reading = painter.layoutDirection()
    painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # a key is pressed as its cap says, in any language
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, key)
    painter.setLayoutDirection(reading)


def hatch(painter: QPainter, rect: QRectF, ink: QColor, pitch: float = 5.0, width: float = 1.3) -> None:
    """Lines at 45 degrees, as fine at every scale."""
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(ink, width))
    x = rect.left() - rect.height()
    while x < rect.right():
        painter.drawLine(QPointF(x, rect.bottom()), QPointF(x + rect.height(), rect.top()))
        x += pitch
    painter.restore()
