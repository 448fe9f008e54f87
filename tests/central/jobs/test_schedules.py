"""When jobs are due, on ordinary days and on the nights on which the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from central.jobs.schedules import Cron, Every, Once, first_run, next_run, schedule_from_json

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


def runs(expression: str, zone: str, after: str, count: int) -> list[str]:
    cron, at, found = Cron(expression=expression, timezone=zone), datetime.fromisoformat(after), []
    for _ in range(count):
        following = next_run(cron, at)
        assert following is not None
        assert following > at
        at = following
        found.append(f"{at:%m-%d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("expression", "zone", "after", "expected"),
    [
        # Berlin goes from 2:00 to 3:00 on 28 March 2027: 2:30 is not there, so it runs as soon as that is known
        ("30 2 * * *", BERLIN, "2027-03-27T00:00Z", ["03-27 01:30", "03-28 01:00", "03-29 00:30"]),
        ("0 * * * *", BERLIN, "2027-03-27T23:30Z", ["03-28 00:00", "03-28 01:00", "03-28 02:00"]),
        ("*/30 * * * *", BERLIN, "2027-03-28T00:00Z", ["03-28 00:30", "03-28 01:00", "03-28 01:30"]),
        ("0 9 * * *", BERLIN, "2027-03-27T12:00Z", ["03-28 07:00", "03-29 07:00"]),
        # and from 3:00 back to 2:00 on 31 October: 2:30 comes twice, and it runs once
        ("30 2 * * *", BERLIN, "2027-10-30T00:00Z", ["10-30 00:30", "10-31 00:30", "11-01 01:30"]),
        ("0 * * * *", BERLIN, "2027-10-30T22:30Z", ["10-30 23:00", "10-31 00:00", "10-31 01:00", "10-31 02:00"]),
        ("0 9 * * *", BERLIN, "2027-10-30T12:00Z", ["10-31 08:00", "11-01 08:00"]),
        # New York: 14 March and 7 November
        ("30 2 * * *", NEW_YORK, "2027-03-13T12:00Z", ["03-14 07:00", "03-15 06:30"]),
        ("30 1 * * *", NEW_YORK, "2027-11-06T12:00Z", ["11-07 05:30", "11-08 06:30"]),
        ("0 * * * *", NEW_YORK, "2027-11-07T04:30Z", ["11-07 05:00", "11-07 06:00", "11-07 07:00"]),
        ("0 20 * * FRI", NEW_YORK, "2027-11-01T00:00Z", ["11-06 00:00", "11-13 01:00"]),
        # others
        ("0 0 29 2 *", "UTC", "2026-01-01T00:00Z", ["02-29 00:00", "02-29 00:00"]),
        ("0 12 LW * *", "UTC", "2026-05-01T00:00Z", ["05-29 12:00", "06-30 12:00"]),
    ],
)
def test_a_crontab_across_the_year(expression: str, zone: str, after: str, expected: list[str]) -> None:
    assert runs(expression, zone, after, len(expected)) == expected


@given(
    seconds=st.integers(10, 10**6),
    since=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001
    later=st.timedeltas(timedelta(0), timedelta(days=100)),
)
def test_an_interval_does_not_drift_and_makes_nothing_up(seconds: int, since: datetime, later: timedelta) -> None:
    since = since.replace(tzinfo=UTC)
    after = since + later
    following = next_run(Every(seconds=seconds, since=since), after)
    assert following is not None
    assert after < following <= after + timedelta(seconds=seconds)
    assert (following - since) % timedelta(seconds=seconds) == timedelta(0)


def test_once_is_once() -> None:
    now = datetime(2026, 11, 14, 12, tzinfo=UTC)
    assert first_run(Once(), now) == now
    assert first_run(Once(at=now + timedelta(days=1)), now) == now + timedelta(days=1)
    assert next_run(Once(), now) is None
    assert first_run(Every(seconds=60), now) == now + timedelta(minutes=1)
    assert first_run(Every(seconds=60, since=now + timedelta(days=1)), now) == now + timedelta(days=1)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('{"kind":"cron","expression":"61 * * * *"}', "This is no cron expression: Bad minute"),
        ('{"kind":"cron","expression":"* * * *"}', "This is no cron expression"),
        ('{"kind":"cron","expression":"0 0 30 2 *"}', "no cron expression"),
        ('{"kind":"cron","expression":"0 0 * * *","timezone":"Mars/Olympus"}', "This is no IANA time zone"),
        ('{"kind":"interval","seconds":1}', "greater than or equal to 10"),
        ('{"kind":"interval","seconds":true}', "valid integer"),
        ('{"kind":"once","at":7}', "A date is written as"),
        ('{"kind":"sometimes"}', "does not match any of the expected tags"),
    ],
)
def test_what_is_no_schedule_is_refused(said: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        schedule_from_json(said)
