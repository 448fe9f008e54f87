"""A shift belongs to a person and a drawer: float, movements, blind count, over or short."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from boxoffice.domain.refusals import Malformed, Refused
from boxoffice.domain.values import Minor, Value

DENOMINATIONS: Mapping[str, tuple[int, ...]] = {  # minor units, largest first; notes before coins
    "EUR": (20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
    "GBP": (5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
    "USD": (10000, 5000, 2000, 1000, 500, 100, 50, 25, 10, 5, 1),
    "CHF": (20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5),
}
SMALLEST_NOTE = {"EUR": 500, "GBP": 500, "USD": 100, "CHF": 1000}


class ShiftClosed(Refused):
    code = "shift_closed"

    def __init__(self) -> None:
        super().__init__("No shift is open at this till.", "Open a shift first (Ctrl+4).")


class ShiftOpen(Refused):
    code = "shift_open"


class RemarkNeeded(Refused):
    code = "remark_needed"

    def __init__(self) -> None:
        super().__init__("The count differs from what is expected.", "Recount, or say in a few words what happened.")


class MovementKind(StrEnum):
    PAID_IN = "paid_in"
    PAID_OUT = "paid_out"
    NO_SALE = "no_sale"


class TenderSum(Value):
    kind: str
    count: int
    minor: Minor


class CashExpected(Value):
    """How the expected cash is made up; refunds and payouts are negative."""

    float_minor: Minor
    sales_minor: Minor
    sales_count: int
    refunds_minor: Minor
    refunds_count: int
    paid_in_minor: Minor
    paid_out_minor: Minor

    @property
    def total_minor(self) -> int:
        return self.float_minor + self.sales_minor + self.refunds_minor + self.paid_in_minor + self.paid_out_minor


def counted_minor(counts: Mapping[int, int], currency: str) -> int:
    """The sum of a count by denomination (minor units -> pieces). Raises Malformed."""
    known = DENOMINATIONS.get(currency, ())
    for denomination, pieces in counts.items():
        if denomination not in known:
            raise Malformed("count", f"{denomination} is no {currency} note or coin.", "Count by note and coin.")
        if not 0 <= pieces <= 100_000:
            raise Malformed("count", f"{pieces} pieces cannot be.", "Type how many pieces there are.")
    return sum(denomination * pieces for denomination, pieces in counts.items())


def propose_float(counts: Mapping[int, int], wanted_minor: int) -> dict[int, int]:
    """Which counted pieces to leave in the drawer: small ones first, never above `wanted_minor`."""
    left: dict[int, int] = {}
    rest = wanted_minor
    for denomination in sorted(counts):
        pieces = min(counts[denomination], rest // denomination)
        if pieces:
            left[denomination] = pieces
            rest -= pieces * denomination
    return left
