"""Sprites of one size in one picture, and many of them drawn with one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

_WIDEST = 2048
_FIRST_ROWS = 2
# The layout of QPainter::PixmapFragment: ten doubles, so an array of them is an array of fragments.
_X, _Y, _SOURCE_LEFT, _SOURCE_TOP, _WIDTH, _HEIGHT, _SCALE_X, _SCALE_Y, _ROTATION, _OPACITY = range(10)

Numbers = NDArray[np.integer] | NDArray[np.floating]
PaintSprite = Callable[[QPainter, int, float, float], None]
"""Paints sprite `key` around a point of the painter, in device pixels."""


class Atlas:
    """A sprite is painted when it is first asked for. `side` is in device pixels and made even: a sprite has a
    middle. Keys are small whole numbers below `keys`. Every sprite also comes faded."""

    def __init__(self, side: int, keys: int, paint: PaintSprite, faded_to: float) -> None:
        self.side = side + side % 2
        self._paint = paint
        self._faded_to = faded_to
        self._slot_of_key = np.full(2 * keys, -1, np.int32)
        self._columns = max(1, _WIDEST // self.side)
        self._used = 0
        self._picture = self._blank(_FIRST_ROWS)

    def draw(
        self,
        painter: QPainter,
        keys: NDArray[np.integer],
        x: NDArray[np.integer],
        y: NDArray[np.integer],
        faded: NDArray[np.bool_],
    ) -> None:
        """Draws sprite `keys[i]` with its middle at device pixel (`x[i]`, `y[i]`), in the order given."""
        count = len(keys)
        if count == 0:
            return
        keys = keys * 2 + faded
        self._ensure(keys)
        slots = self._slot_of_key[keys]
        left, top = slots % self._columns * self.side, slots // self._columns * self.side
        side = np.full(count, self.side)
        draw_parts(painter, self._picture, x, y, left, top, side, side)

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
        sheet = QPainter(self._picture)
        sheet.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        for key in missing.tolist():
            sheet.drawImage(
                self._used % self._columns * self.side, self._used // self._columns * self.side, self._painted(key)
            )
            self._slot_of_key[key] = self._used
            self._used += 1
        sheet.end()

    def _painted(self, key: int) -> QImage:
        """On its own: a sprite's pixels must not depend on its place in the sheet, and antialiasing may."""
        image = QImage(self.side, self.side, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        sprite, faded = divmod(key, 2)
        self._paint(painter, sprite, self.side / 2, self.side / 2)
        if faded:
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
            painter.fillRect(image.rect(), QColor.fromRgbF(0, 0, 0, self._faded_to))
        painter.end()
        return image

    def _blank(self, rows: int) -> QPixmap:
        picture = QPixmap(self._columns * self.side, rows * self.side)
        picture.fill(Qt.GlobalColor.transparent)
        return picture


def draw_parts(
    painter: QPainter, picture: QPixmap, x: Numbers, y: Numbers, left: Numbers, top: Numbers, width: Numbers,
    height: Numbers,
) -> None:  # fmt: skip
    """Parts of a picture with their middles at (`x`, `y`), in the order given, in one call."""
    parts = np.empty((len(x), 10))
    parts[:, _X], parts[:, _Y] = x, y
    parts[:, _SOURCE_LEFT], parts[:, _SOURCE_TOP] = left, top
    parts[:, _WIDTH], parts[:, _HEIGHT] = width, height
    parts[:, _SCALE_X : _SCALE_Y + 1] = 1.0
    parts[:, _ROTATION] = 0.0
    parts[:, _OPACITY] = 1.0  # never less: blending with an opacity rounds differently at a clip's edge
    if len(parts):
        first: Any = shiboken6.Shiboken.wrapInstance(parts.ctypes.data, QPainter.PixmapFragment)
        painter.drawPixmapFragments(first, len(parts), picture)
