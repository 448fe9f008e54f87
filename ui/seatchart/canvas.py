"""Pixels that can be moved: a window with padding around it, in one piece of memory. Device pixels throughout."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

PAD = 32  # on each side of the window: what reaches over its edge needs no clipping
_SLACK = 128  # lines before and after: a pan takes of them, and only every so often copies


class Sliding:
    """Lines of numbers that are moved by looking elsewhere in a larger memory."""

    def __init__(self, stride: int, lines: int, dtype: type[np.unsignedinteger[Any]]) -> None:
        self._slack = _SLACK * stride
        self._size = stride * lines
        self._memory = np.zeros(self._size + 2 * self._slack, dtype)
        self._begin = self._slack
        self.cells: NDArray[Any] = self._memory[self._begin : self._begin + self._size]

    def shift(self, by: int) -> None:
        """Moves the content by a number of cells; what comes in is whatever was there."""
        begin = self._begin - by
        if not 0 <= begin <= 2 * self._slack:
            begin = 2 * self._slack if by > 0 else 0
            self._copy(begin + by)
        self._begin = begin
        self.cells = self._memory[begin : begin + self._size]

    def _copy(self, to: int) -> None:
        """The content to where it begins at `to`, as far as there is memory."""
        width, start = self._memory.itemsize, self._begin
        skipped = max(0, -to)
        count = min(self._size, len(self._memory) - to) - skipped
        if count > 0:
            base = self._memory.ctypes.data
            ctypes.memmove(base + (to + skipped) * width, base + (start + skipped) * width, count * width)


class Canvas:
    def __init__(self, width: int, height: int) -> None:
        self.window = QRect(0, 0, width, height)
        self.stride, self.lines = width + 2 * PAD, height + 2 * PAD
        self._sliding = Sliding(self.stride, self.lines, np.uint32)

    @property
    def pixels(self) -> NDArray[np.uint32]:
        return self._sliding.cells

    def painter(self) -> QPainter:
        """Its origin is the window's corner."""
        memory, line = self.pixels.data.cast("B"), self.stride * 4
        painter = _Painter(QImage(memory, self.stride, self.lines, line, QImage.Format.Format_RGB32))
        painter.translate(PAD, PAD)
        return painter

    def shift(self, dx: int, dy: int) -> None:
        """What comes in at the edges is not painted yet."""
        self._sliding.shift(dy * self.stride + dx)

    def take(self, other: Canvas, rect: QRect) -> None:
        """The other's pixels in a rectangle of the window."""
        self.block(rect)[:] = other.block(rect)

    def block(self, rect: QRect) -> NDArray[np.uint32]:
        """A rectangle of the window, shaped (height, width)."""
        left, top = rect.left() + PAD, rect.top() + PAD
        rows = self.pixels.reshape(self.lines, self.stride)
        return rows[top : top + rect.height(), left : left + rect.width()]

    @property
    def image(self) -> QImage:
        """The window. It shares the canvas' memory: draw it at once."""
        offset = (PAD * self.stride + PAD) * 4
        width, height = self.window.width(), self.window.height()
        return QImage(self.pixels.data.cast("B")[offset:], width, height, self.stride * 4, QImage.Format.Format_RGB32)


class _Painter(QPainter):
    """Keeps its picture alive as long as itself."""

    def __init__(self, picture: QImage) -> None:
        super().__init__(picture)
        self._picture = picture
