"""What is on, seen from any hour of any day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from boxoffice.domain.catalogue import Catalogue, PerformanceStatus
from boxoffice.domain.staff import Role
from central.demo.people import staff
from central.demo.programme import TIMEZONE, programme
from tests.central.demo.houses import NOW, evening

INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@settings(max_examples=40)
@given(INSTANTS)
@example(NOW)
@example(datetime(2026, 11, 14, 22, 58, tzinfo=UTC))  # close to midnight
@example(datetime(2026, 10, 25, 0, 45, tzinfo=UTC))  # the hour that comes twice
@example(datetime(2026, 3, 29, 0, 30, tzinfo=UTC))  # the hour that is left out
def test_at_any_time_the_main_house_is_about_to_play(now: datetime) -> None:
    shown = programme(now, ())
    main = next(s.performance for s in shown.showings if s.performance.id == shown.tonight)
    assert main.hall == "Main House"
    assert timedelta(minutes=40) <= main.starts_at - now <= timedelta(minutes=70)
    assert main.starts_at.astimezone(TIMEZONE).minute in (0, 30)
    assert main.admits_from <= now < main.starts_at
    assert main.status is PerformanceStatus.ON_SALE


@settings(max_examples=20)
@given(INSTANTS)
def test_no_room_is_used_twice_at_a_time(now: datetime) -> None:
    by_room: dict[str, list[tuple[datetime, datetime]]] = {}
    for showing in programme(now, ()).showings:
        room = showing.performance.hall.split(" · ")[0]
        by_room.setdefault(room, []).append((showing.performance.starts_at, showing.performance.ends_at))
    for times in by_room.values():
        for (_, ends), (starts, _) in pairwise(times):
            assert ends <= starts


def test_a_saturday_evening_looks_as_one_expects() -> None:
    shown = evening()
    local = {
        (s.performance.hall, f"{s.performance.starts_at.astimezone(TIMEZONE):%H:%M}"): s
        for s in shown.showings
        if s.performance.starts_at.astimezone(TIMEZONE).date() == NOW.date()
    }
    assert set(local) == {
        ("Studio", "15:00"),
        ("Main House", "19:30"),
        ("Studio · unreserved", "20:00"),
        ("Lantern Cellar", "22:00"),
    }
    assert local["Studio", "15:00"].performance.ends_at < NOW


def test_there_are_dozens_of_performances_and_all_kinds_of_houses() -> None:
    showings = evening().showings
    assert 40 <= len(showings) <= 60
    assert Counter(s.performance.hall for s in showings)["Arena"] == 2
    assert sum(s.share == 1.0 for s in showings) == 1
    assert any(0 < s.share < 0.05 for s in showings)
    past = [s for s in showings if s.performance.ends_at < NOW]
    assert len(past) > 10
    assert all(s.performance.status is PerformanceStatus.CLOSED for s in past)
    assert max(s.performance.starts_at for s in showings) > NOW + timedelta(days=20)


def test_ids_rise_with_the_start() -> None:
    performances = [s.performance for s in evening().showings]
    assert [p.id for p in performances] == list(range(1001, 1001 + len(performances)))
    assert performances == sorted(performances, key=lambda p: p.starts_at)


def test_every_category_of_every_plan_has_prices_and_travels_as_json() -> None:
    shown = evening()
    for showing in shown.showings:
        assert len(showing.room.price_list.prices) == len(showing.room.plan.categories)
        for category in range(len(showing.room.plan.categories)):
            assert showing.room.price_list.price(category, "A").minor > 0
    catalogue = shown.catalogue
    assert Catalogue.model_validate_json(catalogue.model_dump_json()) == catalogue
    assert len(catalogue.plans) == 5


def test_the_club_charges_per_order_and_the_theatre_per_ticket() -> None:
    fees = {item.id: item.fees for item in evening().catalogue.price_lists}
    assert [fee.per_order for fee in fees["club"]] == [True]
    assert [(fee.minor, fee.tax_bp, fee.per_order) for fee in fees["main-evening"]] == [(150, 1900, False)]


def test_eight_people_work_here_and_the_demo_knows_their_pins() -> None:
    people = staff()
    assert Counter(person.role for person in people) == {Role.CASHIER: 4, Role.DOOR: 2, Role.MANAGER: 1, Role.ADMIN: 1}
    assert len({person.demo_pin for person in people}) == len({person.id for person in people}) == 8
    assert all(person.demo_pin and person.pin_hash.startswith("$argon2id$") for person in people)
    assert [person.id for person in people] == [person.id for person in staff()]


def test_the_page_about_the_demo_names_everybody_with_their_pin() -> None:
    page = (Path(__file__).parents[3] / "docs" / "demo.md").read_text(encoding="utf-8")
    for person in staff():
        assert f"| {person.name} | {person.role.capitalize()} | {person.demo_pin} |" in page
