"""docs/rules/waiting-list.md"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from central.bookings.rules import BookingRules
from tests.house.rules.tables import Row

STARTS = datetime(2026, 11, 14, 19, 0, tzinfo=UTC)
UNITS = {"days": timedelta(days=1), "hours": timedelta(hours=1), "minutes": timedelta(minutes=1)}


def offer(row: Row) -> Row:
    count, unit = row["Before the start"].split()
    now, rules = STARTS - int(count) * UNITS[unit], BookingRules()
    if STARTS - rules.list_closes <= now:
        return {**row, "The offer lasts": "closed"}
    minutes = (rules.offer_until(now, STARTS) - now) // timedelta(minutes=1)
    return {**row, "The offer lasts": f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"}


TABLES = {"waiting-offer": offer}
