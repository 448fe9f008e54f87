"""Tidewater Arena: 12,000 places, 3,000 of them standing, in a bowl of two tiers around an end stage.

The left half is drawn and mirrored. A block's rows run along the edge of the floor: down the side, round the
corner, along the back. Seats are numbered as one sits, from left to right.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from boxoffice.domain.ids import PlanId
from boxoffice.domain.plan import Area, Decoration, Point, Row, Seat, SeatingPlan, SeatKind, Section
from central.demo.drawing import mirrored, rectangle

ARENA = PlanId("tidewater-arena")
STANDING, PREMIUM, BAND_A, BAND_B, BAND_C, BAND_D = range(6)

_PITCH = 52.0
_AISLE = 130.0
_CORNER_AISLE = 144.0
_STRAIGHT_SEATS = 24
_SLOT = _STRAIGHT_SEATS * _PITCH + _AISLE
_CORNER_RADIUS = 800.0  # of the floor
_PATH = 150.0  # between the floor and the first row
_LOWER = tuple(_PATH + 80.0 * row for row in range(15))  # how far each row is from the floor's edge
_UPPER = tuple(_LOWER[-1] + 400.0 + 88.0 * row for row in range(14))
_DEPTH = _UPPER[-1] + 140
_FLOOR_LEFT = _DEPTH + 60
_FLOOR_TOP = 720.0  # the first side blocks begin beside the front of the stage
_MIDDLE = _FLOOR_LEFT + _CORNER_RADIUS + _SLOT
_CORNER = (_FLOOR_LEFT + _CORNER_RADIUS, _FLOOR_TOP + 3 * _SLOT)
_FLOOR_BOTTOM = _CORNER[1] + _CORNER_RADIUS

_Place = Callable[[float, float], Point]
"""(distance out from the floor's edge, way along from the block's middle) -> where that is."""


@dataclass(frozen=True, slots=True)
class _Block:
    """`room(distance)` is how wide the block is at a distance from the floor."""

    place: _Place
    room: Callable[[float], float]
    category: int
    gate: str
    sees_half: bool = False  # beside the stage
    has_platform: bool = False


def arena() -> SeatingPlan:
    sections: list[Section] = []
    for hundred, distances, wedges in ((100, _LOWER, 2), (200, _UPPER, 3)):
        blocks = _left_half(wedges, upper=hundred == 200)
        left = [_rows(block, distances) for block in blocks]
        outlines = [_outline(block, distances) for block in blocks]
        sections += [
            Section(f"Block {hundred + 1 + i}", left[i], outlines[i], block.gate) for i, block in enumerate(blocks)
        ]
        sections += [
            Section(
                f"Block {hundred + len(blocks) + 1 + i}",
                tuple(_mirrored_row(row) for row in left[-1 - i]),
                mirrored(outlines[-1 - i], _MIDDLE),
                "C" if block.gate == "A" else block.gate,
            )
            for i, block in enumerate(reversed(blocks))
        ]
    return SeatingPlan(
        id=ARENA,
        version=1,
        name="Arena",
        width=2 * _MIDDLE,
        height=_FLOOR_BOTTOM + _DEPTH + 60,
        focal_point=(_MIDDLE, _FLOOR_TOP + 1.1 * _SLOT),
        categories=("Standing", "Premium", "Band A", "Band B", "Band C", "Band D"),
        sections=tuple(sections),
        areas=(Area("Standing", 3000, STANDING, _floor(), "B"),),
        decorations=(_stage(), _desk()),
    )


def _left_half(wedges: int, *, upper: bool) -> list[_Block]:
    """Three blocks down the side, the corner in `wedges`, half of the back."""
    side_categories = (BAND_B, BAND_B, BAND_B) if upper else (BAND_A, PREMIUM, PREMIUM)
    blocks = [
        _Block(
            _along_side(_FLOOR_TOP + (number + 0.5) * _SLOT),
            lambda _: _SLOT - _AISLE,
            category,
            "A",
            sees_half=number == 0,
            has_platform=not upper and number == 1,
        )
        for number, category in enumerate(side_categories)
    ]
    angle = math.pi / 2 / wedges
    for number in range(wedges):
        blocks.append(
            _Block(
                _around_corner((number + 0.5) * angle),
                lambda distance: (_CORNER_RADIUS + distance) * angle - _CORNER_AISLE,
                BAND_C if upper else BAND_A,
                "A" if number == 0 else "B",
            )
        )
    back = _Block(
        _along_back(_MIDDLE - _SLOT / 2),
        lambda _: _SLOT - _AISLE,
        BAND_D if upper else BAND_B,
        "B",
        has_platform=not upper,
    )
    return [*blocks, back]


def _along_side(y: float) -> _Place:
    return lambda distance, along: (_FLOOR_LEFT - distance, y + along)


def _along_back(x: float) -> _Place:
    return lambda distance, along: (x + along, _FLOOR_BOTTOM + distance)


def _around_corner(angle: float) -> _Place:
    """`angle` from due left of the corner's centre towards the back."""

    def place(distance: float, along: float) -> Point:
        radius = _CORNER_RADIUS + distance
        at = angle + along / radius
        return _CORNER[0] - radius * math.cos(at), _CORNER[1] + radius * math.sin(at)

    return place


def _rows(block: _Block, distances: tuple[float, ...]) -> tuple[Row, ...]:
    rows = []
    for number, distance in enumerate(distances):
        if block.has_platform and number == len(distances) - 1:
            rows.append(_platform(block, distance, str(number + 1)))
            continue
        seats = math.floor(block.room(distance) / _PITCH)
        rows.append(Row(str(number + 1), tuple(_seat(block, distance, i, seats) for i in range(seats))))
    return tuple(rows)


def _seat(block: _Block, distance: float, index: int, of: int) -> Seat:
    x, y = block.place(distance, (index - (of - 1) / 2) * _PITCH)
    beside_stage = block.sees_half and index < 5
    kind = SeatKind.RESTRICTED_VIEW if beside_stage else SeatKind.STANDARD
    return Seat(str(index + 1), round(x, 1), round(y, 1), block.category, kind)


def _platform(block: _Block, distance: float, label: str) -> Row:
    """The back row of a block, level with the concourse: eight bays, each with its companion's seat."""
    seats = []
    for pair in range(_STRAIGHT_SEATS // 3):
        start = (pair * 3 - _STRAIGHT_SEATS / 2) * _PITCH
        for index, (offset, kind) in enumerate(((1.0, SeatKind.WHEELCHAIR), (2.5, SeatKind.COMPANION))):
            x, y = block.place(distance, start + offset * _PITCH)
            seats.append(Seat(str(2 * pair + index + 1), round(x, 1), round(y, 1), block.category, kind))
    return Row(label, tuple(seats))


def _mirrored_row(row: Row) -> Row:
    """On the right side one sits the other way round: numbers still run from left to right as one sits."""
    seats = tuple(
        Seat(str(number + 1), round(2 * _MIDDLE - seat.x, 1), seat.y, seat.category, seat.kind)
        for number, seat in enumerate(reversed(row.seats))
    )
    return Row(row.label, seats)


def _outline(block: _Block, distances: tuple[float, ...]) -> tuple[Point, ...]:
    edge = 0.3 * _PITCH
    inner, outer = distances[0] - 48, distances[-1] + 48

    def line(distance: float) -> list[Point]:
        half = block.room(distance) / 2 + edge
        return [block.place(distance, half * step / 8) for step in range(-8, 9)]

    return (*line(inner), *line(outer)[::-1])


def _floor() -> tuple[Point, ...]:
    edge, top = 60.0, _FLOOR_TOP + 230
    corner = [
        (
            _CORNER[0] - (_CORNER_RADIUS - edge) * math.cos(at),
            _CORNER[1] + (_CORNER_RADIUS - edge) * math.sin(at),
        )
        for at in (math.pi / 2 * step / 16 for step in range(17))
    ]
    left = [(_FLOOR_LEFT + edge, top), *corner]
    return (*left, *mirrored(left, _MIDDLE)[::-1])


def _stage() -> Decoration:
    half, top, front = 1250.0, 60.0, _FLOOR_TOP + 60
    return Decoration(
        "stage",
        (
            (_MIDDLE - half - 350, top),
            (_MIDDLE + half + 350, top),
            (_MIDDLE + half + 350, front - 260),
            (_MIDDLE + half, front),
            (_MIDDLE - half, front),
            (_MIDDLE - half - 350, front - 260),
        ),
        "Stage",
    )


def _desk() -> Decoration:
    y = _FLOOR_BOTTOM - 900
    return Decoration("outline", rectangle(_MIDDLE - 420, y, _MIDDLE + 420, y + 330), "Mixing desk")
