"""docs/rules/loyalty.md"""

from __future__ import annotations

from boxoffice.domain.loyalty import PointsRefused, Programme
from boxoffice.domain.money import parse_amount
from tests.house.rules.tables import Row, amount

PROGRAMME = Programme()


def earned(row: Row) -> Row:
    currency, _, figure = row["Paid for the visit"].partition(" ")
    programme = Programme(points_for_major=int(row["Points for each unit"]))
    return {**row, "Points": str(programme.points_for(parse_amount(figure, currency)))}


def tier(row: Row) -> Row:
    return {**row, "Tier": PROGRAMME.tiers[PROGRAMME.tier_of(int(row["Earned in a year"]))].name}


def spent(row: Row) -> Row:
    try:
        worth = amount(PROGRAMME.worth_of(int(row["Points"]), int(row["Balance"]), "EUR").minor)
    except PointsRefused as refused:
        worth = refused.code
    return {**row, "Worth": worth}


TABLES = {"points-earned": earned, "tier-reached": tier, "points-spent": spent}
