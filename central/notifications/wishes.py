"""What people want to hear of, and how: kept by account, looked at just before a message goes.

A telephone number counts once its owner has sent back the code that went to it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Literal
from uuid import UUID

import asyncpg

from central import messages
from central.accounts.callers import unknown
from central.keys import CentralKeys
from central.notifications.kinds import Topic
from central.problems import Declined
from central.versions import must_be_current

Way = Literal["email", "sms", "none"]
_GOOD_FOR = timedelta(minutes=10)
_MOST_TRIES = 5
_MOST_CODES = 5  # a day: each costs us money, and a stranger a message
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Wishes:
    ways: Mapping[Topic, Way]
    phone: str = ""
    is_verified: bool = False
    version: int = 1

    def way(self, topic: Topic, *, can_text: bool) -> Way:
        """By e-mail where SMS is wished and not possible."""
        wished = self.ways[topic]
        return "email" if wished == "sms" and not (self.is_verified and can_text) else wished


async def wishes_of(connection: asyncpg.Connection, account: UUID) -> Wishes:
    row = await connection.fetchrow("select * from notification_wish where account = $1", account)
    if row is None:
        return Wishes(dict.fromkeys(Topic, "email"))
    ways: dict[Topic, Way] = {topic: row[topic] for topic in Topic}
    return Wishes(ways, row["phone"], row["phone_verified_at"] is not None, row["version"])


async def change(
    connection: asyncpg.Connection, account: UUID, ways: Mapping[Topic, Way], if_match: int | None
) -> Wishes:
    """Raises Declined: 404, 412 `version_changed`."""
    before = await _locked(connection, account)
    must_be_current(before.version, if_match)
    for topic, way in ways.items():
        await connection.execute(f"update notification_wish set {topic} = $2 where account = $1", account, way)
    await connection.execute("update notification_wish set version = version + 1 where account = $1", account)
    return await wishes_of(connection, account)


async def set_phone(
    connection: asyncpg.Connection, account: UUID, phone: str, keys: CentralKeys, now: datetime
) -> None:
    """Send a code to it; empty, forget the one there is. Raises Declined: 404, 409 `too_many_codes`."""
    before = await _locked(connection, account)
    if before.phone == phone and (before.is_verified or not phone):
        return
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    if phone:
        sent = await connection.fetchval(
            "select count(*) from message where account = $1 and kind = 'verify_phone' and written_at > $2",
            *(account, now - timedelta(days=1)),
        )
        if sent >= _MOST_CODES:
            raise Declined(
                *(HTTPStatus.CONFLICT, "too_many_codes", f"{sent} codes were sent within a day."),
                "Try again tomorrow.",
                field="phone",
            )
        language = await connection.fetchval("select language from account where id = $1", account)
        await messages.write(
            *(connection, "verify_phone", now),
            account=account,
            address=phone,
            language=language,
            detail={"code": code, "minutes": int(_GOOD_FOR.total_seconds() // 60)},
            channel="sms",
        )
    await connection.execute(
        "update notification_wish set phone = $2, phone_verified_at = null, code_hash = $3, code_expires_at = $4,"
        " code_tries = 0, version = version + 1 where account = $1",
        *(account, phone, _hash(keys, account, code), now + _GOOD_FOR),
    )


async def confirm_phone(
    connection: asyncpg.Connection, account: UUID, code: str, keys: CentralKeys, now: datetime
) -> bool:
    """Whether it was the right one, in good time; a wrong one counts."""
    row = await connection.fetchrow(
        "update notification_wish set code_tries = code_tries + 1 where account = $1 and code_hash is not null"
        " and phone <> '' and code_expires_at > $2 and code_tries < $3 returning code_hash",
        *(account, now, _MOST_TRIES),
    )
    if row is None or not hmac.compare_digest(row["code_hash"], _hash(keys, account, code)):
        return False
    await connection.execute(
        "update notification_wish set phone_verified_at = $2, code_hash = null, version = version + 1"
        " where account = $1",
        *(account, now),
    )
    return True


async def stop(connection: asyncpg.Connection, account: UUID, topic: Topic) -> None:
    """A second time changes nothing; nor does it for an account that is not there any more."""
    if await connection.fetchval("select exists (select from account where id = $1 and deleted_at is null)", account):
        await connection.execute(
            f"insert into notification_wish as w (account, {topic}) values ($1, 'none') on conflict (account)"
            f" do update set {topic} = 'none', version = w.version + 1 where w.{topic} <> 'none'",
            account,
        )


async def _locked(connection: asyncpg.Connection, account: UUID) -> Wishes:
    """Raises Declined, 404 `unknown_user`."""
    if not await connection.fetchval(
        "select true from account where id = $1 and deleted_at is null for no key update", account
    ):
        raise unknown("user")
    await connection.execute("insert into notification_wish (account) values ($1) on conflict do nothing", account)
    return await wishes_of(connection, account)


def _hash(keys: CentralKeys, account: UUID, code: str) -> bytes:
    """Keyed: so few digits would be found from a plain hash at once."""
    return hmac.digest(keys.secret("phone codes"), account.bytes + code.encode(), hashlib.sha256)
