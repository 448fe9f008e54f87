"""What is painted over the picture in every frame: row letters at the edge, names from afar, rings, the lasso."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPainterPath, QPen, QPixmap, QPolygonF, QTransform

from ui.seatchart import glyphs
from ui.seatchart.ground import LETTERS_FROM_SCALE, Ground
from ui.seatchart.lettering import SMALLEST_TEXT, Words, letter_picture, words_picture
from ui.seatchart.scene import Scene
from ui.seatchart.viewport import Box, Viewport

_LETTER_X = 18.0  # logical pixels from the left edge
_GUTTER = 46.0
_NAME_ROOM = 26.0  # logical pixels between a name and the edges of its section


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

    def paint_trail(self, painter: QPainter, trail: list[QPointF], *, is_band: bool) -> None:
        wash = QColor(self.scene.palette.accent)
        painter.setPen(QPen(wash, 1.5))
        wash.setAlphaF(0.12)
        painter.setBrush(wash)
        if is_band:
            painter.drawRect(QRectF(trail[0], trail[-1]).normalized())
        else:
            painter.drawPolygon(QPolygonF(trail))

    def paint_section_names(self, painter: QPainter) -> None:
        """From afar, where names have no lane of their own: over the seats, on a plate, all in the same way."""
        scene = self.scene
        if self.ground.scale(self.view, self.dpr) >= LETTERS_FROM_SCALE:
            return
        rooms = {}
        for label in scene.layout.section_labels:
            box = scene.layout.section_boxes[label.section]
            if box is not None:
                rooms[label.section] = QRectF(self.point(box.left, box.top), self.point(box.right, box.bottom))
        ways = (self._one_line, self._two_lines, self._name)
        fits = [[section for section, room in rooms.items() if self._has_room(room, way(section))] for way in ways]
        best = max(range(len(ways)), key=lambda i: (len(fits[i]), -i))
        for section in fits[best]:
            self._paint_plate(painter, ways[best](section), rooms[section].center())

    def paint_place(self, painter: QPainter, section: int) -> None:
        """Close to a section whose name has no lane: its name at the top, so that one knows where one is."""
        lanes = {label.section: label.above for label in self.scene.layout.section_labels}
        far = self.ground.scale(self.view, self.dpr) < LETTERS_FROM_SCALE
        if not far and section >= 0 and lanes.get(section, (0.0, 0.0)) is None:
            lines = self._one_line(section)
            top = self._plate_size(lines).height() / 2 + 12
            self._paint_plate(painter, lines, QPointF(self.view.width / self.dpr / 2, top))

    def _one_line(self, section: int) -> list[QPixmap]:
        return [self._words(self.ground.section_words(self.scene, section))]

    def _two_lines(self, section: int) -> list[QPixmap]:
        words = self.ground.section_words(self.scene, section)
        return [self._words(Words(words.strong)), *([self._words(Words("", words.plain))] if words.plain else [])]

    def _name(self, section: int) -> list[QPixmap]:
        return self._two_lines(section)[:1]

    def _plate_size(self, lines: list[QPixmap]) -> QSizeF:
        """With a little air around the words."""
        width, height = max(picture.width() for picture in lines), sum(picture.height() for picture in lines)
        return QSizeF(width / self.dpr + 12, height / self.dpr + 4)

    def _has_room(self, room: QRectF, lines: list[QPixmap]) -> bool:
        size = self._plate_size(lines)
        return size.width() <= room.width() - _NAME_ROOM and size.height() <= room.height() - _NAME_ROOM

    def _paint_plate(self, painter: QPainter, lines: list[QPixmap], middle: QPointF) -> None:
        size = self._plate_size(lines)
        plate = QColor(self.scene.palette.surface)
        plate.setAlphaF(0.92)
        painter.setPen(QPen(QColor(self.scene.palette.line), 1))
        painter.setBrush(plate)
        corner = QPointF(size.width() / 2, size.height() / 2)
        painter.drawRoundedRect(QRectF(middle - corner, size), 6, 6)
        for line, picture in enumerate(lines):
            down = (line - (len(lines) - 1) / 2) * (size.height() - 4) / len(lines)
            self._put(painter, picture, middle + QPointF(0, down))

    def paint_edge_letters(self, painter: QPainter, covered: QRectF) -> None:
        """Rows that begin left of the window keep their letter at its left edge, except under `covered`."""
        scale = self.ground.scale(self.view, self.dpr)
        if scale < LETTERS_FROM_SCALE:
            return
        letters = self._edge_letters()
        if not letters:
            return
        look, size = self.scene.palette, self.ground.letter_pixels(scale)
        gutter = QLinearGradient(0, 0, _GUTTER, 0)
        shade = QColor(look.section)
        for stop, alpha in ((0.0, 0.94), (0.62, 0.86), (1.0, 0.0)):
            shade.setAlphaF(alpha)
            gutter.setColorAt(stop, shade)
        painter.fillRect(QRectF(0, 0, _GUTTER, self.view.height / self.dpr), gutter)
        last = -1000.0
        for y, text in letters:
            if y - last >= size * 1.15 and not (covered.top() - size < y < covered.bottom() + size):
                last = y
                picture = letter_picture(text, self.ground.family, size * self.dpr, look.ink_2)
                self._put(painter, picture, QPointF(_LETTER_X, y))

    def _edge_letters(self) -> list[tuple[float, str]]:
        """Height on the screen, where the row (or its prolongation) crosses the letters' line; and the letter."""
        layout, view = self.scene.layout, self.view
        plan = layout.plan
        line_cm = view.to_plan(_LETTER_X * self.dpr, 0)[0]
        seen = view.visible
        reach = 8 * layout.pitch
        seats = layout.grid.within(Box(line_cm - reach, seen.top - reach, line_cm + reach, seen.bottom + reach))
        letters = []
        for row in np.unique(plan.row[seats]).tolist():
            span = plan.rows[row]
            x, y = plan.x[span.start : span.stop], plan.y[span.start : span.stop]
            if not span.label or not float(x.min()) - layout.pitch < line_cm < float(x.max()):
                continue
            order = np.argsort(x, kind="stable")
            height = self.point(0, float(np.interp(line_cm, x[order], y[order]))).y()
            if 0 <= height <= view.height / self.dpr:
                letters.append((height, span.label))
        return sorted(letters)

    def _words(self, words: Words) -> QPixmap:
        look = self.scene.palette
        return words_picture(words, self.ground.family, SMALLEST_TEXT * self.dpr, look.ink, look.ink_2)

    def _put(self, painter: QPainter, picture: QPixmap, at: QPointF) -> None:
        """Middle at a logical point, its pixels on device pixels."""
        painter.save()
        painter.scale(1 / self.dpr, 1 / self.dpr)
        painter.drawPixmap(
            round(at.x() * self.dpr - picture.width() / 2), round(at.y() * self.dpr - picture.height() / 2), picture
        )
        painter.restore()
