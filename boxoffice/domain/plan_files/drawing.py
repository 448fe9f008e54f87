"""A plan as an SVG drawing: a group a section, in it a group a row, in it circles or rectangles as seats.

A group is named by `data-section` and `data-row`, else by its id; a seat by `data-seat`, else by its id. Beside it
`data-category`, `data-kind`, `data-aisle-after`. A shape with `data-capacity` is an area. Other shapes are decoration
and not read.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from xml.parsers import expat

from boxoffice.domain.plan import MAX_SEATS, Area, Point, Seat
from boxoffice.domain.plan_files.draft import Draft
from boxoffice.domain.plan_files.report import Findings
from boxoffice.domain.plan_files.table import KINDS

MAX_DEPTH = 64
_Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_TRANSFORM = re.compile(r"\s*,?\s*(translate|scale|rotate|matrix)\s*\(([^)]*)\)")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


class _Unsafe(Exception):
    """The file defines entities, is too deep or too large: nothing more of it is read."""


@dataclass(frozen=True, slots=True)
class _Group:
    matrix: _Matrix = _IDENTITY
    section: str = ""
    row: str = ""
    category: str = ""


def read(text: str, findings: Findings) -> Draft | None:
    return _Reader(findings).drawing(text)


class _Reader:
    def __init__(self, findings: Findings) -> None:
        self._findings, self._draft, self._groups, self._seats = findings, Draft(place="line 1"), [_Group()], 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype

    def drawing(self, text: str) -> Draft | None:
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as error:
            self._findings.add(f"line {error.lineno}", f"This is not XML: {expat.errors.messages[error.code]}.")
            return None
        except _Unsafe as error:
            self._findings.add(f"line {self._parser.CurrentLineNumber}", str(error))
            return None
        return self._draft

    def _doctype(self, *_: object) -> None:
        raise _Unsafe("It has a document type, which could define entities. Save it without one.")

    def _start(self, name: str, given: dict[str, str]) -> None:
        if len(self._groups) > MAX_DEPTH:
            raise _Unsafe(f"It is nested more than {MAX_DEPTH} deep.")
        tag = name.rpartition(":")[2]
        identity = given.get("id", "")
        place = f"line {self._parser.CurrentLineNumber}, <{tag}" + (f' id="{identity}">' if identity else ">")
        above = self._groups[-1]
        matrix = _product(above.matrix, self._matrix(given.get("transform", ""), place))
        section, row = above.section, above.row
        if tag == "svg":
            self._size(given, place)
        elif tag == "g":
            section = given.get("data-section", section)
            row = given.get("data-row", row)
            if "data-section" not in given and "data-row" not in given and identity:
                if not section:
                    section = identity
                elif not row:
                    row = identity.removeprefix(f"{section}-")
        category = given.get("data-category", above.category)
        self._groups.append(_Group(matrix, section, row, category))
        if tag in ("circle", "rect", "ellipse", "polygon"):
            if "data-capacity" in given:
                self._area(tag, given, place)
            elif tag != "polygon" and (row or "data-seat" in given):
                self._seat(tag, given, place)

    def _end(self, _: str) -> None:
        self._groups.pop()

    def _size(self, given: dict[str, str], place: str) -> None:
        box = self._numbers(given.get("viewBox", ""), place)
        if len(box) == 4:
            self._draft.size = box[2], box[3]
            self._groups[-1] = _Group((1.0, 0.0, 0.0, 1.0, -box[0], -box[1]))
        elif "width" in given and "height" in given:
            self._draft.size = self._number(given, "width", place), self._number(given, "height", place)

    def _seat(self, tag: str, given: dict[str, str], place: str) -> None:
        self._seats += 1
        if self._seats > MAX_SEATS:
            raise _Unsafe(f"It has more than {MAX_SEATS} seats. Split the venue.")
        group = self._groups[-1]
        label = given.get("data-seat", given.get("id", "").rpartition("-")[2])
        if not group.section:
            self._findings.add(place, "It is a seat outside of a section.")
        if not label:
            self._findings.add(place, "The seat has neither data-seat nor an id.")
        kind = given.get("data-kind", "standard")
        if kind not in KINDS:
            self._findings.add(place, f"data-kind is “{kind}” and has to be one of {', '.join(KINDS)}.")
            kind = "standard"
        outline = self._outline(tag, given, place)
        x, y = (sum(point[axis] for point in outline) / len(outline) for axis in (0, 1))
        row = self._draft.section(group.section, place).row(group.row, place)
        aisle = given.get("data-aisle-after", "") in ("1", "true", "yes")
        category = self._draft.category(group.category or "Standard")
        row.seats.append(Seat(label, x, y, category, KINDS[kind], aisle, given.get("data-guid", "")))
        row.places.append(place)

    def _area(self, tag: str, given: dict[str, str], place: str) -> None:
        name = given.get("data-area", given.get("id", ""))
        if not name:
            self._findings.add(place, "The area has neither data-area nor an id.")
        capacity = given["data-capacity"]
        if not capacity.isascii() or not capacity.isdigit() or len(capacity) > 7:
            self._findings.add(place, f"data-capacity is “{capacity}” and has to be a whole number.")
            capacity = "1"
        category = self._draft.category(self._groups[-1].category or "Standard")
        self._draft.areas.append(Area(name, int(capacity), category, self._outline(tag, given, place)))
        self._draft.area_places.append(place)

    def _outline(self, tag: str, given: dict[str, str], place: str) -> tuple[Point, ...]:
        if tag == "polygon":
            numbers = self._numbers(given.get("points", ""), place)
            points = tuple(zip(numbers[::2], numbers[1::2], strict=False))
            if len(points) < 3:
                self._findings.add(place, "It has fewer than three points.")
                points = ((0.0, 0.0),)
        elif tag == "rect":
            x, y = self._number(given, "x", place, "0"), self._number(given, "y", place, "0")
            width, height = self._number(given, "width", place), self._number(given, "height", place)
            points = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
        else:
            x, y = self._number(given, "cx", place, "0"), self._number(given, "cy", place, "0")
            across, down = ("r", "r") if tag == "circle" else ("rx", "ry")
            wide, high = self._number(given, across, place), self._number(given, down, place)
            turns = [math.pi * step / 8 for step in range(16)]
            points = tuple((x + wide * math.cos(turn), y + high * math.sin(turn)) for turn in turns)
        a, b, c, d, e, f = self._groups[-1].matrix
        return tuple((a * x + c * y + e, b * x + d * y + f) for x, y in points)

    def _number(self, given: dict[str, str], name: str, place: str, without: str = "") -> float:
        text = given.get(name, without).strip().removesuffix("px")
        if _NUMBER.fullmatch(text) and abs(number := float(text)) <= 1e6:
            return number
        self._findings.add(place, f"{name} is “{text}” and has to be a number up to a million.")
        return 0.0

    def _numbers(self, text: str, place: str) -> list[float]:
        found = [float(number) for number in _NUMBER.findall(text)]
        if any(abs(number) > 1e6 for number in found):
            self._findings.add(place, f"“{text[:80]}” holds a number above a million.")
            return []
        return found

    def _matrix(self, text: str, place: str) -> _Matrix:
        found, at = _IDENTITY, 0
        while match := _TRANSFORM.match(text, at):
            numbers = self._numbers(match[2], place)
            step = _step(match[1], numbers)
            if step is None:
                break
            found, at = _product(found, step), match.end()
        if text[at:].strip():
            self._findings.add(place, f"The transform “{text[:80]}” is not understood.")
        return found


def _step(name: str, numbers: list[float]) -> _Matrix | None:
    match name, numbers:
        case "translate", [x, *rest] if len(rest) < 2:
            return 1.0, 0.0, 0.0, 1.0, x, rest[0] if rest else 0.0
        case "scale", [x, *rest] if len(rest) < 2:
            return x, 0.0, 0.0, rest[0] if rest else x, 0.0, 0.0
        case "rotate", [degrees, *around] if len(around) in (0, 2):
            cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
            x, y = around or (0.0, 0.0)
            return cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y
        case "matrix", [a, b, c, d, e, f]:
            return a, b, c, d, e, f
    return None


def _product(outer: _Matrix, inner: _Matrix) -> _Matrix:
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * m + e, b * k + d * m + f
