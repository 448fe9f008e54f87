"""The drawing in the middle; beside it what is drawn next, the categories, and what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from boxoffice.domain.plan import PlanFault, SeatKind
from boxoffice.domain.plan_editing import PlanDocument, SeatKey
from boxoffice.domain.plan_numbering import Direction
from boxoffice.domain.refusals import Refused
from ui.planeditor.canvas import PlanCanvas
from ui.planeditor.presenter import PlanEditorPresenter, Tool
from ui.shell.workspace import Notice, Notices, Tone
from ui.theme import theme
from ui.widgets import Button, CategoryTile, Choice, Elided, IconButton, Panel, Segments, Stepper, Text, TextField

_BEND_STEP_CM = 10.0
_FAULTS_SHOWN = 3


class PlanEditorWidget(QWidget):
    """Implements PlanEditorView."""

    def __init__(self, presenter: PlanEditorPresenter, notices: Callable[[], Notices]) -> None:
        super().__init__()
        self.setObjectName("background")
        self._presenter, self._notices = presenter, notices
        self._shown_faults: tuple[PlanFault, ...] = ()
        self._faults: list[Button] = []
        self.save_button = Button(self.tr("Save"), role="primary", icon="save", key="Ctrl S", height=56)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 12, 12, 12)
        row.setSpacing(12)
        sheet = Panel(padding=0, spacing=0)
        sheet.body.addLayout(self._head())
        self.canvas = PlanCanvas()
        self.canvas.drawn.connect(lambda path, more: presenter.drawn(path, more=more))
        sheet.body.addWidget(self.canvas, 1)
        row.addWidget(sheet, 1)
        row.addWidget(self._side())
        self.setFocusProxy(self.canvas)

    def show_document(self, document: PlanDocument, chosen: frozenset[SeatKey], faults: Sequence[PlanFault]) -> None:
        faulty = frozenset(
            (indices[0], indices[1], indices[2])
            for fault in faults
            if len(indices := [part for part in fault.path if isinstance(part, int)]) == 3
        )
        self.canvas.show_document(document, chosen, faulty)
        self._name.setText(document.name)
        seats = Counter(seat.category for _, seat in document.seats())
        places = sum(seats.values()) + sum(area.capacity for area in document.areas)
        self._figure.setText(
            self.tr("{} places · {} chosen").format(places, len(chosen))
            if chosen
            else self.tr("{} places").format(places)
        )
        self._show_categories(document, seats)
        for line, fault in zip(self._faults, (*faults[:_FAULTS_SHOWN], *[None] * _FAULTS_SHOWN), strict=False):
            line.setVisible(fault is not None)
            line.setText(fault.message[:1].upper() + fault.message[1:] if fault is not None else "")
            line.setToolTip(line.text())
        self._shown_faults = tuple(faults[:_FAULTS_SHOWN])
        self._checks.setText(
            self.tr("{} faults").format(len(faults)) if faults else self.tr("Every number once per row")
        )
        self._checks.set_tone("danger" if faults else "success")
        self.save_button.setEnabled(not faults)

    def show_tool(self, tool: Tool) -> None:
        self._tools.choose(tool)
        self.canvas.show_tool(tool)

    def show_refusal(self, error: Refused) -> None:
        self._notices().show_refusal(error)

    def say_done(self, what: str, text: str) -> None:
        self._notices().say(Notice(Tone.SUCCESS, what, text, icon="save"))

    def choose_to_open(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Open a plan"), "", "(*.json *.csv *.svg)")
        if chosen:
            self._presenter.open(Path(chosen))

    def choose_to_save(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, self.tr("Save the plan"), "plan.json", "JSON (*.json)")
        if chosen:
            self._presenter.save(Path(chosen))

    def take_key(self, event: QKeyEvent) -> bool:
        """Keys of the drawing; none while a field is written in."""
        if not self.canvas.hasFocus():
            return False
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        digit = event.key() - Qt.Key.Key_1
        if not control and 0 <= digit < 9:
            self._presenter.categorise(digit)
            return True
        act = self._keys().get((control, Qt.Key(event.key())))
        if act is not None:
            act()
        return act is not None

    def _keys(self) -> dict[tuple[bool, Qt.Key], Callable[[], None]]:
        do, key = self._presenter, Qt.Key
        return {
            (False, key.Key_V): partial(do.take, Tool.SELECT),
            (False, key.Key_R): partial(do.take, Tool.ROWS),
            (False, key.Key_A): partial(do.take, Tool.AREA),
            (False, key.Key_M): do.mirror,
            (False, key.Key_N): do.renumber,
            (False, key.Key_W): partial(do.mark, SeatKind.WHEELCHAIR),
            (False, key.Key_C): partial(do.mark, SeatKind.COMPANION),
            (False, key.Key_Delete): do.delete,
            (False, key.Key_Left): partial(do.move, -1, 0),
            (False, key.Key_Right): partial(do.move, 1, 0),
            (False, key.Key_Up): partial(do.move, 0, -1),
            (False, key.Key_Down): partial(do.move, 0, 1),
            (True, key.Key_A): do.choose_all,
            (True, key.Key_Y): do.redo,
            (True, key.Key_O): self.choose_to_open,
            (True, key.Key_S): self.choose_to_save,
        }

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setContentsMargins(16, 12, 12, 12)
        head.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(0)
        self._name, self._figure = Elided("", "strong"), Elided("", "body", "ink_2")
        words.addWidget(self._name)
        words.addWidget(self._figure)
        head.addLayout(words, 1)
        self._tools = Segments()
        words_of = ((Tool.SELECT, self.tr("Select")), (Tool.ROWS, self.tr("Rows")), (Tool.AREA, self.tr("Area")))
        self._tools.set_items([(tool, word, "") for tool, word in words_of], Tool.ROWS)
        self._tools.chosen.connect(lambda key: self._presenter.take(Tool(key)))
        head.addWidget(self._tools)
        for icon, name, act in (
            ("undo-2", self.tr("Undo"), self._presenter.undo),
            ("redo-2", self.tr("Redo"), self._presenter.redo),
            ("flip-horizontal", self.tr("Mirror"), self._presenter.mirror),
            ("trash-2", self.tr("Delete"), self._presenter.delete),
        ):
            button = IconButton(icon, name)
            button.clicked.connect(lambda _=False, act=act: act())
            head.addWidget(button)
        opened = Button(self.tr("Import"), icon="file-up")
        opened.clicked.connect(self.choose_to_open)
        head.addWidget(opened)
        return head

    def _side(self) -> Panel:
        side = Panel(padding=16, spacing=8)
        side.setFixedWidth(312)
        self._section = TextField(self.tr("Section"))
        self._section.field.setText(self._presenter.section)
        self._section.field.textEdited.connect(self._section_named)
        inside = QWidget()
        settings = QVBoxLayout(inside)
        settings.setContentsMargins(2, 2, 2, 2)
        settings.setSpacing(8)
        settings.addWidget(self._section)
        grid = QGridLayout()
        self.rows, self.bend = Stepper(1, 60, 1), Stepper(0, 40, 0)
        self.rows.changed.connect(lambda value: setattr(self._presenter, "rows", value))
        self.bend.changed.connect(lambda value: setattr(self._presenter, "bend_cm", value * _BEND_STEP_CM))
        for line, (word, stepper) in enumerate(((self.tr("Rows"), self.rows), (self.tr("Curve, × 10 cm"), self.bend))):
            stepper.setAccessibleName(word)
            grid.addWidget(Text(word, "body", "ink_2"), line, 0)
            grid.addWidget(stepper, line, 1, Qt.AlignmentFlag.AlignRight)
        settings.addLayout(grid)
        self.direction = Choice(self.tr("Numbering"))
        self.direction.addItems([direction.value.capitalize() for direction in Direction])
        self.direction.currentIndexChanged.connect(
            lambda index: setattr(self._presenter, "direction", list(Direction)[index])
        )
        settings.addWidget(self.direction)
        renumber = Button(self.tr("Number chosen rows"), icon="hash", key="N")
        renumber.clicked.connect(self._presenter.renumber)
        settings.addWidget(renumber)
        settings.addWidget(Text(self.tr("Category of the chosen seats"), "caption", "ink_2"))
        self._categories = QGridLayout()
        self._tiles: list[CategoryTile] = []
        settings.addLayout(self._categories)
        settings.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        side.body.addWidget(scroll, 1)
        self._checks = Text("", "strong")
        side.body.addWidget(self._checks)
        self._faults = [Button("", role="quiet", icon="triangle-alert") for _ in range(_FAULTS_SHOWN)]
        for index, button in enumerate(self._faults):
            button.clicked.connect(lambda _=False, index=index: self._presenter.choose_fault(self._shown_faults[index]))
            side.body.addWidget(button)
        self.save_button.clicked.connect(self.choose_to_save)
        side.body.addWidget(self.save_button)
        return side

    def _show_categories(self, document: PlanDocument, seats: Counter[int]) -> None:
        if [tile.text() for tile in self._tiles] != list(document.categories):
            for tile in self._tiles:
                self._categories.removeWidget(tile)
                tile.hide()
                tile.deleteLater()
            self._tiles = []
            for index, name in enumerate(document.categories):
                tile = CategoryTile(name, theme().seat(index))
                tile.clicked.connect(lambda _=False, index=index: self._presenter.categorise(index))
                self._categories.addWidget(tile, index, 0)
                self._tiles.append(tile)
        for index, tile in enumerate(self._tiles):
            tile.show_detail(str(index + 1), str(seats[index]), self.tr("seats"))

    def _section_named(self, text: str) -> None:
        self._presenter.section = text.strip() or "Stalls"
