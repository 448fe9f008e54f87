"""Registering and signing in over HTTP."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
from argon2 import PasswordHasher

from central.database import Database
from tests.central.people import PASSWORD, customer
from tests.support.central import NOW, Databases, RunningCentral, problem_of, running_central

ADA = {"email": "ada@example.org", "password": "three random words", "name": "Ada Byron"}


def post(central: RunningCentral, path: str, body: Any, **headers: str) -> httpx.Response:
    return httpx.post(f"{central.url}{path}", json=body, headers=headers, verify=False, timeout=30)


def test_one_registers_and_signs_in(central: RunningCentral) -> None:
    registered = post(central, "/api/register", ADA)
    assert registered.status_code == 201
    assert registered.json()["message"] == "user registered successfully"
    logged_in = post(central, "/api/login", {"email": "ada@example.org", "password": ADA["password"]})
    assert logged_in.status_code == 200
    said = logged_in.json()
    assert said["message"] == "login successful"
    assert said["userId"] == registered.json()["userId"]
    assert (said["role"], said["expiresIn"]) == ("customer", 600)
    assert logged_in.headers["cache-control"] == "no-store"
    reply = post(central, "/api/logout", None, Authorization=f"Bearer {said['token']}")
    assert (reply.status_code, reply.json()["message"]) == (200, "logout successful")


def test_a_password_is_kept_as_argon2id_and_nowhere_else(central: RunningCentral) -> None:
    post(central, "/api/register", ADA)
    [account] = central.fetch("select * from account")
    assert account["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    dump = central.value(
        "select string_agg(t, '') from (select row_to_json(a)::text t from account a"
        " union all select row_to_json(m)::text from message m"
        " union all select row_to_json(e)::text from audit_entry e) r"
    )
    assert ADA["password"] not in dump


def test_a_password_typed_on_another_keyboard_is_the_same(central: RunningCentral) -> None:
    post(central, "/api/register", ADA | {"password": "Gesch\u00e4ft im Nebel"})
    assert (
        post(central, "/api/login", {"email": ADA["email"], "password": "Gescha\u0308ft im Nebel"}).status_code == 200
    )


def test_an_address_is_the_same_in_capitals_and_registers_once(central: RunningCentral) -> None:
    assert post(central, "/api/register", ADA).status_code == 201
    again = post(central, "/api/register", ADA | {"email": "ADA@Example.ORG", "name": "Somebody"})
    assert (again.status_code, problem_of(again)["code"], problem_of(again)["field"]) == (409, "email_taken", "email")
    assert central.value("select count(*) from account") == 1
    assert post(central, "/api/login", {"email": "Ada@EXAMPLE.org", "password": ADA["password"]}).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "ada"}, "email"),
        ({"email": "ada@localhost"}, "email"),
        ({"email": "a b@example.org"}, "email"),
        ({"email": "ada@example.org\r\nBcc: x@example.org"}, "email"),
        ({"email": "ada@exa\u0000mple.org"}, "email"),
        ({"email": "a" * 65 + "@example.org"}, "email"),
        ({"email": "ada@" + "x." * 126 + "org"}, "email"),
        ({"email": 7}, "email"),
        ({"password": "seven77"}, "password"),
        ({"password": "x" * 201}, "password"),
        ({"password": "ada@example.org"}, "password"),
        ({"password": "\ud800" * 9}, "password"),
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "Ada\u0000"}, "name"),
        ({"name": "Ada\nByron"}, "name"),
        ({"name": "Ada \u202egnp.exe"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"language": "klingon"}, "language"),
    ],
)
def test_what_cannot_be_an_account_is_refused_with_its_field(
    central: RunningCentral, change: dict[str, Any], field: str
) -> None:
    body = json.dumps(ADA | change).encode()  # httpx's own would not write half a surrogate pair
    reply = httpx.post(
        f"{central.url}/api/register", content=body, headers={"Content-Type": "application/json"}, verify=False
    )
    assert (reply.status_code, problem_of(reply)["field"]) == (422, field)
    assert change.get("password", "\0") not in reply.text
    assert central.value("select count(*) from account") == 0


def test_nobody_registers_as_staff(central: RunningCentral) -> None:
    assert post(central, "/api/register", ADA | {"role": "admin"}).status_code == 201
    assert central.value("select role from account") == "customer"


def test_wrong_password_and_unknown_address_are_answered_alike(central: RunningCentral) -> None:
    ada = customer(central)
    wrong = post(central, "/api/login", {"email": ada.email, "password": "not the password"})
    unknown = post(central, "/api/login", {"email": "nobody@example.org", "password": "not the password"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "wrong_credentials"
    assert set(wrong.headers) == set(unknown.headers)


def test_an_unknown_address_takes_as_long_as_a_wrong_password(central: RunningCentral) -> None:
    ada = customer(central)

    def median_ms(email: str) -> float:
        def once() -> float:
            started = time.perf_counter()
            post(central, "/api/login", {"email": email, "password": "not the password"})
            return (time.perf_counter() - started) * 1000

        return statistics.median(once() for _ in range(7))

    known, unknown = median_ms(ada.email), median_ms("nobody@example.org")
    assert unknown > 12  # a password was hashed: without, an answer takes 3 ms
    assert 0.4 < known / unknown < 2.5


def test_an_account_without_a_password_is_not_open_to_an_empty_one(central: RunningCentral) -> None:
    ada = customer(central)
    central.fetch("update account set password_hash = ''")
    for password in (" ", PASSWORD):
        assert post(central, "/api/login", {"email": ada.email, "password": password}).status_code == 401


def test_too_many_at_once_are_told_when_to_come_back(central: RunningCentral, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(central.app.state.services.passwords, "_most", 0)
    reply = post(central, "/api/login", {"email": "ada@example.org", "password": "not the password"})
    assert (reply.status_code, problem_of(reply)["code"], reply.headers["retry-after"]) == (503, "busy", "3")


def test_a_hash_of_earlier_parameters_is_renewed_when_one_signs_in(central: RunningCentral) -> None:
    ada = customer(central)
    weak = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    central.fetch("update account set password_hash = $1", weak)
    assert post(central, "/api/login", {"email": ada.email, "password": PASSWORD}).status_code == 200
    assert "m=19456,t=2,p=1" in central.value("select password_hash from account")
    assert post(central, "/api/login", {"email": ada.email, "password": PASSWORD}).status_code == 200


def test_the_published_keys_check_a_token_as_we_do(central: RunningCentral) -> None:
    ada = customer(central)
    keys = httpx.get(f"{central.url}/.well-known/jwks.json", verify=False).json()["keys"]
    [key] = [key for key in keys if key["kid"] == jwt.get_unverified_header(ada.token)["kid"]]
    assert (key["kty"], key["crv"], key["use"]) == ("OKP", "Ed25519", "sig")
    assert "d" not in key
    body = jwt.decode(
        ada.token, jwt.PyJWK(key), ["EdDSA"], issuer="boxoffice", options={"verify_exp": False, "verify_iat": False}
    )
    assert body["sub"] == ada.id


def test_each_key_signs_to_its_end_and_the_next_is_published_a_day_before(databases: Databases) -> None:
    with running_central(databases.fresh()) as central:  # of its own: its keys end a year from now
        ada = customer(central)

        def login() -> str:
            token: str = post(central, "/api/login", {"email": ada.email, "password": PASSWORD}).json()["token"]
            return token

        def kid(token: str) -> str:
            found: str = jwt.get_unverified_header(token)["kid"]
            return found

        def published() -> list[str]:
            keys = httpx.get(f"{central.url}/.well-known/jwks.json", verify=False).json()["keys"]
            return [key["kid"] for key in keys]

        async def renew(days: int) -> None:
            async with Database.open(central.database, 2) as database:
                await central.app.state.services.access_tokens.renew(database, NOW + timedelta(days=days))

        first = login()
        for days, known in ((28, 1), (29, 2), (29, 2)):
            asyncio.run(renew(days))
            assert len(published()) == known
        central.clock[0] = NOW + timedelta(days=30, seconds=-1)
        last_of_first = login()
        assert kid(last_of_first) == kid(first)
        central.clock[0] = NOW + timedelta(days=30, seconds=1)
        of_second = login()
        assert [kid(first), kid(of_second)] == published()
        for token in (last_of_first, of_second):
            assert post(central, "/api/logout", None, Authorization=f"Bearer {token}").status_code == 200
        late = post(central, "/api/logout", None, Authorization=f"Bearer {first}")
        assert (late.status_code, problem_of(late)["code"]) == (401, "token_expired")


def test_a_node_that_slept_through_the_change_makes_a_key_when_one_is_needed(databases: Databases) -> None:
    with running_central(databases.fresh()) as central:
        ada = customer(central)
        central.clock[0] = NOW + timedelta(days=100)
        reply = post(central, "/api/login", {"email": ada.email, "password": PASSWORD})
        token = reply.json()["token"]
        assert post(central, "/api/logout", None, Authorization=f"Bearer {token}").status_code == 200
