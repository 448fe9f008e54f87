"""Places that this till holds. A hold never ends by the clock: only by its sale or by giving it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, func, select, union, update
from sqlalchemy.dialects.sqlite import insert as upsert

from boxoffice.domain.facts import AreaUnits, ReturnBody, SeatEpoch
from boxoffice.domain.ids import LeaseRequestId, PerformanceId
from boxoffice.domain.protocol import LeaseGrant, LeaseKind, LeaseRequest
from boxoffice.store import schema
from boxoffice.store.prepared import Prepared
from boxoffice.store.refusals import NotLeased

_l, _a, _e, _q = schema.lease, schema.area_lease, schema.seat_epoch, schema.lease_request
_t, _who = schema.ticket, schema.identity
_SEATS = select(_l.c.seat, _l.c.epoch).where(_l.c.performance == bindparam("performance")).order_by(_l.c.seat)
_SEATS_OF_KIND = _SEATS.where(_l.c.kind == bindparam("kind"))
_AREAS = select(_a.c.area, func.sum(_a.c.units)).where(_a.c.performance == bindparam("performance")).group_by(_a.c.area)
_AREAS_OF_KIND = _AREAS.where(_a.c.kind == bindparam("kind"))
_UNITS = (
    select(_a.c.kind, _a.c.units)
    .where(_a.c.performance == bindparam("performance"), _a.c.area == bindparam("area"))
    .order_by(_a.c.kind.desc())  # a basket's units go before the allotment's
)
_PERFORMANCES = union(select(_l.c.performance), select(_a.c.performance)).order_by("performance")
_DROP = Prepared(delete(_l).where(_l.c.performance == bindparam("its_performance"), _l.c.seat == bindparam("its_seat")))
_OPEN_REQUEST = select(_q.c.body).where(_q.c.request == bindparam("request"))
_SEEN = upsert(_e)
_SEE = _SEEN.on_conflict_do_update(index_elements=["performance", "seat"], set_={"epoch": _SEEN.excluded.epoch})
_GRANTED = upsert(_l)
_HOLD = _GRANTED.on_conflict_do_update(
    index_elements=["performance", "seat"], set_={"epoch": _GRANTED.excluded.epoch, "kind": _GRANTED.excluded.kind}
)
_PLACES = upsert(_a)
_HOLD_PLACES = _PLACES.on_conflict_do_update(
    index_elements=["performance", "area", "kind"], set_={"units": _a.c.units + _PLACES.excluded.units}
)
_APPLIED = _who.c.incarnation.op("<<")(schema.INCARNATION_BITS) + func.coalesce(
    select(schema.mark.c.applied_hi).where(schema.mark.c.incarnation == _who.c.incarnation).scalar_subquery(), 0
)
_SOLD_UNSENT = (
    select(_t.c.seat)
    .where(
        _t.c.performance == bindparam("performance"),
        _t.c.sale > select(_APPLIED).scalar_subquery(),
        _t.c.seat.is_not(None),
        _t.c.refund.is_(None),
    )
    .order_by(_t.c.seat)
)


class Leases:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open_request(self, request: LeaseRequest) -> None:
        """Durable before it is sent, so that a lost reply can be asked for again. Repeating is harmless."""
        self._connection.execute(
            upsert(_q).on_conflict_do_nothing(), {"request": request.request, "body": request.model_dump_json()}
        )

    def open_requests(self) -> tuple[LeaseRequest, ...]:
        """Sent, and not answered yet; oldest first."""
        rows = self._connection.scalars(select(_q.c.body).order_by(_q.c.request))
        return tuple(map(LeaseRequest.model_validate_json, rows))

    def accept(self, grant: LeaseGrant, kind: LeaseKind) -> tuple[SeatEpoch, ...]:
        """Hold what was granted, and close the request. The seats that are newly held.

        Only for an open request, and only seats whose epoch is above any this till has seen: a late or repeated
        reply changes nothing.
        """
        key = {"request": grant.request}
        if self._connection.execute(_OPEN_REQUEST, key).one_or_none() is None:
            return ()
        self.close_request(grant.request)
        seen = self._seen(grant.performance, [item.seat for item in grant.seats])
        fresh = tuple({item.seat: item for item in grant.seats if item.epoch > seen.get(item.seat, -1)}.values())
        if fresh:
            rows = [{"performance": grant.performance, "seat": item.seat, "epoch": item.epoch} for item in fresh]
            self._connection.execute(_SEE, rows)
            self._connection.execute(_HOLD, [{**row, "kind": kind.value} for row in rows])
        places = [
            {"performance": grant.performance, "area": item.area, "kind": kind.value, "units": item.units}
            for item in grant.areas
            if item.units
        ]
        if places:
            self._connection.execute(_HOLD_PLACES, places)
        return fresh

    def close_request(self, request: LeaseRequestId) -> None:
        """Central has refused it for good, or it was answered."""
        self._connection.execute(delete(_q).where(_q.c.request == request))

    def seats(self, performance: PerformanceId) -> Mapping[int, int]:
        """Seat -> epoch of every seat that is held and unsold."""
        return self._pairs(_SEATS, performance)

    def epochs(self, seats: Iterable[tuple[PerformanceId, int]]) -> dict[tuple[PerformanceId, int], int]:
        """The leases of these seats. Raises NotLeased if one is not held."""
        held: dict[PerformanceId, Mapping[int, int]] = {}
        found: dict[tuple[PerformanceId, int], int] = {}
        for performance, seat in seats:
            if performance not in held:
                held[performance] = self.seats(performance)
            if seat not in held[performance]:
                raise _not_leased()
            found[performance, seat] = held[performance][seat]
        return found

    def basket_seats(self, performance: PerformanceId) -> Sequence[int]:
        """Seats held for a basket, not by the allotment."""
        return tuple(self._pairs(_SEATS_OF_KIND, performance, LeaseKind.BASKET))

    def areas(self, performance: PerformanceId) -> Mapping[int, int]:
        """Area -> places that are held and unsold."""
        return self._pairs(_AREAS, performance)

    def basket_areas(self, performance: PerformanceId) -> Mapping[int, int]:
        """Area -> places held for a basket, not by the allotment."""
        return self._pairs(_AREAS_OF_KIND, performance, LeaseKind.BASKET)

    def consume(self, performance: PerformanceId, seats: Iterable[int]) -> None:
        """These seats are sold now. Raises NotLeased if one is not held."""
        if not self._drop(performance, tuple(seats)):
            raise _not_leased()

    def consume_area(self, performance: PerformanceId, area: int, units: int) -> None:
        """These places are sold now, those of a basket before those of the allotment. Raises NotLeased."""
        if self._drop_places(performance, area, units) != units:
            raise _not_leased()

    def release(self, performance: PerformanceId, seats: Iterable[int], areas: Mapping[int, int]) -> ReturnBody | None:
        """Give back; what is not held is passed over. Append the body in the same transaction; None: nothing was."""
        held = self.seats(performance)
        given = tuple(SeatEpoch(seat=seat, epoch=held[seat]) for seat in dict.fromkeys(seats) if seat in held)
        self._drop(performance, [item.seat for item in given])
        places = tuple(
            AreaUnits(area=area, units=dropped)
            for area, units in areas.items()
            if (dropped := self._drop_places(performance, area, units))
        )
        if not given and not places:
            return None
        return ReturnBody(performance=performance, seats=given, areas=places)

    def lose(self, performance: PerformanceId, seats: Iterable[SeatEpoch], areas: Iterable[AreaUnits]) -> None:
        """Central has ended these leases. A newer one of the same seat stays."""
        held = self.seats(performance)
        self._drop(performance, [item.seat for item in seats if held.get(item.seat, item.epoch + 1) <= item.epoch])
        for place in areas:
            self._drop_places(performance, place.area, place.units)

    def sold_unsent(self, performance: PerformanceId) -> Sequence[int]:
        """Seats this till sold and did not refund, of which central does not know yet."""
        return tuple(self._connection.scalars(_SOLD_UNSENT, {"performance": performance}))

    def all_performances(self) -> tuple[PerformanceId, ...]:
        """Those of which anything is held."""
        return tuple(map(PerformanceId, self._connection.scalars(_PERFORMANCES)))

    def _pairs(self, query: object, performance: PerformanceId, kind: LeaseKind | None = None) -> dict[int, int]:
        key = {"performance": performance} | ({"kind": kind.value} if kind is not None else {})
        return {row[0]: row[1] for row in self._connection.execute(query, key)}  # type: ignore[call-overload]

    def _seen(self, performance: PerformanceId, seats: list[int]) -> dict[int, int]:
        query = select(_e.c.seat, _e.c.epoch).where(_e.c.performance == performance, _e.c.seat.in_(seats))
        return {row.seat: row.epoch for row in self._connection.execute(query)}

    def _drop(self, performance: PerformanceId, seats: Sequence[int]) -> bool:
        """Whether all of them were held."""
        if not seats:
            return True
        rows = [{"its_performance": performance, "its_seat": seat} for seat in seats]
        return _DROP.run_each(self._connection, rows) == len(seats)

    def _drop_places(self, performance: PerformanceId, area: int, units: int) -> int:
        """Take off up to `units`; how many it were."""
        if units < 0:
            raise ValueError("places are counted from zero up")
        left = units
        for kind, held in self._connection.execute(_UNITS, {"performance": performance, "area": area}).all():
            taken = min(held, left)
            left -= taken
            row = (_a.c.performance == performance) & (_a.c.area == area) & (_a.c.kind == kind)
            if taken == held:
                self._connection.execute(delete(_a).where(row))
            elif taken:
                self._connection.execute(update(_a).where(row).values(units=held - taken))
        return units - left


def _not_leased() -> NotLeased:
    return NotLeased("A place is no longer held for this till.", "Take it out and choose again.")
