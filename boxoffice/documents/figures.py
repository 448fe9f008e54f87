"""Tables of figures on pages of A4, as many as it takes: what was sold, for who has to account for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from boxoffice.documents.drawing import BOLD, MEDIUM, MM, REGULAR, SEMIBOLD, Page

_LEFT, _RIGHT, _TOP, _BOTTOM = 18 * MM, 192 * MM, 22 * MM, 278 * MM
_LINE = 5 * MM
_COLUMN = 30 * MM


@dataclass(frozen=True, slots=True)
class Table:
    """The first of `columns` is a name, the others are figures that end below their words."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class FiguresPaper:
    seller: str
    title: str
    period: str
    tables: tuple[Table, ...]


def figures_pdf(paper: FiguresPaper) -> bytes:
    """A table without rows is left out."""
    sheet = _Sheet(paper)
    tables = [table for table in paper.tables if table.rows]
    for table in tables:
        sheet.table(table)
    if not tables:
        sheet.page.text(_LEFT, sheet.y, "Nothing was sold.", REGULAR, 11)
    return sheet.finish()


class _Sheet:
    def __init__(self, paper: FiguresPaper) -> None:
        self.paper = paper
        self.page = Page(210 * MM, 297 * MM, f"{paper.title}, {paper.period}")
        self.number, self.y = 1, 0.0
        self._head()

    def table(self, table: Table) -> None:
        self._room_for(4 * _LINE)
        self._heading(table)
        for row in table.rows:
            if self._room_for(_LINE):
                self._heading(table)
            self._row(row)
        self.y += _LINE

    def finish(self) -> bytes:
        self._foot()
        self.page.next_page()
        return self.page.finish()

    def _head(self) -> None:
        self.page.fitted(_LEFT, _TOP, self.paper.seller, 174 * MM, SEMIBOLD, 10, 8)
        self.page.fitted(_LEFT, _TOP + 12 * MM, self.paper.title, 174 * MM, BOLD, 22, 14)
        self.page.fitted(_LEFT, _TOP + 19 * MM, self.paper.period, 174 * MM, REGULAR, 11, 8)
        self.y = _TOP + 32 * MM

    def _foot(self) -> None:
        self.page.text(_RIGHT, 287 * MM, f"Page {self.number}", REGULAR, 8.5, align="right")

    def _room_for(self, height: float) -> bool:
        """Whether it takes a new page."""
        if self.y + height <= _BOTTOM:
            return False
        self._foot()
        self.page.next_page()
        self.number += 1
        self.y = _TOP
        return True

    def _heading(self, table: Table) -> None:
        self.page.fitted(_LEFT, self.y, table.title, _first(table.columns), SEMIBOLD, 11, 8)
        for x, word in zip(_ends(table.columns), table.columns[1:], strict=True):
            self.page.fitted(x, self.y, word, _COLUMN - 2 * MM, MEDIUM, 8.5, 6, align="right")
        self.page.line(_LEFT, self.y + 2.6 * MM, _RIGHT, self.y + 2.6 * MM, 0.8)
        self.y += 7.6 * MM

    def _row(self, row: Sequence[str]) -> None:
        self.page.fitted(_LEFT, self.y, row[0], _first(row), REGULAR, 9.5, 7)
        for x, figure in zip(_ends(row), row[1:], strict=True):
            self.page.figure(x, self.y, figure, REGULAR, 9.5)
        self.y += _LINE


def _ends(columns: Sequence[str]) -> list[float]:
    return [_RIGHT - _COLUMN * i for i in reversed(range(len(columns) - 1))]


def _first(columns: Sequence[str]) -> float:
    return _RIGHT - _LEFT - _COLUMN * (len(columns) - 1) - 2 * MM
