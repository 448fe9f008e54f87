"""What a painted widget is, told to screen readers. Its name is its accessible name. UI thread only."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

_ROLE = "accessible_role"
_VALUE = "accessible_value"


def speak_as(widget: QWidget, role: QAccessible.Role) -> None:
    """Qt knows the role of its own widgets only; a plain QWidget is nothing to it."""
    _install()
    widget.setProperty(_ROLE, role.value)


def speak_value(widget: QWidget, value: str) -> None:
    widget.setProperty(_VALUE, value)


class _Spoken(QAccessibleWidget):
    def __init__(self, widget: QWidget, role: QAccessible.Role) -> None:
        super().__init__(widget, role)
        self._widget = widget

    def text(self, kind: QAccessible.Text) -> str:
        if kind == QAccessible.Text.Value:
            return str(self._widget.property(_VALUE) or "")
        return super().text(kind)


@cache
def _install() -> None:
    QAccessible.installFactory(_interface_of)


def _interface_of(_class_name: str, widget: QObject | None) -> QAccessibleInterface | None:
    role = widget.property(_ROLE) if isinstance(widget, QWidget) else None
    if not isinstance(widget, QWidget) or role is None:
        return None
    interface = _Spoken(widget, QAccessible.Role(role))
    widget.setProperty("accessible_interface", interface)  # lives as long as the widget
    return interface
