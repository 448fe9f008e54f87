"""Seats from afar, added up: antialiased dots whose sum does not depend on their order.

Every pixel holds how much of it is covered and the colours that cover it, premultiplied, as four sums of 16 bits in
one number. To change a seat is to add its new dot and to take away its old one; nothing around it is painted again.
Whole numbers, so that what was added can be taken away exactly.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor

from ui.seatchart.canvas import Sliding
from ui.seatchart.glyphs import DOTS, FILTERED_OUT_OPACITY
from ui.seatchart.palette import ChartPalette
from ui.seatchart.states import SeatState

PHASES = 4  # places inside of a pixel, across and down
Sums = NDArray[np.uint64]
_SAMPLES = 8  # of a pixel's side, to measure how much of it a dot covers
_CHUNK = 65_536  # pixels at a time: what fits the processor's cache
_SEATS_AT_A_TIME = 8_192
_KEPT_SCALES = 24
_LANE = np.uint64(0xFFFF)
_BYTES = np.uint64(0x0000_00FF_00FF_00FF)
_HALVES = np.uint64(0x0000_0080_0080_0080)


class Dots:
    """Sums for a padded window of `lines` rows of `stride` pixels. Coordinates count from the padding's corner."""

    def __init__(self, stride: int, lines: int) -> None:
        self._stride = stride
        self._sliding = Sliding(stride, lines, np.uint64)
        self._lines = lines
        self._tables: dict[bool, _Table] = {}
        self._kept: dict[tuple[float, ChartPalette], dict[bool, _Table]] = {}
        self._colours = 1

    @property
    def _sums(self) -> Sums:
        return self._sliding.cells

    def begin(self, radius: float, look: ChartPalette) -> None:
        """Nothing is added yet. `radius` of a free seat's dot in device pixels."""
        self._sums[:] = 0
        self._colours = len(look.categories)
        key = (radius, look)
        if key not in self._kept:
            if len(self._kept) >= _KEPT_SCALES:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = {is_mine: _Table(radius, look, is_mine) for is_mine in (False, True)}
        self._tables = self._kept[key]

    def keys(
        self, states: NDArray[np.uint8], categories: NDArray[np.uint8], faded: NDArray[np.bool_]
    ) -> NDArray[np.int32]:
        """How seats look from afar."""
        keys: NDArray[np.int32] = (states.astype(np.int32) * self._colours + categories % self._colours) * 2 + faded
        return keys

    def add(
        self,
        keys: NDArray[np.int32],
        x: NDArray[np.int32],
        y: NDArray[np.int32],
        phase: NDArray[np.int32],
        within: QRect | None = None,
    ) -> None:
        """Dots that reach beyond the padding do not count; `within` leaves all other pixels as they are."""
        self._put(keys, x, y, phase, within, is_taken_away=False, wants_pixels=False)

    def exchange(
        self,
        old: NDArray[np.int32],
        new: NDArray[np.int32],
        x: NDArray[np.int32],
        y: NDArray[np.int32],
        phase: NDArray[np.int32],
    ) -> NDArray[np.int64]:
        """Returns the pixels that may have changed, with repetitions."""
        return np.concatenate(
            [
                self._put(old, x, y, phase, None, is_taken_away=True, wants_pixels=True),
                self._put(new, x, y, phase, None, is_taken_away=False, wants_pixels=True),
            ]
        )

    def shift(self, dx: int, dy: int) -> None:
        self._sliding.shift(dy * self._stride + dx)

    def forget(self, rect: QRect) -> None:
        rows = self._sums.reshape(self._lines, self._stride)
        rows[rect.top() : rect.top() + rect.height(), rect.left() : rect.left() + rect.width()] = 0

    def covered(self, rect: QRect | None = None) -> NDArray[np.int64]:
        """Pixels with anything in them, of the rectangle or of all."""
        if rect is None:
            return np.flatnonzero(self._sums)
        rows = self._sums.reshape(self._lines, self._stride)
        block = rows[rect.top() : rect.top() + rect.height(), rect.left() : rect.left() + rect.width()]
        line, column = np.divmod(np.flatnonzero(block != 0), rect.width())
        return (line + rect.top()) * self._stride + column + rect.left()

    def blend(self, under: NDArray[np.uint32], picture: NDArray[np.uint32], pixels: NDArray[np.int64]) -> None:
        """The dots over the ground, for these pixels of the padded window."""
        for begin in range(0, len(pixels), _CHUNK):
            some = pixels[begin : begin + _CHUNK]
            picture[some] = _blended(under[some], self._sums[some])

    def _put(
        self,
        keys: NDArray[np.int32],
        x: NDArray[np.int32],
        y: NDArray[np.int32],
        phase: NDArray[np.int32],
        within: QRect | None,
        *,
        is_taken_away: bool,
        wants_pixels: bool,
    ) -> NDArray[np.int64]:
        mine = keys // 2 // self._colours == SeatState.MINE
        change = np.subtract if is_taken_away else np.add
        touched = []
        for is_mine, table in self._tables.items():
            low, high = table.first, table.first + table.side - 1
            inside = (mine == is_mine) & (x + low >= 0) & (y + low >= 0)
            inside &= (x + high < self._stride) & (y + high < self._lines)
            span = np.arange(low, high + 1, dtype=np.int64)
            offsets = (span[:, None] * self._stride + span).ravel()
            seats = np.flatnonzero(inside)
            for begin in range(0, len(seats), _SEATS_AT_A_TIME):
                some = seats[begin : begin + _SEATS_AT_A_TIME]
                at = x[some].astype(np.int64) + y[some].astype(np.int64) * self._stride
                pixels = (at[:, None] + offsets).ravel()
                values = table.sums[keys[some], phase[some]].ravel()
                if within is not None:
                    line, column = np.divmod(pixels, self._stride)
                    kept = (column >= within.left()) & (column <= within.right())
                    kept &= (line >= within.top()) & (line <= within.bottom())
                    pixels, values = pixels[kept], values[kept]
                change.at(self._sums, pixels, values)
                if wants_pixels:
                    touched.append(pixels)
        return np.concatenate(touched) if touched else np.empty(0, np.int64)


class _Table:
    """`sums[key, phase]` is a dot, pixel by pixel: `side` x `side` of them, the first `first` from the seat's."""

    def __init__(self, radius: float, look: ChartPalette, is_mine: bool) -> None:
        states = [state for state in SeatState if (state is SeatState.MINE) == is_mine]
        largest = radius * max(DOTS[state].size for state in states)
        self.first = -math.ceil(largest)
        self.side = math.floor(largest + 1 - 1 / PHASES) - self.first + 1
        colours = len(look.categories)
        pixels = (PHASES * PHASES, self.side * self.side)
        self.sums: Sums = np.zeros((len(SeatState), colours, 2, *pixels), np.uint64)
        for state in states:
            dot = DOTS[state]
            cover = self._cover(radius * dot.size) * dot.strength
            shades = [QColor(dot.colour(look, own)) for own in look.categories]
            channels = np.array([(255, shade.red(), shade.green(), shade.blue()) for shade in shades], np.float64)
            strengths = np.array([1.0, FILTERED_OUT_OPACITY])
            for lane in range(4):
                amount = cover * (channels[:, None, lane] * strengths)[:, :, None, None]
                self.sums[state] |= np.rint(amount).astype(np.uint64) << np.uint64(48 - 16 * lane)
        self.sums = self.sums.reshape(-1, *pixels)

    def _cover(self, radius: float) -> NDArray[np.float64]:
        """How much of each pixel a dot covers, for every phase: 0 to 1."""
        middle = np.arange(PHASES) / PHASES
        sample = self.first + (np.arange(self.side * _SAMPLES) + 0.5) / _SAMPLES
        away = (sample[None, :] - middle[:, None]) ** 2  # phase, sample
        inside = away[:, None, :, None] + away[None, :, None, :] <= radius * radius  # down, across, line, column
        shape = (PHASES, PHASES, self.side, _SAMPLES, self.side, _SAMPLES)
        cover: NDArray[np.float64] = inside.reshape(shape).mean(axis=(3, 5))
        return cover.reshape(PHASES * PHASES, self.side * self.side)


def _blended(under: NDArray[np.uint32], sums: Sums) -> NDArray[np.uint32]:
    """Four lanes at once: colour + ground x (255 - cover) / 255, rounded."""
    cover = sums >> np.uint64(48)
    crowded = np.flatnonzero(cover > 255)
    if len(crowded):  # dots over dots: their mean, opaque
        sums = sums.copy()
        for lane in (32, 16, 0):
            part = (sums[crowded] >> np.uint64(lane)) & _LANE
            mean = part * np.uint64(255) // cover[crowded]
            sums[crowded] += (mean - part) << np.uint64(lane)
        cover = np.minimum(cover, np.uint64(255))
    wide = under.astype(np.uint64)
    ground = (wide & np.uint64(0xFF)) | (wide & np.uint64(0xFF00)) << np.uint64(8)
    ground |= (wide & np.uint64(0xFF0000)) << np.uint64(16)
    ground = ground * (np.uint64(255) - cover) + _HALVES
    ground = ((ground + ((ground >> np.uint64(8)) & _BYTES)) >> np.uint64(8)) & _BYTES
    lanes = ground + (sums & np.uint64(0x0000_FFFF_FFFF_FFFF))
    packed = (lanes & np.uint64(0xFF)) | (lanes >> np.uint64(8)) & np.uint64(0xFF00)
    packed |= (lanes >> np.uint64(16)) & np.uint64(0xFF0000)
    opaque: NDArray[np.uint32] = packed.astype(np.uint32) | np.uint32(0xFF000000)
    return opaque
