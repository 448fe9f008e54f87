"""Papers as a counter makes them, and a look at what came out: pixels, codes and letters."""

from __future__ import annotations

import base64
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import numpy as np
import pypdfium2 as pdfium
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

from boxoffice.documents.receipt import Issuer, ReceiptGroup, ReceiptLine, ReceiptPaper
from boxoffice.documents.ticket import TicketPaper
from boxoffice.documents.z_report import ZReportPaper
from boxoffice.domain.money import Money
from boxoffice.domain.pricing import TaxLine

DPI = 203


def token(seed: int = 1) -> str:
    return base64.b32encode(random.Random(seed).randbytes(90)).decode()


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


TICKET = TicketPaper(
    title="The Glass Orchard",
    seller="Alder Theatre gGmbH, VAT DE000000000",
    venue="The Alder Theatre",
    hall="Main House",
    starts_at=datetime(2026, 11, 14, 19, 30, tzinfo=UTC),
    doors_at=datetime(2026, 11, 14, 18, 45, tzinfo=UTC),
    section="Stalls",
    row="F",
    seat="15",
    door="2",
    price_type="Adult",
    category="Premium",
    price=eur(8600),
    fee=eur(150),
    tax_rate_bp=700,
    order_code="7N2R-8C",
    index=1,
    count=3,
    till_name="till 2",
    issued_at=datetime(2026, 11, 14, 18, 49, tzinfo=UTC),
    token=token(),
    code="7K4M9QZ3R8",
    holder="Mara Lindqvist",
    seat_dots=tuple((x / 20, y / 12, (x, y) == (7, 5)) for x in range(21) for y in range(13)),
)

TAXES = (
    TaxLine(rate_bp=700, net_minor=22505, tax_minor=1575, gross_minor=24080),
    TaxLine(rate_bp=1900, net_minor=378, tax_minor=72, gross_minor=450),
)
RECEIPT = ReceiptPaper(
    kind="Receipt",
    issuer=Issuer(
        "Alder Theatre gGmbH", ("4 Mill Lane, 10000 Alderstadt", "VAT DE000000000"), "Till 2", 1184, "L. Hartmann"
    ),
    number="T2-004817",
    started_at=datetime(2026, 11, 14, 18, 48, 3, tzinfo=UTC),
    at=datetime(2026, 11, 14, 18, 49, 12, tzinfo=UTC),
    groups=(
        ReceiptGroup(
            ("The Glass Orchard", "Sat 14.11.2026 19:30, Main House"),
            (
                ReceiptLine("Stalls F 15  Adult", eur(8600), "A"),
                ReceiptLine("Stalls F 16  Adult", eur(8600), "A"),
                ReceiptLine("Stalls F 17  Student", eur(6880), "A"),
            ),
        ),
        ReceiptGroup((), (ReceiptLine("Booking fee  3 x 1.50", eur(450), "B"),)),
    ),
    total=eur(24530),
    tenders=(("Cash", eur(30000)),),
    change=eur(5470),
    taxes=TAXES,
    order_code="7N2R-8C",
    check="9f3c27ab64d10e58" * 4,
)

Z_REPORT = ZReportPaper(
    kind="Z",
    seller="Alder Theatre gGmbH",
    till_name="Till 2 · Foyer",
    shift_number=1184,
    cashier="Lena Hartmann",
    opened_at=datetime(2026, 11, 14, 16, 2, tzinfo=UTC),
    closed_at=datetime(2026, 11, 14, 22, 55, tzinfo=UTC),
    currency="EUR",
    expected_lines=(("Float", 20000), ("Cash sales, 71", 184630), ("Cash refunds, 2", -8600), ("Paid out", -2500)),
    expected_minor=193530,
    counts=(
        (10000, 2),
        (5000, 19),
        (2000, 22),
        (1000, 15),
        (500, 21),
        (200, 24),
        (100, 21),
        (50, 23),
        (20, 24),
        (10, 20),
        (5, 10),
    ),
    counted_minor=193280,
    difference_minor=-250,
    remark="Gave 2.50 too much around 19:10, customer had left",
    leave_minor=20000,
    deposit_minor=173280,
    tenders=(("Cash", 73, 176030), ("Card", 64, 521740)),
    movements=((datetime(2026, 11, 14, 17, 1, tzinfo=UTC), "stage supplies", -2500),),
    taxes=TAXES,
    tickets_sold=203,
    tickets_refunded=2,
    first_receipt="T2-004700",
    last_receipt="T2-004817",
    facts=214,
    chain_head="9f3c27ab64d10e58" * 4,
)


@dataclass(frozen=True, slots=True)
class Word:
    """A line of letters and the box that their ink takes, in points from the bottom left."""

    text: str
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True)
class Printed:
    """One page as it comes out of a printer of 203 dpi."""

    image: Image.Image
    text: str
    words: tuple[Word, ...]
    width: float
    height: float

    @cached_property
    def ink(self) -> NDArray[np.bool_]:
        return np.asarray(self.image.convert("L")) < 250

    @property
    def margins_mm(self) -> tuple[float, float, float, float]:
        """White left, above, right and below."""
        rows, columns = np.flatnonzero(self.ink.any(axis=1)), np.flatnonzero(self.ink.any(axis=0))
        height, width = self.ink.shape
        pixels = (columns[0], rows[0], width - 1 - columns[-1], height - 1 - rows[-1])
        left, above, right, below = (float(count) * self.width / width / 72 * 25.4 for count in pixels)
        return left, above, right, below

    @property
    def code_box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of the one code's ink, in pixels, the far ends excluded."""
        (found,) = zxingcpp.read_barcodes(self.image)
        at = found.position
        points = (at.top_left, at.top_right, at.bottom_left, at.bottom_right)
        near = 6  # a reader tells corners within a module or so; the quiet zone is wider than that
        left, top = max(0, min(p.x for p in points) - near), max(0, min(p.y for p in points) - near)
        part = self.ink[top : max(p.y for p in points) + near, left : max(p.x for p in points) + near]
        rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
        return left + int(columns[0]), top + int(rows[0]), left + int(columns[-1]) + 1, top + int(rows[-1]) + 1

    @property
    def codes(self) -> list[str]:
        return [found.text for found in zxingcpp.read_barcodes(self.image)]


def printed(pdf: bytes, dpi: float = DPI) -> list[Printed]:
    document = pdfium.PdfDocument(pdf)
    pages = []
    for page in document:
        letters = page.get_textpage()
        words = []
        for index in range(letters.count_rects()):
            box = letters.get_rect(index)
            words.append(Word(letters.get_text_bounded(*box).strip(), *box))
        image = page.render(scale=dpi / 72).to_pil()
        pages.append(Printed(image, letters.get_text_bounded(), tuple(words), *page.get_size()))
    return pages


def overlaps(page: Printed) -> list[tuple[str, str]]:
    """Texts whose boxes meet by more than a hair."""
    slack = 0.6
    found = []
    for index, one in enumerate(page.words):
        for other in page.words[index + 1 :]:
            across = min(one.right, other.right) - max(one.left, other.left)
            up = min(one.top, other.top) - max(one.bottom, other.bottom)
            if across > slack and up > slack:
                found.append((one.text, other.text))
    return found
