"""When a figure is an anomaly, and when it is over: later than it began, so that nothing flickers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from central.anomalies.figures import Figures

_ENOUGH = 5  # attempts, before a share of them says anything


@dataclass(frozen=True, slots=True)
class Rule:
    """`measured`: a level for each thing it is about, '' for the whole house. It opens at `opens_at` and is over below
    `over_below`. `said`: the level for people, the same in every language. `stays`: it happened and does not pass by
    itself, so it is over once somebody has seen to it."""

    kind: str
    measured: Callable[[Figures], Mapping[str, float]]
    opens_at: float
    over_below: float
    said: Callable[[float], str]
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    kind: str
    about: str
    level: float
    said: str

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.about


def _seconds(level: float) -> str:
    return f"{level:.0f} s" if level < 600 else f"{level / 60:.0f} min"


def _share(level: float) -> str:
    return f"{level:.0%}"


def _count(level: float) -> str:
    return f"{level:.0f}"


def _failing(figures: Figures) -> Mapping[str, float]:
    ended = sum(figures.ended.values())
    bad = figures.ended.get("failed", 0) + figures.ended.get("lost", 0)
    return {"": bad / ended if ended >= _ENOUGH else 0.0}


def _no_leader(figures: Figures) -> Mapping[str, float]:
    return {} if figures.leader_silent_s is None else {"": figures.leader_silent_s}


def _no_worker(figures: Figures) -> Mapping[str, float]:
    return {} if figures.workers.get("healthy") else {"": figures.lag_s}


def _disk(figures: Figures) -> Mapping[str, float]:
    return {} if figures.disk_used is None else {"": figures.disk_used}


RULES = (
    Rule("jobs_late", lambda figures: {"": figures.lag_s}, 60, 30, _seconds),
    Rule("jobs_failing", _failing, 0.2, 0.1, _share),
    Rule("jobs_stalled", lambda figures: {"": figures.stalled_s}, 60, 30, _seconds),
    Rule("no_leader", _no_leader, 30, 10, _seconds),
    Rule("no_worker", _no_worker, 15, 1, _seconds),
    Rule("worker_silent", lambda figures: dict.fromkeys(figures.silent_workers, 1.0), 1, 1, _count),
    Rule("messages_late", lambda figures: {"": figures.unsent_s}, 600, 300, _seconds),
    Rule("till_silent", lambda figures: figures.tills, 900, 300, _seconds),
    Rule("payments_differ", lambda figures: {"": figures.differences}, 1, 1, _count, stays=True),
    Rule("disk_full", _disk, 0.9, 0.85, _share),
)
KINDS = tuple(rule.kind for rule in RULES)
STAY = frozenset(rule.kind for rule in RULES if rule.stays)


def found(figures: Figures, still_open: Collection[tuple[str, str]]) -> list[Found]:
    """`still_open`: the keys of those that were found before and are not over."""
    return [
        Found(rule.kind, about, level, rule.said(level))
        for rule in RULES
        for about, level in rule.measured(figures).items()
        if level >= (rule.over_below if (rule.kind, about) in still_open else rule.opens_at)
    ]
