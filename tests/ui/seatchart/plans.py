"""Plans and house states for looking at and for testing the chart."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from boxoffice.domain.ids import PlanId
from boxoffice.domain.plan import Area, Decoration, Point, Row, Seat, SeatingPlan, SeatKind, Section
from ui.seatchart import SeatState

PITCH = 55.0
ROW_PITCH = 62.5
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_BEND = 3200.0


def _arc_y(x: float, top: float) -> float:
    return top - _BEND + math.sqrt(_BEND**2 - x**2)


def _section(
    name: str, middle: float, top: float, widths: list[int], categories: list[list[tuple[int, int]]], gate: str
) -> Section:
    """`categories[row]` lists (seats from the outside, category); the last one fills the middle."""
    rows = []
    for r, count in enumerate(widths):
        aisles = {round(count * 0.22), round(count * 0.78)}
        gaps, seats = 0.0, []
        for i in range(count):
            gaps += 0.9 * PITCH if i in aisles else 0.0
            x = (i - (count - 1) / 2) * PITCH + gaps - 0.9 * PITCH
            outside, category = min(i, count - 1 - i), categories[r][-1][1]
            for limit, candidate in categories[r]:
                if outside < limit:
                    category = candidate
                    break
            kind = SeatKind.STANDARD
            if r == len(widths) - 1 and i in (0, count - 1):
                kind = SeatKind.WHEELCHAIR
            elif r == len(widths) - 1 and i in (1, count - 2):
                kind = SeatKind.COMPANION
            elif r == 1 and i == 1:
                kind = SeatKind.RESTRICTED_VIEW
            seats.append(Seat(str(i + 1), middle + x, _arc_y(x, top + r * ROW_PITCH), category, kind, i + 1 in aisles))
        rows.append(Row(_LETTERS[r], tuple(seats)))
    return Section(name, tuple(rows), _outline(rows, middle), gate)


def _outline(rows: list[Row], middle: float) -> tuple[Point, ...]:
    front, back = rows[0].seats, rows[-1].seats
    upper = [(s.x, s.y - 1.8 * PITCH) for s in front]
    lower = [(s.x, s.y + 0.9 * PITCH) for s in back]
    wide = max(s.x - middle for row in rows for s in row.seats) + 1.7 * PITCH
    upper = [(middle - wide, upper[0][1] - 0.45 * PITCH), *upper, (middle + wide, upper[-1][1] - 0.45 * PITCH)]
    lower = [(middle - wide, lower[0][1] - 0.45 * PITCH), *lower, (middle + wide, lower[-1][1] - 0.45 * PITCH)]
    return tuple(upper + lower[::-1])


def theatre() -> SeatingPlan:
    """Curved stalls, circle and balcony, eight boxes, a stage and a mixing desk."""
    middle = 1400.0
    stalls = [[(4, 3 if r < 2 or r > 10 else 2), (8, 1), (99, 0 if 3 < r < 9 else 1)] for r in range(13)]
    circle = [[(7, 2 if r < 3 else 3), (12, 1), (99, 0 if r < 2 else 1)] for r in range(6)]
    balcony = [[(9, 4), (99, 3)] for _ in range(4)]
    sections = [
        _section("Stalls", middle, 500, [26 + min(r, 8) for r in range(13)], stalls, "A"),
        _section("Circle", middle, 1520, [40 + r // 2 for r in range(6)], circle, "B"),
        _section("Balcony", middle, 2010, [42] * 4, balcony, "B"),
    ]
    boxes, outlines = [], []
    for side in (0, 1):
        for i in range(4):
            x0 = (360 - 45 * i) if side == 0 else (2 * middle - 360 - PITCH + 45 * i)
            y0 = 250 + 175 * i
            places = [(x0, y0), (x0 + PITCH, y0), (x0, y0 + PITCH), (x0 + PITCH, y0 + PITCH)]
            boxes.append(
                Row(str(2 * i + 1 + side), tuple(Seat(str(n + 1), x, y, 5) for n, (x, y) in enumerate(places)))
            )
            edge = 0.65 * PITCH
            outlines.append(
                Decoration(
                    "outline",
                    ((x0 - edge, y0 - edge), (x0 + PITCH + edge, y0 - edge),
                     (x0 + PITCH + edge, y0 + PITCH + edge), (x0 - edge, y0 + PITCH + edge)),
                )
            )  # fmt: skip
    sections.append(Section("Boxes", tuple(boxes), gate="C", row_word="box"))
    stage = (
        (680, 70),
        (2120, 70),
        (2030, 210),
        *[(x, _arc_y(x - middle, 262)) for x in range(1970, 820, -60)],
        (770, 210),
    )
    desk = ((1220.0, 1290.0), (1580.0, 1290.0), (1580.0, 1365.0), (1220.0, 1365.0))
    return SeatingPlan(
        id=PlanId("theatre"),
        version=1,
        name="Main House",
        width=2800,
        height=2400,
        focal_point=(middle, 250.0),
        categories=("Premium", "Band A", "Band B", "Band C", "Band D", "Boxes"),
        sections=tuple(sections),
        decorations=(Decoration("stage", stage, "Stage"), Decoration("outline", desk, "Mixing desk"), *outlines),
    )


def club() -> SeatingPlan:
    """A standing floor, an unreserved gallery and round tables with chairs."""
    rows, tables = [], []
    for n in range(6):
        x, y = 300 + 260 * n, 1000.0
        tables.append(
            Decoration(
                "table",
                tuple((x + 45 * math.cos(a), y + 45 * math.sin(a)) for a in np.arange(0, 6.28, 0.3)),
                str(n + 1),
            )
        )
        rows.append(
            Row(
                f"{n + 1}",
                tuple(
                    Seat(str(i + 1), x + 78 * math.cos(i * math.pi / 3), y + 78 * math.sin(i * math.pi / 3), 1)
                    for i in range(6)
                ),
            )
        )
    floor = ((350.0, 320.0), (1550.0, 320.0), (1550.0, 820.0), (350.0, 820.0))
    gallery = ((60.0, 320.0), (280.0, 320.0), (280.0, 820.0), (60.0, 820.0))
    return SeatingPlan(
        id=PlanId("club"),
        version=1,
        name="Cellar",
        width=1900,
        height=1200,
        focal_point=(950.0, 200.0),
        categories=("Standing", "Table"),
        sections=(Section("Tables", tuple(rows), row_word="table"),),
        areas=(Area("Standing floor", 3500, 0, floor), Area("Gallery", 80, 0, gallery)),
        decorations=(
            Decoration("stage", ((600.0, 60.0), (1300.0, 60.0), (1300.0, 250.0), (600.0, 250.0)), "Stage"),
            *tables,
        ),
    )


def arena(seats: int, *, pitch: float = PITCH) -> SeatingPlan:
    """Rows in blocks, straight, of about so many seats: for size."""
    per_row, per_block = 24, 24 * 20
    blocks = max(1, round(seats / per_block))
    across = max(1, round(math.sqrt(blocks * 1.2)))
    sections = []
    for b in range(blocks):
        x0 = 100 + (b % across) * (per_row + 4) * pitch
        y0 = 400 + (b // across) * 24 * ROW_PITCH
        rows = tuple(
            Row(str(r + 1), tuple(Seat(str(i + 1), x0 + i * pitch, y0 + r * ROW_PITCH, b % 6) for i in range(per_row)))
            for r in range(20)
        )
        edge = 0.9 * pitch
        right, bottom = x0 + (per_row - 1) * pitch + edge, y0 + 19 * ROW_PITCH + edge
        sections.append(
            Section(
                f"{100 + b}", rows, ((x0 - edge, y0 - edge), (right, y0 - edge), (right, bottom), (x0 - edge, bottom))
            )
        )
    width = 200 + across * (per_row + 4) * pitch
    return SeatingPlan(
        id=PlanId(f"arena-{seats}"),
        version=1,
        name="Arena",
        width=width,
        height=600 + (blocks // across + 1) * 24 * ROW_PITCH,
        focal_point=(width / 2, 0.0),
        categories=("1", "2", "3", "4", "5", "6"),
        sections=tuple(sections),
        decorations=(
            Decoration(
                "stage", ((width * 0.3, 60.0), (width * 0.7, 60.0), (width * 0.7, 300.0), (width * 0.3, 300.0)), "Stage"
            ),
        ),
    )


def evening(plan: SeatingPlan, seed: int = 1) -> NDArray[np.uint8]:
    """A believable house: the middle sold in parties, some held, blocked and in other baskets."""
    random = np.random.default_rng(seed)
    states = np.full(plan.seat_count, SeatState.FREE, np.uint8)
    appeal = plan.focal_distance + np.abs(plan.x - plan.focal_point[0]) * 0.6
    order = np.argsort(appeal + random.normal(0, appeal.std() * 0.45, plan.seat_count))
    sold = 0
    for seat in order:
        for neighbour in range(int(seat), min(int(seat) + int(random.integers(1, 5)), plan.seat_count)):
            if states[neighbour] == SeatState.FREE and plan.row[neighbour] == plan.row[seat]:
                states[neighbour] = SeatState.SOLD
                sold += 1
        if sold > 0.6 * plan.seat_count:
            break
    free = np.flatnonzero(states == SeatState.FREE)
    for start in random.choice(free, min(12, len(free) // 6), replace=False):
        run = [s for s in range(int(start), min(int(start) + 3, plan.seat_count)) if plan.row[s] == plan.row[start]]
        states[run] = random.choice([SeatState.HELD, SeatState.HELD, SeatState.OTHER_BASKET])
    states[random.choice(free, min(6, len(free)), replace=False)] = SeatState.BLOCKED
    return states
