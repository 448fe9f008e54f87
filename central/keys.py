"""Central's own secrets: the root key that signs key bundles, and those that sign web tickets and access tokens.

All grow from one seed of 32 bytes: the environment's BOXOFFICE_CENTRAL_KEY (64 hex digits), or the file `central.key`
of the data folder, made at the first start for its owner alone. It is never logged and never in the database.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from boxoffice.domain.refusals import Refused

VARIABLE = "BOXOFFICE_CENTRAL_KEY"
FILE = "central.key"


class BadCentralKey(Refused):
    code = "bad_central_key"


class CentralKeys:
    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self.root = _derived(seed, b"boxoffice root")
        self.tickets = _derived(seed, b"boxoffice tickets")

    def access(self, number: int) -> Ed25519PrivateKey:
        """The key of this number that signs access tokens."""
        return _derived(self._seed, b"boxoffice access %d" % number)

    def secret(self, purpose: str) -> bytes:
        """32 bytes for a purpose that needs no key pair; every node of one central has the same."""
        return HKDF(SHA256(), 32, None, f"boxoffice {purpose}".encode()).derive(self._seed)

    @property
    def root_public(self) -> bytes:
        return self.root.public_key().public_bytes_raw()

    @property
    def tickets_public(self) -> bytes:
        return self.tickets.public_key().public_bytes_raw()


def load_keys(folder: Path, environment: Mapping[str, str]) -> CentralKeys:
    """Raises BadCentralKey."""
    given = environment.get(VARIABLE)
    if given is not None:
        return CentralKeys(_seed(given, VARIABLE))
    path = folder / FILE
    folder.mkdir(parents=True, exist_ok=True, mode=0o711)
    if not path.exists():
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    return CentralKeys(_seed(path.read_text().strip(), str(path)))


def _seed(text: str, source: str) -> bytes:
    try:
        seed = bytes.fromhex(text)
    except ValueError:
        seed = b""
    if len(seed) != 32:
        raise BadCentralKey(f"{source} is not a key of 64 hex digits.", "Put the right one back from your backup.")
    return seed


def _derived(seed: bytes, purpose: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(HKDF(SHA256(), 32, None, purpose).derive(seed))
