"""How messages leave the house, from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

from pydantic import TypeAdapter, ValidationError

from boxoffice.domain.refusals import Refused
from central.text import Email

_PORTS = {"smtp": 587, "smtps": 465}
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class BadNotificationSettings(Refused):
    code = "bad_notification_settings"


@dataclass(frozen=True, slots=True)
class Smtp:
    """`is_tls`: from the first byte; otherwise the connection turns to TLS before anything secret is said, and only a
    server on this machine may do without."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    is_tls: bool = False

    @property
    def is_here(self) -> bool:
        return self.host in _HERE


@dataclass(frozen=True, slots=True)
class SmsGateway:
    url: str
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class NotificationSettings:
    """`private_hooks`: webhooks may go to addresses of our own network. `timeout_s`: for one delivery."""

    smtp: Smtp | None = None
    sms: SmsGateway | None = None
    private_hooks: bool = False
    timeout_s: float = 30

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Raises BadNotificationSettings."""
        return cls(_smtp(environment), _sms(environment), environment.get("BOXOFFICE_WEBHOOKS_PRIVATE", "") == "allow")


def _smtp(environment: Mapping[str, str]) -> Smtp | None:
    url, sender = environment.get("BOXOFFICE_SMTP_URL", ""), environment.get("BOXOFFICE_MAIL_FROM", "")
    if not url and not sender:
        return None
    if not url or not sender:
        raise BadNotificationSettings(
            "Of BOXOFFICE_SMTP_URL and BOXOFFICE_MAIL_FROM only one is set.", "Set both, or neither."
        )
    try:
        found = urlsplit(url)
        port = found.port or _PORTS[found.scheme]
    except (ValueError, KeyError):
        raise _not_an_address("BOXOFFICE_SMTP_URL", "smtp://user:password@mail.example.org:587") from None
    if not found.hostname or found.path not in ("", "/") or found.query or found.fragment:
        raise _not_an_address("BOXOFFICE_SMTP_URL", "smtp://user:password@mail.example.org:587")
    try:
        sender = TypeAdapter[str](Email).validate_python(sender)
    except ValidationError:
        raise _not_an_address("BOXOFFICE_MAIL_FROM", "tickets@example.org") from None
    user, password = unquote(found.username or ""), unquote(found.password or "")
    return Smtp(found.hostname, port, sender, user, password, is_tls=found.scheme == "smtps")


def _sms(environment: Mapping[str, str]) -> SmsGateway | None:
    url = environment.get("BOXOFFICE_SMS_URL", "")
    if not url:
        return None
    found = urlsplit(url)
    if not found.hostname or (found.scheme != "https" and not (found.scheme == "http" and found.hostname in _HERE)):
        raise _not_an_address("BOXOFFICE_SMS_URL", "https://sms.example.org/messages")
    return SmsGateway(url, environment.get("BOXOFFICE_SMS_TOKEN", ""))


def _not_an_address(name: str, example: str) -> BadNotificationSettings:
    return BadNotificationSettings(f"{name} is not what it has to be.", f"Write it as in {example}.")
