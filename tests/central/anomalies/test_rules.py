"""When a figure is an anomaly and when it is over, as a table; every rule has a line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from central.anomalies import rules
from central.anomalies.figures import Figures

QUIET = Figures(leader_silent_s=1.0, schedulers=1, workers={"healthy": 1}, disk_used=0.5)

# kind, about, figures that are still good, that open it, between the two, and what people read when it opens
TABLE: list[tuple[str, str, dict[str, Any], dict[str, Any], dict[str, Any], str]] = [
    ("jobs_late", "", {"lag_s": 29.0}, {"lag_s": 60.0}, {"lag_s": 59.9}, "60 s"),
    (
        *("jobs_failing", ""),
        {"ended": {"completed": 91, "failed": 5, "lost": 4}},
        {"ended": {"completed": 8, "failed": 1, "lost": 1}},
        {"ended": {"completed": 81, "failed": 19}},
        "20%",
    ),
    ("jobs_stalled", "", {"stalled_s": 29.0}, {"stalled_s": 61.0}, {"stalled_s": 31.0}, "61 s"),
    ("no_leader", "", {"leader_silent_s": 9.0}, {"leader_silent_s": 30.0}, {"leader_silent_s": 29.0}, "30 s"),
    (
        *("no_worker", ""),
        {"workers": {"unhealthy": 2}, "lag_s": 0.5},
        {"workers": {"unhealthy": 2}, "lag_s": 15.0},
        {"workers": {}, "lag_s": 14.0},
        "15 s",
    ),
    ("worker_silent", "host:7", {"silent_workers": ()}, {"silent_workers": ("host:7",)}, {}, "1"),
    ("messages_late", "", {"unsent_s": 299.0}, {"unsent_s": 660.0}, {"unsent_s": 301.0}, "11 min"),
    (
        *("till_silent", "3 Foyer"),
        {"tills": {"3 Foyer": 299.0}},
        {"tills": {"3 Foyer": 900.0}},
        {"tills": {"3 Foyer": 899.0}},
        "15 min",
    ),
    ("payments_differ", "", {"differences": 0}, {"differences": 1}, {}, "1"),
    ("disk_full", "", {"disk_used": 0.849}, {"disk_used": 0.9}, {"disk_used": 0.89}, "90%"),
]


def _of(kind: str, figures: Figures, *still_open: tuple[str, str]) -> list[rules.Found]:
    return [found for found in rules.found(figures, still_open) if found.kind == kind]


def test_every_rule_has_a_line() -> None:
    assert [line[0] for line in TABLE] == list(rules.KINDS)


@pytest.mark.parametrize(("kind", "about", "good", "bad", "between", "said"), TABLE, ids=rules.KINDS)
def test_it_opens_at_one_level_and_is_over_below_another(
    kind: str, about: str, good: dict[str, Any], bad: dict[str, Any], between: dict[str, Any], said: str
) -> None:
    assert _of(kind, replace(QUIET, **good)) == []
    assert _of(kind, replace(QUIET, **good), (kind, about)) == []
    [found] = _of(kind, replace(QUIET, **bad))
    assert (found.about, found.said) == (about, said)
    if between:
        assert _of(kind, replace(QUIET, **between)) == []
        assert len(_of(kind, replace(QUIET, **between), (kind, about))) == 1
        assert _of(kind, replace(QUIET, **between), (kind, "another")) == []


def test_a_quiet_house_has_none() -> None:
    assert rules.found(QUIET, ()) == []
    assert rules.found(Figures(), ()) == []  # one that has never had a job


def test_a_few_attempts_say_nothing_about_their_share() -> None:
    assert _of("jobs_failing", replace(QUIET, ended={"failed": 4})) == []
    assert len(_of("jobs_failing", replace(QUIET, ended={"failed": 5}))) == 1


def test_a_worker_that_lives_has_time_to_take_what_is_due() -> None:
    assert _of("no_worker", replace(QUIET, lag_s=50.0)) == []
