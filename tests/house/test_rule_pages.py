"""A rule page cannot lie: every worked table of docs/rules is computed again by the code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.house.rules import (
    admission,
    allocation,
    conflicts,
    discounts,
    leases,
    loyalty,
    money,
    refund_policy,
    refunds,
    shifts,
    tickets,
    waiting_list,
)
from tests.house.rules.tables import Recompute, Row, worked_tables

RULES = Path(__file__).resolve().parents[2] / "docs" / "rules"
PAGES: Mapping[str, Mapping[str, Recompute]] = {
    "money-and-tax": money.TABLES,
    "seat-leases": leases.TABLES,
    "seat-allocation": allocation.TABLES,
    "conflicts": conflicts.TABLES,
    "tickets": tickets.TABLES,
    "admission": admission.TABLES,
    "refunds": refunds.TABLES,
    "refund-policy": refund_policy.TABLES,
    "discounts": discounts.TABLES,
    "loyalty": loyalty.TABLES,
    "shifts": shifts.TABLES,
    "waiting-list": waiting_list.TABLES,
}
NAMES = sorted({path.stem for path in RULES.glob("*.md")} - {"README"})
TABLES = [
    pytest.param(PAGES[page][name], rows, id=f"{page}: {name}")
    for page in PAGES
    for name, rows in worked_tables(RULES / f"{page}.md")
    if name in PAGES[page]
]


def differences(recompute: Recompute, rows: list[Row]) -> list[str]:
    """What the page says against what the code says, cell by cell."""
    found = []
    for row in rows:
        right = recompute(row)
        found += [f"{column}: {row[column]!r} is {right[column]!r}" for column in row if row[column] != right[column]]
    return found


def test_every_page_is_listed() -> None:
    contents = (RULES / "README.md").read_text(encoding="utf-8")
    assert [page for page in NAMES if f"({page}.md)" not in contents] == []


@pytest.mark.parametrize("page", NAMES)
def test_every_table_marked_as_worked_is_computed_and_no_check_is_left_without_its_table(page: str) -> None:
    assert [name for name, _ in worked_tables(RULES / f"{page}.md")] == list(PAGES.get(page, {}))


@pytest.mark.parametrize(("recompute", "rows"), TABLES)
def test_the_table_says_what_the_code_does(recompute: Recompute, rows: list[Row]) -> None:
    assert len(rows) > 1
    assert differences(recompute, rows) == []


@pytest.mark.parametrize(("recompute", "rows"), TABLES)
def test_a_wrong_result_in_any_row_would_be_found(recompute: Recompute, rows: list[Row]) -> None:
    for row in rows:
        last = list(row)[-1]
        assert differences(recompute, [{**row, last: f"{row[last]} or so"}])


@pytest.mark.parametrize("page", NAMES)
def test_a_page_says_what_was_rejected(page: str) -> None:
    text = (RULES / f"{page}.md").read_text(encoding="utf-8")
    assert re.search(r"^## .*rejected\b", text, re.IGNORECASE | re.MULTILINE)
