"""One delivery of a webhook: claimed, signed, posted, and what became of it noted down.

An address where nothing has arrived for days is switched off, and its owner told.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

import asyncpg
import httpx

from central import messages
from central.notifications import reaching, signing
from central.notifications.carriers import Undelivered
from central.notifications.outbox import LEASE_S, Outbox
from central.services import Services

DELIVERIES = Outbox(table="hook_delivery", queue="webhooks", task="call_webhooks", most_attempts=12)
OFF_AFTER = timedelta(days=3)
TIMEOUT_S = 10.0
_SETTLE = """
    update hook_delivery set state = $3, due_at = now() + $4::interval, status = $5, said = $6,
        ended_at = case when $4::interval is null then now() end
    where id = $1 and claim = $2 and state = 'sending' returning true
"""
_FAILING = """
    update hook set failing_since = coalesce(failing_since, $2) where id = $1 and state = 'active'
    returning owner, url, failing_since
"""


class Calling:
    def __init__(self, services: Services, *, is_private_allowed: bool) -> None:
        self._services, self._database = services, services.database
        self._is_private_allowed = is_private_allowed
        self._http = httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def call_next(self, batch: UUID) -> bool:
        """The next delivery of a batch. False: none is left."""
        claimed_at = monotonic()
        row = await self._database.write(lambda connection: DELIVERIES.claim(connection, batch))
        if row is None:
            return False
        hook = await self._database.pool.fetchrow("select url, state from hook where id = $1", row["hook"])
        if monotonic() > claimed_at + LEASE_S - 2 * TIMEOUT_S or hook is None:
            return True  # this process was held up, and somebody else may have it in hand; or the hook is gone
        is_final, status, said = hook["state"] != "active", None, "The webhook is switched off."
        if not is_final:
            try:
                status, said = await self._post(row, hook["url"])
            except Undelivered as failed:
                is_final, said = failed.is_final, failed.said
        now = self._services.now()
        await self._database.write(
            lambda connection: self._settle(connection, row, status, said, now, is_final=is_final)
        )
        return True

    async def _post(self, row: asyncpg.Record, url: str) -> tuple[int, str]:
        body, at = row["body"].encode(), self._services.now()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "boxoffice-webhooks",
            "Boxoffice-Event": row["event"],
            "Boxoffice-Delivery": str(row["id"]),
            signing.HEADER: signing.signature(signing.secret(self._services.keys, row["hook"]), body, at),
        }
        return await reaching.post(self._http, url, body, headers, is_private_allowed=self._is_private_allowed)

    async def _settle(
        self,
        connection: asyncpg.Connection,
        row: asyncpg.Record,
        status: int | None,
        said: str,
        now: datetime,
        *,
        is_final: bool,
    ) -> None:
        """Nothing, when somebody else has it in hand meanwhile."""
        has_arrived = status is not None and 200 <= status < 300
        pause = None if has_arrived or is_final else DELIVERIES.pause(row["attempts"])
        state = "sent" if has_arrived else "waiting" if pause is not None else "failed"
        if not await connection.fetchval(_SETTLE, row["id"], row["claim"], state, pause, status, said):
            return
        if has_arrived:
            await connection.execute(
                "update hook set failing_since = null where id = $1 and failing_since is not null", row["hook"]
            )
            return
        failing = await connection.fetchrow(_FAILING, row["hook"], now)
        if failing is not None and failing["failing_since"] <= now - OFF_AFTER:
            await connection.execute(
                "update hook set state = 'disabled', version = version + 1 where id = $1", row["hook"]
            )
            detail = {
                "url": failing["url"],
                "since": failing["failing_since"].isoformat(),
                "said": f"{status or ''} {said}".strip()[:200],
            }
            await messages.write_to(connection, failing["owner"], "webhook_disabled", now, detail)
