"""How a name is compared: without capitals and accents, so that `Muller` finds `Müller`."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in decomposed if not unicodedata.combining(letter)).split())


def bare_code(text: str) -> str:
    """An order or ticket code as typed by anybody: capitals, no dashes or spaces."""
    return "".join(letter for letter in text.upper() if letter.isalnum())


def like_prefix(text: str) -> str:
    """A LIKE pattern (escape `\\`) for what begins with `text`."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
