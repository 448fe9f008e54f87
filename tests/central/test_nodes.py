"""Two processes on one database are one central: limits are shared, and a rush sells every seat once."""

from __future__ import annotations

import asyncio
import random
import secrets
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import jwt
import pytest

from boxoffice.domain.ids import PerformanceId, PlanId, uuid7
from boxoffice.domain.plan import Row, Seat, SeatingPlan, Section, plan_to_json
from central.accounts.access_tokens import AccessTokens, Claims
from central.accounts.roles import AccountRole
from central.bookings.expiring import expire
from central.database import Database
from central.invariants import broken
from central.keys import CentralKeys
from central.seeding import insert_catalogue
from tests.central.test_serving import Process, end, start
from tests.support.central import SEED, Databases, catalogue, run
from tests.support.redis import running_redis

RUSH = PerformanceId(2001)
PRICE = 51.5


@pytest.fixture
def folders() -> Iterator[tuple[Path, Path]]:
    """Readable by the database's own user, as pytest's folders are not."""
    made = tuple(Path(tempfile.mkdtemp(prefix="boxoffice-node-")) for _ in range(2))
    yield made[0], made[1]
    for folder in made:
        shutil.rmtree(folder)


@contextmanager
def nodes(folders: tuple[Path, Path], database: str, *arguments: str) -> Iterator[tuple[str, str]]:
    started: list[Process] = []
    try:
        for folder in folders:
            started.append(start(folder, "--database", database, *arguments))
        yield started[0].url, started[1].url
    finally:
        for process in started:
            end(process)


def test_who_guesses_passwords_cannot_go_to_the_other_node(folders: tuple[Path, Path], database: str) -> None:
    body = {"email": "ada@example.org", "password": "guess number x"}
    with running_redis() as redis, nodes(folders, database, "--limits", redis) as urls:
        said = [httpx.post(f"{urls[i % 2]}/api/login", json=body, verify=False).status_code for i in range(11)]
        assert said == [401] * 10 + [429]
        last = httpx.post(f"{urls[1]}/api/login", json=body, verify=False)
        assert last.status_code == 429
        assert int(last.headers["retry-after"]) > 0


def hall(rows: int) -> SeatingPlan:
    """Rows of 50."""

    def row(number: int) -> Row:
        return Row(str(number + 1), tuple(Seat(str(i + 1), 55.0 * i, 100.0 + 100 * number, 0) for i in range(50)))

    section = Section("Hall", tuple(row(number) for number in range(rows)))
    return SeatingPlan(
        id=PlanId(f"hall of {rows}"),
        version=1,
        name="Hall",
        width=3000,
        height=100 * rows + 200,
        focal_point=(1350, 0),
        categories=("Hall", "Circle"),
        sections=(section,),
    )


def opened(database: str, rows: int, buyers: int) -> list[str]:
    """An event whose sale is open, and the access tokens of as many customers; the last one is a manager's."""
    now = datetime.now(UTC)
    usual = catalogue(now)
    plan = hall(rows)
    event = usual.performances[0].model_copy(update={"id": RUSH, "plan_id": plan.id})
    accounts = [uuid7(now, secrets.randbits) for _ in range(buyers + 1)]
    tokens = AccessTokens(CentralKeys(SEED))

    async def work(connection: asyncpg.Connection) -> None:
        async with connection.transaction():
            await insert_catalogue(
                connection, usual.model_copy(update={"plans": (plan_to_json(plan),), "performances": (event,)})
            )
            await connection.executemany(
                "insert into account (id, email, name, role, created_at) values ($1, $2, 'Ada', $3, $4)",
                [
                    (account, f"{account}@example.org", "manager" if i == buyers else "customer", now)
                    for i, account in enumerate(accounts)
                ],
            )
        async with Database.open(database, 2) as opened_database:
            await tokens.renew(opened_database, now)

    run(database, work)
    roles = [AccountRole.CUSTOMER] * buyers + [AccountRole.MANAGER]
    return [
        tokens.issue(Claims(account, role, UUID(int=1)), now) for account, role in zip(accounts, roles, strict=True)
    ]


async def rush(urls: tuple[str, str], tokens: list[str], seed: int = 1) -> Counter[str]:
    """Everybody wants one to four seats at once, from either node; every third never pays."""
    chance = random.Random(seed)
    done: Counter[str] = Counter()
    async with httpx.AsyncClient(verify=False, timeout=60, limits=httpx.Limits(max_connections=32)) as client:

        async def post(node: int, token: str, path: str, body: dict[str, Any]) -> httpx.Response:
            headers = {"Authorization": f"Bearer {token}"}
            return await client.post(urls[node] + path, json=body, headers=headers)

        issued = await post(0, tokens[-1], "/api/admin/vouchers", {"amount": 999_999, "currency": "EUR"})
        voucher = issued.json()["voucherCode"]
        at_once = asyncio.Semaphore(32)

        async def buy(token: str, count: int, node: int, pays: bool) -> None:
            async with at_once:
                me = _subject(token)
                body = {"eventId": str(RUSH), "userId": me, "numberOfTickets": count}
                booked = await post(node, token, "/api/bookings", body)
                done[f"booked {booked.status_code}"] += 1
                if booked.status_code != 201 or not pays:
                    return
                payment = {
                    **{"bookingId": booked.json()["bookingId"], "amount": booked.json()["total price"]},
                    **{"paymentMethod": "voucher", "voucherCode": voucher},
                }
                paid = await post(1 - node, token, "/api/payments", payment)
                done[f"paid {paid.status_code}"] += 1

        await asyncio.gather(
            *(
                buy(token, chance.choice((1, 1, 2, 2, 2, 4)), chance.randrange(2), chance.random() > 1 / 3)
                for token in tokens[:-1]
            )
        )
    return done


def _subject(token: str) -> str:
    subject: str = jwt.decode(token, options={"verify_signature": False})["sub"]
    return subject


async def fair(connection: asyncpg.Connection, seats: int) -> None:
    """No seat twice, none stuck once the holds are over, and as much money as tickets."""
    async with connection.transaction():
        while await expire(connection, datetime.now(UTC) + timedelta(hours=1)):
            pass
    twice = await connection.fetchval(
        "select count(*) from (select seat from hold, unnest(seats) seat where state in ('open', 'sold')"
        " group by seat having count(*) > 1) as twice"
    )
    assert twice == 0
    tickets = await connection.fetchval("select count(*) from ticket where valid")
    assert await connection.fetchval("select count(distinct seat) from ticket where valid") == tickets
    sold = await connection.fetchval("select count(*) from seat where status = 3")
    assert sold == tickets
    assert await connection.fetchval("select count(*) from seat where status not in (0, 3)") == 0
    assert await connection.fetchval("select free_seats from feed_head where performance = $1", RUSH) == seats - sold
    money = await connection.fetchval("select coalesce(sum(amount_minor), 0) from payment where state = 'captured'")
    assert money == round(PRICE * 100) * tickets
    spent = await connection.fetchval("select sum(issued_minor - balance_minor) from voucher")
    assert spent == money
    assert await connection.fetchval("select sum(minor) from web_ledger_line") == 0


def test_two_thousand_buyers_for_a_thousand_seats(folders: tuple[Path, Path], database: str) -> None:
    tokens = opened(database, rows=20, buyers=2000)
    with nodes(folders, database, "--limits", "off") as urls:
        done = asyncio.run(rush(urls, tokens))
    assert not [said for said in done if said.endswith(" 500")], done
    assert sum(count for said, count in done.items() if said.startswith("booked")) == 2000
    assert done["booked 201"] > 400
    assert done["booked 409"] > 200  # sold out, and said so
    run(database, lambda connection: fair(connection, 1000))
    assert run(database, broken) == []


def test_without_the_lock_the_same_rush_sells_seats_twice(folders: tuple[Path, Path], databases: Databases) -> None:
    """The twin: `hold_places` that takes a seat whatever its state. The check above must see it."""
    database = databases.fresh()
    tokens = opened(database, rows=2, buyers=120)

    async def unlock(connection: asyncpg.Connection) -> None:
        source: str = await connection.fetchval("select pg_get_functiondef('hold_places'::regproc)")
        guard = "where s.status = 0"
        assert guard in source
        await connection.execute(source.replace(guard, "where true"))

    run(database, unlock)
    with nodes(folders, database, "--limits", "off") as urls:
        asyncio.run(rush(urls, tokens))
    with pytest.raises(AssertionError):
        run(database, lambda connection: fair(connection, 100))
