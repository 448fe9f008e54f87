"""Faults of ours, each a few lines over the real code. The promises must catch every one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from typing import Any

import pytest

from boxoffice.domain.clock import Clock
from boxoffice.domain.facts import ReturnBody
from boxoffice.domain.ids import NewId, PerformanceId, TillNumber
from boxoffice.domain.protocol import LeaseGrant, LeaseRequest, PushReply
from boxoffice.store import Store, Tx, leases
from boxoffice.store.leases import Leases
from central.tills import books, pushing
from sync import local
from sync.core import Ask, Change, Core, Failure, Request
from sync.local import StoreLocal
from tests.sync.simulation.central import Central
from tests.sync.simulation.world import World

Mutant = Callable[[pytest.MonkeyPatch, Central], None]


def pushes_are_not_deduped(patch: pytest.MonkeyPatch, central: Central) -> None:
    """Central takes every batch for a new one. The database's own guards are taken away first."""
    central.fetch("alter table fact drop constraint fact_pkey cascade")
    central.fetch("drop index fact_once")
    real = pushing._apply

    async def apply(connection: Any, till: Any, pushed: Any, **how: Any) -> Any:
        await connection.execute(
            "update till_journal set applied_hi = $3, last_hash = $4 where till = $1 and incarnation = $2",
            *(till.number, pushed.incarnation, pushed.from_seq - 1, pushed.facts[0].prev_hash),
        )
        return await real(connection, till, pushed, **how)

    async def nothing(*_: Any) -> dict[Any, Any]:
        return {}

    patch.setattr(pushing, "_apply", apply)
    patch.setattr(pushing, "_seen_elsewhere", nothing)


def sent_counts_as_acknowledged(patch: pytest.MonkeyPatch, _: Central) -> None:
    """Somebody answered, so it has arrived."""
    real = Core.failed

    def failed(core: Core, request: Request, failure: Failure, now: float, retry_after_s: float = 0.0) -> Change:
        if request.ask is Ask.PUSH and failure is Failure.NOT_THE_PROTOCOL and request.push is not None:
            marks, last = core._local.marks(), request.push.facts[-1].seq
            core._local.acknowledge(
                PushReply(
                    server_epoch=marks.server_epoch,
                    till=marks.till,
                    incarnation=marks.incarnation,
                    applied_hi=last,
                    durable_hi=0,
                )
            )
        return real(core, request, failure, now, retry_after_s)

    patch.setattr(Core, "failed", failed)


def a_return_is_a_call_of_its_own(patch: pytest.MonkeyPatch, central: Central) -> None:
    """A recalled seat is given back past the queue; when the answer is lost, the till goes on selling it."""
    luck = Random(1)

    def give_up(self: StoreLocal, performance: PerformanceId, seats: set[int]) -> None:
        held = self._store.read(lambda tx: tx.leases.seats(performance))
        spare = sorted(seats & set(held))
        _free(central, performance, spare)
        if luck.random() < 0.8:
            self._store.write(lambda tx: tx.leases.release(performance, spare, {}))

    patch.setattr(StoreLocal, "_give_up", give_up)


def leases_end_by_the_clock(patch: pytest.MonkeyPatch, central: Central) -> None:
    """After half an hour of silence."""
    real = World.pass_time

    def pass_time(world: World, seconds: float) -> None:
        real(world, seconds)
        silent = [till.number for till in world.tills if till.line.cut]
        if seconds >= 1800 and silent:
            rows = central.fetch(
                "select seat from seat where performance = $1 and status = 2 and till = any($2)",
                *(world.performance, silent),
            )
            _free(central, world.performance, [row["seat"] for row in rows])

    patch.setattr(World, "pass_time", pass_time)


def epochs_do_not_matter(patch: pytest.MonkeyPatch, _: Central) -> None:
    """Central asks only whether the seat is leased to this till."""
    give, give_back = books._give_seat, books._return

    def give_seat(line: Any, seat: int, of: books.Books) -> str:
        return give(line.model_copy(update={"epoch": of.seats[line.performance, seat].epoch}), seat, of)

    def take_back(fact: Any, body: ReturnBody, of: books.Books) -> list[str]:
        now = [item.model_copy(update={"epoch": of.seats[body.performance, item.seat].epoch}) for item in body.seats]
        return give_back(fact, body.model_copy(update={"seats": tuple(now)}), of)

    patch.setattr(books, "_give_seat", give_seat)
    patch.setattr(books, "_RULES", {**books._RULES, ReturnBody: take_back})


def a_restored_till_keeps_its_leases(patch: pytest.MonkeyPatch, _: Central) -> None:
    patch.setattr(local, "_forget_leases", lambda tx: None)


def a_crash_opens_old_grants_again(patch: pytest.MonkeyPatch, _: Central) -> None:
    """A till that starts asks once more for what it was granted, and an epoch that it has seen is as good as new."""
    answered: dict[TillNumber, list[LeaseRequest]] = {}
    begin, accept = StoreLocal.__init__, StoreLocal.accept

    def begins(self: StoreLocal, store: Store, now: Clock, new_id: NewId) -> None:
        begin(self, store, now, new_id)
        for request in answered.get(self.marks().till, []):
            store.write(partial(_open_again, request=request))

    def accepts(self: StoreLocal, grant: LeaseGrant, request: LeaseRequest) -> None:
        accept(self, grant, request)
        answered.setdefault(self.marks().till, []).append(request)

    patch.setattr(StoreLocal, "__init__", begins)
    patch.setattr(StoreLocal, "accept", accepts)
    patch.setattr(Leases, "_seen", lambda *_: {})
    patch.setattr(leases, "_SEE", leases._SEEN.on_conflict_do_nothing())  # its trigger would stop it


MUTANTS: Sequence[Mutant] = (
    pushes_are_not_deduped,
    sent_counts_as_acknowledged,
    a_return_is_a_call_of_its_own,
    leases_end_by_the_clock,
    epochs_do_not_matter,
    a_restored_till_keeps_its_leases,
    a_crash_opens_old_grants_again,
)


def _open_again(tx: Tx, request: LeaseRequest) -> None:
    tx.leases.open_request(request)


def _free(central: Central, performance: PerformanceId, seats: list[int]) -> None:
    for seat in seats:
        central.fetch("update seat set status = 0, till = 0 where performance = $1 and seat = $2", performance, seat)
        entry = f'{{"seats": [{{"seat": {seat}, "status": 0}}]}}'
        central.fetch("select append_feed($1, $2, 1)", performance, entry)
