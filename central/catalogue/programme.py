"""The catalogue as tills carry it, read from the tables and kept ready by its version."""

from __future__ import annotations

import json
from dataclasses import dataclass

import asyncpg

from boxoffice.domain.catalogue import Catalogue, Performance, Production, Seller, Venue
from boxoffice.domain.ids import PerformanceId, PlanId
from boxoffice.domain.plan import SeatingPlan, plan_from_json
from boxoffice.domain.pricing import PriceList
from boxoffice.domain.staff import StaffMember
from central.database import Database
from central.packed import Packed


async def read_catalogue(connection: asyncpg.Connection) -> Catalogue:
    """In a REPEATABLE READ transaction, so that the version belongs to the rows."""
    server = await connection.fetchrow("select catalogue_version, seller from server")
    venues = await connection.fetch("select id, name, address, timezone, currency from venue order by ordinal")
    plans = await connection.fetch("select body from plan order by ordinal")
    productions = await connection.fetch("select id, title, kind, minutes from production order by ordinal")
    price_lists = await connection.fetch("select body from price_list order by ordinal")
    performances = await connection.fetch("select * from performance order by starts_at, id")
    staff = await connection.fetch("select id, name, role, pin_hash, demo_pin from staff order by ordinal")
    return Catalogue(
        version=server["catalogue_version"],
        seller=Seller.model_validate_json(server["seller"]),
        venues=tuple(Venue(**row) for row in venues),
        plans=tuple(json.loads(row["body"]) for row in plans),
        productions=tuple(Production(**row) for row in productions),
        price_lists=tuple(PriceList.model_validate_json(row["body"]) for row in price_lists),
        performances=tuple(Performance(**row) for row in performances),
        staff=tuple(StaffMember(**row) for row in staff),
    )


@dataclass(frozen=True, slots=True)
class Published:
    version: int
    body: Packed

    @property
    def etag(self) -> str:
        return f'"catalogue-{self.version}"'


class Programme:
    """What changes rarely and is asked for often: the published catalogue, and plans as arrays."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._published: Published | None = None
        self._plans: dict[tuple[PlanId, int], SeatingPlan] = {}

    async def published(self) -> Published:
        version = await self._database.pool.fetchval("select catalogue_version from server")
        if self._published is None or self._published.version != version:
            catalogue = await self._database.read(read_catalogue)
            body = await Packed.of(catalogue.model_dump_json().encode())
            self._published = Published(catalogue.version, body)
        return self._published

    async def plan(
        self, performance: PerformanceId, connection: asyncpg.Connection | None = None
    ) -> SeatingPlan | None:
        """Who has a connection already passes it on: waiting for a second one may wait for ever."""
        asked = connection or self._database.pool
        row = await asked.fetchrow(
            "select plan.id, plan.version from plan join performance p on p.plan_id = plan.id where p.id = $1",
            performance,
        )
        if row is None:
            return None
        key = (row["id"], row["version"])
        if key not in self._plans:
            body = await asked.fetchval("select body from plan where id = $1", row["id"])
            self._plans[key] = plan_from_json(json.loads(body))
        return self._plans[key]
