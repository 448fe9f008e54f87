"""What every document shares: fonts in a PDF, text that fits, and the QR code as a vector."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from reportlab.lib.colors import black, white
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

import resources

MM = 72 / 25.4
REGULAR, MEDIUM, SEMIBOLD, BOLD = "Inter-Regular", "Inter-Medium", "Inter-SemiBold", "Inter-Bold"
MONO, MONO_BOLD = "DejaVuSansMono", "DejaVuSansMono-Bold"
QUIET_ZONE = 4  # modules of white around a code
_REPLACEMENT = "\N{WHITE SQUARE}"


@cache
def _glyphs(font: str) -> frozenset[int]:
    """Register a font; the code points that it can draw."""
    loaded = TTFont(font, str(resources.path("fonts", f"{font}.ttf")))
    pdfmetrics.registerFont(loaded)
    return frozenset(loaded.face.charToGlyph)


@cache
def _digit_width(font: str) -> float:
    """Of the widest digit at size 1: Inter's own digits are not all as wide as each other."""
    _glyphs(font)
    return max(float(pdfmetrics.stringWidth(digit, font, 1)) for digit in "0123456789")


def readable(text: str, font: str = REGULAR) -> str:
    """One line; what the font cannot draw becomes a visible square instead of nothing."""
    known = _glyphs(font)
    spaced = (" " if char in "\r\n\t" else char for char in unicodedata.normalize("NFC", text))
    drawn = (char if ord(char) in known else _REPLACEMENT for char in spaced if char.isprintable())
    return "".join(drawn)


@dataclass(frozen=True, slots=True)
class Ring:
    """Around a stamp's middle, in points."""

    radius: float
    fill: object
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """Through a stamp, from its middle, down is positive."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float


Stroke = Ring | Line


class Page:
    """A canvas with its origin top left, in points, and only the few things a document draws."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self._buffer = io.BytesIO()
        self.width, self.height = width, height
        # invariant: the same document gives the same bytes, so a test and a reprint can compare them
        self._canvas = Canvas(self._buffer, pagesize=(width, height), invariant=True, pageCompression=True)
        self._canvas.setTitle(readable(title))
        self._canvas.setCreator("Box Office")

    def text_width(self, text: str, font: str, size: float) -> float:
        return float(pdfmetrics.stringWidth(readable(text, font), font, size))

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
        shown = readable(text, font)
        width = float(pdfmetrics.stringWidth(shown, font, size)) + spacing * max(0, len(shown) - 1)
        left = x - {"left": 0.0, "centre": width / 2, "right": width}[align]
        self._canvas.setFillColor(ink)
        line = self._canvas.beginText(left, self.height - baseline)
        line.setFont(font, size)
        line.setCharSpace(spacing)
        line.textOut(shown)
        self._canvas.drawText(line)

    def figure(self, right: float, baseline: float, text: str, font: str, size: float) -> None:
        """A number of a column: it ends at `right`, and every digit is as wide as the widest."""
        digit = _digit_width(font) * size
        x = right - self.figure_width(text, font, size)
        for char in readable(text, font):
            width = float(pdfmetrics.stringWidth(char, font, size))
            room = digit if char.isdigit() else width
            self.text(x + (room - width) / 2, baseline, char, font, size)
            x += room

    def figure_width(self, text: str, font: str, size: float) -> float:
        digit = _digit_width(font) * size
        return sum(digit if char.isdigit() else self.text_width(char, font, size) for char in readable(text, font))

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
        ink: object = black,
    ) -> float:
        """One line in the largest size that fits `room`, elided at the smallest. The size used."""
        size = largest
        while size > smallest and self.text_width(text, font, size) > room:
            size = max(smallest, size - 0.5)
        self.text(x, baseline, self.elided(text, room, font, size), font, size, align=align, ink=ink)
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

    def heading(
        self,
        x: float,
        top: float,
        text: str,
        room: float,
        largest: float,
        smallest: float,
        most: int,
        *,
        align: str = "left",
    ) -> float:
        """A title that first shrinks, then wraps, then elides. The baseline of its last line."""
        size = largest
        while size > smallest and self.text_width(text, BOLD, size) > room:
            size = max(smallest, size - 0.5)
        baseline = top + size * 0.8
        for number, line in enumerate(self.wrapped(text, room, BOLD, size, most)):
            baseline = top + size * 0.8 + number * size * 1.12
            self.text(x, baseline, line, BOLD, size, align=align)
        return baseline

    def line(self, x1: float, y1: float, x2: float, y2: float, width: float = 1, dash: Sequence[float] = ()) -> None:
        self._canvas.setStrokeColor(black)
        self._canvas.setLineWidth(width)
        self._canvas.setDash(list(dash))
        self._canvas.line(x1, self.height - y1, x2, self.height - y2)
        self._canvas.setDash()

    def shape(
        self, points: Sequence[tuple[float, float]], *, fill: object = None, stroke: object = None,
        dash: Sequence[float] = (),
    ) -> None:  # fmt: skip
        """A polygon; without a fill or a stroke it has none."""
        if len(points) < 3:
            return
        path = self._canvas.beginPath()
        path.moveTo(points[0][0], self.height - points[0][1])
        for x, y in points[1:]:
            path.lineTo(x, self.height - y)
        path.close()
        if fill is not None:
            self._canvas.setFillColor(fill)
        if stroke is not None:
            self._canvas.setStrokeColor(stroke)
            self._canvas.setLineWidth(0.6)
            self._canvas.setDash(list(dash))
        self._canvas.drawPath(path, stroke=int(stroke is not None), fill=int(fill is not None))
        self._canvas.setDash()

    def stamp(self, name: str, reach: float, strokes: Sequence[Stroke]) -> None:
        """What `put` draws again and again around a point, kept once in the file."""
        form = name.replace(" ", "-")
        self._canvas.beginForm(form, -reach, -reach, reach, reach)
        for stroke in strokes:
            self._canvas.setLineWidth(stroke.width)
            self._canvas.setStrokeColor(black)
            if isinstance(stroke, Ring):
                self._canvas.setFillColor(stroke.fill)
                self._canvas.circle(0, 0, stroke.radius, stroke=1, fill=1)
            else:
                self._canvas.line(stroke.x1, -stroke.y1, stroke.x2, -stroke.y2)
        self._canvas.endForm()

    def put(self, name: str, x: float, y: float) -> None:
        """A stamp with its middle at a point."""
        self._canvas.saveState()
        self._canvas.translate(x, self.height - y)
        self._canvas.doForm(name.replace(" ", "-"))
        self._canvas.restoreState()

    def rect(self, x: float, y: float, width: float, height: float, *, fill: object = black, radius: float = 0) -> None:
        self._canvas.setFillColor(fill)
        if radius:
            self._canvas.roundRect(x, self.height - y - height, width, height, radius, stroke=0, fill=1)
        else:
            self._canvas.rect(x, self.height - y - height, width, height, stroke=0, fill=1)

    def band(self, x: float, y: float, width: float, height: float, words: str) -> None:
        """White on black, from edge to edge."""
        self.rect(x, y, width, height)
        size = height * 0.78
        self.text(x + width / 2, y + height / 2 + size * 0.36, words, BOLD, size, align="centre", ink=white, spacing=1)

    def frame(self, x: float, y: float, width: float, height: float, radius: float) -> None:
        self._canvas.setLineWidth(0.6)
        self._canvas.setStrokeColorRGB(0.55, 0.55, 0.55)
        self._canvas.roundRect(x, self.height - y - height, width, height, radius, stroke=1, fill=0)

    def dot(self, x: float, y: float, radius: float, grey: float) -> None:
        self._canvas.setFillColorRGB(grey, grey, grey)
        self._canvas.circle(x, self.height - y, radius, stroke=0, fill=1)

    def qr(self, centre: float, top: float, room: float, text: str, dot: float = 0) -> float:
        """A code no larger than `room` points, on white, its quiet zone outside of that. The side it took.

        With the printer's `dot` in points, modules are whole dots: no module prints wider than its neighbour.
        """
        matrix = qr_matrix(text)
        module = room / len(matrix)
        if dot:
            module = max(1, int(module / dot + 1e-6)) * dot
        side = module * len(matrix)
        x = centre - side / 2
        if dot:
            x = round(x / dot) * dot
        quiet = QUIET_ZONE * module
        self.rect(x - quiet, top - quiet, side + 2 * quiet, side + 2 * quiet, fill=white)
        path = self._canvas.beginPath()
        for row, cells in enumerate(matrix):
            column = 0
            while column < len(cells):
                if cells[column]:
                    end = column
                    while end < len(cells) and cells[end]:
                        end += 1
                    bottom = self.height - top - (row + 1) * module
                    path.rect(x + column * module, bottom, (end - column) * module, module)
                    column = end
                else:
                    column += 1
        self._canvas.setFillColor(black)
        self._canvas.drawPath(path, stroke=0, fill=1)
        return side

    def across(self, text: str, width: float, height: float, degrees: float) -> None:
        """An outlined word over the middle of the page, within `width` and `height`, for what must not be mistaken."""
        size = min(height, width / self.text_width(text, BOLD, 1))
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


@lru_cache(maxsize=16)
def qr_matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """Error correction M, without quiet zone."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    return tuple(tuple(bool(cell) for cell in row) for row in code.get_matrix())
