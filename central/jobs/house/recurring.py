"""The house's own jobs that come again and again. They are jobs like any other: managers see, edit and pause them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

import asyncpg

from central.jobs import jobs
from central.jobs.jobs import Wish
from central.jobs.kinds import Kinds
from central.jobs.schedules import Cron, Every
from central.statistics.figures import first_zone

_HOUSE = UUID("6b1f3c52-3f0e-5a4b-9d0a-2f6f1c7e8d11")  # never another: by it a job is known again


def job_id(type_: str) -> UUID:
    return uuid5(_HOUSE, type_)


def wishes(zone: str) -> tuple[Wish, ...]:
    def daily(at: str) -> Cron:
        return Cron(expression=at, timezone=zone)

    minute = Every(seconds=60)
    return (
        Wish("holds_expiry", "Holds that are over", {}, minute, priority=5, max_retries=0, time_limit_s=300),
        Wish("waiting_list_offers", "Offers to who waits", {}, minute, priority=5, max_retries=0, time_limit_s=300),
        Wish("anomaly_watch", "What goes wrong", {}, minute, priority=5, max_retries=0, time_limit_s=300),
        Wish("event_reminders", "Reminders of events", {}, Every(seconds=900)),
        Wish("review_invitations", "Invitations to review", {}, daily("0 10 * * *")),
        Wish("reconciliation", "Payments of yesterday", {}, daily("30 5 * * *")),
        Wish("partitions", "Months of large tables", {}, daily("15 3 * * *")),
        Wish("retention", "What is older than it is kept", {}, daily("45 3 * * *"), priority=-5),
        Wish("backup", "Backup", {}, daily("0 4 * * *"), time_limit_s=4 * 3600),
    )


async def put(connection: asyncpg.Connection, kinds: Kinds, now: datetime) -> None:
    """Those of these kinds that are not there yet; what somebody changed stays as it is. In a transaction.

    What has a time of day waits for the first venue, whose time it is.
    """
    zone = await first_zone(connection)
    for wish in wishes(zone.key if zone else "UTC"):
        has_time = not isinstance(wish.schedule, Cron) or zone is not None
        if wish.type in kinds and has_time:
            await jobs.submit(connection, None, wish, now, job=job_id(wish.type))
