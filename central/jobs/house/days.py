"""Periods as the house counts its days, seen from when a run was due: a retry looks at the same days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from central.payments.gateways import Period


class Span(StrEnum):
    YESTERDAY = "yesterday"
    LAST_WEEK = "last week"
    LAST_MONTH = "last month"


def days_of(span: Span, today: date) -> tuple[date, date]:
    """The first and the last day. Weeks begin on Monday."""
    if span is Span.YESTERDAY:
        return today - timedelta(days=1), today - timedelta(days=1)
    if span is Span.LAST_WEEK:
        monday = today - timedelta(days=today.weekday() + 7)
        return monday, monday + timedelta(days=6)
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def the_day_before(at: datetime, zone: ZoneInfo) -> Period:
    today = at.astimezone(zone).date()
    return Period(_midnight(today - timedelta(days=1), zone), _midnight(today, zone))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
