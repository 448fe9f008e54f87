"""Whoever comes too often is told to wait; nobody else notices."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest
from starlette.types import Scope

from boxoffice.domain.refusals import Refused
from central.counting import CountsHere, CountsInRedis, Rate, counts
from central.limiting import BUDGETS, Budget, Budgets, By, Kind, Limits, address_of
from tests.central.people import PASSWORD, customer
from tests.support.central import RunningCentral, problem_of


@contextmanager
def limited(central: RunningCentral, budgets: Budgets) -> Iterator[list[float]]:
    """With a clock that stands still until it is moved."""
    seconds = [1e6]
    before = central.app.state.services
    central.app.state.services = replace(before, limits=Limits(CountsHere(lambda: seconds[0]), budgets))
    try:
        yield seconds
    finally:
        central.app.state.services = before


def login(central: RunningCentral, email: str, password: str = PASSWORD, **headers: str) -> httpx.Response:
    return httpx.post(
        f"{central.url}/api/login",
        json={"email": email, "password": password},
        headers=headers,
        verify=False,
        timeout=30,
    )


def test_guessing_passwords_ends_after_a_few(central: RunningCentral) -> None:
    ada, bob = customer(central), customer(central)
    with limited(central, {Kind.LOGIN: (Budget(By.BOTH, Rate(3, 900)),)}) as seconds:
        assert [login(central, ada.email, "guess number x").status_code for _ in range(3)] == [401, 401, 401]
        refused = login(central, ada.email.upper())  # the right password, in another spelling of the address
        assert (refused.status_code, problem_of(refused)["code"]) == (429, "too_many_requests")
        wait_s = int(refused.headers["retry-after"])
        assert refused.headers["ratelimit-policy"] == '"login";q=3;w=900'
        assert refused.headers["ratelimit"] == f'"login";r=0;t={wait_s}'
        assert refused.headers["x-request-id"]
        assert login(central, bob.email).status_code == 200
        seconds[0] += wait_s - 1
        assert login(central, ada.email).status_code == 429
        seconds[0] += 1
        assert login(central, ada.email).status_code == 200


def test_an_account_spends_its_own_budget_and_strangers_that_of_their_address(central: RunningCentral) -> None:
    ada, bob = customer(central), customer(central)
    with limited(central, {Kind.READ: (Budget(By.WHO, Rate(2, 60)),), Kind.WRITE: (Budget(By.WHO, Rate(1, 60)),)}):
        path = f"/api/users/{ada.id}"
        assert [ada.client.get(path).status_code for _ in range(3)] == [200, 200, 429]
        assert bob.client.get(f"/api/users/{bob.id}").status_code == 200
        assert ada.client.patch(path, json={"name": "Ada L."}).status_code == 200
        assert ada.client.patch(path, json={"name": "Ada"}).status_code == 429
        forged = {"Authorization": "Bearer nonsense"}  # counted with the address: made-up names buy nothing
        public = f"{central.url}/api/events"
        answers = [httpx.get(public, headers=headers, verify=False).status_code for headers in ({}, forged, forged)]
        assert answers == [200, 200, 429]
        assert httpx.get(f"{central.url}/healthz", verify=False).status_code == 200
        assert central.till().client.get("/api/tills/status").status_code == 200


@pytest.mark.parametrize(
    ("kind", "path", "body"),
    [
        (Kind.REGISTER, "/api/register", {"email": "new@example.org", "password": PASSWORD, "name": "N"}),
        (Kind.REFRESH, "/api/token/refresh", {"refreshToken": "x"}),
        (Kind.RESET, "/api/password/reset", {"email": "nobody@example.org"}),
        (Kind.CODE, "/api/password/reset/confirm", {"code": "x", "password": PASSWORD}),
        (Kind.CODE, "/api/email/verification/confirm", {"code": "x"}),
    ],
)
def test_what_can_be_guessed_or_mailed_is_limited_by_address(
    central: RunningCentral, kind: Kind, path: str, body: dict[str, str]
) -> None:
    with limited(central, {kind: (Budget(By.ADDRESS, Rate(1, 60)),)}):
        answers = [httpx.post(central.url + path, json=body, verify=False).status_code for _ in range(2)]
    assert answers[0] != 429
    assert answers[1] == 429


def test_what_an_account_can_guess_or_mail_is_limited_too(central: RunningCentral) -> None:
    ada = customer(central, verified=False)
    once = (Budget(By.SUBJECT, Rate(1, 60)),)
    with limited(central, {Kind.MAIL: once, Kind.PROOF: once}):
        assert [ada.client.post("/api/email/verification").status_code for _ in range(2)] == [202, 429]
        body = {"password": "not the password", "newPassword": "another heap"}
        path = f"/api/users/{ada.id}/password"
        assert [ada.client.put(path, json=body).status_code for _ in range(2)] == [403, 429]
    assert central.value("select count(*) from message") == 1


def test_every_kind_has_a_budget() -> None:
    assert set(BUDGETS) == set(Kind)


async def _hits(windows: CountsHere, rate: Rate, times: int) -> list[float]:
    return [await windows.hit(rate, "x") for _ in range(times)]


def test_no_two_budgets_fit_across_the_border_of_two_windows() -> None:
    now = [0.0]
    here, rate = CountsHere(lambda: now[0]), Rate(10, 60)

    async def go() -> None:
        now[0] = 59.0
        assert await _hits(here, rate, 10) == [0.0] * 10
        now[0] = 61.0
        assert (await _hits(here, rate, 1))[0] > 0
        now[0] += (await _hits(here, rate, 1))[0] + 1e-6
        assert (await _hits(here, rate, 1))[0] == 0.0
        now[0] = 1000.0
        assert await _hits(here, rate, 10) == [0.0] * 10
        full = (await _hits(here, rate, 1))[0]
        now[0] += full + 1e-6
        assert (await _hits(here, rate, 2)) != [0.0, 0.0]

    asyncio.run(go())


def test_what_is_past_is_forgotten() -> None:
    now = [0.0]
    here = CountsHere(lambda: now[0])

    async def go() -> None:
        for number in range(5000):
            await here.hit(Rate(10, 60), f"{number}")
        now[0] = 200.0
        for _ in range(4096):
            await here.hit(Rate(10_000, 60), "x")

    asyncio.run(go())
    assert len(here._windows) == 1


def test_while_a_shared_redis_is_away_each_process_counts_for_itself() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        shared = counts(f"redis://127.0.0.1:{nobody.getsockname()[1]}/0")
        assert isinstance(shared, CountsInRedis)

        async def go() -> list[bool]:
            return [await shared.hit(Rate(2, 60), "x") > 0 for _ in range(4)]

        assert asyncio.run(go()) == [False, False, True, True]


@pytest.mark.parametrize("url", ["", "redis", "http://127.0.0.1", "memory", "memcached://127.0.0.1"])
def test_where_limits_cannot_be_counted_is_said(url: str) -> None:
    with pytest.raises(Refused, match="Give memory://, off, or the URL of a Redis"):
        Limits.at(url)


@pytest.mark.parametrize(
    ("client", "forwarded", "trust", "address"),
    [
        ("192.0.2.1", "", False, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", False, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", True, "198.51.100.7"),
        ("192.0.2.1", "10.0.0.1, 198.51.100.7", True, "198.51.100.7"),
        ("192.0.2.1", "", True, "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "", False, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "", False, "192.0.2.1"),
        ("192.0.2.1", "nonsense", True, "nonsense"),
    ],
)
def test_the_address_is_the_sockets_unless_a_proxy_of_ours_says_another(
    client: str, forwarded: str, trust: bool, address: str
) -> None:
    scope: Scope = {"type": "http", "client": (client, 1), "headers": [(b"x-forwarded-for", forwarded.encode())]}
    assert address_of(scope, trust_proxy=trust) == address


def test_a_made_up_forwarded_address_buys_no_second_budget(central: RunningCentral) -> None:
    with limited(central, {Kind.LOGIN: (Budget(By.ADDRESS, Rate(1, 60)),)}):
        answers = [login(central, f"x{i}@example.org", **{"X-Forwarded-For": f"10.0.0.{i}"}) for i in range(2)]
    assert [answer.status_code for answer in answers] == [401, 429]
