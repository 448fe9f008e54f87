"""Worked tables of a rule page, and the notation of their cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from boxoffice.domain.money import decimal_text, parse_amount

Row = Mapping[str, str]
Recompute = Callable[[Row], Row]  # a row as written -> the row as the code has it

_TABLE = re.compile(r"<!-- worked: ([\w-]+) -->\n((?:\|.*\n)+)")


def worked_tables(page: Path) -> Iterator[tuple[str, list[Row]]]:
    """Name and rows of every table that follows a `<!-- worked: name -->`."""
    for found in _TABLE.finditer(page.read_text(encoding="utf-8")):
        header, _, *lines = [_cells(line) for line in found.group(2).splitlines()]
        yield found.group(1), [dict(zip(header, line, strict=True)) for line in lines]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def minor(text: str) -> int:
    """`-1,234.50` as cents."""
    plain = text.replace(",", "").removeprefix("-")
    amount = parse_amount(plain, "EUR").minor
    return -amount if text.startswith("-") else amount


def minors(text: str) -> list[int]:
    return [minor(part) for part in text.split(", ")]


def amount(value: int) -> str:
    """Cents as `-1,234.50`."""
    whole, _, part = decimal_text(value, 2).partition(".")
    return f"{int(whole):,}.{part}" if whole != "-0" else f"-0.{part}"


def amounts(values: Iterable[int]) -> str:
    return ", ".join(amount(value) for value in values)


def basis_points(text: str) -> int:
    """`8.88 %` as 888."""
    return minor(text.removesuffix("%").strip())
