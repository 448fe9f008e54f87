"""The chart for screen readers: a list whose items are the seats, then the areas.

Items are made when they are asked for; a stadium has a hundred thousand. UI thread only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Protocol, cast

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

from boxoffice.domain.plan import SeatKind
from ui.seatchart.scene import Scene
from ui.seatchart.states import KIND_WORDS, WORDS, SeatState


@dataclass(frozen=True, slots=True)
class StopState:
    can_act: bool
    is_mine: bool
    is_focused: bool
    is_in_view: bool


def stop_name(scene: Scene, stop: int, price: str, state: str = "") -> str:
    """`Stalls, row F, seat 15, Premium, €86.00, free`; `Standing floor, 3,210 free`. `state` in place of the seat's."""
    plan = scene.layout.plan
    if stop >= plan.seat_count:
        area = plan.areas[stop - plan.seat_count]
        return f"{area.name}, {scene.area_word(stop - plan.seat_count)}"
    words = (
        plan.section_name(stop),
        plan.row_name(stop),
        f"seat {plan.seat_labels[stop]}",
        KIND_WORDS.get(SeatKind(int(plan.kind[stop])), ""),
        plan.categories[int(plan.category[stop])],
        price,
        state or WORDS[SeatState(int(scene.states[stop]))],
    )
    return ", ".join(word for word in words if word)


class Stops(Protocol):
    """What a chart tells about its seats and areas. A stop is a seat's index, or the seat count plus an area's."""

    def stop_count(self) -> int: ...
    def stop_name(self, stop: int) -> str: ...
    def stop_rect(self, stop: int) -> QRect:
        """On the screen."""
        ...

    def stop_state(self, stop: int) -> StopState: ...

    def stop_at(self, x: int, y: int) -> int:
        """On the screen; -1 for none."""
        ...

    def focused_stop(self) -> int: ...


class ChartInterface(QAccessibleWidget):
    def __init__(self, chart: QWidget) -> None:
        super().__init__(chart, QAccessible.Role.List)
        self._chart = chart
        self._items: dict[int, _Item] = {}

    @property
    def stops(self) -> Stops:
        return cast(Stops, self._chart)

    def childCount(self) -> int:
        return self.stops.stop_count()

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        if not 0 <= index < self.childCount():
            return None
        item = self._items.get(index)
        if item is None:
            item = self._items[index] = _Item(self, index)
            QAccessible.registerAccessibleInterface(item)
        return item

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return child.stop if isinstance(child, _Item) else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return self.child(self.stops.stop_at(x, y))

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        return self.child(self.stops.focused_stop()) if self._chart.hasFocus() else None


class _Item(QAccessibleInterface):
    def __init__(self, chart: ChartInterface, stop: int) -> None:
        super().__init__()
        self._parent = chart
        self.stop = stop

    def isValid(self) -> bool:
        return self.stop < self._parent.stops.stop_count()

    def object(self) -> QObject | None:  # type: ignore[override]
        return None

    def parent(self) -> QAccessibleInterface:
        return self._parent

    def childCount(self) -> int:
        return 0

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def text(self, kind: QAccessible.Text) -> str:
        return self._parent.stops.stop_name(self.stop) if kind == QAccessible.Text.Name else ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """A seat's name is not for others to set."""

    def rect(self) -> QRect:
        return self._parent.stops.stop_rect(self.stop)

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        told = self._parent.stops.stop_state(self.stop)
        state = QAccessible.State()
        state.focusable = 1
        state.selectable = int(told.can_act)
        state.selected = int(told.is_mine)
        state.focused = int(told.is_focused)
        state.offscreen = int(not told.is_in_view)
        state.disabled = int(not told.can_act)
        return state


def announce_focus(chart: QWidget, stop: int) -> None:
    event = QAccessibleEvent(chart, QAccessible.Event.Focus)
    event.setChild(stop)
    QAccessible.updateAccessibility(event)


@cache
def install() -> None:
    """Once in a program: from then on a widget that has stops is read as a list of them."""
    QAccessible.installFactory(_interface_of)


def _interface_of(_class_name: str, widget: QObject | None) -> QAccessibleInterface | None:
    if not isinstance(widget, QWidget) or not hasattr(widget, "stop_count"):
        return None
    interface = ChartInterface(widget)
    widget.setProperty("accessible_interface", interface)  # lives as long as the widget
    return interface
