"""What lies under the seats: sections, stage, areas, tables, names, row letters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPixmap, QTransform

from boxoffice.domain.plan import Decoration, Point
from ui.seatchart.glyphs import FILTERED_OUT_OPACITY
from ui.seatchart.lettering import SMALLEST_TEXT, Words, faded, letter_picture, shortened, words_picture
from ui.seatchart.scene import Layout, Scene
from ui.seatchart.viewport import PITCH_UNITS, Viewport

LETTERS_FROM_SCALE = 0.5
_CORNER_UNITS = 9.0
_LARGEST_LETTER = 15.0
_FAINTEST_TEXT = 0.45
_LONGEST_NAME = 200.0  # logical pixels; the card has all of it
_ROOM_OF_NAME = 180.0  # logical pixels to each side, more than a name and its count need


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What is painted on, and where the plan lies on it. `seen` in device pixels."""

    painter: QPainter
    scene: Scene
    view: Viewport
    dpr: float
    seen: QRectF
    words: bool

    def put(self, picture: QPixmap, at: Point, down: int = 0) -> None:
        """Middle on a whole pixel of the plan's own lattice, so that a pan moves it exactly."""
        view = self.view
        left = math.floor(at[0] * view.px_per_cm + 0.5) + view.left - picture.width() // 2
        top = math.floor(at[1] * view.px_per_cm + 0.5) + view.top - picture.height() // 2 + down
        self.painter.drawPixmap(left, top, picture)

    def around(self, x: NDArray[np.float64], y: NDArray[np.float64], aside: float, above: float) -> list[int]:
        """Which points of the plan lie in sight, or no more than so many device pixels out of it."""
        view, seen = self.view, self.seen
        x, y = x * view.px_per_cm + view.left, y * view.px_per_cm + view.top
        in_sight = (x > seen.left() - aside) & (x < seen.right() + aside)
        in_sight &= (y > seen.top() - above) & (y < seen.bottom() + above)
        indices: list[int] = np.flatnonzero(in_sight).tolist()
        return indices


class Ground:
    """Paints the same pixels for the same part of the plan, wherever the window stands."""

    def __init__(self, layout: Layout, family: str) -> None:
        self.family = family
        self._layout = layout
        plan = layout.plan
        corner = _CORNER_UNITS * layout.pitch / PITCH_UNITS
        self._sections = [rounded(section.outline, corner) for section in plan.sections if section.outline]
        bounds = [path.boundingRect() for path in self._sections]
        self._section_bounds = np.array(
            [(box.left(), box.top(), box.right(), box.bottom()) for box in bounds], np.float64
        ).reshape(-1, 4)
        self._areas = [rounded(area.outline, 2 * corner) for area in plan.areas]
        self._decorations = [(item, rounded(item.outline, corner * 0.6)) for item in plan.decorations if item.outline]

    def area_path(self, area: int) -> QPainterPath:
        """In plan centimetres."""
        return self._areas[area]

    def scale(self, view: Viewport, dpr: float) -> float:
        """Logical pixels per unit of the design."""
        return view.px_per_cm * self._layout.pitch / PITCH_UNITS / dpr

    def letter_pixels(self, scale: float) -> float:
        """Logical size of row letters."""
        return min(max(SMALLEST_TEXT, 11 * scale), _LARGEST_LETTER)

    def section_words(self, scene: Scene, section: int) -> Words:
        count = scene.section_counts.get(section)
        return Words(self._short_names[section], "" if count is None else f"{count:,} free")

    @cached_property
    def _short_names(self) -> tuple[str, ...]:
        return tuple(shortened(section.name, self.family, 12, _LONGEST_NAME) for section in self._layout.plan.sections)

    def paint(
        self, painter: QPainter, scene: Scene, view: Viewport, dpr: float, clip: QRect, *, words: bool = True
    ) -> None:
        """Fills all of `clip`, in device pixels."""
        sheet = _Sheet(painter, scene, view, dpr, QRectF(clip).adjusted(-2, -2, 2, 2), words)
        painter.setClipRect(clip)
        painter.fillRect(clip, QColor(scene.palette.background))
        painter.setRenderHints(QPainter.RenderHint.Antialiasing)
        place = QTransform(view.px_per_cm, 0, 0, view.px_per_cm, view.left, view.top)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(scene.palette.section))
        seen = view.box_of(clip.left() - 2, clip.top() - 2, clip.right() + 3, clip.bottom() + 3)
        left, top, right, bottom = self._section_bounds.T
        in_sight = (left < seen.right) & (right > seen.left) & (top < seen.bottom) & (bottom > seen.top)
        for index in np.flatnonzero(in_sight).tolist():
            painter.drawPath(place.map(self._sections[index]))
        for item, path in self._decorations:
            if place.mapRect(path.boundingRect()).intersects(sheet.seen):
                self._paint_decoration(sheet, item, place.map(path))
        for index, path in enumerate(self._areas):
            if place.mapRect(path.boundingRect()).intersects(sheet.seen):
                self._paint_area(sheet, index, place.map(path))
        if words and self.scale(view, dpr) >= LETTERS_FROM_SCALE:
            self._paint_letters(sheet)
            self._paint_names(sheet)

    def _paint_names(self, sheet: _Sheet) -> None:
        look, room = sheet.scene.palette, _ROOM_OF_NAME * sheet.dpr
        sections, places = self._names
        for index in sheet.around(places[:, 0], places[:, 1], room, room):
            name = self.section_words(sheet.scene, sections[index])
            x, y = places[index].tolist()
            sheet.put(words_picture(name, self.family, 12 * sheet.dpr, look.ink_2, look.ink_2), (x, y))

    @cached_property
    def _names(self) -> tuple[list[int], NDArray[np.float64]]:
        """Sections whose names have a lane of their own, and where."""
        labels = [label for label in self._layout.section_labels if label.above is not None]
        return [label.section for label in labels], np.array([label.above for label in labels]).reshape(-1, 2)

    def _paint_decoration(self, sheet: _Sheet, item: Decoration, path: QPainterPath) -> None:
        painter, look, dpr = sheet.painter, sheet.scene.palette, sheet.dpr
        if item.kind == "outline":
            pen = QPen(QColor(look.sold_dot), dpr)
            pen.setDashPattern([3.5, 3])
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            colour, weight, size = look.ink_3, QFont.Weight.Normal, 12.0
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.stage))
            is_stage = item.kind == "stage"
            colour = look.ink_2 if is_stage else look.ink_3
            weight, size = (QFont.Weight.DemiBold, 13.0) if is_stage else (QFont.Weight.Medium, SMALLEST_TEXT)
        painter.drawPath(path)
        if item.label and sheet.words:
            picture = words_picture(Words(item.label), self.family, size * dpr, colour, colour, weight)
            box = path.boundingRect()
            if picture.width() + 4 * dpr <= box.width() and picture.height() <= box.height():
                sheet.put(picture, _centre(item.outline))

    def _paint_area(self, sheet: _Sheet, index: int, path: QPainterPath) -> None:
        painter, look = sheet.painter, sheet.scene.palette
        free = sheet.scene.free_in(index)
        opacity = FILTERED_OUT_OPACITY if sheet.scene.is_area_dimmed(index) else 1.0
        colours = look.category(sheet.scene.area_colours[index])
        fill, edge = QColor(colours.fill if free else look.sold_dot), QColor(colours.edge if free else look.sold_dot)
        fill.setAlphaF(0.16 * opacity if free else 0.10)
        edge.setAlphaF(opacity)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.section))
        painter.drawPath(path)
        painter.setPen(QPen(edge, 1.25 * sheet.dpr))
        painter.setBrush(fill)
        painter.drawPath(path)
        if sheet.words:
            self._write_area(sheet, index, path.boundingRect(), max(opacity, _FAINTEST_TEXT))

    def _write_area(self, sheet: _Sheet, index: int, box: QRectF, opacity: float) -> None:
        """In one line, in two, or the name alone: what fits."""
        look, dpr = sheet.scene.palette, sheet.dpr
        name, count = self._layout.plan.areas[index].name, sheet.scene.area_word(index)
        strong, plain = faded(look.ink, opacity), faded(look.ink_2, opacity)
        ways = (
            (Words(name, f"· {count}"),),
            (Words(name), Words("", count)),
            (Words(name),),
            (Words(count.split()[0]),),
        )
        for lines in ways:
            pictures = [words_picture(line, self.family, 13 * dpr, strong, plain) for line in lines]
            height = pictures[0].height()
            width = max(picture.width() for picture in pictures) + 12 * dpr
            if width <= box.width() and len(pictures) * height <= box.height():
                for line, picture in enumerate(pictures):
                    down = round((line - (len(pictures) - 1) / 2) * height * 1.05)
                    sheet.put(picture, self._layout.area_centres[index], down)
                return

    def _paint_letters(self, sheet: _Sheet) -> None:
        letters, look = self._layout.row_letters, sheet.scene.palette
        size = self.letter_pixels(self.scale(sheet.view, sheet.dpr)) * sheet.dpr
        for index in sheet.around(letters.x, letters.y, 2 * size, size):
            picture = letter_picture(letters.texts[index], self.family, size, look.ink_3)
            sheet.put(picture, (float(letters.x[index]), float(letters.y[index])))


def rounded(outline: tuple[Point, ...], corner: float) -> QPainterPath:
    """The polygon with its real corners rounded; the many small bends of a curve stay as they are."""
    path = QPainterPath()
    points = [p for i, p in enumerate(outline) if p != outline[i - 1]]
    if len(points) < 3:
        return path
    for i, (x, y) in enumerate(points):
        before_x, before_y = points[i - 1]
        after_x, after_y = points[(i + 1) % len(points)]
        in_length = math.hypot(x - before_x, y - before_y)
        out_length = math.hypot(after_x - x, after_y - y)
        cosine = ((x - before_x) * (after_x - x) + (y - before_y) * (after_y - y)) / (in_length * out_length)
        cut = min(corner, in_length / 2, out_length / 2) if cosine < 0.9 else 0.0
        start = QPointF(x - (x - before_x) / in_length * cut, y - (y - before_y) / in_length * cut)
        if i == 0:
            path.moveTo(start)
        else:
            path.lineTo(start)
        if cut:
            end = QPointF(x + (after_x - x) / out_length * cut, y + (after_y - y) / out_length * cut)
            path.quadTo(QPointF(x, y), end)
    path.closeSubpath()
    return path


def _centre(outline: tuple[Point, ...]) -> Point:
    xs, ys = [p[0] for p in outline], [p[1] for p in outline]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
