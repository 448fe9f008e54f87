"""Identifiers. Whoever acts mints the id, so it is final while offline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NewType
from uuid import UUID

PerformanceId = NewType("PerformanceId", int)  # 32 bits, minted by central: four bytes of the ticket token
TillNumber = NewType("TillNumber", int)  # 16 bits, minted by central at pairing
TicketId = NewType("TicketId", int)  # 63 random bits: eight bytes of the token, a bigint in both databases
PlanId = NewType("PlanId", str)
VenueId = NewType("VenueId", str)
ProductionId = NewType("ProductionId", str)

SaleId = NewType("SaleId", UUID)
FactId = NewType("FactId", UUID)
ShiftId = NewType("ShiftId", UUID)
StaffId = NewType("StaffId", UUID)
LeaseRequestId = NewType("LeaseRequestId", UUID)
ScanId = NewType("ScanId", UUID)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

NewId = Callable[[], UUID]
RandomBits = Callable[[int], int]  # (how many bits) -> an int below 2**bits


def uuid7(at: datetime, random_bits: RandomBits) -> UUID:
    """A time-ordered UUID (RFC 9562, version 7) from an injected clock and randomness. The twelve bits after the
    milliseconds carry the microseconds (its method 3), so that what was made in one millisecond is in order, too."""
    microseconds = (at - _EPOCH) // timedelta(microseconds=1)
    milliseconds, rest = divmod(microseconds, 1000)
    fraction = rest * 4096 // 1000
    value = (milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random_bits(62)
    return UUID(int=value)


def new_ticket_id(random_bits: RandomBits) -> TicketId:
    """Random, not counted: a restored till would count again. 10 million tickets collide with odds of 5e-6."""
    return TicketId(random_bits(63))


_CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0/O, no 1/I: read aloud across a counter


def order_code(sale_id: UUID) -> str:
    """What the customer says at the counter, such as `7N2R-8C`: the random end of the id."""
    bits = sale_id.int & (1 << 30) - 1
    letters = [_CODE_ALPHABET[bits >> shift & 31] for shift in range(25, -1, -5)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


def ticket_code(ticket: int, generation: int) -> str:
    """Ten letters and digits under the QR: what is typed when it does not scan."""
    value = (ticket ^ generation * 0x9E3779B97F4A7C15) & (1 << 50) - 1  # spreads every generation over all letters
    return "".join(_CODE_ALPHABET[value >> shift & 31] for shift in range(45, -1, -5))
