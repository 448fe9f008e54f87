"""docs/rules/conflicts.md."""

from __future__ import annotations

import numpy as np

from boxoffice.domain.settlement import Party, settle
from tests.domain.houses import drawn
from tests.house.rules.tables import Recompute, Row

_WORTH = np.array([5000, 3000], np.int64)  # by category


def _settled(row: Row) -> Row:
    plan, free = drawn([row["Row"]])
    free[:2] = False
    they = Party((0, 1), 2, row["They are in"] == "yes", row["E-mail known"] == "yes")
    others = Party((0, 1), 1, row["The others are in"] == "yes", is_reachable=False)
    found = settle(they, others, plan, free, _WORTH[plan.category])
    return {
        **row,
        "Who keeps the seats": "they" if found.keeps is they else "the others",
        "Where the rest goes": ", ".join(plan.seat_labels[seat] for seat in found.seats) or "–",
        "Because": str(found.why),
    }


TABLES: dict[str, Recompute] = {"settled": _settled}
