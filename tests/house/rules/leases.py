"""docs/rules/seat-leases.md"""

from __future__ import annotations

from uuid import UUID

import numpy as np

from boxoffice.domain.facts import Body, Fact, ReturnBody, SeatEpoch
from boxoffice.domain.house import SeatState, seat_states
from boxoffice.domain.ids import FactId, TillNumber
from boxoffice.domain.protocol import FactResult, SeatStatus
from central.tills.books import Books, SeatRow, book
from tests.domain.examples import NOON, PERFORMANCE, basket, sale
from tests.house.rules.tables import Row

TILL = TillNumber(2)
EPOCH = 3


def words(state: SeatState | SeatStatus) -> str:
    return state.name.lower().replace("_", " ")


def seen(row: Row) -> Row:
    def shown(online: bool) -> str:
        knows = row["This till knows"]
        states = seat_states(
            np.array([SeatStatus[row["Central says"].upper()]], np.uint8),
            leased=[0] if knows == "lease" else [],
            sold_here=[0] if knows == "sold" else [],
            basket=[],
            online=online,
        )
        assert knows in ("◦", "lease", "sold")
        return words(SeatState(int(states[0])))

    return {**row, "Online": shown(True), "Offline": shown(False)}


def arrive(body: Body, books: Books) -> FactResult:
    fact = Fact.next(
        body,
        till=TILL,
        incarnation=1,
        seq=1,
        fact_id=FactId(UUID(int=1)),
        prev_hash="0" * 64,
        hlc="1.0",
        wall_time=NOON,
    )
    return book(fact, body, books)


def books_with(row: Row, seat: int) -> Books:
    holder = TillNumber(int(row["Held by"].removeprefix("till ").replace("nobody", "0")))
    status = SeatStatus[row["Seat at central"].upper()]
    return Books(TILL, {PERFORMANCE: 10}, seats={(PERFORMANCE, seat): SeatRow(status, int(row["Epoch"]), holder)})


def sale_arrives(row: Row) -> Row:
    made = sale(basket((1, 0, "A")))
    sold = made.model_copy(update={"tickets": tuple(line.model_copy(update={"epoch": EPOCH}) for line in made.tickets)})
    books = books_with(row, 1)
    result = arrive(sold, books)
    assert books.new_sales == [sold]  # the money is booked, whatever becomes of the seat
    return {
        **row,
        "Outcome": result.outcome.value,
        "Seat afterwards": words(books.seats[PERFORMANCE, 1].status),
        "Ticket admits": "yes" if books.tickets[sold.tickets[0].ticket].record.valid else "no",
    }


def return_arrives(row: Row) -> Row:
    books = books_with(row, 1)
    arrive(ReturnBody(performance=PERFORMANCE, seats=(SeatEpoch(seat=1, epoch=EPOCH),)), books)
    return {**row, "Seat afterwards": words(books.seats[PERFORMANCE, 1].status)}


TABLES = {
    "seen": seen,
    "sale-arrives": sale_arrives,
    "return-arrives": return_arrives,
}
