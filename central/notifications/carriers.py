"""The port through which messages leave: e-mail, SMS. An attempt arrives, is put off, or is refused for good."""

from __future__ import annotations

import re
from email.message import EmailMessage
from typing import Generic, Protocol, TypeVar

MOST_SAID = 500  # characters of the other side's words
# RFC 3463 and what large houses made of it: what is wrong is the address or the mailbox, whenever the server says so
_OF_ADDRESS = re.compile(r"5\.(?:1\.(?:[01236]|10)|2\.[01]|4\.(?:4|310))(?!\d)")

Letter = TypeVar("Letter", contravariant=True)


def is_of_address(status: str) -> bool:
    """What begins with an enhanced status, such as `5.1.1 no such mailbox`."""
    return bool(_OF_ADDRESS.match(status))


class Undelivered(Exception):
    """`is_final`: trying again is no use. `is_address`: because nobody is reached there at all."""

    def __init__(self, said: str, *, is_final: bool = False, is_address: bool = False) -> None:
        super().__init__(said)
        self.said = " ".join(said.split())[:MOST_SAID]
        self.is_final, self.is_address = is_final, is_address


class Carrier(Protocol, Generic[Letter]):
    async def carry(self, address: str, letter: Letter, key: str) -> str:
        """What the other side said. `key` is the same for every attempt of one message. Raises Undelivered."""

    async def close(self) -> None: ...


MailCarrier = Carrier[EmailMessage]
TextCarrier = Carrier[str]
