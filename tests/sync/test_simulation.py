"""Random schedules of selling, sending, losing, crashing and restoring, each repeatable by its seed."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime

import pytest

from boxoffice.domain.ids import FactId
from boxoffice.domain.protocol import PushReply
from sync.core import Ask, Core, Failure, Request, Stopped
from tests.sync.played import TONIGHT, MemoryLocal, ModelCentral, lease_request

SEEDS = int(os.environ.get("SEEDS", "200"))  # `make sim SEEDS=10000` asks for more
STEPS = 60
WALL = datetime(2026, 11, 14, 12, 0, tzinfo=UTC)
_FAILURES = (Failure.TRANSPORT, Failure.BUSY, Failure.NOT_THE_PROTOCOL, Failure.REFUSED)


class Broken(AssertionError):
    """An invariant does not hold."""


class AcksWhatWasSent(MemoryLocal):
    """A mutant: "sent, and got an answer" counts as acknowledged."""

    def acknowledge(self, reply: PushReply) -> None:
        self.applied_hi += len(self.unsent())


class World:
    def __init__(self, seed: int, local: MemoryLocal) -> None:
        self.chance = random.Random(seed)
        self.local, self.central = local, ModelCentral()
        self.local.keeps = (TONIGHT,)
        self.now = 0.0
        self.printed: list[FactId] = []  # what customers hold in their hands
        self.restart()

    def restart(self) -> None:
        """The till's program starts anew; what is durable is all it has."""
        self.core = Core(self.local, self.chance.random)

    def act(self) -> None:
        self.printed.append(self.local.act().id)

    def one_request(self, certain: bool = False) -> bool:
        """Carry one request out over a line that may do anything. False when nothing is due."""
        request = self.core.next(self.now)
        if request is None:
            return False
        luck = 1.0 if certain else self.chance.random()
        if luck < 0.15:  # it never arrives, or a portal answers it
            self._fail(request)
        elif luck < 0.3:  # it arrives, and its answer is lost
            self.central.answer(request, self.local.incarnation)
            self._fail(request)
        elif luck < 0.36:  # the program ends before it takes the answer in
            self.central.answer(request, self.local.incarnation)
            self.restart()
        elif luck < 0.42 and request.ask is Ask.PUSH:  # central ends within the batch
            self._partly(request)
        else:
            reply = self.central.answer(request, self.local.incarnation)
            if luck < 0.5:  # the network delivers it twice
                reply = self.central.answer(request, self.local.incarnation)
            self.core.succeeded(request, reply, self.now, WALL)
        return True

    def _fail(self, request: Request) -> None:
        kind = self.chance.choice(_FAILURES)
        self.core.failed(request, kind, self.now, self.chance.choice((0.0, 5.0)))

    def _partly(self, request: Request) -> None:
        assert request.push is not None
        some = request.push.facts[: self.chance.randint(1, len(request.push.facts))]
        batch = request.push.model_copy(update={"facts": some})
        part = Request(Ask.PUSH, push=batch)
        self.core.succeeded(request, self.central.push(part), self.now, WALL)

    def restore_central(self) -> None:
        kept = self.central.facts.get(self.local.incarnation, [])
        for lost in kept[self.chance.randint(0, len(kept)) :]:
            kept.remove(lost)
            self.central.applied.remove(lost.id)
        self.central.epoch += 1

    def step(self) -> None:
        luck = self.chance.random()
        if luck < 0.25:
            self.act()
        elif luck < 0.28:
            self.restart()
        elif luck < 0.30:
            self.restore_central()
        elif luck < 0.33:
            self.central.heads[TONIGHT] += 1
        elif luck < 0.35:
            self.local.leases.append(lease_request())
        elif not self.one_request():
            self.now += self.chance.uniform(0.1, 70.0)
        self.check()

    def check(self) -> None:
        """After every step."""
        known = set(self.central.applied)
        if len(known) != len(self.central.applied):
            raise Broken("a fact was applied twice")
        unsent = {fact.id for fact in self.local.facts[self.local.applied_hi :]}
        restored = self.local.server_epoch != self.central.epoch  # until it is greeted, a till cannot know
        kept = {fact.id for fact in self.local.facts}
        if not set(self.printed) <= known | kept:
            raise Broken("a printed sale is neither at the till nor at central")
        if not restored:
            if self.local.applied_hi > self.central.hi(self.local.incarnation):
                raise Broken("more is acknowledged than central has")
            if not set(self.printed) <= known | unsent:
                raise Broken("a sale is at central's no more and will not be sent")

    def settle(self) -> None:
        """The line is good again: everything arrives, in its order, once."""
        for _ in range(400):
            if not self.one_request(certain=True):
                if not self.local.unsent():
                    break
                self.now += 70.0
            self.check()
        self.now += 70.0
        while self.one_request(certain=True):
            self.check()
        if self.central.applied != self.printed:
            raise Broken("central has not what was printed, in its order")
        if self.local.houses != {TONIGHT: self.central.heads[TONIGHT]}:
            raise Broken("the lists are not current")
        if self.local.leases:
            raise Broken("a lease was never answered")


def live(seed: int, local: MemoryLocal) -> None:
    world = World(seed, local)
    for _ in range(STEPS):
        world.step()
    world.settle()


def test_no_schedule_loses_a_fact_or_applies_one_twice() -> None:
    for seed in range(SEEDS):
        try:
            live(seed, MemoryLocal())
        except AssertionError as broken:
            raise AssertionError(f"seed {seed}: {broken}") from broken


def test_the_simulation_catches_a_till_that_acknowledges_what_it_sent() -> None:
    caught = 0
    for seed in range(SEEDS):
        try:
            live(seed, AcksWhatWasSent())
        except Broken:
            caught += 1
    assert caught > SEEDS // 10


def restored_from_a_copy(lost: int) -> World:
    world = World(lost, MemoryLocal())
    for _ in range(5):
        world.act()
    world.settle()
    del world.local.facts[-lost:]
    world.local.applied_hi = len(world.local.facts)
    world.restart()
    return world


@pytest.mark.parametrize("lost", [1, 3])
def test_a_till_restored_from_a_copy_goes_on_under_a_new_number(lost: int) -> None:
    world = restored_from_a_copy(lost)
    for _ in range(lost - 1):
        world.act()
    world.settle()
    assert world.local.incarnation == 2
    assert world.central.hi(1) == 5


def test_a_till_that_sold_on_from_an_old_copy_stops_and_keeps_what_it_sold() -> None:
    """Its numbers went past central's before anybody noticed: a person has to look."""
    world = restored_from_a_copy(1)
    for _ in range(3):
        world.act()
    while world.one_request(certain=True):
        world.check()
    assert world.core.stopped is Stopped.DIVERGED
    assert len(world.local.unsent()) == 3
    assert world.central.hi(1) == 5
