"""What the demo's plans are drawn with: blocks of seats along a line, rows on arcs, outlines that hug them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from boxoffice.domain.plan import Point, Row, Seat, SeatKind

PITCH = 55.0
"""Centre to centre of neighbours, in centimetres. A wheelchair bay takes the room of two."""
_BEND = math.radians(1.5)  # how finely a curved outline is drawn
_TIP = 0.01  # so short that no corner is rounded there


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbours without an aisle, left to right. `left` is the block's edge along its row, 0 in the middle."""

    left: float
    kinds: tuple[SeatKind, ...]

    @property
    def right(self) -> float:
        return self.left + width_of(self.kinds)

    @property
    def places(self) -> tuple[float, ...]:
        """Where along the row each seat has its middle."""
        edge, places = self.left, []
        for kind in self.kinds:
            room = _room(kind)
            places.append(edge + room / 2)
            edge += room
        return tuple(places)


def standard(count: int) -> tuple[SeatKind, ...]:
    return (SeatKind.STANDARD,) * count


def width_of(kinds: Sequence[SeatKind]) -> float:
    return sum(_room(kind) for kind in kinds)


def centred(count: int) -> Block:
    kinds = standard(count)
    return Block(-width_of(kinds) / 2, kinds)


def both_sides(inner: float, kinds: tuple[SeatKind, ...]) -> tuple[Block, Block]:
    """The same block left and right of the middle, `inner` away from it; `kinds` run from the outside inwards."""
    return Block(-inner - width_of(kinds), kinds), Block(inner, kinds[::-1])


def _room(kind: SeatKind) -> float:
    return 2 * PITCH if kind is SeatKind.WHEELCHAIR else PITCH


@dataclass(frozen=True, slots=True)
class Spot:
    """A seat about to be drawn: which block of its row, which seat of it, and the place along the row."""

    block: int
    index: int
    size: int  # of the block
    along: float
    kind: SeatKind

    @property
    def from_inside(self) -> int:
        """Seats of the block between this one and the end that faces the middle of the row."""
        return self.index if self.along > 0 else self.size - 1 - self.index


def row_of(
    label: str,
    blocks: Sequence[Block],
    place: Callable[[float], Point],
    dress: Callable[[Spot], tuple[int, SeatKind]],
) -> Row:
    """Seats numbered 1 to n from left to right, with an aisle between blocks. `dress` gives category and kind."""
    seats: list[Seat] = []
    for number, block in enumerate(blocks):
        last_block = number == len(blocks) - 1
        for index, (along, kind) in enumerate(zip(block.places, block.kinds, strict=True)):
            category, kind = dress(Spot(number, index, len(block.kinds), along, kind))
            x, y = place(along)
            aisle_after = index == len(block.kinds) - 1 and not last_block
            seats.append(Seat(str(len(seats) + 1), round(x, 1), round(y, 1), category, kind, aisle_after))
    return Row(label, tuple(seats))


@dataclass(frozen=True, slots=True)
class Fan:
    """Arcs about one centre far behind the stage, so that rows turn towards it. `centre` in plan centimetres."""

    centre: Point

    def at(self, radius: float, along: float) -> Point:
        """`along` is the length of arc from the middle, to the right."""
        return self.on(radius, along / radius)

    def on(self, radius: float, angle: float) -> Point:
        return self.centre[0] + radius * math.sin(angle), self.centre[1] + radius * math.cos(angle)

    def arc(self, radius: float, start: float, stop: float) -> tuple[Point, ...]:
        steps = max(2, math.ceil(abs(stop - start) / _BEND))
        return tuple(self.on(radius, start + (stop - start) * step / steps) for step in range(steps + 1))

    def sector(self, inner: float, outer: float, half_angle: float) -> tuple[Point, ...]:
        """The outline between two arcs, as far to the left as to the right."""
        return self.arc(inner, -half_angle, half_angle) + self.arc(outer, half_angle, -half_angle)


def rectangle(left: float, top: float, right: float, bottom: float) -> tuple[Point, ...]:
    return (left, top), (right, top), (right, bottom), (left, bottom)


def disc(middle: Point, radius: float, corners: int = 32) -> tuple[Point, ...]:
    return tuple(
        (middle[0] + radius * math.cos(math.tau * i / corners), middle[1] + radius * math.sin(math.tau * i / corners))
        for i in range(corners)
    )


def mirrored(outline: Sequence[Point], middle: float) -> tuple[Point, ...]:
    return tuple((2 * middle - x, y) for x, y in outline)


def joined(rectangles: Sequence[tuple[Point, ...]]) -> tuple[Point, ...]:
    """One outline of several rectangles. What joins them is a line there and back again: it encloses nothing."""
    there: list[Point] = []
    back: list[Point] = []
    for shape in rectangles:
        (left, top), (right, _) = shape[0], shape[1]
        door = (left + right) / 2, top
        lane = (door[0], top - _TIP)
        there += [lane, door, (door[0] + _TIP, top), *shape[1:], shape[0], (door[0] - _TIP, top), door, lane]
        back.append(lane)
    return (*there, *back[::-1])
