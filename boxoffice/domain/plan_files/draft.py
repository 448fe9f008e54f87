"""A plan while its file is read: its parts with the places that they came from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

from boxoffice.domain.ids import PlanId
from boxoffice.domain.plan import (
    ROW_WORD,
    SEAT_PITCH_CM,
    Area,
    Decoration,
    Point,
    Row,
    Seat,
    SeatingPlan,
    Section,
    faults_of,
)
from boxoffice.domain.plan_files.report import FileReport, Findings


@dataclass
class DraftRow:
    label: str
    place: str
    seats: list[Seat] = field(default_factory=list)
    places: list[str] = field(default_factory=list)  # one a seat


@dataclass
class DraftSection:
    name: str
    place: str
    rows: list[DraftRow] = field(default_factory=list)
    gate: str = ""
    row_word: str = ROW_WORD
    outline: tuple[Point, ...] = ()

    def row(self, label: str, place: str) -> DraftRow:
        """The row of this label; a new one at its first seat."""
        for row in self.rows:
            if row.label == label:
                return row
        self.rows.append(DraftRow(label, place))
        return self.rows[-1]


@dataclass
class Draft:
    """Lengths are the file's own until `finished`; `cm_per_unit` 0 means that the file does not say."""

    name: str = ""
    size: tuple[float, float] | None = None
    focal_point: Point | None = None
    cm_per_unit: float = 0.0
    categories: list[str] = field(default_factory=list)
    sections: list[DraftSection] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    area_places: list[str] = field(default_factory=list)
    decorations: list[Decoration] = field(default_factory=list)
    extensions: dict[str, Any] = field(default_factory=dict)
    place: str = "file"

    def section(self, name: str, place: str) -> DraftSection:
        """The section of this name; a new one at its first seat."""
        for section in self.sections:
            if section.name == name:
                return section
        self.sections.append(DraftSection(name, place))
        return self.sections[-1]

    def category(self, name: str) -> int:
        """Its number; a new one at its first use."""
        if name not in self.categories:
            self.categories.append(name)
        return self.categories.index(name)

    def finished(self, plan_id: PlanId, version: int, findings: Findings) -> SeatingPlan | FileReport:
        """In centimetres, rounded as plans are kept, so that a plan that is written and read again is the same."""
        scale = self.cm_per_unit or self._guessed_scale()
        sections = tuple(
            Section(
                section.name,
                tuple(Row(row.label, tuple(_scaled(seat, scale) for seat in row.seats)) for row in section.rows),
                _outline(section.outline, scale),
                section.gate,
                section.row_word,
            )
            for section in self.sections
        )
        areas = tuple(replace(area, outline=_outline(area.outline, scale)) for area in self.areas)
        width, height = _point(self.size, scale) if self.size is not None else _room_of(sections, areas)
        for fault in faults_of((width, height), self.categories, sections, areas):
            findings.add(self._place_of(fault.path), f"{fault.message[:1].upper()}{fault.message[1:]} {fault.way_out}")
        if findings:
            return findings.report()
        focal = _point(self.focal_point, scale) if self.focal_point is not None else (width / 2, 0.0)
        decorations = tuple(replace(item, outline=_outline(item.outline, scale)) for item in self.decorations)
        return SeatingPlan(
            plan_id,
            version,
            self.name,
            width,
            height,
            focal,
            tuple(self.categories),
            sections,
            areas,
            decorations,
            self.extensions,
        )

    def _guessed_scale(self) -> float:
        gaps = [
            gap
            for section in self.sections
            for row in section.rows
            for a, b in zip(row.seats, row.seats[1:], strict=False)
            if (gap := ((a.x - b.x) ** 2 + (a.y - b.y) ** 2) ** 0.5) > 0
        ]
        return SEAT_PITCH_CM / median(gaps) if gaps else 1.0

    def _place_of(self, path: tuple[str | int, ...]) -> str:
        match path:
            case ("sections", int(i), "rows", int(j), "seats", int(k)):
                return self.sections[i].rows[j].places[k]
            case ("sections", int(i), *_):
                return self.sections[i].place
            case ("areas", int(i), *_):
                return self.area_places[i]
        return self.place or "/"


def _scaled(seat: Seat, scale: float) -> Seat:
    x, y = _point((seat.x, seat.y), scale)
    return replace(seat, x=x, y=y)


def _point(point: Point, scale: float) -> Point:
    return round(point[0] * scale, 1), round(point[1] * scale, 1)


def _outline(points: tuple[Point, ...], scale: float) -> tuple[Point, ...]:
    return tuple(_point(point, scale) for point in points)


def _room_of(sections: tuple[Section, ...], areas: tuple[Area, ...]) -> Point:
    """Of a file that names no size: what is drawn, and a seat's room beyond it."""
    drawn = [(seat.x, seat.y) for section in sections for row in section.rows for seat in row.seats]
    drawn += [point for area in areas for point in area.outline]
    right, bottom = (max((point[axis] for point in drawn), default=0.0) for axis in (0, 1))
    return round(right + SEAT_PITCH_CM, 1), round(bottom + SEAT_PITCH_CM, 1)
