"""How messages leave the house, from the environment."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from pydantic import TypeAdapter, ValidationError

from boxoffice.domain.refusals import Refused
from central.text import Email

_PORTS = {"smtp": 587, "smtps": 465}
_DRAWER = "BOXOFFICE_MESSAGES_FOLDER"
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class BadNotificationSettings(Refused):
    code = "bad_notification_settings"


@dataclass(frozen=True, slots=True)
class Smtp:
    """`is_tls`: from the first byte; otherwise the connection turns to TLS before anything secret is said, and only a
    server on this machine whose `authority` is not given may do without. `authority`: a file with the certificates that
    its own may come from; None: those of the system. `bounces_to`: where other servers report what did not arrive."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    is_tls: bool = False
    authority: Path | None = None
    bounces_to: str = ""

    @property
    def reports_to(self) -> str:
        return self.bounces_to or self.sender

    @property
    def may_be_plain(self) -> bool:
        return self.host in _HERE and self.authority is None


@dataclass(frozen=True, slots=True)
class SmsGateway:
    url: str
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Drawer:
    """Messages stay in this folder, e-mail and SMS: for trying things out, they reach nobody."""

    folder: Path
    sender: str


@dataclass(frozen=True, slots=True)
class NotificationSettings:
    """`drawer`: in place of `smtp` and `sms`. `private_hooks`: webhooks may go to addresses of our own network.
    `timeout_s`: for one delivery."""

    smtp: Smtp | None = None
    sms: SmsGateway | None = None
    private_hooks: bool = False
    timeout_s: float = 30
    drawer: Drawer | None = None

    @property
    def sender(self) -> str:
        """Empty: no e-mail is sent."""
        way = self.drawer or self.smtp
        return way.sender if way else ""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Raises BadNotificationSettings."""
        return cls(
            _smtp(environment),
            _sms(environment),
            environment.get("BOXOFFICE_WEBHOOKS_PRIVATE", "") == "allow",
            drawer=_drawer(environment),
        )


def _drawer(environment: Mapping[str, str]) -> Drawer | None:
    folder = environment.get(_DRAWER, "")
    if not folder:
        return None
    if environment.get("BOXOFFICE_SMTP_URL") or environment.get("BOXOFFICE_SMS_URL"):
        raise BadNotificationSettings(
            f"{_DRAWER} keeps messages here, and another variable sends them.", "Set the folder, or the servers."
        )
    return Drawer(Path(folder), _address(environment, "BOXOFFICE_MAIL_FROM"))


def _smtp(environment: Mapping[str, str]) -> Smtp | None:
    url, sender = environment.get("BOXOFFICE_SMTP_URL", ""), environment.get("BOXOFFICE_MAIL_FROM", "")
    if (not url and not sender) or environment.get(_DRAWER):
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
    user, password = unquote(found.username or ""), unquote(found.password or "")
    return Smtp(
        *(found.hostname, port, _address(environment, "BOXOFFICE_MAIL_FROM"), user, password),
        is_tls=found.scheme == "smtps",
        authority=_authority(environment),
        bounces_to=_address(environment, "BOXOFFICE_BOUNCES_TO") if environment.get("BOXOFFICE_BOUNCES_TO") else "",
    )


def _authority(environment: Mapping[str, str]) -> Path | None:
    file = environment.get("BOXOFFICE_SMTP_CA", "")
    if not file:
        return None
    try:
        ssl.create_default_context(cafile=file)
    except (OSError, ssl.SSLError) as error:
        raise BadNotificationSettings(
            f"BOXOFFICE_SMTP_CA: no certificates can be read from {file}: {error}.", "Name a file in PEM."
        ) from error
    return Path(file)


def _address(environment: Mapping[str, str], name: str) -> str:
    try:
        return TypeAdapter[str](Email).validate_python(environment.get(name, ""))
    except ValidationError:
        raise _not_an_address(name, "tickets@example.org") from None


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
