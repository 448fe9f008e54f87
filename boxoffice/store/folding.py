"""How a name is compared: without capitals and accents, so that `Muller` finds `Müller`."""

from __future__ import annotations

import re
import unicodedata

_NOT_CODE = re.compile(r"[^0-9A-Z]")


def folded(text: str) -> str:
    lowered = text.casefold()
    if not lowered.isascii():
        decomposed = unicodedata.normalize("NFKD", lowered)
        lowered = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(lowered.split())


def bare_code(text: str) -> str:
    """An order or ticket code as typed by anybody: capitals, no dashes or spaces. Empty for what cannot be a code."""
    return _NOT_CODE.sub("", text.upper()) if text.isascii() else ""


def like_prefix(text: str) -> str:
    """A LIKE pattern (escape `\\`) for what begins with `text`."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
