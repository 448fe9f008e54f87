"""The open seating-plan JSON: zones, rows and seats with relative positions, and areas.

What it has no word for stands under `boxoffice` in a part; what this program has no word for is kept with the plan
and written again.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from boxoffice.domain.plan import MAX_SEATS, ROW_WORD, Area, Decoration, Point, Seat, SeatingPlan
from boxoffice.domain.plan_files.draft import Draft, DraftRow, DraftSection
from boxoffice.domain.plan_files.report import Findings
from boxoffice.domain.plan_files.table import KINDS

OURS = "boxoffice"
MAX_DEPTH = 32
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')
_KNOWN = {
    "plan": {"name", "categories", "zones", "size", OURS},
    "zone": {"name", "position", "rows", "areas", OURS},
    "row": {"row_number", "position", "seats", OURS},
    "seat": {"seat_number", "seat_guid", "position", "category", OURS},
    "area": {"shape", "position", "rectangle", "circle", "ellipse", "polygon", "text", "rotation", OURS},
}
_CORNERS = 32  # of an ellipse


def read(text: str, findings: Findings) -> Draft | None:
    if not _is_shallow(text, findings):
        return None
    try:
        data = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        findings.add(f"line {error.lineno}, column {error.colno}", f"This is not JSON: {error.msg}.")
        return None
    except ValueError as error:
        findings.add("file", f"This is not JSON: {error}.")
        return None
    return _Reader(findings).plan(data)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _is_shallow(text: str, findings: Findings) -> bool:
    """Looked at before anything is built: a deep or a vast file costs no memory."""
    seats = text.count('"seat_number"')
    if seats > MAX_SEATS:
        findings.add("/zones", f"{seats} seats are more than {MAX_SEATS}. Split the venue.")
        return False
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token.group(), 0)
        if depth > MAX_DEPTH:
            line = text.count("\n", 0, token.start()) + 1
            findings.add(f"line {line}", f"It is nested more than {MAX_DEPTH} deep.")
            return False
    return True


class _Reader:
    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._draft = Draft(place="")

    def plan(self, given: Any) -> Draft:
        data, draft = self._object(given, ""), self._draft
        draft.name = self._text(data, "name", "", needed=False)
        size = self._object(data.get("size"), "/size")
        draft.size = self._number(size, "width", "/size"), self._number(size, "height", "/size")
        ours = self._object(data.get(OURS, {}), f"/{OURS}")
        if "cm_per_unit" in ours:
            draft.cm_per_unit = self._number(ours, "cm_per_unit", f"/{OURS}")
            if draft.cm_per_unit <= 0:
                self._findings.add(f"/{OURS}/cm_per_unit", "It has to be more than 0.")
        if "focal_point" in ours:
            draft.focal_point = self._point(ours, "focal_point", f"/{OURS}")
        self._keep("plan", "", data)
        for i, item in enumerate(self._list(data, "categories", "")):
            category = self._object(item, f"/categories/{i}")
            name = self._text(category, "name", f"/categories/{i}")
            if name in draft.categories:
                self._findings.add(f"/categories/{i}/name", f"Two categories are called “{name}”.")
            draft.categories.append(name)
            if rest := {key: value for key, value in category.items() if key != "name"}:
                draft.extensions.setdefault("category", {})[name] = rest
        for i, item in enumerate(self._list(data, "zones", "")):
            self._zone(self._object(item, f"/zones/{i}"), f"/zones/{i}")
        return draft

    def _zone(self, data: Mapping[str, Any], place: str) -> None:
        origin = self._point(data, "position", place)
        ours = self._object(data.get(OURS, {}), f"{place}/{OURS}")
        name = self._text(data, "name", place)
        rows = self._list(data, "rows", place)
        if rows or not data.get("areas"):
            section = DraftSection(name, place, gate=self._text(ours, "gate", f"{place}/{OURS}", needed=False))
            section.row_word = self._text(ours, "row_word", f"{place}/{OURS}", needed=False) or ROW_WORD
            section.outline = self._points(ours, "outline", f"{place}/{OURS}", (0.0, 0.0))
            self._draft.sections.append(section)
            self._keep("zone", name, data)
            for j, item in enumerate(rows):
                where = f"{place}/rows/{j}"
                section.rows.append(self._row(self._object(item, where), where, origin, f"{name}/{j}"))
        for j, item in enumerate(self._list(data, "areas", place) if "areas" in data else ()):
            where = f"{place}/areas/{j}"
            self._area(self._object(item, where), where, origin)

    def _row(self, data: Mapping[str, Any], place: str, origin: Point, key: str) -> DraftRow:
        origin = _sum(origin, self._point(data, "position", place))
        row = DraftRow(self._text(data, "row_number", place, needed=False), place)
        self._keep("row", key, data)
        for k, item in enumerate(self._list(data, "seats", place)):
            where = f"{place}/seats/{k}"
            row.seats.append(self._seat(self._object(item, where), where, origin, f"{key}/{k}"))
            row.places.append(where)
        return row

    def _seat(self, data: Mapping[str, Any], place: str, origin: Point, unnamed: str) -> Seat:
        """`unnamed` is the guid that is written for a seat without one."""
        x, y = _sum(origin, self._point(data, "position", place))
        ours = self._object(data.get(OURS, {}), f"{place}/{OURS}")
        guid = self._text(data, "seat_guid", place)
        kind = self._text(ours, "kind", f"{place}/{OURS}", needed=False) or "standard"
        if kind not in KINDS:
            self._findings.add(f"{place}/{OURS}/kind", f"“{kind}” has to be one of {', '.join(KINDS)}.")
            kind = "standard"
        self._keep("seat", guid, data)
        return Seat(
            self._text(data, "seat_number", place),
            x,
            y,
            self._category(data, place),
            KINDS[kind],
            ours.get("aisle_after") is True,
            "" if guid == unnamed else guid,
        )

    def _area(self, data: Mapping[str, Any], place: str, origin: Point) -> None:
        at = _sum(origin, self._point(data, "position", place))
        ours = self._object(data.get(OURS, {}), f"{place}/{OURS}")
        outline = self._shape(data, place, at)
        label = self._text(self._object(data.get("text", {}), f"{place}/text"), "text", f"{place}/text", needed=False)
        if "capacity" not in ours:
            index = str(len(self._draft.decorations))
            kind = self._text(ours, "kind", f"{place}/{OURS}", needed=False) or "outline"
            if kind not in ("stage", "table", "outline"):
                self._findings.add(f"{place}/{OURS}/kind", "It has to be stage, table or outline.")
            self._draft.decorations.append(Decoration(kind, outline, label))
            self._keep("area", index, data)
            return
        capacity = self._number(ours, "capacity", f"{place}/{OURS}")
        if capacity != int(capacity):
            self._findings.add(f"{place}/{OURS}/capacity", "It has to be a whole number.")
        gate = self._text(ours, "gate", f"{place}/{OURS}", needed=False)
        category = self._category(ours, f"{place}/{OURS}")
        self._draft.areas.append(Area(label, int(capacity), category, outline, gate))
        self._draft.area_places.append(place)
        self._keep("area", f"={label}", data)

    def _shape(self, data: Mapping[str, Any], place: str, at: Point) -> tuple[Point, ...]:
        shape = self._text(data, "shape", place)
        where = f"{place}/{shape}"
        part = self._object(data.get(shape, {}), where)
        if shape == "polygon":
            return self._points(part, "points", where, at)
        if shape == "rectangle":
            width, height = self._number(part, "width", where), self._number(part, "height", where)
            turn = math.radians(self._number(data, "rotation", place)) if "rotation" in data else 0.0
            corners = ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))
            return tuple(_sum(at, _turned(corner, turn)) for corner in corners)
        if shape in ("circle", "ellipse"):
            axes = (
                self._point(part, "radius", where) if shape == "ellipse" else (self._number(part, "radius", where),) * 2
            )
            turns = (2 * math.pi * step / _CORNERS for step in range(_CORNERS))
            return tuple((at[0] + axes[0] * math.cos(turn), at[1] + axes[1] * math.sin(turn)) for turn in turns)
        if shape != "text":
            self._findings.add(f"{place}/shape", f"“{shape}” has to be polygon, rectangle, circle, ellipse or text.")
        return (at,)

    def _category(self, data: Mapping[str, Any], place: str) -> int:
        name = self._text(data, "category", place)
        if name in self._draft.categories:
            return self._draft.categories.index(name)
        if name:
            self._findings.add(f"{place}/category", f"The category “{name}” is not among the categories.")
        return 0

    def _keep(self, part: str, key: str, data: Mapping[str, Any]) -> None:
        """What other programs wrote there."""
        rest = {name: value for name, value in data.items() if name not in _KNOWN[part]}
        if part == "area" and isinstance(text := data.get("text"), dict):
            look = {name: value for name, value in text.items() if name not in ("text", "position")}
            rest |= {"text": look} if look else {}
        if rest:
            self._draft.extensions.setdefault(part, {})[key] = rest

    def _object(self, value: Any, place: str) -> Mapping[str, Any]:
        if isinstance(value, dict):
            return value
        self._findings.add(place or "/", "It is missing or has to be an object.")
        return {}

    def _list(self, data: Mapping[str, Any], key: str, place: str) -> list[Any]:
        value = data.get(key)
        if isinstance(value, list):
            return value
        self._findings.add(f"{place}/{key}", "It is missing or has to be a list.")
        return []

    def _text(self, data: Mapping[str, Any], key: str, place: str, *, needed: bool = True) -> str:
        value = data.get(key, "")
        if isinstance(value, str) and len(value) <= 200 and (value or not needed):
            return value
        self._findings.add(f"{place}/{key}", "It is missing or has to be a text of at most 200 characters.")
        return ""

    def _number(self, data: Mapping[str, Any], key: str, place: str) -> float:
        value = data.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e6:
            return float(value)
        self._findings.add(f"{place}/{key}", "It is missing or has to be a number up to a million.")
        return 0.0

    def _point(self, data: Mapping[str, Any], key: str, place: str) -> Point:
        where = f"{place}/{key}"
        point = self._object(data.get(key), where)
        return (self._number(point, "x", where), self._number(point, "y", where)) if point else (0.0, 0.0)

    def _points(self, data: Mapping[str, Any], key: str, place: str, origin: Point) -> tuple[Point, ...]:
        points = self._list(data, key, place) if key in data else []
        found = (self._object(point, f"{place}/{key}/{i}") for i, point in enumerate(points))
        return tuple(
            _sum(
                origin, (self._number(point, "x", f"{place}/{key}/{i}"), self._number(point, "y", f"{place}/{key}/{i}"))
            )
            for i, point in enumerate(found)
        )


def _sum(a: Point, b: Point) -> Point:
    return a[0] + b[0], a[1] + b[1]


def _turned(point: Point, turn: float) -> Point:
    cos, sin = math.cos(turn), math.sin(turn)
    return point[0] * cos - point[1] * sin, point[0] * sin + point[1] * cos


def write(plan: SeatingPlan) -> bytes:
    """In centimetres, every position in its seat. Reading it gives the same plan, but for its id and version."""
    kept: Mapping[str, Mapping[str, Any]] = plan.extensions
    zones: list[dict[str, Any]] = [
        {
            **kept.get("zone", {}).get(section.name, {}),
            "name": section.name,
            "position": _xy((0.0, 0.0)),
            "rows": [
                {
                    **kept.get("row", {}).get(f"{section.name}/{j}", {}),
                    "row_number": row.label,
                    "position": _xy((0.0, 0.0)),
                    "seats": [
                        {
                            **kept.get("seat", {}).get(guid, {}),
                            "seat_number": seat.label,
                            "seat_guid": guid,
                            "position": _xy((seat.x, seat.y)),
                            "category": plan.categories[seat.category],
                            **_ours(kind=seat.kind.name.lower() * bool(seat.kind), aisle_after=seat.aisle_after),
                        }
                        for k, seat in enumerate(row.seats)
                        for guid in (seat.guid or f"{section.name}/{j}/{k}",)
                    ],
                }
                for j, row in enumerate(section.rows)
            ],
            "areas": [],
            **_ours(
                gate=section.gate,
                row_word=section.row_word if section.row_word != ROW_WORD else "",
                outline=[_xy(point) for point in section.outline],
            ),
        }
        for section in plan.sections
    ]
    areas = [
        _area(item.label, item.outline, kept.get("area", {}).get(str(i), {}), {"kind": item.kind})
        for i, item in enumerate(plan.decorations)
    ] + [
        _area(area.name, area.outline, kept.get("area", {}).get(f"={area.name}", {}), ours)
        for area in plan.areas
        for ours in ({"capacity": area.capacity, "category": plan.categories[area.category], "gate": area.gate},)
    ]
    if areas:
        zones.append({"name": "Areas", "position": _xy((0.0, 0.0)), "rows": [], "areas": areas})
    written = {
        **kept.get("plan", {}).get("", {}),
        "name": plan.name,
        "categories": [{**kept.get("category", {}).get(name, {}), "name": name} for name in plan.categories],
        "zones": zones,
        "size": {"width": plan.width, "height": plan.height},
        OURS: {"cm_per_unit": 1, "focal_point": _xy(plan.focal_point)},
    }
    return json.dumps(written, ensure_ascii=False, indent=1).encode()


def _ours(**values: Any) -> dict[str, Any]:
    found = {name: value for name, value in values.items() if value}
    return {OURS: found} if found else {}


def _xy(point: Point) -> dict[str, float]:
    return {"x": round(point[0], 1), "y": round(point[1], 1)}


def _area(label: str, outline: tuple[Point, ...], kept: Mapping[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    return {
        **kept,
        "shape": "polygon",
        "position": _xy((0.0, 0.0)),
        "polygon": {"points": [_xy(point) for point in outline]},
        "text": {**kept.get("text", {}), "text": label, "position": _xy((0.0, 0.0))},
        OURS: ours,
    }
