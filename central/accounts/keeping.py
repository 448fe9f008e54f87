"""What every node does now and then for accounts: which sessions ended, which keys sign, what has expired."""

from __future__ import annotations

from datetime import datetime, timedelta

import asyncpg

from boxoffice.domain.clock import Clock
from central.accounts.access_tokens import AccessTokens
from central.database import Database

EVERY_S = 300
ENDED_EVERY_S = 2  # see AccessTokens
_KEPT_AFTER = timedelta(days=7)  # so that a copied token that comes late still ends its session


async def keep(database: Database, access_tokens: AccessTokens, now: Clock) -> None:
    await access_tokens.renew(database, now())
    await forget_expired(database, now())


async def forget_expired(database: Database, now: datetime) -> None:
    """Refresh tokens and one-time codes that have long been worth nothing, sessions without any left, farewells."""

    async def delete(connection: asyncpg.Connection) -> None:
        await connection.execute("delete from one_time_code where expires_at < $1", now - _KEPT_AFTER)
        await connection.execute("delete from refresh_token where expires_at < $1", now - _KEPT_AFTER)
        await connection.execute(
            "delete from session s where started_at < $1"
            " and not exists (select from refresh_token t where t.session = s.id)",
            now - _KEPT_AFTER,
        )
        await connection.execute("delete from message where account is null and sent_at < $1", now - _KEPT_AFTER)

    await database.write(delete)
