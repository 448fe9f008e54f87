"""Where a chart looks, and every way to look elsewhere."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
from PySide6.QtCore import QPointF

from boxoffice.domain.plan import Point
from ui.seatchart.scene import Layout
from ui.seatchart.viewport import PITCH_UNITS, Box, Insets, Viewport

ZOOM_STEP = 2**0.5
_SECTION_INSETS = Insets(left=28, top=44, right=28, bottom=58)
_PAN_INSETS = Insets(left=40, top=24, right=76, bottom=64)
_ENSURE_INSETS = Insets(left=56, top=32, right=84, bottom=124)  # clear of everything that floats
_LARGEST_SCALE = 4.0
_SCALES_PER_OCTAVE = 12  # wheel and buttons come back to the same scales, where sprites and ground are found again


class Camera:
    """Points are logical pixels of the widget, unless they are the plan's; `moved` is called after every move.

    Fitted, it shows the whole plan whatever the window's size; a section that was asked for stays as large as fits
    until somebody moves.
    """

    def __init__(self, fit_insets: Insets, moved: Callable[[], None]) -> None:
        self.view = Viewport(1, 1)
        self.dpr = 1.0
        self.is_fitted = True
        self._fit_insets, self._moved = fit_insets, moved
        self._layout: Layout | None = None
        self._section_kept: int | None = None
        self._owed = QPointF()  # of a pan, less than a device pixel
        self._owed_steps = 0.0  # of a slow pinch, less than a scale

    def show(self, layout: Layout) -> None:
        """All of another plan."""
        self._layout = layout
        self.fit()

    def resize(self, width: int, height: int, dpr: float) -> None:
        """Logical pixels."""
        is_same_screen, self.dpr = dpr == self.dpr, dpr
        size = Viewport(max(1, round(width * dpr)), max(1, round(height * dpr)))
        if self._layout is None:
            self.view = size
        elif self._section_kept is not None:
            self.view = size
            self.zoom_to_section(self._section_kept)
        elif self.is_fitted or not is_same_screen:
            self.view = size
            self.fit()
        else:
            self._move(self.view.resized(size.width, size.height))

    @property
    def pitch_px(self) -> float:
        """Logical pixels from seat to seat."""
        return self._layout.pitch * self.view.px_per_cm / self.dpr if self._layout is not None else PITCH_UNITS

    @property
    def scale(self) -> float:
        """Logical pixels per unit of the design."""
        return self.pitch_px / PITCH_UNITS

    @property
    def can_come_closer(self) -> bool:
        return self._layout is not None and self.view.px_per_cm < self._largest(self._layout) * 0.999

    def on_screen(self, at: Point) -> QPointF:
        return QPointF(*self.view.to_screen(*at)) / self.dpr

    def in_plan(self, at: QPointF) -> Point:
        return self.view.to_plan(at.x() * self.dpr, at.y() * self.dpr)

    # Moves

    def fit(self) -> None:
        """Shows the whole plan."""
        if self._layout is not None:
            self._move(self._fit_view(self._layout), fitted=True)

    def zoom_to_section(self, section: int | None) -> None:
        """None, or a section without seats, shows all."""
        layout = self._layout
        box = layout.section_boxes[section] if layout is not None and section is not None else None
        if box is None or layout is None:
            self.fit()
            return
        view = self._empty_view().showing(box, self._scaled(_SECTION_INSETS), self._largest(layout))
        if view.px_per_cm > self._fit_view(layout).px_per_cm:
            self._move(view)
        else:
            self.fit()
        self._section_kept = section

    def ensure_visible(self, seats: Iterable[int]) -> None:
        """Moves as little as possible; zooms out only when the seats do not fit."""
        layout, indices = self._layout, np.fromiter(seats, np.intp)
        if layout is not None and len(indices) and not self.is_fitted:
            box = Box.around(layout.plan.x[indices], layout.plan.y[indices]).grown(1.5 * layout.pitch)
            self._move(self.view.brought_to(box, self._scaled(_ENSURE_INSETS), self._largest(layout)))

    def zoom_by(self, factor: float, at: QPointF) -> None:
        if self._layout is None:
            return
        least, most = self._fit_view(self._layout).px_per_cm, self._largest(self._layout)
        wanted = math.log2(self.view.px_per_cm * factor / least) * _SCALES_PER_OCTAVE + self._owed_steps
        steps = round(wanted)
        scale = min(least * 2 ** (steps / _SCALES_PER_OCTAVE), max(most, least))
        self._owed_steps = 0.0 if wanted < 0 or scale >= most else wanted - steps
        if steps <= 0:
            self.fit()
        elif scale != self.view.px_per_cm:
            self._move(self.view.zoomed(scale, at.x() * self.dpr, at.y() * self.dpr))

    def pan(self, by: QPointF) -> None:
        self._owed += by * self.dpr
        dx, dy = round(self._owed.x()), round(self._owed.y())
        if dx or dy:
            self._owed -= QPointF(dx, dy)
            self._move(self.view.panned(dx, dy))

    def centre_on(self, x_cm: float, y_cm: float) -> None:
        if not self.is_fitted:
            self._move(self.view.centred_on(x_cm, y_cm))

    def _move(self, view: Viewport, *, fitted: bool = False) -> None:
        if self._layout is not None:
            clamped = view if fitted else view.clamped(self._layout.content, self._scaled(_PAN_INSETS))
            self.view, self.is_fitted, self._section_kept = clamped, fitted, None
            self._moved()

    def _empty_view(self) -> Viewport:
        return Viewport(self.view.width, self.view.height)

    def _fit_view(self, layout: Layout) -> Viewport:
        return self._empty_view().showing(layout.content, self._scaled(self._fit_insets), self._largest(layout))

    def _largest(self, layout: Layout) -> float:
        return _LARGEST_SCALE * PITCH_UNITS / layout.pitch * self.dpr

    def _scaled(self, insets: Insets) -> Insets:
        return insets.times(self.dpr)
