from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.domain.ids import PerformanceId, TicketId, TillNumber
from boxoffice.domain.protocol import KeyBundle, SigningKey
from boxoffice.domain.tokens import Forged, NotATicket, TicketToken, UnknownKey, issue, read, verify

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
START = datetime(2026, 11, 14, 18, 15, tzinfo=UTC)

tokens = st.builds(
    TicketToken,
    key_id=st.integers(0, 255),
    performance=st.integers(0, 2**32 - 1).map(PerformanceId),
    ticket=st.integers(0, 2**63 - 1).map(TicketId),
    seat=st.none() | st.integers(0, 0xFFFFFE),
    price_class=st.integers(0, 255),
    generation=st.integers(0, 255),
    not_before=st.integers(0, 2**24 - 1).map(lambda m: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=m)),
    duration=st.integers(0, 2**16 - 1).map(lambda m: timedelta(minutes=m)),
    issuer=st.integers(0, 2**16 - 1).map(TillNumber),
)
TOKEN = TicketToken(1, PerformanceId(7), TicketId(42), 214, 0, 1, START, timedelta(minutes=285), TillNumber(2))


def knows_all(issuer: TillNumber, key_id: int) -> bytes | None:
    return PUBLIC


@given(tokens)
def test_every_token_reads_back_as_it_was_issued(token: TicketToken) -> None:
    text = issue(token, KEY)
    assert len(text) == 144
    assert verify(text, knows_all) == token
    assert verify(f" {text[:50].lower()}\n{text[50:]}", knows_all) == token


@given(tokens, st.integers(0, 90 * 8 - 1))
def test_one_flipped_bit_is_never_admitted(token: TicketToken, bit: int) -> None:
    _, raw = read(issue(token, KEY))
    broken = bytearray(raw)
    broken[bit // 8] ^= 1 << bit % 8
    with pytest.raises((Forged, NotATicket)):
        verify(base64.b32encode(bytes(broken)).decode(), knows_all)


@given(st.text(max_size=200))
def test_what_is_not_a_ticket_says_so(text: str) -> None:
    with pytest.raises(NotATicket):
        read(text)


def test_the_layout_is_fixed_byte_for_byte() -> None:
    _, raw = read(issue(TOKEN, KEY))
    assert raw[:26].hex() == "100100000007000000000000002a0000d600010f0087011d0002"


def test_a_key_that_is_not_here_yet_is_no_forgery() -> None:
    bundle = KeyBundle(version=1, keys=())
    with pytest.raises(UnknownKey):
        verify(issue(TOKEN, KEY), bundle.public_key)


def test_a_key_bundle_is_believed_only_with_centrals_signature() -> None:
    root = Ed25519PrivateKey.generate()
    key = SigningKey(issuer=TillNumber(2), key_id=1, public_key=PUBLIC, valid_from=START)
    bundle = KeyBundle(version=3, keys=(key,)).signed(root)
    carried = KeyBundle.model_validate_json(bundle.model_dump_json())
    assert carried.is_signed_by(root.public_key().public_bytes_raw())
    assert verify(issue(TOKEN, KEY), carried.public_key) == TOKEN
    assert not carried.model_copy(update={"version": 4}).is_signed_by(root.public_key().public_bytes_raw())
    assert not carried.is_signed_by(PUBLIC)
