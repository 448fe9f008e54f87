"""Attention as the shell knows it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from boxoffice.domain.staff import Permission
from ui.attention.presenter import AttentionPresenter
from ui.attention.view import AttentionWidget
from ui.shell.workspace import Place, WindowSize, Workspace


class Attention(Workspace):
    def __init__(self, widget: AttentionWidget, presenter: AttentionPresenter) -> None:
        self._widget, self._presenter = widget, presenter
        presenter.attach(widget)

    @property
    def place(self) -> Place:
        name = QCoreApplication.translate("Attention", "Attention")
        return Place("attention", name, "triangle-alert", 5, Permission.ATTENTION)

    @property
    def widget(self) -> QWidget:
        return self._widget

    @property
    def attention(self) -> int:
        return self._presenter.state.count

    def enter(self) -> None:
        self._widget.setFocus()
        self._presenter.refresh()

    def changed(self) -> None:
        self._presenter.refresh()

    def resized(self, size: WindowSize) -> None:
        self._widget.set_size(size)
