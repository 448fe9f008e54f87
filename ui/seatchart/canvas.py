"""Pixels that can be moved: a window with padding around it, in one piece of memory. Device pixels throughout."""

from __future__ import annotations

import ctypes

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

PAD = 32  # on each side of the window: what reaches over its edge needs no clipping


class Canvas:
    def __init__(self, width: int, height: int) -> None:
        self.window = QRect(0, 0, width, height)
        self.stride, self.lines = width + 2 * PAD, height + 2 * PAD
        self.pixels = np.zeros(self.stride * self.lines, np.uint32)
        self._image = QImage(
            self.pixels.data.cast("B"), self.stride, self.lines, self.stride * 4, QImage.Format.Format_RGB32
        )

    def painter(self) -> QPainter:
        """Its origin is the window's corner."""
        painter = QPainter(self._image)
        painter.translate(PAD, PAD)
        return painter

    def shift(self, dx: int, dy: int) -> None:
        """What comes in at the edges is not painted yet."""
        shift(self.pixels, dy * self.stride + dx)

    @property
    def image(self) -> QImage:
        """The window. It shares the canvas' memory: draw it at once."""
        offset = (PAD * self.stride + PAD) * 4
        width, height = self.window.width(), self.window.height()
        return QImage(self.pixels.data.cast("B")[offset:], width, height, self.stride * 4, QImage.Format.Format_RGB32)

    def copy(self) -> NDArray[np.uint32]:
        """The window's pixels, shaped (height, width)."""
        rows = self.pixels.reshape(self.lines, self.stride)
        return rows[PAD : PAD + self.window.height(), PAD : PAD + self.window.width()].copy()


def shift(buffer: NDArray[np.uint32] | NDArray[np.uint64], by: int) -> None:
    """Moves the content by a number of elements; what has no source keeps what was there."""
    step = abs(by) * buffer.itemsize
    base, size = buffer.ctypes.data, buffer.nbytes
    if step >= size:
        return
    if by > 0:
        ctypes.memmove(base + step, base, size - step)
    else:
        ctypes.memmove(base, base + step, size - step)
