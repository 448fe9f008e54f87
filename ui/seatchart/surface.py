"""The picture of the seats, kept between frames and only brought up to date.

A padded buffer holds the window. A pan moves it as it is and paints the two strips that came into view; a changed
seat repaints its own square. An incremental picture equals a fresh one, pixel by pixel: every sprite stands on
whole pixels of a lattice that the window's place does not enter, and the ground comes in tiles of that lattice.
UI thread only.
"""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from ui.seatchart import glyphs
from ui.seatchart.atlas import Atlas
from ui.seatchart.ground import Ground
from ui.seatchart.lettering import chart_font
from ui.seatchart.palette import ChartPalette
from ui.seatchart.scene import Scene
from ui.seatchart.states import SeatState
from ui.seatchart.viewport import Box, Viewport

_TILE = 384  # device pixels
_KEPT_TILES = 48
_PAD = 32  # device pixels of a buffer beyond the window, on each side
_FINE_BELOW = 12.0  # device pixels of radius: below, sprites stand on half pixels
_SMALLEST_NUMBER = 11.0
_KEPT_SCALES = 16  # sprites of so many scales are kept: zooming goes back and forth
# One square costs about as much as painting so many seats in one go.
_SQUARES_AT_LEAST = 6
_SEATS_PER_SQUARE = 300


@dataclass(slots=True)
class _Lattice:
    """Where every seat's sprite stands at one scale: whole pixels from the plan's origin, and a phase."""

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    phase: NDArray[np.int32]
    phases: int


class Surface:
    """Draws one scene at one place. `show` makes the picture right; `image` is then the window's pixels."""

    def __init__(self, scene: Scene, ground: Ground, *, words: bool = True) -> None:
        self._words = words
        self._scene = scene
        self._ground = ground
        self._view = Viewport(0, 0)
        self._dpr = 1.0
        self._stale = True
        self._changed: list[NDArray[np.intp]] = []
        self._tiles: dict[tuple[int, int], QImage] = {}
        self._spare_tiles: list[QImage] = []  # fresh memory costs more than painting it
        self._sprites: dict[tuple[float, float, ChartPalette], tuple[Atlas, Atlas | None]] = {}
        self._allocate(1, 1)

    def seats_changed(self, seats: NDArray[np.intp]) -> None:
        """The scene's states of these seats are new; the picture follows with the next `show`."""
        self._changed.append(seats)

    def restyle(self) -> None:
        """Colours, filter or words changed: the next `show` starts afresh."""
        self._stale = True

    def show(self, view: Viewport, dpr: float) -> None:
        before = self._view
        if (view.width, view.height) != (before.width, before.height):
            self._allocate(view.width, view.height)
            self._stale = True
        if view.px_per_cm != before.px_per_cm or dpr != self._dpr:
            self._stale = True
        self._view = view
        if self._stale:
            self._dpr = dpr
            self._start_afresh()
        else:
            dx, dy = view.left - before.left, view.top - before.top
            if dx or dy:
                self._pan(dx, dy)
            self._apply_changes()
        self._changed.clear()

    @property
    def image(self) -> QImage:
        """The window's pixels, at the device pixel ratio of the last `show`. Shares memory: draw it at once."""
        offset = (_PAD * self._stride + _PAD) * 4
        image = QImage(
            self._picture.data.cast("B")[offset:],
            self._view.width,
            self._view.height,
            self._stride * 4,
            QImage.Format.Format_RGB32,
        )
        image.setDevicePixelRatio(self._dpr)
        return image

    @property
    def pixels(self) -> NDArray[np.uint32]:
        """A copy of the window's pixels, shaped (height, width)."""
        rows = self._picture.reshape(-1, self._stride)
        return rows[_PAD : _PAD + self._view.height, _PAD : _PAD + self._view.width].copy()

    def _allocate(self, width: int, height: int) -> None:
        self._stride = width + 2 * _PAD
        self._lines = height + 2 * _PAD
        self._picture = np.zeros(self._stride * self._lines, np.uint32)
        self._picture_image = QImage(
            self._picture.data.cast("B"), self._stride, self._lines, self._stride * 4, QImage.Format.Format_RGB32
        )

    @property
    def _window(self) -> QRect:
        return QRect(0, 0, self._view.width, self._view.height)

    def _start_afresh(self) -> None:
        self._stale = False
        self._spare_tiles += self._tiles.values()
        self._tiles.clear()
        self._make_sprites()
        self._paint([self._window])

    def _make_sprites(self) -> None:
        plan, dpr = self._scene.layout.plan, self._dpr
        ppc = self._view.px_per_cm
        radius = self._scene.layout.radius * ppc
        self._radius = radius
        phases = 2 if radius < _FINE_BELOW else 1
        x = np.floor(plan.x.astype(np.float64) * (ppc * phases) + 0.5).astype(np.int32)
        y = np.floor(plan.y.astype(np.float64) * (ppc * phases) + 0.5).astype(np.int32)
        self._lattice = _Lattice(x // phases, y // phases, (y % phases) * phases + x % phases, phases)
        self._reach = math.ceil(glyphs.extent(radius, dpr)) + 1
        key = (ppc, dpr, self._scene.palette)
        if key not in self._sprites:
            if len(self._sprites) >= _KEPT_SCALES:
                del self._sprites[next(iter(self._sprites))]
            self._sprites[key] = (self._seat_atlas(radius, phases), self._number_atlas(radius))
        self._seat_sprites, self._number_sprites = self._sprites[key]

    def _seat_atlas(self, radius: float, phases: int) -> Atlas:
        look, dpr, steps = self._scene.palette, self._dpr, phases * phases

        def paint_seat(painter: QPainter, key: int, middle_x: float, middle_y: float) -> None:
            glyph, phase = divmod(key, steps)
            x, y = middle_x + phase % phases / phases, middle_y + phase // phases / phases
            glyphs.paint_glyph(painter, glyph, x, y, radius, dpr, look)

        return Atlas(2 * self._reach, glyphs.GLYPH_COUNT * steps, paint_seat, glyphs.FILTERED_OUT_OPACITY)

    def _number_atlas(self, radius: float) -> Atlas | None:
        """Numbers of a size that most of them fit; a longer one gets smaller, and none under 11 is written."""
        if self._ground.scale(self._view, self._dpr) < glyphs.NUMBERS_FROM_SCALE:
            return None
        texts, look = self._scene.layout.label_texts, self._scene.palette
        colours = len(look.categories)
        least = _SMALLEST_NUMBER * self._dpr
        fonts = [
            chart_font(self._ground.family, max(share * radius, least), QFont.Weight.DemiBold)
            for share in (0.96, 0.8, 0.66)
        ]
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

    def _pan(self, dx: int, dy: int) -> None:
        width, height = self._view.width, self._view.height
        if abs(dx) >= width or abs(dy) >= height:
            strips = [self._window]
        else:
            _shift(self._picture, dy * self._stride + dx)
            strips = []
            if dx:
                strips.append(QRect(0 if dx > 0 else width + dx, 0, abs(dx), height))
            if dy:
                strips.append(QRect(0, 0 if dy > 0 else height + dy, width, abs(dy)))
        self._paint(strips)

    def _apply_changes(self) -> None:
        if not self._changed:
            return
        seats = np.unique(np.concatenate(self._changed))
        x = self._lattice.x[seats] + self._view.left
        y = self._lattice.y[seats] + self._view.top
        reach = self._reach
        seen = (x > -reach) & (x < self._view.width + reach) & (y > -reach) & (y < self._view.height + reach)
        x, y = x[seen], y[seen]
        visible = len(self._seats_touching(self._window))
        if len(x) > _SQUARES_AT_LEAST + visible // _SEATS_PER_SQUARE:
            self._paint([self._window])
            return
        squares = [
            QRect(left - reach, top - reach, 2 * reach, 2 * reach)
            for left, top in zip(x.tolist(), y.tolist(), strict=True)
        ]
        self._paint([square.intersected(self._window) for square in squares])

    def _paint(self, rects: list[QRect]) -> None:
        """Ground, then seats, then what is ours on top, within each rectangle."""
        painter = QPainter(self._picture_image)
        painter.translate(_PAD, _PAD)
        for rect in rects:
            if not rect.isEmpty():
                painter.setClipRect(rect)
                self._paint_ground(painter, rect)
                self._paint_seats(painter, self._seats_touching(rect))
        painter.end()

    def _paint_ground(self, painter: QPainter, rect: QRect) -> None:
        left, top = self._view.left, self._view.top
        for line in range((rect.top() - top) // _TILE, (rect.bottom() - top) // _TILE + 1):
            for column in range((rect.left() - left) // _TILE, (rect.right() - left) // _TILE + 1):
                painter.drawImage(column * _TILE + left, line * _TILE + top, self._tile(column, line))

    def _tile(self, column: int, line: int) -> QImage:
        """A square of ground, always painted alone: antialiasing depends a little on where a picture is cut."""
        tile = self._tiles.get((column, line))
        if tile is None:
            if len(self._tiles) >= _KEPT_TILES:
                self._spare_tiles.append(self._tiles.pop(next(iter(self._tiles))))
            tile = self._spare_tiles.pop() if self._spare_tiles else QImage(_TILE, _TILE, QImage.Format.Format_RGB32)
            self._tiles[column, line] = tile
            view = replace(self._view, left=-column * _TILE, top=-line * _TILE)
            painter = QPainter(tile)
            self._ground.paint(painter, self._scene, view, self._dpr, tile.rect(), words=self._words)
            painter.end()
        return tile

    def _seats_touching(self, rect: QRect) -> NDArray[np.intp]:
        reach = self._reach + 1
        left, top = self._view.to_plan(rect.left() - reach, rect.top() - reach)
        right, bottom = self._view.to_plan(rect.left() + rect.width() + reach, rect.top() + rect.height() + reach)
        return self._scene.layout.grid.within(Box(left, top, right, bottom))

    def _paint_seats(self, painter: QPainter, seats: NDArray[np.intp]) -> None:
        plan, scene, lattice = self._scene.layout.plan, self._scene, self._lattice
        states = scene.states[seats]
        mine = states == SeatState.MINE
        seats = np.concatenate([seats[~mine], seats[mine]])
        ours = int(np.count_nonzero(mine))
        states = scene.states[seats]
        categories = plan.category[seats]
        x = lattice.x[seats] + self._view.left
        y = lattice.y[seats] + self._view.top
        faded = scene.dimmed[seats] & (states != SeatState.MINE)
        steps = lattice.phases * lattice.phases
        keys = glyphs.glyphs_of(states, plan.kind[seats], categories) * steps + lattice.phase[seats]
        others = len(seats) - ours
        self._seat_sprites.draw(painter, keys[:others], x[:others], y[:others], faded[:others])
        if self._number_sprites is not None:
            shown = (states == SeatState.FREE) & scene.layout.numbered[seats]
            colours = len(scene.palette.categories)
            numbers = scene.layout.label[seats][shown] * colours + categories[shown] % colours
            self._number_sprites.draw(painter, numbers, x[shown], y[shown], faded[shown])
        self._seat_sprites.draw(painter, keys[others:], x[others:], y[others:], faded[others:])


def _shift(buffer: NDArray[np.uint32], by: int) -> None:
    """Moves the content by a number of elements; what has no source keeps what was there."""
    step = abs(by) * buffer.itemsize
    base, size = buffer.ctypes.data, buffer.nbytes
    if by > 0:
        ctypes.memmove(base + step, base, size - step)
    else:
        ctypes.memmove(base, base + step, size - step)
