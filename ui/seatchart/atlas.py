"""Sprites of one size in one picture, and many of them drawn with one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPixmap

_WIDEST = 4096
_FIRST_ROWS = 4
# The layout of QPainter::PixmapFragment: ten doubles, so an array of them is an array of fragments.
_X, _Y, _SOURCE_LEFT, _SOURCE_TOP, _WIDTH, _HEIGHT, _SCALE_X, _SCALE_Y, _ROTATION, _OPACITY = range(10)

PaintSprite = Callable[[QPainter, int, float, float], None]
"""Paints sprite `key` around a point of the painter, in device pixels."""


class Atlas:
    """A sprite is painted when it is first asked for. `side` is in device pixels and made even: a sprite has a
    middle. Keys are small whole numbers below `keys`."""

    def __init__(self, side: int, keys: int, paint: PaintSprite) -> None:
        self.side = side + side % 2
        self._paint = paint
        self._slot_of_key = np.full(keys, -1, np.int32)
        self._columns = max(1, _WIDEST // self.side)
        self._used = 0
        self._picture = self._blank(_FIRST_ROWS)

    def draw(
        self,
        painter: QPainter,
        keys: NDArray[np.integer],
        x: NDArray[np.integer],
        y: NDArray[np.integer],
        opacity: NDArray[np.float64] | None = None,
    ) -> None:
        """Draws sprite `keys[i]` with its middle at device pixel (`x[i]`, `y[i]`), in the order given."""
        count = len(keys)
        if count == 0:
            return
        self._ensure(keys)
        slots = self._slot_of_key[keys]
        fragments = np.empty((count, 10))
        fragments[:, _X] = x
        fragments[:, _Y] = y
        fragments[:, _SOURCE_LEFT] = slots % self._columns * self.side
        fragments[:, _SOURCE_TOP] = slots // self._columns * self.side
        fragments[:, _WIDTH : _HEIGHT + 1] = self.side
        fragments[:, _SCALE_X : _SCALE_Y + 1] = 1.0
        fragments[:, _ROTATION] = 0.0
        fragments[:, _OPACITY] = 1.0 if opacity is None else opacity
        first: Any = shiboken6.Shiboken.wrapInstance(fragments.ctypes.data, QPainter.PixmapFragment)
        painter.drawPixmapFragments(first, count, self._picture)

    def _ensure(self, keys: NDArray[np.integer]) -> None:
        present = np.zeros(len(self._slot_of_key), np.bool_)
        present[keys] = True
        missing = np.flatnonzero(present & (self._slot_of_key < 0))
        if not len(missing):
            return
        needed_rows = -(-(self._used + len(missing)) // self._columns)
        if needed_rows * self.side > self._picture.height():
            larger = self._blank(needed_rows * 2)
            painter = QPainter(larger)
            painter.drawPixmap(0, 0, self._picture)
            painter.end()
            self._picture = larger
        painter = QPainter(self._picture)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        for key in missing.tolist():
            left = self._used % self._columns * self.side
            top = self._used // self._columns * self.side
            painter.setClipRect(QRect(left, top, self.side, self.side))
            self._paint(painter, key, left + self.side / 2, top + self.side / 2)
            self._slot_of_key[key] = self._used
            self._used += 1
        painter.end()

    def _blank(self, rows: int) -> QPixmap:
        picture = QPixmap(self._columns * self.side, rows * self.side)
        picture.fill(Qt.GlobalColor.transparent)
        return picture
