"""What a seat is to this till right now."""

from __future__ import annotations

from enum import IntEnum

from boxoffice.domain.plan import SeatKind


class SeatState(IntEnum):
    """The value kept per seat, as uint8."""

    FREE = 0
    MINE = 1  # in this till's basket
    OTHER_BASKET = 2  # in the basket of another till or of a customer online
    HELD = 3
    SOLD = 4
    BLOCKED = 5
    NOT_OURS = 6  # offline: free when last heard of, but outside of this till's allotment


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
