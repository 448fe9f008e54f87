"""The picture of the seats, kept between frames and only brought up to date. UI thread only.

A pan moves what is there and paints the two strips that came into view; a changed seat touches its own pixels only.
A picture that was brought up to date equals one that is painted afresh, pixel by pixel: every sprite and dot stands
on a lattice that the window's place does not enter, and the ground comes in tiles of that lattice.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from boxoffice.domain.plan import Point
from ui.seatchart.canvas import Canvas
from ui.seatchart.far import FAR_BELOW_RADIUS, Far
from ui.seatchart.ground import Ground
from ui.seatchart.near import Near
from ui.seatchart.scene import Scene
from ui.seatchart.tiles import Tiles, room_of_words
from ui.seatchart.viewport import Viewport


class Surface:
    """Draws one scene at one place. `show` makes the picture right; `image` is then the window's pixels."""

    def __init__(self, scene: Scene, ground: Ground, *, words: bool = True) -> None:
        self._scene, self._ground = scene, ground
        self._tiles = Tiles(scene, ground, words=words)
        self._near = Near(scene, self._tiles, ground.family)
        self._far = Far(scene, self._tiles)
        self._seats: Near | Far = self._near
        self._canvas = Canvas(1, 1)
        self._view = Viewport(1, 1)
        self._dpr = 1.0
        self._stale = True
        self._changed: list[NDArray[np.intp]] = []
        self._renamed: list[Point] = []  # where words changed

    def seats_changed(self, seats: NDArray[np.intp]) -> None:
        """The scene's states of these seats are new; the picture follows with the next `show`."""
        self._changed.append(seats)

    def counts_changed(self, sections: Iterable[int]) -> None:
        """The scene's free counts of these sections are new: only their words are painted again."""
        changed = set(sections)
        labels = self._scene.layout.section_labels
        places = [label.above for label in labels if label.section in changed and label.above is not None]
        self._tiles.forget_words_at(places)
        self._renamed += places

    def restyle(self) -> None:
        """Colours, filter or words changed: the next `show` starts afresh."""
        self._stale = True

    def show(self, view: Viewport, dpr: float) -> None:
        before, self._view = self._view, view
        resized = (view.width, view.height) != (before.width, before.height)
        if self._stale or resized or view.px_per_cm != before.px_per_cm or dpr != self._dpr:
            self._start_afresh(view, dpr)
        else:
            if self._changed:  # first: a strip shows what is, beside what was
                self._seats.change(np.unique(np.concatenate(self._changed)))
            if self._renamed:
                rooms = [room_of_words(point, view.px_per_cm, dpr) for point in self._renamed]
                rects = [room.translated(before.left, before.top) & self._canvas.window for room in rooms]
                self._seats.repaint([rect for rect in rects if not rect.isEmpty()])
            if (view.left, view.top) != (before.left, before.top):
                self._pan(before, view)
        self._changed.clear()
        self._renamed.clear()

    @property
    def image(self) -> QImage:
        """At the device pixel ratio of the last `show`. Shares memory: draw it at once."""
        image = self._canvas.image
        image.setDevicePixelRatio(self._dpr)
        return image

    @property
    def pixels(self) -> NDArray[np.uint32]:
        """A copy, shaped (height, width)."""
        return self._canvas.block(self._canvas.window).copy()

    def _start_afresh(self, view: Viewport, dpr: float) -> None:
        if self._stale:
            self._tiles.forget()
        self._stale, self._dpr = False, dpr
        if (self._canvas.window.width(), self._canvas.window.height()) != (view.width, view.height):
            self._canvas = Canvas(view.width, view.height)
        if self._scene.layout.radius * view.px_per_cm < FAR_BELOW_RADIUS:
            self._seats = self._far
            self._far.begin(self._canvas, view, dpr)
        else:
            self._seats = self._near
            self._near.begin(self._canvas, view, dpr, self._ground.scale(view, dpr))

    def _pan(self, before: Viewport, view: Viewport) -> None:
        width, height = view.width, view.height
        dx, dy = view.left - before.left, view.top - before.top
        if abs(dx) >= width or abs(dy) >= height:
            strips = [self._canvas.window]
        else:
            strips = []
            if dx:
                strips.append(QRect(0 if dx > 0 else width + dx, 0, abs(dx), height))
            if dy:
                strips.append(QRect(0, 0 if dy > 0 else height + dy, width, abs(dy)))
        self._seats.pan(view, strips)
