"""Seats as dots: too many and too small for signs, so they are added up instead of painted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect

from ui.seatchart.canvas import PAD, Canvas
from ui.seatchart.dots import PHASES, Dots
from ui.seatchart.lattice import Lattice
from ui.seatchart.scene import Scene
from ui.seatchart.tiles import Tiles
from ui.seatchart.viewport import Viewport

FAR_BELOW_RADIUS = 2.0  # device pixels; above, sprites are no slower
_REACH = 8  # of the largest dot, in device pixels
_START_OVER_FROM = 20_000


class Far:
    """Keeps the ground beside the picture, and which dot was last added for every seat."""

    def __init__(self, scene: Scene, tiles: Tiles) -> None:
        self._scene, self._tiles = scene, tiles
        self._under = Canvas(1, 1)
        self._dots = Dots(self._under.stride, self._under.lines)

    def begin(self, canvas: Canvas, view: Viewport, dpr: float) -> None:
        self._canvas, self._view, self._dpr = canvas, view, dpr
        if self._under.window != canvas.window:
            self._under = Canvas(canvas.window.width(), canvas.window.height())
            self._dots = Dots(canvas.stride, canvas.lines)
        layout = self._scene.layout
        self._lattice = Lattice.of(layout.plan, view.px_per_cm, PHASES)
        self._dots.begin(layout.radius * view.px_per_cm, self._scene.palette)
        every = np.arange(layout.plan.seat_count)
        self._keys = self._keys_of(every)
        self._dots.add(self._keys, *self._places(every))
        self._paint(canvas.window)

    def pan(self, view: Viewport, strips: list[QRect]) -> None:
        dx, dy = view.left - self._view.left, view.top - self._view.top
        self._view = view
        self._canvas.shift(dx, dy)
        self._under.shift(dx, dy)
        self._dots.shift(dx, dy)
        for strip in strips:
            padded, grown = strip.translated(PAD, PAD), strip.adjusted(-_REACH, -_REACH, _REACH, _REACH)
            self._dots.forget(padded)
            seats = self._scene.layout.grid.within(
                view.box_of(grown.left(), grown.top(), grown.right(), grown.bottom())
            )
            self._dots.add(self._keys[seats], *self._places(seats), within=padded)
            self._paint(strip)

    def repaint(self, rects: list[QRect]) -> None:
        """The ground there is another."""
        for rect in rects:
            self._paint(rect)

    def change(self, seats: NDArray[np.intp]) -> None:
        if len(seats) > _START_OVER_FROM:
            self.begin(self._canvas, self._view, self._dpr)
            return
        keys = self._keys_of(seats)
        places = self._places(seats)
        touched = self._dots.exchange(self._keys[seats], keys, *places)
        self._keys[seats] = keys
        self._dots.blend(self._under.pixels, self._canvas.pixels, touched)

    def _paint(self, rect: QRect) -> None:
        painter = self._under.painter()
        painter.setClipRect(rect)
        self._tiles.paint(painter, self._view, self._dpr, rect)
        painter.end()
        self._canvas.take(self._under, rect)
        painter = self._canvas.painter()
        painter.translate(-PAD, -PAD)
        self._dots.lay(painter, rect.translated(PAD, PAD))
        painter.end()

    def _keys_of(self, seats: NDArray[np.intp]) -> NDArray[np.int32]:
        scene = self._scene
        return self._dots.keys(scene.states[seats], scene.colours[seats], scene.faded(seats))

    def _places(self, seats: NDArray[np.intp]) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        lattice, view = self._lattice, self._view
        return lattice.x[seats] + (view.left + PAD), lattice.y[seats] + (view.top + PAD), lattice.phase[seats]
