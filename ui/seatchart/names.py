"""Names of sections over the seats: all of them from afar, and close by of the one we are in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from ui.seatchart.ground import LETTERS_FROM_SCALE, Ground
from ui.seatchart.lettering import SMALLEST_TEXT, Words, words_picture
from ui.seatchart.palette import ChartPalette
from ui.seatchart.scene import Scene
from ui.seatchart.viewport import Viewport

_Lines = tuple[Words, ...]
_ROOM = 26.0  # logical pixels between a name and the edges of its section
_BELOW_TOP = 12.0
_AIR = (12.0, 4.0)  # logical pixels around the words


class SectionNames:
    """A name is on a plate that is painted once and then put into every frame."""

    def __init__(self, scene: Scene, ground: Ground) -> None:
        self._scene, self._ground = scene, ground
        self._sections = scene.layout.named_sections
        boxes = [scene.layout.section_boxes[section] for section in self._sections]
        self._boxes = np.array([box for box in boxes if box is not None], np.float64).reshape(-1, 4)
        self._counts: Mapping[int, int] = {}
        self._look: tuple[ChartPalette, float] | None = None
        self._lines: list[tuple[_Lines, ...]] = []  # by way, then section
        self._sizes = np.empty((0, 0, 2))  # of the same: width and height in device pixels
        self._plates: dict[_Lines, QPixmap] = {}

    def paint(self, painter: QPainter, view: Viewport, dpr: float) -> None:
        """From afar, where names have no lane of their own: all in the way that most sections have room for."""
        if self._ground.scale(view, dpr) >= LETTERS_FROM_SCALE or not len(self._sections):
            return
        self._measure(dpr)
        left, top, right, bottom = self._boxes.T * view.px_per_cm
        room = np.column_stack([right - left, bottom - top]) - _ROOM * dpr
        fits: NDArray[np.bool_] = np.all(self._sizes <= room, axis=2)
        way = int(fits.sum(axis=1).argmax())
        x, y = (left + right) / 2 + view.left, (top + bottom) / 2 + view.top
        width, height = self._sizes[way].T
        seen = fits[way] & (x > -width) & (x < view.width + width) & (y > -height) & (y < view.height + height)
        painter.save()
        painter.scale(1 / dpr, 1 / dpr)
        spots = zip(np.flatnonzero(seen).tolist(), x[seen].tolist(), y[seen].tolist(), strict=True)
        for index, middle_x, middle_y in spots:
            self._put(painter, self._lines[way][index], dpr, middle_x, middle_y)
        painter.restore()

    def paint_place(self, painter: QPainter, view: Viewport, dpr: float, section: int) -> None:
        """Close to a section whose name has no lane: its name at the top, so that one knows where one is."""
        if section < 0 or self._ground.scale(view, dpr) < LETTERS_FROM_SCALE:
            return
        lanes = {label.section: label.above for label in self._scene.layout.section_labels}
        if lanes.get(section, (0.0, 0.0)) is None:
            self._measure(dpr)
            painter.save()
            painter.scale(1 / dpr, 1 / dpr)
            lines = self._ways(section)[0]
            self._put(painter, lines, dpr, view.width / 2, self._size(lines, dpr)[1] / 2 + _BELOW_TOP * dpr)
            painter.restore()

    def _measure(self, dpr: float) -> None:
        counts, look = self._scene.section_counts, (self._scene.palette, dpr)
        if counts is self._counts and look == self._look:
            return
        if look != self._look:
            self._plates.clear()
        self._counts, self._look = counts, look
        self._lines = list(zip(*(self._ways(section) for section in self._sections), strict=True))
        self._sizes = np.array([[self._size(lines, dpr) for lines in way] for way in self._lines])

    def _ways(self, section: int) -> tuple[_Lines, ...]:
        """In one line, in two, or the name alone."""
        words = self._ground.section_words(self._scene, section)
        name = Words(words.strong)
        return (words,), (name, Words("", words.plain)) if words.plain else (name,), (name,)

    def _size(self, lines: _Lines, dpr: float) -> tuple[float, float]:
        pictures = [self._picture(line, dpr) for line in lines]
        width, height = max(picture.width() for picture in pictures), sum(picture.height() for picture in pictures)
        return width + _AIR[0] * dpr, height + _AIR[1] * dpr

    def _put(self, painter: QPainter, lines: _Lines, dpr: float, x: float, y: float) -> None:
        plate = self._plates.get(lines)
        if plate is None:
            plate = self._plates[lines] = self._plate(lines, dpr)
        painter.drawPixmap(round(x - plate.width() / 2), round(y - plate.height() / 2), plate)

    def _plate(self, lines: _Lines, dpr: float) -> QPixmap:
        look = self._scene.palette
        width, height = self._size(lines, dpr)
        plate = QPixmap(round(width) + 2, round(height) + 2)
        plate.fill(Qt.GlobalColor.transparent)
        painter = QPainter(plate)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        surface = QColor(look.surface)
        surface.setAlphaF(0.92)
        painter.setPen(QPen(QColor(look.line), dpr))
        painter.setBrush(surface)
        painter.drawRoundedRect(QRectF(1, 1, round(width), round(height)), 6 * dpr, 6 * dpr)
        top = 1 + _AIR[1] * dpr / 2
        for line in lines:
            picture = self._picture(line, dpr)
            painter.drawPixmap(QPointF(round((plate.width() - picture.width()) / 2), round(top)), picture)
            top += picture.height()
        painter.end()
        return plate

    def _picture(self, words: Words, dpr: float) -> QPixmap:
        look = self._scene.palette
        return words_picture(words, self._ground.family, SMALLEST_TEXT * dpr, look.ink, look.ink_2)
