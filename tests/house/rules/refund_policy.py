"""docs/rules/refund-policy.md"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from boxoffice.domain.money import tax_inside
from boxoffice.domain.pricing import Charge
from boxoffice.domain.refund_policy import RefundPolicy, TooLateToCancel, given_back
from tests.house.rules.tables import Row, amount, basis_points, minor

STARTS = datetime(2026, 11, 14, 19, 0, tzinfo=UTC)
BEFORE = {
    "10 days before": timedelta(days=10),
    "7 days before": timedelta(days=7),
    "a minute later": timedelta(days=7, minutes=-1),
    "1 day before": timedelta(days=1),
    "23 hours before": timedelta(hours=23),
    "after the start": timedelta(minutes=-1),
}


def charges(ticket: int, fee: int) -> list[Charge]:
    paid = [Charge(gross_minor=ticket, tax_minor=tax_inside(ticket, 700), rate_bp=700)]
    if fee:
        paid.append(Charge(gross_minor=fee, tax_minor=tax_inside(fee, 1900), rate_bp=1900, is_fee=True))
    return paid


def window(row: Row) -> Row:
    policy = RefundPolicy()
    try:
        share = policy.share_bp(STARTS, STARTS - BEFORE[row["Given back"]])
    except TooLateToCancel as refused:
        back = refused.code
    else:
        back = amount(given_back(charges(5000, 150), policy, share).total_minor)
    return {**row, "Of a ticket of 50.00 with a fee of 1.50": back}


def ticket(row: Row) -> Row:
    policy = RefundPolicy(fee_minor=minor(row["Kept of each"]), keeps_fees=row["Fees"] == "kept")
    back = given_back(charges(minor(row["Ticket"]), minor(row["Fee"])), policy, basis_points(row["Share"]))
    return {
        **row,
        "Goes back": amount(back.total_minor),
        "Of it tax 7 %": amount(sum(charge.tax_minor for charge in back.charges if charge.rate_bp == 700)),
    }


TABLES = {"policy-window": window, "policy-ticket": ticket}
