"""The plan editor as the shell knows it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from boxoffice.domain.staff import Permission
from ui.planeditor.presenter import PlanEditorPresenter
from ui.planeditor.view import PlanEditorWidget
from ui.shell.workspace import KeyHint, Place, Workspace


def _tr(text: str) -> str:
    return QCoreApplication.translate("PlanEditor", text)


class PlanEditor(Workspace):
    def __init__(self, widget: PlanEditorWidget, presenter: PlanEditorPresenter) -> None:
        self._widget, self._presenter = widget, presenter
        presenter.attach(widget)

    @property
    def place(self) -> Place:
        return Place("setup", _tr("Plans"), "armchair", 7, Permission.SETUP)

    @property
    def widget(self) -> QWidget:
        return self._widget

    @property
    def presenter(self) -> PlanEditorPresenter:
        return self._presenter

    def enter(self) -> None:
        self._widget.canvas.setFocus()

    def undo(self) -> None:
        self._presenter.undo()

    def key_pressed(self, event: QKeyEvent) -> bool:
        return self._widget.take_key(event)

    def shortcuts(self) -> Sequence[KeyHint]:
        return (
            KeyHint("V R A", _tr("Select, draw rows, draw an area")),
            KeyHint("1 … 9", _tr("Category of the chosen seats")),
            KeyHint("N", _tr("Number the chosen rows")),
            KeyHint("M", _tr("Mirror the chosen seats")),
            KeyHint("W C", _tr("Wheelchair bay, companion seat")),
            KeyHint("Ctrl+A", _tr("Choose all seats")),
            KeyHint("Ctrl+Y", _tr("Redo")),
            KeyHint("Ctrl+S", _tr("Save the plan")),
        )
