"""A performance's house on one page of A4: which seats are sold, held and free. Lines and letters, no pixels.

Told in black and white by shape. A seat is a stamp that is drawn once, so that a stadium stays a small file.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from reportlab.lib.colors import Color, black, white

from boxoffice.documents.drawing import BOLD, MEDIUM, MM, REGULAR, SEMIBOLD, Line, Page, Ring, Stroke
from boxoffice.documents.words import moment_text
from boxoffice.domain.house import House, SeatState
from boxoffice.domain.plan import SEAT_PITCH_CM, Point, SeatingPlan

_SHORT, _LONG = 210 * MM, 297 * MM
_MARGIN, _HEAD, _FOOT = 14 * MM, 24 * MM, 14 * MM
_SEAT_OF_PITCH = 0.41
_LEAST_NUMBERED = 2.4  # points of a seat's radius
_LEAST_LETTERED = 1.3
_LARGEST = 5.5
_PALE, _SECTION, _GREY = Color(0.93, 0.93, 0.93), Color(0.96, 0.96, 0.96), Color(0.45, 0.45, 0.45)
_WORDS = {"free": "free", "sold": "sold", "held": "held or in a basket", "blocked": "blocked"}
_SIGNS = {
    SeatState.FREE: "free",
    SeatState.NOT_OURS: "free",
    SeatState.SOLD: "sold",
    SeatState.BLOCKED: "blocked",
    SeatState.HELD: "held",
    SeatState.MINE: "held",
    SeatState.OTHER_BASKET: "held",
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the plan lies on the page; lengths in points, `scale` in points a centimetre."""

    left: float
    top: float
    scale: float

    def at(self, point: Point) -> Point:
        return self.left + point[0] * self.scale, self.top + point[1] * self.scale

    @property
    def radius(self) -> float:
        return min(SEAT_PITCH_CM * _SEAT_OF_PITCH * self.scale, _LARGEST)


def house_map_pdf(house: House, at: datetime) -> bytes:
    """`at` is when the house was like that."""
    zone = ZoneInfo(house.venue.timezone)
    low, high = _extent(house.plan)
    is_wide = high[0] - low[0] > high[1] - low[1]
    page = Page(*((_LONG, _SHORT) if is_wide else (_SHORT, _LONG)), f"{house.production.title}: house map")
    room_x, room_y = page.width - 2 * _MARGIN, page.height - 2 * _MARGIN - _HEAD - _FOOT
    scale = min(room_x / (high[0] - low[0]), room_y / (high[1] - low[1]), _LARGEST / (SEAT_PITCH_CM * _SEAT_OF_PITCH))
    left = (page.width - (high[0] + low[0]) * scale) / 2
    place = _Place(left, _MARGIN + _HEAD + (room_y - (high[1] - low[1]) * scale) / 2 - low[1] * scale, scale)
    page.heading(_MARGIN, _MARGIN, house.production.title, room_x, 16, 11, 1)
    starts = moment_text(house.performance.starts_at.astimezone(zone))
    where = f"{house.venue.name}, {house.performance.hall} · {starts} · as of {moment_text(at.astimezone(zone))}"
    page.fitted(_MARGIN, _MARGIN + 27, where, room_x, REGULAR, 9.5, 7)
    _draw_ground(page, house, place)
    _draw_seats(page, house, place)
    _draw_legend(page, house)
    return page.finish()


def _extent(plan: SeatingPlan) -> tuple[Point, Point]:
    """Of everything that is drawn, with a pitch around it for letters."""
    shapes = [
        *(s.outline for s in plan.sections),
        *(a.outline for a in plan.areas),
        *(d.outline for d in plan.decorations),
    ]
    outlines = np.array([point for outline in shapes for point in outline], np.float64).reshape(-1, 2)
    points = np.concatenate([outlines, np.column_stack([plan.x, plan.y])])
    low, high = points.min(axis=0) - SEAT_PITCH_CM, points.max(axis=0) + SEAT_PITCH_CM
    return (float(low[0]), float(low[1])), (float(high[0]), float(high[1]))


def _draw_ground(page: Page, house: House, place: _Place) -> None:
    plan, small = house.plan, max(4.0, min(8.0, 30 * place.scale))
    for section in plan.sections:
        page.shape([place.at(point) for point in section.outline], fill=_SECTION)
    for item in plan.decorations:
        points = [place.at(point) for point in item.outline]
        is_line = item.kind == "outline"
        page.shape(points, fill=None if is_line else _PALE, stroke=_GREY if is_line else None, dash=(2, 1.5))
        _write(page, points, [item.label], small)
    for index, area in enumerate(plan.areas):
        points = [place.at(point) for point in area.outline]
        page.shape(points, fill=white, stroke=black)
        state = house.areas.get(index)
        told = f"{state.sold:,} of {area.capacity:,} sold" if state is not None else f"{area.capacity:,} places"
        _write(page, points, [area.name, told], small)


def _write(page: Page, points: Sequence[Point], lines: Sequence[str], size: float) -> None:
    """In the middle of a shape, as far as it has room."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    if not xs or max(ys) - min(ys) < len(lines) * size:
        return
    top = (min(ys) + max(ys)) / 2 - (len(lines) - 1) * size * 0.6 + size * 0.36
    for number, line in enumerate(lines):
        words = page.elided(line, max(xs) - min(xs) - 4, MEDIUM, size)
        page.text((min(xs) + max(xs)) / 2, top + number * size * 1.2, words, MEDIUM, size, align="centre")


def _draw_seats(page: Page, house: House, place: _Place) -> None:
    plan, radius = house.plan, place.radius
    for sign in dict.fromkeys(_SIGNS.values()):
        page.stamp(sign, radius + 1, _sign(sign, radius))
    signs = [_SIGNS[SeatState(state)] for state in house.states.tolist()]
    spots = [place.at(point) for point in zip(plan.x.tolist(), plan.y.tolist(), strict=True)]
    for sign, spot in zip(signs, spots, strict=True):
        page.put(sign, *spot)
    if radius >= _LEAST_NUMBERED:
        for sign, (x, y), label in zip(signs, spots, plan.seat_labels, strict=True):
            size = min(radius * 1.1, 2 * radius / max(1, len(label)))
            if sign != "blocked":
                page.text(
                    x, y + size * 0.36, label, MEDIUM, size, align="centre", ink=white if sign == "sold" else black
                )
    if radius >= _LEAST_LETTERED:
        _draw_letters(page, plan, place)
        _draw_names(page, plan, place)


def _sign(sign: str, radius: float) -> Sequence[Stroke]:
    if sign == "blocked":
        arm = 0.55 * radius
        return Line(-arm, -arm, arm, arm, radius * 0.18), Line(-arm, arm, arm, -arm, radius * 0.18)
    ring = Ring(radius, {"free": white, "sold": black, "held": _PALE}[sign], radius * 0.1)
    reach = radius * math.sqrt(0.5)
    return (ring, Line(-reach, reach, reach, -reach, radius * 0.12)) if sign == "held" else (ring,)


def _draw_letters(page: Page, plan: SeatingPlan, place: _Place) -> None:
    """A pitch beyond both ends of a row."""
    size = max(3.5, min(8.0, place.radius * 1.4))
    for span in plan.rows:
        x, y = plan.x[span.start : span.stop], plan.y[span.start : span.stop]
        walked = float(np.hypot(np.diff(x), np.diff(y)).sum())
        if not span.label or math.hypot(x[-1] - x[0], y[-1] - y[0]) <= 0.5 * walked:  # around a table
            continue
        for end, inner in ((span.start, span.start + 1), (span.stop - 1, span.stop - 2)):
            dx, dy = float(plan.x[end] - plan.x[inner]), float(plan.y[end] - plan.y[inner])
            away = SEAT_PITCH_CM / (math.hypot(dx, dy) or 1.0)
            at_x, at_y = place.at((float(plan.x[end]) + dx * away, float(plan.y[end]) + dy * away))
            page.text(at_x, at_y + size * 0.36, span.label, SEMIBOLD, size, align="centre", ink=_GREY)


def _draw_names(page: Page, plan: SeatingPlan, place: _Place) -> None:
    """In front of a section's first row, where there are seats in the middle."""
    size = max(4.5, min(9.0, place.radius * 1.8))
    for section, seats in zip(plan.sections, plan.section_slices, strict=True):
        x, y = plan.x[seats], plan.y[seats]
        if len(x):
            middle = float(x.min() + x.max()) / 2
            near = y[np.abs(x - middle) < 3 * SEAT_PITCH_CM]
            if len(near):
                at_x, at_y = place.at((middle, float(near.min()) - 0.9 * SEAT_PITCH_CM))
                page.text(at_x, at_y, section.name, SEMIBOLD, size, align="centre")


def _draw_legend(page: Page, house: House) -> None:
    counts = dict.fromkeys(_WORDS, 0)
    for state, count in zip(*np.unique(house.states, return_counts=True), strict=True):
        counts[_SIGNS[SeatState(int(state))]] += int(count)
    x, baseline = _MARGIN, page.height - _MARGIN
    for sign, count in counts.items():
        if sign in ("free", "sold") or count:
            page.stamp(f"{sign} of legend", 5, _sign(sign, 3.6))
            page.put(f"{sign} of legend", x + 4, baseline - 3)
            words = f"{count:,} {_WORDS[sign]}"
            page.text(x + 12, baseline, words, BOLD if sign == "sold" else REGULAR, 9)
            x += 12 + page.text_width(words, BOLD, 9) + 16
    page.text(page.width - _MARGIN, baseline, f"{house.plan.seat_count:,} seats", REGULAR, 9, align="right")
