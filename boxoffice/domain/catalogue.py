"""What a venue sells: its venues, productions and performances, as central publishes and tills carry them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from boxoffice.domain.ids import PerformanceId, PlanId, ProductionId, VenueId
from boxoffice.domain.pricing import PriceList
from boxoffice.domain.refusals import Refused
from boxoffice.domain.staff import StaffMember
from boxoffice.domain.values import Currency, Instant, Name, Value


class UnknownPerformance(Refused):
    code = "unknown_performance"


class Seller(Value):
    """Who stands on receipts."""

    name: Name
    address: str
    tax_id: str
    footer: str = ""


class Venue(Value):
    """`timezone` is an IANA name: times are shown in it."""

    id: VenueId
    name: Name
    address: str
    timezone: str
    currency: Currency


class Production(Value):
    id: ProductionId
    title: Name
    kind: str  # play, concert, comedy ...
    minutes: int


class PerformanceStatus(StrEnum):
    ON_SALE = "on_sale"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Performance(Value):
    """One evening. `hall` is the room within the venue; `allotment` how many places a till keeps for itself."""

    id: PerformanceId
    production_id: ProductionId
    venue_id: VenueId
    hall: str
    plan_id: PlanId
    price_list_id: str
    starts_at: Instant
    doors_at: Instant
    ends_at: Instant
    status: PerformanceStatus = PerformanceStatus.ON_SALE
    allotment: int = 60

    @property
    def admits_from(self) -> Instant:
        return self.doors_at - timedelta(minutes=30)

    @property
    def admits_until(self) -> Instant:
        """A ticket outlives its performance: a late curtain is no reason to refuse."""
        return self.ends_at + timedelta(hours=1)


class Catalogue(Value):
    """`plans` are in the form of `boxoffice.domain.plan.plan_to_json`."""

    version: int
    seller: Seller
    venues: tuple[Venue, ...]
    plans: tuple[dict[str, Any], ...]
    productions: tuple[Production, ...]
    price_lists: tuple[PriceList, ...]
    performances: tuple[Performance, ...]
    staff: tuple[StaffMember, ...]

    def venue(self, venue_id: VenueId) -> Venue:
        return self._by_id("venues")[venue_id]  # type: ignore[no-any-return]

    def production(self, production_id: ProductionId) -> Production:
        return self._by_id("productions")[production_id]  # type: ignore[no-any-return]

    def price_list(self, price_list_id: str) -> PriceList:
        return self._by_id("price_lists")[price_list_id]  # type: ignore[no-any-return]

    def performance(self, performance_id: PerformanceId) -> Performance:
        """Raises UnknownPerformance."""
        try:
            return self._by_id("performances")[performance_id]  # type: ignore[no-any-return]
        except KeyError:
            raise UnknownPerformance(
                "This performance is not in the list.", "Wait for the list to load, or ask a manager."
            ) from None

    def _by_id(self, name: str) -> Mapping[Any, Any]:
        return {part.id: part for part in getattr(self, name)}
