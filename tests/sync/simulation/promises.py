"""What must hold after every step, and at the end when every line is good and all has arrived."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from boxoffice.domain.facts import Fact, FactKind, SaleBody
from boxoffice.domain.ids import PerformanceId, TicketId, TillNumber
from boxoffice.domain.protocol import SeatStatus
from boxoffice.store import Tx
from sync.core import Stopped
from tests.sync.simulation.central import FLOOR, Central
from tests.sync.simulation.till import Till

Lease = tuple[TillNumber, int, int]  # till, seat, epoch
_HELD = (SeatStatus.LEASED, SeatStatus.QUARANTINED)


class Broken(AssertionError):
    """A promise does not hold."""


@dataclass(frozen=True, slots=True)
class Row:
    """A seat at central."""

    status: SeatStatus
    epoch: int
    till: TillNumber
    ticket: TicketId | None


@dataclass(frozen=True, slots=True)
class Side:
    """A till as its store has it. `places` are those it may sell."""

    incarnation: int
    applied_hi: int
    leases: Mapping[int, int]
    places: int
    unsent: Sequence[Fact]


@dataclass
class Promises:
    """Keeps what was sold by whom, and what excuses a conflict: two managers' reclaim, or a disk that went back."""

    central: Central
    performance: PerformanceId
    tills: Sequence[Till]
    sales: dict[UUID, tuple[TillNumber, SaleBody]] = field(default_factory=dict)
    burnt: set[UUID] = field(default_factory=set)  # sales that a broken disk took along before anybody else had them
    excused: set[UUID] = field(default_factory=set)  # sales from an old copy
    reclaimed: set[Lease] = field(default_factory=set)
    reclaimed_places: set[TillNumber] = field(default_factory=set)
    from_copy: dict[TillNumber, int] = field(default_factory=dict)  # restored, until it is above this incarnation
    conflicts: int = 0  # at the end
    _seats: dict[int, Row] = field(default_factory=dict)

    def check(self) -> None:
        """After every step."""
        sides = {till.number: self._side(till) for till in self.tills}
        self._learn(sides)
        seats, places, marks, at_central, twice = self._at_central()
        if twice:
            raise Broken(f"seat {twice[0]} has two valid tickets")
        self._check_seats(seats)
        for number, side in sides.items():
            if side.applied_hi > marks.get((number, side.incarnation), 0):
                raise Broken(f"till {number} takes more for acknowledged than central has")
            if number not in self.from_copy:
                self._check_leases(number, side, at_central, seats, places.get(number, 0))
        kept = {UUID(fact.body["sale"]) for side in sides.values() for fact in side.unsent if _is_sale(fact)}
        for lost in self.sales.keys() - at_central - kept - self.burnt:
            raise Broken(f"a sale of till {self.sales[lost][0]} is neither there nor at central")
        self._seats = seats

    def restored(self, till: Till, incarnation: int) -> None:
        """The till came back from an old copy; it had been in `incarnation`."""
        side = self._side(till)
        here = {fact.id for fact in till.store.read(lambda tx: tx.journal.tail(10_000))}
        there = {row["id"] for row in self.central.fetch("select id from fact where till = $1", till.number)}
        if side.incarnation < incarnation or there - here:  # its numbers may be as high: it gives back as it starts
            self.from_copy[till.number] = incarnation
        at_central = self._at_central()[3]
        kept = {UUID(fact.body["sale"]) for fact in side.unsent if _is_sale(fact)}
        own = {sale for sale, (number, _) in self.sales.items() if number == till.number}
        self.burnt |= own - at_central - kept

    def hear_of_reclaims(self) -> None:
        for row in self.central.fetch(
            "select r.till, e.seats, e.epochs, e.areas from reclaimed e join reclaim r on r.id = e.reclaim"
            " where e.performance = $1",
            self.performance,
        ):
            self.reclaimed |= {(row["till"], *lease) for lease in zip(row["seats"], row["epochs"], strict=True)}
            if row["areas"]:
                self.reclaimed_places.add(row["till"])

    def check_end(self) -> None:
        """When every line was good for a while."""
        stuck: set[UUID] = set()
        for till in self.tills:
            side = self._side(till)
            if till.core.stopped is not Stopped.NO and till.number in self.from_copy:
                stuck |= {UUID(fact.body["sale"]) for fact in side.unsent if _is_sale(fact)}
            elif side.unsent or till.core.stopped is not Stopped.NO:
                raise Broken(f"till {till.number} does not drain: {len(side.unsent)} wait, {till.core.stopped!r}")
        at_central = self._at_central()[3]  # a till from an old copy may have central's own sales to send
        self._check_money(self.sales.keys() - self.burnt - (stuck - at_central))
        self._check_outcomes()
        for found in self.central.broken():
            raise Broken(f"central's books: {found}")

    def _side(self, till: Till) -> Side:
        def read(tx: Tx) -> Side:
            identity = tx.identity.get()
            assert identity is not None
            unsent = tx.journal.unsent(10_000, 1 << 30)
            return Side(
                identity.incarnation,
                tx.journal.applied_hi(),
                tx.leases.seats(self.performance),
                tx.leases.areas(self.performance).get(FLOOR, 0),
                unsent,
            )

        return till.store.read(read)

    def _learn(self, sides: Mapping[TillNumber, Side]) -> None:
        for number, side in sides.items():
            if side.incarnation > self.from_copy.get(number, side.incarnation):
                del self.from_copy[number]
            for fact in side.unsent:
                if _is_sale(fact) and UUID(fact.body["sale"]) not in self.sales:
                    body = fact.parsed()
                    assert isinstance(body, SaleBody)
                    self.sales[body.sale] = number, body
                    if number in self.from_copy:
                        self.excused.add(body.sale)

    def _at_central(
        self,
    ) -> tuple[dict[int, Row], dict[TillNumber, int], dict[tuple[TillNumber, int], int], set[UUID], list[int]]:
        numbers = [till.number for till in self.tills]
        fetch, performance = self.central.fetch, self.performance
        seats = fetch("select seat, status, epoch, till, ticket from seat where performance = $1", performance)
        rows = fetch(
            "select 0 as what, till, incarnation as n, applied_hi as m, null::uuid as id from till_journal"
            " where till = any($1) union all"
            " select 1, till, 0, units, null from area_lease where performance = $2 union all"
            " select 2, till, 0, 0, id from sale where till = any($1) union all"
            " select 3, 0, seat, 0, null from ticket where performance = $2 and valid and seat is not null"
            " group by seat having count(*) > 1",
            *(numbers, performance),
        )
        found = {row["seat"]: Row(SeatStatus(row["status"]), row["epoch"], row["till"], row["ticket"]) for row in seats}
        return (
            found,
            {row["till"]: row["m"] for row in rows if row["what"] == 1},
            {(row["till"], row["n"]): row["m"] for row in rows if row["what"] == 0},
            {row["id"] for row in rows if row["what"] == 2},
            [row["n"] for row in rows if row["what"] == 3],
        )

    def _check_seats(self, seats: Mapping[int, Row]) -> None:
        sold_as = {line.ticket: (number, line.epoch) for number, body in self.sales.values() for line in body.tickets}
        for seat, row in seats.items():
            before = self._seats.get(seat, Row(SeatStatus.FREE, 0, TillNumber(0), None))
            if row.epoch < before.epoch:
                raise Broken(f"the epoch of seat {seat} fell from {before.epoch} to {row.epoch}")
            is_new = row.status is SeatStatus.LEASED and before.status is not SeatStatus.LEASED
            if is_new and row.epoch == before.epoch:
                raise Broken(f"seat {seat} was leased again under epoch {row.epoch}")
            if before.status in _HELD and row.status is SeatStatus.SOLD and row.ticket in sold_as:
                assert row.ticket is not None
                if sold_as[row.ticket] != (before.till, before.epoch):
                    raise Broken(f"seat {seat} was sold under {sold_as[row.ticket]}, and {before} was out")

    def _check_leases(
        self, number: TillNumber, side: Side, at_central: set[UUID], seats: Mapping[int, Row], places: int
    ) -> None:
        """What a till may sell, or has sold and central does not know of, is its own at central."""
        unknown = {UUID(fact.body["sale"]) for fact in side.unsent if _is_sale(fact)} - at_central - self.excused
        sold = [line for sale in unknown for line in self.sales[sale][1].tickets]
        leases = [(line.seat, line.epoch) for line in sold if line.seat is not None]
        for seat, epoch in (*side.leases.items(), *leases):
            row = seats.get(seat)
            is_own = row is not None and row.status in _HELD and (row.till, row.epoch) == (number, epoch)
            if not is_own and (number, seat, epoch) not in self.reclaimed:
                raise Broken(f"till {number} has seat {seat} under epoch {epoch}, at central it is {row}")
        wanted = side.places + sum(line.area is not None for line in sold)
        if wanted > places and number not in self.reclaimed_places:
            raise Broken(f"till {number} has {wanted} places, {places} at central")

    def _check_money(self, counted: set[UUID]) -> None:
        numbers = [till.number for till in self.tills]
        wanted: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for sale in counted:
            number, body = self.sales[sale]
            wanted["sales"][str(number)] += body.total_minor
            for line in body.ledger:
                wanted["ledger"][line.account] += line.minor
        found: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for row in self.central.fetch(
            "select 'sales' as book, till::text as name, total_minor as minor from sale where till = any($1) union all"
            " select 'ledger', account, minor from ledger_line where till = any($1)",
            numbers,
        ):
            found[row["book"]][row["name"]] += row["minor"]
        if wanted != found:
            raise Broken(f"the money of the tills is {dict(wanted)}, at central {dict(found)}")

    def _check_outcomes(self) -> None:
        """Nothing is parked; a conflict has a reason outside of the protocol."""
        for row in self.central.fetch(
            "select till, kind, outcome, reason, body ->> 'sale' as sale from fact"
            " where till = any($1) and outcome <> 'applied'",
            [till.number for till in self.tills],
        ):
            number, sale = row["till"], UUID(row["sale"]) if row["sale"] else None
            if row["outcome"] == "conflict" and sale is not None and self._is_excused(number, sale):
                self.conflicts += 1
                continue
            raise Broken(f"a {row['kind']} of till {number} ended as {row['outcome']}: {row['reason']}")

    def _is_excused(self, number: TillNumber, sale: UUID) -> bool:
        lines = self.sales[sale][1].tickets
        return (
            sale in self.excused
            or any((number, line.seat, line.epoch) in self.reclaimed for line in lines if line.seat is not None)
            or (number in self.reclaimed_places and any(line.area is not None for line in lines))
        )


def _is_sale(fact: Fact) -> bool:
    return fact.kind == FactKind.SALE
