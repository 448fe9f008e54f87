"""A copy of the till's key that only the venue's escrow key opens: a lost keyring must not mean lost sales.

A sealed box: an ephemeral X25519 key, HKDF-SHA256 over the shared secret, AES-256-GCM.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from boxoffice.domain.refusals import Malformed, Refused

ESCROW_VARIABLE = "BOXOFFICE_ESCROW_KEY"
ESCROW_NAME = "till-key.escrow"
_MAGIC = b"BOXESC1"
_POINT = 32
_NONCE = bytes(12)  # each box has a key of its own, used once


class WrongEscrowKey(Refused):
    code = "wrong_escrow_key"

    def __init__(self) -> None:
        super().__init__("This escrow copy does not open with this key.", "Use the escrow key of the till's venue.")


def seal_escrow(key: bytes, public_key: bytes) -> bytes:
    """`key` for the holder of the private half of `public_key` (raw X25519, 32 bytes) alone."""
    ephemeral = X25519PrivateKey.generate()
    point = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public_key))
    return _MAGIC + point + AESGCM(_derived(shared, point, public_key)).encrypt(_NONCE, key, _MAGIC)


def open_escrow(sealed: bytes, private_key: bytes) -> bytes:
    """The key of a sealed copy. Raises WrongEscrowKey, also for a copy that is damaged."""
    point, box = sealed[len(_MAGIC) : len(_MAGIC) + _POINT], sealed[len(_MAGIC) + _POINT :]
    if not sealed.startswith(_MAGIC) or len(point) != _POINT:
        raise WrongEscrowKey
    private = X25519PrivateKey.from_private_bytes(private_key)
    public = private.public_key().public_bytes_raw()
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(point))
        return AESGCM(_derived(shared, point, public)).decrypt(_NONCE, box, _MAGIC)
    except (InvalidTag, ValueError):
        raise WrongEscrowKey from None


def keep_escrow(folder: Path, key: bytes, public_key: bytes) -> Path:
    """Write the sealed copy into `folder` (beside the journal, beside its backups), anew for a new venue key."""
    path = folder / ESCROW_NAME
    partial = path.with_suffix(".partial")
    partial.write_bytes(seal_escrow(key, public_key))
    return partial.replace(path)


def public_key_from_hex(text: str) -> bytes:
    """Raises Malformed."""
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != _POINT:
        raise Malformed(ESCROW_VARIABLE, "is not 64 hex digits.", "Copy the venue's public escrow key again.")
    return key


def _derived(shared: bytes, point: bytes, public_key: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=_MAGIC + point + public_key).derive(shared)
