"""Paper Lantern: a cellar club with a floor to stand on, fourteen tables and a bar."""

from __future__ import annotations

from boxoffice.domain.ids import PlanId
from boxoffice.domain.plan import Area, Decoration, Point, Row, Seat, SeatingPlan, Section
from central.demo.drawing import rectangle

CLUB = PlanId("paper-lantern")
STANDING, TABLE, BAR = range(3)

_WIDTH, _HEIGHT = 1960.0, 1360.0
_MIDDLE = 1060.0
_PITCH = 66.0
_ACROSS = 62.0  # from the middle of a table to its chairs


def club() -> SeatingPlan:
    return SeatingPlan(
        id=CLUB,
        version=1,
        name="Cellar",
        width=_WIDTH,
        height=_HEIGHT,
        focal_point=(_MIDDLE, 250.0),
        categories=("Standing", "Table", "Bar stool"),
        sections=(_tables(), _bar_stools()),
        areas=(Area("Standing", 220, STANDING, rectangle(_MIDDLE - 420, 345, _MIDDLE + 420, 865), "B"),),
        decorations=(_stage(), _counter(), *_table_tops()),
    )


def _table_places() -> tuple[Point, ...]:
    """Three on either side of the floor, eight behind it, numbered row by row."""
    sides = ((_MIDDLE + side * 600, 400.0 + 205 * line) for line in range(3) for side in (-1, 1))
    behind = ((_MIDDLE + (column - 1.5) * 300, 1010.0 + 210 * line) for line in range(2) for column in range(4))
    return (*sides, *behind)


def _tables() -> Section:
    """Chairs 1 and 2 with their backs to the wall, 3 and 4 opposite, so that each sits beside the next."""
    half = _PITCH / 2
    chairs = ((-half, -_ACROSS), (half, -_ACROSS), (half, _ACROSS), (-half, _ACROSS))
    rows = tuple(
        Row(
            str(number + 1),
            tuple(Seat(str(chair + 1), x + dx, y + dy, TABLE) for chair, (dx, dy) in enumerate(chairs)),
        )
        for number, (x, y) in enumerate(_table_places())
    )
    return Section("Table", rows, (), "A")


def _table_tops() -> tuple[Decoration, ...]:
    return tuple(Decoration("table", rectangle(x - 72, y - 27, x + 72, y + 27)) for x, y in _table_places())


def _bar_stools() -> Section:
    seats = tuple(Seat(str(stool + 1), 196.0, _BAR_TOP + stool * _PITCH, BAR) for stool in range(12))
    return Section("Bar", (Row("", seats),), (), "A")


_BAR_TOP = 400.0


def _counter() -> Decoration:
    return Decoration("table", rectangle(60, _BAR_TOP - 50, 150, _BAR_TOP + 11 * _PITCH + 50))


def _stage() -> Decoration:
    return Decoration(
        "stage",
        (
            (_MIDDLE - 400, 60),
            (_MIDDLE + 400, 60),
            (_MIDDLE + 350, 280),
            (_MIDDLE - 350, 280),
        ),
        "Stage",
    )
