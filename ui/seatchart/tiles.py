"""The ground in squares, each painted once for a scale and kept while there is room: zooming goes back and forth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from boxoffice.domain.plan import Point
from ui.seatchart.ground import Ground
from ui.seatchart.scene import Scene
from ui.seatchart.viewport import Viewport

_SIDE = 384  # device pixels
_KEPT = 96  # 57 MB; a window of 1920 x 1080 sees about 16 at a time


def room_of_words(at: Point, px_per_cm: float, dpr: float) -> QRect:
    """More than a section's name and count ever need, in device pixels from the plan's origin."""
    width, height = round(360 * dpr), round(32 * dpr)
    return QRect(round(at[0] * px_per_cm) - width // 2, round(at[1] * px_per_cm) - height // 2, width, height)


class Tiles:
    """A square is always painted alone: antialiasing depends a little on where a picture is cut, and a picture
    that was moved has to equal one that is painted afresh."""

    def __init__(self, scene: Scene, ground: Ground, *, words: bool) -> None:
        self._scene, self._ground, self._words = scene, ground, words
        self._tiles: dict[tuple[float, float, int, int], QImage] = {}
        self._spare: list[QImage] = []  # fresh memory costs more than painting it

    def forget(self) -> None:
        """Colours or words changed."""
        self._spare += self._tiles.values()
        self._tiles.clear()

    def forget_words_at(self, points: Iterable[Point]) -> None:
        """Squares of any scale with words around these points of the plan."""
        points = list(points)
        for place in list(self._tiles):
            px_per_cm, dpr, column, line = place
            square = QRect(column * _SIDE, line * _SIDE, _SIDE, _SIDE)
            if any(room_of_words(point, px_per_cm, dpr).intersects(square) for point in points):
                self._spare.append(self._tiles.pop(place))

    def paint(self, painter: QPainter, view: Viewport, dpr: float, rect: QRect) -> None:
        """Fills at least `rect`; the painter clips."""
        for line in range((rect.top() - view.top) // _SIDE, (rect.bottom() - view.top) // _SIDE + 1):
            for column in range((rect.left() - view.left) // _SIDE, (rect.right() - view.left) // _SIDE + 1):
                tile = self._tile(column, line, view, dpr)
                painter.drawImage(column * _SIDE + view.left, line * _SIDE + view.top, tile)

    def _tile(self, column: int, line: int, view: Viewport, dpr: float) -> QImage:
        place = view.px_per_cm, dpr, column, line
        tile = self._tiles.pop(place, None)
        if tile is not None:
            self._tiles[place] = tile  # those not seen for longest go first
        else:
            if len(self._tiles) >= _KEPT:
                self._spare.append(self._tiles.pop(next(iter(self._tiles))))
            tile = self._spare.pop() if self._spare else QImage(_SIDE, _SIDE, QImage.Format.Format_RGB32)
            self._tiles[place] = tile
            there = replace(view, left=-column * _SIDE, top=-line * _SIDE)
            painter = QPainter(tile)
            self._ground.paint(painter, self._scene, there, dpr, tile.rect(), words=self._words)
            painter.end()
        return tile
