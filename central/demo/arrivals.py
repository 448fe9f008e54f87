"""When people came through the doors: most of them in the last half hour, some late, a few never."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from random import Random

from boxoffice.domain.protocol import ScanRecord, TicketRecord
from central.demo.people import STEWARDS
from central.demo.programme import Showing
from central.seeding import SeededTicket

_NEVER = 0.045
_LAST_HALF_HOUR = 0.65
_LATE = 0.03
_ONE_BY_ONE = timedelta(seconds=4)


def arrivals(showing: Showing, tickets: Sequence[SeededTicket], now: datetime, random: Random) -> list[ScanRecord]:
    """The entries up to now of those whose tickets are valid. An order comes together, by its own gates."""
    if now < showing.performance.doors_at:
        return []
    records = (ticket.record for ticket in tickets if ticket.record.valid)
    scans = []
    for _, order in groupby(records, key=lambda record: record.sale):
        if random.random() < _NEVER:
            continue
        at = showing.performance.starts_at + timedelta(minutes=_minutes_from_start(showing, random))
        for record in order:
            if at <= now:
                gate = _gate(showing, record)
                steward = STEWARDS[sum(map(ord, gate)) % len(STEWARDS)]
                scans.append(
                    ScanRecord(
                        ticket=record.ticket,
                        gate=gate,
                        direction="entry",
                        admitted=True,
                        scanned_at=at,
                        staff_name=steward,
                    )
                )
            at += _ONE_BY_ONE + timedelta(seconds=random.uniform(0, 4))
    return sorted(scans, key=lambda scan: scan.scanned_at)


def _minutes_from_start(showing: Showing, random: Random) -> float:
    opened = (showing.performance.doors_at - showing.performance.starts_at).total_seconds() / 60
    if showing.kind == "club":
        return random.triangular(opened, 150, 45)
    rush = -30.0 if opened < -45 else opened * 0.6
    kind = random.random()
    if kind < _LATE:
        return random.uniform(1, 14)
    if kind < _LATE + _LAST_HALF_HOUR:
        return random.triangular(rush, -1, rush * 0.45)
    return random.triangular(opened, rush, rush)


def _gate(showing: Showing, record: TicketRecord) -> str:
    plan = showing.room.plan
    if record.seat is not None:
        return plan.gate(record.seat)
    assert record.area is not None
    return plan.areas[record.area].gate
