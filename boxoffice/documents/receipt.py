"""The receipt of a sale or a refund: 38 columns on an 80 mm roll whose length follows what is on it."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from datetime import datetime

from boxoffice.documents.drawing import MM, MONO, MONO_BOLD, QUIET_ZONE, Page, qr_matrix, readable
from boxoffice.documents.words import percent_text
from boxoffice.domain.money import Money, decimal_text
from boxoffice.domain.pricing import TaxLine

COLUMNS = 38
_WIDTH, _LEFT, _ROOM = 80 * MM, 4 * MM, 72 * MM
_SIZE = _ROOM / (COLUMNS * 0.602)  # a letter of the font is 0.602 em wide
_PITCH, _LARGE_PITCH = 4.4 * MM, 9 * MM
_TOP, _CODE, _BELOW = 8 * MM, 22 * MM, 8 * MM
_BAND = 5 * MM


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


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """At most 38 letters, or 19 when `is_large`: those are twice as wide and high."""

    text: str
    is_bold: bool = False
    is_large: bool = False


def tax_letters(taxes: tuple[TaxLine, ...]) -> dict[int, str]:
    """A for the lowest rate, B for the next: rate in basis points -> letter."""
    return {line.rate_bp: chr(ord("A") + index) for index, line in enumerate(taxes)}


def receipt_lines(receipt: ReceiptPaper) -> tuple[PrintedLine, ...]:
    """The receipt as letters in columns, as a receipt printer without graphics would print it."""
    digits = receipt.total.digits
    rule = PrintedLine("-" * COLUMNS)
    return (
        *_head(receipt),
        rule,
        *(line for group in receipt.groups for line in _group(group, digits)),
        rule,
        _total(f"Total {receipt.total.currency}", decimal_text(receipt.total.minor, digits)),
        *(_pair(name, decimal_text(amount.minor, digits)) for name, amount in receipt.tenders),
        *([_pair("Change", decimal_text(-receipt.change.minor, digits))] if receipt.change else []),
        rule,
        *_taxes(receipt.taxes, digits),
        rule,
        _pair(f"Start {receipt.started_at:%H:%M:%S}", f"End {receipt.at:%H:%M:%S}"),
        _pair("Check", " ".join(receipt.check[i : i + 4] for i in range(0, 16, 4))),
    )


def check_data(receipt: ReceiptPaper) -> str:
    """The code's text: enough to find the fact in the journal and to see whether the paper was changed."""
    total = f"{receipt.total.currency}{receipt.total.minor}"
    return ":".join((receipt.number, f"{receipt.at:%Y%m%d%H%M%S}", total, receipt.check[:16])).upper()


def receipt_size(receipt: ReceiptPaper) -> tuple[float, float]:
    """Width and length in points."""
    lengths = sum(_LARGE_PITCH if line.is_large else _PITCH for line in receipt_lines(receipt))
    footer = len(_footer(receipt)) * _PITCH
    return _WIDTH, _TOP + lengths + 5 * MM + _CODE + 4 * MM + footer + _BELOW


def receipt_pdf(receipt: ReceiptPaper) -> bytes:
    """One page of `receipt_size`."""
    width, length = receipt_size(receipt)
    page = Page(width, length, f"{receipt.kind} {receipt.number}")
    y = _TOP
    for line in receipt_lines(receipt):
        y += _LARGE_PITCH if line.is_large else _PITCH
        size, rise = (_SIZE * 2, 2.4 * MM) if line.is_large else (_SIZE, 1.2 * MM)
        page.text(_LEFT, y - rise, line.text, MONO_BOLD if line.is_bold else MONO, size)
    y += 5 * MM
    modules = len(qr_matrix(check_data(receipt)))
    page.qr(width / 2, y, _CODE * modules / (modules + QUIET_ZONE), check_data(receipt))
    y += _CODE + 4 * MM
    for text in _footer(receipt):
        page.text(_LEFT, y + _PITCH - 1.2 * MM, text, MONO, _SIZE)
        y += _PITCH
    if receipt.training:
        page.across("VOID", 80 * MM, 36 * MM, 60)
        for band in (1.5 * MM, length - _BAND - 1.5 * MM):
            page.band(_LEFT, band, _ROOM, _BAND, "TRAINING · TRAINING")
    page.next_page()
    return page.finish()


def _head(receipt: ReceiptPaper) -> tuple[PrintedLine, ...]:
    issuer = receipt.issuer
    title = [PrintedLine(_centred(receipt.kind.upper(), 19), True, True)] if receipt.kind != "Receipt" else []
    seller = [line for text in (issuer.seller, *issuer.seller_lines) for line in _wrapped(text, 2)]
    return (
        *title,
        *(PrintedLine(_centred(text)) for text in seller),
        PrintedLine(""),
        _pair(receipt.kind, receipt.number, is_bold=True),
        _pair(f"{receipt.at:%d.%m.%Y}", f"{receipt.at:%H:%M:%S}"),
        _pair(f"{issuer.till_name} · shift {issuer.shift_number}", issuer.cashier),
        _pair("Order", receipt.order_code),
    )


def _group(group: ReceiptGroup, digits: int) -> list[PrintedLine]:
    heading = [PrintedLine(line) for text in group.heading for line in _wrapped(text, 2)]
    lines = [
        _pair(item.text, f"{decimal_text(item.amount.minor, digits)} {item.tax_letter or ' '}") for item in group.lines
    ]
    return heading + lines


def _total(name: str, amount: str) -> PrintedLine:
    if len(name) + len(amount) < COLUMNS // 2:
        return _pair(name, amount, COLUMNS // 2, is_bold=True, is_large=True)
    return _pair(name, amount, is_bold=True)


def _taxes(taxes: tuple[TaxLine, ...], digits: int) -> list[PrintedLine]:
    def row(name: str, *figures: str) -> PrintedLine:
        return PrintedLine(name.ljust(8)[:8] + "".join(figure.rjust(10) for figure in figures))

    letters = tax_letters(taxes)
    rows = [
        row(
            f"{letters[line.rate_bp]} {percent_text(line.rate_bp):>4}",
            *(decimal_text(minor, digits) for minor in (line.net_minor, line.tax_minor, line.gross_minor)),
        )
        for line in taxes
    ]
    return [row("VAT", "net", "tax", "gross"), *rows]


def _footer(receipt: ReceiptPaper) -> list[str]:
    return [_centred(text) for text in _wrapped(receipt.issuer.footer, 3)]


def _pair(
    left: str, right: str, columns: int = COLUMNS, *, is_bold: bool = False, is_large: bool = False
) -> PrintedLine:
    """The right one whole as far as it can be, the left one elided to what is left."""
    right = _cut(readable(right, MONO), columns - 6)
    left = _cut(readable(left, MONO), columns - len(right) - 1)
    return PrintedLine(left + " " * (columns - len(left) - len(right)) + right, is_bold, is_large)


def _centred(text: str, columns: int = COLUMNS) -> str:
    return (" " * ((columns - len(text)) // 2) + text)[:columns]


def _wrapped(text: str, most: int) -> list[str]:
    lines = textwrap.wrap(readable(text, MONO), COLUMNS)
    return lines if len(lines) <= most else [*lines[: most - 1], _cut(" ".join(lines[most - 1 :]), COLUMNS)]


def _cut(text: str, columns: int) -> str:
    return text if len(text) <= columns else text[: columns - 1].rstrip() + "…"
