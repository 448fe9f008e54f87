"""What is on: a week that was, tonight, and three weeks ahead, always seen from now.

The main performance starts 40 to 70 minutes from now, on the half hour, so that at any time of day there is one to sell
in a hurry and to admit to. Around it the days follow the venue's own clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from boxoffice.domain.catalogue import (
    Catalogue,
    Performance,
    PerformanceStatus,
    Production,
    Seller,
    Venue,
)
from boxoffice.domain.ids import PerformanceId, ProductionId, VenueId
from boxoffice.domain.plan import SeatingPlan, plan_to_json
from boxoffice.domain.pricing import PriceList
from boxoffice.domain.staff import StaffMember
from central.demo import price_lists as lists
from central.demo.arena import arena
from central.demo.club import club
from central.demo.theatre import main_house, studio, studio_unreserved

TIMEZONE = ZoneInfo("Europe/Berlin")
FIRST_PERFORMANCE = 1001
_HALF_HOUR = timedelta(minutes=30)
_ANY_HALF_HOUR = datetime(2026, 1, 1, tzinfo=UTC)
_SOONEST = timedelta(minutes=40)
_NIGHT_ENDS = timedelta(hours=5)  # 01:00 belongs to the evening before
_EVENING = time(19, 30)

_THEATRE, _ARENA, _CLUB = VenueId("sundial"), VenueId("tidewater"), VenueId("lantern")


@dataclass(frozen=True, slots=True)
class Room:
    """A hall as it is set up: its plan, its prices, how long before the start its doors open."""

    venue: VenueId
    hall: str
    plan: SeatingPlan
    price_list: PriceList
    doors_before: timedelta
    allotment: int


@dataclass(frozen=True, slots=True)
class Showing:
    """A performance, where it is, and how well it sells: the share of all places that is sold by now."""

    performance: Performance
    room: Room
    kind: str
    share: float
    on_sale_for: timedelta


@dataclass(frozen=True, slots=True)
class Programme:
    catalogue: Catalogue
    showings: tuple[Showing, ...]
    tonight: PerformanceId
    """The main performance."""


@dataclass(frozen=True, slots=True)
class _Slot:
    starts_at: datetime
    room: str
    title: str
    share: float
    status: PerformanceStatus = PerformanceStatus.ON_SALE


_SALT, _SIGNALMAN, _ORPHEUS = "The Salt Cartographer", "The Winter Signalman", "Orpheus Takes the Night Train"
_MACHINES, _WHALE, _KESTREL, _ATLAS = (
    "Small Machines",
    "The Paper Whale",
    "Kestrel Quartet: Night Pieces",
    "Pocket Atlas",
)
_STATIC, _VELA = "Northern Static", "Vela Marchetti: The Long Way Home"
_BRASS, _MOTH, _STANDUP = "Late Shift: Brass & Bass", "Moth & Lamp Trio", "Stand Up, Sit Down"

_PRODUCTIONS = {  # title: (kind, minutes)
    _SALT: ("play", 135),
    _SIGNALMAN: ("play", 120),
    _ORPHEUS: ("opera", 150),
    _MACHINES: ("play", 85),
    _WHALE: ("family", 60),
    _KESTREL: ("concert", 90),
    _ATLAS: ("comedy", 75),
    _STATIC: ("concert", 150),
    _VELA: ("concert", 140),
    _BRASS: ("club", 240),
    _MOTH: ("concert", 150),
    _STANDUP: ("comedy", 110),
}
_ON_SALE_DAYS = {"play": 75, "opera": 90, "family": 50, "concert": 80, "comedy": 45, "club": 30}

_WEEK_THAT_WAS = (  # days ago, time, room, title, share sold in the end
    (6, "19:30", "main", _SALT, 0.86),
    (6, "20:00", "studio", _MACHINES, 0.71),
    (6, "22:00", "club", _BRASS, 0.83),
    (5, "14:30", "matinee", _SALT, 0.47),
    (5, "19:30", "main", _SALT, 0.68),
    (5, "20:00", "studio", _MACHINES, 0.55),
    (4, "20:00", "arena", _STATIC, 0.34),
    (3, "19:30", "main", _SALT, 0.61),
    (3, "20:30", "club", _STANDUP, 0.77),
    (2, "19:30", "main", _SALT, 0.66),
    (2, "20:00", "unreserved", _KESTREL, 0.78),
    (1, "11:00", "studio", _WHALE, 0.89),
    (1, "19:30", "main", _SALT, 0.73),
    (1, "22:00", "club", _BRASS, 0.69),
)
_WEEKS_AHEAD = (  # days ahead, time, room, title, share sold so far
    (1, "11:00", "studio", _WHALE, 0.87),
    (1, "14:30", "matinee", _SALT, 0.43),
    (1, "19:30", "main", _SALT, 0.66),
    (1, "20:00", "arena", _VELA, 0.71),
    (1, "22:00", "club", _BRASS, 0.38),
    (2, "19:30", "main", _SALT, 0.37),
    (2, "20:00", "studio", _MACHINES, 0.52),
    (3, "20:30", "studio", _ATLAS, 1.0),
    (3, "20:30", "club", _STANDUP, 0.61),
    (4, "19:30", "main", _SIGNALMAN, 0.31),
    (4, "20:00", "studio", _MACHINES, 0.44),
    (5, "19:30", "main", _SIGNALMAN, 0.34),
    (6, "19:30", "main", _SIGNALMAN, 0.29),
    (6, "20:00", "unreserved", _KESTREL, 0.36),
    (7, "14:30", "matinee", _SIGNALMAN, 0.18),
    (7, "19:30", "main", _SIGNALMAN, 0.41),
    (7, "22:00", "club", _BRASS, 0.27),
    (8, "11:00", "studio", _WHALE, 0.58),
    (8, "20:30", "club", _MOTH, 0.33),
    (9, "19:30", "main", _SIGNALMAN, 0.17),
    (10, "20:00", "studio", _ATLAS, 0.63),
    (11, "19:30", "main", _SIGNALMAN, 0.15),
    (12, "20:30", "club", _STANDUP, 0.19),
    (13, "20:00", "unreserved", _KESTREL, 0.21),
    (14, "19:30", "main", _ORPHEUS, 0.28),
    (14, "22:00", "club", _BRASS, 0.14),
    (15, "11:00", "studio", _WHALE, 0.24),
    (15, "19:30", "main", _ORPHEUS, 0.12),
    (17, "19:30", "main", _ORPHEUS, 0.09),
    (18, "20:00", "studio", _MACHINES, 0.16),
    (20, "19:30", "main", _ORPHEUS, 0.07),
    (21, "14:30", "matinee", _ORPHEUS, 0.02),
)
_CANCELLED = (9, "20:30", "club", _MOTH)


def programme(now: datetime, staff: tuple[StaffMember, ...]) -> Programme:
    now = now.astimezone(UTC)
    rooms = _rooms()
    main = _main_start(now)
    slots = [*_tonight(main), *_other_days(main)]
    slots.sort(key=lambda slot: (slot.starts_at, slot.room, slot.title))
    showings = tuple(_showing(FIRST_PERFORMANCE + i, slot, rooms[slot.room], now) for i, slot in enumerate(slots))
    tonight = next(
        s.performance.id for s in showings if s.performance.starts_at == main and s.room.hall == "Main House"
    )
    return Programme(_catalogue(rooms, showings, staff), showings, tonight)


def _main_start(now: datetime) -> datetime:
    soonest = now + _SOONEST
    return soonest + (_ANY_HALF_HOUR - soonest) % _HALF_HOUR


def _evening_of(at: datetime) -> date:
    return (at.astimezone(TIMEZONE) - _NIGHT_ENDS).date()


def _on(day: date, clock: time) -> datetime:
    """In UTC, as all sums of times here: local time has an hour twice a year that is not there, or there twice."""
    return datetime.combine(day, clock, TIMEZONE).astimezone(UTC)


def _hour(at: datetime) -> int:
    return at.astimezone(TIMEZONE).hour


def _tonight(main: datetime) -> list[_Slot]:
    day = _evening_of(main)
    slots = [_Slot(main, "matinee" if 5 <= _hour(main) < 17 else "main", _SALT, 0.61)]
    if main + timedelta(hours=3, minutes=45) <= _on(day, _EVENING):
        slots.append(_Slot(_on(day, _EVENING), "main", _SALT, 0.54))
    matinee = main - timedelta(hours=4, minutes=30)
    if _evening_of(matinee) == day and _hour(matinee) >= 10:
        slots.append(_Slot(matinee, "studio", _WHALE, 0.93))
    slots.append(_Slot(max(_on(day, time(20)), main + _HALF_HOUR), "unreserved", _KESTREL, 0.64))
    slots.append(_Slot(max(_on(day, time(22)), main + timedelta(hours=2)), "club", _BRASS, 0.57))
    return slots


def _other_days(main: datetime) -> list[_Slot]:
    today = _evening_of(main)
    slots = [
        _Slot(_on(today + timedelta(days=sign * days), time.fromisoformat(clock)), room, title, share)
        for sign, table in ((-1, _WEEK_THAT_WAS), (1, _WEEKS_AHEAD))
        for days, clock, room, title, share in table
    ]
    days, clock, room, title = _CANCELLED
    at = _on(today + timedelta(days=days), time.fromisoformat(clock))
    return [*slots, _Slot(at, room, title, 0.0, PerformanceStatus.CANCELLED)]


def _showing(number: int, slot: _Slot, room: Room, now: datetime) -> Showing:
    kind, minutes = _PRODUCTIONS[slot.title]
    starts_at = slot.starts_at
    ends_at = starts_at + timedelta(minutes=minutes)
    performance = Performance(
        id=PerformanceId(number),
        production_id=_production_id(slot.title),
        venue_id=room.venue,
        hall=room.hall,
        plan_id=room.plan.id,
        price_list_id=room.price_list.id,
        starts_at=starts_at,
        doors_at=starts_at - room.doors_before,
        ends_at=ends_at,
        status=PerformanceStatus.CLOSED if ends_at <= now else slot.status,
        allotment=room.allotment,
    )
    return Showing(performance, room, kind, slot.share, timedelta(days=_ON_SALE_DAYS[kind]))


def _production_id(title: str) -> ProductionId:
    words = "".join(c if c.isalnum() else " " for c in title.casefold()).split()
    return ProductionId("-".join(words))


@cache
def _rooms() -> Mapping[str, Room]:
    prices = {item.id: item for item in lists.price_lists()}
    house = main_house()
    hour, half_hour, two_hours = timedelta(hours=1), timedelta(minutes=30), timedelta(hours=2)
    loose_chairs = prices[lists.STUDIO_UNRESERVED]
    return {
        "main": Room(_THEATRE, "Main House", house, prices[lists.MAIN_EVENING], hour, 60),
        "matinee": Room(_THEATRE, "Main House", house, prices[lists.MAIN_MATINEE], hour, 60),
        "studio": Room(_THEATRE, "Studio", studio(), prices[lists.STUDIO], half_hour, 24),
        "unreserved": Room(_THEATRE, "Studio · unreserved", studio_unreserved(), loose_chairs, half_hour, 24),
        "arena": Room(_ARENA, "Arena", arena(), prices[lists.ARENA], two_hours, 120),
        "club": Room(_CLUB, "Lantern Cellar", club(), prices[lists.CLUB], hour, 40),
    }


def _catalogue(rooms: Mapping[str, Room], showings: tuple[Showing, ...], staff: tuple[StaffMember, ...]) -> Catalogue:
    plans = {room.plan.id: room.plan for room in rooms.values()}
    return Catalogue(
        version=1,
        seller=Seller(
            name="Lindmoor Stages gGmbH",
            address="Weirgasse 7, 00420 Lindmoor",
            tax_id="DE000000000",
            footer="Thank you. Enjoy the evening.",
        ),
        venues=(
            _venue(_THEATRE, "The Sundial Theatre", "Weirgasse 7, 00420 Lindmoor"),
            _venue(_ARENA, "Tidewater Arena", "Hafenring 1, 00421 Lindmoor"),
            _venue(_CLUB, "Paper Lantern", "Kellergasse 12, 00420 Lindmoor"),
        ),
        plans=tuple(plan_to_json(plan) for plan in plans.values()),
        productions=tuple(
            Production(id=_production_id(title), title=title, kind=kind, minutes=minutes)
            for title, (kind, minutes) in _PRODUCTIONS.items()
        ),
        price_lists=tuple({room.price_list.id: room.price_list for room in rooms.values()}.values()),
        performances=tuple(showing.performance for showing in showings),
        staff=staff,
    )


def _venue(key: VenueId, name: str, address: str) -> Venue:
    return Venue(id=key, name=name, address=address, timezone=TIMEZONE.key, currency=lists.CURRENCY)
