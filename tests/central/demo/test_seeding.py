"""The demo in a real database: it agrees with itself, is made once, and is there at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from central.demo import seed
from central.migrations import migrate
from tests.support.central import Databases, run

NOW = datetime(2026, 11, 14, 17, 47, tzinfo=UTC)

Ask = Callable[[str], list[asyncpg.Record]]


@pytest.fixture(scope="module")
def demo(databases: Databases) -> str:
    url = databases.empty()

    async def fill(connection: asyncpg.Connection) -> None:
        await migrate(connection)
        await seed(connection, NOW)

    run(url, fill)
    return url


@pytest.fixture
def ask(demo: str) -> Ask:
    return lambda sql: run(demo, lambda connection: connection.fetch(sql))


def one(ask: Ask, sql: str) -> Any:
    return ask(sql)[0][0]


def test_free_seats_and_places_agree_with_what_is_sold(ask: Ask) -> None:
    assert not ask(
        "select h.performance from feed_head h join performance p on p.id = h.performance"
        " join plan on plan.id = p.plan_id where h.free_seats <> plan.seat_count -"
        " (select count(*) from seat s where s.performance = h.performance and s.status <> 0)"
    )
    assert not ask(
        "select a.performance from area_count a where a.sold <>"
        " (select count(*) from ticket t where t.performance = a.performance and t.area = a.area and t.valid)"
    )


def test_every_valid_ticket_has_its_seat_and_every_sold_seat_its_ticket(ask: Ask) -> None:
    tickets = one(ask, "select count(*) from ticket where seat is not null and valid")
    joined = one(
        ask,
        "select count(*) from ticket t join seat s on s.performance = t.performance and s.seat = t.seat"
        " and s.ticket = t.id and s.status = 3 where t.valid",
    )
    assert tickets == joined == one(ask, "select count(*) from seat where status = 3")
    assert tickets > 10_000


def test_nothing_was_sold_in_the_future_or_after_the_show(ask: Ask) -> None:
    assert one(ask, "select max(sold_at) from sale") <= NOW
    assert not ask(
        "select 1 from sale s join ticket t on t.sale = s.id join performance p on p.id = t.performance"
        " where s.sold_at > p.ends_at limit 1"
    )


def test_a_second_start_changes_nothing(demo: str, ask: Ask) -> None:
    before = ask("select (select count(*) from ticket), (select catalogue_version from server)")
    run(demo, lambda connection: seed(connection, NOW))
    assert ask("select (select count(*) from ticket), (select catalogue_version from server)") == before


def test_everybody_who_came_had_a_ticket_of_that_evening(ask: Ask) -> None:
    assert one(ask, "select count(*) from scan") > 5_000
    assert not ask(
        "select 1 from scan c left join ticket t on t.id = c.ticket and t.performance = c.performance and t.valid"
        " where t.id is null limit 1"
    )


def test_order_codes_find_one_order_almost_always(ask: Ask) -> None:
    assert one(ask, "select count(*) - count(distinct order_code) from sale") < 5
