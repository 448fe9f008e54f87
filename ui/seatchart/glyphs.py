"""The signs of a seat. Shape tells the state, colour tells the price category.

Radii and strokes follow the `seat.glyphs` of the design tokens: strokes are logical pixels, multiplied by the
device pixel ratio; a radius is already in device pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from boxoffice.domain.plan import SeatKind
from ui.seatchart.palette import ChartPalette
from ui.seatchart.states import SeatState
from ui.theme import SeatColors

RADIUS_OF_PITCH = 9 / 22
NUMBERS_FROM_SCALE = 1.35
DOTS_BELOW_RADIUS = 4.0  # logical pixels
FILTERED_OUT_OPACITY = 0.2
_NOT_OURS_ALPHA = 0.22
_STATES, _KINDS, _CATEGORIES = 8, 4, 256
GLYPH_COUNT = _STATES * _KINDS * _CATEGORIES


@dataclass(frozen=True, slots=True)
class Dot:
    """A seat from afar, where there is no room for signs: size and strength tell what can be sold."""

    size: float  # of a free seat's radius
    colour: Callable[[ChartPalette, SeatColors], str]
    strength: float = 1.0


DOTS: dict[SeatState, Dot] = {
    SeatState.FREE: Dot(1.0, lambda look, own: own.fill),
    SeatState.MINE: Dot(1.5, lambda look, own: look.ink),
    SeatState.OTHER_BASKET: Dot(0.8, lambda look, own: own.edge, 0.55),
    SeatState.HELD: Dot(0.8, lambda look, own: own.edge, 0.45),
    SeatState.SOLD: Dot(0.4, lambda look, own: look.sold_dot),
    SeatState.BLOCKED: Dot(0.4, lambda look, own: look.ink_3, 0.8),
    SeatState.NOT_OURS: Dot(0.72, lambda look, own: own.fill, _NOT_OURS_ALPHA),
}


def glyph_of(state: int, kind: int, category: int) -> int:
    return (state * _KINDS + kind) * _CATEGORIES + category


def glyphs_of(states: NDArray[np.uint8], kinds: NDArray[np.uint8], categories: NDArray[np.uint8]) -> NDArray[np.int32]:
    """The glyph of every seat. Where a state looks the same in every category it is one glyph."""
    glyphs: NDArray[np.int32] = _CANONICAL[(states.astype(np.int32) * _KINDS + kinds) * _CATEGORIES + categories]
    return glyphs


def _canonical() -> NDArray[np.int32]:
    table = np.arange(GLYPH_COUNT, dtype=np.int32).reshape(_STATES, _KINDS, _CATEGORIES)
    for state in (SeatState.SOLD, SeatState.BLOCKED):
        table[state] = glyph_of(state, SeatKind.STANDARD, 0)
    table[SeatState.MINE] = glyph_of(SeatState.MINE, SeatKind.STANDARD, 0)
    table[SeatState.NOT_OURS, 1:] = table[SeatState.NOT_OURS, 0]
    for state in (SeatState.OTHER_BASKET, SeatState.HELD):
        table[state, SeatKind.COMPANION] = table[state, SeatKind.STANDARD]
        table[state, SeatKind.RESTRICTED_VIEW] = table[state, SeatKind.STANDARD]
    return table.ravel()


_CANONICAL = _canonical()


def extent(radius: float, dpr: float) -> float:
    """How far the largest glyph reaches from its middle, in device pixels."""
    return radius + 3.3 * dpr + 1.0


def paint_glyph(
    painter: QPainter, glyph: int, x: float, y: float, radius: float, dpr: float, look: ChartPalette
) -> None:
    """Paints around (`x`, `y`); everything but `glyph` and `look` is in device pixels."""
    category = glyph % _CATEGORIES
    kind = SeatKind(glyph // _CATEGORIES % _KINDS)
    state = SeatState(glyph // _CATEGORIES // _KINDS)
    colours = look.category(category)
    middle = QPointF(x, y)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if radius < DOTS_BELOW_RADIUS * dpr:
        _paint_dot(painter, state, middle, radius, look, colours)
        return
    match state:
        case SeatState.FREE:
            _paint_free(painter, kind, middle, radius, dpr, colours)
        case SeatState.MINE:
            _paint_mine(painter, middle, radius, dpr, look)
        case SeatState.OTHER_BASKET:
            _paint_half(painter, _outline(kind, middle, radius, dpr), middle, radius, dpr, colours)
        case SeatState.HELD:
            _paint_held(painter, _outline(kind, middle, radius, dpr), middle, radius, dpr, colours)
        case SeatState.SOLD:
            painter.setBrush(QColor(look.sold_dot))
            dot = max(0.3 * radius, min(1.6 * dpr, 0.6 * radius))
            painter.drawEllipse(middle, dot, dot)
        case SeatState.BLOCKED:
            arm = 0.5 * radius
            painter.setPen(_pen(look.ink_3, max(0.2 * radius, 1.4 * dpr)))
            painter.drawLine(QPointF(x - arm, y - arm), QPointF(x + arm, y + arm))
            painter.drawLine(QPointF(x - arm, y + arm), QPointF(x + arm, y - arm))
        case SeatState.NOT_OURS:
            fill = QColor(colours.fill)
            fill.setAlphaF(_NOT_OURS_ALPHA)
            painter.setBrush(fill)
            painter.drawEllipse(middle, 0.72 * radius, 0.72 * radius)


def _paint_dot(
    painter: QPainter, state: SeatState, middle: QPointF, radius: float, look: ChartPalette, colours: SeatColors
) -> None:
    dot = DOTS[state]
    brush = QColor(dot.colour(look, colours))
    brush.setAlphaF(dot.strength)
    painter.setBrush(brush)
    painter.drawEllipse(middle, dot.size * radius, dot.size * radius)


def paint_ring(painter: QPainter, x: float, y: float, radius: float, dpr: float, colour: str) -> None:
    """Hover and keyboard focus: a ring around the seat, with a gap."""
    painter.setPen(QPen(QColor(colour), 2.5 * dpr))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(x, y), radius + 4 * dpr, radius + 4 * dpr)


def _paint_free(
    painter: QPainter, kind: SeatKind, middle: QPointF, radius: float, dpr: float, colours: SeatColors
) -> None:
    shape = _outline(kind, middle, radius - 0.5 * dpr, dpr)
    painter.setBrush(QColor(colours.fill))
    painter.setPen(QPen(QColor(colours.edge), dpr))
    if kind is SeatKind.RESTRICTED_VIEW:
        circle = shape.boundingRect()
        painter.drawPie(circle, 180 * 16, 270 * 16)
        painter.drawArc(circle, 90 * 16, 90 * 16)  # the seat stays one seat
        return
    painter.drawPath(shape)
    if kind is SeatKind.COMPANION:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colours.number), max(0.2 * radius, 1.4 * dpr)))
        painter.drawEllipse(middle, 0.42 * radius, 0.42 * radius)
    elif kind is SeatKind.WHEELCHAIR:
        paint_wheelchair(painter, middle, 0.82 * radius, colours.number)


def _paint_mine(painter: QPainter, middle: QPointF, radius: float, dpr: float, look: ChartPalette) -> None:
    ring = radius + 2.4 * dpr
    painter.setBrush(QColor(look.background))
    painter.setPen(QPen(QColor(look.ink), 1.8 * dpr))
    painter.drawEllipse(middle, ring, ring)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(look.ink))
    painter.drawEllipse(middle, radius, radius)
    painter.setPen(_pen(look.background, max(0.24 * radius, min(1.8 * dpr, 0.4 * radius))))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    tick = QPainterPath(QPointF(middle.x() - 0.46 * radius, middle.y() + 0.04 * radius))
    tick.lineTo(middle.x() - 0.12 * radius, middle.y() + 0.38 * radius)
    tick.lineTo(middle.x() + 0.48 * radius, middle.y() - 0.34 * radius)
    painter.drawPath(tick)


def _paint_half(
    painter: QPainter, shape: QPainterPath, middle: QPointF, radius: float, dpr: float, colours: SeatColors
) -> None:
    left_half = _box(QRectF(middle.x() - 2 * radius, middle.y() - 2 * radius, 2 * radius, 4 * radius))
    painter.fillPath(shape.intersected(left_half), QColor(colours.fill))
    painter.strokePath(shape, QPen(QColor(colours.edge), 1.25 * dpr))


def _paint_held(
    painter: QPainter, shape: QPainterPath, middle: QPointF, radius: float, dpr: float, colours: SeatColors
) -> None:
    painter.save()
    painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(QColor(colours.edge), 1.3 * dpr))
    step = max(3.0 * dpr, radius / 2)
    reach = radius * 1.5
    lines = math.ceil(reach / step)
    for i in range(-lines, lines + 1):
        offset = (i + 0.5) * step * math.sqrt(2) / 2
        painter.drawLine(
            QPointF(middle.x() + offset - reach, middle.y() + offset + reach),
            QPointF(middle.x() + offset + reach, middle.y() + offset - reach),
        )
    painter.restore()
    painter.strokePath(shape, QPen(QColor(colours.edge), 1.25 * dpr))


def paint_wheelchair(painter: QPainter, middle: QPointF, half: float, colour: str) -> None:
    """The sign of a wheelchair place, inside a square of `half` to each side."""
    unit = half / 12
    painter.save()
    painter.translate(middle.x() - 11.3 * unit, middle.y() - 12.2 * unit)
    painter.scale(unit, unit)
    painter.setPen(_pen(colour, 2.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    body = QPainterPath(QPointF(18, 19))
    body.lineTo(19, 12)
    body.lineTo(13, 13)
    arm = QPainterPath(QPointF(5, 8))
    arm.lineTo(8, 5)
    arm.lineTo(13.5, 8)
    arm.lineTo(11.14, 11.5)
    wheel = QPainterPath()
    wheel_box = QRectF(4, 11, 10, 10)
    wheel.arcMoveTo(wheel_box, 162.5)
    wheel.arcTo(wheel_box, 162.5, 132.7)
    wheel.arcMoveTo(wheel_box, -17.5)
    wheel.arcTo(wheel_box, -17.5, 132.7)
    for path in (body, arm, wheel):
        painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(QPointF(16, 4), 2.2, 2.2)
    painter.restore()


def _outline(kind: SeatKind, middle: QPointF, radius: float, dpr: float) -> QPainterPath:
    path = QPainterPath()
    if kind is SeatKind.WHEELCHAIR:
        half = radius + dpr
        corner = 0.45 * radius
        path.addRoundedRect(QRectF(middle.x() - half, middle.y() - half, 2 * half, 2 * half), corner, corner)
    else:
        path.addEllipse(middle, radius, radius)
    return path


def _box(rect: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addRect(rect)
    return path


def _pen(colour: str, width: float) -> QPen:
    return QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
