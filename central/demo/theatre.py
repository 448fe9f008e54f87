"""The Sundial Theatre: a main house of 900 seats around an open stage, and a studio of 180."""

from __future__ import annotations

from collections.abc import Callable

from boxoffice.domain.ids import PlanId
from boxoffice.domain.plan import Area, Decoration, Point, Row, SeatingPlan, SeatKind, Section
from central.demo.drawing import (
    PITCH,
    Block,
    Fan,
    Spot,
    both_sides,
    centred,
    disc,
    joined,
    mirrored,
    rectangle,
    row_of,
    standard,
)

PREMIUM, BAND_A, BAND_B, BAND_C, BAND_D, BOX = range(6)
MAIN_HOUSE = PlanId("sundial-main-house")
STUDIO = PlanId("sundial-studio")
STUDIO_UNRESERVED = PlanId("sundial-studio-unreserved")

_LETTERS = "ABCDEFGHJKLMNP"  # no I and no O: they read as 1 and 0
_WIDTH, _HEIGHT = 2920.0, 2270.0
_MIDDLE = _WIDTH / 2
_ROW_PITCH = 65.0
_STALLS_RADIUS = 2200.0
_FRONT_ROW_Y = 400.0
_FAN = Fan((_MIDDLE, _FRONT_ROW_Y - _STALLS_RADIUS))
_LANE = 97.0  # in front of a section: where its name stands
_BEHIND = 46.0
_BETWEEN = 36.0  # from the back of a section to the front of the next
_CIRCLE_RADIUS = _STALLS_RADIUS + 13 * _ROW_PITCH + _BEHIND + _BETWEEN + _LANE
_BALCONY_RADIUS = _CIRCLE_RADIUS + 5 * _ROW_PITCH + _BEHIND + _BETWEEN + _LANE
_BESIDE = 1.6 * PITCH  # room for row letters

_W, _C = SeatKind.WHEELCHAIR, SeatKind.COMPANION
_STALLS_CENTRE = (14, 15, 14, 15, 16, 17, 16, 17, 18, 19, 18, 19)
_STALLS_BESIDE_DESK = 6
_STALLS_SIDES = (7, 7, 7, 8, 8, 8, 8, 8, 9, 9, 9, 9, 9)
_STALLS_LAST_SIDE = (_W, _C, _W, _C, *standard(3))
_STALLS_AISLE_ANGLE = 0.205
_DESK_HALF_WIDTH = 4.4 * PITCH
_CIRCLE_SIDES = (7, 8, 8, 8, 8)
_CIRCLE_LAST_SIDE = (_W, _C, *standard(6))
_CIRCLE_CENTRE = (12, 12, 12, 13, 13, 13)
_BALCONY_SIDES = (7, 8, 8, 8)
_BALCONY_CENTRE = (14, 14, 14, 15)
_UPPER_AISLE_ANGLE = 0.2335
_AISLE = 1.15 * PITCH  # between the edges of two blocks

_Dress = Callable[[Spot], tuple[int, SeatKind]]


def main_house() -> SeatingPlan:
    """Stalls 448, circle 244, balcony 176 and eight boxes of four."""
    return SeatingPlan(
        id=MAIN_HOUSE,
        version=1,
        name="Main House",
        width=_WIDTH,
        height=_HEIGHT,
        focal_point=(_MIDDLE, _FRONT_ROW_Y + 4.4 * _ROW_PITCH),  # where the best seats are, not the stage
        categories=("Premium", "Band A", "Band B", "Band C", "Band D", "Boxes"),
        sections=(_stalls(), _circle(_CIRCLE_RADIUS), _balcony(_BALCONY_RADIUS), _boxes()),
        decorations=(_stage(), _desk(), *_pillars()),
    )


def _stalls() -> Section:
    rows = []
    for number, letter in enumerate(_LETTERS):
        radius = _STALLS_RADIUS + number * _ROW_PITCH
        last = number == len(_LETTERS) - 1
        side = _STALLS_LAST_SIDE if last else standard(_STALLS_SIDES[number])
        left, right = both_sides(_STALLS_AISLE_ANGLE * radius, side)
        if number < len(_STALLS_CENTRE):
            middle: tuple[Block, ...] = (centred(_STALLS_CENTRE[number]),)
        else:
            middle = both_sides(_DESK_HALF_WIDTH - PITCH / 2 * (not last), standard(_STALLS_BESIDE_DESK))
        rows.append(_curved(letter, radius, (left, *middle, right), _StallsLook(number, 1 + len(middle))))
    return _section("Stalls", rows, _STALLS_RADIUS, "A")


class _StallsLook:
    """Premium in the middle from D to J; the front corners and the back of the sides see least."""

    def __init__(self, row: int, last_block: int) -> None:
        self._row, self._last_block = row, last_block

    def __call__(self, spot: Spot) -> tuple[int, SeatKind]:
        row, inside = self._row, spot.from_inside
        if spot.kind in (SeatKind.WHEELCHAIR, SeatKind.COMPANION):
            return BAND_B, spot.kind
        if 0 < spot.block < self._last_block:
            return (PREMIUM if 3 <= row <= 8 else BAND_A), spot.kind
        if inside == 0 and row in (10, 11):  # right behind a pillar
            return BAND_C, SeatKind.RESTRICTED_VIEW
        outside = spot.size - 1 - inside
        if (row < 2 or row >= 10) and outside < 4:
            return BAND_C, spot.kind
        return (BAND_A if 2 <= row <= 9 and inside < 3 else BAND_B), spot.kind


def _circle(front: float) -> Section:
    rows = []
    for number, centre in enumerate(_CIRCLE_CENTRE):
        last = number == len(_CIRCLE_CENTRE) - 1
        side = _CIRCLE_LAST_SIDE if last else standard(_CIRCLE_SIDES[number])
        radius = front + number * _ROW_PITCH
        rows.append(_curved("ABCDEF"[number], radius, _four_blocks(radius, centre, side), _circle_look(number)))
    return _section("Circle", rows, front, "B")


def _circle_look(row: int) -> _Dress:
    def dress(spot: Spot) -> tuple[int, SeatKind]:
        if spot.block in (1, 2):
            if row < 2:
                return (PREMIUM if spot.from_inside < 7 else BAND_A), spot.kind
            return (BAND_A if row < 4 and spot.from_inside < 9 else BAND_B), spot.kind
        if row in (3, 4) and spot.from_inside == 0:
            return BAND_C, SeatKind.RESTRICTED_VIEW
        return (BAND_B if row < 3 else BAND_C), spot.kind

    return dress


def _balcony(front: float) -> Section:
    rows = []
    for number, (centre, side) in enumerate(zip(_BALCONY_CENTRE, _BALCONY_SIDES, strict=True)):
        radius = front + number * _ROW_PITCH
        rows.append(
            _curved("ABCD"[number], radius, _four_blocks(radius, centre, standard(side)), _balcony_look(number))
        )
    return _section("Balcony", rows, front, "C")


def _balcony_look(row: int) -> _Dress:
    def dress(spot: Spot) -> tuple[int, SeatKind]:
        beside = spot.block in (0, 3)
        kind = SeatKind.RESTRICTED_VIEW if beside and row > 1 and spot.from_inside > spot.size - 3 else spot.kind
        return (BAND_C if not beside and row < 2 else BAND_D), kind

    return dress


def _four_blocks(radius: float, centre: int, side: tuple[SeatKind, ...]) -> tuple[Block, ...]:
    """Two blocks beside an aisle in the middle and one on either side."""
    middle_left, middle_right = both_sides(_AISLE / 2, standard(centre))
    left, right = both_sides(_UPPER_AISLE_ANGLE * radius, side)
    return left, middle_left, middle_right, right


def _curved(label: str, radius: float, blocks: tuple[Block, ...], dress: _Dress) -> Row:
    return row_of(label, blocks, lambda along: _FAN.at(radius, along), dress)


def _section(name: str, rows: list[Row], front: float, gate: str) -> Section:
    half_angle = 0.0
    for number, row in enumerate(rows):
        radius = front + number * _ROW_PITCH
        ends = (row.seats[0], row.seats[-1])
        widest = max(abs(seat.x - _MIDDLE) for seat in ends) + _BESIDE
        half_angle = max(half_angle, widest / radius * 1.03)
    back = front + (len(rows) - 1) * _ROW_PITCH + _BEHIND
    return Section(name, tuple(rows), _FAN.sector(front - _LANE, back, half_angle), gate)


def _boxes() -> Section:
    """Boxes 1, 3, 5, 7 on the left and 2, 4, 6, 8 on the right, from the stage on. Seats 1 and 2 are in front."""
    rows, outlines = [], []
    half, edge = PITCH / 2, 64.0
    for number in range(8):
        pair, right_side = divmod(number, 2)
        away, y = 1082.0 + 48 * pair, 262.0 + 166 * pair
        x = _MIDDLE + away if right_side else _MIDDLE - away
        outwards = half if right_side else -half
        corners = ((outwards, -half), (-outwards, -half), (-outwards, half), (outwards, half))
        rows.append(_box(str(number + 1), [(x + dx, y + dy) for dx, dy in corners], hidden=pair == 0))
        outlines.append(rectangle(x - edge, y - edge, x + edge, y + edge))
    return Section("Boxes", tuple(rows), joined(outlines), "C", row_word="box")


def _box(label: str, places: list[Point], *, hidden: bool) -> Row:
    """`hidden`: the back of the boxes beside the stage sees two thirds of it."""
    block = Block(-2 * PITCH, standard(4))
    at = dict(zip(block.places, places, strict=True))

    def dress(spot: Spot) -> tuple[int, SeatKind]:
        return BOX, SeatKind.RESTRICTED_VIEW if hidden and spot.index > 1 else spot.kind

    return row_of(label, (block,), lambda along: at[along], dress)


def _stage() -> Decoration:
    front = _STALLS_RADIUS - _LANE - 32
    half_angle = 0.315
    return Decoration(
        "stage",
        ((_MIDDLE - 740, 50), (_MIDDLE + 740, 50), *_FAN.arc(front, half_angle, -half_angle)),
        "Stage",
    )


def _desk() -> Decoration:
    y = _FRONT_ROW_Y + 12.5 * _ROW_PITCH
    half = _DESK_HALF_WIDTH - 0.95 * PITCH
    return Decoration("outline", rectangle(_MIDDLE - half, y - 48, _MIDDLE + half, y + 40), "Mixing desk")


def _pillars() -> tuple[Decoration, ...]:
    """They carry the circle and the balcony, and stand at the aisles."""
    stalls = _FAN.on(_STALLS_RADIUS + 9.55 * _ROW_PITCH, _STALLS_AISLE_ANGLE - 0.009)
    circle = _FAN.on(_CIRCLE_RADIUS + 2.55 * _ROW_PITCH, _UPPER_AISLE_ANGLE - 0.0065)
    pillars = []
    for middle in (stalls, circle):
        shape = disc(middle, 13, 16)
        pillars += [Decoration("table", shape), Decoration("table", mirrored(shape, _MIDDLE))]
    return tuple(pillars)


def studio() -> SeatingPlan:
    """Ten straight rows of 18 on a rake, with an aisle in the middle; wheelchair places in front."""
    rows = []
    for number, letter in enumerate(_LETTERS[:10]):
        half_row = (_W, _C, *standard(7)) if number == 0 else standard(9)
        rows.append(_straight(letter, _STUDIO_FRONT_Y + number * _STUDIO_RAKE, half_row, int(number > 5)))
    back = _STUDIO_FRONT_Y + 9 * _STUDIO_RAKE + 60
    half = 10 * PITCH + _AISLE / 2 + 75
    outline = rectangle(_STUDIO_MIDDLE - half, _STUDIO_FRONT_Y - 105, _STUDIO_MIDDLE + half, back)
    return _studio_plan(STUDIO, ("Front rows", "Rear rows"), (Section("Studio", tuple(rows), outline, "S"),), ())


def studio_unreserved() -> SeatingPlan:
    """The same room with loose chairs: first come, first seated."""
    half = 10 * PITCH + _AISLE / 2 + 75
    floor = rectangle(_STUDIO_MIDDLE - half, _STUDIO_FRONT_Y - 105, _STUDIO_MIDDLE + half, _STUDIO_FRONT_Y + 9.7 * 80)
    return _studio_plan(STUDIO_UNRESERVED, ("Unreserved",), (), (Area("Unreserved seating", 180, 0, floor, "S"),))


_STUDIO_MIDDLE, _STUDIO_FRONT_Y, _STUDIO_RAKE = 800.0, 420.0, 80.0


def _studio_plan(
    plan: PlanId, categories: tuple[str, ...], sections: tuple[Section, ...], areas: tuple[Area, ...]
) -> SeatingPlan:
    middle = _STUDIO_MIDDLE
    return SeatingPlan(
        id=plan,
        version=1,
        name="Studio",
        width=2 * middle,
        height=1260,
        focal_point=(middle, _STUDIO_FRONT_Y + 2 * _STUDIO_RAKE),
        categories=categories,
        sections=sections,
        areas=areas,
        decorations=(Decoration("stage", rectangle(middle - 480, 60, middle + 480, 265), "Stage"),),
    )


def _straight(letter: str, y: float, half_row: tuple[SeatKind, ...], category: int) -> Row:
    return row_of(
        letter,
        both_sides(_AISLE / 2, half_row),
        lambda along: (_STUDIO_MIDDLE + along, y),
        lambda spot: (category, spot.kind),
    )
