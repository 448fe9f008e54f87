"""What there is to draw: a plan with everything derived from it once, and what changes while people buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from boxoffice.domain.plan import SEAT_PITCH_CM, Point, SeatingPlan, SeatKind
from ui.seatchart.glyphs import RADIUS_OF_PITCH
from ui.seatchart.grid import Grid
from ui.seatchart.palette import ChartPalette
from ui.seatchart.states import SeatState
from ui.seatchart.viewport import Box

_FEW_SEATS = 3
_TURNS_BACK = 0.7  # of the length a straight row would have


@dataclass(frozen=True, slots=True)
class RowLetters:
    """They stand one pitch outside of a row's end; one entry per letter."""

    texts: tuple[str, ...]
    rows: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SectionLabel:
    """`above` is free room in front of the first row; None where there is none."""

    section: int
    above: Point | None


class Layout:
    """Of one plan, computed once: pitch, grid, extents, where letters and labels stand. Centimetres."""

    def __init__(self, plan: SeatingPlan) -> None:
        self.plan = plan
        self.pitch = _pitch(plan)
        self.radius = self.pitch * RADIUS_OF_PITCH
        self.grid = Grid(plan.x, plan.y, 4 * self.pitch)
        texts = sorted(set(plan.seat_labels))
        number_of = {text: i for i, text in enumerate(texts)}
        self.label_texts = tuple(texts)
        self.label: NDArray[np.int32] = np.fromiter(
            (number_of[text] for text in plan.seat_labels), np.int32, plan.seat_count
        )
        self.numbered: NDArray[np.bool_] = plan.kind == SeatKind.STANDARD

    @cached_property
    def content(self) -> Box:
        """Everything that is drawn."""
        xs, ys = [self.plan.x], [self.plan.y]
        shapes = [s.outline for s in self.plan.sections] + [a.outline for a in self.plan.areas]
        shapes += [d.outline for d in self.plan.decorations]
        for outline in shapes:
            if outline:
                points = np.array(outline, np.float32)
                xs.append(points[:, 0])
                ys.append(points[:, 1])
        x, y = np.concatenate(xs), np.concatenate(ys)
        return Box.around(x, y).grown(self.radius)

    @cached_property
    def section_boxes(self) -> tuple[Box | None, ...]:
        boxes: list[Box | None] = []
        for seats in self.plan.section_slices:
            x, y = self.plan.x[seats], self.plan.y[seats]
            filled = len(x) > 0
            boxes.append(Box.around(x, y).grown(self.pitch) if filled else None)
        return tuple(boxes)

    @cached_property
    def area_centres(self) -> tuple[Point, ...]:
        return tuple(_middle(area.outline) for area in self.plan.areas)

    @cached_property
    def row_letters(self) -> RowLetters:
        """At both ends of a row where there is room; at the first end only of a very short one, or of one that turns
        back on itself, as around a table."""
        plan = self.plan
        row = np.flatnonzero(self._lines()) if plan.seat_count else np.empty(0, np.int64)
        first = np.array([plan.rows[i].start for i in row.tolist()], np.int64)
        last = np.array([plan.rows[i].stop - 1 for i in row.tolist()], np.int64)
        apart = np.hypot(plan.x[last] - plan.x[first], plan.y[last] - plan.y[first])
        long = (last - first >= _FEW_SEATS - 1) & (apart > _TURNS_BACK * self.pitch * (last - first))
        row = np.concatenate([row, row[long]])
        end = np.concatenate([first, last[long]])
        inner = np.concatenate([np.minimum(first + 1, last), last[long] - 1])
        x, y = plan.x.astype(np.float64), plan.y.astype(np.float64)
        dx, dy = x[end] - x[inner], y[end] - y[inner]
        length = np.hypot(dx, dy)
        alone = length < 1e-6
        dx[alone], length[alone] = -1.0, 1.0
        letter_x, letter_y = x[end] + dx / length * self.pitch, y[end] + dy / length * self.pitch
        free = ~self._occupied(letter_x, letter_y) & _first_of_spot(letter_x, letter_y, 0.7 * self.pitch)
        texts = tuple(plan.rows[index].label for index in row[free].tolist())
        return RowLetters(texts, row[free], letter_x[free], letter_y[free])

    def _lines(self) -> NDArray[np.bool_]:
        """One flag per row, true of lettered ones that have ends: chairs around a table are a row without."""
        plan, spans = self.plan, self.plan.rows
        start = np.array([span.start for span in spans], np.int64)
        seats = np.array([span.stop for span in spans], np.int64) - start
        lettered = np.array([bool(span.label) for span in spans], np.bool_) & (seats > 0)
        first, last = (np.where(lettered, end, 0) for end in (start, start + seats - 1))
        x, y = plan.x.astype(np.float64), plan.y.astype(np.float64)
        walked = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
        apart = np.hypot(x[last] - x[first], y[last] - y[first])
        lines: NDArray[np.bool_] = lettered & (
            (seats < 2 * _FEW_SEATS - 1) | (apart > 0.5 * (walked[last] - walked[first]))
        )
        return lines

    @cached_property
    def _across(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Keys that put seats in the order of rows and from left to right, and their places in that order."""
        x, y = self.plan.x.astype(np.float64), self.plan.y.astype(np.float64)
        keys = self.plan.row * self._row_step + x
        order = np.argsort(keys, kind="stable")
        return keys[order], x[order], y[order]

    @property
    def _row_step(self) -> float:
        """Of the keys: more than any row and a pitch to each side."""
        return 2 * self.content.right + 4 * self.pitch

    def heights_at(self, rows: NDArray[np.integer], x: float) -> NDArray[np.float64]:
        """Where these rows, up to a pitch beyond their left end, cross an upright line; nan for those that do not."""
        keys, xs, ys = self._across
        begin = np.searchsorted(keys, rows * self._row_step - self._row_step / 4)
        end = np.searchsorted(keys, rows * self._row_step + self._row_step * 3 / 4) - 1
        spot = np.searchsorted(keys, rows * self._row_step + x)
        after, before = np.clip(spot, begin, end), np.clip(spot - 1, begin, end)
        step = xs[after] - xs[before]
        share = np.divide(x - xs[before], step, out=np.zeros(len(rows)), where=step > 0)
        heights: NDArray[np.float64] = ys[before] + np.clip(share, 0, 1) * (ys[after] - ys[before])
        heights[(x <= xs[begin] - self.pitch) | (x >= xs[end])] = np.nan
        return heights

    def _occupied(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether a seat is within about three quarters of a pitch."""
        cell = self.pitch / 4
        columns = int(self.content.right / cell) + 8
        taken = np.zeros((int(self.content.bottom / cell) + 8, columns), np.bool_)
        column = (self.plan.x / cell).astype(np.int64) + 3
        line = (self.plan.y / cell).astype(np.int64) + 3
        for down in range(-3, 4):
            for across in range(-3, 4):
                if down * down + across * across <= 9:
                    taken[line + down, column + across] = True
        at_column = np.clip(np.floor(x / cell).astype(np.int64) + 3, 0, columns - 1)
        at_line = np.clip(np.floor(y / cell).astype(np.int64) + 3, 0, len(taken) - 1)
        occupied: NDArray[np.bool_] = taken[at_line, at_column]
        return occupied

    @cached_property
    def named_sections(self) -> tuple[int, ...]:
        """Of those with seats on two sides and nothing between, no place is right for a name."""
        return tuple(index for index in range(len(self.plan.sections)) if len(self._middle_heights(index)))

    @cached_property
    def section_labels(self) -> tuple[SectionLabel, ...]:
        labels = []
        for index in self.named_sections:
            box, heights = self.section_boxes[index], self._middle_heights(index)
            assert box is not None
            labels.append(SectionLabel(index, self._lane_above(box.centre[0], float(heights.min()))))
        return tuple(labels)

    def _middle_heights(self, section: int) -> NDArray[np.float32]:
        """Of seats about halfway between the section's sides."""
        seats, box = self.plan.section_slices[section], self.section_boxes[section]
        if box is None:
            return np.empty(0, np.float32)
        heights: NDArray[np.float32] = self.plan.y[seats][np.abs(self.plan.x[seats] - box.centre[0]) < 3 * self.pitch]
        return heights

    def _lane_above(self, x: float, front_y: float) -> Point | None:
        """Room for a name in front of the first row, or beyond the letters of rows that end there."""
        half, letters = 2.5 * self.pitch, self.row_letters
        for away in (1.25, 2.3):
            y = front_y - away * self.pitch
            lane = Box(x - half, y - 0.65 * self.pitch, x + half, y + 0.65 * self.pitch)
            in_lane = (abs(letters.x - x) < half) & (abs(letters.y - y) < 0.8 * self.pitch)
            if not in_lane.any() and not len(self.grid.within(lane)) and not self._in_area((x, y)):
                return x, y
        return None

    def main_section(self, seen: Box) -> int:
        """The one with most seats about there; -1 for none."""
        seats = self.grid.about(seen)
        return int(np.bincount(self.plan.section[seats]).argmax()) if len(seats) else -1

    def _in_area(self, point: Point) -> bool:
        for area in self.plan.areas:
            xs, ys = [x for x, _ in area.outline], [y for _, y in area.outline]
            box = Box(min(xs), min(ys), max(xs), max(ys)).grown(self.pitch / 2)
            if box.left < point[0] < box.right and box.top < point[1] < box.bottom:
                return True
        return False


class Scene:
    """Read by surfaces when they paint. `states` and `dimmed` are one entry per seat."""

    def __init__(self, layout: Layout, palette: ChartPalette) -> None:
        self.layout = layout
        self.palette = palette
        count = layout.plan.seat_count
        self.states: NDArray[np.uint8] = np.empty(count, np.uint8)
        self.dimmed: NDArray[np.bool_] = np.empty(count, np.bool_)
        self.clear()

    def clear(self) -> None:
        """Every seat free, nothing filtered, nothing counted, in the colours of its category."""
        self.states[:] = SeatState.FREE
        self.colour_by(self.layout.plan.category, [area.category for area in self.layout.plan.areas])
        self.dimmed[:] = False
        self.shown_categories: frozenset[int] | None = None
        self.section_counts: Mapping[int, int] = {}
        self.area_counts: Mapping[int, int] = {}

    def colour_by(self, seats: NDArray[np.uint8], areas: Sequence[int], shares: Sequence[float] = ()) -> None:
        """Indices into the palette's categories, one a seat and one an area; and what an area says then."""
        self.colours, self.area_colours, self.area_shares = seats, tuple(areas), tuple(shares)

    def filter(self, categories: frozenset[int] | None) -> None:
        self.shown_categories = categories
        if categories is None:
            self.dimmed[:] = False
        else:
            self.dimmed[:] = ~np.isin(self.layout.plan.category, list(categories))

    def faded(self, seats: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Filtered out; what is mine stays in sight."""
        faded: NDArray[np.bool_] = self.dimmed[seats] & (self.states[seats] != SeatState.MINE)
        return faded

    def area_word(self, area: int) -> str:
        """`3,210 free`, `sold out`; in a heat map its share."""
        if self.area_shares:
            return f"{self.area_shares[area]:.0%}"
        free = self.free_in(area)
        return f"{free:,} free" if free else "sold out"

    def free_in(self, area: int) -> int:
        return self.area_counts.get(area, self.layout.plan.areas[area].capacity)

    def is_area_dimmed(self, area: int) -> bool:
        return self.shown_categories is not None and self.layout.plan.areas[area].category not in self.shown_categories


def _pitch(plan: SeatingPlan) -> float:
    """The median distance of neighbours."""
    paired = np.flatnonzero(plan.right >= 0)
    if not len(paired):
        return SEAT_PITCH_CM
    other = plan.right[paired]
    distance = float(np.median(np.hypot(plan.x[other] - plan.x[paired], plan.y[other] - plan.y[paired])))
    return distance if distance > 0 else SEAT_PITCH_CM


def _first_of_spot(x: NDArray[np.float64], y: NDArray[np.float64], cell: float) -> NDArray[np.bool_]:
    """Of points in the same square only the first."""
    spots = np.round(x / cell).astype(np.int64) * 1_000_003 + np.round(y / cell).astype(np.int64)
    first = np.zeros(len(x), np.bool_)
    first[np.unique(spots, return_index=True)[1]] = True
    return first


def _middle(outline: tuple[Point, ...]) -> Point:
    points = np.array(outline, np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    return float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2
