"""The receipt of a sale or a refund on an 80 mm roll whose length follows what is on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from boxoffice.documents.drawing import BOLD, MEDIUM, MM, REGULAR, SEMIBOLD, Page, percent_text
from boxoffice.domain.money import Money, decimal_text
from boxoffice.domain.pricing import TaxLine

_WIDTH, _LEFT, _RIGHT = 80 * MM, 5 * MM, 75 * MM
_SMALL, _BODY, _TOTAL = 8.0, 9.5, 17.0


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    text: str
    amount: Money
    tax_letter: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptGroup:
    """Lines under a heading: one a performance, and one for fees."""

    heading: tuple[str, ...]
    lines: tuple[ReceiptLine, ...]


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who gives the receipt: the seller, and the person at the till."""

    seller: str
    seller_lines: tuple[str, ...]
    till_name: str
    shift_number: int
    cashier: str
    footer: str = "Thank you. Enjoy the evening."


@dataclass(frozen=True, slots=True)
class ReceiptPaper:
    """`kind` is Receipt, Refund or Copy. `check` is the journal's hash, so that paper and journal can be compared."""

    kind: str
    issuer: Issuer
    number: str
    started_at: datetime
    at: datetime
    groups: tuple[ReceiptGroup, ...]
    total: Money
    tenders: tuple[tuple[str, Money], ...]
    change: Money
    taxes: tuple[TaxLine, ...]
    order_code: str
    check: str
    training: bool = False


def receipt_pdf(receipt: ReceiptPaper) -> bytes:
    """Laid out twice: once to learn the length, once on a page of that length."""
    height = _draw(Page(_WIDTH, 3000, receipt.number), receipt)
    page = Page(_WIDTH, height, f"{receipt.kind} {receipt.number}")
    _draw(page, receipt)
    if receipt.training:
        page.slanted("VOID", 80, 60)
    page.next_page()
    return page.finish()


def tax_letters(taxes: tuple[TaxLine, ...]) -> dict[int, str]:
    """A for the lowest rate, B for the next: rate in basis points -> letter."""
    return {line.rate_bp: chr(ord("A") + index) for index, line in enumerate(taxes)}


class _Cursor:
    def __init__(self, page: Page) -> None:
        self.page, self.y = page, 9 * MM

    def centre(self, text: str, font: str = REGULAR, size: float = _BODY, below: float = 4.6) -> None:
        shown = self.page.elided(text, _RIGHT - _LEFT, font, size)
        self.page.text(_WIDTH / 2, self.y, shown, font, size, align="centre")
        self.y += below * MM

    def pair(self, left: str, right: str, font: str = REGULAR, size: float = _BODY, below: float = 4.6) -> None:
        room = _RIGHT - _LEFT - self.page.text_width(right, font, size) - 2 * MM
        self.page.text(_LEFT, self.y, self.page.elided(left, room, font, size), font, size)
        self.page.text(_RIGHT, self.y, right, font, size, align="right")
        self.y += below * MM

    def rule(self) -> None:
        self.page.line(_LEFT, self.y - 2.4 * MM, _RIGHT, self.y - 2.4 * MM, 0.6, (2, 2))
        self.y += 2.2 * MM


def _draw(page: Page, receipt: ReceiptPaper) -> float:
    """The height in points that the receipt takes."""
    at = _Cursor(page)
    digits = receipt.total.digits

    def money(amount: Money) -> str:
        return decimal_text(amount.minor, digits)

    if receipt.training:
        at.centre("TRAINING · nothing was sold", BOLD, 11, 6)
    at.centre(receipt.issuer.seller, SEMIBOLD, 11, 5)
    for line in receipt.issuer.seller_lines:
        at.centre(line, size=_SMALL, below=3.8)
    at.y += 3 * MM
    at.pair(receipt.kind, receipt.number, SEMIBOLD)
    at.pair(f"{receipt.at:%d.%m.%Y}", f"{receipt.at:%H:%M:%S}", size=_SMALL, below=4)
    at.pair(
        f"{receipt.issuer.till_name} · shift {receipt.issuer.shift_number}",
        receipt.issuer.cashier,
        size=_SMALL,
        below=4,
    )
    at.pair("Order", receipt.order_code, size=_SMALL, below=4.6)
    at.rule()
    for group in receipt.groups:
        for number, heading in enumerate(group.heading):
            shown = page.elided(heading, _RIGHT - _LEFT, SEMIBOLD if number == 0 else REGULAR, _BODY)
            page.text(_LEFT, at.y, shown, SEMIBOLD if number == 0 else REGULAR, _BODY if number == 0 else _SMALL)
            at.y += 4.4 * MM
        for item in group.lines:
            at.pair(item.text, f"{money(item.amount)}  {item.tax_letter}".rstrip())
    at.rule()
    at.y += 3 * MM
    page.text(_LEFT, at.y, f"Total {receipt.total.currency}", BOLD, 13)
    page.text(_RIGHT, at.y, money(receipt.total), BOLD, _TOTAL, align="right")
    at.y += 7 * MM
    for name, amount in receipt.tenders:
        at.pair(name, money(amount))
    if receipt.change:
        at.pair("Change", money(-receipt.change))
    at.rule()
    _taxes(at, receipt.taxes, digits)
    at.rule()
    at.pair(f"Start {receipt.started_at:%H:%M:%S}", f"End {receipt.at:%H:%M:%S}", size=_SMALL, below=4)
    at.pair("Check", " ".join(receipt.check[i : i + 4] for i in range(0, 16, 4)), size=_SMALL, below=7)
    at.centre(receipt.issuer.footer, MEDIUM)
    return at.y + 6 * MM


def _taxes(at: _Cursor, taxes: tuple[TaxLine, ...], digits: int) -> None:
    page = at.page
    columns = (_LEFT, _LEFT + 33 * MM, _LEFT + 50 * MM, _RIGHT)
    for x, word, align in zip(
        columns, ("VAT", "net", "tax", "gross"), ("left", "right", "right", "right"), strict=True
    ):
        page.text(x, at.y, word, MEDIUM, _SMALL, align=align)
    at.y += 4 * MM
    letters = tax_letters(taxes)
    for line in taxes:
        page.text(_LEFT, at.y, f"{letters[line.rate_bp]}  {percent_text(line.rate_bp)}", REGULAR, _SMALL)
        for x, minor in zip(columns[1:], (line.net_minor, line.tax_minor, line.gross_minor), strict=True):
            page.text(x, at.y, decimal_text(minor, digits), REGULAR, _SMALL, align="right")
        at.y += 4 * MM
