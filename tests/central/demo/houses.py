"""The demo of one Saturday evening, made once for the tests that only look at it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from random import Random

from central.demo.orders import House, sell
from central.demo.programme import Programme, programme

NOW = datetime(2026, 11, 14, 17, 47, tzinfo=UTC)  # 18:47 at the venues


@lru_cache(maxsize=1)
def evening() -> Programme:
    return programme(NOW, ())


@lru_cache(maxsize=64)
def house(number: int) -> House:
    """Of the showing at this place of the programme."""
    showing = evening().showings[number]
    return sell(showing, NOW, Random(number), is_tonight=showing.performance.id == evening().tonight)


def tonight() -> int:
    return next(i for i, showing in enumerate(evening().showings) if showing.performance.id == evening().tonight)
