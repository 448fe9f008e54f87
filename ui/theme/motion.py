"""Motion shows where a thing went, and nothing else."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QStyle

from ui.theme.tokens import raw_tokens


def duration_ms(name: str = "normal") -> int:
    """`fast`, `normal` or `slow`; 0 where the system asks for less motion: the end state shows at once."""
    style = QApplication.style()
    animates = style is not None and style.styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0
    return int(raw_tokens()["motion"][f"{name}_ms"]) if animates else 0
