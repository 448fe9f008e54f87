"""The end of a shift on one page of A4: what should be in the drawer, what was counted, and what was sold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from boxoffice.documents.drawing import BOLD, MEDIUM, MM, REGULAR, SEMIBOLD, Page, money_text, percent_text
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


class _Column:
    """Rows of a name and figures, between `left` and `right`."""

    def __init__(self, page: Page, left: float, right: float, y: float) -> None:
        self.page, self.left, self.right, self.y = page, left, right, y

    def heading(self, text: str, *columns: tuple[str, float]) -> None:
        self.page.text(self.left, self.y, text, SEMIBOLD, 11)
        for word, x in columns:
            self.page.text(x, self.y, word, MEDIUM, 8.5, align="right")
        self.y += 3 * MM
        self.page.line(self.left, self.y, self.right, self.y, 0.8)
        self.y += 5 * MM

    def row(self, name: str, *figures: tuple[str, float], bold: bool = False) -> None:
        font = SEMIBOLD if bold else REGULAR
        room = min((x for _, x in figures), default=self.right) - self.left - 20 * MM
        self.page.text(self.left, self.y, self.page.elided(name, max(room, 20 * MM), font, 9.5), font, 9.5)
        for text, x in figures:
            self.page.text(x, self.y, text, font, 9.5, align="right")
        self.y += 5.4 * MM

    def total(self, name: str, figure: str) -> None:
        self.page.line(self.left, self.y - 3.6 * MM, self.right, self.y - 3.6 * MM, 0.5)
        self.y += 1.2 * MM
        self.row(name, (figure, self.right), bold=True)
        self.y += 4 * MM


def z_report_pdf(report: ZReportPaper) -> bytes:
    page = Page(210 * MM, 297 * MM, f"{report.kind} report of shift {report.shift_number}")
    left, middle, right = 18 * MM, 105 * MM, 192 * MM
    _head(page, report, left, right)
    first = _Column(page, left, middle - 6 * MM, 78 * MM)
    second = _Column(page, middle + 6 * MM, right, 78 * MM)
    _cash(first, report)
    _figures(second, report)
    y = max(first.y, second.y) + 4 * MM
    if report.remark:
        page.text(left, y, "Remark", SEMIBOLD, 11)
        for number, line in enumerate(page.wrapped(report.remark, right - left, REGULAR, 10, 4)):
            page.text(left, y + (6 + 5 * number) * MM, line, REGULAR, 10)
    _foot(page, report, left)
    page.next_page()
    return page.finish()


def _head(page: Page, report: ZReportPaper, left: float, right: float) -> None:
    page.text(left, 20 * MM, report.seller, SEMIBOLD, 10)
    page.text(right, 20 * MM, f"{report.till_name} · {report.cashier}", REGULAR, 10, align="right")
    page.text(left, 34 * MM, f"{report.kind} report, shift {report.shift_number}", BOLD, 22)
    span = f"{report.opened_at:%d.%m.%Y %H:%M} to {report.closed_at:%d.%m.%Y %H:%M}"
    page.text(left, 41 * MM, span, REGULAR, 11)
    if report.kind == "Z":
        word = "Exact" if not report.difference_minor else "Over by" if report.difference_minor > 0 else "Short by"
        page.text(left, 55 * MM, word, MEDIUM, 11)
        amount = money_text(abs(report.difference_minor), report.currency)
        page.text(left, 66 * MM, amount, BOLD, 30)
    else:
        page.text(left, 55 * MM, "Expected in the drawer", MEDIUM, 11)
        page.text(left, 66 * MM, money_text(report.expected_minor, report.currency), BOLD, 30)
    sold = f"{report.tickets_sold} tickets sold, {report.tickets_refunded} refunded"
    page.text(right, 55 * MM, sold, REGULAR, 11, align="right")
    receipts = f"Receipts {report.first_receipt} to {report.last_receipt}" if report.first_receipt else "No receipt"
    page.text(right, 61 * MM, receipts, REGULAR, 10, align="right")


def _cash(column: _Column, report: ZReportPaper) -> None:
    def money(minor: int) -> str:
        return money_text(minor, report.currency)

    column.heading("Expected cash")
    for name, minor in report.expected_lines:
        column.row(name, (money(minor), column.right))
    column.total("Expected in the drawer", money(report.expected_minor))
    if report.kind != "Z":
        return
    column.heading("Counted", ("pieces", column.right - 30 * MM))
    for denomination, pieces in report.counts:
        figures = ((str(pieces), column.right - 30 * MM), (money(denomination * pieces), column.right))
        column.row(money(denomination), *figures)
    column.total("Counted", money(report.counted_minor))
    column.heading("After the count")
    column.row("Stays in the drawer", (money(report.leave_minor), column.right))
    column.row("Deposit", (money(report.deposit_minor), column.right), bold=True)


def _figures(column: _Column, report: ZReportPaper) -> None:
    def money(minor: int) -> str:
        return money_text(minor, report.currency)

    column.heading("Tenders", ("count", column.right - 34 * MM))
    for name, count, minor in report.tenders:
        column.row(name, (str(count), column.right - 34 * MM), (money(minor), column.right))
    column.total("Taken", money(sum(minor for _, _, minor in report.tenders)))
    column.heading("Tax", ("net", column.right - 48 * MM), ("tax", column.right - 24 * MM), ("gross", column.right))
    for line in report.taxes:
        column.row(
            percent_text(line.rate_bp),
            (money(line.net_minor), column.right - 48 * MM),
            (money(line.tax_minor), column.right - 24 * MM),
            (money(line.gross_minor), column.right),
        )
    column.y += 4 * MM
    if report.movements:
        column.heading("Paid in and out")
        for at, reason, minor in report.movements[:16]:
            column.row(f"{at:%H:%M}  {reason}", (money(minor), column.right))


def _foot(page: Page, report: ZReportPaper, left: float) -> None:
    y = 268 * MM
    for x, word in ((left, "Cashier"), (left + 92 * MM, "Manager")):
        page.line(x, y, x + 78 * MM, y, 0.5)
        page.text(x, y + 4.5 * MM, word, REGULAR, 8.5)
    page.text(left, 283 * MM, f"{report.facts} facts in this shift · journal {report.chain_head[:32]}", REGULAR, 8)
