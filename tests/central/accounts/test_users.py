"""Profiles, addresses, passwords and roles."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from itertools import chain
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.central.accounts.test_sessions import bearer, refreshed, refusal, signed_in
from tests.central.people import PASSWORD, admin, cashier, customer, door, manager
from tests.support.central import NOW, RunningCentral

NEW_PASSWORD = "another heap of words"


def post(central: RunningCentral, path: str, body: Any = None) -> httpx.Response:
    return httpx.post(f"{central.url}{path}", json=body, verify=False, timeout=30)


def code(central: RunningCentral, kind: str, address: str) -> str:
    """Of the last such message that was written."""
    detail = central.value(
        "select detail from message where kind = $1 and address = $2 order by written_at desc, id desc limit 1",
        *(kind, address),
    )
    found: str = json.loads(detail)["code"]
    return found


def login(central: RunningCentral, email: str, password: str) -> int:
    return post(central, "/api/login", {"email": email, "password": password}).status_code


# --- verification


def test_a_new_address_is_verified_with_the_code_that_went_there(central: RunningCentral) -> None:
    body = {"email": "ada@example.org", "password": PASSWORD, "name": "Ada Byron"}
    ada = post(central, "/api/register", body).json()["userId"]
    sent = code(central, "verify_email", "ada@example.org")
    assert sent.replace("-", "") not in str(central.fetch("select * from one_time_code"))
    reply = post(central, "/api/email/verification/confirm", {"code": sent.lower().replace("-", " ")})
    assert reply.status_code == 200
    assert central.value("select email_verified_at from account") == NOW
    assert refusal(post(central, "/api/email/verification/confirm", {"code": sent})) == (422, "wrong_code")
    token = post(central, "/api/login", {"email": "ada@example.org", "password": PASSWORD}).json()["token"]
    shown = httpx.get(f"{central.url}/api/users/{ada}", headers=bearer(token), verify=False).json()
    assert shown["emailVerified"] is True


def test_a_code_expires_and_a_second_one_replaces_the_first(central: RunningCentral) -> None:
    ada = customer(central, verified=False)
    for _ in range(2):
        assert ada.client.post("/api/email/verification").json()["message"] == "code sent"
    codes = [json.loads(row["detail"])["code"] for row in central.fetch("select detail from message order by id")]
    good = [post(central, "/api/email/verification/confirm", {"code": found}).status_code for found in codes]
    assert sorted(good) == [200, 422]
    late = customer(central, verified=False)
    late.client.post("/api/email/verification")
    sent = code(central, "verify_email", late.email)
    central.clock[0] += timedelta(days=2)
    assert refusal(post(central, "/api/email/verification/confirm", {"code": sent})) == (422, "wrong_code")


def test_who_is_verified_gets_no_second_code(central: RunningCentral) -> None:
    reply = customer(central).client.post("/api/email/verification")
    assert reply.json()["message"] == "the e-mail address is verified already"
    assert central.value("select count(*) from message") == 0


# --- a forgotten password


def test_a_forgotten_password_is_replaced_and_every_session_ends(central: RunningCentral) -> None:
    ada = customer(central, verified=False)
    session = signed_in(central, ada)
    assert post(central, "/api/password/reset", {"email": ada.email.upper()}).status_code == 202
    sent = code(central, "reset_password", ada.email)
    body = {"code": sent, "password": NEW_PASSWORD}
    assert post(central, "/api/password/reset/confirm", body).status_code == 200
    assert refusal(refreshed(central, session["refreshToken"])) == (401, "session_ended")
    assert (login(central, ada.email, PASSWORD), login(central, ada.email, NEW_PASSWORD)) == (401, 200)
    assert refusal(post(central, "/api/password/reset/confirm", body)) == (422, "wrong_code")
    assert central.value("select email_verified_at from account where id = $1", ada.account) == NOW
    assert central.value("select count(*) from message where kind = 'password_changed'") == 1


def test_asking_for_a_reset_does_not_tell_who_has_an_account(central: RunningCentral) -> None:
    ada = customer(central)
    answers = []
    for email in (ada.email, "nobody@example.org"):
        began = time.perf_counter()
        answers.append(post(central, "/api/password/reset", {"email": email}))
        assert time.perf_counter() - began >= 0.1
    assert answers[0].status_code == answers[1].status_code == 202
    assert answers[0].json() == answers[1].json()
    assert central.value("select count(*) from message") == 1


def test_a_reset_code_is_for_nothing_else_and_for_half_an_hour(central: RunningCentral) -> None:
    ada = customer(central, verified=False)
    post(central, "/api/password/reset", {"email": ada.email})
    ada.client.post("/api/email/verification")
    reset, verify = code(central, "reset_password", ada.email), code(central, "verify_email", ada.email)
    assert refusal(post(central, "/api/email/verification/confirm", {"code": reset})) == (422, "wrong_code")
    body = {"code": verify, "password": NEW_PASSWORD}
    assert refusal(post(central, "/api/password/reset/confirm", body)) == (422, "wrong_code")
    central.clock[0] += timedelta(minutes=30)
    body["code"] = reset
    assert refusal(post(central, "/api/password/reset/confirm", body)) == (422, "wrong_code")
    assert login(central, ada.email, PASSWORD) == 200


def test_a_password_that_breaks_the_rules_does_not_use_the_code_up(central: RunningCentral) -> None:
    ada = customer(central)
    post(central, "/api/password/reset", {"email": ada.email})
    sent = code(central, "reset_password", ada.email)
    weak = post(central, "/api/password/reset/confirm", {"code": sent, "password": ada.email})
    assert refusal(weak) == (422, "weak_password")
    good = post(central, "/api/password/reset/confirm", {"code": sent, "password": NEW_PASSWORD})
    assert good.status_code == 200


# --- profile


def test_a_profile_is_changed_with_the_version_one_saw(central: RunningCentral) -> None:
    ada = customer(central)
    shown = ada.client.get(f"/api/users/{ada.id}")
    assert shown.headers["etag"] == '"v1"'
    assert shown.json() == {
        "userId": ada.id,
        "email": ada.email,
        "name": "Ada Byron",
        "language": "en",
        "role": "customer",
        "emailVerified": True,
        "hasPassword": True,
        "identities": 0,
        "createdAt": "2026-11-14T12:00:00Z",
        "version": 1,
    }
    path = f"/api/users/{ada.id}"
    changed = ada.client.patch(path, json={"name": "Ada Lovelace"}, headers={"If-Match": '"v1"'})
    assert (changed.json()["name"], changed.json()["version"], changed.headers["etag"]) == ("Ada Lovelace", 2, '"v2"')
    assert refusal(ada.client.patch(path, json={"name": "X"}, headers={"If-Match": '"v1"'})) == (412, "version_changed")
    assert refusal(ada.client.patch(path, json={"name": "X"}, headers={"If-Match": "v2"})) == (412, "version_changed")
    assert refusal(ada.client.patch(path, json={"name": "X", "version": 1})) == (409, "version_changed")
    assert ada.client.patch(path, json={"language": "de", "version": 2}).json()["language"] == "de"
    assert ada.client.patch(path, json={"language": "de"}).json()["version"] == 3  # nothing new, no new version
    [first, second] = central.fetch("select detail, account from audit_entry where action = 'profile changed'")
    assert json.loads(first["detail"]) == {"fields": ["name"]}
    assert second["account"] == ada.account


@pytest.mark.parametrize("who", [customer, cashier, door])
def test_nobody_sees_or_changes_somebody_elses(central: RunningCentral, who: Any) -> None:
    ada, eve = customer(central), who(central)
    for user in (ada.id, str(uuid4()), "1", "x' or 1=1", "%00"):
        requests = [
            ("GET", f"/api/users/{user}", None),
            ("PATCH", f"/api/users/{user}", {"name": "Eve"}),
            ("PUT", f"/api/users/{user}/email", {"email": "eve@example.org", "password": PASSWORD}),
            ("PUT", f"/api/users/{user}/password", {"password": PASSWORD, "newPassword": NEW_PASSWORD}),
        ]
        for method, path, body in requests:
            assert refusal(eve.client.request(method, path, json=body)) == (404, "unknown_user"), path
    assert refusal(eve.client.get("/api/users")) == (403, "not_allowed")
    assert refusal(eve.client.put(f"/api/admin/users/{eve.id}/role", json={"role": "admin"})) == (403, "not_allowed")
    assert central.value("select name from account where id = $1", ada.account) == "Ada Byron"


def test_a_manager_helps_with_names_but_not_with_passwords(central: RunningCentral) -> None:
    ada, boss = customer(central), manager(central)
    assert boss.client.patch(f"/api/users/{ada.id}", json={"name": "Ada L."}).json()["name"] == "Ada L."
    body = {"password": PASSWORD, "newPassword": NEW_PASSWORD}
    assert refusal(boss.client.put(f"/api/users/{ada.id}/password", json=body)) == (404, "unknown_user")
    assert refusal(boss.client.put(f"/api/admin/users/{ada.id}/role", json={"role": "door"})) == (403, "not_allowed")


# --- address and password


def test_an_address_changes_once_its_new_owner_says_so(central: RunningCentral) -> None:
    ada = customer(central)
    old, new = ada.email, "lovelace@example.org"
    post(central, "/api/password/reset", {"email": old})
    stale = code(central, "reset_password", old)
    reply = ada.client.put(f"/api/users/{ada.id}/email", json={"email": new, "password": PASSWORD})
    assert reply.status_code == 202
    assert central.value("select email from account") == old
    assert post(central, "/api/email/verification/confirm", {"code": code(central, "change_email", new)}).is_success
    assert (login(central, old, PASSWORD), login(central, new, PASSWORD)) == (401, 200)
    assert central.value("select address from message where kind = 'email_changed'") == old
    body = {"code": stale, "password": NEW_PASSWORD}  # who still reads the old mailbox gets nothing by it
    assert refusal(post(central, "/api/password/reset/confirm", body)) == (422, "wrong_code")


def test_an_address_that_was_taken_meanwhile_is_not_taken_over(central: RunningCentral) -> None:
    ada = customer(central)
    path, body = f"/api/users/{ada.id}/email", {"email": "bob@example.org", "password": PASSWORD}
    ada.client.put(path, json=body)
    customer(central, email="Bob@example.org")
    sent = code(central, "change_email", "bob@example.org")
    assert refusal(post(central, "/api/email/verification/confirm", {"code": sent})) == (409, "email_taken")
    assert refusal(ada.client.put(path, json=body)) == (409, "email_taken")


@pytest.mark.parametrize(("password", "code"), [("not the password", "wrong_password"), (None, "password_needed")])
def test_a_stolen_access_token_does_not_take_the_account(
    central: RunningCentral, password: str | None, code: str
) -> None:
    ada = customer(central)
    change = ada.client.put(f"/api/users/{ada.id}/password", json={"password": password, "newPassword": NEW_PASSWORD})
    move = ada.client.put(f"/api/users/{ada.id}/email", json={"password": password, "email": "eve@example.org"})
    assert refusal(change) == refusal(move) == (403, code)
    assert login(central, ada.email, PASSWORD) == 200
    assert central.value("select count(*) from message") == 0


def test_changing_the_password_ends_the_other_sessions(central: RunningCentral) -> None:
    ada = customer(central)
    here, there = signed_in(central, ada), signed_in(central, ada)
    path = f"{central.url}/api/users/{ada.id}/password"
    body = {"password": PASSWORD, "newPassword": NEW_PASSWORD}
    assert httpx.put(path, json=body, headers=bearer(here["token"]), verify=False).status_code == 200
    assert refreshed(central, here["refreshToken"]).status_code == 200
    assert refusal(refreshed(central, there["refreshToken"])) == (401, "session_ended")
    body = {"password": NEW_PASSWORD, "newPassword": PASSWORD}
    ended = httpx.put(path, json=body, headers=bearer(there["token"]), verify=False)
    assert refusal(ended) == (401, "session_ended")  # though its access token would last some minutes


def test_without_a_password_one_is_set_just_after_signing_in(central: RunningCentral) -> None:
    ada = customer(central)
    central.fetch("update account set password_hash = ''")
    path, body = f"/api/users/{ada.id}/password", {"newPassword": NEW_PASSWORD}
    central.clock[0] += timedelta(minutes=16)
    assert refusal(ada.client.put(path, json=body)) == (403, "sign_in_again")
    central.clock[0] -= timedelta(minutes=2)
    assert ada.client.put(path, json=body).status_code == 200
    assert login(central, ada.email, NEW_PASSWORD) == 200


# --- roles and lists


def test_an_admin_makes_staff_and_their_next_token_says_so(central: RunningCentral) -> None:
    boss, ada = admin(central), customer(central)
    session = signed_in(central, ada)
    reply = boss.client.put(f"/api/admin/users/{ada.id}/role", json={"role": "manager"})
    assert (reply.status_code, reply.json()["role"]) == (200, "manager")
    assert refreshed(central, session["refreshToken"]).json()["role"] == "manager"
    [entry] = central.fetch("select account, subject, detail from audit_entry where action = 'role changed'")
    assert (entry["account"], entry["subject"]) == (boss.account, f"account:{ada.id}")
    assert json.loads(entry["detail"]) == {"from": "customer", "to": "manager"}


def test_there_is_always_an_admin(central: RunningCentral) -> None:
    boss, second = admin(central), admin(central)
    step_down = {"role": "customer"}
    assert second.client.put(f"/api/admin/users/{boss.id}/role", json=step_down).status_code == 200
    assert refusal(second.client.put(f"/api/admin/users/{second.id}/role", json=step_down)) == (409, "last_admin")
    # whoever was admin cannot take it back with the token of before
    back = boss.client.put(f"/api/admin/users/{boss.id}/role", json={"role": "admin"})
    assert refusal(back) == (401, "session_ended")


def test_managers_look_people_up_page_by_page(central: RunningCentral) -> None:
    boss = manager(central)
    people = [customer(central, email=f"p{i}@example.org", name=f"Person_{i}") for i in range(5)]

    def pages(**query: Any) -> list[list[str]]:
        found: list[list[str]] = []
        after = None
        while after != "":
            page = boss.client.get("/api/users", params=query | ({"after": after} if after else {})).json()
            found.append([user["userId"] for user in page["users"]])
            after = page["next"]
        return found

    assert sorted(chain(*pages(query="PERSON_", limit=2))) == sorted(person.id for person in people)
    assert [len(page) for page in pages(query="p", limit=2)] == [2, 2, 1]
    assert pages(query="p3@") == [[people[3].id]]
    assert pages(query="%") == pages(query="person%") == pages(query="\\") == [[]]
    assert pages(role="manager") == [[boss.id]]
    assert refusal(boss.client.get("/api/users", params={"after": "x"})) == (422, "malformed")
