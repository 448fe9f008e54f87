from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.documents.tables import csv_bytes


def test_a_table_is_what_spreadsheets_expect() -> None:
    made = csv_bytes(
        ("performance", "tickets", "amount"), [("Glass, “Orchard”", 3, "240.80"), ("Ökonomie\nder Nacht", 0, "-12.50")]
    )
    assert (
        made
        == (
            '\ufeffperformance,tickets,amount\r\n"Glass, “Orchard”",3,240.80\r\n"Ökonomie\nder Nacht",0,-12.50\r\n'
        ).encode()
    )


@pytest.mark.parametrize(
    "evil",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "  =1+1",
        '=HYPERLINK("x")',
        "\uff1d1+1",
        "-cmd|' /C calc'!A0",
        "\n=1",
    ],
)
def test_nothing_in_a_cell_runs_as_a_formula(evil: str) -> None:
    ((cell,),) = rows(csv_bytes((evil,), []))
    assert cell == "'" + evil
    _, (cell,) = rows(csv_bytes(("a",), [(evil,)]))
    assert cell == "'" + evil


@pytest.mark.parametrize("plain", ["-12.50", "+3", "12", "A-1", "a=b", "", "−5", "'tis"])
def test_what_is_harmless_stays_as_it_is(plain: str) -> None:
    assert rows(csv_bytes(("a", "b"), [(plain, 1)]))[1] == [plain, "1"]


def rows(made: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(made.decode("utf-8-sig"), newline="")))


cells = st.one_of(st.integers(), st.text(st.characters(exclude_categories=["Cs"]), max_size=20))


@given(st.lists(st.tuples(cells, cells), max_size=10))
def test_whatever_is_in_a_table_comes_back_and_never_as_a_formula(table: list[tuple[str | int, str | int]]) -> None:
    got = rows(csv_bytes(("a", "b"), table))[1:]
    assert len(got) == len(table)
    for row, given_row in zip(got, table, strict=True):
        for cell, wanted in zip(row, given_row, strict=True):
            assert cell.removeprefix("'") == str(wanted).removeprefix("'")
