"""What a benchmark says: a figure, what it is held against, and whether the goal is met."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` in `unit`, over `runs` runs; `against` is the same work done the simplest way, in the same unit.

    The goal is met when `ratio` (value to against) is at most `goal`.
    """

    name: str
    value: float
    unit: str
    against: float
    goal: float
    runs: int

    @property
    def ratio(self) -> float:
        return self.value / self.against

    @property
    def ok(self) -> bool:
        return self.ratio <= self.goal


def table(figures: Iterable[Figure]) -> str:
    lines = [f"{'':44} {'value':>12} {'against':>12} {'ratio':>7} {'goal':>7}"]
    for figure in figures:
        value, against = (f"{amount:.3g} {figure.unit}" for amount in (figure.value, figure.against))
        verdict = "" if figure.ok else "  missed"
        lines.append(f"{figure.name:44} {value:>12} {against:>12} {figure.ratio:>7.2f} {figure.goal:>7.2f}{verdict}")
    return "\n".join(lines)


def save(figures: Iterable[Figure], path: Path) -> None:
    rows = [{**asdict(figure), "ratio": round(figure.ratio, 3), "ok": figure.ok} for figure in figures]
    path.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
