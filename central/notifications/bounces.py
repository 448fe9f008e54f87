"""Mails that say that a message did not arrive after all (RFC 3464), from the server that had taken it.

Which message it was is told by its Message-ID, which only those on its way have seen, and it is believed only of the
address that the message went to. So whoever invents such a mail changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from enum import StrEnum
from itertools import islice
from uuid import UUID

import asyncpg

from central.notifications.carriers import MOST_SAID, is_of_address

_REPORT = "multipart/report"
_ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.(\d{1,3}))?@[^<>\s]+>", re.ASCII | re.IGNORECASE)
_CODE = re.compile(r"\b[45]\.\d{1,3}\.\d{1,3}\b", re.ASCII)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")
_MOST_RECIPIENTS = 100
_ANYTHING = "5.0.0"  # some servers know no closer reason for a recipient


class Noted(StrEnum):
    DONE = "noted"
    UNKNOWN = "about no message of ours, or known already"
    IN_HAND = "its message is just being sent"


@dataclass(frozen=True, slots=True)
class Failure:
    """For good. `message` and how often it had been sent again by hand. `recipients`: what the address was called."""

    message: UUID
    resends: int
    recipients: frozenset[str]
    said: str
    is_address: bool


def failures(mail: bytes) -> tuple[Failure, ...]:
    """What a mail reports; nothing when it is no report, when it speaks of a delay, or of no message like ours."""
    try:
        report = message_from_bytes(mail)
        if report.get_content_type() != _REPORT or not _is_about_delivery(report):
            return ()
        named = _message_of(report)
        return tuple(_failures(named, report)) if named else ()
    except (MessageError, ValueError, LookupError, AttributeError, TypeError):  # whatever a stranger put into it
        return ()


async def note(connection: asyncpg.Connection, failure: Failure) -> Noted:
    """In the caller's transaction; twice is once."""
    row = await connection.fetchrow(
        "select state, claim from message where id = $1 and resends = $2 and channel = 'email'"
        " and lower(address) = any($3) and attempts > 0 for update",
        *(failure.message, failure.resends, list(failure.recipients)),
    )
    if row is None or row["state"] not in ("sending", "sent"):
        return Noted.UNKNOWN
    if row["state"] == "sending":
        return Noted.IN_HAND
    await connection.execute("update message set state = 'failed' where id = $1", failure.message)
    await connection.execute(
        "insert into message_delivery (message, claim, channel, outcome, said) values ($1, $2, 'email', 'bounced', $3)",
        *(failure.message, row["claim"], failure.said),
    )
    if failure.is_address:
        await connection.execute(
            "insert into bouncing_address (address, said) select lower(address), $2 from message where id = $1"
            " on conflict do nothing",
            *(failure.message, failure.said),
        )
    return Noted.DONE


def _is_about_delivery(report: Message) -> bool:
    kind = report.get_param("report-type", "")
    return isinstance(kind, str) and kind.lower() == "delivery-status"


def _parts(of: Message) -> Iterator[Message]:
    inside = of.get_payload()
    if isinstance(inside, list):
        yield from (part for part in inside if isinstance(part, Message))


def _message_of(report: Message) -> tuple[UUID, int] | None:
    """By the headers that came back; some servers leave them out and name the message as one that they answer."""
    returned = [headers.get("Message-ID", "") for part in _parts(report) for headers in _returned(part)]
    answered = [*report.get_all("In-Reply-To", []), *report.get_all("References", [])]
    for said in (*returned, *answered):
        if found := _ID.search(str(said)):
            return UUID(found[1]), int(found[2] or 0)
    return None


def _returned(part: Message) -> Iterator[Message]:
    kind = part.get_content_type()
    if kind in ("message/rfc822", "message/global"):
        yield from _parts(part)
    elif kind in ("text/rfc822-headers", "message/global-headers"):
        content = part.get_payload(decode=True)
        yield message_from_bytes(content if isinstance(content, bytes) else str(part.get_payload()).encode())


def _failures(named: tuple[UUID, int], report: Message) -> Iterator[Failure]:
    message, resends = named
    for part in _parts(report):
        if part.get_content_type() not in ("message/delivery-status", "message/global-delivery-status"):
            continue
        for block in islice(_parts(part), _MOST_RECIPIENTS + 1):  # the first one is about the mail as a whole
            if _word(block, "Action").lower() != "failed":
                continue
            recipients = frozenset(filter(None, (_address(block, name) for name in ("Original", "Final"))))
            status, diagnostic = _word(block, "Status"), _said(block, "Diagnostic-Code")
            quoted = _CODE.search(diagnostic)
            code = quoted[0] if quoted else status
            said = " ".join(filter(None, (status, diagnostic)))[:MOST_SAID]
            is_address = is_of_address(code) or code == _ANYTHING
            yield Failure(message, resends, recipients, said, is_address)


def _word(block: Message, name: str) -> str:
    """Without comments."""
    return _said(block, name).partition(" ")[0].partition("(")[0]


def _said(block: Message, name: str) -> str:
    return _UNSEEN.sub(" ", str(block.get(name, ""))).strip()


def _address(block: Message, whose: str) -> str:
    """Such as `rfc822; ada@example.org`."""
    _, _, address = _said(block, f"{whose}-Recipient").partition(";")
    return address.strip().strip("<>").lower()
