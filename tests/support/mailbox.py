"""A real SMTP server on a free port of 127.0.0.1 that keeps what it is given, and refuses what it is told to."""

from __future__ import annotations

import asyncio
import email
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Mailbox:
    """`of_recipient` and `of_data`: what to answer, when it is not 250. `connections`: how many were opened."""

    port: int = 0
    connections: int = 0
    received: list[tuple[str, EmailMessage]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    of_recipient: Callable[[str], str] = lambda address: ""
    of_data: Callable[[EmailMessage], str] = lambda message: ""
    on_data: Callable[[], None] = lambda: None
    login: tuple[str, str] | None = None  # who may send; None: everybody
    tls: ssl.SSLContext | None = None
    is_tls_at_once: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def to(self, address: str) -> list[EmailMessage]:
        with self.lock:
            return [message for to, message in self.received if to == address]

    # --- what aiosmtpd calls

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.login is not None and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        self.senders.append(address)
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return AuthResult(success=(data.login.decode(), data.password.decode()) == self.login, handled=False)

    def speaker(self) -> SMTP:
        is_later = self.tls is not None and not self.is_tls_at_once
        return SMTP(
            self,
            tls_context=self.tls if is_later else None,
            require_starttls=is_later,
            auth_require_tls=is_later,
            authenticator=self.authenticate if self.login else None,
        )

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := self.of_recipient(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.on_data()
        if refusal := self.of_data(message):
            return refusal
        with self.lock:
            self.received += [(address, message) for address in envelope.rcpt_tos]
        return "250 2.0.0 kept"


@contextmanager
def mailbox(box: Mailbox | None = None) -> Iterator[Mailbox]:
    """In a thread of its own."""
    box, started = box or Mailbox(), threading.Event()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        server = await loop.create_server(box.speaker, "127.0.0.1", 0, ssl=box.tls if box.is_tls_at_once else None)
        box.port = server.sockets[0].getsockname()[1]
        started.set()
        await stop.wait()
        server.close()
        await server.wait_closed()
        sessions = asyncio.all_tasks() - {asyncio.current_task()}
        for session in sessions:
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)

    def run() -> None:
        with closing(loop):
            loop.run_until_complete(serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield box
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


def plain(message: EmailMessage) -> str:
    return _body(message, "plain")


def html(message: EmailMessage) -> str:
    return _body(message, "html")


def _body(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert isinstance(found, EmailMessage)
    text: str = found.get_content()
    return text
