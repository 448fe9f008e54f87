"""docs/rules/seat-allocation.md"""

from __future__ import annotations

import re

from boxoffice.domain.allocation import Offer, Wish, best_available
from boxoffice.domain.plan import SeatingPlan
from tests.domain.houses import drawn
from tests.house.rules.tables import Row

_WISH = re.compile(r"(\d+)(?: over (\d+) rows)?(?: with (\d+) wheelchair)?( strict)?")


def ladder(row: Row) -> Row:
    plan, offer = _offered(row)
    names = [f"{plan.row_label(seat)}{plan.seat_labels[seat]}" for seat in offer.seats]
    return {**row, "Step": offer.step, "Seats": " ".join(names), "The cashier reads": offer.reason}


def score(row: Row) -> Row:
    told = _offered(row)[1].score
    parts = {"View": told.view, "Single seats": told.single_seats, "Parts": told.parts, "Accessible": told.accessible}
    return {**row, **{name: f"{amount:g}" for name, amount in parts.items()}}


def _offered(row: Row) -> tuple[SeatingPlan, Offer]:
    sections = [section.replace("/", "|").split() for section in row["House"].split(";")]
    plan, sellable = drawn(*sections)
    asked = _WISH.fullmatch(row["Wish"])
    assert asked is not None, row["Wish"]
    wish = Wish(int(asked[1]), rows=int(asked[2] or 1), wheelchair=int(asked[3] or 0))
    offer = best_available(plan, sellable, wish, strict_orphans=bool(asked[4]))
    assert offer is not None, row["House"]
    return plan, offer


TABLES = {"ladder": ladder, "score": score}
