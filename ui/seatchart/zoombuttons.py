"""Closer, farther, all: three buttons on one plate."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from ui.seatchart.palette import ChartPalette
from ui.seatchart.panels import paint_plate

_SIDE = 44


def _plus() -> QPainterPath:
    path = QPainterPath(QPointF(-7, 0))
    path.lineTo(7, 0)
    path.moveTo(0, -7)
    path.lineTo(0, 7)
    return path


def _minus() -> QPainterPath:
    path = QPainterPath(QPointF(-7, 0))
    path.lineTo(7, 0)
    return path


def _corners() -> QPainterPath:
    path = QPainterPath()
    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        path.moveTo(7 * x, 3 * y)
        path.lineTo(7 * x, 5.5 * y)
        path.quadTo(7 * x, 7 * y, 5.5 * x, 7 * y)
        path.lineTo(3 * x, 7 * y)
    return path


class _PathButton(QAbstractButton):
    def __init__(self, path: QPainterPath, name: str, key: str) -> None:
        super().__init__()
        self._path = path
        self.look: ChartPalette | None = None
        self.setFixedSize(_SIDE, _SIDE)
        self.setAccessibleName(name)
        self.setToolTip(f"{name} ({key})")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its key works in the chart
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(_SIDE, _SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.look is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isEnabled() and (self.underMouse() or self.isDown()):
            wash = QColor(self.look.ink)
            wash.setAlphaF(0.12 if self.isDown() else 0.06)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(wash)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(3, 3, -3, -3), 7, 7)
        ink = QColor(self.look.ink)
        ink.setAlphaF(1.0 if self.isEnabled() else 0.35)
        pen = QPen(ink, 1.75, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.translate(QRectF(self.rect()).center())
        painter.drawPath(self._path)
        painter.end()


class ZoomButtons(QWidget):
    zoom_in_requested = Signal()
    zoom_out_requested = Signal()
    fit_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._look: ChartPalette | None = None
        self._closer = _PathButton(_plus(), "Zoom in", "+")
        self._farther = _PathButton(_minus(), "Zoom out", "−")
        self._all = _PathButton(_corners(), "Show all", "0")
        self._closer.clicked.connect(self.zoom_in_requested)
        self._farther.clicked.connect(self.zoom_out_requested)
        self._all.clicked.connect(self.fit_requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 3)
        column.setSpacing(1)
        for button in (self._closer, self._farther, self._all):
            column.addWidget(button)
        self.setFixedSize(_SIDE + 2, 3 * _SIDE + 6)

    def set_look(self, look: ChartPalette) -> None:
        self._look = look
        for button in (self._closer, self._farther, self._all):
            button.look = look
        self.update()

    def set_room(self, *, closer: bool, farther: bool) -> None:
        self._closer.setEnabled(closer)
        self._farther.setEnabled(farther)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._look is None:
            return
        painter = QPainter(self)
        plate = QRectF(self.rect()).adjusted(1, 0, -1, -3)
        paint_plate(painter, plate, self._look, 10)
        painter.setPen(QPen(QColor(self._look.line), 1))
        for i in (1, 2):
            y = plate.top() + i * (_SIDE + 1) + 0.5
            painter.drawLine(QPointF(plate.left() + 1, y), QPointF(plate.right() - 1, y))
        painter.end()
