"""E-mail by SMTP, over connections that are kept open from one message to the next."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage
from time import monotonic

import structlog
from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from central.notifications.carriers import Undelivered, is_of_address
from central.notifications.settings import Smtp

MOST_CONNECTIONS = 4
_MOST_MESSAGES = 100  # over one connection; some servers count
_IDLE_S = 20.0  # then a server may have hung up
_ALONE_S = 10.0
_OF_SOMETHING_ELSE = re.compile(r"5\.[1-7]\.\d")
_log = structlog.get_logger("central.notifications")


class _Line:
    """An open connection, how often it was used, and when last."""

    def __init__(self, smtp: SMTP) -> None:
        self.smtp, self.used, self.last = smtp, 0, monotonic()

    @property
    def is_good(self) -> bool:
        return self.smtp.is_connected and self.used < _MOST_MESSAGES and monotonic() < self.last + _IDLE_S


class Mailer:
    """`timeout_s`: for one message, with its connection. A server that cannot be used is left alone for a while: it may
    count how often somebody signs in with a wrong password."""

    def __init__(self, settings: Smtp, timeout_s: float) -> None:
        self._settings, self._timeout_s = settings, timeout_s
        self._trust = ssl.create_default_context(cafile=settings.authority)
        self._lines: list[_Line] = []
        self._free = asyncio.Semaphore(MOST_CONNECTIONS)
        self._trouble, self._alone_until = "", 0.0

    async def carry(self, address: str, letter: EmailMessage, key: str) -> str:
        try:
            async with self._free, asyncio.timeout(self._timeout_s), self._line() as line:
                errors, said = await line.smtp.send_message(
                    letter, sender=self._settings.reports_to, recipients=[address]
                )
                assert not errors  # of one recipient, none
                return said
        except SMTPRecipientsRefused as refused:
            raise _refused(refused.recipients[0]) from refused
        except (SMTPRecipientRefused, SMTPDataError) as refused:
            raise _refused(refused) from refused
        except (SMTPException, OSError) as error:  # about us, not about the message: who runs this puts it right
            raise Undelivered(_said(error)) from error

    async def close(self) -> None:
        lines, self._lines = self._lines, []
        for line in lines:
            await _hang_up(line)

    @asynccontextmanager
    async def _line(self) -> AsyncIterator[_Line]:
        """Kept for the next message, unless this one broke it."""
        line = await self._opened()
        line.used += 1
        try:
            yield line
        except SMTPResponseException as error:
            if error.code == 421:  # it hangs up
                line.smtp.close()
            raise
        except SMTPRecipientsRefused:
            raise
        except BaseException:
            line.smtp.close()
            raise
        finally:
            if line.smtp.is_connected:
                line.last = monotonic()
                self._lines.append(line)

    async def _opened(self) -> _Line:
        while self._lines:
            line = self._lines.pop()
            if line.is_good:
                return line
            await _hang_up(line)
        found = self._settings
        smtp = SMTP(
            hostname=found.host,
            port=found.port,
            username=found.user or None,
            password=found.password or None,
            timeout=self._timeout_s,
            use_tls=found.is_tls,
            start_tls=False if found.is_tls else (None if found.may_be_plain else True),
            tls_context=self._trust,
        )
        if monotonic() < self._alone_until:
            raise Undelivered(self._trouble)
        try:
            await smtp.connect()
        except (SMTPException, OSError) as error:
            self._trouble, self._alone_until = _said(error), monotonic() + _ALONE_S
            _log.warning("mail server cannot be used", host=found.host, port=found.port, error=self._trouble)
            raise
        return _Line(smtp)


def _refused(error: SMTPRecipientRefused | SMTPDataError) -> Undelivered:
    is_final = error.code >= 500
    is_of_recipient = isinstance(error, SMTPRecipientRefused) and not _OF_SOMETHING_ELSE.match(error.message)
    is_address = is_final and (is_of_recipient or is_of_address(error.message))
    return Undelivered(f"{error.code} {error.message}", is_final=is_final, is_address=is_address)


def _said(error: Exception) -> str:
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {error.message}"
    return str(error) or type(error).__name__


async def _hang_up(line: _Line) -> None:
    with suppress(SMTPException, OSError):
        await line.smtp.quit(timeout=2)
    line.smtp.close()
