from __future__ import annotations

import base64
import io
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from boxoffice.domain.catalogue import Catalogue
from boxoffice.domain.protocol import KeyBundle, SeatStatus
from boxoffice.domain.tokens import verify
from central.bookings import expiring
from central.bookings.confirming import confirm
from central.problems import Declined
from central.seeding import insert_catalogue
from tests.central.people import Person, admin, customer, manager
from tests.support.central import (
    FLOOR,
    FLOOR_PLACES,
    NOW,
    PRICE_MINOR,
    SEATS,
    TONIGHT,
    RunningCentral,
    catalogue,
    problem_of,
    run,
)

EACH = PRICE_MINOR + 150  # with the booking fee


def book(person: Person, **wanted: object) -> httpx.Response:
    body = {"eventId": str(TONIGHT), "userId": person.id, **wanted}
    return person.client.post("/api/bookings", json=body)


def booked(person: Person, **wanted: object) -> dict[str, Any]:
    reply = book(person, **wanted)
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def pay(central: RunningCentral, booking: str, reference: str = "payment 1") -> None:
    """As the payments do it, in one transaction."""

    async def work(connection: Any) -> Any:
        async with connection.transaction():
            return await confirm(connection, UUID(booking), "voucher", reference, central.clock[0])

    run(central.database, work)


def shown(person: Person, booking: str) -> dict[str, Any]:
    reply = person.client.get(f"/api/bookings/{booking}")
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def _code(picture: Image.Image) -> str:
    found = zxingcpp.read_barcode(picture.convert("L"))
    assert found is not None
    return found.text


def house(central: RunningCentral) -> dict[int, int]:
    return {row["seat"]: row["status"] for row in central.fetch("select seat, status from seat where status <> 0")}


def assert_the_counters_are_right(central: RunningCentral) -> None:
    """What is free, by the counters that everybody reads and by counting."""
    taken = len(house(central))
    assert central.value("select free_seats from feed_head where performance = $1", TONIGHT) == SEATS - taken
    held = central.value("select coalesce(sum(u), 0) from hold, unnest(units) u where state = 'open'")
    leased = central.value("select coalesce(sum(units), 0) from area_lease")
    free, sold = central.fetch("select free, sold from area_count where performance = $1", TONIGHT)[0].values()
    assert free + sold + held + leased == FLOOR_PLACES
    assert central.value("select coalesce(sum(minor), 0) from web_ledger_line") == 0


def test_the_best_seats_are_booked_paid_and_admit(central: RunningCentral) -> None:
    ada = customer(central, name="Ada Byron")
    made = booked(ada, numberOfTickets=2, seatPreferences="Stalls, together")
    assert made["message"] == "booking successful"
    assert (made["total price"], made["totalMinor"], made["currency"]) == (103.0, 2 * EACH, "EUR")
    assert (made["state"], made["expiresAt"]) == ("pending", "2026-11-14T12:10:00Z")
    seats = house(central)
    assert list(seats.values()) == [SeatStatus.HELD] * 2
    waiting = shown(ada, made["bookingId"])
    assert waiting["qrCode"] == ""
    assert [ticket["token"] for ticket in waiting["tickets"]] == ["", ""]
    pay(central, made["bookingId"])
    paid = shown(ada, made["bookingId"])
    assert (paid["state"], paid["expiresAt"]) == ("confirmed", None)
    assert paid["eventDetails"] == "The Cherry Orchard, 14 November 2026, 20:00, Main Stage, Theatre Royal"
    picture = Image.open(io.BytesIO(base64.b64decode(paid["qrCode"].removeprefix("data:image/png;base64,"))))
    assert _code(picture) == paid["tickets"][0]["token"]
    assert house(central) == dict.fromkeys(seats, SeatStatus.SOLD)
    assert_the_counters_are_right(central)
    # what the door of a till knows: the key, and the ticket in its list
    till = central.till()
    bundle = KeyBundle.model_validate_json(till.client.get("/api/tills/keys").content)
    keys = {(key.issuer, key.key_id): key.public_key for key in bundle.keys}
    tokens = [verify(ticket["token"], lambda till, key: keys.get((till, key))) for ticket in paid["tickets"]]
    assert {token.seat for token in tokens} == set(seats)
    records = {record.ticket: record for record in till.snapshot().tickets}
    assert {token.ticket for token in tokens} == set(records)
    assert {(r.holder, r.channel, r.valid, r.order_code) for r in records.values()} == {
        ("Ada Byron", "web", True, paid["orderCode"])
    }


def test_the_tickets_are_printed_one_a_page(central: RunningCentral) -> None:
    ada = customer(central)
    made = booked(ada, numberOfTickets=2)
    where = f"/api/bookings/{made['bookingId']}/tickets.pdf"
    unpaid = ada.client.get(where)
    assert (unpaid.status_code, problem_of(unpaid)["code"]) == (409, "no_tickets")
    pay(central, made["bookingId"])
    paper = ada.client.get(where)
    assert paper.headers["content-type"] == "application/pdf"
    document = pypdfium2.PdfDocument(paper.content)
    found = [_code(page.render(scale=3).to_pil()) for page in document]
    document.close()
    assert found == [ticket["token"] for ticket in shown(ada, made["bookingId"])["tickets"]]


def test_named_seats_and_places_are_booked_as_they_are_named(central: RunningCentral) -> None:
    ada = customer(central)
    made = booked(ada, seats=[25, 24], places=[{"area": FLOOR, "count": 3}])
    assert [ticket["place"] for ticket in made["tickets"]] == ["Stalls C 5", "Stalls C 6", "Floor", "Floor", "Floor"]
    assert_the_counters_are_right(central)
    pay(central, made["bookingId"])
    assert central.fetch("select free, sold from area_count where performance = $1", TONIGHT) == [
        {"free": FLOOR_PLACES - 3, "sold": 3}
    ]
    assert_the_counters_are_right(central)


def test_a_hold_is_looked_at_and_then_booked(central: RunningCentral) -> None:
    ada, bea = customer(central), customer(central)
    held = ada.client.post("/api/holds", json={"eventId": str(TONIGHT), "numberOfTickets": 3})
    assert (held.status_code, len(held.json()["places"])) == (201, 3)
    assert "row" in held.json()["reason"]
    hold = held.json()["holdId"]
    stolen = book(bea, holdId=hold)
    assert (stolen.status_code, problem_of(stolen)["code"]) == (404, "unknown_hold")
    made = booked(ada, holdId=hold)
    assert [ticket["place"] for ticket in made["tickets"]] == [place["place"] for place in held.json()["places"]]
    again = book(ada, holdId=hold)
    assert (again.status_code, problem_of(again)["code"]) == (409, "hold_booked")
    assert ada.client.delete(f"/api/holds/{hold}").status_code == 404  # it is the booking's now


def test_what_is_released_or_not_paid_in_time_is_free_for_others(central: RunningCentral) -> None:
    ada, bea = customer(central), customer(central)
    hold = ada.client.post("/api/holds", json={"eventId": str(TONIGHT), "seats": [10, 11]}).json()["holdId"]
    assert bea.client.delete(f"/api/holds/{hold}").status_code == 404
    assert ada.client.delete(f"/api/holds/{hold}").status_code == 204
    assert house(central) == {}
    made = booked(ada, seats=[10, 11])
    central.clock[0] = NOW + timedelta(minutes=11)
    expire(central)
    assert house(central) == {}
    assert shown(ada, made["bookingId"])["state"] == "expired"
    assert book(bea, seats=[10, 11]).status_code == 201
    assert_the_counters_are_right(central)


def expire(central: RunningCentral) -> None:
    """What a node does every few seconds."""

    async def work(connection: Any) -> Any:
        async with connection.transaction():
            return await expiring.expire(connection, central.clock[0])

    run(central.database, work)


def test_money_that_comes_late_still_gets_the_seats_if_nobody_else_has_them(central: RunningCentral) -> None:
    ada = customer(central)
    made = booked(ada, seats=[10, 11], places=[{"area": FLOOR, "count": 1}])
    central.clock[0] = NOW + timedelta(minutes=11)
    expire(central)
    pay(central, made["bookingId"])
    assert shown(ada, made["bookingId"])["state"] == "confirmed"
    assert house(central) == dict.fromkeys([10, 11], SeatStatus.SOLD)
    assert_the_counters_are_right(central)


def test_money_that_comes_too_late_is_refused_and_nothing_is_sold_twice(central: RunningCentral) -> None:
    ada, bea = customer(central), customer(central)
    made = booked(ada, seats=[10, 11])
    central.clock[0] = NOW + timedelta(minutes=11)
    expire(central)
    booked(bea, seats=[11, 12])
    with pytest.raises(Declined) as refused:
        pay(central, made["bookingId"])
    assert refused.value.code == "booking_expired"
    assert house(central) == dict.fromkeys([11, 12], SeatStatus.HELD)
    assert_the_counters_are_right(central)


def test_the_same_payment_confirms_once_and_another_one_not_at_all(central: RunningCentral) -> None:
    ada = customer(central)
    made = booked(ada, numberOfTickets=1)
    for _ in range(2):
        pay(central, made["bookingId"])
    with pytest.raises(Declined, match="confirmed already"):
        pay(central, made["bookingId"], "payment 2")
    assert central.value("select count(*) from sale") == 1
    assert central.value("select count(*) from message where kind = 'booking_confirmed'") == 1


def test_two_who_want_the_same_seat_one_gets_it(central: RunningCentral) -> None:
    ada, bea = customer(central), customer(central)
    booked(ada, seats=[5])
    refused = book(bea, seats=[4, 5])
    problem = problem_of(refused)
    assert (refused.status_code, problem["code"], problem["field"]) == (409, "places_taken", "seats")
    assert problem["title"] == "Stalls A 6 is taken."
    assert list(house(central)) == [5]


def test_a_seat_of_a_till_is_not_the_webs_nor_the_other_way_round(central: RunningCentral) -> None:
    ada, till = customer(central), central.till()
    till.lease([5])
    assert problem_of(book(ada, seats=[5]))["code"] == "places_taken"
    booked(ada, seats=[6])
    assert till.lease([6]).taken == (6,)
    assert_the_counters_are_right(central)


def test_a_house_is_sold_out_to_the_last_place_and_then_says_so(central: RunningCentral) -> None:
    people = [customer(central) for _ in range(6)]
    for i, person in enumerate(people[:5]):
        booked(person, numberOfTickets=20, seatPreferences="Stalls" if i < 2 else "")
    assert len(house(central)) == SEATS
    last = booked(people[5], numberOfTickets=2)  # no seat is left: the floor is
    assert last["tickets"][0]["place"] == "Floor"
    refused = book(people[5], numberOfTickets=2, seatPreferences="Circle")
    assert (refused.status_code, problem_of(refused)["code"]) == (409, "sold_out")
    assert_the_counters_are_right(central)


@pytest.mark.parametrize(
    ("wanted", "status", "code", "field"),
    [
        ({}, 422, "too_many_tickets", "numberOfTickets"),
        ({"numberOfTickets": 10_000}, 422, "too_many_tickets", "numberOfTickets"),
        ({"numberOfTickets": -1}, 422, "malformed", "numberOfTickets"),
        ({"numberOfTickets": 2.5}, 422, "malformed", "numberOfTickets"),
        ({"numberOfTickets": 2, "seatPreferences": "on the moon"}, 422, "unknown_preference", "seatPreferences"),
        ({"numberOfTickets": 2, "seatPreferences": "a\x00b"}, 422, "malformed", "seatPreferences"),
        ({"seats": [SEATS]}, 422, "malformed", "seats"),
        ({"seats": [3, 3]}, 422, "malformed", "seats"),
        ({"seats": list(range(21))}, 422, "too_many_tickets", "numberOfTickets"),
        ({"seats": [3], "numberOfTickets": 2}, 422, "malformed", "numberOfTickets"),
        ({"places": [{"area": 7, "count": 1}]}, 422, "malformed", "places"),
        ({"places": [{"area": 0, "count": 1}, {"area": 0, "count": 1}]}, 422, "malformed", "places"),
        ({"seats": [3], "priceTypes": ["Z"]}, 422, "not_for_sale", "priceTypes"),
        ({"seats": [3], "priceTypes": ["A", "A"]}, 422, "malformed", "priceTypes"),
        ({"seats": [3], "promoCode": "NOBODY"}, 422, "promo_code_refused", "promoCode"),
        ({"numberOfTickets": 1, "eventId": "4711"}, 404, "unknown_event", "eventId"),
        ({"numberOfTickets": 1, "eventId": "' or 1=1"}, 422, "malformed", "eventId"),
        ({"holdId": "0198c0de-0000-7000-8000-000000000000"}, 404, "unknown_hold", "holdId"),
        ({"numberOfTickets": 1, "userId": "0198c0de-0000-7000-8000-000000000000"}, 404, "unknown_user", ""),
    ],
)
def test_what_cannot_be_booked_is_refused_by_its_field_and_nothing_is_held(
    central: RunningCentral, wanted: dict[str, object], status: int, code: str, field: str
) -> None:
    reply = book(customer(central), **wanted)
    problem = problem_of(reply)
    assert (reply.status_code, problem["code"], problem["field"]) == (status, code, field)
    assert house(central) == {}
    assert central.value("select count(*) from hold") == 0
    assert central.value("select count(*) from booking") == 0


@pytest.mark.parametrize("status", ["closed", "cancelled"])
def test_what_is_not_on_sale_is_not_booked(central: RunningCentral, status: str) -> None:
    run(
        central.database,
        lambda connection: connection.execute("update performance set status = $1 where id = $2", status, TONIGHT),
    )
    refused = book(customer(central), numberOfTickets=1)
    assert (refused.status_code, problem_of(refused)["code"]) == (409, "not_on_sale")


def test_nobody_keeps_half_the_house_in_holds(central: RunningCentral) -> None:
    ada = customer(central)
    for seat in range(5):
        assert ada.client.post("/api/holds", json={"eventId": str(TONIGHT), "seats": [seat]}).status_code == 201
    refused = ada.client.post("/api/holds", json={"eventId": str(TONIGHT), "seats": [9]})
    assert (refused.status_code, problem_of(refused)["code"]) == (409, "too_many_holds")
    assert len(house(central)) == 5


def test_a_booking_is_its_owners_and_a_managers(central: RunningCentral) -> None:
    ada, bea = customer(central), customer(central)
    made = booked(ada, numberOfTickets=1)
    for way in ("", "/tickets.pdf", "/cancellation"):
        reply = bea.client.get(f"/api/bookings/{made['bookingId']}{way}")
        assert (reply.status_code, problem_of(reply)["code"]) == (404, "unknown_booking")
    assert bea.client.delete(f"/api/bookings/{made['bookingId']}").status_code == 404
    assert ada.client.get(f"/api/bookings/{uuid4()}").status_code == 404
    assert shown(admin(central), made["bookingId"])["userId"] == ada.id
    assert [one["bookingId"] for one in ada.client.get("/api/bookings").json()] == [made["bookingId"]]
    assert bea.client.get("/api/bookings").json() == []
    assert bea.client.get("/api/bookings", params={"userId": ada.id}).status_code == 404
    assert len(manager(central).client.get("/api/bookings", params={"userId": ada.id}).json()) == 1


def test_the_same_request_books_once(central: RunningCentral) -> None:
    ada, bea = customer(central), customer(central)
    key = {"Idempotency-Key": str(uuid4())}
    body = {"eventId": str(TONIGHT), "userId": ada.id, "numberOfTickets": 2}
    first, second = (ada.client.post("/api/bookings", json=body, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    other = ada.client.post("/api/bookings", json={**body, "numberOfTickets": 3}, headers=key)
    assert (other.status_code, problem_of(other)["code"]) == (422, "idempotency_key_reused")
    assert bea.client.post("/api/bookings", json={**body, "userId": bea.id}, headers=key).status_code == 201
    assert central.value("select count(*) from booking") == 2


def test_a_refused_request_may_be_repeated_with_its_key(central: RunningCentral) -> None:
    ada, bea = customer(central), customer(central)
    hold = bea.client.post("/api/holds", json={"eventId": str(TONIGHT), "seats": [7]}).json()["holdId"]
    key = {"Idempotency-Key": str(uuid4())}
    body = {"eventId": str(TONIGHT), "userId": ada.id, "seats": [7]}
    assert ada.client.post("/api/bookings", json=body, headers=key).status_code == 409
    bea.client.delete(f"/api/holds/{hold}")
    assert ada.client.post("/api/bookings", json=body, headers=key).status_code == 201


def test_while_the_first_is_worked_on_the_second_waits(central: RunningCentral) -> None:
    ada = customer(central)
    key, body = "a-key-of-mine", {"eventId": str(TONIGHT), "seats": [1]}
    held = ada.client.post("/api/holds", json=body, headers={"Idempotency-Key": key})
    assert held.status_code == 201
    run(central.database, lambda connection: connection.execute("update kept_answer set status = null, body = null"))
    waits = ada.client.post("/api/holds", json=body, headers={"Idempotency-Key": key})
    assert (waits.status_code, problem_of(waits)["code"]) == (409, "idempotency_key_in_use")
    assert waits.headers["retry-after"] == "1"
    central.clock[0] += timedelta(minutes=2)  # whoever worked on it has died
    assert ada.client.post("/api/holds", json=body, headers={"Idempotency-Key": key}).status_code == 409
    assert problem_of(ada.client.post("/api/holds", json=body))["code"] == "places_taken"


def test_a_promo_code_comes_off_and_tax_is_on_what_is_left(central: RunningCentral) -> None:
    ada = customer(central)
    manager(central).client.post(
        "/api/admin/discounts", json={"name": "Half", "code": "HALF", "taken": "percent", "amount": 5000, "mostUses": 1}
    )
    made = booked(ada, seats=[20, 21], promoCode="half")
    assert (made["totalMinor"], made["discount"], made["discountMinor"]) == (PRICE_MINOR + 300, "Half", PRICE_MINOR)
    assert sum(tax["netMinor"] + tax["taxMinor"] for tax in made["taxes"]) == made["totalMinor"]
    assert problem_of(book(ada, seats=[22], promoCode="HALF"))["code"] == "promo_code_refused"
    assert sorted(house(central)) == [20, 21]  # the refused one holds nothing
    central.clock[0] = NOW + timedelta(minutes=11)
    expire(central)
    assert booked(ada, seats=[22], promoCode="HALF")["discount"] == "Half"


def test_what_costs_nothing_is_confirmed_at_once(central: RunningCentral) -> None:
    ada = customer(central)
    usual = catalogue()
    free = usual.price_lists[0].model_copy(update={"prices": ({"A": 0}, {"A": 0}), "fees": ()})
    publish(central, usual.model_copy(update={"price_lists": (free,)}))
    try:
        made = booked(ada, numberOfTickets=2)
    finally:
        publish(central, usual)
    assert (made["state"], made["total price"]) == ("confirmed", 0.0)
    assert all(ticket["token"] for ticket in made["tickets"])


def publish(central: RunningCentral, changed: Catalogue) -> None:
    async def work(connection: asyncpg.Connection) -> None:
        async with connection.transaction():
            await insert_catalogue(connection, changed)

    run(central.database, work)


def test_a_late_booking_counts_the_discount_that_it_used_again(central: RunningCentral) -> None:
    ada = customer(central)
    discount = {"name": "Once", "code": "ONCE", "taken": "percent", "amount": 1000, "mostUses": 1}
    manager(central).client.post("/api/admin/discounts", json=discount).raise_for_status()
    made = booked(ada, seats=[10, 11], promoCode="ONCE")
    used = "select orders, spent_minor from discount"
    assert central.fetch(used) == [{"orders": 1, "spent_minor": 1000}]
    central.clock[0] = NOW + timedelta(minutes=11)
    expire(central)
    assert central.fetch(used) == [{"orders": 0, "spent_minor": 0}]
    pay(central, made["bookingId"])
    assert central.fetch(used) == [{"orders": 1, "spent_minor": 1000}]
    assert book(customer(central), seats=[12, 13], promoCode="ONCE").status_code == 422
