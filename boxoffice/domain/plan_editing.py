"""A seating plan while somebody draws it. Pure: a document that is replaced as a whole, so undo keeps the old one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from boxoffice.domain.ids import PlanId
from boxoffice.domain.plan import (
    SEAT_PITCH_CM,
    Area,
    Decoration,
    PlanFault,
    Point,
    Row,
    Seat,
    SeatingPlan,
    SeatKind,
    Section,
    faults_of,
)
from boxoffice.domain.plan_numbering import Numbering, row_index, row_letters

ROW_PITCH_CM = 90.0
SeatKey = tuple[int, int, int]  # section, row, seat


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """May be faulty while it is drawn; `finished` is a plan when `faults` is empty."""

    name: str
    size: Point
    focal_point: Point
    categories: tuple[str, ...]
    sections: tuple[Section, ...] = ()
    areas: tuple[Area, ...] = ()
    decorations: tuple[Decoration, ...] = ()
    extensions: dict[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: SeatingPlan) -> PlanDocument:
        return cls(
            plan.name,
            (plan.width, plan.height),
            plan.focal_point,
            plan.categories,
            plan.sections,
            plan.areas,
            plan.decorations,
            dict(plan.extensions),
        )

    def faults(self) -> tuple[PlanFault, ...]:
        return tuple(faults_of(self.size, self.categories, self.sections, self.areas))

    def finished(self, plan_id: PlanId, version: int) -> SeatingPlan:
        """Raises Malformed while there are faults."""
        return SeatingPlan(
            plan_id,
            version,
            self.name,
            *self.size,
            self.focal_point,
            self.categories,
            self.sections,
            self.areas,
            self.decorations,
            self.extensions,
        )

    def seats(self) -> Iterable[tuple[SeatKey, Seat]]:
        for i, section in enumerate(self.sections):
            for j, row in enumerate(section.rows):
                for k, seat in enumerate(row.seats):
                    yield (i, j, k), seat

    def next_row(self, section: str) -> str:
        """The letter after the last one of a section."""
        rows = next((part.rows for part in self.sections if part.name == section), ())
        last = max((index for row in rows if (index := row_index(row.label)) is not None), default=-1)
        return row_letters(last + 1)


def seats_along(start: Point, end: Point, bend: float = 0.0, pitch: float = SEAT_PITCH_CM) -> tuple[Point, ...]:
    """Places a seat's width apart, centred between two points. `bend` is how far the middle lies below their line."""
    chord = math.dist(start, end)
    if chord < pitch:
        return (start,)
    across = ((end[0] - start[0]) / chord, (end[1] - start[1]) / chord)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    if abs(bend) < 1:
        length, radius = chord, 0.0
    else:
        radius = (chord * chord / 4 + bend * bend) / (2 * bend)  # signed, as `bend` is
        half = math.asin(min(1.0, chord / 2 / abs(radius)))
        half = half if abs(bend) <= abs(radius) else math.pi - half
        length = 2 * half * abs(radius)
    count = int(length / pitch + 1e-6) + 1
    found: list[Point] = []
    for step in range(count):
        along = (step - (count - 1) / 2) * pitch
        down = bend
        if radius:
            turn = along / abs(radius)
            along, down = abs(radius) * math.sin(turn), bend - radius * (1 - math.cos(turn))
        found.append(
            (
                round(middle[0] + across[0] * along - across[1] * down, 1),
                round(middle[1] + across[1] * along + across[0] * down, 1),
            )
        )
    return tuple(found)


def add_rows(
    document: PlanDocument,
    section: str,
    lines: Sequence[Sequence[Point]],
    category: int = 0,
    numbering: Numbering = Numbering(),  # noqa: B008, it never changes
) -> PlanDocument:
    """Rows in front to back, lettered after those that the section has; a new section for a new name."""
    sections = list(document.sections)
    index = next((i for i, part in enumerate(sections) if part.name == section), len(sections))
    if index == len(sections):
        sections.append(Section(section, ()))
    for places in lines:
        label = replace(document, sections=tuple(sections)).next_row(section)
        numbers = numbering.labels(len(places), len(sections[index].rows))
        seats = tuple(Seat(number, x, y, category) for number, (x, y) in zip(numbers, places, strict=True))
        sections[index] = replace(sections[index], rows=(*sections[index].rows, Row(label, seats)))
    return replace(document, sections=tuple(sections))


def block_lines(start: Point, end: Point, bend: float, rows: int) -> list[tuple[Point, ...]]:
    """A row from `start` to `end` and more behind it."""
    return [
        seats_along((start[0], start[1] + step * ROW_PITCH_CM), (end[0], end[1] + step * ROW_PITCH_CM), bend)
        for step in range(rows)
    ]


def change_seats(document: PlanDocument, keys: Iterable[SeatKey], change: Callable[[Seat], Seat]) -> PlanDocument:
    chosen = set(keys)
    return replace(
        document,
        sections=tuple(
            replace(
                section,
                rows=tuple(
                    replace(
                        row,
                        seats=tuple(change(seat) if (i, j, k) in chosen else seat for k, seat in enumerate(row.seats)),
                    )
                    for j, row in enumerate(section.rows)
                ),
            )
            for i, section in enumerate(document.sections)
        ),
    )


def categorise(document: PlanDocument, keys: Iterable[SeatKey], category: int) -> PlanDocument:
    return change_seats(document, keys, lambda seat: replace(seat, category=category))


def mark(document: PlanDocument, keys: Iterable[SeatKey], kind: SeatKind) -> PlanDocument:
    return change_seats(document, keys, lambda seat: replace(seat, kind=kind))


def move(document: PlanDocument, keys: Iterable[SeatKey], by: Point) -> PlanDocument:
    return change_seats(document, keys, lambda seat: replace(seat, x=seat.x + by[0], y=seat.y + by[1]))


def mirror(document: PlanDocument, keys: Iterable[SeatKey]) -> PlanDocument:
    """Whole rows across the focal point's axis; their seats stay in order from left to right, gaps where they are."""
    axis = document.focal_point[0]

    def turned(row: Row, _: int) -> Row:
        gaps = (*(seat.aisle_after for seat in row.seats[-2::-1]), False)
        seats = zip(row.seats[::-1], gaps, strict=True)
        return replace(
            row,
            seats=tuple(replace(seat, x=round(2 * axis - seat.x, 1), aisle_after=gap) for seat, gap in seats),
        )

    return _each_row(document, {key[:2] for key in keys}, turned)


def renumber(document: PlanDocument, keys: Iterable[SeatKey], numbering: Numbering) -> PlanDocument:
    """Whole rows: those that any of the seats stand in."""

    def numbered(row: Row, index: int) -> Row:
        labels = numbering.labels(len(row.seats), index)
        return replace(
            row, seats=tuple(replace(seat, label=label) for seat, label in zip(row.seats, labels, strict=True))
        )

    return _each_row(document, {key[:2] for key in keys}, numbered)


def delete(document: PlanDocument, keys: Iterable[SeatKey]) -> PlanDocument:
    """Rows and sections that are empty then go as well. Neighbours of a gap are none any more."""
    gone = set(keys)
    sections: list[Section] = []
    for i, section in enumerate(document.sections):
        rows: list[Row] = []
        for j, row in enumerate(section.rows):
            seats = tuple(
                replace(seat, aisle_after=seat.aisle_after or (i, j, k + 1) in gone)
                for k, seat in enumerate(row.seats)
                if (i, j, k) not in gone
            )
            if seats:
                rows.append(replace(row, seats=seats))
        if rows:
            sections.append(replace(section, rows=tuple(rows)))
    return replace(document, sections=tuple(sections))


def add_area(document: PlanDocument, name: str, capacity: int, a: Point, b: Point, category: int = 0) -> PlanDocument:
    return replace(document, areas=(*document.areas, Area(name, capacity, category, rectangle(a, b))))


def rectangle(a: Point, b: Point) -> tuple[Point, ...]:
    left, right = sorted((a[0], b[0]))
    top, bottom = sorted((a[1], b[1]))
    return (left, top), (right, top), (right, bottom), (left, bottom)


def seats_within(document: PlanDocument, lasso: Sequence[Point]) -> tuple[SeatKey, ...]:
    return tuple(key for key, seat in document.seats() if _is_inside((seat.x, seat.y), lasso))


def _each_row(document: PlanDocument, rows: set[tuple[int, int]], change: Callable[[Row, int], Row]) -> PlanDocument:
    return replace(
        document,
        sections=tuple(
            replace(
                section,
                rows=tuple(change(row, j) if (i, j) in rows else row for j, row in enumerate(section.rows)),
            )
            for i, section in enumerate(document.sections)
        ),
    )


def _is_inside(point: Point, polygon: Sequence[Point]) -> bool:
    x, y = point
    inside = False
    for (ax, ay), (bx, by) in zip(polygon, (*polygon[1:], *polygon[:1]), strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside


class Editing:
    """The document that is drawn, with what came before and what was undone."""

    def __init__(self, document: PlanDocument) -> None:
        self._now, self._before, self._undone = document, list[PlanDocument](), list[PlanDocument]()

    @property
    def document(self) -> PlanDocument:
        return self._now

    def do(self, document: PlanDocument) -> None:
        """What was undone is gone then."""
        if document != self._now:
            self._before.append(self._now)
            self._now = document
            self._undone.clear()

    @property
    def can_undo(self) -> bool:
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    def undo(self) -> None:
        if self._before:
            self._undone.append(self._now)
            self._now = self._before.pop()

    def redo(self) -> None:
        if self._undone:
            self._before.append(self._now)
            self._now = self._undone.pop()


def new_document(name: str) -> PlanDocument:
    """An empty stage of 24 by 16 metres."""
    stage = Decoration("stage", rectangle((700.0, 60.0), (1700.0, 220.0)), "Stage")
    return PlanDocument(name, (2400.0, 1600.0), (1200.0, 140.0), ("Band A", "Band B", "Band C"), (), (), (stage,))
