"""What holding, booking and letting in cost over HTTP: two nodes, durable PostgreSQL, many customers at once."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.figures import Figure
from benchmarks.serving import serving
from boxoffice.domain.facts import GENESIS_HASH, Body, Fact, ScanBody
from boxoffice.domain.ids import FactId, PerformanceId, ScanId, StaffId, TicketId, TillNumber
from boxoffice.domain.protocol import MOST_FACTS_A_PUSH, LeaseGrant, PushRequest
from central.accounts.access_tokens import AccessTokens, Claims
from central.accounts.roles import AccountRole
from central.catalogue.opening import open_house
from central.database import Database
from central.keys import load_keys
from central.migrations import migrate
from central.postgres import EmbeddedPostgres, wheel_program
from central.seeding import insert_catalogue
from central.tills.pairing import mint_code
from tests.support.central import SEATS, catalogue, embedded_postgres, pair_body, sale_body

NODES = 2
HOUSES = 40  # for each kind of work; all of the test catalogue's plan
CLIENTS = 16
HOLDS = 1600
ORDERS = 800
WARMING = 64  # orders before anything is measured: a node's first requests build what the later ones use
SCANS_A_TILL, TILLS = 3000, 4
SALES_A_TILL = HOUSES // TILLS * SEATS // 2
_LEAST_SHARE = 0.25  # of what pgbench does with the same function
# pretix 2026.8, 3 workers x 2 threads, PostgreSQL with fsync off, on a machine of two cores
_PRETIX_ORDERS_S, _PRETIX_REDEEMS_S = 16, 42
_TIMES_PRETIX = 50
_MOST_P99_MS = 1000
_FIRST_EVENT = 5000
_EVENTS_SQL = """
    insert into performance (id, production_id, venue_id, hall, plan_id, price_list_id, starts_at, doors_at, ends_at)
    select $1 + n, p.production_id, p.venue_id, p.hall, p.plan_id, p.price_list_id, p.starts_at + interval '30 days',
        p.doors_at + interval '30 days', p.ends_at + interval '30 days'
    from (select * from performance order by id limit 1) p cross join generate_series(0, $2 - 1) as n
"""
_HOLD_SCRIPT = """
select nextval('bench_seat') as n \\gset
select hold_places(gen_random_uuid(),
    (select id from account where email = 'bench' || ({others} + :client_id) || '@example.org'),
    ({first} + :n % {houses})::integer, array[(:n / {houses})::integer], '{{}}', '{{}}', now(),
    now() + interval '10 minutes', 1000000);
"""
# the database's part of an order: three transactions, each durable before the customer hears of it
_ORDER_SCRIPT = """
select nextval('bench_order') as n, uuidv7() as hold, uuidv7() as booking, uuidv7() as sale,
    (random() * 9e18)::bigint as one, (random() * 9e18)::bigint as two,
    (select id from account where email = 'bench' || ({others} + :client_id) || '@example.org') as who \\gset
select hold_places(':hold', ':who', ({first} + :n % {houses})::integer,
    array[(:n / {houses} * 2)::integer, (:n / {houses} * 2 + 1)::integer], '{{}}', '{{}}', now(),
    now() + interval '10 minutes', 1000000);
insert into booking (id, account, performance, hold, state, currency, total_minor, priced, made_at, expires_at)
    values (':booking', ':who', {first} + :n % {houses}, ':hold', 'pending', 'EUR', 10000, '{{}}', now(),
        now() + interval '10 minutes');
select confirm_booking(':booking', ':sale', 'O' || :n || :client_id, now(), '', 'Ada Byron', 'ada@example.org',
    (select jsonb_agg(jsonb_build_object('id', id, 'seat', :n / {houses} * 2 + seat, 'price_type', 'A',
        'price_type_name', 'Adult', 'category', 0, 'gross_minor', 5000))
        from (values (:one, 0), (:two, 1)) as t (id, seat)),
    '[{{"account": "voucher", "minor": 10000}}, {{"account": "revenue:tickets", "minor": -10000}}]', '[]');
"""


@dataclass(frozen=True)
class Person:
    account: UUID
    token: str


@dataclass
class House:
    postgres: EmbeddedPostgres
    database: str
    urls: list[str]
    people: list[Person]
    manager: Person

    def load(self, kind: str, work: Sequence[Sequence[dict[str, Any]]]) -> dict[str, Any]:
        """What benchmarks.load says of it."""
        plan = json.dumps({"kind": kind, "urls": self.urls, "work": [list(items) for items in work]})
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.load"], input=plan, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        found: dict[str, Any] = json.loads(done.stdout)
        return found


def measure() -> list[Figure]:
    """Each as the time for one, so that less is better; the last seats of no house are asked for."""
    with ExitStack() as stack:
        postgres = stack.enter_context(embedded_postgres(durable=True))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = postgres.url.rsplit("/", 1)[0] + "/booking"
        asyncio.run(_filled(postgres.url, database))
        urls = [stack.enter_context(serving(database, folder / "data")) for _ in range(NODES)]
        people = asyncio.run(_people(database, folder / "data", HOLDS // 4 + 2 * CLIENTS + 1))
        house = House(postgres, database, urls, people[1:], people[0])
        house.load("order", _dealt(_wishes(house, range(ORDERS, ORDERS + WARMING)), CLIENTS))
        return [*_holds(house), *_orders(house), *_till_orders(house), *_redeems(house)]


def _holds(house: House) -> Iterator[Figure]:
    bare_s = _pgbench(house, _HOLD_SCRIPT, 0, HOLDS)
    people = house.people[CLIENTS:]  # four holds each
    items = [{"token": people[n // 4].token, "hold": _seats(HOUSES, n, 1)} for n in range(HOLDS)]
    done = house.load("hold", _dealt(items, CLIENTS))
    yield Figure(
        "a hold over HTTP, against pgbench",
        round(done["seconds"] / HOLDS * 1000, 3),
        "ms",
        round(bare_s / HOLDS * 1000, 3),
        1 / _LEAST_SHARE,
        HOLDS,
    )


def _pgbench(house: House, script: str, first: int, runs: int) -> float:
    """Seconds for as many runs as over HTTP, with as many clients, in the houses from `first` on."""
    file = house.postgres.folder / f"{uuid4()}.sql"
    file.write_text(script.format(first=_FIRST_EVENT + first, houses=HOUSES, others=CLIENTS + HOLDS // 4))
    command = [str(wheel_program("pgbench")), "-n", "-f", str(file), "-c", str(CLIENTS), "-j", "2"]
    command += ["-t", str(runs // CLIENTS), house.database]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rate = re.search(r"tps = ([\d.]+) \(without", done.stdout)
    assert rate is not None, done.stdout
    return runs / float(rate[1])


def _orders(house: House) -> Iterator[Figure]:
    bare_s = _pgbench(house, _ORDER_SCRIPT, 4 * HOUSES, ORDERS)
    done = house.load("order", _dealt(_wishes(house, range(ORDERS)), CLIENTS))
    took_ms = sorted(done["took_ms"])
    per_order = round(done["seconds"] / ORDERS * 1000, 2)
    bare = round(bare_s / ORDERS * 1000, 2)
    yield Figure("an order of 2 seats on the web, against pgbench", per_order, "ms", bare, 1 / _LEAST_SHARE, ORDERS)
    yield Figure(
        "an order of 2 seats, against pretix", per_order, "ms", 1000 / _PRETIX_ORDERS_S, 1 / _TIMES_PRETIX, ORDERS
    )
    p99 = round(took_ms[int(len(took_ms) * 0.99)], 1)
    yield Figure("order p99, many at once", p99, "ms", _MOST_P99_MS, 1.0, ORDERS)


def _wishes(house: House, numbers: range) -> list[dict[str, Any]]:
    people = house.people[:CLIENTS]
    vouchers = [_voucher(house) for _ in people]
    return [
        {
            "token": people[n % CLIENTS].token,
            "user": str(people[n % CLIENTS].account),
            "hold": _seats(2 * HOUSES, n, 2),
            "voucher": vouchers[n % CLIENTS],
        }
        for n in numbers
    ]


def _till_orders(house: House) -> Iterator[Figure]:
    """As tills sell them: the seats are theirs before, the sales follow a hundred at a time."""
    work = [_Till(house).sells(3 * HOUSES + number * HOUSES // TILLS) for number in range(TILLS)]
    done = house.load("push", work)
    count = TILLS * SALES_A_TILL
    yield Figure(
        "an order of 2 seats at tills, against pretix",
        round(done["seconds"] / count * 1000, 3),
        "ms",
        1000 / _PRETIX_ORDERS_S,
        1 / _TIMES_PRETIX,
        count,
    )


def _redeems(house: House) -> Iterator[Figure]:
    work = [_Till(house).scans(number) for number in range(TILLS)]
    done = house.load("push", work)
    count = TILLS * SCANS_A_TILL
    yield Figure(
        "a redeem, against pretix",
        round(done["seconds"] / count * 1000, 3),
        "ms",
        round(1000 / _PRETIX_REDEEMS_S, 2),
        1 / _TIMES_PRETIX,
        count,
    )


class _Till:
    """A till that is paired with central, and its chain of facts."""

    def __init__(self, house: House) -> None:
        self._house = house
        key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        body = pair_body(asyncio.run(_code(house.database)), key)
        paired = httpx.post(f"{house.urls[0]}/api/tills/pair", json=body).raise_for_status().json()
        self._number, self._credential = TillNumber(paired["till"]), paired["credential"]
        self._facts: list[Fact] = []

    def sells(self, first: int) -> list[dict[str, Any]]:
        """All seats of the houses from `first` on, two a sale."""
        for performance in range(_FIRST_EVENT + first, _FIRST_EVENT + first + HOUSES // TILLS):
            wish = {"request": str(uuid4()), "performance": performance, "kind": "allotment", "seats": [*range(SEATS)]}
            reply = httpx.post(
                f"{self._house.urls[0]}/api/tills/leases",
                json=wish,
                headers={"Authorization": f"Bearer {self._credential}"},
            )
            seats = LeaseGrant.model_validate_json(reply.raise_for_status().content).seats
            for at in range(0, len(seats), 2):
                self._append(sale_body(self._number, seats[at : at + 2], 0, PerformanceId(performance)))
        return self._pushes()

    def scans(self, number: int) -> list[dict[str, Any]]:
        for seq in range(1, SCANS_A_TILL + 1):
            self._append(
                ScanBody(
                    scan=ScanId(uuid4()),
                    ticket=TicketId(number * SCANS_A_TILL + seq),
                    performance=PerformanceId(_FIRST_EVENT + number),
                    generation=1,
                    gate="Stalls",
                    direction="entry",
                    shown="admit",
                    admitted=True,
                    online=True,
                    list_head=0,
                    staff=StaffId(UUID(int=7)),
                    scanned_at=datetime.now(UTC),
                )
            )
        return self._pushes()

    def _append(self, body: Body) -> None:
        fact = Fact.next(
            body,
            till=self._number,
            incarnation=1,
            seq=len(self._facts) + 1,
            fact_id=FactId(uuid4()),
            prev_hash=self._facts[-1].hash if self._facts else GENESIS_HASH,
            hlc="1.0",
            wall_time=datetime.now(UTC),
        )
        self._facts.append(fact)

    def _pushes(self) -> list[dict[str, Any]]:
        """As it sends them: so many facts at a time."""
        facts = self._facts
        batches = [facts[at : at + MOST_FACTS_A_PUSH] for at in range(0, len(facts), MOST_FACTS_A_PUSH)]
        return [
            {
                "token": self._credential,
                "body": PushRequest(
                    till=self._number, incarnation=1, from_seq=batch[0].seq, facts=tuple(batch)
                ).model_dump_json(),
            }
            for batch in batches
        ]


def _seats(first: int, number: int, count: int) -> str:
    """The wish for the next seats, dealt out over the houses from `first` on."""
    seat = number // HOUSES * count
    return json.dumps(
        {"eventId": str(_FIRST_EVENT + first + number % HOUSES), "seats": list(range(seat, seat + count))}
    )


def _dealt(items: Sequence[dict[str, Any]], hands: int) -> list[Sequence[dict[str, Any]]]:
    return [items[hand::hands] for hand in range(hands)]


def _voucher(house: House) -> str:
    reply = httpx.post(
        f"{house.urls[0]}/api/admin/vouchers",
        json={"amount": 100_000, "currency": "EUR"},
        headers={"Authorization": f"Bearer {house.manager.token}"},
    )
    code: str = reply.raise_for_status().json()["voucherCode"]
    return code


async def _filled(server: str, database: str) -> None:
    connection = await asyncpg.connect(server)
    await connection.execute("create database booking")
    await connection.close()
    connection = await asyncpg.connect(database)
    try:
        await migrate(connection)
        await insert_catalogue(connection, catalogue(datetime.now(UTC)))
        await connection.execute(_EVENTS_SQL, _FIRST_EVENT, 5 * HOUSES)
        for number in range(5 * HOUSES):
            await open_house(connection, PerformanceId(_FIRST_EVENT + number))
        await connection.execute("create sequence bench_seat minvalue 0 start 0")
        await connection.execute("create sequence bench_order minvalue 0 start 0")
    finally:
        await connection.close()


async def _people(database: str, data: Path, count: int) -> list[Person]:
    """The first is a manager."""
    keys, now = load_keys(data, os.environ), datetime.now(UTC)
    tokens = AccessTokens(keys)
    found = []
    async with Database.open(database) as opened:
        await tokens.renew(opened, now)
        for number in range(-1, count - 1):
            role = AccountRole.CUSTOMER if number >= 0 else AccountRole.MANAGER
            account, session = uuid4(), uuid4()
            await opened.pool.execute(
                "insert into account (id, email, name, role, created_at, email_verified_at)"
                " values ($1, $2, 'Ada Byron', $3, $4, $4)",
                *(account, f"bench{number}@example.org", str(role), now),
            )
            await opened.pool.execute(
                "insert into session (id, account, started_at) values ($1, $2, $3)", *(session, account, now)
            )
            found.append(Person(account, tokens.issue(Claims(account, role, session), now)))
    return found


async def _code(database: str) -> str:
    connection = await asyncpg.connect(database)
    try:
        return await mint_code(connection, "", datetime.now(UTC))
    finally:
        await connection.close()
