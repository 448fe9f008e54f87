"""Small houses, drawn as text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from boxoffice.domain.ids import PlanId
from boxoffice.domain.plan import Row, Seat, SeatingPlan, SeatKind, Section

PITCH = 55.0
Sellable = NDArray[np.bool_]
_LETTER_KIND = {
    "s": SeatKind.STANDARD,
    "w": SeatKind.WHEELCHAIR,
    "c": SeatKind.COMPANION,
    "r": SeatKind.RESTRICTED_VIEW,
}


def drawn(*sections: list[str]) -> tuple[SeatingPlan, Sellable]:
    """Sections of rows as text: `.` free, `x` taken, `|` an aisle, a digit a free seat of that category, and
    letters of `_LETTER_KIND`, free; a capital is the same, taken. The stage is above the middle."""
    made, sellable = [], []
    top = 100.0
    for n, lines in enumerate(sections):
        rows = []
        for r, line in enumerate(lines):
            seats: list[Seat] = []
            gap = 0.0
            for sign in line:
                if sign == "|":
                    last = seats.pop()
                    seats.append(Seat(last.label, last.x, last.y, last.category, last.kind, aisle_after=True))
                    gap += PITCH
                    continue
                x = 100 + len(seats) * PITCH + gap
                category = int(sign) if sign.isdigit() else 0
                kind = _LETTER_KIND.get(sign.lower(), SeatKind.STANDARD)
                seats.append(Seat(str(len(seats) + 1), x, top, category, kind))
                sellable.append(sign != "x" and not sign.isupper())
            rows.append(Row("ABCDEFGH"[r], tuple(seats)))
            top += 62.5
        made.append(Section(f"Section {n + 1}", tuple(rows)))
        top += 200
    width = 200 + PITCH * (max(len(line) for lines in sections for line in lines) - 1)
    plan = SeatingPlan(PlanId("p"), 1, "House", width, top, (width / 2, 0.0), tuple("0123456789"), tuple(made))
    return plan, np.array(sellable, np.bool_)
