"""A till's line to central, which may do anything to a request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from random import Random

import httpx


class PowerCut(Exception):
    """The till's program ends here, in the middle of whatever it does."""


class Fate(StrEnum):
    FINE = "fine"
    LOST = "request lost"
    UNANSWERED = "reply lost"
    TWICE = "request delivered twice"
    LATE = "request delivered later"
    REPEATED = "reply delivered twice"
    PORTAL = "a portal answers"
    GARBLED = "reply garbled"
    BUSY = "central busy"
    DIES_BEFORE = "till dies before the request"
    DIES_AFTER = "till dies before the reply"


_ODDS = {
    Fate.FINE: 60,
    Fate.LOST: 4,
    Fate.UNANSWERED: 8,
    Fate.TWICE: 5,
    Fate.LATE: 5,
    Fate.REPEATED: 4,
    Fate.PORTAL: 4,
    Fate.GARBLED: 3,
    Fate.BUSY: 2,
    Fate.DIES_BEFORE: 1,
    Fate.DIES_AFTER: 4,
}


class Line(httpx.BaseTransport):
    """`cut`: nothing comes through. `good`: everything does. `late` are requests that the network still has."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response], chance: Random, faults: Counter[str]) -> None:
        self._answer, self._chance, self._faults = answer, chance, faults
        self.cut = False
        self.good = True
        self.fate = Fate.FINE  # of the last request
        self.late: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.cut:
            self.fate = Fate.LOST
            raise httpx.ConnectError("the cable is out")
        self.fate = Fate.FINE if self.good else self._chance.choices(list(_ODDS), list(_ODDS.values()))[0]
        if self.fate is not Fate.FINE:
            self._faults[self.fate] += 1
        match self.fate:
            case Fate.FINE | Fate.REPEATED:
                return self._answer(request)
            case Fate.LOST:
                raise httpx.ConnectTimeout("lost")
            case Fate.UNANSWERED:
                self._answer(request)
                raise httpx.ReadTimeout("lost")
            case Fate.TWICE:
                self._answer(request)
                return self._answer(request)
            case Fate.LATE:
                self.late.append(request)
                raise httpx.ReadTimeout("late")
            case Fate.PORTAL:
                return httpx.Response(200, text="<html>Please sign in</html>")
            case Fate.GARBLED:
                reply = self._answer(request)
                return httpx.Response(200, headers={"X-Box-Office": "1"}, content=reply.read()[:-9])
            case Fate.BUSY:
                return httpx.Response(503, headers={"Retry-After": "5"})
            case Fate.DIES_BEFORE:
                raise PowerCut
            case Fate.DIES_AFTER:
                self._answer(request)
                raise PowerCut

    def deliver_late(self) -> None:
        """One that the network kept, out of its order; nobody waits for its answer any more."""
        self._answer(self.late.pop(self._chance.randrange(len(self.late))))
