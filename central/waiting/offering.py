"""Offers: places that are free go to who waits for them, in order of joining, before anybody else is served.

Every node looks each second; and who asks for places of an event for which somebody waits has the list served first
(`behind`), or is told to come again while that takes long. So a request that came after places were free never gets
them before the list does.
docs/rules/waiting-list.md tells the rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, TypeVar

import asyncpg

from boxoffice.domain.clock import Clock
from boxoffice.domain.ids import PerformanceId
from central import messages
from central.bookings.holding import Asked, hold
from central.bookings.houses import Billing, House, Houses
from central.bookings.priced import Chosen
from central.bookings.rules import BookingRules
from central.database import Database
from central.problems import Declined
from central.tills.hints import Hints
from central.tills.recalling import out_of_reach, recall
from central.waiting.ending import close, settle
from central.waiting.entries import Heads, Wish, fitting
from central.waiting.turns import SomebodyWaits

T = TypeVar("T")
MOST_AT_ONCE = 8  # offers: some 15 ms each
_OFFERS = 0x77616974  # advisory lock class: one performance's list is served by one at a time
_ANY_NUMBER = 1_000_000  # an offer is not refused to who has many holds
# what `_STATES` does not tell: a seat that somebody of this process was trying for in vain, an entry for fewer tickets
_LOOK_AGAIN = timedelta(seconds=30)
_LISTS = "select distinct performance from waiting_entry where state = 'waiting'"
# all of it is found by index, however long the list is
_STATES = """
    select p.id, h.head, s.catalogue_version, last.ordinal
    from performance p
    join feed_head h on h.performance = p.id
    cross join lateral (select w.ordinal from waiting_entry w where w.performance = p.id and w.state = 'waiting'
        order by w.ordinal desc limit 1) as last
    cross join server s
    where p.id = any($1) and p.status = 'on_sale'
"""
# who joined first of those who want the same: when it does not fit them, it fits none of the others
_FRONT = """
    select w.id, w.account, w.count, w.words, w.version from (
        select distinct on (e.count, e.words) e.* from waiting_entry e where e.performance = $1 and e.state = 'waiting'
        order by e.count, e.words, e.ordinal
    ) as w order by w.ordinal
"""
State = tuple[Any, ...]


class WaitingList:
    def __init__(self, database: Database, houses: Houses, rules: BookingRules, hints: Hints, now: Clock) -> None:
        self._database = database
        self._houses = houses
        self._rules = rules
        self._hints = hints
        self._now = now
        self._served: dict[PerformanceId, tuple[State, datetime]] = {}  # nothing fitted anybody, as things stood then

    async def turn(self) -> None:
        """What a node does each second."""
        while heads := await self._database.write(lambda found: close(found, self._rules, self._now())):
            self._hints.tell(heads)
        while await self._database.write(lambda found: settle(found, self._now())):
            pass
        lists = [row["performance"] for row in await self._database.pool.fetch(_LISTS)]
        states = await self._states(lists)
        self._served = {performance: known for performance, known in self._served.items() if performance in states}
        left = [performance for performance, state in states.items() if not self._is_served(performance, state)]
        while left:  # in turn, so that a long list does not keep the others waiting
            left = [performance for performance in left if not await self._serve(performance)]

    async def behind(self, performance: PerformanceId, take: Callable[[bool], Awaitable[T]]) -> T:
        """Take places for somebody new, whose turn it is not until the list is served. Not while a connection is held.

        `take` gets whether it is the turn, and raises SomebodyWaits when it is not and somebody waits. Raises as
        `first` does.
        """
        try:
            return await take(False)
        except SomebodyWaits:
            await self.first(performance)
            return await take(True)

    async def first(self, performance: PerformanceId) -> None:
        """Serve the list before somebody else is; a few of them, and the rest is served by the nodes' turns.

        Raises Declined, 409 `waiting_list_first`, while there are more.
        """
        if not await self._serve(performance):
            raise Declined(
                *(HTTPStatus.CONFLICT, "waiting_list_first", "Places that came free go to those who wait for them."),
                "What they leave can be had in a moment: try again.",
                headers={"Retry-After": "1"},
            )

    async def _serve(self, performance: PerformanceId) -> bool:
        """Make at most so many offers. Whether nothing fits anybody any more."""
        for left in reversed(range(MOST_AT_ONCE + 1)):
            state = (await self._states([performance])).get(performance)
            if state is None or self._is_served(performance, state):
                return True
            if not left:
                break
            heads = await self._database.write(lambda found: self.offer(found, performance))
            if not heads:
                self._served[performance] = state, self._now()
                return True
            self._hints.tell(heads)
        return False

    async def offer(self, connection: asyncpg.Connection, performance: PerformanceId) -> Heads:
        """In the caller's transaction: to the first whom something free fits; else tills are asked for what would fit.
        Empty: nothing fits anybody, and nothing more can be asked for."""
        await self._alone(connection, performance)
        front = await connection.fetch(_FRONT, performance)
        house = await self._houses.look(connection, performance)
        for entry in front:
            if places := self._fitting(house, entry):
                heads = await self._offer_to(connection, house.billing, entry, places)
                if heads:
                    return heads
        return await self._recall(connection, house, front)

    async def _recall(self, connection: asyncpg.Connection, house: House, front: Sequence[Mapping[str, Any]]) -> Heads:
        """Ask tills for what would fit if they kept no seats. What they give back is offered when it comes."""
        performance = house.billing.performance
        if performance.starts_at - self._rules.list_closes <= self._now():
            return {}
        wanted: set[int] = set()
        with house.without_tills().trying(await out_of_reach(connection, performance.id)) as reachable:
            for entry in front:
                with reachable.trying(sorted(wanted)):
                    places = self._fitting(reachable, entry)
                wanted.update(place.seat for place in places if place.seat is not None)
        _, head = await recall(connection, performance.id, sorted(wanted))
        return {performance.id: head} if head else {}

    async def _offer_to(
        self, connection: asyncpg.Connection, billing: Billing, entry: Mapping[str, Any], places: Sequence[Chosen]
    ) -> Heads:
        """Exactly these places: others may have come free since, which fit somebody before this one."""
        starts_at, now = billing.performance.starts_at, self._now()
        if starts_at - self._rules.list_closes <= now or not await self._still_waits(connection, entry):
            return {}
        until = self._rules.offer_until(now, starts_at)
        rules = replace(self._rules, hold_for=until - now, most_holds=_ANY_NUMBER)
        seats = tuple(place.seat for place in places if place.seat is not None)
        areas = Counter(place.area for place in places if place.area is not None)
        asked = Asked(billing.performance.id, seats, tuple(areas.items()))
        try:
            async with connection.transaction():
                held = await hold(connection, self._houses, rules, entry["account"], asked, now, is_turn=True)
        except Declined:  # somebody was quicker
            return {}
        await connection.execute(
            "update waiting_entry set state = 'offered', hold = $2, offered_at = $3, version = version + 1"
            " where id = $1",
            *(entry["id"], held.hold, now),
        )
        detail = {
            "entry": str(entry["id"]),
            "eventId": str(billing.performance.id),
            "event": billing.production.title,
            "startsAt": starts_at.isoformat(),
            "places": [billing.place_name(place.seat, place.area) for place in held.places],
            "bookUntil": until.isoformat(),
            "book": {"eventId": str(billing.performance.id), "userId": str(entry["account"]), "holdId": str(held.hold)},
        }
        await messages.write_to(connection, entry["account"], "waiting_offer", now, detail)
        return {billing.performance.id: held.head}

    async def _alone(self, connection: asyncpg.Connection, performance: PerformanceId) -> None:
        """Until the transaction ends: else every node would choose the same seats for the same person."""
        await connection.execute("select pg_advisory_xact_lock($1, $2)", _OFFERS, performance)

    async def _still_waits(self, connection: asyncpg.Connection, entry: Mapping[str, Any]) -> bool:
        """The account and the entry are locked: neither goes or changes meanwhile."""
        is_here = await connection.fetchval(
            "select true from account where id = $1 and deleted_at is null for no key update", entry["account"]
        )
        is_unchanged = await connection.fetchval(
            "select true from waiting_entry where id = $1 and state = 'waiting' and version = $2 for update",
            *(entry["id"], entry["version"]),
        )
        return bool(is_here and is_unchanged)

    def _fitting(self, house: House, entry: Mapping[str, Any]) -> tuple[Chosen, ...]:
        try:
            return fitting(house, Wish(entry["count"], entry["words"]))
        except Declined:  # a name of the plan has changed meanwhile
            return ()

    async def _states(self, performances: Sequence[PerformanceId]) -> dict[PerformanceId, State]:
        """Of each list where somebody waits: what changes before something fits that did not."""
        rows = await self._database.pool.fetch(_STATES, performances) if performances else []
        return {row["id"]: tuple(row) for row in rows}

    def _is_served(self, performance: PerformanceId, state: State) -> bool:
        known = self._served.get(performance)
        return known is not None and known[0] == state and self._now() < known[1] + _LOOK_AGAIN
