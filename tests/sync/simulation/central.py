"""The real central without a socket: its app over an embedded PostgreSQL, one event loop, one request at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import asyncpg
import httpx

from boxoffice.domain.ids import PerformanceId, PlanId, TillNumber
from boxoffice.domain.plan import Area, Row, Seat, SeatingPlan, Section, plan_to_json
from central import invariants
from central.accounts.callers import Caller
from central.accounts.roles import AccountRole
from central.app import create_app
from central.bookings import booking, expiring, holding
from central.bookings.confirming import confirm
from central.counting import OFF
from central.keys import CentralKeys
from central.seeding import insert_catalogue
from central.services import Services, services_of
from central.settings import Settings
from central.tills import feeds, recalling, reclaiming
from central.tills.hints import Hints
from central.tills.pairing import mint_code
from tests.support.central import NOW, SEED, catalogue, say_nothing

T = TypeVar("T")
FLOOR, FLOOR_PLACES, SEATS, ALLOTMENT = 0, 8, 12, 4
ASKER, CONFIRMER, BUYER = UUID(int=1), UUID(int=2), UUID(int=3)
APART = timedelta(hours=60)  # from one evening to the next: tills keep the houses of those that ended within 12


def small_plan() -> SeatingPlan:
    def row(number: int) -> Row:
        return Row("AB"[number], tuple(Seat(str(i + 1), 100.0 + 55 * i, 300.0 + 100 * number, 0) for i in range(6)))

    return SeatingPlan(
        id=PlanId("studio"),
        version=1,
        name="The Studio",
        width=1000,
        height=800,
        focal_point=(350, 100),
        categories=("Stalls",),
        sections=(Section("Stalls", (row(0), row(1)), gate="Stalls"),),
        areas=(Area("Floor", FLOOR_PLACES, 0, ((0, 0), (100, 0), (100, 100)), "Floor"),),
    )


class Central:
    """Its evenings follow one another, so that none has to be cleared away. `clock` is what it takes for now."""

    def __init__(
        self, runner: asyncio.Runner, services: Services, app: httpx.ASGITransport, clock: list[datetime]
    ) -> None:
        self._loop, self._app = runner.get_loop(), app
        self.services, self.clock = services, clock
        self._evenings = 0

    def run(self, work: Awaitable[T]) -> T:
        return self._loop.run_until_complete(work)

    def write(self, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        return self.run(self.services.database.write(work))

    def fetch(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        found: list[asyncpg.Record] = self.run(self.services.database.pool.fetch(sql, *arguments))
        return found

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Carry a till's request out. The answer is as it goes over the wire."""

        async def ask() -> httpx.Response:
            sent = httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
            reply = await self._app.handle_async_request(sent)
            assert isinstance(reply.stream, httpx.AsyncByteStream)
            body = b"".join([part async for part in reply.stream])
            return httpx.Response(reply.status_code, headers=reply.headers, stream=httpx.ByteStream(body))

        return self.run(ask())

    def new_evening(self) -> tuple[PerformanceId, datetime]:
        """A performance that starts a day from the returned moment, on sale."""
        self._evenings += 1
        start = NOW + APART * self._evenings
        whole = catalogue(start + timedelta(hours=17))  # tonight's starts seven hours later
        number = PerformanceId(2000 + self._evenings)
        changed = {"id": number, "plan_id": PlanId("studio"), "allotment": ALLOTMENT}
        whole = whole.model_copy(
            update={
                "plans": (plan_to_json(small_plan()),),
                "performances": (whole.performances[0].model_copy(update=changed),),
            }
        )
        self.write(lambda connection: insert_catalogue(connection, whole))
        return number, start

    def code(self) -> str:
        return self.write(lambda connection: mint_code(connection, "", self.clock[0]))

    def web_books(self, performance: PerformanceId, seats: tuple[int, ...], places: int) -> UUID:
        """Held and booked, to be paid. Raises Declined."""
        services, now = self.services, self.clock[0]
        asked = holding.Asked(performance, seats, ((FLOOR, places),) if places else ())

        async def work(connection: asyncpg.Connection, is_turn: bool) -> UUID:
            held = await holding.hold(
                *(connection, services.houses, services.booking_rules, BUYER, asked, now), is_turn=is_turn
            )
            made = await booking.make(connection, BUYER, held, ["A"] * (len(seats) + places), None, now)
            return made.id

        async def in_turn(is_turn: bool) -> UUID:
            return await services.database.write(lambda connection: work(connection, is_turn))

        return self.run(services.waiting_list.behind(performance, in_turn))

    def web_pays(self, made: UUID) -> None:
        """Raises Declined when its places have gone."""
        self.write(lambda connection: confirm(connection, made, "card", str(made), self.clock[0]))

    def expire(self) -> None:
        self.run(expiring.expire_due(self.services.database, self.services.hints, lambda: self.clock[0]))

    def recall(self, performance: PerformanceId, seats: list[int]) -> None:
        self.write(lambda connection: recalling.recall(connection, performance, seats))

    def compact(self, keep: int) -> None:
        self.run(feeds.compact(self.services.database, keep))

    def reclaim(self, till: TillNumber, reclaim: UUID, performance: PerformanceId, seats: list[int] | None) -> None:
        """By two managers, of a till that was last heard of yesterday. `seats` None: all, and the places."""

        async def work(connection: asyncpg.Connection) -> None:
            await connection.execute("update till set heard_at = now() - interval '1 day' where number = $1", till)
            await connection.execute(
                "insert into reclaim (id, till, performance, seats, reason, asked_by, asked_at)"
                " values ($1, $2, $3, $4, 'stolen', $5, $6)",
                *(reclaim, till, performance, seats, ASKER, self.clock[0]),
            )
            confirmer = Caller(CONFIRMER, AccountRole.MANAGER, CONFIRMER)
            await reclaiming.confirm(connection, till, reclaim, confirmer, self.clock[0])

        self.write(work)

    def broken(self) -> list[str]:
        """Central's own look at its books."""
        found = self.run(self.services.database.read(invariants.broken))
        return [f"{one.invariant}: {', '.join(one.found)}" for one in found]


@contextmanager
def central_over(database: str) -> Iterator[Central]:
    """A node over a migrated database, without the upkeep that the clock starts: the world says when it is done."""
    say_nothing()
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        clock = [NOW]
        settings = Settings(database, CentralKeys(SEED), lambda: clock[0], connections=2, limits=OFF)
        app = create_app(settings)
        opened = services_of(settings, Hints())
        app.state.services = services = loop.run_until_complete(opened.__aenter__())
        try:
            central = Central(runner, services, httpx.ASGITransport(app), clock)
            for account in (ASKER, CONFIRMER, BUYER):
                central.fetch(
                    "insert into account (id, email, name, created_at) values ($1, $2, 'Somebody', $3)",
                    *(account, f"{account.int}@example.org", NOW),
                )
            yield central
        finally:
            loop.run_until_complete(opened.__aexit__(None, None, None))
