"""Signing in through an OpenID Connect issuer: a real one, and one that lies."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.responses import JSONResponse, Response
from joserfc.jwk import RSAKey

from boxoffice.domain.refusals import Refused
from central.accounts.openid import VARIABLE, OpenId, Provider, providers_from
from tests.central.accounts.test_sessions import bearer, refusal
from tests.central.people import customer
from tests.support.central import RunningCentral
from tests.support.issuer import Issuer, misbehaving_issuer, real_issuer

ADA: dict[str, Any] = {"email": "ada@example.org", "email_verified": True, "name": "Ada Byron"}
USERS: dict[str, dict[str, Any]] = {
    "ada": ADA,
    "bob": {"email": "bob@example.org", "email_verified": False, "name": "Bob"},
    "nameless": {"email": "nameless@example.org", "email_verified": "true", "name": "\u202e\u0000"},
}


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    with real_issuer(USERS) as url:
        yield url


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with misbehaving_issuer() as issuer:
        yield issuer


@pytest.fixture
def provided(central: RunningCentral, request: pytest.FixtureRequest) -> Iterator[RunningCentral]:
    """Central that knows the issuer of the test as `club`, and has today's date, as the issuer has."""
    which = "issuer" if "issuer" in request.fixturenames else "real"
    found = request.getfixturevalue(which)
    url = found.url if isinstance(found, Issuer) else found
    provider = Provider.model_validate(
        {"key": "club", "name": "The Club", "issuer": url, "clientId": "us", "secretFrom": "CLUB_SECRET"}
    )
    central.clock[0] = datetime.now(UTC)
    before = central.app.state.services
    openid = OpenId([provider], {"CLUB_SECRET": "our s:cret"})
    central.app.state.services = replace(before, openid=openid)
    yield central
    central.app.state.services = before


class Browser:
    """Keeps cookies, follows nothing by itself."""

    def __init__(self, central: RunningCentral) -> None:
        self.client = httpx.Client(base_url=central.url, verify=False, timeout=30)
        central.clients.append(self.client)

    def begin(self) -> str:
        reply = self.client.get("/api/login/club")
        assert reply.status_code == 303, reply.text
        location: str = reply.headers["location"]
        return location

    def agree(self, location: str, subject: str) -> str:
        """Say yes at the real issuer, as this user of its. Where it sends us back to."""
        reply = self.client.post(location, data={"sub": subject})
        assert reply.status_code == 302, reply.text
        back: str = reply.headers["location"]
        return back

    def sign_in(self, subject: str) -> httpx.Response:
        return self.client.get(self.agree(self.begin(), subject))

    def finish(self, issuer: Issuer) -> httpx.Response:
        code = issuer.code(self.begin())
        return self.client.get("/api/login/club/callback", params={"code": code, "state": issuer.asked["state"]})


# --- the real issuer


def test_a_new_person_gets_an_account_and_is_known_the_next_time(provided: RunningCentral, real: str) -> None:
    first = Browser(provided).sign_in("ada")
    assert (first.status_code, first.json()["message"]) == (200, "login successful")
    again = Browser(provided).sign_in("ada")
    assert again.json()["userId"] == first.json()["userId"]
    reply = httpx.get(
        f"{provided.url}/api/users/{first.json()['userId']}", headers=bearer(first.json()["token"]), verify=False
    )
    shown = reply.json()
    assert (shown["email"], shown["name"], shown["emailVerified"]) == ("ada@example.org", "Ada Byron", True)
    assert (shown["hasPassword"], shown["identities"], shown["role"]) == (False, 1, "customer")
    [identity] = provided.fetch("select issuer, subject from identity")
    assert identity == {"issuer": real, "subject": "ada"}


def test_an_account_is_linked_when_the_address_is_verified_on_both_sides(provided: RunningCentral, real: str) -> None:
    ada = customer(provided, email="Ada@Example.org")
    assert Browser(provided).sign_in("ada").json()["userId"] == ada.id
    assert provided.value("select address from message where kind = 'identity_linked'") == "Ada@Example.org"
    assert provided.value("select count(*) from account") == 1


def test_an_account_that_was_squatted_is_not_linked(provided: RunningCentral, real: str) -> None:
    customer(provided, email="ada@example.org", verified=False)
    assert refusal(Browser(provided).sign_in("ada")) == (409, "account_not_verified")
    assert provided.value("select count(*) from identity") == 0


def test_an_address_that_the_issuer_has_not_verified_is_nobodys(provided: RunningCentral, real: str) -> None:
    customer(provided, email="bob@example.org")
    assert refusal(Browser(provided).sign_in("bob")) == (403, "email_not_verified")
    assert provided.value("select count(*) from identity") == 0


def test_a_name_that_cannot_be_shown_is_replaced(provided: RunningCentral, real: str) -> None:
    assert Browser(provided).sign_in("nameless").status_code == 200
    assert provided.value("select name from account") == "nameless"


def test_a_wrong_state_is_refused(provided: RunningCentral, real: str) -> None:
    browser = Browser(provided)
    back = browser.agree(browser.begin(), "ada")
    state = parse_qs(urlsplit(back).query)["state"][0]
    for wrong in ("", "x", state[:-1], state + "x", state.swapcase(), "é"):
        reply = browser.client.get("/api/login/club/callback", params={"code": "x", "state": wrong})
        assert refusal(reply) == (403, "wrong_state")
    assert browser.client.get(back).status_code == 200


def test_another_browser_cannot_finish_what_this_one_began(provided: RunningCentral, real: str) -> None:
    mine, theirs = Browser(provided), Browser(provided)
    back = mine.agree(mine.begin(), "ada")
    assert refusal(theirs.client.get(back)) == (403, "wrong_state")
    theirs.begin()
    assert refusal(theirs.client.get(back)) == (403, "wrong_state")


def test_a_code_is_good_once(provided: RunningCentral, real: str) -> None:
    browser = Browser(provided)
    back = browser.agree(browser.begin(), "ada")
    cookie = browser.client.cookies["boxoffice_login"]
    assert browser.client.get(back).status_code == 200
    assert refusal(browser.client.get(back)) == (403, "wrong_state")  # the cookie is gone
    browser.client.cookies.set("boxoffice_login", cookie, path="/api/login", domain="127.0.0.1")
    assert refusal(browser.client.get(back)) == (401, "login_refused")  # and the issuer knows the code
    assert provided.value("select count(*) from session") == 1


def test_an_attempt_ends_after_ten_minutes(provided: RunningCentral, real: str) -> None:
    browser = Browser(provided)
    back = browser.agree(browser.begin(), "ada")
    provided.clock[0] += timedelta(minutes=10)
    assert refusal(browser.client.get(back)) == (403, "wrong_state")


def test_who_says_no_is_told_so(provided: RunningCentral, real: str) -> None:
    browser = Browser(provided)
    state = parse_qs(urlsplit(browser.begin()).query)["state"][0]
    back = {"error": "access_denied", "state": state}
    assert refusal(browser.client.get("/api/login/club/callback", params=back)) == (401, "login_refused")


def test_the_cookie_is_for_this_browser_and_way_alone(provided: RunningCentral, real: str) -> None:
    services = provided.app.state.services
    provided.app.state.services = replace(services, public_url="https://tickets.example.org")
    reply = httpx.get(f"{provided.url}/api/login/club", verify=False)
    cookie = reply.headers["set-cookie"]
    assert {part.strip().lower() for part in cookie.split(";")[1:]} == {
        *("httponly", "secure", "samesite=lax", "path=/api/login", "max-age=600")
    }
    asked = {name: values[0] for name, values in parse_qs(urlsplit(reply.headers["location"]).query).items()}
    assert asked["redirect_uri"] == "https://tickets.example.org/api/login/club/callback"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert "openid" in asked["scope"].split()


def test_a_cookie_of_ones_own_making_is_worth_nothing(provided: RunningCentral, real: str) -> None:
    browser = Browser(provided)
    browser.begin()
    head, body, signature = browser.client.cookies["boxoffice_login"].split(".")
    mine = json.loads(base64.urlsafe_b64decode(body + "==")) | {"s": "mine"}
    forged = base64.urlsafe_b64encode(json.dumps(mine).encode()).rstrip(b"=").decode()
    reply = httpx.get(
        f"{provided.url}/api/login/club/callback?state=mine&code=x",
        headers={"Cookie": f"boxoffice_login={head}.{forged}.{signature}"},
        verify=False,
    )
    assert refusal(reply) == (403, "wrong_state")


def test_providers_are_listed_and_others_unknown(provided: RunningCentral, real: str) -> None:
    listed = httpx.get(f"{provided.url}/api/login/providers", verify=False).json()
    assert listed == [{"key": "club", "name": "The Club"}]
    for path in ("/api/login/other", "/api/login/other/callback"):
        assert refusal(httpx.get(provided.url + path, verify=False)) == (404, "unknown_provider")


# --- an issuer that misbehaves


def test_the_code_is_traded_with_the_verifier_and_our_secret(provided: RunningCentral, issuer: Issuer) -> None:
    assert Browser(provided).finish(issuer).status_code == 200
    [asked] = issuer.token_requests
    digest = hashlib.sha256(asked["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == issuer.asked["code_challenge"]
    assert asked["redirect_uri"] == issuer.asked["redirect_uri"]
    assert base64.b64decode(issuer.secrets[0].removeprefix("Basic ")) == b"us:our%20s%3Acret"
    assert "client_secret" not in asked


_PAST, _FUTURE = int(time.time()) - 3600, int(time.time()) + 3600


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another attempt"},
        {"nonce": None},
        {"aud": "somebody else"},
        {"aud": ["us", "somebody else"]},  # without saying to whom it was issued
        {"aud": ["us", "somebody else"], "azp": "somebody else"},
        {"aud": None},
        {"iss": "https://accounts.example.org"},
        {"iss": None},
        {"exp": _PAST},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": _FUTURE},
        {"iat": None},
        {"iat": _FUTURE},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"at_hash": "bm90IG9mIHRoZSB0b2tlbg"},
    ],
)
def test_an_id_token_that_is_not_for_this_attempt_is_refused(
    provided: RunningCentral, issuer: Issuer, claims: dict[str, Any]
) -> None:
    issuer.claims = claims
    assert refusal(Browser(provided).finish(issuer)) == (401, "login_refused")
    assert provided.value("select count(*) from account") == 0


def test_an_id_token_for_several_that_was_issued_to_us_is_good(provided: RunningCentral, issuer: Issuer) -> None:
    issuer.claims = {"aud": ["us", "somebody else"], "azp": "us"}
    assert Browser(provided).finish(issuer).status_code == 200


def test_an_id_token_that_another_key_signed_is_refused(provided: RunningCentral, issuer: Issuer) -> None:
    issuer.published = RSAKey.generate_key(2048, {"kid": "one"})
    assert refusal(Browser(provided).finish(issuer)) == (401, "login_refused")
    issuer.algorithm = "none"
    assert refusal(Browser(provided).finish(issuer)) == (401, "login_refused")


def test_a_new_key_of_the_issuer_is_looked_up(
    provided: RunningCentral, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Browser(provided).finish(issuer).status_code == 200
    issuer.key = RSAKey.generate_key(2048, {"kid": "two"})
    assert refusal(Browser(provided).finish(issuer)) == (401, "login_refused")  # looked a moment ago
    monkeypatch.setattr("central.accounts.openid._KEYS_KEPT_S", 0)
    assert Browser(provided).finish(issuer).status_code == 200


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Response("<html>", 200), (502, "provider_failed")),
        (JSONResponse([], 200), (502, "provider_failed")),
        (JSONResponse({"error": "server_error"}, 500), (502, "provider_failed")),
        (Response("x" * 300_000, 200), (502, "provider_failed")),
        (JSONResponse({"access_token": "x"}, 200), (401, "login_refused")),
        (JSONResponse({"id_token": "x"}, 200), (401, "login_refused")),
        (JSONResponse({"id_token": "x.y.z"}, 200), (401, "login_refused")),
        (JSONResponse({"id_token": 7}, 200), (401, "login_refused")),
        (JSONResponse({"error": "invalid_grant"}, 400), (401, "login_refused")),
    ],
)
def test_an_answer_that_is_none_is_not_our_bug(
    provided: RunningCentral, issuer: Issuer, answer: Response, said: tuple[int, str]
) -> None:
    issuer.token_answer = answer
    assert refusal(Browser(provided).finish(issuer)) == said


@pytest.mark.parametrize(
    "configuration",
    [
        {"issuer": "https://accounts.example.org"},
        {"token_endpoint": "http://192.0.2.1/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": None},
    ],
)
def test_a_configuration_that_leads_elsewhere_is_not_followed(
    provided: RunningCentral, issuer: Issuer, configuration: dict[str, Any]
) -> None:
    issuer.configuration = configuration
    assert refusal(httpx.get(f"{provided.url}/api/login/club", verify=False)) == (502, "provider_failed")


def test_an_answer_of_another_issuer_is_not_taken_for_this_ones(provided: RunningCentral, issuer: Issuer) -> None:
    browser = Browser(provided)
    code = issuer.code(browser.begin())
    back = {"code": code, "state": issuer.asked["state"], "iss": "https://accounts.example.org"}
    assert refusal(browser.client.get("/api/login/club/callback", params=back)) == (403, "wrong_state")


# --- configuration

CLUB = {"key": "club", "name": "The Club", "issuer": "https://id.example.org", "clientId": "us", "secretFrom": "S"}


def test_providers_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    listed = json.dumps([CLUB])
    file = tmp_path / "providers.json"
    file.write_text(listed, encoding="utf-8")
    [from_text] = providers_from({VARIABLE: listed, "S": "secret"})
    [from_file] = providers_from({VARIABLE: str(file), "S": "secret"})
    assert from_text == from_file
    assert (from_text.key, from_text.client_id) == ("club", "us")
    assert providers_from({}) == ()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("[", "is not JSON"),
        (json.dumps([CLUB | {"issuer": "http://id.example.org"}]), "the issuer of club is not an https:// address"),
        (json.dumps([CLUB | {"key": "Club/.."}]), "0.key"),
        (json.dumps([CLUB | {"secret": "in the clear"}]), "0.secret"),
        (json.dumps([CLUB, CLUB]), "a key is there twice"),
        (json.dumps([CLUB | {"secretFrom": "T"}]), "T is not set"),
    ],
)
def test_a_provider_that_cannot_be_is_said(given: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        providers_from({VARIABLE: given, "S": "secret"})
