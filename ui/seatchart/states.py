"""What may be done with a seat, and how its state is said."""

from __future__ import annotations

from boxoffice.domain.house import SeatState
from boxoffice.domain.plan import SeatKind

__all__ = ["KIND_WORDS", "TARGETS", "WORDS", "SeatState"]

TARGETS = frozenset({SeatState.FREE, SeatState.MINE})
"""What a click acts upon in the sell screen: take, or give back."""

WORDS: dict[SeatState, str] = {
    SeatState.FREE: "free",
    SeatState.MINE: "yours",
    SeatState.OTHER_BASKET: "in another basket",
    SeatState.HELD: "held",
    SeatState.SOLD: "sold",
    SeatState.BLOCKED: "blocked",
    SeatState.NOT_OURS: "not ours while offline",
}

KIND_WORDS: dict[SeatKind, str] = {
    SeatKind.WHEELCHAIR: "wheelchair place",
    SeatKind.COMPANION: "companion seat",
    SeatKind.RESTRICTED_VIEW: "restricted view",
}
