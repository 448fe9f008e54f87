"""One message: claimed, put into words, carried, and what became of it noted down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Literal
from uuid import UUID

import asyncpg
import structlog

from boxoffice.domain.catalogue import PerformanceStatus
from central.notifications import letters
from central.notifications.attaching import attachments, sales_report
from central.notifications.carriers import MailCarrier, TextCarrier, Undelivered
from central.notifications.kinds import KINDS, URGENT, Kind
from central.notifications.outbox import LEASE_S, Outbox
from central.notifications.settings import NotificationSettings
from central.notifications.telling import House, NothingToTell, Told, house, tell
from central.notifications.unsubscribing import link
from central.notifications.wishes import wishes_of
from central.services import Services

MESSAGES = Outbox(
    table="message",
    queue="messages",
    task="send_messages",
    most_attempts=8,
    priority=f"case when kind in ({', '.join(repr(kind) for kind in URGENT)}) then 10 else 0 end",
    on_lost="insert into message_delivery (message, claim, channel, outcome, said) select id, claim, channel, 'lost',"
    " 'Whoever had it in hand was not heard of again.' from message where id = any($1)",
)
_log = structlog.get_logger("central.notifications")
Outcome = Literal["sent", "put off", "refused", "unwanted"]
_STATES: Mapping[Outcome, str] = {"sent": "sent", "put off": "waiting", "refused": "failed", "unwanted": "unwanted"}
# a code is worth nothing to who finds it later
_SETTLE = """
    update message set state = $3, channel = $4, due_at = now() + $5::interval,
        sent_at = case when $3 = 'sent' then $6 else sent_at end,
        detail = case when $5::interval is null then detail - 'code' else detail end
    where id = $1 and claim = $2 and state = 'sending' returning true
"""


@dataclass(frozen=True, slots=True)
class _Ready:
    """Everything that is looked up before a message is put into words."""

    told: Told
    by: House
    holder: str
    address: str
    channel: Literal["email", "sms"]
    unsubscribe_url: str


class Unwanted(Exception):
    """Whoever it is for does not want it, or not any more."""


class Sending:
    """`text` None: there is no way to send SMS."""

    def __init__(
        self, services: Services, settings: NotificationSettings, mail: MailCarrier | None, text: TextCarrier | None
    ) -> None:
        self._services, self._database = services, services.database
        self._settings, self._mail, self._text = settings, mail, text

    @property
    def channels(self) -> list[str]:
        """Those that something can be sent by."""
        return [name for name, carrier in (("email", self._mail), ("sms", self._text)) if carrier is not None]

    async def send_next(self, batch: UUID) -> bool:
        """The next message of a batch. False: none is left."""
        claimed_at = monotonic()
        row = await self._database.write(lambda connection: MESSAGES.claim(connection, batch))
        if row is None:
            return False
        outcome: Outcome = "put off"
        channel, address, said, is_address = row["channel"], row["address"], "", False
        try:
            ready = await self._ready(row)
            channel, address = ready.channel, ready.address
            if monotonic() > claimed_at + LEASE_S - self._settings.timeout_s:
                return True  # this process was held up: somebody else may have it in hand
            said = await self._carry(row, ready)
            outcome = "sent"
        except Undelivered as failed:
            outcome, said, is_address = "refused" if failed.is_final else "put off", failed.said, failed.is_address
        except (Unwanted, NothingToTell) as reason:
            outcome, said = "unwanted", str(reason)
        except Exception as error:  # a bug of ours must not keep the others of the batch waiting
            _log.exception("message without words", message=str(row["id"]), kind=row["kind"])
            said = f"{type(error).__name__}: {error}"
        await self._database.write(
            lambda connection: self._settle(connection, row, channel, address, outcome, said, is_address=is_address)
        )
        return True

    # --- what is to be sent

    async def _ready(self, row: asyncpg.Record) -> _Ready:
        """Raises Unwanted, NothingToTell."""
        kind, now = KINDS.get(row["kind"]), self._services.now()
        if kind is None:
            raise NothingToTell(f"This release has no words for {row['kind']}.")
        detail: dict[str, Any] = json.loads(row["detail"])
        if kind.is_urgent and row["written_at"] + timedelta(minutes=detail.get("minutes", 0)) < now:
            raise Unwanted("Its code is worth nothing any more.")
        async with self._database.pool.acquire() as connection:
            channel, address = await self._way(connection, kind, row)
            told = await tell(connection, self._services.houses, detail, letters.language_of(row["language"]))
            by = await house(connection)
            holder = await connection.fetchval("select name from account where id = $1", row["account"])
        if kind.topic is not None and row["kind"] == "event_reminder":
            _must_lie_ahead(told, now)
        unsubscribe = link(self._services, row["account"], kind.topic) if kind.topic and row["account"] else ""
        return _Ready(told, by, holder or "", address, channel, unsubscribe)

    async def _way(
        self, connection: asyncpg.Connection, kind: Kind, row: asyncpg.Record
    ) -> tuple[Literal["email", "sms"], str]:
        if row["channel"] == "sms" and row["kind"] == "verify_phone":
            return "sms", row["address"]
        address, is_optional = row["address"], kind.topic is not None
        if kind.topic is not None and row["account"] is not None:
            wishes = await wishes_of(connection, row["account"])
            way = wishes.way(kind.topic, can_text=self._text is not None)
            if way == "none":
                raise Unwanted("They do not want such messages.")
            if way == "sms":
                return "sms", wishes.phone
        is_bouncing = await connection.fetchval(
            "select exists (select from bouncing_address where address = lower($1))", address
        )
        if is_optional and is_bouncing:
            raise Unwanted("The address has refused earlier messages.")
        return "email", address

    async def _carry(self, row: asyncpg.Record, ready: _Ready) -> str:
        """Raises Undelivered, and as `letters.write` does."""
        language, values, key = letters.language_of(row["language"]), ready.told.values, _key(row)
        if ready.channel == "sms":
            if self._text is None:
                raise Undelivered("No way to send SMS is set up.")
            return await self._text.carry(
                ready.address, letters.write_sms(row["kind"], language, values, ready.by), key
            )
        if self._mail is None:
            raise Undelivered("No way to send e-mail is set up.")
        letter = letters.write(row["kind"], language, values, ready.by, ready.unsubscribe_url)
        if KINDS[row["kind"]].has_tickets:
            letter = letter.with_attachments(
                await attachments(ready.told, ready.holder, ready.by, self._services.keys.tickets, self._services.now())
            )
        if KINDS[row["kind"]].has_report:
            detail = json.loads(row["detail"])
            letter = letter.with_attachments(
                await self._database.read(lambda connection: sales_report(connection, detail))
            )
        sender = ready.by.name, self._settings.sender
        message = letters.mime(letter, sender, ready.address, key, datetime.now(UTC))
        return await self._mail.carry(ready.address, message, key)

    # --- what became of it

    async def _settle(
        self,
        connection: asyncpg.Connection,
        row: asyncpg.Record,
        channel: str,
        address: str,
        outcome: Outcome,
        said: str,
        *,
        is_address: bool,
    ) -> None:
        """Nothing, when somebody else has it in hand meanwhile."""
        pause = MESSAGES.pause(row["attempts"]) if outcome == "put off" else None
        state = "failed" if outcome == "put off" and pause is None else _STATES[outcome]
        is_ours = await connection.fetchval(
            _SETTLE, row["id"], row["claim"], state, channel, pause, self._services.now()
        )
        if not is_ours:
            return
        await connection.execute(
            "insert into message_delivery (message, claim, channel, outcome, said) values ($1, $2, $3, $4, $5)",
            *(row["id"], row["claim"], channel, outcome, said),
        )
        if channel == "email" and is_address:
            await connection.execute(
                "insert into bouncing_address (address, said) values (lower($1), $2) on conflict do nothing",
                *(address, said),
            )
        elif channel == "email" and outcome == "sent":
            await connection.execute("delete from bouncing_address where address = lower($1)", address)


def _must_lie_ahead(told: Told, now: datetime) -> None:
    """Raises Unwanted."""
    performance = told.billing.performance if told.billing else None
    if performance is not None and performance.starts_at <= now:
        raise Unwanted("The event has begun.")
    if performance is not None and performance.status is PerformanceStatus.CANCELLED:
        raise Unwanted("The event was called off.")


def _key(row: asyncpg.Record) -> str:
    """The same for every attempt, another one when it is sent again by hand."""
    return f"{row['id']}.{row['resends']}" if row["resends"] else str(row["id"])
