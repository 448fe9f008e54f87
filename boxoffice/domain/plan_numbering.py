"""How rows and seats are numbered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # I and O read like figures


class Direction(StrEnum):
    LEFT_TO_RIGHT = "left to right"
    RIGHT_TO_LEFT = "right to left"
    ODD_LEFT = "odd left, even right"
    SERPENTINE = "serpentine"


@dataclass(frozen=True, slots=True)
class Numbering:
    """`step` 2 gives only odd or only even numbers; `left_out` are numbers that no seat has."""

    direction: Direction = Direction.LEFT_TO_RIGHT
    first: int = 1
    step: int = 1
    left_out: frozenset[int] = frozenset()

    def labels(self, count: int, row: int = 0) -> tuple[str, ...]:
        """Of `count` seats from left to right; `row` counts from 0: with SERPENTINE every other one is turned."""
        numbers: list[int] = []
        number = self.first
        while len(numbers) < count:
            if number not in self.left_out:
                numbers.append(number)
            number += self.step
        match self.direction:
            case Direction.RIGHT_TO_LEFT:
                numbers.reverse()
            case Direction.SERPENTINE if row % 2:
                numbers.reverse()
            case Direction.ODD_LEFT:  # lowest in the middle, as many theatres have it
                numbers = numbers[::2][::-1] + numbers[1::2]
        return tuple(str(number) for number in numbers)


def row_letters(index: int) -> str:
    """A to Z without I and O, then AA, AB; `index` counts from 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, len(_LETTERS))
        letters = _LETTERS[rest] + letters
    return letters


def row_index(letters: str) -> int | None:
    """The index of `row_letters`; None for what it never gives."""
    if not letters or any(letter not in _LETTERS for letter in letters):
        return None
    index = 0
    for letter in letters:
        index = index * len(_LETTERS) + _LETTERS.index(letter) + 1
    return index - 1
