"""Seating plans as other programs write them: the open JSON format, tables and drawings.

A file is a plan, or a report of every fault and its place; nothing of a faulty file is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from boxoffice.domain.ids import PlanId
from boxoffice.domain.plan import SeatingPlan
from boxoffice.domain.plan_files import drawing, open_format, table
from boxoffice.domain.plan_files.draft import Draft
from boxoffice.domain.plan_files.report import FileFault, FileReport, Findings
from boxoffice.domain.plan_files.text import text_of

__all__ = ["FileFault", "FileReport", "PlanFormat", "read_plan"]


class PlanFormat(StrEnum):
    """By the ending of a file's name."""

    JSON = "json"
    CSV = "csv"
    SVG = "svg"


_READERS: dict[PlanFormat, Callable[[str, Findings], Draft | None]] = {
    PlanFormat.JSON: open_format.read,
    PlanFormat.CSV: table.read,
    PlanFormat.SVG: drawing.read,
}


def read_plan(
    content: bytes, written_as: PlanFormat, plan_id: PlanId, *, version: int = 1, name: str = "Plan"
) -> SeatingPlan | FileReport:
    """`name` is for formats that hold none."""
    findings = Findings()
    text = text_of(content, findings)
    draft = _READERS[written_as](text, findings) if text is not None else None
    if draft is None:
        return findings.report()
    draft.name = draft.name or name
    return draft.finished(plan_id, version, findings)
