"""What goes back when a customer cancels: so much until so long before the start, less a fee.

The rule and its worked tables are in docs/rules/refund-policy.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from boxoffice.domain.money import BASIS_POINTS, percentage
from boxoffice.domain.pricing import Charge
from boxoffice.domain.refusals import Refused
from boxoffice.domain.values import Flag, Value, Whole


class TooLateToCancel(Refused):
    code = "too_late_to_cancel"


class Window(Value):
    """Until `hours_before` the start, `share_bp` of the ticket's price goes back."""

    hours_before: Annotated[Whole, Field(ge=0, le=24 * 365)]
    share_bp: Annotated[Whole, Field(ge=0, le=BASIS_POINTS)]


class RefundPolicy(Value):
    """`windows` from the earliest on. `keeps_fees`: booking fees stay. `fee_minor` is kept of each ticket besides."""

    windows: Annotated[tuple[Window, ...], Field(max_length=10)] = (
        Window(hours_before=7 * 24, share_bp=BASIS_POINTS),
        Window(hours_before=24, share_bp=5000),
    )
    keeps_fees: Flag = True
    fee_minor: Annotated[Whole, Field(ge=0, le=10**6)] = 0

    @model_validator(mode="after")
    def _less_and_less_goes_back(self) -> Self:
        hours = [window.hours_before for window in self.windows]
        shares = [window.share_bp for window in self.windows]
        if hours != sorted(set(hours), reverse=True):
            raise ValueError("windows: each one ends nearer to the start than the one before")
        if shares != sorted(shares, reverse=True):
            raise ValueError("windows: a later one does not give back more than an earlier one")
        return self

    def share_bp(self, starts_at: datetime, at: datetime) -> int:
        """Raises TooLateToCancel."""
        for window in self.windows:
            if at <= starts_at - timedelta(hours=window.hours_before):
                return window.share_bp
        raise TooLateToCancel(
            "Tickets for this event can no longer be given back.", "Pass them on to somebody, or ask the box office."
        )

    def words(self) -> str:
        """For customers, in English."""
        if not self.windows:
            return "Tickets cannot be given back."
        parts = [f"{window.share_bp / 100:g} % until {_span(window.hours_before)}" for window in self.windows]
        kept = " Booking fees are kept." if self.keeps_fees else ""
        return f"Given back: {', '.join(parts)} before the start.{kept}"


@dataclass(frozen=True, slots=True)
class GivenBack:
    """Of one ticket, part by part: `charges` are what the books take back, in minor units, not negative."""

    charges: tuple[Charge, ...]

    @property
    def total_minor(self) -> int:
        return sum(charge.gross_minor for charge in self.charges)


NOTHING_KEPT = RefundPolicy(windows=(Window(hours_before=0, share_bp=BASIS_POINTS),), keeps_fees=False)
"""For an event that the house called off: everything that was paid for a ticket."""


def given_back(charges: Sequence[Charge], policy: RefundPolicy, share_bp: int) -> GivenBack:
    """Each ticket by itself, so that tickets cancelled one by one give back what they would together.

    Tax goes back in proportion to what goes back of the charge it was paid on.
    """
    fee_left = policy.fee_minor
    back = []
    for charge in charges:
        if charge.is_fee:
            gross = 0 if policy.keeps_fees else percentage(charge.gross_minor, share_bp)
        else:
            share = percentage(charge.gross_minor, share_bp)
            gross = max(0, share - fee_left)
            fee_left -= share - gross
        tax = charge.tax_minor * gross // charge.gross_minor if charge.gross_minor else 0
        if gross:
            back.append(charge.model_copy(update={"gross_minor": gross, "tax_minor": tax}))
    return GivenBack(tuple(back))


def _span(hours: int) -> str:
    if not hours:
        return "0 hours"
    if hours % 24:
        return f"{hours} hours"
    return "1 day" if hours == 24 else f"{hours // 24} days"
