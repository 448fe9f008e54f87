"""When a job runs: once, every so many seconds, or as a crontab says in a time zone of its own.

A cron runs as Debian's cron does when the clocks change: what falls into the hour that is left out runs right after
it, what falls into the hour that comes twice runs once, and what runs every hour or more often just goes on.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, Field, TypeAdapter
from pydantic_core import PydanticCustomError

from boxoffice.domain.values import Instant, Value, Whole
from central.text import TimeZone

_LEAST_S = 10
_A_YEAR_S = 366 * 24 * 3600


def _cron(expression: str) -> str:
    try:
        next(CronSim(expression, datetime(2026, 1, 1)))  # noqa: DTZ001
    except CronSimError as error:
        raise PydanticCustomError("cron", "{error}", {"error": f"This is no cron expression: {error}"}) from None
    except StopIteration:
        raise PydanticCustomError("cron", "It would never run") from None
    return expression


class Once(Value):
    """`at` None: now."""

    kind: Literal["once"] = "once"
    at: Instant | None = None


class Every(Value):
    """Counted from `since`, so that it does not drift."""

    kind: Literal["interval"] = "interval"
    seconds: Annotated[Whole, Field(ge=_LEAST_S, le=_A_YEAR_S, examples=[3600])]
    since: Instant | None = None


class Cron(Value):
    """Five fields, names of days and months, `MON#1`, `LW` and the like; read in `timezone`."""

    kind: Literal["cron"] = "cron"
    expression: Annotated[str, Field(max_length=200, examples=["0 9 * * MON"]), AfterValidator(_cron)]
    timezone: TimeZone = "UTC"


Schedule = Annotated[Once | Every | Cron, Field(discriminator="kind")]
_SCHEDULE: TypeAdapter[Once | Every | Cron] = TypeAdapter(Schedule)


def schedule_from_json(text: str) -> Once | Every | Cron:
    return _SCHEDULE.validate_json(text)


def first_run(schedule: Once | Every | Cron, now: datetime) -> datetime:
    """Of a job that is submitted or goes on now."""
    if isinstance(schedule, Once):
        return schedule.at or now
    if isinstance(schedule, Every) and schedule.since is not None and schedule.since > now:
        return schedule.since
    if isinstance(schedule, Every) and schedule.since is None:
        return now + timedelta(seconds=schedule.seconds)
    following = next_run(schedule, now)
    assert following is not None
    return following


def next_run(schedule: Once | Every | Cron, after: datetime) -> datetime | None:
    """The first run later than `after`, in UTC. None: there is no other. What was missed meanwhile is not made up."""
    if isinstance(schedule, Once):
        return None
    if isinstance(schedule, Every):
        since = schedule.since or after
        length = timedelta(seconds=schedule.seconds)
        return (since + ((after - since) // length + 1) * length).astimezone(UTC)
    return next(CronSim(schedule.expression, after.astimezone(ZoneInfo(schedule.timezone)))).astimezone(UTC)
