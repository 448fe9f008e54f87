"""The end of a shift on one page of A4: what should be in the drawer, what was counted, and what was sold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from boxoffice.documents.drawing import BOLD, MEDIUM, MM, REGULAR, SEMIBOLD, Page
from boxoffice.documents.words import moment_text, money_text, percent_text
from boxoffice.domain.money import Money
from boxoffice.domain.pricing import TaxLine


@dataclass(frozen=True, slots=True)
class ZReportPaper:
    """`kind` Z closes a shift; X is a look in between and has no `counts`. Minor units by denomination."""

    kind: str
    seller: str
    till_name: str
    shift_number: int
    cashier: str
    opened_at: datetime
    closed_at: datetime
    currency: str
    expected_lines: tuple[tuple[str, int], ...]
    expected_minor: int
    counts: tuple[tuple[int, int], ...]
    counted_minor: int
    difference_minor: int
    remark: str
    leave_minor: int
    deposit_minor: int
    tenders: tuple[tuple[str, int, int], ...]  # name, how many, minor
    movements: tuple[tuple[datetime, str, int], ...]
    taxes: tuple[TaxLine, ...]
    tickets_sold: int
    tickets_refunded: int
    first_receipt: str
    last_receipt: str
    facts: int
    chain_head: str

    def money(self, minor: int) -> str:
        return money_text(Money(minor, self.currency))


_MOST_MOVEMENTS = 12


class _Column:
    """Rows of a name and figures, between `left` and `right`."""

    def __init__(self, page: Page, left: float, right: float, y: float) -> None:
        self.page, self.left, self.right, self.y = page, left, right, y

    def heading(self, text: str, *columns: tuple[str, float]) -> None:
        self.page.text(self.left, self.y, text, SEMIBOLD, 11)
        for word, x in columns:
            self.page.text(x, self.y, word, MEDIUM, 8.5, align="right")
        self.y += 2.6 * MM
        self.page.line(self.left, self.y, self.right, self.y, 0.8)
        self.y += 5 * MM

    def row(self, name: str, *figures: tuple[str, float], bold: bool = False) -> None:
        """`figures` are texts and where they end."""
        font = SEMIBOLD if bold else REGULAR
        starts = [x - self.page.figure_width(text, font, 9.5) for text, x in figures]
        room = min(starts, default=self.right) - self.left - 3 * MM
        self.page.fitted(self.left, self.y, name, room, font, 9.5, 8)
        for text, x in figures:
            self.page.figure(x, self.y, text, font, 9.5)
        self.y += 5 * MM

    def total(self, name: str, figure: str) -> None:
        self.page.line(self.left, self.y - 3.5 * MM, self.right, self.y - 3.5 * MM, 0.5)
        self.y += 1.2 * MM
        self.row(name, (figure, self.right), bold=True)
        self.y += 4 * MM


def z_report_pdf(report: ZReportPaper) -> bytes:
    page = Page(210 * MM, 297 * MM, f"{report.kind} report of shift {report.shift_number}")
    left, middle, right = 18 * MM, 105 * MM, 192 * MM
    _head(page, report, left, right)
    first = _Column(page, left, middle - 6 * MM, 80 * MM)
    second = _Column(page, middle + 6 * MM, right, 80 * MM)
    _cash(first, report)
    _figures(second, report)
    _foot(page, report, left, right)
    page.next_page()
    return page.finish()


def _head(page: Page, report: ZReportPaper, left: float, right: float) -> None:
    page.fitted(left, 20 * MM, report.seller, 84 * MM, SEMIBOLD, 10, 8)
    page.fitted(right, 20 * MM, f"{report.till_name} · {report.cashier}", 84 * MM, REGULAR, 10, 8, align="right")
    page.text(left, 34 * MM, f"{report.kind} report, shift {report.shift_number}", BOLD, 22)
    page.text(left, 41 * MM, f"{moment_text(report.opened_at)} to {moment_text(report.closed_at)}", REGULAR, 11)
    beside: tuple[tuple[str, str], ...] = ()
    if report.kind == "Z":
        word = "Exact" if not report.difference_minor else "Over by" if report.difference_minor > 0 else "Short by"
        amount = report.money(abs(report.difference_minor))
        beside = (("Expected", report.money(report.expected_minor)), ("Counted", report.money(report.counted_minor)))
    else:
        word, amount = "Expected in the drawer", report.money(report.expected_minor)
    page.text(left, 55 * MM, word, MEDIUM, 11)
    page.fitted(left, 66 * MM, amount, 70 * MM, BOLD, 30, 18)
    for number, (name, figure) in enumerate(beside):
        page.text(left + 74 * MM, (60.5 + 5.5 * number) * MM, name, REGULAR, 9.5)
        page.figure(left + 118 * MM, (60.5 + 5.5 * number) * MM, figure, REGULAR, 9.5)
    sold = f"{report.tickets_sold} tickets sold, {report.tickets_refunded} refunded"
    page.fitted(right, 60.5 * MM, sold, 52 * MM, REGULAR, 9.5, 7, align="right")
    receipts = f"Receipts {report.first_receipt} to {report.last_receipt}" if report.first_receipt else "No receipt"
    page.fitted(right, 66 * MM, receipts, 52 * MM, REGULAR, 9.5, 7, align="right")


def _cash(column: _Column, report: ZReportPaper) -> None:
    column.heading("Expected cash")
    for name, minor in report.expected_lines:
        column.row(name, (report.money(minor), column.right))
    column.total("Expected in the drawer", report.money(report.expected_minor))
    if report.kind != "Z":
        return
    column.heading("Counted", ("pieces", column.right - 30 * MM))
    for denomination, pieces in report.counts:
        figures = ((str(pieces), column.right - 30 * MM), (report.money(denomination * pieces), column.right))
        column.row(report.money(denomination), *figures)
    column.total("Counted", report.money(report.counted_minor))
    column.heading("After the count")
    column.row("Stays in the drawer", (report.money(report.leave_minor), column.right))
    column.row("Deposit", (report.money(report.deposit_minor), column.right), bold=True)


def _figures(column: _Column, report: ZReportPaper) -> None:
    column.heading("Tenders", ("count", column.right - 34 * MM))
    for name, count, minor in report.tenders:
        column.row(name, (str(count), column.right - 34 * MM), (report.money(minor), column.right))
    column.total("Taken", report.money(sum(minor for _, _, minor in report.tenders)))
    net, tax = column.right - 48 * MM, column.right - 24 * MM
    column.heading("Tax", ("net", net), ("tax", tax), ("gross", column.right))
    for line in report.taxes:
        parts = zip((line.net_minor, line.tax_minor, line.gross_minor), (net, tax, column.right), strict=True)
        column.row(percent_text(line.rate_bp), *((report.money(minor), x) for minor, x in parts))
    column.y += 4 * MM
    if report.movements:
        _movements(column, report)


def _movements(column: _Column, report: ZReportPaper) -> None:
    column.heading("Paid in and out")
    listed = report.movements[:_MOST_MOVEMENTS]
    for at, reason, minor in listed:
        column.row(f"{at:%H:%M}  {reason}", (report.money(minor), column.right))
    rest = report.movements[len(listed) :]
    if rest:
        column.row(f"{len(rest)} more", (report.money(sum(minor for _, _, minor in rest)), column.right))


def _foot(page: Page, report: ZReportPaper, left: float, right: float) -> None:
    lines = page.wrapped(report.remark, right - left, REGULAR, 9.5, 3)
    if lines:
        page.text(left, 241 * MM, "Remark", SEMIBOLD, 11)
        for number, line in enumerate(lines, 1):
            page.text(left, (241.5 + 4.8 * number) * MM, line, REGULAR, 9.5)
    for x, word in ((left, "Cashier"), (right - 78 * MM, "Manager")):
        page.line(x, 270 * MM, x + 78 * MM, 270 * MM, 0.5)
        page.text(x, 274.5 * MM, word, REGULAR, 8.5)
    chain = f"{report.facts} facts in this shift · journal {report.chain_head[:32]}"
    page.text(left, 284 * MM, chain, REGULAR, 8)
