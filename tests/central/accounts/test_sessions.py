"""Refreshing, signing out, and tokens that are not ours."""

from __future__ import annotations

import base64
import json
import threading
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.accounts.access_tokens import Claims
from central.accounts.keeping import forget_expired
from central.accounts.roles import AccountRole
from central.database import Database
from tests.central.people import Person, customer, manager
from tests.support.central import NOW, RunningCentral, problem_of, run


def signed_in(central: RunningCentral, person: Person) -> dict[str, Any]:
    reply = httpx.post(
        f"{central.url}/api/login", json={"email": person.email, "password": person.password}, verify=False, timeout=30
    )
    assert reply.status_code == 200, reply.text
    said: dict[str, Any] = reply.json()
    return said


def refreshed(central: RunningCentral, token: str) -> httpx.Response:
    return httpx.post(f"{central.url}/api/token/refresh", json={"refreshToken": token}, verify=False, timeout=30)


def refusal(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, problem_of(reply)["code"]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_refreshing_gives_the_next_pair_of_the_same_session(central: RunningCentral) -> None:
    first = signed_in(central, customer(central))
    central.clock[0] += timedelta(minutes=9)
    second = refreshed(central, first["refreshToken"]).json()
    assert second["refreshToken"] != first["refreshToken"]
    assert second["userId"] == first["userId"]
    central.clock[0] += timedelta(minutes=9)
    path = f"{central.url}/api/users/{first['userId']}"
    expired = httpx.get(path, headers=bearer(first["token"]), verify=False)
    assert refusal(expired) == (401, "token_expired")
    assert httpx.get(path, headers=bearer(second["token"]), verify=False).status_code == 200
    third = refreshed(central, second["refreshToken"]).json()

    def session(token: str) -> str:
        found: str = jwt.decode(token, options={"verify_signature": False})["sid"]
        return found

    assert session(third["token"]) == session(first["token"])


def test_a_refresh_token_used_again_ends_its_session_for_whoever_has_it(central: RunningCentral) -> None:
    owner = customer(central)
    other = signed_in(central, owner)
    stolen = signed_in(central, owner)["refreshToken"]
    honest = refreshed(central, stolen).json()["refreshToken"]
    central.clock[0] += timedelta(seconds=11)
    assert refusal(refreshed(central, stolen)) == (401, "refresh_reused")
    assert refusal(refreshed(central, honest)) == (401, "session_ended")
    assert refreshed(central, other["refreshToken"]).status_code == 200


def test_a_refresh_that_was_sent_twice_gets_the_same_answer_and_no_second_branch(central: RunningCentral) -> None:
    token = signed_in(central, customer(central))["refreshToken"]
    once = refreshed(central, token).json()["refreshToken"]
    central.clock[0] += timedelta(seconds=9)
    again = refreshed(central, token).json()["refreshToken"]
    assert again == once
    assert central.value("select count(*) from refresh_token where used_at is null") == 1
    assert refreshed(central, once).status_code == 200
    # whoever kept the copy now holds a used one: even at once, that is told
    assert refusal(refreshed(central, token)) == (401, "refresh_reused")


def test_many_refreshes_at_once_leave_one_token(central: RunningCentral) -> None:
    token = signed_in(central, customer(central))["refreshToken"]
    answers: list[httpx.Response] = []
    threads = [threading.Thread(target=lambda: answers.append(refreshed(central, token))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.json()["refreshToken"] for answer in answers} == {answers[0].json()["refreshToken"]}
    assert central.value("select count(*) from refresh_token where used_at is null") == 1


def test_a_refresh_token_is_kept_as_a_hash(central: RunningCentral) -> None:
    token = signed_in(central, customer(central))["refreshToken"]
    kept = central.value("select row_to_json(t)::text from refresh_token t")
    assert token not in kept
    assert token.encode().hex() not in kept


def test_a_session_lasts_thirty_days_unused_and_a_year_at_most(central: RunningCentral) -> None:
    ada = customer(central)
    unused = signed_in(central, ada)["refreshToken"]
    used = signed_in(central, ada)["refreshToken"]
    for _ in range(18):
        central.clock[0] += timedelta(days=20)
        used = refreshed(central, used).json()["refreshToken"]
    assert refusal(refreshed(central, unused)) == (401, "session_expired")
    central.clock[0] = NOW + timedelta(days=365, seconds=1)
    assert refusal(refreshed(central, used)) == (401, "session_expired")


def test_what_has_expired_is_forgotten_but_not_at_once(central: RunningCentral) -> None:
    signed_in(central, customer(central))

    def left_after(days: int) -> int:
        async def forget(_: asyncpg.Connection) -> None:
            async with Database.open(central.database, 2) as database:
                await forget_expired(database, NOW + timedelta(days=days))

        run(central.database, forget)
        left: int = central.value("select count(*) from refresh_token")
        return left

    assert [left_after(days) for days in (29, 36, 38)] == [1, 1, 0]
    assert central.value("select count(*) from session") == 0


def test_signing_out_ends_this_session_and_everywhere_all(central: RunningCentral) -> None:
    ada = customer(central)
    here, there, elsewhere = (signed_in(central, ada) for _ in range(3))
    others = signed_in(central, customer(central))
    httpx.post(f"{central.url}/api/logout", headers=bearer(here["token"]), verify=False)
    assert refusal(refreshed(central, here["refreshToken"])) == (401, "session_ended")
    there = refreshed(central, there["refreshToken"]).json()
    httpx.post(f"{central.url}/api/logout/everywhere", headers=bearer(there["token"]), verify=False)
    for session in (there, elsewhere):
        assert refusal(refreshed(central, session["refreshToken"])) == (401, "session_ended")
    assert refreshed(central, others["refreshToken"]).status_code == 200


def _forged(central: RunningCentral, person: Person, **changes: Any) -> str:
    good = jwt.decode(person.token, options={"verify_signature": False})
    return jwt.encode(good | changes, Ed25519PrivateKey.generate(), "EdDSA", {"kid": "1"})


def _unsigned(token: str) -> str:
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": "1"}).encode()).rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."


def _with_our_public_key_as_secret(central: RunningCentral, token: str) -> str:
    body = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(body, "x" * 32, "HS256", {"kid": "1"})


@pytest.mark.parametrize("kind", ["forged", "unsigned", "hmac", "cut", "nonsense", "empty", "huge", "header"])
def test_a_token_that_is_not_ours_opens_nothing(central: RunningCentral, kind: str) -> None:
    boss = manager(central)
    token = {
        "forged": _forged(central, boss, role="admin"),
        "unsigned": _unsigned(boss.token),
        "hmac": _with_our_public_key_as_secret(central, boss.token),
        "cut": boss.token[:-4],
        "nonsense": "nonsense",
        "empty": "..",
        "huge": "a" * 9000,
        "header": jwt.encode({}, Ed25519PrivateKey.generate(), "EdDSA", {"kid": "999999999999999999999"}),
    }[kind]
    reply = httpx.get(f"{central.url}/api/users", headers=bearer(token), verify=False)
    assert reply.status_code in (401, 431), reply.text
    if reply.status_code == 401:
        assert problem_of(reply)["code"] in ("token_invalid", "not_signed_in")
        assert reply.headers["www-authenticate"] == "Bearer"


def test_a_token_of_another_central_is_not_ours(central: RunningCentral) -> None:
    ada = customer(central)
    tokens = central.app.state.services.access_tokens
    good = tokens.issue(Claims(ada.account, AccountRole.CUSTOMER, ada.session), NOW)
    head, body, signature = good.split(".")
    swapped = json.loads(base64.urlsafe_b64decode(body + "=="))
    swapped["role"] = "admin"
    body = base64.urlsafe_b64encode(json.dumps(swapped).encode()).rstrip(b"=").decode()
    reply = httpx.get(f"{central.url}/api/users", headers=bearer(f"{head}.{body}.{signature}"), verify=False)
    assert refusal(reply) == (401, "token_invalid")


def test_checking_a_token_asks_no_database(central: RunningCentral, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = customer(central)

    def asked(*_: object, **__: object) -> None:
        raise AssertionError("the database was asked")

    monkeypatch.setattr(asyncpg.pool.Pool, "acquire", asked)
    monkeypatch.setattr(asyncpg.pool.Pool, "fetchval", asked)
    reply = ada.client.get("/api/users")  # a manager's: the token is read, and its role refused
    assert refusal(reply) == (403, "not_allowed")
