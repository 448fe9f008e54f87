"""Scans are merged as a set; which one counts is worked out from all of them, whatever order they arrived in."""

from __future__ import annotations

from collections.abc import Iterable

import asyncpg

from boxoffice.domain.protocol import ScanRecord

WAS_LET_IN = """
    exists (select from scan s where s.performance = t.performance and s.ticket = t.id
        and s.admitted and s.direction = 'entry'
        and not exists (select from scan undone where undone.performance = s.performance
            and undone.ticket = s.ticket and undone.admitted and undone.direction = 'undo'
            and undone.scanned_at >= s.scanned_at))
"""
"""SQL, of a ticket `t`: it was let in at a door, and that was not taken back."""


def scan_from_row(row: asyncpg.Record) -> ScanRecord:
    return ScanRecord(
        ticket=row["ticket"],
        gate=row["gate"],
        direction=row["direction"],
        admitted=row["admitted"],
        scanned_at=row["scanned_at"],
        staff_name=row["staff_name"],
    )


def counting_scan(scans: Iterable[ScanRecord]) -> ScanRecord | None:
    """Of one ticket's scans in the order of `scanned_at`: the earliest entry of a guest who is in, or how they left.

    Refused scans change nothing.
    """
    counts: ScanRecord | None = None
    for scan in scans:
        if not scan.admitted:
            continue
        inside = counts is not None and counts.direction == "entry"
        if (scan.direction == "entry") != inside:
            counts = scan
    return counts
