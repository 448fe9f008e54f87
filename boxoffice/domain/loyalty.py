"""The loyalty programme: points for coming, tiers for coming often, and what points are worth.

The rule and its worked tables are in docs/rules/loyalty.md.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field, model_validator

from boxoffice.domain.money import Money
from boxoffice.domain.refusals import Refused
from boxoffice.domain.values import Name, Value, Whole

TIER_LOOKS_BACK = timedelta(days=365)


class PointsRefused(Refused):
    code = "points_refused"


class Tier(Value):
    """Reached with `points` earned within a year."""

    name: Name
    points: Annotated[Whole, Field(ge=0, le=10**9)]


class Programme(Value):
    """`points_for_major`: for each whole major unit (euro, dollar) paid for tickets that were admitted.
    `worth_minor`: what one point is worth when it is turned into a promo code; `least_points` at a time."""

    points_for_major: Annotated[Whole, Field(ge=0, le=1000)] = 1
    worth_minor: Annotated[Whole, Field(ge=0, le=10_000)] = 5
    least_points: Annotated[Whole, Field(ge=1, le=10**6)] = 100
    code_days: Annotated[Whole, Field(ge=1, le=3650)] = 365
    tiers: tuple[Tier, ...] = (
        Tier(name="Guest", points=0),
        Tier(name="Regular", points=200),
        Tier(name="Patron", points=1000),
    )

    @model_validator(mode="after")
    def _tiers_rise_from_nothing(self) -> Programme:
        points = [tier.points for tier in self.tiers]
        if not points or points[0] != 0 or points != sorted(set(points)):
            raise ValueError("tiers: the first begins at 0 points, and each later one at more than the one before")
        return self

    def points_for(self, paid: Money) -> int:
        """For one visit; what is below a whole major unit earns nothing."""
        unit: int = 10**paid.digits
        return max(0, paid.minor // unit) * self.points_for_major

    def tier_of(self, points_in_a_year: int) -> int:
        """The index of the highest tier reached."""
        return max(i for i, tier in enumerate(self.tiers) if tier.points <= max(0, points_in_a_year))

    def worth_of(self, points: int, balance: int, currency: str) -> Money:
        """What a promo code for these points takes off. Raises PointsRefused."""
        if not self.worth_minor:
            raise PointsRefused("Points cannot be turned into a promo code here.")
        if points < self.least_points:
            raise PointsRefused(
                f"{points} points are too few at once.", f"Turn at least {self.least_points} points into a promo code."
            )
        if points > balance:
            raise PointsRefused(f"You have {balance} points.", "Turn fewer into a promo code.")
        return Money(points * self.worth_minor, currency)
