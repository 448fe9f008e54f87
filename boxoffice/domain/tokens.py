"""The ticket token: 90 bytes that a door can check without a network.

    version and kind 1 · key id 1 · performance 4 · ticket id 8 · seat index 3 (FFFFFF: an area) · price class 1
    · generation 1 · not before 3 (minutes since 2025-01-01) · duration 2 (minutes) · issuer 2 · Ed25519 64

Big-endian. Base32 without padding gives 144 characters of A-Z and 2-7: the alphanumeric mode of a QR code, and
safe through a keyboard-wedge scanner on any layout. docs/rules/tickets.md has a worked example.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from boxoffice.domain.ids import PerformanceId, TicketId, TillNumber
from boxoffice.domain.refusals import Refused

VERSION = 1
TOKEN_BYTES = 90
TOKEN_LETTERS = 144
NO_SEAT = 0xFFFFFF
_SIGNED = 26
_EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


class NotATicket(Refused):
    """The code was read, but it is not one of ours: cut short, foreign, or of a later version."""

    code = "not_a_ticket"


class Forged(Refused):
    """Our form, a known key, and a signature that does not fit."""

    code = "forged"


class UnknownKey(Refused):
    """Our form, signed with a key that this door does not have yet: the ticket may well be good."""

    code = "unknown_key"


@dataclass(frozen=True, slots=True)
class TicketToken:
    """`seat` is the plan's index or None for a place in an area. `key_id` is the issuer's, 0 to 255."""

    key_id: int
    performance: PerformanceId
    ticket: TicketId
    seat: int | None
    price_class: int
    generation: int
    not_before: datetime
    duration: timedelta
    issuer: TillNumber

    def signed_part(self) -> bytes:
        """The first 26 bytes. Raises struct.error or OverflowError for a value that does not fit its field."""
        seat = NO_SEAT if self.seat is None else self.seat
        return b"".join(
            (
                struct.pack(">BBIQ", VERSION << 4, self.key_id, self.performance, self.ticket),
                seat.to_bytes(3, "big"),
                struct.pack(">BB", self.price_class, self.generation),
                ((self.not_before - _EPOCH) // _MINUTE).to_bytes(3, "big"),
                struct.pack(">HH", self.duration // _MINUTE, self.issuer),
            )
        )

    @property
    def expires_at(self) -> datetime:
        return self.not_before + self.duration


PublicKeys = Callable[[TillNumber, int], bytes | None]  # (issuer, key id) -> 32 bytes, or None when unknown


def issue(token: TicketToken, key: Ed25519PrivateKey) -> str:
    """Sign and encode. The same token and key always give the same text."""
    part = token.signed_part()
    return base64.b32encode(part + key.sign(part)).decode("ascii")


def read(text: str) -> tuple[TicketToken, bytes]:
    """The token as it says of itself, unchecked, and its 90 bytes. Raises NotATicket."""
    cleaned = "".join(text.split()).upper()
    try:
        raw = base64.b32decode(cleaned) if len(cleaned) == TOKEN_LETTERS else b""
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != TOKEN_BYTES or raw[0] != VERSION << 4:
        raise NotATicket("This code is not one of our tickets.", "Look for the QR code of this venue.")
    _, key_id, performance, ticket = struct.unpack(">BBIQ", raw[:14])
    seat = int.from_bytes(raw[14:17], "big")
    price_class, generation = raw[17], raw[18]
    not_before = _EPOCH + int.from_bytes(raw[19:22], "big") * _MINUTE
    minutes, issuer = struct.unpack(">HH", raw[22:26])
    token = TicketToken(
        key_id=key_id,
        performance=PerformanceId(performance),
        ticket=TicketId(ticket),
        seat=None if seat == NO_SEAT else seat,
        price_class=price_class,
        generation=generation,
        not_before=not_before,
        duration=minutes * _MINUTE,
        issuer=TillNumber(issuer),
    )
    return token, raw


def verify(text: str, public_keys: PublicKeys) -> TicketToken:
    """Read and check the signature. Raises NotATicket, UnknownKey or Forged."""
    token, raw = read(text)
    key = public_keys(token.issuer, token.key_id)
    if key is None:
        raise UnknownKey(
            "This ticket was signed with a key that this door does not have yet.",
            "Do not turn the guest away: scan again in a minute, or call the supervisor.",
        )
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(raw[_SIGNED:], raw[:_SIGNED])
    except InvalidSignature:
        raise Forged("The signature of this ticket is wrong.", "Send the guest to the box office.") from None
    return token
