"""Where seats stand on the pixels of one scale, counted from the plan's origin and so the same in every window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boxoffice.domain.plan import SeatingPlan


@dataclass(frozen=True, slots=True)
class Lattice:
    """Whole device pixels, and the phase: which of `phases` x `phases` places inside of the pixel."""

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    phase: NDArray[np.int32]
    phases: int

    @classmethod
    def of(cls, plan: SeatingPlan, px_per_cm: float, phases: int) -> Lattice:
        x = np.floor(plan.x.astype(np.float64) * (px_per_cm * phases) + 0.5).astype(np.int32)
        y = np.floor(plan.y.astype(np.float64) * (px_per_cm * phases) + 0.5).astype(np.int32)
        return cls(x // phases, y // phases, y % phases * phases + x % phases, phases)

    @property
    def steps(self) -> int:
        return self.phases * self.phases
