"""A node that is stopped while everybody buys: what it has begun is answered, what was answered is in the books, and
nobody holds it for ever."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import jwt
import pytest

from boxoffice.domain.ids import TicketId
from tests.central.test_nodes import PRICE, RUSH, fair, opened
from tests.central.test_serving import Process, end, start
from tests.support.central import Clerk, problem_of, run

BUYERS, ROWS = 24, 20


@pytest.fixture
def folders() -> Iterator[tuple[Path, Path]]:
    made = tuple(Path(tempfile.mkdtemp(prefix="boxoffice-node-")) for _ in range(2))
    yield made[0], made[1]
    for folder in made:
        shutil.rmtree(folder)


@contextmanager
def node(folder: Path, database: str, *arguments: str) -> Iterator[Process]:
    process = start(folder, "--database", database, "--limits", "off", *arguments)
    try:
        yield process
    finally:
        end(process)


@dataclass
class Balancer:
    """Asks the first node whether it is ready, and sends everybody to the second one from when it is not."""

    urls: tuple[str, str]
    url: str = ""
    said: list[int] = field(default_factory=list)

    async def look(self) -> None:
        self.url = self.urls[0]
        while True:
            async with httpx.AsyncClient(verify=False) as client:  # a line of its own: the port itself is asked
                try:
                    reply = await client.get(f"{self.urls[0]}/readyz")
                except httpx.ConnectError:
                    self.said.append(0)
                    return
            self.said.append(reply.status_code)
            if reply.status_code != 200:
                assert problem_of(reply)["code"] == "stopping"
                self.url = self.urls[1]
            await asyncio.sleep(0.02)


@dataclass
class Crowd:
    """People who book and pay one seat after another, each on a line that is kept as long as it lasts."""

    balancer: Balancer
    tokens: list[str]  # the last one is a manager's
    booked: set[UUID] = field(default_factory=set)
    paid: set[UUID] = field(default_factory=set)
    amiss: list[str] = field(default_factory=list)  # what nobody should see
    is_over: bool = False

    async def rush(self, stop: Callable[[], None], has_ended: Callable[[], bool]) -> None:
        """Stop the first node in the middle of it, and go on a while once it has ended."""
        looking = asyncio.create_task(self.balancer.look())
        await _until(lambda: bool(self.balancer.said))
        async with httpx.AsyncClient(verify=False) as client:
            given = {"amount": 999_999, "currency": "EUR"}
            issued = await self._post(client, self.tokens[-1], "/api/admin/vouchers", given)
        voucher: str = issued["voucherCode"]
        buying = [asyncio.create_task(self._buy(token, voucher)) for token in self.tokens[:-1]]
        await _until(lambda: len(self.paid) > BUYERS or self.is_over)
        stop()
        await _until(has_ended)
        before = len(self.paid)
        await _until(lambda: len(self.paid) > before + BUYERS or self.is_over)
        self.is_over = True
        await asyncio.gather(*buying, looking)

    async def _buy(self, token: str, voucher: str) -> None:
        me = jwt.decode(token, options={"verify_signature": False})["sub"]
        wanted = {"eventId": str(RUSH), "userId": me, "numberOfTickets": 1}
        by_voucher = {"amount": PRICE, "paymentMethod": "voucher", "voucherCode": voucher}
        try:
            async with httpx.AsyncClient(verify=False, timeout=30) as client:
                while not self.is_over:
                    booked = await self._post(client, token, "/api/bookings", wanted)
                    if booked.get("code") == "busy":
                        continue
                    self.booked.add(UUID(booked["bookingId"]))
                    payment = {"bookingId": booked["bookingId"], **by_voucher}
                    paid = await self._post(client, token, "/api/payments", payment)
                    self.paid.add(UUID(paid["paymentId"]))
        except (httpx.HTTPError, AssertionError) as error:
            self.amiss.append(repr(error))
            self.is_over = True

    async def _post(self, client: httpx.AsyncClient, token: str, path: str, body: dict[str, Any]) -> Any:
        reply = await client.post(self.balancer.url + path, json=body, headers={"Authorization": f"Bearer {token}"})
        said = reply.json()
        assert reply.status_code == 201 or said["code"] == "busy", reply.text
        return said


@dataclass
class Tills:
    """One pushes scans, another follows the hints; both go where the balancer sends them."""

    balancer: Balancer
    at_the_door: Clerk
    listening: Clerk
    acknowledged: int = 0
    heard: dict[str, list[str]] = field(default_factory=dict)
    amiss: list[str] = field(default_factory=list)
    is_over: bool = False

    def push(self) -> None:
        while not self.is_over:
            self.at_the_door.client.base_url = self.balancer.url
            self.at_the_door.scan(TicketId(len(self.at_the_door.facts) + 1), performance=RUSH)
            try:
                self.acknowledged = self.at_the_door.push(self.at_the_door.facts[-1:]).applied_hi
            except (httpx.HTTPError, AssertionError) as error:
                self.amiss.append(repr(error))
                return

    def follow(self) -> None:
        while not self.is_over:
            url = self.balancer.url
            self.listening.client.base_url = url
            try:
                with self.listening.client.stream("GET", "/api/tills/hints") as hints:
                    if hints.status_code == 503:  # asked before the balancer did
                        continue
                    assert hints.status_code == 200
                    for line in hints.iter_lines():
                        self.heard.setdefault(url, []).append(line)
            except (httpx.HTTPError, AssertionError) as error:
                self.amiss.append(repr(error))
                return


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not is_so():
            await asyncio.sleep(0.005)


def test_a_node_that_is_stopped_answers_what_it_has_begun_and_loses_nothing(
    folders: tuple[Path, Path], database: str
) -> None:
    tokens = opened(database, ROWS, BUYERS)
    with node(folders[0], database, "--notice", "2") as leaving, node(folders[1], database) as staying:
        central = leaving.running(database)
        balancer = Balancer((leaving.url, staying.url), leaving.url)
        crowd = Crowd(balancer, tokens)
        tills = Tills(balancer, central.till(), central.till())
        threads = [threading.Thread(target=tills.push), threading.Thread(target=tills.follow)]
        for thread in threads:
            thread.start()
        stopped_at: list[float] = []

        def stop() -> None:
            stopped_at.append(time.monotonic())
            leaving.popen.send_signal(signal.SIGTERM)

        asyncio.run(crowd.rush(stop, lambda: leaving.popen.poll() is not None))
        took_s = time.monotonic() - stopped_at[0]
        tills.is_over = True
        end(staying)  # the stream ends with it
        for thread in threads:
            thread.join(20)
        central.hang_up()
    assert (crowd.amiss, tills.amiss) == ([], [])
    assert leaving.popen.returncode == 0
    assert took_s < 20
    assert "Exception" not in (folders[0] / "log").read_text()
    assert balancer.said == sorted(balancer.said, key=[200, 503, 0].index)  # ready, then not, then not there
    assert {200, 503, 0} == set(balancer.said)
    assert [url for url, lines in tills.heard.items() if "event: hint" in lines] == [leaving.url, staying.url]

    async def check(connection: asyncpg.Connection) -> None:
        assert {row["id"] for row in await connection.fetch("select id from booking")} == crowd.booked
        captured = await connection.fetch("select id from payment where state = 'captured'")
        assert {row["id"] for row in captured} == crowd.paid
        assert await connection.fetchval("select count(*) from payment") == len(crowd.paid)
        assert await connection.fetchval("select count(*) from scan") == tills.acknowledged > 0
        await fair(connection, ROWS * 50)

    run(database, check)


@contextmanager
def stuck(database: str, process: Process, call: Callable[[], httpx.Response]) -> Iterator[list[httpx.Response]]:
    """While `call` waits for a row that somebody keeps; its answer, once it has one."""
    answers: list[httpx.Response] = []
    calling = threading.Thread(target=lambda: answers.append(call()))
    kept, done = threading.Event(), threading.Event()

    async def keep(connection: asyncpg.Connection) -> None:
        async with connection.transaction():
            await connection.execute("lock table ticket, seat in access exclusive mode")
            kept.set()
            await asyncio.to_thread(done.wait, 30)

    async def waits(connection: asyncpg.Connection) -> None:
        while not await connection.fetchval("select count(*) from pg_locks where not granted"):
            assert process.popen.poll() is None

    keeping = threading.Thread(target=lambda: run(database, keep))
    keeping.start()
    assert kept.wait(10)
    calling.start()
    try:
        run(database, waits)
        yield answers
    finally:
        done.set()
        keeping.join(20)
        calling.join(20)


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", verify=False).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def never_said(url: str) -> Iterator[None]:
    """A caller who announces a body and sends half of it, and one who does not even finish the head."""
    port = int(url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as body, socket.create_connection(("127.0.0.1", port)) as head:
        body.sendall(b"POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        body.sendall(b'Content-Length: 1000\r\n\r\n{"email": "')
        head.sendall(b"GET /api/events HTTP/1.1\r\nHo")
        yield


@pytest.mark.parametrize(
    ("grace_s", "signals", "within_s"), [("1", 1, 8), ("60", 2, 8)], ids=["one that gives a second", "asked twice"]
)
def test_what_never_ends_does_not_hold_a_node_that_is_stopped(
    folders: tuple[Path, Path], database: str, grace_s: str, signals: int, within_s: float
) -> None:
    [token, _] = opened(database, 1, 1)
    me = jwt.decode(token, options={"verify_signature": False})["sub"]

    def book() -> httpx.Response:
        body = {"eventId": str(RUSH), "userId": me, "numberOfTickets": 1}
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.post(f"{leaving.url}/api/bookings", json=body, headers=headers, timeout=60, verify=False)

    with node(folders[0], database, "--grace", grace_s) as leaving, never_said(leaving.url):
        with stuck(database, leaving, book) as answers:
            for _ in range(signals):
                leaving.popen.send_signal(signal.SIGTERM)
                while _is_ready(leaving.url):  # two signals at once are one
                    pass
            assert leaving.popen.wait(within_s) == 0
        [answer] = answers
    assert (answer.status_code, problem_of(answer)["code"]) == (503, "stopping")
    assert answer.headers["retry-after"] == "1"

    async def check(connection: asyncpg.Connection) -> None:
        for table in ("booking", "hold", "ticket", "seat"):
            assert await connection.fetchval(f"select count(*) from {table}") == 0
        others = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        assert await connection.fetchval(others) == 0

    run(database, check)
