from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from boxoffice.domain.discounts import Discount, Reduction
from boxoffice.domain.pricing import Item
from central.database import Database
from central.loyalty import offers
from central.problems import Declined
from tests.central.audience.visits import booked, scanned, visited
from tests.central.people import Person, customer, manager
from tests.support.central import NOW, TOMORROW, TONIGHT, RunningCentral, catalogue, problem_of, run

AFTERWARDS = NOW + timedelta(days=3)


def _loyalty(person: Person) -> dict[str, Any]:
    reply = person.client.get(f"/api/loyalty/{person.id}")
    assert reply.status_code == 200, reply.text
    account: dict[str, Any] = reply.json()
    return account


def _discount(central: RunningCentral, **changes: object) -> dict[str, Any]:
    reply = manager(central).client.post("/api/admin/discounts", json=_terms(**changes))
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def _terms(**changes: object) -> dict[str, object]:
    return {"name": "Ten off", "taken": "percent", "amount": 1000, **changes}


def _items(count: int = 2) -> list[Item]:
    return [Item(catalogue().price_lists[0], 0, "A")] * count


def _order(person: Person, promo_code: str | None = None, count: int = 2) -> tuple[Reduction, UUID]:
    """Priced and its use counted, as a booking does it."""
    booking = uuid4()

    async def work(connection: asyncpg.Connection) -> Reduction:
        async with connection.transaction():
            now = person.central.clock[0]
            found = await offers.reductions(
                connection, person.account, catalogue().performances[0], _items(count), promo_code, now
            )
            await offers.redeem(connection, booking, person.account, found, now)
            return found

    return run(person.central.database, work), booking


def _give_back(central: RunningCentral, *bookings: UUID) -> None:
    run(central.database, lambda connection: offers.give_back(connection, bookings, central.clock[0]))


def test_points_come_once_for_a_visit_when_it_is_over(central: RunningCentral) -> None:
    ada = customer(central)
    booking = visited(ada, paid=(5000, 2599))
    assert _loyalty(ada)["loyaltyPoints"] == 0  # it is still playing
    central.clock[0] = AFTERWARDS
    scanned(ada, booking, "exit")
    for _ in range(2):
        account = _loyalty(ada)
        assert (account["userId"], account["loyaltyPoints"], account["tier"]) == (ada.id, 75, "Guest")
        assert (account["nextTier"], account["pointsToNextTier"]) == ("Regular", 125)
    [entry] = ada.client.get(f"/api/loyalty/{ada.id}/entries").json()
    assert (entry["points"], entry["reason"]) == (75, "attended")


def test_who_did_not_come_or_gave_the_ticket_back_earns_nothing(central: RunningCentral) -> None:
    ada = customer(central)
    booked(ada)
    refunded = visited(ada, TOMORROW)
    run(
        central.database,
        lambda connection: connection.execute(
            "update ticket set valid = false where sale = (select sale from booking where id = $1)", refunded
        ),
    )
    central.clock[0] = AFTERWARDS
    assert _loyalty(ada)["loyaltyPoints"] == 0


def test_a_tier_lasts_a_year_and_points_stay(central: RunningCentral) -> None:
    ada = customer(central)
    visited(ada, paid=(20000,))
    central.clock[0] = AFTERWARDS
    assert _loyalty(ada)["tier"] == "Regular"
    run(
        central.database,
        lambda connection: connection.execute("update points_entry set at = at - interval '366 days'"),
    )
    later = _loyalty(ada)
    assert (later["tier"], later["loyaltyPoints"], later["pointsInAYear"]) == ("Guest", 200, 0)


def test_points_become_a_code_of_ones_own_and_cannot_be_spent_twice(central: RunningCentral) -> None:
    ada, bea = customer(central), customer(central)
    visited(ada, paid=(15000,))
    central.clock[0] = AFTERWARDS
    spent = ada.client.post(f"/api/loyalty/{ada.id}/codes", json={"points": 100})
    assert (spent.status_code, spent.json()["amountMinor"], spent.json()["currency"]) == (201, 500, "EUR")
    code = spent.json()["promoCode"]
    account = _loyalty(ada)
    assert (account["loyaltyPoints"], account["pointsInAYear"]) == (50, 150)
    assert [offer["promoCode"] for offer in account["availableDiscount"]] == [code]
    again = ada.client.post(f"/api/loyalty/{ada.id}/codes", json={"points": 100})
    assert (again.status_code, problem_of(again)["code"]) == (409, "points_refused")
    with pytest.raises(Declined, match="There is no promo code"):
        _order(bea, code)
    reduction, booking = _order(ada, code.lower())
    assert reduction.total_minor == 500
    with pytest.raises(Declined, match="used up"):
        _order(ada, code)
    assert _loyalty(ada)["availableDiscount"] == []
    _give_back(central, booking)
    assert _order(ada, code)[0].total_minor == 500


def test_what_a_customer_may_use_is_listed_and_the_rest_is_not(central: RunningCentral) -> None:
    ada = customer(central)
    _discount(central, name="Groups", minTickets=10)
    _discount(central, name="Secret", code="SECRET")
    _discount(central, name="Patrons", tier=2)
    _discount(central, name="Later", validFrom=(NOW + timedelta(days=1)).isoformat())
    ended = _discount(central, name="Ended")
    manager(central).client.delete(f"/api/admin/discounts/{ended['discountId']}")
    assert _loyalty(ada)["availableDiscount"] == [
        {
            **{"name": "Groups", "promoCode": None, "per": "percent", "percent": 10.0, "amountMinor": None},
            **{"currency": None, "validUntil": None, "minTickets": 10, "daysBefore": 0},
        }
    ]


def test_the_best_offer_is_taken_and_a_typed_code_that_saves_less_is_kept(central: RunningCentral) -> None:
    ada = customer(central)
    _discount(central, name="Everybody")
    code = _discount(central, name="Five", code="FIVE", amount=500, mostUses=1)
    assert _order(ada, "five")[0].total_minor == 1000
    [shown] = [
        one
        for one in manager(central).client.get("/api/admin/discounts").json()
        if one["discountId"] == code["discountId"]
    ]
    assert (shown["orders"], shown["savedMinor"]) == (0, 0)


def test_members_get_what_their_tier_gets(central: RunningCentral) -> None:
    ada, bea = customer(central), customer(central)
    visited(ada, paid=(20000,))
    central.clock[0] = AFTERWARDS
    _discount(central, name="Regulars", tier=1)
    assert (_order(ada)[0].total_minor, _order(bea)[0].total_minor) == (1000, 0)


@pytest.mark.parametrize("limits", [{"mostUses": 3}, {"budgetMinor": 3999, "currency": "EUR"}], ids=["uses", "budget"])
def test_of_many_who_want_the_last_uses_no_more_get_them_than_there_are(
    central: RunningCentral, limits: dict[str, object]
) -> None:
    made = _discount(central, code="RUSH", **limits)
    people = [customer(central) for _ in range(8)]
    now: datetime = central.clock[0]

    async def rush() -> list[str]:
        async with Database.open(central.database, 8) as database:

            async def order(person: Person) -> str:
                async def work(connection: asyncpg.Connection) -> None:
                    found = await offers.reductions(
                        connection, person.account, catalogue().performances[0], _items(), "RUSH", now
                    )
                    await together.wait()
                    await offers.redeem(connection, uuid4(), person.account, found, now)

                try:
                    await database.write(work)
                except Declined as declined:
                    return declined.code
                return ""

            together = asyncio.Barrier(len(people))
            return await asyncio.gather(*(order(person) for person in people))

    assert sorted(asyncio.run(rush())) == [""] * 3 + ["promo_code_refused"] * 5
    shown = manager(central).client.get(f"/api/admin/discounts/{made['discountId']}").json()
    assert (shown["orders"], shown["savedMinor"]) == (3, 3000)


def test_a_customer_uses_a_code_as_often_as_they_may(central: RunningCentral) -> None:
    ada, bea = customer(central), customer(central)
    _discount(central, code="ONCE", mostUsesEach=1)
    _, booking = _order(ada, "ONCE")
    with pytest.raises(Declined, match="as often as you may"):
        _order(ada, "ONCE")
    assert _order(bea, "ONCE")[0].total_minor == 1000
    _give_back(central, booking)
    _give_back(central, booking)  # the second time gives nothing back
    assert _order(ada, "ONCE")[0].total_minor == 1000


def test_a_discount_is_made_found_ended_and_audited(central: RunningCentral) -> None:
    boss = manager(central)
    made = boss.client.post("/api/admin/discounts", json=_terms(code="SUMMER-26", performances=[TONIGHT]))
    assert (made.status_code, made.json()["code"], made.json()["minTickets"]) == (201, "SUMMER-26", 1)
    taken = boss.client.post("/api/admin/discounts", json=_terms(code="SUMMER-26"))
    assert (taken.status_code, problem_of(taken)["code"]) == (409, "code_taken")
    where = f"/api/admin/discounts/{made.json()['discountId']}"
    assert boss.client.get(where).json() == made.json()
    ended = boss.client.delete(where).json()
    assert ended["endedAt"] is not None
    assert boss.client.get("/api/admin/discounts").json() == []
    assert [one["discountId"] for one in boss.client.get("/api/admin/discounts?ended=true").json()] == [
        made.json()["discountId"]
    ]
    assert boss.client.post("/api/admin/discounts", json=_terms(code="SUMMER-26")).status_code == 201
    actions = central.fetch("select action from audit_entry order by id")
    assert [row["action"] for row in actions] == ["discount made", "discount ended", "discount made"]
    stored = Discount.model_validate_json(central.value("select body from discount where ended_at is not null"))
    assert stored.performances == (TONIGHT,)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": 20_000}, ""),
        ({"amount": -5}, "amount"),
        ({"code": "no spaces"}, "code"),
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"performances": [4711]}, "performances"),
        ({"minTickets": 0}, "minTickets"),
        ({"validUntil": "2026-11-14"}, "validUntil"),
        ({"budgetMinor": 10**13}, "budgetMinor"),
    ],
)
def test_a_discount_that_makes_no_sense_is_refused(
    central: RunningCentral, changes: dict[str, object], field: str
) -> None:
    reply = manager(central).client.post("/api/admin/discounts", json=_terms(**changes))
    assert reply.status_code == 422
    assert field in problem_of(reply)["field"]
    assert central.value("select count(*) from discount") == 0


def test_the_programme_is_the_managers(central: RunningCentral) -> None:
    boss, ada = manager(central), customer(central)
    before = boss.client.get("/api/admin/loyalty").json()
    assert (before["pointsForMajor"], before["tiers"][1]) == (1, {"name": "Regular", "points": 200})
    changed = boss.client.put("/api/admin/loyalty", json={**before, "pointsForMajor": 3})
    assert (changed.status_code, boss.client.get("/api/admin/loyalty").json()["pointsForMajor"]) == (200, 3)
    upside_down = {**before, "tiers": [{"name": "Guest", "points": 5}]}
    assert boss.client.put("/api/admin/loyalty", json=upside_down).status_code == 422
    visited(ada)
    central.clock[0] = AFTERWARDS
    assert _loyalty(ada)["loyaltyPoints"] == 150


def test_loyalty_is_ones_own(central: RunningCentral) -> None:
    ada, bea = customer(central), customer(central)
    for reply in (
        bea.client.get(f"/api/loyalty/{ada.id}"),
        bea.client.get(f"/api/loyalty/{ada.id}/entries"),
        bea.client.post(f"/api/loyalty/{ada.id}/codes", json={"points": 100}),
        manager(central).client.get(f"/api/loyalty/{uuid4()}"),
    ):
        assert (reply.status_code, problem_of(reply)["code"]) == (404, "unknown_user")
    assert manager(central).client.get(f"/api/loyalty/{ada.id}").status_code == 200
    for path in ("/api/admin/discounts", "/api/admin/loyalty", f"/api/admin/discounts/{uuid4()}"):
        assert ada.client.get(path).status_code == 403
