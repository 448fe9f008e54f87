"""What a search of the programme costs over HTTP, at ten thousand and at a million events."""

from __future__ import annotations

import asyncio
import http.client
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import asyncpg

from benchmarks.figures import Figure
from benchmarks.many_events import fill
from benchmarks.serving import serving
from central.migrations import migrate
from central.seeding import insert_catalogue
from tests.support.central import catalogue, embedded_postgres

LIMITS_MS = {10_000: 10.0, 1_000_000: 50.0}  # of the slowest in a hundred
RUNS = 2000
WARM_UP = 300


def measure(sizes: Sequence[int] = tuple(LIMITS_MS), runs: int = RUNS) -> list[Figure]:
    """Half of the searches and all but one in a hundred, as one customer after the other waits for them; each against
    the limit that it has to keep. Frequent and rare words, beginnings, places, days, categories, in turns."""
    figures = []
    with embedded_postgres() as postgres, tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            database = postgres.url.rsplit("/", 1)[0] + f"/events_{size}"
            questions = asyncio.run(_filled(postgres.url, database, size))
            with serving(database, Path(folder) / str(size)) as url:
                took_ms = _ask(url, questions, runs)
            for name, share in (("p50", 0.5), ("p99", 0.99)):
                figures.append(
                    Figure(
                        name=f"search {name} at {size:,} events",
                        value=round(took_ms[int(len(took_ms) * share)], 2),
                        unit="ms",
                        against=LIMITS_MS.get(size, LIMITS_MS[1_000_000]),
                        goal=1.0,
                        runs=runs,
                    )
                )
    return figures


async def _filled(server: str, database: str, size: int) -> list[dict[str, str]]:
    """A new database of so many events, and what people ask of it."""
    connection = await asyncpg.connect(server)
    await connection.execute(f"create database events_{size}")
    await connection.close()
    connection = await asyncpg.connect(database, command_timeout=600)
    try:
        now = datetime.now(UTC)
        await migrate(connection)
        await insert_catalogue(connection, catalogue(now))
        await fill(connection, size, now.isoformat())
        titles = await connection.fetch("select title from production order by md5(id) limit 400")
        venues = await connection.fetch("select name, address from venue order by md5(id) limit 400")
    finally:
        await connection.close()
    words = [word for row in titles for word in row["title"].split()]
    return list(_questions(words, [row["name"].split()[0] for row in venues], now))


def _questions(words: Sequence[str], places: Sequence[str], now: datetime) -> Iterator[dict[str, str]]:
    chance = random.Random(1)
    kinds = ("concert", "play", "comedy", "opera", "dance")
    for _ in range(RUNS):
        word, day = chance.choice(words), (now + timedelta(days=chance.randrange(700))).date()
        yield chance.choice(
            [
                {},
                {"category": chance.choice(kinds)},
                {"date": day.isoformat()},
                {"available": "true"},
                {"keyword": word},
                {"keyword": word.lower()[: chance.randint(2, 5)]},
                {"keyword": f"{chance.choice(words)} {word}"},
                {"keyword": word, "category": chance.choice(kinds), "available": "true"},
                {"keyword": word, "dateFrom": day.isoformat(), "dateTo": (day + timedelta(days=30)).isoformat()},
                {"keyword": "live"},
                {"location": chance.choice(places)},
                {"keyword": word, "location": "theatre"},
            ]
        )


def _ask(url: str, questions: Sequence[dict[str, str]], runs: int) -> list[float]:
    """Milliseconds, the quickest first."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    took_ms = []
    for number in range(runs + WARM_UP):
        path = "/api/events?" + urlencode(questions[number % len(questions)])
        started = time.perf_counter()
        connection.request("GET", path)
        reply = connection.getresponse()
        reply.read()
        if number >= WARM_UP:
            took_ms.append((time.perf_counter() - started) * 1000)
        if reply.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{path} was answered with {reply.status}")
    connection.close()
    return sorted(took_ms)
