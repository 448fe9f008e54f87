"""A seating plan: sections, rows and seats as parallel arrays, and areas that are sold by the place.

A seat is its index. Indices run along rows, so a row is a slice and a section is a slice; everything that
looks at many seats (the chart, best available, availability) works on whole arrays. Lengths are in
centimetres, x to the right, y away from the focal point's back wall, origin top left.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boxoffice.domain.ids import PlanId
from boxoffice.domain.refusals import Malformed

Point = tuple[float, float]
MAX_SEATS = 200_000
SEAT_PITCH_CM = 55.0
ROW_WORD = "row"


class SeatKind(IntEnum):
    STANDARD = 0
    WHEELCHAIR = 1  # a bay: the room of two seats
    COMPANION = 2
    RESTRICTED_VIEW = 3


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat as a plan is drawn. `aisle_after` ends a run: the next seat of the row is not its neighbour.

    `guid` is what other programs call it; empty where nobody gave it one.
    """

    label: str
    x: float
    y: float
    category: int
    kind: SeatKind = SeatKind.STANDARD
    aisle_after: bool = False
    guid: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """`outline` is drawn behind the seats; `gate` is the door its tickets name; `row_word` is what its rows are:
    row, box, table."""

    name: str
    rows: tuple[Row, ...]
    outline: tuple[Point, ...] = ()
    gate: str = ""
    row_word: str = ROW_WORD


@dataclass(frozen=True, slots=True)
class Area:
    """Places sold by number: a standing floor, unreserved seating."""

    name: str
    capacity: int
    category: int
    outline: tuple[Point, ...]
    gate: str = ""


@dataclass(frozen=True, slots=True)
class Decoration:
    """What is drawn and never sold. `kind` is `stage`, `table` or `outline`; `label` stands in its middle."""

    kind: str
    outline: tuple[Point, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class RowSpan:
    """A row as a slice of the seat arrays: seats `start` up to `stop`."""

    section: int
    label: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class PlanFault:
    """`path` leads to the faulty part: `("sections", 0, "rows", 3, "seats", 12)`; empty for the whole plan."""

    path: tuple[str | int, ...]
    message: str
    way_out: str


def faults_of(
    size: tuple[float, float], categories: Sequence[str], sections: Sequence[Section], areas: Sequence[Area]
) -> Iterator[PlanFault]:
    """Everything that keeps these parts from being a plan, in the order in which they are drawn."""
    seats = sum(len(row.seats) for section in sections for row in section.rows)
    if not seats and not areas:
        yield PlanFault((), "it has neither seats nor areas.", "Draw at least one row or one area.")
    if seats > MAX_SEATS:
        yield PlanFault((), f"{seats} seats are more than {MAX_SEATS}.", "Split the venue.")
        return
    names = [section.name for section in sections] + [area.name for area in areas]
    for name, count in Counter(names).items():
        if count > 1:
            again = len(names) - 1 - names[::-1].index(name)
            path: tuple[str | int, ...] = (
                ("sections", again) if again < len(sections) else ("areas", again - len(sections))
            )
            yield PlanFault(path, f"{count} sections are called “{name}”.", "Rename all but one of them.")
    guids: defaultdict[str, list[tuple[str | int, ...]]] = defaultdict(list)
    for i, section in enumerate(sections):
        for j, row in enumerate(section.rows):
            yield from _row_faults(size, len(categories), section.name, row, ("sections", i, "rows", j))
            for k, seat in enumerate(row.seats):
                if seat.guid:
                    guids[seat.guid].append(("sections", i, "rows", j, "seats", k))
    for guid, paths in guids.items():
        for path in paths if len(paths) > 1 else ():
            yield PlanFault(path, f"{len(paths)} seats have the guid “{guid}”.", "Give each seat a guid of its own.")
    for i, area in enumerate(areas):
        if not 0 <= area.category < len(categories):
            message = f"category {area.category} of {area.name} does not exist."
            yield PlanFault(("areas", i, "category"), message, "Name it under categories.")
        if area.capacity < 1:
            message = f"the capacity of {area.name} is {area.capacity}."
            yield PlanFault(("areas", i, "capacity"), message, "Give it at least 1.")


def _row_faults(
    size: tuple[float, float], categories: int, section: str, row: Row, path: tuple[str | int, ...]
) -> Iterator[PlanFault]:
    where = f"{section}, row {row.label}" if row.label else section
    labels: set[str] = set()
    for k, seat in enumerate(row.seats):
        place = (*path, "seats", k)
        if seat.label in labels:
            message = f"another seat of {where} is numbered “{seat.label}”."
            yield PlanFault(place, message, "Number the row again.")
        labels.add(seat.label)
        if not (0 <= seat.x <= size[0] and 0 <= seat.y <= size[1]):
            message = f"seat {seat.label} of {where} lies outside of the plan."
            yield PlanFault(place, message, "Move it or enlarge the plan.")
        if not 0 <= seat.category < categories:
            message = f"seat {seat.label} of {where} is of category {seat.category}, which does not exist."
            yield PlanFault(place, message, "Name it under categories.")


@dataclass(frozen=True, eq=False)
class SeatingPlan:
    """Raises Malformed with the first of `faults_of`.

    `extensions` is what other programs wrote into its file and this one only keeps, by the part it belongs to.
    """

    id: PlanId
    version: int
    name: str
    width: float
    height: float
    focal_point: Point
    categories: tuple[str, ...]
    sections: tuple[Section, ...]
    areas: tuple[Area, ...] = ()
    decorations: tuple[Decoration, ...] = ()
    extensions: Mapping[str, Any] = field(default_factory=dict)

    x: NDArray[np.float32] = field(init=False, repr=False)
    y: NDArray[np.float32] = field(init=False, repr=False)
    section: NDArray[np.int16] = field(init=False, repr=False)
    row: NDArray[np.int32] = field(init=False, repr=False)  # index into `rows`
    category: NDArray[np.uint8] = field(init=False, repr=False)
    kind: NDArray[np.uint8] = field(init=False, repr=False)
    left: NDArray[np.int32] = field(init=False, repr=False)  # the neighbour's index, -1 at an aisle or a row's end
    right: NDArray[np.int32] = field(init=False, repr=False)
    seat_labels: tuple[str, ...] = field(init=False, repr=False)
    rows: tuple[RowSpan, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._check()
        seats: list[Seat] = []
        sections: list[int] = []
        row_of: list[int] = []
        rows: list[RowSpan] = []
        for section_index, section in enumerate(self.sections):
            for row in section.rows:
                start = len(seats)
                seats += row.seats
                sections += [section_index] * len(row.seats)
                row_of += [len(rows)] * len(row.seats)
                rows.append(RowSpan(section_index, row.label, start, len(seats)))
        count = len(seats)
        put = object.__setattr__
        put(self, "rows", tuple(rows))
        put(self, "seat_labels", tuple(seat.label for seat in seats))
        put(self, "x", np.fromiter((seat.x for seat in seats), np.float32, count))
        put(self, "y", np.fromiter((seat.y for seat in seats), np.float32, count))
        put(self, "section", np.asarray(sections, np.int16))
        put(self, "row", np.asarray(row_of, np.int32))
        put(self, "category", np.fromiter((seat.category for seat in seats), np.uint8, count))
        put(self, "kind", np.fromiter((int(seat.kind) for seat in seats), np.uint8, count))
        aisle = np.fromiter((seat.aisle_after for seat in seats), np.bool_, count)
        index = np.arange(count, dtype=np.int32)
        joined = np.zeros(count, np.bool_)  # to the next index
        if count > 1:
            joined[:-1] = (self.row[1:] == self.row[:-1]) & ~aisle[:-1]
        put(self, "right", np.where(joined, index + 1, -1).astype(np.int32))
        put(self, "left", np.where(np.roll(joined, 1), index - 1, -1).astype(np.int32))
        for array in (self.x, self.y, self.section, self.row, self.category, self.kind, self.left, self.right):
            array.flags.writeable = False

    def _check(self) -> None:
        fault = next(faults_of((self.width, self.height), self.categories, self.sections, self.areas), None)
        if fault is not None:
            raise Malformed("plan", fault.message, fault.way_out)

    @property
    def seat_count(self) -> int:
        return len(self.seat_labels)

    @property
    def capacity(self) -> int:
        return self.seat_count + sum(area.capacity for area in self.areas)

    @cached_property
    def section_slices(self) -> tuple[slice, ...]:
        """The seats of each section, in the order of `sections`."""
        bounds = np.searchsorted(self.section, np.arange(len(self.sections) + 1))
        return tuple(slice(int(a), int(b)) for a, b in pairwise(bounds))

    @cached_property
    def focal_distance(self) -> NDArray[np.float32]:
        """Distance of each seat to the focal point in centimetres."""
        distance: NDArray[np.float32] = np.hypot(self.x - self.focal_point[0], self.y - self.focal_point[1])
        return distance

    def row_label(self, seat: int) -> str:
        return self.rows[int(self.row[seat])].label

    def row_name(self, seat: int) -> str:
        """`row F`, `box 3`, `table 7`; nothing where rows have no name."""
        label = self.row_label(seat)
        return f"{self.sections[int(self.section[seat])].row_word} {label}" if label else ""

    def section_name(self, seat: int) -> str:
        return self.sections[int(self.section[seat])].name

    def gate(self, seat: int) -> str:
        return self.sections[int(self.section[seat])].gate

    def seat_name(self, seat: int) -> str:
        """`Stalls F 15`, as tickets and lists say it; `Bar 7` where rows have no name."""
        parts = (self.section_name(seat), self.row_label(seat), self.seat_labels[seat])
        return " ".join(part for part in parts if part)


def plan_to_json(plan: SeatingPlan) -> dict[str, Any]:
    """A compact form for the wire and the store. `plan_from_json` of it is the same plan."""
    extensions = {"extensions": dict(plan.extensions)} if plan.extensions else {}
    return {
        "id": plan.id,
        "version": plan.version,
        "name": plan.name,
        "size": [plan.width, plan.height],
        "focal_point": list(plan.focal_point),
        "categories": list(plan.categories),
        "sections": [
            {
                "name": section.name,
                "gate": section.gate,
                **({"row_word": section.row_word} if section.row_word != ROW_WORD else {}),
                "outline": [list(point) for point in section.outline],
                "rows": [
                    {
                        "label": row.label,
                        "seats": [seat.label for seat in row.seats],
                        "x": [round(seat.x, 1) for seat in row.seats],
                        "y": [round(seat.y, 1) for seat in row.seats],
                        "category": [seat.category for seat in row.seats],
                        "kind": {str(i): int(s.kind) for i, s in enumerate(row.seats) if s.kind},
                        "aisle_after": [i for i, seat in enumerate(row.seats) if seat.aisle_after],
                        **_guids(row),
                    }
                    for row in section.rows
                ],
            }
            for section in plan.sections
        ],
        "areas": [
            {
                "name": area.name,
                "capacity": area.capacity,
                "category": area.category,
                "outline": [list(point) for point in area.outline],
                "gate": area.gate,
            }
            for area in plan.areas
        ],
        "decorations": [
            {"kind": item.kind, "outline": [list(point) for point in item.outline], "label": item.label}
            for item in plan.decorations
        ],
        **extensions,
    }


def _guids(row: Row) -> dict[str, list[str]]:
    return {"guids": [seat.guid for seat in row.seats]} if any(seat.guid for seat in row.seats) else {}


def plan_from_json(data: Mapping[str, Any]) -> SeatingPlan:
    """Raises Malformed, naming the field, for anything that is not a plan."""
    try:
        return SeatingPlan(
            id=PlanId(str(data["id"])),
            version=int(data["version"]),
            name=str(data["name"]),
            width=float(data["size"][0]),
            height=float(data["size"][1]),
            focal_point=_point(data["focal_point"]),
            categories=tuple(str(name) for name in data["categories"]),
            sections=tuple(section_from_json(section) for section in data["sections"]),
            areas=tuple(area_from_json(area) for area in data["areas"]),
            decorations=tuple(
                Decoration(str(item["kind"]), _outline(item["outline"]), str(item.get("label", "")))
                for item in data["decorations"]
            ),
            extensions=dict(data.get("extensions", {})),
        )
    except KeyError as missing:
        raise Malformed(f"plan.{missing.args[0]}", "is missing.", "Send the whole plan.") from missing
    except (TypeError, ValueError, IndexError, OverflowError) as error:
        raise Malformed("plan", f"cannot be read ({error}).", "Send a plan as it was exported.") from error


def area_from_json(data: Mapping[str, Any]) -> Area:
    return Area(
        str(data["name"]),
        int(data["capacity"]),
        int(data["category"]),
        _outline(data["outline"]),
        str(data.get("gate", "")),
    )


def section_from_json(data: Mapping[str, Any]) -> Section:
    return Section(
        str(data["name"]),
        tuple(_row(row) for row in data["rows"]),
        _outline(data["outline"]),
        str(data.get("gate", "")),
        str(data.get("row_word", ROW_WORD)),
    )


def _row(data: Mapping[str, Any]) -> Row:
    kinds: Mapping[str, int] = data.get("kind", {})
    aisles = set(data.get("aisle_after", ()))
    guids = data.get("guids") or [""] * len(data["seats"])
    columns = zip(data["seats"], data["x"], data["y"], data["category"], guids, strict=True)
    return Row(
        str(data["label"]),
        tuple(
            Seat(str(label), float(x), float(y), int(category), SeatKind(kinds.get(str(i), 0)), i in aisles, str(guid))
            for i, (label, x, y, category, guid) in enumerate(columns)
        ),
    )


def _outline(points: Sequence[Sequence[float]]) -> tuple[Point, ...]:
    return tuple(_point(point) for point in points)


def _point(value: Sequence[float]) -> Point:
    return float(value[0]), float(value[1])
