"""What is painted over the picture in every frame: row letters at the edge, rings, the lasso."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPainterPath, QPen, QPixmap, QPolygonF, QTransform

from ui.seatchart import glyphs
from ui.seatchart.ground import LETTERS_FROM_SCALE, Ground
from ui.seatchart.lettering import Words, letter_picture
from ui.seatchart.scene import Scene
from ui.seatchart.viewport import Box, Viewport

_LETTER_X = 18.0  # logical pixels from the left edge
_GUTTER = 46.0


@dataclass(frozen=True, slots=True)
class Move:
    """An exchange of seats, and what is said beside each: `Circle C 7` `goes back on sale`. Equal seats: no new one."""

    old: int
    new: int
    old_words: Words
    new_words: Words


@dataclass(frozen=True, slots=True)
class Overlays:
    """Of one frame. Painters and answers are in logical pixels, the view in device pixels."""

    scene: Scene
    ground: Ground
    view: Viewport
    dpr: float

    def point(self, x_cm: float, y_cm: float) -> QPointF:
        x, y = self.view.to_screen(x_cm, y_cm)
        return QPointF(x / self.dpr, y / self.dpr)

    @property
    def seat_radius(self) -> float:
        return self.scene.layout.radius * self.view.px_per_cm / self.dpr

    def paint_seat_ring(self, painter: QPainter, seat: int) -> None:
        plan = self.scene.layout.plan
        at = self.point(float(plan.x[seat]), float(plan.y[seat]))
        glyphs.paint_ring(painter, at.x(), at.y(), self.seat_radius, 1.0, self.scene.palette.accent)

    def area_path(self, area: int) -> QPainterPath:
        view, shrink = self.view, 1 / self.dpr
        place = QTransform(view.px_per_cm, 0, 0, view.px_per_cm, view.left, view.top)
        return (place * QTransform.fromScale(shrink, shrink)).map(self.ground.area_path(area))

    def stop_box(self, stop: int) -> QRectF:
        """A seat's square, or an area's."""
        plan = self.scene.layout.plan
        if stop >= plan.seat_count:
            return self.area_path(stop - plan.seat_count).boundingRect()
        middle, reach = self.point(float(plan.x[stop]), float(plan.y[stop])), self.seat_radius
        return QRectF(middle.x() - reach, middle.y() - reach, 2 * reach, 2 * reach)

    def paint_area_ring(self, painter: QPainter, area: int) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self.scene.palette.accent), 2.5))
        painter.drawPath(self.area_path(area))

    def paint_section_ring(self, painter: QPainter, section: int) -> None:
        box = self.scene.layout.section_boxes[section]
        if box is not None:
            room = QRectF(self.point(box.left, box.top), self.point(box.right, box.bottom))
            wash = QColor(self.scene.palette.accent)
            painter.setPen(QPen(wash, 2))
            wash.setAlphaF(0.08)
            painter.setBrush(wash)
            painter.drawRoundedRect(room, 6, 6)

    def paint_move(self, painter: QPainter, move: Move) -> None:
        """The old seat hollow in a dashed ring, the new one under an arrow, a word beside each."""
        plan, look, radius = self.scene.layout.plan, self.scene.palette, self.seat_radius
        old, new = (self.point(float(plan.x[seat]), float(plan.y[seat])) for seat in (move.old, move.new))
        ring = QPen(QColor(look.ink), 2, Qt.PenStyle.CustomDashLine)
        ring.setDashPattern([2.0, 1.6])
        painter.setPen(QPen(QColor(look.ink), 1.5))
        painter.setBrush(QColor(look.section))
        painter.drawEllipse(old, radius, radius)
        painter.setPen(ring)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(old, radius + 4, radius + 4)
        if move.new != move.old:
            self._paint_arrow(painter, old, new, radius + 6)

    def _paint_arrow(self, painter: QPainter, old: QPointF, new: QPointF, gap: float) -> None:
        """A dashed bow with a halo, so that it is seen over seats of any colour."""
        look, way = self.scene.palette, new - old
        length = math.hypot(way.x(), way.y())
        if length < 3 * gap:
            return
        bend = QPointF((old.x() + new.x()) / 2, (old.y() + new.y()) / 2 - length * 0.35)
        begin, end = _toward(old, bend, gap), _toward(new, bend, gap)
        bow = QPainterPath(begin)
        bow.quadTo(bend, end)
        painter.strokePath(bow, QPen(QColor(look.section), 6))
        dashed = QPen(QColor(look.ink), 2.25)
        dashed.setDashPattern([2.4, 1.8])
        painter.strokePath(bow, dashed)
        back = math.atan2(bend.y() - end.y(), bend.x() - end.x())
        head = QPainterPath(end + QPointF(math.cos(back - 0.45), math.sin(back - 0.45)) * 10)
        head.lineTo(end)
        head.lineTo(end + QPointF(math.cos(back + 0.45), math.sin(back + 0.45)) * 10)
        cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        painter.strokePath(head, QPen(QColor(look.ink), 2.25, Qt.PenStyle.SolidLine, cap, join))

    def paint_trail(self, painter: QPainter, trail: list[QPointF], *, is_band: bool) -> None:
        wash = QColor(self.scene.palette.accent)
        painter.setPen(QPen(wash, 1.5))
        wash.setAlphaF(0.12)
        painter.setBrush(wash)
        if is_band:
            painter.drawRect(QRectF(trail[0], trail[-1]).normalized())
        else:
            painter.drawPolygon(QPolygonF(trail))

    def paint_edge_letters(self, painter: QPainter, covered: QRectF) -> None:
        """Rows that begin left of the window keep their letter at its left edge, except under `covered`."""
        scale = self.ground.scale(self.view, self.dpr)
        if scale < LETTERS_FROM_SCALE:
            return
        letters = self._edge_letters()
        if not letters:
            return
        look, size = self.scene.palette, self.ground.letter_pixels(scale)
        painter.drawPixmap(0, 0, _gutter(look.section, self.view.height, self.dpr))
        last = -1000.0
        for y, text in letters:
            if y - last >= size * 1.15 and not (covered.top() - size < y < covered.bottom() + size):
                last = y
                picture = letter_picture(text, self.ground.family, size * self.dpr, look.ink_2)
                self._put(painter, picture, QPointF(_LETTER_X, y))

    def _edge_letters(self) -> list[tuple[float, str]]:
        """Height on the screen, where the row (or its prolongation) crosses the letters' line; and the letter."""
        layout, view = self.scene.layout, self.view
        line_cm = view.to_plan(_LETTER_X * self.dpr, 0)[0]
        seen = view.visible
        reach = 8 * layout.pitch
        near = layout.grid.about(Box(line_cm - reach, seen.top - reach, line_cm + reach, seen.bottom + reach))
        rows = np.unique(layout.plan.row[near])
        heights = layout.heights_at(rows, line_cm) * view.px_per_cm + view.top
        crossing = np.flatnonzero((heights >= 0) & (heights <= view.height))
        letters = [(float(heights[i]) / self.dpr, layout.plan.rows[int(rows[i])].label) for i in crossing]
        return sorted(letter for letter in letters if letter[1])

    def _put(self, painter: QPainter, picture: QPixmap, at: QPointF) -> None:
        """Middle at a logical point, its pixels on device pixels."""
        painter.save()
        painter.scale(1 / self.dpr, 1 / self.dpr)
        painter.drawPixmap(
            round(at.x() * self.dpr - picture.width() / 2), round(at.y() * self.dpr - picture.height() / 2), picture
        )
        painter.restore()


def _toward(start: QPointF, goal: QPointF, by: float) -> QPointF:
    way = goal - start
    return start + way * (by / (math.hypot(way.x(), way.y()) or 1.0))


@lru_cache(maxsize=4)
def _gutter(colour: str, height: int, dpr: float) -> QPixmap:
    """The shade that the letters stand on; `height` in device pixels."""
    picture = QPixmap(round(_GUTTER * dpr), height)
    picture.fill(Qt.GlobalColor.transparent)
    gradient, shade = QLinearGradient(0, 0, picture.width(), 0), QColor(colour)
    for stop, alpha in ((0.0, 0.94), (0.62, 0.86), (1.0, 0.0)):
        shade.setAlphaF(alpha)
        gradient.setColorAt(stop, shade)
    painter = QPainter(picture)
    painter.fillRect(picture.rect(), gradient)
    painter.end()
    picture.setDevicePixelRatio(dpr)
    return picture
