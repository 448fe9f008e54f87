"""Shadows of what floats: a nine-patch that the parent paints. A graphics effect would repaint the whole panel."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QMargins, QObject, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from ui.theme import theme, theme_source
from ui.theme.tokens import parse_color, raw_tokens
from ui.widgets.painting import painter_of


def shadow_margins(level: str = "e2") -> QMargins:
    """How far the shadow reaches beyond its thing."""
    elevation = raw_tokens()["elevation"][level]
    blur, down = int(elevation["blur"]), int(elevation["y"])
    return QMargins(blur, max(0, blur - down), blur, blur + down)


def paint_shadow(painter: QPainter, rect: QRectF, level: str = "e2", radius: int = 10) -> None:
    """Paint what `rect` throws; paint `rect` itself afterwards."""
    elevation = raw_tokens()["elevation"][level]
    blur = int(elevation["blur"])
    ratio = painter.device().devicePixelRatioF()
    corner = radius + blur
    width, height = min(round(rect.width()), 2 * corner + 1), min(round(rect.height()), 2 * corner + 1)
    if width < 1 or height < 1:
        return
    tile = _tile(width, height, radius, blur, str(elevation[theme().name]), ratio)
    outer = rect.adjusted(-blur, -blur, blur, blur).translated(0, float(elevation["y"]))
    _stretch(painter, outer, tile, width + 2 * blur, height + 2 * blur, ratio)


def _stretch(painter: QPainter, outer: QRectF, tile: QPixmap, width: int, height: int, ratio: float) -> None:
    """Corners as they are, the pixel in the middle drawn out."""
    left, top = width // 2, height // 2
    xs = (outer.left(), outer.left() + left, outer.right() - (width - left - 1), outer.right())
    ys = (outer.top(), outer.top() + top, outer.bottom() - (height - top - 1), outer.bottom())
    from_x, from_y = (0, left, left + 1, width), (0, top, top + 1, height)
    for i in range(3):
        for j in range(3):
            target = QRectF(xs[i], ys[j], xs[i + 1] - xs[i], ys[j + 1] - ys[j])
            if target.isEmpty():
                continue
            source = QRectF(
                from_x[i] * ratio,
                from_y[j] * ratio,
                (from_x[i + 1] - from_x[i]) * ratio,
                (from_y[j + 1] - from_y[j]) * ratio,
            )
            painter.drawPixmap(target, tile, source)


@lru_cache(maxsize=64)
def _tile(width: int, height: int, radius: int, blur: int, color: str, ratio: float) -> QPixmap:
    """A blurred rounded box of `width` x `height` with `blur` around it. Blur is CSS's: twice the deviation."""
    columns = _middles(width, blur, ratio)
    rows = _middles(height, blur, ratio)
    x, y = np.meshgrid(columns, rows)
    half_x, half_y, round_px = width * ratio / 2, height * ratio / 2, min(radius, width / 2, height / 2) * ratio
    qx, qy = np.abs(x) - half_x + round_px, np.abs(y) - half_y + round_px
    outside = np.hypot(np.maximum(qx, 0), np.maximum(qy, 0))
    distance = outside + np.minimum(np.maximum(qx, qy), 0) - round_px
    mask = np.clip(0.5 - distance, 0, 1)
    alpha = _blurring(len(rows), blur * ratio / 2) @ mask @ _blurring(len(columns), blur * ratio / 2).T
    tint = parse_color(color)
    alpha = alpha * tint.alphaF()
    pixels = np.empty((len(rows), len(columns), 4), np.uint8)
    for channel, part in enumerate((tint.blueF(), tint.greenF(), tint.redF(), 1.0)):
        pixels[..., channel] = np.rint(alpha * part * 255)
    data = pixels.tobytes()
    image = QImage(data, len(columns), len(rows), len(columns) * 4, QImage.Format.Format_ARGB32_Premultiplied)
    return QPixmap.fromImage(image.copy())  # a copy owns its pixels


def _middles(length: int, blur: int, ratio: float) -> NDArray[np.float64]:
    """The device pixels' middles, measured from the middle of the box."""
    count = round((length + 2 * blur) * ratio)
    return np.arange(count, dtype=np.float64) - (count - 1) / 2


def _blurring(count: int, deviation: float) -> NDArray[np.float64]:
    """Multiplying by it blurs one axis; what falls off the edge is lost, as it should be."""
    places = np.arange(count, dtype=np.float64)
    weights = np.exp(-((places[:, None] - places[None, :]) ** 2) / (2 * deviation**2))
    made: NDArray[np.float64] = weights / (deviation * np.sqrt(2 * np.pi))
    return made


class Shadow(QWidget):
    """The shadow of a sibling, below it and deaf to the pointer. Follows its thing until that is gone."""

    def __init__(self, thing: QWidget, level: str = "e2", radius: int = 10) -> None:
        super().__init__(thing.parentWidget())
        self._thing, self._level, self._radius = thing, level, radius
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        thing.installEventFilter(self)
        thing.destroyed.connect(self.deleteLater)
        theme_source().changed.connect(self.update)
        self._follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = QEvent.Type
        if event.type() in (kinds.Move, kinds.Resize, kinds.Show, kinds.Hide, kinds.ZOrderChange):
            self._follow()
        return False

    def _follow(self) -> None:
        self.setGeometry(self._thing.geometry().marginsAdded(shadow_margins(self._level)))
        self.setVisible(self._thing.isVisible())
        self.stackUnder(self._thing)

    def paintEvent(self, event: QPaintEvent) -> None:
        around = shadow_margins(self._level)
        paint_shadow(painter_of(self), QRectF(self.rect().marginsRemoved(around)), self._level, self._radius)
