"""Links that stop one topic for one account, for whoever holds them: RFC 8058 wants no sign-in."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from central.keys import CentralKeys
from central.notifications.kinds import Topic
from central.services import Services

PATH = "/api/notifications/unsubscribe"
_TAG = 16  # bytes


@dataclass(frozen=True, slots=True)
class Stop:
    account: UUID
    topic: Topic


def link(services: Services, account: UUID, topic: Topic) -> str:
    """Empty when nobody has said how browsers reach us."""
    return (
        f"{services.public_url}{PATH}?token={token(services.keys, Stop(account, topic))}" if services.public_url else ""
    )


def token(keys: CentralKeys, stop: Stop) -> str:
    said = stop.account.bytes + stop.topic.encode()
    return base64.urlsafe_b64encode(_tag(keys, said) + said).decode("ascii").rstrip("=")


def read(keys: CentralKeys, text: str) -> Stop | None:
    """None: it is none of ours."""
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    tag, said = found[:_TAG], found[_TAG:]
    if len(said) <= 16 or not hmac.compare_digest(tag, _tag(keys, said)):
        return None
    return Stop(UUID(bytes=said[:16]), Topic(said[16:].decode()))


def _tag(keys: CentralKeys, said: bytes) -> bytes:
    return hmac.digest(keys.secret("unsubscribe"), said, hashlib.sha256)[:_TAG]
