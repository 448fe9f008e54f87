"""One evening: tills, web buyers, managers and a network, in random steps that a seed repeats exactly."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from boxoffice.domain.ids import uuid7
from boxoffice.domain.refusals import Refused
from central.problems import Declined
from tests.sync.simulation.central import FLOOR, SEATS, Central
from tests.sync.simulation.line import Line, PowerCut
from tests.sync.simulation.promises import Broken, Promises
from tests.sync.simulation.till import Till

STEPS = 120
_ODDS = {
    "sync": 46,
    "take": 14,
    "sell": 12,
    "abandon": 3,
    "web": 8,
    "network": 5,
    "late": 3,
    "wait": 5,
    "crash": 1.5,
    "copy": 1.5,
    "restore": 0.6,
    "recall": 2.5,
    "reclaim": 1,
    "compact": 0.5,
}
_ROUGH_ODDS = {**_ODDS, "copy": 4, "restore": 4, "reclaim": 3}  # every second evening


@dataclass
class Tally:
    seeds: int = 0
    hours: float = 0.0
    sales: int = 0
    web_sales: int = 0
    burnt: int = 0
    conflicts: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        faults = ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items()))
        return (
            f"{self.seeds} seeds, {self.hours:.0f} simulated hours, {self.sales} sales at tills and {self.web_sales}"
            f" on the web, {self.burnt} lost with a disk, {self.conflicts} conflicts (all by a reclaim or an old copy),"
            f" no promise broken; faults: {faults}"
        )


class World:
    """Everything random comes from `seed`; `folder` is empty and goes away afterwards."""

    def __init__(self, seed: int, central: Central, blank: Path, folder: Path) -> None:
        self.chance = Random(seed)
        self._odds = _ROUGH_ODDS if seed % 2 else _ODDS
        self.central, self.faults = central, Counter[str]()
        self.trace: list[str] = []
        self.performance, self.start = central.new_evening()
        central.clock[0] = self.start
        self.web: list[UUID] = []
        self.web_sales = 0
        self.tills: list[Till] = []
        self.promises = Promises(central, self.performance, self.tills)
        for index in range(self.chance.choice((2, 2, 3))):
            line = Line(central.answer, self.chance, self.faults)
            till = Till(folder / str(index), line, self.chance, lambda: central.clock[0])
            self.tills.append(till)
            till.pair(blank, central.code())
            self._rest(index, "paired")
            till.open_shift()
        for till in self.tills:
            till.line.good = till.is_careful = False

    def close(self) -> None:
        for till in self.tills:
            till.close()

    def live(self) -> None:
        """Raises Broken with the trace."""
        try:
            self.promises.check()
            for _ in range(STEPS):
                self.step()
                self.promises.check()
            self.heal()
            self.promises.check_end()
        except Broken as broken:
            raise Broken("\n".join((*self.trace, f"=> {broken}"))) from broken

    def tell(self, tally: Tally) -> None:
        tally.seeds += 1
        tally.hours += (self.central.clock[0] - self.start).total_seconds() / 3600
        tally.sales += len(self.promises.sales)
        tally.web_sales += self.web_sales
        tally.burnt += len(self.promises.burnt)
        tally.conflicts += self.promises.conflicts
        tally.faults += self.faults

    def step(self) -> None:
        what = self.chance.choices(list(self._odds), list(self._odds.values()))[0]
        index = self.chance.randrange(len(self.tills))
        till = self.tills[index]
        try:
            told = getattr(self, f"_{what}")(till)
        except PowerCut:
            self.faults["power cut"] += 1
            self._reboot(till)
            told = "the power fails"
        except (Refused, Declined) as refused:
            told = type(refused).__name__ if isinstance(refused, Refused) else refused.code
        self.trace.append(f"{self.central.clock[0] - self.start} till {index} {what}: {told}")
        self.pass_time(self.chance.uniform(0.1, 20.0))

    def pass_time(self, seconds: float) -> None:
        self.central.clock[0] += timedelta(seconds=round(seconds, 3))
        for till in self.tills:
            till.seconds += seconds

    def heal(self) -> None:
        """Every line is good again, and everybody looks every minute."""
        for till in self.tills:
            till.line.cut, till.line.good, till.is_careful = False, True, True
            while till.line.late:
                till.line.deliver_late()
        for _ in range(8):
            for index in range(len(self.tills)):
                self._rest(index, "healed")
            self.pass_time(70.0)

    def _rest(self, index: int, why: str) -> None:
        """Until the till has nothing to ask."""
        for _ in range(100):
            told = self.tills[index].one_request()
            if not told:
                return
            self.trace.append(f"{why}: till {index} {told}")
            self.promises.check()
        raise Broken(f"till {index} never rests")

    def _sync(self, till: Till) -> str:
        return till.one_request() or "nothing to ask"

    def _take(self, till: Till) -> str:
        if self.chance.random() < 0.25:
            places = self.chance.randint(1, 2)
            till.take(self.performance, [], places, FLOOR)
            return f"{places} places"
        held = sorted(till.store.read(lambda tx: tx.leases.seats(self.performance)))
        among = held if held and self.chance.random() < 0.5 else list(range(SEATS))
        seats = sorted(self.chance.sample(among, min(len(among), self.chance.randint(1, 2))))
        till.take(self.performance, seats, 0, FLOOR)
        return f"seats {seats}"

    def _sell(self, till: Till) -> str:
        held = sorted(till.store.read(lambda tx: tx.leases.seats(self.performance)))
        if not till.basket.lines and not held:
            return "nothing to sell"
        if not till.basket.lines:
            till.take(self.performance, [self.chance.choice(held)], 0, FLOOR)
        seats = [line.seat for line in till.basket.lines]
        till.sell()
        return f"sold {seats}"

    def _abandon(self, till: Till) -> str:
        till.abandon()
        return "gave back"

    def _web(self, _: Till) -> str:
        self.central.expire()
        if self.web and self.chance.random() < 0.6:
            made = self.web.pop(self.chance.randrange(len(self.web)))
            if self.chance.random() < 0.3:
                return "somebody does not pay"
            self.central.web_pays(made)
            self.web_sales += 1
            return "somebody pays"
        seats = tuple(self.chance.sample(range(SEATS), self.chance.randint(0, 2)))
        self.web.append(self.central.web_books(self.performance, seats, 0 if seats else 1))
        return f"books {seats}"

    def _network(self, till: Till) -> str:
        till.line.cut = not till.line.cut and self.chance.random() < 0.7
        if till.line.cut:
            self.faults["cable out"] += 1
        return "cable out" if till.line.cut else "cable in"

    def _late(self, till: Till) -> str:
        if not till.line.late:
            return "nothing is late"
        till.line.deliver_late()
        return "a late request arrives"

    def _wait(self, _: Till) -> str:
        seconds = self.chance.choice((60.0, 300.0, 1800.0))
        self.pass_time(seconds)
        return f"{seconds:.0f} s pass"

    def _crash(self, till: Till) -> str:
        self.faults["power cut"] += 1
        self._reboot(till)
        return "starts anew"

    def _reboot(self, till: Till) -> None:
        was, till.is_careful = till.is_careful, True
        till.reboot()
        till.is_careful = was

    def _copy(self, till: Till) -> str:
        till.keep_copy()
        return "a copy is made"

    def _restore(self, till: Till) -> str:
        if not till.copies:
            return "there is no copy"
        self.faults["disk from a copy"] += 1
        incarnation = till.local.marks().incarnation
        copy = self.chance.choice(till.copies)
        till.restore(copy)
        self.promises.restored(till, max(incarnation, self.promises.from_copy.get(till.number, 0)))
        return f"restored from copy {till.copies.index(copy)}"

    def _recall(self, _: Till) -> str:
        seats = sorted(self.chance.sample(range(SEATS), 4))
        self.faults["recall"] += 1
        self.central.recall(self.performance, seats)
        return f"seats {seats}"

    def _reclaim(self, till: Till) -> str:
        seats = sorted(self.chance.sample(range(SEATS), 6)) if self.chance.random() < 0.5 else None
        self.faults["reclaim"] += 1
        reclaim = uuid7(self.central.clock[0], self.chance.getrandbits)
        self.central.reclaim(till.number, reclaim, self.performance, seats)
        self.promises.hear_of_reclaims()
        return f"seats {seats}"

    def _compact(self, _: Till) -> str:
        self.faults["feed compacted"] += 1
        self.central.compact(self.chance.randint(0, 5))
        return "the feed's beginning goes"
