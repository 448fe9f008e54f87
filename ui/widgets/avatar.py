"""A person as a disc with initials."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QAccessible, QColor, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.theme import display_font
from ui.widgets.accessible import speak_as
from ui.widgets.painting import painter_of

_DISCS = ("#3A44C2", "#0B7440", "#855200", "#8A2A68", "#1B5FAE", "#464D5D", "#A03E1B", "#14171F")  # white reads on all


def initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


class Avatar(QWidget):
    """Decoration: the name stands beside it, so a screen reader skips it."""

    def __init__(self, name: str = "", number: int = 0, size: int = 56, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._number = name, number
        speak_as(self, QAccessible.Role.Graphic)
        self.setFixedSize(size, size)

    def show_person(self, name: str, number: int) -> None:
        self._name, self._number = name, number
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(_DISCS[self._number % len(_DISCS)]))
        painter.drawEllipse(QRectF(self.rect()))
        painter.setPen(QColor("#FFFFFF"))
        painter.setFont(display_font(round(self.width() * 0.34), 600))
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, initials(self._name))
