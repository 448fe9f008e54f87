"""Names of sections over the seats: all of them from afar, and close by of the one we are in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from ui.seatchart.atlas import draw_parts
from ui.seatchart.ground import LETTERS_FROM_SCALE, Ground
from ui.seatchart.lettering import SMALLEST_TEXT, Words, words_picture
from ui.seatchart.palette import ChartPalette
from ui.seatchart.scene import Scene
from ui.seatchart.viewport import Viewport

_Lines = tuple[Words, ...]
_ROOM = 26.0  # logical pixels between a name and the edges of its section
_BELOW_TOP = 12.0
_EDGE = 2  # device pixels around a plate, for its line
_TALLEST = 4096
_AIR = (12.0, 4.0)  # logical pixels around the words


class SectionNames:
    """The plates are painted once, beside each other, and from then on put into every frame with one call."""

    def __init__(self, scene: Scene, ground: Ground) -> None:
        self._scene, self._ground = scene, ground
        self._sections = scene.layout.named_sections
        boxes = [scene.layout.section_boxes[section] for section in self._sections]
        self._boxes = np.array([box for box in boxes if box is not None], np.float64).reshape(-1, 4)
        self._counts: Mapping[int, int] = {}
        self._look: tuple[ChartPalette, float] | None = None
        self._ways: list[_Plates] = []
        self._placed_for: Viewport | None = None

    def paint(self, painter: QPainter, view: Viewport, dpr: float) -> None:
        """From afar, where names have no lane of their own: all in the way that most sections have room for."""
        if self._ground.scale(view, dpr) >= LETTERS_FROM_SCALE or not len(self._sections):
            return
        if self._prepare(dpr) or view != self._placed_for:
            self._placed, self._placed_for = self._place(view, dpr), view
        self._placed[0].put(painter, self._placed[1], self._placed[2], dpr)

    def _place(self, view: Viewport, dpr: float) -> tuple[_Plates, NDArray[np.int64], NDArray[np.float64]]:
        """Which plates, which of them, and their middles."""
        left, top, right, bottom = self._boxes.T * view.px_per_cm
        room = np.column_stack([right - left, bottom - top]) - _ROOM * dpr
        fits = [np.all(plates.sizes <= room, axis=1) for plates in self._ways]
        best = max(range(len(fits)), key=lambda way: (int(np.count_nonzero(fits[way])), -way))
        spots = np.column_stack([(left + right) / 2 + view.left, (top + bottom) / 2 + view.top])
        sizes, window = self._ways[best].sizes, np.array([view.width, view.height])
        seen = np.all((spots > -sizes) & (spots < window + sizes), axis=1)
        chosen = np.flatnonzero(fits[best] & seen)
        return self._ways[best], chosen, spots[chosen]

    def paint_place(self, painter: QPainter, view: Viewport, dpr: float, section: int) -> None:
        """Close to a section whose name has no lane: its name at the top, so that one knows where one is."""
        if section < 0 or self._ground.scale(view, dpr) < LETTERS_FROM_SCALE:
            return
        lanes = {label.section: label.above for label in self._scene.layout.section_labels}
        if lanes.get(section, (0.0, 0.0)) is None:
            self._prepare(dpr)
            plates, index = self._ways[0], self._sections.index(section)
            below = plates.sizes[index, 1] / 2 + _BELOW_TOP * dpr
            plates.put(painter, np.array([index]), np.array([(view.width / 2, below)]), dpr)

    def _prepare(self, dpr: float) -> bool:
        """Whether the plates are others."""
        counts, look = self._scene.section_counts, (self._scene.palette, dpr)
        is_new = counts is not self._counts or look != self._look
        if is_new:
            kept = {plates.names: plates for plates in self._ways} if look == self._look else {}
            self._counts, self._look = counts, look
            words = [self._ground.section_words(self._scene, section) for section in self._sections]
            one_line = tuple((word,) for word in words)
            two_lines = tuple((Words(word.strong), Words("", word.plain)) if word.plain else (word,) for word in words)
            name_alone = tuple((Words(word.strong),) for word in words)
            self._ways = [
                kept.get(names) or _Plates(names, self._scene.palette, self._ground.family, dpr)
                for names in (one_line, two_lines, name_alone)
            ]
            self._placed_for = None
        return is_new


class _Plates:
    """`sizes` of the plates with their air, in device pixels; painted when they are first put."""

    def __init__(self, names: tuple[_Lines, ...], look: ChartPalette, family: str, dpr: float) -> None:
        self.names = names
        self._look, self._dpr = look, dpr
        self._pictures = [
            [words_picture(line, family, SMALLEST_TEXT * dpr, look.ink, look.ink_2) for line in lines]
            for lines in names
        ]
        air = (round(_AIR[0] * dpr), round(_AIR[1] * dpr))
        self.sizes = np.array(
            [
                (max(p.width() for p in lines) + air[0], sum(p.height() for p in lines) + air[1])
                for lines in self._pictures
            ]
        )
        self._sheet: QPixmap | None = None
        self._corners = np.zeros((len(names), 2))

    def put(self, painter: QPainter, which: NDArray[np.int64], at: NDArray[np.float64], dpr: float) -> None:
        """Middles at device pixels."""
        if self._sheet is None:
            self._sheet = self._painted()
        size = self.sizes[which] + 2 * _EDGE
        x, y = (np.rint(at - size / 2) + size / 2).T
        painter.save()
        painter.scale(1 / dpr, 1 / dpr)
        draw_parts(painter, self._sheet, x, y, *self._corners[which].T, *size.T)
        painter.restore()

    def _painted(self) -> QPixmap:
        """One below the other, in as many columns as it takes."""
        width, height = (self.sizes.max(axis=0) + 2 * _EDGE).tolist()
        lines = max(1, min(len(self.names), _TALLEST // height))
        sheet = QPixmap(-(-len(self.names) // lines) * width, lines * height)
        sheet.fill(Qt.GlobalColor.transparent)
        painter = QPainter(sheet)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, pictures in enumerate(self._pictures):
            left, top = index // lines * width, index % lines * height
            self._corners[index] = left, top
            self._paint_plate(
                painter, QPointF(left + _EDGE, top + _EDGE), QSizeF(*self.sizes[index].tolist()), pictures
            )
        painter.end()
        return sheet

    def _paint_plate(self, painter: QPainter, corner: QPointF, size: QSizeF, pictures: list[QPixmap]) -> None:
        surface = QColor(self._look.surface)
        surface.setAlphaF(0.92)
        painter.setPen(QPen(QColor(self._look.line), self._dpr))
        painter.setBrush(surface)
        painter.drawRoundedRect(QRectF(corner, size), 6 * self._dpr, 6 * self._dpr)
        top = corner.y() + round(_AIR[1] * self._dpr / 2)
        for picture in pictures:
            painter.drawPixmap(QPointF(corner.x() + round((size.width() - picture.width()) / 2), top), picture)
            top += picture.height()
