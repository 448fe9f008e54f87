"""Points in square cells, stored as one sorted array with offsets (CSR): what lies here, what is nearest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from ui.seatchart.viewport import Box

Indices = NDArray[np.int64]
Allowed = Callable[[Indices], NDArray[np.bool_]]
"""Which of these points count."""
# A step aside counts so much more than a step ahead. Rows are staggered, so up and down take it easier.
_ASIDE_ALONG_A_ROW = 2.5
_ASIDE_ACROSS_ROWS = 1.5
_MOST_ASIDE = 2.5  # steps aside for each step ahead
_NONE: Indices = np.empty(0, np.int64)


class Direction(Enum):
    LEFT = (-1, 0)
    RIGHT = (1, 0)
    UP = (0, -1)
    DOWN = (0, 1)


class Grid:
    """`x`, `y` and `cell` are in plan centimetres. Answers are indices into `x` and `y`."""

    def __init__(self, x: NDArray[np.floating], y: NDArray[np.floating], cell: float) -> None:
        self._x, self._y = x.astype(np.float64), y.astype(np.float64)
        self._count = len(x)
        self._left = float(self._x.min()) if self._count else 0.0
        self._top = float(self._y.min()) if self._count else 0.0
        right = float(self._x.max()) if self._count else 0.0
        bottom = float(self._y.max()) if self._count else 0.0
        self._cell = max(cell, (right - self._left) / 2000, (bottom - self._top) / 2000, 1e-6)
        self._columns = int((right - self._left) / self._cell) + 1
        self._rows = int((bottom - self._top) / self._cell) + 1
        column = ((self._x - self._left) / self._cell).astype(np.int64)
        row = ((self._y - self._top) / self._cell).astype(np.int64)
        cells = row * self._columns + column
        self._order: Indices = np.argsort(cells, kind="stable")
        self._starts: list[int] = np.searchsorted(
            cells[self._order], np.arange(self._rows * self._columns + 1)
        ).tolist()
        self._spots = self._x[self._order] + 1j * self._y[self._order]  # one look at both

    def within(self, box: Box) -> Indices:
        """Points inside of the box, in ascending order."""
        candidates = self.about(box)
        x, y = self._x[candidates], self._y[candidates]
        inside = (x >= box.left) & (x <= box.right) & (y >= box.top) & (y <= box.bottom)
        return np.sort(candidates[inside])

    def nearest(self, x: float, y: float, radius: float, allowed: Allowed | None = None) -> int | None:
        """The nearest point within `radius`. Looks at a handful: a pointer asks with every move."""
        found, best, spot = None, radius, complex(x, y)
        for span in self._spans(Box(x - radius, y - radius, x + radius, y + radius)):
            away: NDArray[np.float64] = np.abs(self._spots[span] - spot)
            if allowed is not None:
                away = np.where(allowed(self._order[span]), away, np.inf)
            nearest = int(away.argmin())
            if away[nearest] <= best:
                found, best = int(self._order[span.start + nearest]), float(away[nearest])
        return found

    def in_polygon(self, points: Sequence[tuple[float, float]]) -> Indices:
        """Points inside of a polygon (even-odd), in ascending order."""
        if len(points) < 3:
            return _NONE
        px, py = np.array(points, np.float64).T
        candidates = self.about(Box(float(px.min()), float(py.min()), float(px.max()), float(py.max())))
        candidates = candidates[np.argsort(self._y[candidates])]  # an edge meets a stretch of them
        x, y = self._x[candidates], self._y[candidates]
        next_x, next_y = np.roll(px, -1), np.roll(py, -1)
        slope = (next_x - px) / np.where(next_y == py, 1.0, next_y - py)
        first = np.searchsorted(y, np.minimum(py, next_y))
        met = np.searchsorted(y, np.maximum(py, next_y)) - first
        edge = np.repeat(np.arange(len(px)), met)
        point = np.arange(len(edge)) + np.repeat(first - np.cumsum(met) + met, met)
        crossed = x[point] < px[edge] + (y[point] - py[edge]) * slope[edge]
        inside = np.bincount(point[crossed], minlength=len(candidates)) % 2 == 1
        return np.sort(candidates[inside])

    def toward(self, start: tuple[float, float], direction: Direction, allowed: NDArray[np.bool_]) -> int | None:
        """Where an arrow key goes from `start`: ahead first, aside only as far as it must."""
        ahead_x, ahead_y = direction.value
        dx, dy = self._x - start[0], self._y - start[1]
        ahead = dx * ahead_x + dy * ahead_y
        aside = np.abs(dx * ahead_y) + np.abs(dy * ahead_x)
        fits = np.flatnonzero(allowed & (ahead > 1e-3) & (aside <= ahead * _MOST_ASIDE))
        if not len(fits):
            return None
        cost = ahead[fits] + (_ASIDE_ALONG_A_ROW if ahead_x else _ASIDE_ACROSS_ROWS) * aside[fits]
        return int(fits[cost.argmin()])

    def about(self, box: Box) -> Indices:
        """Points of all cells that the box touches, in no order."""
        spans = list(self._spans(box))
        return np.concatenate([self._order[span] for span in spans]) if spans else _NONE

    def _spans(self, box: Box) -> Iterator[slice]:
        """Stretches of `_order`: a row of cells each, or all rows where the box is as wide as they are."""
        if not self._count:
            return
        first_column = max(0, int((box.left - self._left) // self._cell))
        last_column = min(self._columns - 1, int((box.right - self._left) // self._cell))
        first_row = max(0, int((box.top - self._top) // self._cell))
        last_row = min(self._rows - 1, int((box.bottom - self._top) // self._cell))
        if first_column > last_column or first_row > last_row:
            return
        if first_column == 0 and last_column == self._columns - 1:
            first, last = [(first_row * self._columns)], [(last_row + 1) * self._columns]
        else:
            first = [row * self._columns + first_column for row in range(first_row, last_row + 1)]
            last = [row * self._columns + last_column + 1 for row in range(first_row, last_row + 1)]
        for begin, end in zip(first, last, strict=True):
            if self._starts[begin] < self._starts[end]:
                yield slice(self._starts[begin], self._starts[end])
