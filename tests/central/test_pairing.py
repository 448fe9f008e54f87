"""Pairing, credentials, the key bundle, and being taken out of service."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from boxoffice.domain.ids import TillNumber
from boxoffice.domain.protocol import KeyBundle, SeatStatus, Status
from central.tills import standing
from tests.support.central import NOW, RunningCentral, pair_body, problem_of, run

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()


def _pair(central: RunningCentral, code: str, /, **changes: object) -> httpx.Response:
    return httpx.post(f"{central.url}/api/tills/pair", json=pair_body(code, KEY, **changes), timeout=30, verify=False)


def test_a_code_pairs_one_till_and_its_credential_opens_central(central: RunningCentral) -> None:
    till = central.till("Till 2")
    assert till.pair_reply.till_name == "Till 2"
    assert till.pair_reply.root_key == central.keys.root_public
    status = Status.model_validate_json(till.client.get("/api/tills/status").content)
    assert (status.till, status.incarnation, status.applied_hi, status.server_time) == (till.number, 1, 0, NOW)
    stored = central.value("select credential from till where number = $1", till.number)
    assert till.credential.encode() not in bytes(stored)


def test_codes_are_forgiving_about_case_spaces_and_the_dash(central: RunningCentral) -> None:
    assert _pair(central, f" {central.code().lower().replace('-', ' ')} ").status_code == 200


def test_a_used_code_is_told_from_a_wrong_and_an_expired_one(central: RunningCentral) -> None:
    code = central.code()
    assert _pair(central, code).status_code == 200
    used = _pair(central, code)
    assert (used.status_code, problem_of(used)["code"]) == (409, "pairing_code_used")
    wrong = _pair(central, "AAAA-AAAA")
    assert (wrong.status_code, problem_of(wrong)["code"]) == (403, "pairing_code_wrong")
    assert problem_of(wrong)["field"] == "code"
    late = central.code()
    central.clock[0] = NOW + timedelta(minutes=30)
    expired = _pair(central, late)
    assert (expired.status_code, problem_of(expired)["code"]) == (410, "pairing_code_expired")
    assert central.value("select count(*) from till") == 1


def test_guessing_codes_is_slowed_down(central: RunningCentral) -> None:
    good = central.code()
    codes = [_pair(central, f"AAAA-{n:04d}").status_code for n in range(21)]
    assert codes == [403] * 20 + [429]
    assert _pair(central, good).headers["retry-after"] == "60"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"public_key": "AAAA"}, "public_key"),
        ({"public_key": "not base64"}, "public_key"),
        ({"name": ""}, "name"),
        ({"code": "A"}, "code"),
        ({"code": None}, "code"),
        ({"protocol": 99}, "protocol"),
    ],
)
def test_a_malformed_introduction_names_the_field_and_spends_no_code(
    central: RunningCentral, changes: dict[str, object], field: str
) -> None:
    code = central.code()
    refused = _pair(central, code, **changes)
    assert refused.status_code in (409, 422)
    assert problem_of(refused)["field"] == field
    assert _pair(central, code).status_code == 200


@pytest.mark.parametrize("credential", ["x", "1", "1.", "99999.x", "١.x", "-1.x", "1.é", "x" * 5000])
def test_a_foreign_credential_opens_nothing(central: RunningCentral, credential: str) -> None:
    central.till()
    for method, path in (("GET", "status"), ("GET", "keys"), ("POST", "push"), ("GET", "hints"), ("GET", "catalogue")):
        headers = {b"Authorization": f"Bearer {credential}".encode()}
        reply = httpx.request(method, f"{central.url}/api/tills/{path}", headers=headers, json={}, verify=False)
        assert (reply.status_code, problem_of(reply)["code"]) == (401, "unknown_till")


def test_one_tills_secret_is_not_anothers(central: RunningCentral) -> None:
    first, second = central.till(), central.till()
    swapped = f"{first.number}.{second.credential.partition('.')[2]}"
    reply = httpx.get(f"{central.url}/api/tills/status", headers={"Authorization": f"Bearer {swapped}"})
    assert reply.status_code == 401


def test_the_key_bundle_verifies_and_no_letter_of_it_can_be_changed(central: RunningCentral) -> None:
    till = central.till()
    bundle = KeyBundle.model_validate_json(till.client.get("/api/tills/keys").content)
    assert bundle.is_signed_by(till.pair_reply.root_key)
    assert bundle.public_key(till.number, till.pair_reply.key_id) is not None
    assert bundle.public_key(TillNumber(0), 0) == central.keys.tickets_public
    forged = bundle.model_copy(update={"version": bundle.version + 1})
    assert not forged.is_signed_by(till.pair_reply.root_key)


def test_a_revoked_till_is_told_so_its_key_ends_and_its_seats_are_set_aside(central: RunningCentral) -> None:
    lost, other = central.till("Lost"), central.till()
    lost.lease([10, 11])
    head = other.snapshot().head
    run(central.database, lambda connection: standing.revoke(connection, lost.number, NOW))
    refused = lost.client.get("/api/tills/status")
    assert (refused.status_code, problem_of(refused)["code"]) == (401, "till_revoked")
    bundle = KeyBundle.model_validate_json(other.client.get("/api/tills/keys").content)
    assert [key.revoked_from for key in bundle.keys if key.issuer == lost.number] == [NOW]
    [entry] = other.feed(after=head).entries
    assert [(change.seat, change.status) for change in entry.seats] == [
        (10, SeatStatus.QUARANTINED),
        (11, SeatStatus.QUARANTINED),
    ]
    assert other.lease([10]).taken == (10,)
