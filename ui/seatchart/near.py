"""Seats with their signs and numbers: sprites, as many as are in sight in one call."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from ui.seatchart import glyphs
from ui.seatchart.atlas import Atlas
from ui.seatchart.canvas import Canvas
from ui.seatchart.lattice import Lattice
from ui.seatchart.lettering import SMALLEST_TEXT, chart_font
from ui.seatchart.palette import ChartPalette
from ui.seatchart.scene import Scene
from ui.seatchart.states import SeatState
from ui.seatchart.tiles import Tiles
from ui.seatchart.viewport import Viewport

_FINE_BELOW = 12.0  # device pixels of radius: below, sprites stand on half pixels
_LARGEST_NUMBER = 60.0  # device pixels; from 64 Qt fills outlines of letters, and not always the same pixels of them
_KEPT_SCALES = 24  # sprites of so many scales are kept: zooming goes back and forth
# One square costs about as much as painting so many seats in one go.
_SQUARES_AT_LEAST = 6
_SEATS_PER_SQUARE = 300


class Near:
    """Paints rectangles of the canvas: ground, seats, numbers, and what is ours on top."""

    def __init__(self, scene: Scene, tiles: Tiles, family: str) -> None:
        self._scene, self._tiles, self._family = scene, tiles, family
        self._sprites: dict[tuple[float, float, ChartPalette], tuple[Atlas, Atlas | None]] = {}

    def begin(self, canvas: Canvas, view: Viewport, dpr: float, scale: float) -> None:
        """`scale` as the design counts it: numbers show from 1.35."""
        self._canvas, self._view, self._dpr = canvas, view, dpr
        radius = self._scene.layout.radius * view.px_per_cm
        self._reach = math.ceil(glyphs.extent(radius, dpr)) + 1
        phases = 2 if radius < _FINE_BELOW else 1
        self._lattice = Lattice.of(self._scene.layout.plan, view.px_per_cm, phases)
        key = (view.px_per_cm, dpr, self._scene.palette)
        if key not in self._sprites:
            if len(self._sprites) >= _KEPT_SCALES:
                del self._sprites[next(iter(self._sprites))]
            numbers = self._number_sprites(radius) if scale >= glyphs.NUMBERS_FROM_SCALE else None
            self._sprites[key] = (self._seat_sprites(radius, phases), numbers)
        self._seats, self._numbers = self._sprites[key]
        self._paint([canvas.window])

    def pan(self, view: Viewport, strips: list[QRect]) -> None:
        self._canvas.shift(view.left - self._view.left, view.top - self._view.top)
        self._view = view
        self._paint(strips)

    def repaint(self, rects: list[QRect]) -> None:
        """The ground there is another."""
        self._paint(rects)

    def change(self, seats: NDArray[np.intp]) -> None:
        x, y = self._lattice.x[seats] + self._view.left, self._lattice.y[seats] + self._view.top
        reach, window = self._reach, self._canvas.window
        seen = (x > -reach) & (x < window.width() + reach) & (y > -reach) & (y < window.height() + reach)
        x, y = x[seen], y[seen]
        if len(x) > _SQUARES_AT_LEAST + len(self._touching(window)) // _SEATS_PER_SQUARE:
            self._paint([window])
            return
        corners = zip((x - reach).tolist(), (y - reach).tolist(), strict=True)
        self._paint([QRect(left, top, 2 * reach, 2 * reach).intersected(window) for left, top in corners])

    def _paint(self, rects: list[QRect]) -> None:
        painter = self._canvas.painter()
        for rect in rects:
            if not rect.isEmpty():
                painter.setClipRect(rect)
                self._tiles.paint(painter, self._view, self._dpr, rect)
                self._paint_seats(painter, self._touching(rect))
        painter.end()

    def _touching(self, rect: QRect) -> NDArray[np.intp]:
        reach = self._reach + 1
        box = rect.adjusted(-reach, -reach, reach + 1, reach + 1)
        return self._scene.layout.grid.within(self._view.box_of(box.left(), box.top(), box.right(), box.bottom()))

    def _paint_seats(self, painter: QPainter, seats: NDArray[np.intp]) -> None:
        plan, scene, lattice = self._scene.layout.plan, self._scene, self._lattice
        mine = scene.states[seats] == SeatState.MINE
        others = len(seats) - int(np.count_nonzero(mine))
        seats = np.concatenate([seats[~mine], seats[mine]])
        states, categories = scene.states[seats], scene.colours[seats]
        x, y = lattice.x[seats] + self._view.left, lattice.y[seats] + self._view.top
        faded = scene.faded(seats)
        keys = glyphs.glyphs_of(states, plan.kind[seats], categories) * lattice.steps + lattice.phase[seats]
        self._seats.draw(painter, keys[:others], x[:others], y[:others], faded[:others])
        if self._numbers is not None:
            shown = (states == SeatState.FREE) & scene.layout.numbered[seats]
            colours = len(scene.palette.categories)
            numbers = scene.layout.label[seats][shown] * colours + categories[shown] % colours
            self._numbers.draw(painter, numbers, x[shown], y[shown], faded[shown])
        self._seats.draw(painter, keys[others:], x[others:], y[others:], faded[others:])

    def _seat_sprites(self, radius: float, phases: int) -> Atlas:
        look, dpr, steps = self._scene.palette, self._dpr, phases * phases

        def paint_seat(painter: QPainter, key: int, middle_x: float, middle_y: float) -> None:
            glyph, phase = divmod(key, steps)
            x, y = middle_x + phase % phases / phases, middle_y + phase // phases / phases
            glyphs.paint_glyph(painter, glyph, x, y, radius, dpr, look)

        return Atlas(2 * self._reach, glyphs.GLYPH_COUNT * steps, paint_seat, glyphs.FILTERED_OUT_OPACITY)

    def _number_sprites(self, radius: float) -> Atlas:
        """Numbers of a size that most of them fit; a longer one gets smaller, and none under 11 is written."""
        texts, look = self._scene.layout.label_texts, self._scene.palette
        colours = len(look.categories)
        least = SMALLEST_TEXT * self._dpr
        sizes = [min(max(share * radius, least), _LARGEST_NUMBER) for share in (0.96, 0.8, 0.66)]
        fonts = [chart_font(self._family, size, QFont.Weight.DemiBold) for size in sizes]
        metrics = [QFontMetricsF(font) for font in fonts]

        def paint_number(painter: QPainter, key: int, middle_x: float, middle_y: float) -> None:
            text, colour = texts[key // colours], look.categories[key % colours].number
            for font, measure in zip(fonts, metrics, strict=True):
                width = measure.horizontalAdvance(text)
                if width <= 1.75 * radius:
                    painter.setFont(font)
                    painter.setPen(QColor(colour))
                    painter.drawText(QPointF(middle_x - width / 2, middle_y + measure.capHeight() / 2), text)
                    return

        return Atlas(2 * math.ceil(radius), len(texts) * colours, paint_number, glyphs.FILTERED_OUT_OPACITY)
