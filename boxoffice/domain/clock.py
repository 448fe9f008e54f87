"""Time is handed in. Instants are aware UTC; wall clocks of two machines are never compared for safety."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, order=True)
class Hlc:
    """Hybrid logical clock: milliseconds and a counter. Orders what one venue did although its clocks differ."""

    milliseconds: int
    counter: int = 0

    def tick(self, now: datetime) -> Hlc:
        """The next reading on this machine: never behind the last one, whatever the wall clock does."""
        wall = int(now.timestamp() * 1000)
        return Hlc(wall) if wall > self.milliseconds else Hlc(self.milliseconds, self.counter + 1)

    def __str__(self) -> str:
        return f"{self.milliseconds}.{self.counter}"

    @classmethod
    def parse(cls, text: str) -> Hlc:
        milliseconds, _, counter = text.partition(".")
        return cls(int(milliseconds), int(counter or 0))
