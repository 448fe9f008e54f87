"""A plan as a table: section,row,seat,x,y,category and, where wanted, kind,aisle_after,guid,gate. A line a seat."""

from __future__ import annotations

import csv
import math
from io import StringIO

from boxoffice.domain.plan import MAX_SEATS, Seat, SeatKind
from boxoffice.domain.plan_files.draft import Draft
from boxoffice.domain.plan_files.report import Findings

_NEEDED = ("section", "row", "seat", "x", "y", "category")
_ALLOWED = (*_NEEDED, "kind", "aisle_after", "guid", "gate")
KINDS = {kind.name.lower(): kind for kind in SeatKind}
_YES = {"1", "true", "yes"}


def read(text: str, findings: Findings) -> Draft | None:
    """Columns are parted by comma, semicolon or tab; with a semicolon numbers may have a decimal comma."""
    if text.count("\n") > MAX_SEATS + 1:
        findings.add("file", f"It has more than {MAX_SEATS} lines.")
        return None
    head = text.partition("\n")[0]
    parted_by = max(",;\t", key=head.count)
    reader = csv.DictReader(StringIO(text), delimiter=parted_by, strict=True)
    columns = [name.strip().lower() for name in reader.fieldnames or ()]
    reader.fieldnames = columns
    for name in _NEEDED:
        if name not in columns:
            findings.add("line 1", f"The column “{name}” is missing.")
    for name in columns:
        if name not in _ALLOWED or columns.count(name) > 1:
            findings.add("line 1", f"The column “{name}” is not known or stands there twice.")
    if findings:
        return None
    draft = Draft(place="line 1")
    try:
        for cells in reader:
            _read_line(draft, cells, f"line {reader.line_num}", parted_by, findings)
    except csv.Error as error:
        findings.add(f"line {reader.line_num}", f"The table cannot be read: {error}.")
        return None
    return draft


def _read_line(
    draft: Draft, cells: dict[str | None, str | list[str] | None], place: str, parted_by: str, findings: Findings
) -> None:
    if None in cells or None in cells.values():
        findings.add(place, "It has not as many cells as there are columns.")
        return
    given = {str(name): str(cell).strip() for name, cell in cells.items()}
    numbers: list[float] = []
    for name in ("x", "y"):
        text = given[name].replace(",", ".") if parted_by == ";" else given[name]
        try:
            numbers.append(float(text))
        except ValueError:
            numbers.append(math.nan)
        if not math.isfinite(numbers[-1]):
            findings.add(place, f"{name} is “{given[name]}” and has to be a number.")
    for name in ("section", "seat", "category"):
        if not given[name]:
            findings.add(place, f"{name} is empty.")
    kind = given.get("kind", "").lower() or "standard"
    if kind not in KINDS:
        findings.add(place, f"kind is “{kind}” and has to be one of {', '.join(KINDS)}.")
        return
    section = draft.section(given["section"], place)
    section.gate = section.gate or given.get("gate", "")
    row = section.row(given["row"], place)
    row.seats.append(
        Seat(
            given["seat"],
            numbers[0],
            numbers[1],
            draft.category(given["category"]),
            KINDS[kind],
            given.get("aisle_after", "").lower() in _YES,
            given.get("guid", ""),
        )
    )
    row.places.append(place)
