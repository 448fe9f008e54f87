"""Bookings that were paid and tickets that were let in, put straight into the books."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

import asyncpg

from boxoffice.domain.ids import PerformanceId, new_ticket_id, uuid7
from central.bookings.priced import Priced
from tests.central.people import Person
from tests.support.central import NOW, PRICE_MINOR, TONIGHT, run

_NOTHING_PRICED = Priced(currency="EUR", tickets=(), fees=(), taxes=(), total_minor=0).model_dump_json()


def booked(person: Person, performance: PerformanceId = TONIGHT, *, paid: tuple[int, ...] = (PRICE_MINOR,)) -> UUID:
    """A confirmed booking with a ticket for each amount; its id."""
    booking, sale = (uuid7(NOW, secrets.randbits) for _ in range(2))

    async def write(connection: asyncpg.Connection) -> None:
        await connection.execute(
            "insert into sale (id, channel, order_code, sold_at, currency, total_minor, account)"
            " values ($1, 'web', 'WEB', $2, 'EUR', $3, $4)",
            *(sale, NOW, sum(paid), person.account),
        )
        await connection.execute(
            "insert into booking (id, account, performance, hold, state, currency, total_minor, priced, made_at, sale)"
            " values ($1, $2, $3, $1, 'confirmed', 'EUR', $4, $5, $6, $7)",
            *(booking, person.account, performance, sum(paid), _NOTHING_PRICED, NOW, sale),
        )
        await connection.executemany(
            "insert into ticket (id, sale, performance, area, price_type, price_type_name, category, gross_minor)"
            " values ($1, $2, $3, 0, 'A', 'Adult', 0, $4)",
            [(new_ticket_id(secrets.randbits), sale, performance, minor) for minor in paid],
        )

    run(person.central.database, write)
    return booking


def scanned(
    person: Person, booking: UUID, direction: str = "entry", at: datetime = NOW, *, admitted: bool = True
) -> None:
    """Every ticket of the booking, at its door."""

    async def write(connection: asyncpg.Connection) -> None:
        tickets = await connection.fetch(
            "select t.id, t.performance from ticket t join booking b on b.sale = t.sale where b.id = $1", booking
        )
        await connection.executemany(
            "insert into scan (id, ticket, performance, generation, gate, direction, shown, admitted, online,"
            " list_head, scanned_at) values ($1, $2, $3, 1, 'Stalls', $4, 'admit', $5, true, 0, $6)",
            [(uuid7(at, secrets.randbits), row["id"], row["performance"], direction, admitted, at) for row in tickets],
        )

    run(person.central.database, write)


def visited(person: Person, performance: PerformanceId = TONIGHT, *, paid: tuple[int, ...] = (PRICE_MINOR,)) -> UUID:
    booking = booked(person, performance, paid=paid)
    scanned(person, booking)
    return booking
