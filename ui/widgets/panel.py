"""The surface that things lie on."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget


class Panel(QFrame):
    """Surface, a 1 px line, radius 12, no shadow. `body` is its vertical layout."""

    def __init__(self, padding: int = 16, spacing: int = 8, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(padding, padding, padding, padding)
        self.body.setSpacing(spacing)
