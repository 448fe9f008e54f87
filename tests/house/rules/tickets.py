"""docs/rules/tickets.md"""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from boxoffice.domain.ids import PerformanceId, TicketId, TillNumber, ticket_code
from boxoffice.domain.tokens import Forged, NotATicket, TicketToken, UnknownKey, issue, read, verify
from tests.house.rules.tables import Row

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
TOKEN = TicketToken(
    key_id=1,
    performance=PerformanceId(7),
    ticket=TicketId(1234567890123456789),
    seat=214,
    price_class=2,
    generation=1,
    not_before=datetime(2026, 11, 14, 18, 45, tzinfo=UTC),
    duration=timedelta(minutes=240),
    issuer=TillNumber(2),
)
TEXT = issue(TOKEN, KEY)


def layout(row: Row) -> Row:
    token, raw = read(TEXT)
    values = {
        "version and kind": raw[0] >> 4,
        "key id": token.key_id,
        "performance": token.performance,
        "ticket id": token.ticket,
        "seat index": token.seat,
        "price class": token.price_class,
        "generation": token.generation,
        "not before": f"{token.not_before:%Y-%m-%d %H:%M}",
        "duration in minutes": token.duration // timedelta(minutes=1),
        "issuer": token.issuer,
        "signature": "Ed25519",
    }
    first, _, last = row["Bytes"].partition("–")
    part = raw[int(first) : int(last) + 1].hex()
    shown = part if len(part) <= 16 else f"{part[:12]}…"
    return {**row, "Value": str(values[row["Field"]]), "Hex": shown}


def _changed(position: int) -> str:
    other = "B" if TEXT[position] != "B" else "C"
    return TEXT[:position] + other + TEXT[position + 1 :]


def _later() -> str:
    raw = bytearray(base64.b32decode(TEXT))
    raw[0] = 2 << 4
    return base64.b32encode(bytes(raw)).decode("ascii")


SCANNED = {
    "the ticket": TEXT,
    "the ticket in small letters, with spaces": " ".join((TEXT[:70], TEXT[70:])).lower(),
    "one letter of the seat changed": _changed(24),
    "one letter of the signature changed": _changed(100),
    "signed by a till whose key is not here yet": issue(
        TicketToken(1, TOKEN.performance, TOKEN.ticket, 214, 2, 1, TOKEN.not_before, TOKEN.duration, TillNumber(9)),
        KEY,
    ),
    "the first 143 letters": TEXT[:143],
    "a web address": "https://example.org/tickets/1",
    "a later version of the layout": _later(),
}


def scanned(row: Row) -> Row:
    public = KEY.public_key().public_bytes_raw()
    try:
        token = verify(SCANNED[row["What was scanned"]], lambda till, _: public if till == TOKEN.issuer else None)
    except Forged:
        says = "forged"
    except UnknownKey:
        says = "unknown key"
    except NotATicket:
        says = "not a ticket"
    else:
        assert token == TOKEN
        says = "real"
    return {**row, "The door says": says}


def typed_code(row: Row) -> Row:
    return {**row, "Code": ticket_code(int(row["Ticket id"]), int(row["Generation"]))}


TABLES = {"layout": layout, "read": scanned, "typed-code": typed_code}
