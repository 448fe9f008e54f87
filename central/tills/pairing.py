"""Pairing: a manager mints a code, a till spends it once, and from then on has a credential of its own."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from boxoffice.domain.facts import GENESIS_HASH
from boxoffice.domain.ids import TillNumber
from boxoffice.domain.protocol import PROTOCOL_VERSION, PairReply, PairRequest
from central.problems import Declined

_HEARD_EVERY = timedelta(minutes=1)
CODE_IS_GOOD_FOR = timedelta(minutes=30)
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0/O, no 1/I: it is read aloud
FIRST_KEY_ID = 1


@dataclass(frozen=True, slots=True)
class Till:
    """Who is asking. `state` is active or quarantined; a revoked till does not get this far."""

    number: TillNumber
    name: str
    state: str
    incarnation: int


async def mint_code(
    connection: asyncpg.Connection, till_name: str, now: datetime, good_for: timedelta = CODE_IS_GOOD_FOR
) -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    await connection.execute(
        "insert into pairing_code (hash, till_name, expires_at) values ($1, $2, $3)",
        *(_hash_of_code(letters), till_name, now + good_for),
    )
    return f"{letters[:4]}-{letters[4:]}"


async def pair(connection: asyncpg.Connection, asked: PairRequest, root_public: bytes, now: datetime) -> PairReply:
    """In the caller's transaction. Raises Declined: 403 wrong, 409 used, 410 expired code."""
    if asked.protocol != PROTOCOL_VERSION:
        raise Declined(
            HTTPStatus.CONFLICT,
            "protocol_mismatch",
            f"This central speaks protocol {PROTOCOL_VERSION}, the till {asked.protocol}.",
            "Install the same release on both.",
            field="protocol",
        )
    try:
        Ed25519PublicKey.from_public_bytes(asked.public_key)
    except ValueError:
        raise Declined(
            HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", "The public key is not 32 bytes.", field="public_key"
        ) from None
    code = await connection.fetchrow(
        "select till_name, expires_at, used_at from pairing_code where hash = $1 for update", _hash_of_code(asked.code)
    )
    if code is None:
        raise Declined(
            HTTPStatus.FORBIDDEN,
            "pairing_code_wrong",
            "This pairing code is not known.",
            "Type it again, or ask for a fresh one.",
            field="code",
        )
    if code["used_at"] is not None:
        raise Declined(
            HTTPStatus.CONFLICT,
            "pairing_code_used",
            "This pairing code was used before.",
            "Ask for a fresh one: a code pairs one till.",
            field="code",
        )
    if code["expires_at"] <= now:
        raise Declined(
            HTTPStatus.GONE,
            "pairing_code_expired",
            "This pairing code has expired.",
            "Ask for a fresh one.",
            field="code",
        )
    secret = secrets.token_urlsafe(32)
    name = code["till_name"] or asked.name
    till = TillNumber(
        await connection.fetchval(
            "insert into till (name, credential) values ($1, $2) returning number", name, _hash(secret)
        )
    )
    await connection.execute(
        "insert into till_journal (till, incarnation, last_hash) values ($1, 1, $2)", till, GENESIS_HASH
    )
    await connection.execute(
        "insert into till_key (till, key_id, public_key, valid_from) values ($1, $2, $3, $4)",
        *(till, FIRST_KEY_ID, asked.public_key, now),
    )
    await connection.execute(
        "update pairing_code set used_at = $2, used_by = $3 where hash = $1", _hash_of_code(asked.code), now, till
    )
    await connection.execute("update server set key_version = key_version + 1")
    return PairReply(
        till=till,
        till_name=name,
        key_id=FIRST_KEY_ID,
        credential=f"{till}.{secret}",
        server_epoch=await connection.fetchval("select epoch from server"),
        root_key=root_public,
    )


async def authenticate(connection: asyncpg.Connection, credential: str) -> Till:
    """Raises Declined: 401 unknown_till or till_revoked."""
    number, _, secret = credential.partition(".")
    row = None
    if number.isascii() and number.isdecimal() and len(number) <= 5:
        row = await connection.fetchrow(
            "select number, name, state, incarnation, credential,"
            " coalesce(heard_at < now() - $2::interval, true) as is_news from till where number = $1",
            *(int(number), _HEARD_EVERY),
        )
    # compared also when there is no such till: an answer takes the same time
    known = hmac.compare_digest(_hash(secret), bytes(32) if row is None else row["credential"])
    if row is None or not known:
        raise Declined(
            HTTPStatus.UNAUTHORIZED,
            "unknown_till",
            "This till is not known here.",
            "Pair it again with a fresh code.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if row["state"] == "revoked":
        raise Declined(
            HTTPStatus.UNAUTHORIZED,
            "till_revoked",
            f"{row['name']} was taken out of service.",
            "Ask a manager. Its sales are kept in its journal.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if row["is_news"]:
        await connection.execute("update till set heard_at = now() where number = $1", row["number"])
    return Till(TillNumber(row["number"]), row["name"], row["state"], row["incarnation"])


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


def _hash_of_code(code: str) -> bytes:
    return _hash("".join(letter for letter in code.upper() if letter.isalnum()))
