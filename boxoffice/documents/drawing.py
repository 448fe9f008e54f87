"""What every document shares: Inter in a PDF, text that fits, and the QR code as a vector."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from reportlab.lib.colors import black, white
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

import resources

MM = 72 / 25.4
REGULAR, MEDIUM, SEMIBOLD, BOLD = "Inter-Regular", "Inter-Medium", "Inter-SemiBold", "Inter-Bold"
_REPLACEMENT = "\N{WHITE SQUARE}"


@cache
def _load_fonts() -> frozenset[int]:
    """Register Inter once; the code points that it can draw."""
    for name in (REGULAR, MEDIUM, SEMIBOLD, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(resources.path("fonts", f"{name}.ttf"))))
    return frozenset(pdfmetrics.getFont(REGULAR).face.charToGlyph)


class Page:
    """A canvas with its origin top left, in points, and only the few things a document draws."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self._known = _load_fonts()
        self._buffer = io.BytesIO()
        self.width, self.height = width, height
        # invariant: the same document gives the same bytes, so a test and a reprint can compare them
        self._canvas = Canvas(self._buffer, pagesize=(width, height), invariant=True, pageCompression=True)
        self._canvas.setTitle(self.readable(title))
        self._canvas.setCreator("Box Office")

    def readable(self, text: str) -> str:
        """One line; what Inter cannot draw becomes a visible square instead of nothing."""
        shown = (" " if char in "\r\n\t" else char for char in text)
        return "".join(
            char if ord(char) in self._known else _REPLACEMENT for char in shown if char == " " or char.isprintable()
        )

    def text_width(self, text: str, font: str, size: float) -> float:
        return float(pdfmetrics.stringWidth(self.readable(text), font, size))

    def text(
        self,
        x: float,
        baseline: float,
        text: str,
        font: str = REGULAR,
        size: float = 9,
        *,
        align: str = "left",
        ink: object = black,
        spacing: float = 0,
    ) -> None:
        """`align` tells what of the text stands at `x`: left, centre or right."""
        shown = self.readable(text)
        width = self.text_width(text, font, size) + spacing * len(shown)
        left = x - {"left": 0.0, "centre": width / 2, "right": width}[align]
        self._canvas.setFillColor(ink)
        line = self._canvas.beginText(left, self.height - baseline)
        line.setFont(font, size)
        line.setCharSpace(spacing)
        line.textOut(shown)
        self._canvas.drawText(line)

    def fitted(
        self,
        x: float,
        baseline: float,
        text: str,
        room: float,
        font: str,
        largest: float,
        smallest: float,
        *,
        align: str = "left",
    ) -> float:
        """One line in the largest size that fits `room`, elided at the smallest. The size used."""
        size = largest
        while size > smallest and self.text_width(text, font, size) > room:
            size -= 0.5
        self.text(x, baseline, self.elided(text, room, font, size), font, size, align=align)
        return size

    def elided(self, text: str, room: float, font: str, size: float) -> str:
        if self.text_width(text, font, size) <= room:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            fits = self.text_width(text[:middle].rstrip() + "…", font, size) <= room
            low, high = (middle, high) if fits else (low, middle - 1)
        return text[:low].rstrip() + "…"

    def wrapped(self, text: str, room: float, font: str, size: float, most: int) -> list[str]:
        """At most `most` lines; the last one is elided."""
        lines: list[str] = []
        words = text.split()
        while words and len(lines) < most:
            count = len(words)
            while count > 1 and self.text_width(" ".join(words[:count]), font, size) > room:
                count -= 1
            last = len(lines) == most - 1
            lines.append(self.elided(" ".join(words if last else words[:count]), room, font, size))
            words = words[count:]
        return lines

    def title(self, x: float, top: float, text: str, room: float, largest: float, smallest: float, most: int) -> float:
        """A heading that first shrinks, then wraps, then elides. The baseline of its last line."""
        size = largest
        while size > smallest and self.text_width(text, BOLD, size) > room:
            size -= 0.5
        lines = [text] if self.text_width(text, BOLD, size) <= room else self.wrapped(text, room, BOLD, size, most)
        baseline = top + size * 0.8
        for number, line in enumerate(lines):
            baseline = top + size * 0.8 + number * size * 1.12
            self.text(x, baseline, line, BOLD, size)
        return baseline

    def line(self, x1: float, y1: float, x2: float, y2: float, width: float = 1, dash: Sequence[float] = ()) -> None:
        self._canvas.setStrokeColor(black)
        self._canvas.setLineWidth(width)
        self._canvas.setDash(list(dash))
        self._canvas.line(x1, self.height - y1, x2, self.height - y2)
        self._canvas.setDash()

    def rect(self, x: float, y: float, width: float, height: float, *, fill: object = black, radius: float = 0) -> None:
        self._canvas.setFillColor(fill)
        if radius:
            self._canvas.roundRect(x, self.height - y - height, width, height, radius, stroke=0, fill=1)
        else:
            self._canvas.rect(x, self.height - y - height, width, height, stroke=0, fill=1)

    def frame(self, x: float, y: float, width: float, height: float, radius: float) -> None:
        self._canvas.setLineWidth(0.6)
        self._canvas.setStrokeColorRGB(0.55, 0.55, 0.55)
        self._canvas.roundRect(x, self.height - y - height, width, height, radius, stroke=1, fill=0)

    def dot(self, x: float, y: float, radius: float, grey: float) -> None:
        self._canvas.setFillColorRGB(grey, grey, grey)
        self._canvas.circle(x, self.height - y, radius, stroke=0, fill=1)

    def qr(self, x: float, y: float, size: float, text: str) -> None:
        """A code of `size` points with its quiet zone outside of it, always on white."""
        matrix = qr_matrix(text)
        module = size / len(matrix)
        quiet = 4 * module
        self.rect(x - quiet, y - quiet, size + 2 * quiet, size + 2 * quiet, fill=white)
        path = self._canvas.beginPath()
        for row, cells in enumerate(matrix):
            column = 0
            while column < len(cells):
                if cells[column]:
                    end = column
                    while end < len(cells) and cells[end]:
                        end += 1
                    top = self.height - y - (row + 1) * module
                    path.rect(x + column * module, top, (end - column) * module, module)
                    column = end
                else:
                    column += 1
        self._canvas.setFillColor(black)
        self._canvas.drawPath(path, stroke=0, fill=1)

    def slanted(self, text: str, size: float, degrees: float) -> None:
        """An outlined word across the page, for what must not be mistaken."""
        self._canvas.saveState()
        self._canvas.translate(self.width / 2, self.height / 2)
        self._canvas.rotate(degrees)
        self._canvas.setLineWidth(1.4)
        line = self._canvas.beginText(-self.text_width(text, BOLD, size) / 2, -size * 0.36)
        line.setFont(BOLD, size)
        line.setTextRenderMode(2)
        line.setFillColor(white, alpha=0.65)
        line.setStrokeColor(black)
        line.textOut(text)
        self._canvas.drawText(line)
        self._canvas.restoreState()

    def next_page(self) -> None:
        self._canvas.showPage()

    def finish(self) -> bytes:
        self._canvas.save()
        return self._buffer.getvalue()


@cache
def qr_matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """Error correction M, without quiet zone."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    return tuple(tuple(bool(cell) for cell in row) for row in code.get_matrix())


def money_text(minor: int, currency: str, digits: int = 2) -> str:
    """`€86.00` for the currencies with a well-known sign, else `CHF 86.00`."""
    sign = "−" if minor < 0 else ""
    whole, part = divmod(abs(minor), 10**digits)
    figures = f"{whole:,}.{part:0{digits}d}" if digits else f"{whole:,}"
    symbol = {"EUR": "€", "GBP": "£", "USD": "$"}.get(currency, f"{currency} ")
    return f"{sign}{symbol}{figures}"


def percent_text(basis_points: int) -> str:
    """`7 %`, `8.875 %` for basis points."""
    whole, part = divmod(basis_points, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".") + " %" if part else f"{whole} %"
