from __future__ import annotations

import pytest

from boxoffice.documents.figures import FiguresPaper, Table, figures_pdf
from tests.documents.papers import overlaps, printed

LONG = "The Cherry Orchard, a comedy in four acts that goes on well into the night and beyond "


def paper(rows: int, name: str = "The Cherry Orchard") -> FiguresPaper:
    return FiguresPaper(
        seller="Alder Theatre",
        title="Sales",
        period="01.11.2026 to 30.11.2026 (Europe/Berlin)",
        tables=(
            Table("In all", ("", "Tickets", "Admission"), (("EUR", "1234", "€61,700.00"),)),
            Table("Nothing", ("", "Tickets"), ()),
            Table(
                "Events",
                ("", "Tickets", "Admission", "Full"),
                tuple((f"{number} {name}", str(number), "€1,370.00", "1.5 %") for number in range(rows)),
            ),
        ),
    )


def test_every_row_is_printed_and_pages_are_numbered_and_headed() -> None:
    pages = printed(figures_pdf(paper(120)), dpi=60)
    text = [page.text for page in pages]
    assert len(pages) == 3
    assert all(f"Page {number}" in page for number, page in enumerate(text, 1))
    assert all("Events" in page for page in text)
    assert [number for number in range(120) if not any(f"{number} The Cherry" in page for page in text)] == []
    assert "Nothing" not in "".join(text)


@pytest.mark.parametrize("name", ["Hamlet", LONG * 3, "محمد 🎭"])
def test_nothing_lies_on_anything_else(name: str) -> None:
    for page in printed(figures_pdf(paper(60, name)), dpi=100):
        assert overlaps(page) == []


def test_without_a_sale_it_says_so() -> None:
    (page,) = printed(figures_pdf(FiguresPaper("Alder Theatre", "Sales", "today", ())), dpi=60)
    assert "Nothing was sold." in page.text
