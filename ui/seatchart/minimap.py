"""The whole plan in a corner, with the window's place in it. Click or drag moves the window."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from ui.seatchart.ground import Ground
from ui.seatchart.panels import paint_plate
from ui.seatchart.scene import Scene
from ui.seatchart.surface import Surface
from ui.seatchart.viewport import Box, Viewport

_SIZE = QSize(122, 98)
_FRAME = 7
_REFRESH_MS = 200


class MiniMap(QWidget):
    """`moved_to` says which point of the plan, in centimetres, is to be the middle of the chart."""

    moved_to = Signal(float, float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedSize(_SIZE)
        self.setAccessibleName("Overview of the plan")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._scene: Scene | None = None
        self._surface: Surface | None = None
        self._seen = Box(0, 0, 0, 0)
        self._view = Viewport(1, 1)
        self._plate: QPixmap | None = None
        self._refresh = QTimer(self)
        self._refresh.setSingleShot(True)
        self._refresh.setInterval(_REFRESH_MS)
        self._refresh.timeout.connect(self._renew)

    def set_scene(self, scene: Scene, ground: Ground) -> None:
        self._scene = scene
        self._surface = Surface(scene, ground, words=False)
        self._renew()

    def seats_changed(self, seats: NDArray[np.intp]) -> None:
        """Many changes a second are one repaint."""
        if self._surface is not None:
            self._surface.seats_changed(seats)
            if not self._refresh.isActive():
                self._refresh.start()

    def restyle(self) -> None:
        if self._surface is not None:
            self._surface.restyle()
            self._renew()

    def set_seen(self, seen: Box) -> None:
        self._seen = seen
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        scene, surface = self._scene, self._surface
        if scene is None or surface is None:
            return
        inner, dpr = self._inner, self.devicePixelRatioF()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._plate_with(scene, surface, dpr))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, top = self._view.to_screen(self._seen.left, self._seen.top)
        right, bottom = self._view.to_screen(self._seen.right, self._seen.bottom)
        frame = QRectF(left / dpr, top / dpr, (right - left) / dpr, (bottom - top) / dpr).translated(inner.topLeft())
        painter.setPen(QPen(QColor(scene.palette.accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(frame.intersected(inner.adjusted(-1, -1, 1, 1)), 3, 3)
        painter.end()

    def _plate_with(self, scene: Scene, surface: Surface, dpr: float) -> QPixmap:
        """The plan on its plate, painted again only when it is another: the window's place moves with every pan."""
        if self._plate is None or self._plate.devicePixelRatio() != dpr:
            inner = self._inner
            view = Viewport(round(inner.width() * dpr), round(inner.height() * dpr))
            self._view = view.showing(scene.layout.content)
            surface.show(self._view, dpr)
            self._plate = QPixmap(self.size() * dpr)
            self._plate.setDevicePixelRatio(dpr)
            self._plate.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._plate)
            paint_plate(painter, QRectF(1, 0, self.width() - 2, self.height() - 3), scene.palette, 10)
            clip = QPainterPath()
            clip.addRoundedRect(inner, 5, 5)
            painter.setClipPath(clip)
            painter.drawImage(inner.topLeft(), surface.image)
            painter.end()
        return self._plate

    def _renew(self) -> None:
        self._plate = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._move_to(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._move_to(event)

    def _move_to(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            dpr = self.devicePixelRatioF()
            at = (event.position() - self._inner.topLeft()) * dpr
            self.moved_to.emit(*self._view.to_plan(at.x(), at.y()))

    @property
    def _inner(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_FRAME, _FRAME - 1, -_FRAME, -_FRAME - 2)
