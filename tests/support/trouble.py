"""What a gateway can do to a request, for the fakes: each trouble strikes once, at the next request that it fits."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from enum import StrEnum, auto


class Kind(StrEnum):
    AWAY = auto()  # answers 503 and does nothing
    LOST = auto()  # does it, and the answer never arrives
    FAILED_AFTER = auto()  # does it, and answers 500


@dataclass(frozen=True, slots=True)
class Trouble:
    """`path_end`: for which requests."""

    kind: Kind
    path_end: str


class Troubles:
    SILENCE_S = 1.0  # longer than central waits in the tests

    def __init__(self) -> None:
        self._coming: deque[Trouble] = deque()

    def expect(self, kind: Kind, path_end: str, times: int = 1) -> None:
        self._coming.extend([Trouble(kind, path_end)] * times)

    def strike(self, path: str) -> Kind | None:
        for trouble in self._coming:
            if path.endswith(trouble.path_end):
                self._coming.remove(trouble)
                return trouble.kind
        return None

    def clear(self) -> None:
        self._coming.clear()

    async def silence(self) -> None:
        await asyncio.sleep(self.SILENCE_S)
