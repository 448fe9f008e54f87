"""The demo: a theatre, an arena and a club with a believable past, tonight and three weeks ahead.

Invented throughout. docs/demo.md tells what is in it.
"""

from __future__ import annotations

from datetime import datetime
from random import Random

import asyncpg

from boxoffice.domain.protocol import SeatStatus
from central.demo.arrivals import arrivals
from central.demo.orders import sell
from central.demo.people import staff
from central.demo.price_lists import CURRENCY
from central.demo.programme import programme
from central.seeding import insert_catalogue, insert_sales, insert_scans, set_aside


async def seed(connection: asyncpg.Connection, now: datetime) -> None:
    """Fill an empty catalogue, in one transaction; a database that has performances stays as it is.

    The same instant gives the same demo, but for the salt of PINs and the ids of scans.
    """
    if await connection.fetchval("select exists (select from performance)"):
        return
    demo = programme(now, staff())
    async with connection.transaction():
        await insert_catalogue(connection, demo.catalogue)
        for showing in demo.showings:
            performance = showing.performance
            random = Random(f"{performance.starts_at.isoformat()} {performance.hall}")
            house = sell(showing, now, random, is_tonight=performance.id == demo.tonight)
            if house.tickets:
                await insert_sales(connection, performance.id, house.tickets, currency=CURRENCY)
            if house.held:
                await set_aside(connection, performance.id, house.held)
            if house.blocked:
                await set_aside(connection, performance.id, house.blocked, SeatStatus.BLOCKED)
            scans = arrivals(showing, house.tickets, now, random)
            if scans:
                await insert_scans(connection, performance.id, scans)
