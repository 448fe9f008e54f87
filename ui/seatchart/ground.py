"""What lies under the seats: sections, stage, areas, tables, names, row letters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap, QTransform

from boxoffice.domain.plan import Decoration, Point
from ui.seatchart.palette import ChartPalette
from ui.seatchart.scene import Layout, Scene
from ui.seatchart.viewport import PITCH_UNITS, Viewport

LETTERS_FROM_SCALE = 0.5
NAMES_IN_LANES_FROM_SCALE = 0.5
_SMALLEST_TEXT = 11.0
_CORNER_UNITS = 9.0
_FAINTEST_TEXT = 0.45


def chart_font(family: str, pixels: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Tabular figures; `pixels` are device pixels, never fewer than one."""
    font = QFont(family)
    font.setPixelSize(max(1, round(pixels)))
    font.setWeight(weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


@dataclass(frozen=True, slots=True)
class _Words:
    """A strong part and a plain part, side by side."""

    strong: str
    plain: str = ""


class Ground:
    """Paints the same pixels for the same place, wherever the window stands: everything sits on whole pixels or
    is moved by whole pixels only."""

    def __init__(self, layout: Layout, family: str) -> None:
        self._layout = layout
        self.family = family
        plan = layout.plan
        corner = _CORNER_UNITS * layout.pitch / PITCH_UNITS
        self._sections = [rounded(section.outline, corner) for section in plan.sections if section.outline]
        self._areas = [rounded(area.outline, 2 * corner) for area in plan.areas]
        self._decorations = [(item, rounded(item.outline, corner * 0.6)) for item in plan.decorations if item.outline]

    def area_path(self, area: int) -> QPainterPath:
        """In plan centimetres."""
        return self._areas[area]

    def paint(self, painter: QPainter, scene: Scene, view: Viewport, dpr: float, clip: QRect) -> None:
        """Fills all of `clip`, in device pixels."""
        look = scene.palette
        painter.setClipRect(clip)
        painter.fillRect(clip, QColor(look.background))
        place = QTransform(view.px_per_cm, 0, 0, view.px_per_cm, view.left, view.top)
        seen = QRectF(clip).adjusted(-2, -2, 2, 2)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.section))
        for path in self._sections:
            if place.mapRect(path.boundingRect()).intersects(seen):
                painter.drawPath(place.map(path))
        for item, path in self._decorations:
            box = place.mapRect(path.boundingRect())
            if box.intersects(seen):
                self._paint_decoration(painter, item, place.map(path), box, look, view, dpr)
        for index, path in enumerate(self._areas):
            box = place.mapRect(path.boundingRect())
            if box.intersects(seen):
                self._paint_area(painter, index, place.map(path), box, scene, view, dpr)
        scale = self.scale(view, dpr)
        if scale >= LETTERS_FROM_SCALE:
            self._paint_letters(painter, look, view, dpr, seen)
        if scale >= NAMES_IN_LANES_FROM_SCALE:
            for label in self._layout.section_labels:
                if label.above is not None:
                    self._paint_words(
                        painter, self.section_words(scene, label.section), label.above, look, view, dpr, 12
                    )

    def scale(self, view: Viewport, dpr: float) -> float:
        """Logical pixels per unit of the design."""
        return view.px_per_cm * self._layout.pitch / PITCH_UNITS / dpr

    def section_words(self, scene: Scene, section: int) -> _Words:
        name = self._layout.plan.sections[section].name
        count = scene.section_counts.get(section)
        return _Words(name, "" if count is None else f"{count:,} free")

    def _paint_decoration(
        self, painter: QPainter, item: Decoration, path: QPainterPath, box: QRectF, look: ChartPalette,
        view: Viewport, dpr: float,
    ) -> None:  # fmt: skip
        if item.kind == "outline":
            pen = QPen(QColor(look.ink_3), dpr)
            pen.setDashPattern([3.5, 3])
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            colour, weight, size = look.ink_3, QFont.Weight.Normal, 12.0
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.stage))
            is_stage = item.kind == "stage"
            colour = look.ink_2 if is_stage else look.ink_3
            weight, size = (QFont.Weight.DemiBold, 13.0) if is_stage else (QFont.Weight.Medium, 11.0)
        painter.drawPath(path)
        if item.label:
            picture = words_picture(_Words(item.label), self.family, size * dpr, colour, colour, weight)
            if picture.width() + 4 * dpr <= box.width() and picture.height() <= box.height():
                x_cm, y_cm = _centre(item.outline)
                self._put(painter, picture, view, x_cm, y_cm)

    def _paint_area(
        self, painter: QPainter, index: int, path: QPainterPath, box: QRectF, scene: Scene, view: Viewport, dpr: float
    ) -> None:
        area = self._layout.plan.areas[index]
        colours = scene.palette.category(area.category)
        free = scene.area_counts.get(index, area.capacity)
        opacity = 0.2 if scene.is_area_dimmed(index) else 1.0
        fill = QColor(colours.fill if free else scene.palette.sold_dot)
        fill.setAlphaF(0.16 * opacity if free else 0.10)
        edge = QColor(colours.edge if free else scene.palette.sold_dot)
        edge.setAlphaF(opacity)
        painter.setBrush(QColor(scene.palette.section))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawPath(path)
        painter.setBrush(fill)
        painter.setPen(QPen(edge, 1.25 * dpr))
        painter.drawPath(path)
        count = f"{free:,} free" if free else "sold out"
        strong, plain = _faded(scene.palette.ink, opacity), _faded(scene.palette.ink_2, opacity)
        for lines in (
            (_Words(area.name, f"· {count}"),),
            (_Words(area.name), _Words("", count)),
            (_Words(area.name),),
            (_Words(f"{free:,}"),),
        ):
            pictures = [words_picture(w, self.family, 13 * dpr, strong, plain, QFont.Weight.DemiBold) for w in lines]
            height = pictures[0].height()
            wide = max(picture.width() for picture in pictures) + 12 * dpr
            if wide <= box.width() and len(pictures) * height <= box.height():
                for line, picture in enumerate(pictures):
                    down = round((line - (len(pictures) - 1) / 2) * height * 1.1)
                    self._put(painter, picture, view, *self._layout.area_centres[index], down=down)
                return

    def _paint_letters(self, painter: QPainter, look: ChartPalette, view: Viewport, dpr: float, seen: QRectF) -> None:
        size = min(max(_SMALLEST_TEXT, 11 * self.scale(view, dpr)), 15.0) * dpr
        room = seen.adjusted(-size, -size, size, size)
        for letter in self._layout.row_letters:
            x, y = view.to_screen(letter.x, letter.y)
            if room.contains(x, y):
                self._put(painter, letter_picture(letter.text, self.family, size, look.ink_3), view, letter.x, letter.y)

    def _paint_words(
        self, painter: QPainter, words: _Words, at: Point, look: ChartPalette, view: Viewport, dpr: float, size: float
    ) -> None:
        picture = words_picture(words, self.family, size * dpr, look.ink_2, look.ink_2, QFont.Weight.DemiBold)
        self._put(painter, picture, view, *at)

    @staticmethod
    def _put(painter: QPainter, picture: QPixmap, view: Viewport, x_cm: float, y_cm: float, *, down: int = 0) -> None:
        left = math.floor(x_cm * view.px_per_cm + 0.5) + view.left - picture.width() // 2
        top = math.floor(y_cm * view.px_per_cm + 0.5) + view.top - picture.height() // 2 + down
        painter.drawPixmap(left, top, picture)


@lru_cache(maxsize=2048)
def words_picture(words: _Words, family: str, pixels: float, strong: str, plain: str, weight: QFont.Weight) -> QPixmap:
    """One line, as a picture with a transparent ground. Sizes in device pixels."""
    strong_font = chart_font(family, pixels, weight)
    plain_font = chart_font(family, pixels)
    first, second = QFontMetricsF(strong_font), QFontMetricsF(plain_font)
    first_width = first.horizontalAdvance(words.strong)
    gap = pixels * 0.45 if words.plain and words.strong else 0.0
    width = first_width + gap + (second.horizontalAdvance(words.plain) if words.plain else 0.0)
    picture = QPixmap(math.ceil(width) + 2, math.ceil(first.height()) + 2)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    baseline = 1 + first.ascent()
    painter.setFont(strong_font)
    painter.setPen(QColor(strong))
    painter.drawText(QPointF(1, baseline), words.strong)
    if words.plain:
        painter.setFont(plain_font)
        painter.setPen(QColor(plain))
        painter.drawText(QPointF(1 + first_width + gap, baseline), words.plain)
    painter.end()
    return picture


def _faded(colour: str, opacity: float) -> str:
    faded = QColor(colour)
    faded.setAlphaF(max(opacity, _FAINTEST_TEXT))
    return faded.name(QColor.NameFormat.HexArgb)


def letter_picture(text: str, family: str, pixels: float, colour: str) -> QPixmap:
    return words_picture(_Words(text), family, pixels, colour, colour, QFont.Weight.Medium)


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
            path.quadTo(
                QPointF(x, y), QPointF(x + (after_x - x) / out_length * cut, y + (after_y - y) / out_length * cut)
            )
    path.closeSubpath()
    return path


def _centre(outline: tuple[Point, ...]) -> Point:
    xs, ys = [p[0] for p in outline], [p[1] for p in outline]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
