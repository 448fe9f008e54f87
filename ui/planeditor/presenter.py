"""Drawing decided, without a widget: what a gesture or a key does to the document."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from boxoffice.domain import plan_editing
from boxoffice.domain.ids import PlanId
from boxoffice.domain.plan import PlanFault, Point, SeatingPlan, SeatKind
from boxoffice.domain.plan_editing import Editing, PlanDocument, SeatKey
from boxoffice.domain.plan_files import FileReport, PlanFormat, open_format, read_plan
from boxoffice.domain.plan_numbering import Direction, Numbering
from boxoffice.domain.refusals import Refused
from ui.tasks import TaskRunner

GRID_CM = 10.0
_LANE = "plan"
_NEAR_CM = 30.0
_DRAWN = PlanId("")
_FAULTS_SAID = 3


class Tool(StrEnum):
    SELECT = "select"
    ROWS = "rows"
    AREA = "area"


class PlanEditorView(Protocol):
    def show_document(
        self, document: PlanDocument, chosen: frozenset[SeatKey], faults: Sequence[PlanFault]
    ) -> None: ...
    def show_tool(self, tool: Tool) -> None: ...
    def show_refusal(self, error: Refused) -> None: ...
    def say_done(self, what: str, text: str) -> None: ...


class PlanEditorPresenter:
    """`rows` and `bend_cm` are of the next block; `numbering` of it and of what is numbered again."""

    def __init__(self, tasks: TaskRunner) -> None:
        self._tasks = tasks
        self._view: PlanEditorView | None = None
        self._editing = Editing(plan_editing.new_document("New plan"))
        self._chosen: frozenset[SeatKey] = frozenset()
        self.tool, self.section = Tool.ROWS, "Stalls"
        self.rows, self.bend_cm, self.category, self.capacity = 1, 0.0, 0, 100
        self.direction = Direction.LEFT_TO_RIGHT

    def attach(self, view: PlanEditorView) -> None:
        self._view = view
        self._show()

    @property
    def document(self) -> PlanDocument:
        return self._editing.document

    @property
    def chosen(self) -> frozenset[SeatKey]:
        return self._chosen

    def take(self, tool: Tool) -> None:
        self.tool = tool
        if self._view is not None:
            self._view.show_tool(tool)

    def drawn(self, path: Sequence[Point], *, more: bool) -> None:
        """The pointer went along `path` with the tool in hand; `more` adds to what is chosen."""
        start, end = _snapped(path[0]), _snapped(path[-1])
        if self.tool is Tool.SELECT:
            is_click = all(math.dist(path[0], point) < GRID_CM for point in path)
            found = self._pointed_at(path[0]) if is_click else plan_editing.seats_within(self.document, path)
            self.choose(self._chosen | set(found) if more else found)
        elif math.dist(start, end) < GRID_CM:
            return
        elif self.tool is Tool.ROWS:
            lines = plan_editing.block_lines(start, end, self.bend_cm, self.rows)
            self._do(plan_editing.add_rows(self.document, self.section, lines, self.category, self._numbering()))
        else:
            name = f"Area {len(self.document.areas) + 1}"
            self._do(plan_editing.add_area(self.document, name, self.capacity, start, end, self.category))

    def choose(self, keys: Iterable[SeatKey]) -> None:
        self._chosen = frozenset(keys)
        self._show()

    def choose_all(self) -> None:
        self.choose(key for key, _ in self.document.seats())

    def choose_fault(self, fault: PlanFault) -> None:
        """The seats of its place."""
        indices = [part for part in fault.path if isinstance(part, int)]
        if fault.path[:1] == ("sections",):
            self.choose(key for key, _ in self.document.seats() if list(key[: len(indices)]) == indices)

    def categorise(self, category: int) -> None:
        """The chosen seats, and what is drawn next."""
        if category < len(self.document.categories):
            self.category = category
            self._do(plan_editing.categorise(self.document, self._chosen, category))

    def mark(self, kind: SeatKind) -> None:
        """The chosen seats; back to standard where all are of this kind already."""
        seats = [seat for key, seat in self.document.seats() if key in self._chosen]
        wanted = SeatKind.STANDARD if all(seat.kind is kind for seat in seats) else kind
        self._do(plan_editing.mark(self.document, self._chosen, wanted))

    def renumber(self) -> None:
        self._do(plan_editing.renumber(self.document, self._chosen, self._numbering()))

    def mirror(self) -> None:
        self._do(plan_editing.mirror(self.document, self._chosen))

    def move(self, across: float, down: float) -> None:
        self._do(plan_editing.move(self.document, self._chosen, (across * GRID_CM, down * GRID_CM)))

    def delete(self) -> None:
        gone, self._chosen = self._chosen, frozenset()
        self._do(plan_editing.delete(self.document, gone))

    def undo(self) -> None:
        self._turn_to(self._editing.undo)

    def redo(self) -> None:
        self._turn_to(self._editing.redo)

    def open(self, path: Path) -> None:
        """The open JSON, a table or a drawing, by the ending of its name; a faulty one is refused whole."""

        def read() -> SeatingPlan:
            try:
                content, written_as = path.read_bytes(), PlanFormat(path.suffix.lower().removeprefix("."))
            except OSError as error:
                raise Refused(f"The file could not be read: {error.strerror}.", "Choose another one.") from error
            except ValueError as error:
                raise Refused(f"{path.name} is no plan by its name.", "Choose a json, csv or svg file.") from error
            found = read_plan(content, written_as, _DRAWN, name=path.stem)
            if isinstance(found, FileReport):
                named = " ".join(str(fault) for fault in found.faults[:_FAULTS_SAID])
                raise Refused(f"{path.name} has {len(found.faults)} faults; nothing of it was taken.", named)
            return found

        def opened(plan: SeatingPlan) -> None:
            self._chosen = frozenset()
            self._do(PlanDocument.of(plan))

        self._tasks.run(read, opened, self._failed, lane=_LANE)

    def save(self, path: Path) -> None:
        """In the open JSON; whole or not at all."""
        document = self.document

        def write() -> Path:
            content = open_format.write(document.finished(_DRAWN, 1))
            part = path.with_name(path.name + ".part")
            try:
                part.write_bytes(content)
                part.replace(path)
            except OSError as error:
                part.unlink(missing_ok=True)
                raise Refused(f"The file could not be written: {error.strerror}.", "Choose another folder.") from error
            return path

        def written(path: Path) -> None:
            if self._view is not None:
                self._view.say_done("Saved", str(path))

        self._tasks.run(write, written, self._failed, lane=_LANE)

    def _numbering(self) -> Numbering:
        return Numbering(self.direction)

    def _pointed_at(self, point: Point) -> tuple[SeatKey, ...]:
        near = ((math.dist(point, (seat.x, seat.y)), key) for key, seat in self.document.seats())
        distance, key = min(near, default=(math.inf, (0, 0, 0)))
        return (key,) if distance <= _NEAR_CM else ()

    def _do(self, document: PlanDocument) -> None:
        self._editing.do(document)
        self._show()

    def _turn_to(self, change: Callable[[], None]) -> None:
        change()
        self._chosen = frozenset()
        self._show()

    def _show(self) -> None:
        if self._view is not None:
            self._view.show_document(self.document, self._chosen, self.document.faults())

    def _failed(self, error: Exception) -> None:
        if isinstance(error, Refused) and self._view is not None:
            self._view.show_refusal(error)


def _snapped(point: Point) -> Point:
    return round(point[0] / GRID_CM) * GRID_CM, round(point[1] / GRID_CM) * GRID_CM
