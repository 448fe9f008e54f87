"""What people want to hear of, and how: kept by account, looked at just before a message goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import asyncpg

from central.notifications.kinds import Topic

Way = Literal["email", "sms", "none"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """`phone` is empty until it is verified."""

    ways: dict[Topic, Way]
    phone: str = ""

    def way(self, topic: Topic, *, can_text: bool) -> Way:
        """By e-mail where SMS is wished and not possible."""
        wished = self.ways[topic]
        return "email" if wished == "sms" and not (self.phone and can_text) else wished


async def wishes_of(connection: asyncpg.Connection, account: UUID) -> Wishes:
    row = await connection.fetchrow("select * from notification_wish where account = $1", account)
    if row is None:
        return Wishes(dict.fromkeys(Topic, "email"))
    return Wishes({topic: row[topic] for topic in Topic}, row["phone"] if row["phone_verified_at"] else "")
