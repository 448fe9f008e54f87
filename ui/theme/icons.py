"""Lucide icons, tinted once per colour, size and pixel ratio. Never scaled up."""

from __future__ import annotations

from functools import cache, lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

import resources
from ui.theme.tokens import raw_tokens


@cache
def _svg(name: str) -> str:
    text = resources.path("icons", f"{name}.svg").read_text("utf-8")
    return text.replace('stroke-width="2"', f'stroke-width="{raw_tokens()["size"]["icon_stroke"]}"')


@lru_cache(maxsize=2000)
def _tinted(name: str, rgba: str, size_px: int, ratio: float) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(_svg(name).replace("currentColor", rgba).encode()))
    pixmap = QPixmap(QSize(round(size_px * ratio), round(size_px * ratio)))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, pixmap.width(), pixmap.height()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def icon_pixmap(name: str, color: QColor | str, size_px: int = 20, ratio: float = 1.0) -> QPixmap:
    """Raises FileNotFoundError for an icon that is not bundled."""
    return _tinted(name, QColor(color).name(), size_px, ratio)


def icon(name: str, color: QColor | str, size_px: int = 20) -> QIcon:
    made = QIcon()
    for ratio in (1.0, 2.0):
        made.addPixmap(icon_pixmap(name, color, size_px, ratio))
    return made
