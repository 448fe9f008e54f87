"""Seats from afar, added up: antialiased dots whose sum does not depend on their order.

Every pixel holds how much of it is covered and the colours that cover it, premultiplied, as four sums of 16 bits in
one number. To change a seat is to add its new dot and to take away its old one; nothing around it is painted again.
Whole numbers, so that what was added can be taken away exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

from ui.seatchart.canvas import Sliding
from ui.seatchart.glyphs import DOTS, FILTERED_OUT_OPACITY
from ui.seatchart.palette import ChartPalette
from ui.seatchart.states import SeatState

PHASES = 4  # places inside of a pixel, across and down
Sums = NDArray[np.uint64]
_SAMPLES = 8  # of a pixel's side, to measure how much of it a dot covers
_CHUNK = 65_536  # pixels at a time: what fits the processor's cache
_SEATS_AT_A_TIME = 8192
_KEPT_SCALES = 24
_LANE = np.uint64(0xFFFF)
_CROWDED = np.uint64(256 << 48)
_OPAQUE = np.uint32(0xFF000000)
_LINES_AT_A_TIME = 32
_BYTES = np.uint64(0x0000_00FF_00FF_00FF)
_HALVES = np.uint64(0x0000_0080_0080_0080)

_SMALL = (SeatState.SOLD, SeatState.BLOCKED)
_BY_SIZE = (
    _SMALL,
    tuple(state for state in SeatState if state is not SeatState.MINE and state not in _SMALL),
    (SeatState.MINE,),
)
"""A dot costs as many pixels as the largest of its kind; most of a house is sold and small. Ascending."""
_SIZE_OF = np.array([next(size for size, states in enumerate(_BY_SIZE) if state in states) for state in SeatState])


class Dots:
    """Sums for a padded window of `lines` rows of `stride` pixels. Coordinates count from the padding's corner."""

    def __init__(self, stride: int, lines: int) -> None:
        self._stride = stride
        self._sliding = Sliding(stride, lines, np.uint64)
        self._lines = lines
        self._pixels = np.zeros(_LINES_AT_A_TIME * stride, np.uint32)  # of `lay`
        self._tables: list[_Table] = []
        self._kept: dict[tuple[float, ChartPalette], list[_Table]] = {}
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
            self._kept[key] = [_Table(radius, look, states) for states in _BY_SIZE]
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
        self._put(keys, x, y, phase, within, is_taken_away=False)

    def exchange(
        self,
        old: NDArray[np.int32],
        new: NDArray[np.int32],
        x: NDArray[np.int32],
        y: NDArray[np.int32],
        phase: NDArray[np.int32],
    ) -> NDArray[np.int64]:
        """Returns the pixels that may have changed."""
        self._put(old, x, y, phase, None, is_taken_away=True)
        self._put(new, x, y, phase, None, is_taken_away=False)
        larger = np.where(_SIZE_OF[self._states(old)] > _SIZE_OF[self._states(new)], old, new)
        reached = [self._pixels_of(table, x[seats], y[seats]).ravel() for table, seats in self._by_table(larger, x, y)]
        return np.concatenate(reached) if reached else np.empty(0, np.int64)

    def shift(self, dx: int, dy: int) -> None:
        self._sliding.shift(dy * self._stride + dx)

    def forget(self, rect: QRect) -> None:
        rows = self._sums.reshape(self._lines, self._stride)
        rows[rect.top() : rect.top() + rect.height(), rect.left() : rect.left() + rect.width()] = 0

    def lay(self, painter: QPainter, rect: QRect) -> None:
        """The dots of a rectangle of the padded window, over the ground there. The painter's origin is its corner.

        A few lines at a time, through the same small memory: it stays in the processor's cache.
        """
        left, width = rect.left(), rect.width()
        sums = self._sums.reshape(self._lines, self._stride)
        lanes = self._sums.view(np.uint16).reshape(self._lines, -1)[:, 4 * left : 4 * (left + width)]
        for begin in range(rect.top(), rect.top() + rect.height(), _LINES_AT_A_TIME):
            lines = slice(begin, min(begin + _LINES_AT_A_TIME, rect.top() + rect.height()))
            count = lines.stop - begin
            pixels = self._pixels[: count * width]
            # Four lanes of 16 bits, blue first, as Qt has them in 8.
            np.copyto(pixels.view(np.uint8).reshape(count, -1), lanes[lines], casting="unsafe")
            part = sums[lines, left : left + width]
            crowded = part >= _CROWDED
            if crowded.any():
                pixels.reshape(count, width)[crowded] = _packed(_mean(part[crowded])) | _OPAQUE
            memory, format_ = pixels.data.cast("B"), QImage.Format.Format_ARGB32_Premultiplied
            painter.drawImage(left, begin, QImage(memory, width, count, 4 * width, format_))

    def blend(self, under: NDArray[np.uint32], picture: NDArray[np.uint32], pixels: NDArray[np.int64]) -> None:
        """The same for single pixels."""
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
    ) -> None:
        change = np.subtract if is_taken_away else np.add
        for table, seats in self._by_table(keys, x, y):
            for begin in range(0, len(seats), _SEATS_AT_A_TIME):
                some = seats[begin : begin + _SEATS_AT_A_TIME]
                pixels = self._pixels_of(table, x[some], y[some]).ravel()
                values = table.sums[keys[some], phase[some]].ravel()
                if within is not None:
                    line, column = np.divmod(pixels, self._stride)
                    kept = (column >= within.left()) & (column <= within.right())
                    kept &= (line >= within.top()) & (line <= within.bottom())
                    pixels, values = pixels[kept], values[kept]
                change.at(self._sums, pixels, values)

    def _by_table(
        self, keys: NDArray[np.int32], x: NDArray[np.int32], y: NDArray[np.int32]
    ) -> Iterator[tuple[_Table, NDArray[np.intp]]]:
        """Which seats are of which size, as far as they lie within the padding."""
        sizes = _SIZE_OF[self._states(keys)]
        for size, table in enumerate(self._tables):
            low, high = table.first, table.first + table.side - 1
            inside = (sizes == size) & (x + low >= 0) & (y + low >= 0)
            inside &= (x + high < self._stride) & (y + high < self._lines)
            yield table, np.flatnonzero(inside)

    def _pixels_of(self, table: _Table, x: NDArray[np.int32], y: NDArray[np.int32]) -> NDArray[np.int64]:
        """A line per seat."""
        span = np.arange(table.first, table.first + table.side, dtype=np.int64)
        offsets = (span[:, None] * self._stride + span).ravel()
        pixels: NDArray[np.int64] = (x.astype(np.int64) + y.astype(np.int64) * self._stride)[:, None] + offsets
        return pixels

    def _states(self, keys: NDArray[np.int32]) -> NDArray[np.int32]:
        states: NDArray[np.int32] = keys // 2 // self._colours
        return states


class _Table:
    """`sums[key, phase]` is a dot, pixel by pixel: `side` x `side` of them, the first `first` from the seat's."""

    def __init__(self, radius: float, look: ChartPalette, states: Sequence[SeatState]) -> None:
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
    """Four lanes at once: colour + ground x (255 - cover) / 255, rounded as Qt rounds when it paints a layer."""
    crowded = np.flatnonzero(sums >= _CROWDED)
    if len(crowded):
        sums[crowded] = _mean(sums[crowded])
    cover = sums >> np.uint64(48)
    wide = under.astype(np.uint64)
    ground = (wide & np.uint64(0xFF)) | (wide & np.uint64(0xFF00)) << np.uint64(8)
    ground |= (wide & np.uint64(0xFF0000)) << np.uint64(16)
    ground *= np.uint64(255) - cover
    ground = ((ground + ((ground >> np.uint64(8)) & _BYTES) + _HALVES) >> np.uint64(8)) & _BYTES
    return _packed(ground + (sums & np.uint64(0x0000_FFFF_FFFF_FFFF))) | _OPAQUE


def _mean(sums: Sums) -> Sums:
    """Of dots over dots: opaque."""
    cover = sums >> np.uint64(48)
    mean = np.full(len(sums), 255 << 48, np.uint64)
    for lane in (32, 16, 0):
        mean |= ((sums >> np.uint64(lane)) & _LANE) * np.uint64(255) // cover << np.uint64(lane)
    return mean


def _packed(lanes: Sums) -> NDArray[np.uint32]:
    """Colours of 16 bits each in 8."""
    colours = (lanes & np.uint64(0xFF)) | (lanes >> np.uint64(8)) & np.uint64(0xFF00)
    colours |= (lanes >> np.uint64(16)) & np.uint64(0xFF0000)
    return colours.astype(np.uint32)
