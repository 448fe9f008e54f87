"""Where the plan stands on the screen. Pure: a view is a value, and every move makes another.

Lengths are device pixels unless a name says `_cm`. The origin is whole pixels, so that a pan can move the
picture as it is, pixel by pixel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PITCH_UNITS = 22.0
"""The design draws seats of radius 9 at a pitch of 22 units; a scale is logical pixels per unit."""


class Box(NamedTuple):
    """A rectangle in plan centimetres."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, x: NDArray[np.floating], y: NDArray[np.floating]) -> Box:
        """Of at least one point."""
        return cls(float(x.min()), float(y.min()), float(x.max()), float(y.max()))

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def grown(self, by_cm: float) -> Box:
        return Box(self.left - by_cm, self.top - by_cm, self.right + by_cm, self.bottom + by_cm)


class Insets(NamedTuple):
    """Room that a fitted picture leaves free, for what floats over the chart."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    def times(self, factor: float) -> Insets:
        return Insets(*(round(side * factor) for side in self))


NO_INSETS = Insets()


@dataclass(frozen=True, slots=True)
class Viewport:
    """`px_per_cm` in device pixels; (`left`, `top`) is where the plan's origin lies in the window."""

    width: int
    height: int
    px_per_cm: float = 1.0
    left: int = 0
    top: int = 0

    def to_screen(self, x_cm: float, y_cm: float) -> tuple[float, float]:
        return x_cm * self.px_per_cm + self.left, y_cm * self.px_per_cm + self.top

    def to_plan(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.left) / self.px_per_cm, (y - self.top) / self.px_per_cm

    @property
    def visible(self) -> Box:
        return Box(*self.to_plan(0, 0), *self.to_plan(self.width, self.height))

    def box_of(self, left: int, top: int, right: int, bottom: int) -> Box:
        """A rectangle of the window in the plan."""
        return Box(*self.to_plan(left, top), *self.to_plan(right, bottom))

    @property
    def heart(self) -> Box:
        """The middle quarter of what is visible."""
        seen = self.visible
        return Box(
            seen.left + seen.width / 4,
            seen.top + seen.height / 4,
            seen.right - seen.width / 4,
            seen.bottom - seen.height / 4,
        )

    def resized(self, width: int, height: int) -> Viewport:
        """The plan's point in the middle of the window stays in the middle."""
        return replace(
            self,
            width=width,
            height=height,
            left=self.left + (width - self.width) // 2,
            top=self.top + (height - self.height) // 2,
        )

    def panned(self, dx: int, dy: int) -> Viewport:
        return replace(self, left=self.left + dx, top=self.top + dy)

    def zoomed(self, px_per_cm: float, x: float, y: float) -> Viewport:
        """The plan's point under (x, y) stays there, to the pixel."""
        x_cm, y_cm = self.to_plan(x, y)
        return replace(self, px_per_cm=px_per_cm, left=round(x - x_cm * px_per_cm), top=round(y - y_cm * px_per_cm))

    def centred_on(self, x_cm: float, y_cm: float) -> Viewport:
        return replace(
            self,
            left=round(self.width / 2 - x_cm * self.px_per_cm),
            top=round(self.height / 2 - y_cm * self.px_per_cm),
        )

    def showing(self, box: Box, insets: Insets = NO_INSETS, most: float = float("inf")) -> Viewport:
        """As large as the whole box allows, centred in what the insets leave; never above `most` px_per_cm."""
        room_x = max(1, self.width - insets.left - insets.right)
        room_y = max(1, self.height - insets.top - insets.bottom)
        scale = min(room_x / max(box.width, 1.0), room_y / max(box.height, 1.0), most)
        x_cm, y_cm = box.centre
        return replace(
            self,
            px_per_cm=scale,
            left=round(insets.left + room_x / 2 - x_cm * scale),
            top=round(insets.top + room_y / 2 - y_cm * scale),
        )

    def brought_to(self, box: Box, insets: Insets = NO_INSETS, most: float = float("inf")) -> Viewport:
        """Moved as little as brings the box into what the insets leave; zoomed only when it does not fit."""
        room_x, room_y = self.width - insets.left - insets.right, self.height - insets.top - insets.bottom
        if box.width * self.px_per_cm > room_x or box.height * self.px_per_cm > room_y:
            return self.showing(box, insets, min(most, self.px_per_cm))
        left, top = self.to_screen(box.left, box.top)
        right, bottom = self.to_screen(box.right, box.bottom)
        dx = max(0.0, insets.left - left) + min(0.0, self.width - insets.right - right)
        dy = max(0.0, insets.top - top) + min(0.0, self.height - insets.bottom - bottom)
        return self.panned(round(dx), round(dy))

    def clamped(self, content: Box, insets: Insets = NO_INSETS) -> Viewport:
        """The content cannot be lost: smaller than the room it is centred there, larger it fills the room."""
        left = _clamp_axis(
            self.left, self.width, content.left, content.right, self.px_per_cm, insets.left, insets.right
        )
        top = _clamp_axis(self.top, self.height, content.top, content.bottom, self.px_per_cm, insets.top, insets.bottom)
        return replace(self, left=left, top=top)

    def shows(self, x_cm: float, y_cm: float, margin: float = 0.0) -> bool:
        x, y = self.to_screen(x_cm, y_cm)
        return margin <= x <= self.width - margin and margin <= y <= self.height - margin


def _clamp_axis(origin: int, length: int, start: float, end: float, scale: float, before: int, after: int) -> int:
    low, high = length - after - end * scale, before - start * scale
    if low > high:  # content smaller than the room
        return round((low + high) / 2)
    return round(min(max(origin, low), high))
