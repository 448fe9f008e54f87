"""Files that come with the program: fonts, icons, sounds, tokens, demo venues."""

from __future__ import annotations

from pathlib import Path

_ROOT = Path(__file__).resolve().parent


def path(*parts: str) -> Path:
    """`path("icons", "x.svg")`, from a checkout and from an installed program alike."""
    return _ROOT.joinpath(*parts)
