"""What was sold and earned, to the cent."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx

from tests.central.people import Person, customer, manager
from tests.support.central import PRICE_MINOR, TOMORROW, TONIGHT, RunningCentral, problem_of


def _statistics(person: Person, **query: Any) -> dict[str, Any]:
    reply = person.client.get("/api/admin/statistics", params=query)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def _sold(central: RunningCentral) -> None:
    till = central.till()
    first = till.sell(till.lease([1, 2, 3]).seats)
    till.sell(till.lease(places=2, performance=TOMORROW).seats, places=2, performance=TOMORROW)
    till.refund(first, first.tickets[:1])
    till.push()


def test_a_day_of_sales_and_refunds_adds_up(central: RunningCentral) -> None:
    _sold(central)
    found = _statistics(manager(central))
    assert found["totals"] == [{"currency": "EUR", "sold": 4, "revenueMinor": 4 * PRICE_MINOR}]
    assert [(row["channel"], row["sold"]) for row in found["byChannel"]] == [("counter", 4)]
    assert [(row["priceType"], row["revenueMinor"]) for row in found["byPriceType"]] == [("Adult", 4 * PRICE_MINOR)]
    assert [(row["day"], row["sold"]) for row in found["byDay"]] == [("2026-11-14", 4)]
    assert {(row["eventId"], row["sold"], row["capacity"]) for row in found["byEvent"]} == {
        (str(TONIGHT), 2, 150),
        (str(TOMORROW), 2, 150),
    }
    assert found["byEvent"][0]["occupancyPercent"] == 1.3
    [books] = found["books"]
    assert (books["day"], books["channel"], books["totalMinor"]) == ("2026-11-14", "counter", 4 * PRICE_MINOR)


def test_the_web_is_a_channel_of_its_own_and_its_fees_and_tax_are_in_the_books(central: RunningCentral) -> None:
    _sold(central)
    buyer = customer(central)
    body = {"eventId": str(TONIGHT), "userId": buyer.id, "seats": [20, 21]}
    booked = buyer.client.post("/api/bookings", json=body).json()
    paid = {"bookingId": booked["bookingId"], "paymentMethod": "counter", "amount": booked["total price"]}
    before = _statistics(manager(central))
    assert [row["channel"] for row in before["byChannel"]] == ["counter"], "what waits for its payment is not sold"
    cashier = manager(central)
    reply = cashier.client.post("/api/payments", json=paid)
    assert reply.status_code in (200, 201), reply.text
    found = _statistics(manager(central))
    assert [(row["channel"], row["sold"]) for row in found["byChannel"]] == [("counter", 4), ("web", 2)]
    web = next(row for row in found["books"] if row["channel"] == "web")
    assert web["totalMinor"] == booked["totalMinor"] == 2 * (PRICE_MINOR + 150)
    assert web["ticketsMinor"] + web["feesMinor"] + web["taxMinor"] == web["totalMinor"]
    assert web["taxMinor"] > 0 < web["feesMinor"]


def test_one_event_or_some_days_alone(central: RunningCentral) -> None:
    _sold(central)
    boss = manager(central)
    alone = _statistics(boss, eventId=str(TONIGHT))
    assert ([row["eventId"] for row in alone["byEvent"]], alone["totals"][0]["sold"]) == ([str(TONIGHT)], 2)
    assert _statistics(boss, dateFrom="2026-11-14", dateTo="2026-11-14")["totals"][0]["sold"] == 4
    later = _statistics(boss, dateFrom="2026-11-15")
    assert (later["totals"], later["byEvent"], later["books"]) == ([], [], [])
    assert _statistics(boss, dateFrom="0001-01-01", dateTo="9999-12-31")["totals"][0]["sold"] == 4
    unknown = boss.client.get("/api/admin/statistics", params={"eventId": "4242"})
    assert (unknown.status_code, problem_of(unknown)["code"]) == (404, "unknown_event")


def test_as_a_table_no_name_becomes_a_formula(central: RunningCentral) -> None:
    _sold(central)
    central.fetch("update production set title = '=cmd()'")
    try:
        reply = manager(central).client.get("/api/admin/statistics", params={"format": "csv"})
    finally:
        central.fetch("update production set title = 'The Cherry Orchard'")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(reply.text)))
    assert {row["name"] for row in rows} == {"'=cmd()"}
    assert {(row["eventId"], row["sold"], row["revenue"]) for row in rows} == {
        (str(TONIGHT), "2", "100.00"),
        (str(TOMORROW), "2", "100.00"),
    }


def test_customers_do_not_see_them(central: RunningCentral) -> None:
    assert customer(central).client.get("/api/admin/statistics").status_code == 403
    assert httpx.get(f"{central.url}/api/admin/statistics", verify=False).status_code == 401
