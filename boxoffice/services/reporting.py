"""Today at a glance: this till's sales, and the houses of tonight as the lists tell them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from boxoffice.domain.clock import Clock
from boxoffice.domain.facts import RefundBody, SaleBody
from boxoffice.domain.house import House, SeatState
from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.money import Money
from boxoffice.domain.plan import SeatingPlan
from boxoffice.domain.tenders import TenderKind
from boxoffice.services.admitting import Admitting, DoorCounts
from boxoffice.services.programme import Listing, Programme
from boxoffice.store import Store

ARRIVALS_STEP = timedelta(minutes=15)
MOST_SHARED = 12  # performances


@dataclass(frozen=True, slots=True)
class HourSales:
    """Tickets and takings of one hour of the venue's day."""

    hour: int
    tickets: int
    taken: Money


@dataclass(frozen=True, slots=True)
class SoldLine:
    """Sales of one performance and price type today, refunds taken off."""

    performance: PerformanceId
    title: str
    starts_at: datetime
    price_type: str
    tickets: int
    refunded: int
    gross: Money


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Entries per quarter of an hour: gate -> counts, beside `from_` of each step."""

    performance: PerformanceId
    steps: tuple[datetime, ...]
    by_gate: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True, eq=False)
class SeatShares:
    """In which share of the performances that play in this house each seat, and each area, is sold."""

    plan: SeatingPlan
    performances: int
    seats: NDArray[np.float64]
    areas: tuple[float, ...]

    def by_section(self) -> tuple[tuple[str, float], ...]:
        """Fullest first; sections without seats do not count."""
        parts = zip(self.plan.sections, self.plan.section_slices, strict=True)
        shares = [(section.name, float(self.seats[part].mean())) for section, part in parts if part.stop > part.start]
        return tuple(sorted(shares, key=lambda share: -share[1]))


@dataclass(frozen=True, slots=True)
class Today:
    day: date
    timezone: str
    tickets_sold: int
    tickets_refunded: int
    taken: Money
    taken_cash: Money
    sales: int
    seconds_per_sale: float | None  # median; None before the first sale
    hours: tuple[HourSales, ...]
    lines: tuple[SoldLine, ...]
    houses: tuple[Listing, ...]
    tonight: Listing | None
    tonight_counts: DoorCounts | None
    arrivals: Arrivals | None
    seat_shares: SeatShares | None  # of tonight's house, else the next


class Reporting:
    def __init__(self, store: Store, programme: Programme, admitting: Admitting, now: Clock) -> None:
        self._store, self._programme, self._admitting, self._now = store, programme, admitting, now

    def today(self) -> Today:
        """Raises NotLoaded."""
        catalogue = self._programme.catalogue()
        zone = ZoneInfo(catalogue.venues[0].timezone)
        currency = catalogue.venues[0].currency
        day = self._now().astimezone(zone).date()
        start = datetime.combine(day, time(0), zone)
        end = start + timedelta(days=1)
        sales = self._store.read(lambda tx: tx.sales.between(start, end))
        refunds = self._store.read(lambda tx: tx.sales.refunds_between(start, end))
        listings = self._programme.listings()
        tonight = _tonight(listings, day, zone, self._now())
        bodies: tuple[SaleBody | RefundBody, ...] = (*sales, *refunds)
        cash = [t.minor for body in bodies for t in body.tenders if t.kind is TenderKind.CASH]
        seconds = [max(0.0, (sale.sold_at - sale.started_at).total_seconds()) for sale in sales]
        return Today(
            day=day,
            timezone=zone.key,
            tickets_sold=sum(len(sale.tickets) for sale in sales),
            tickets_refunded=sum(len(refund.tickets) for refund in refunds),
            taken=Money(sum(body.total_minor for body in bodies), currency),
            taken_cash=Money(sum(cash), currency),
            sales=len(sales),
            seconds_per_sale=median(seconds) if seconds else None,
            hours=_hours(sales, refunds, zone, currency),
            lines=self._lines(sales, refunds, currency),
            houses=tuple(listing for listing in listings if listing.performance.starts_at >= start)[:8],
            tonight=tonight,
            tonight_counts=self._admitting.counts(tonight.performance.id) if tonight is not None else None,
            arrivals=self._arrivals(tonight) if tonight is not None else None,
            seat_shares=self._seat_shares(tonight, listings),
        )

    def _seat_shares(self, tonight: Listing | None, listings: tuple[Listing, ...]) -> SeatShares | None:
        shown = tonight or next(iter(listings), None)
        if shown is None:
            return None
        plan = self._programme.plan(shown.performance.plan_id)
        same = [item.performance.id for item in listings if item.performance.plan_id == plan.id][:MOST_SHARED]
        houses = [self._programme.house(performance) for performance in same]
        sold = np.mean([house.states == SeatState.SOLD for house in houses], axis=0)
        areas = [
            [house.areas[index].sold / house.areas[index].capacity for house in houses]
            for index in range(len(plan.areas))
        ]
        return SeatShares(plan, len(same), sold, tuple(sum(area) / len(area) for area in areas))

    def house_of_tonight(self) -> House | None:
        """Tonight's, else the next; None where nothing is listed. Raises NotLoaded."""
        listings = self._programme.listings()
        day_zone = ZoneInfo(self._programme.catalogue().venues[0].timezone)
        tonight = _tonight(listings, self._now().astimezone(day_zone).date(), day_zone, self._now())
        shown = tonight or next(iter(listings), None)
        return self._programme.house(shown.performance.id) if shown is not None else None

    def _lines(
        self, sales: tuple[SaleBody, ...], refunds: tuple[RefundBody, ...], currency: str
    ) -> tuple[SoldLine, ...]:
        sold: Counter[tuple[PerformanceId, str]] = Counter()
        back: Counter[tuple[PerformanceId, str]] = Counter()
        gross: Counter[tuple[PerformanceId, str]] = Counter()
        name_of = {}
        for sale in sales:
            for ticket in sale.tickets:
                key = (ticket.performance, ticket.price_type_name)
                name_of[ticket.ticket] = ticket.price_type_name
                sold[key] += 1
                gross[key] += ticket.gross_minor + ticket.fee_minor
        for refund in refunds:
            for refunded in refund.tickets:
                key = (refunded.performance, name_of.get(refunded.ticket, "Earlier days"))
                back[key] += 1
                gross[key] += refunded.gross_minor + refunded.fee_minor
        catalogue = self._programme.catalogue()
        lines = []
        for performance_id, price_type in {**sold, **back}:
            performance = catalogue.performance(performance_id)
            key = (performance_id, price_type)
            lines.append(
                SoldLine(
                    performance=performance_id,
                    title=catalogue.production(performance.production_id).title,
                    starts_at=performance.starts_at,
                    price_type=price_type,
                    tickets=sold[key],
                    refunded=back[key],
                    gross=Money(gross[key], currency),
                )
            )
        return tuple(sorted(lines, key=lambda line: (line.starts_at, line.title, -line.tickets, line.price_type)))

    def _arrivals(self, listing: Listing) -> Arrivals:
        entries = self._admitting.entries(listing.performance.id)
        counts: dict[str, Counter[int]] = defaultdict(Counter)
        first = listing.performance.doors_at
        for gate, at in entries:
            counts[gate][(at - first) // ARRIVALS_STEP] += 1
        last = max((step for of_gate in counts.values() for step in of_gate), default=0)
        earliest = min((step for of_gate in counts.values() for step in of_gate), default=0)
        steps = range(min(0, earliest), max(3, last) + 1)
        return Arrivals(
            performance=listing.performance.id,
            steps=tuple(first + step * ARRIVALS_STEP for step in steps),
            by_gate=tuple((gate, tuple(counts[gate][step] for step in steps)) for gate in sorted(counts)),
        )


def _hours(
    sales: tuple[SaleBody, ...], refunds: tuple[RefundBody, ...], zone: ZoneInfo, currency: str
) -> tuple[HourSales, ...]:
    tickets: Counter[int] = Counter()
    taken: Counter[int] = Counter()
    for sale in sales:
        hour = sale.sold_at.astimezone(zone).hour
        tickets[hour] += len(sale.tickets)
        taken[hour] += sale.total_minor
    for refund in refunds:
        hour = refund.refunded_at.astimezone(zone).hour
        tickets[hour] -= len(refund.tickets)
        taken[hour] += refund.total_minor
    if not taken:
        return ()
    return tuple(
        HourSales(hour, tickets[hour], Money(taken[hour], currency)) for hour in range(min(taken), max(taken) + 1)
    )


def _tonight(listings: tuple[Listing, ...], day: date, zone: ZoneInfo, now: datetime) -> Listing | None:
    """The performance of today that matters now: the biggest house that has not ended, else the last of the day."""
    today = [item for item in listings if item.performance.starts_at.astimezone(zone).date() == day]
    ahead = [item for item in today if item.performance.ends_at > now]
    if ahead:
        return max(ahead, key=lambda item: (item.sold, -item.performance.id))
    return today[-1] if today else None
