"""Where the key of the till's data is kept: never in plain text on the disk.

1. BOXOFFICE_TILL_KEY, 64 hex digits, for a till whose key is kept elsewhere (the demo's parent process, a vault).
2. `till.key`, the key wrapped under a passphrase (argon2id, AES-256-GCM); the passphrase is in BOXOFFICE_PASSPHRASE.
3. The system's keyring, under the number in `till.id`.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import keyring
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from keyring.backends import fail
from keyring.errors import KeyringError, KeyringLocked, NoKeyringError

from boxoffice.store.engine import KEY_BYTES
from boxoffice.store.escrow import ESCROW_VARIABLE, keep_escrow, public_key_from_hex
from boxoffice.store.refusals import KeyLost, NoKeyring, WrongPassphrase

KEY_VARIABLE = "BOXOFFICE_TILL_KEY"
PASSPHRASE_VARIABLE = "BOXOFFICE_PASSPHRASE"
_KEY_FILE = "till.key"
_ID_FILE = "till.id"
_SHORTEST_PASSPHRASE = 12
_ABOUT = b"boxoffice till key v1"
_MEMORY_KIB, _PASSES, _LANES = 64 * 1024, 3, 1


def till_key(folder: Path, service: str = "boxoffice", environ: Mapping[str, str] = os.environ) -> bytes:
    """The 32 bytes that open the store of `folder`, minted on the first call.

    With BOXOFFICE_ESCROW_KEY (the venue's public X25519 key, 64 hex digits) a sealed copy is kept beside the journal.
    Raises NoKeyring, WrongPassphrase, or KeyLost when there is data but its key is gone: a new key is never minted
    over data.
    """
    folder.mkdir(parents=True, exist_ok=True)
    key = _found_key(folder, service, environ)
    escrow = environ.get(ESCROW_VARIABLE)
    if escrow:
        keep_escrow(folder, key, public_key_from_hex(escrow))
    return key


def _found_key(folder: Path, service: str, environ: Mapping[str, str]) -> bytes:
    if KEY_VARIABLE in environ:
        return _from_hex(environ[KEY_VARIABLE])
    wrapped = folder / _KEY_FILE
    passphrase = environ.get(PASSPHRASE_VARIABLE)
    if wrapped.exists():
        if not passphrase:
            raise NoKeyring("This till's key is locked with a passphrase.", f"Start with {PASSPHRASE_VARIABLE} set.")
        return unwrap_key(wrapped.read_bytes(), passphrase)
    if passphrase and not (folder / _ID_FILE).exists():
        _require_no_data(folder)
        key = secrets.token_bytes(KEY_BYTES)
        _write_private(wrapped, wrap_key(key, passphrase))
        return key
    return _from_keyring(folder, service)


def wrap_key(key: bytes, passphrase: str) -> bytes:
    """The key under a passphrase, as the content of a file. Raises NoKeyring for a passphrase that is too short."""
    if len(passphrase) < _SHORTEST_PASSPHRASE:
        raise NoKeyring(
            f"The passphrase is shorter than {_SHORTEST_PASSPHRASE} characters.",
            "Take four or five words, and keep them where the venue keeps its safe's code.",
        )
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    cost = {"memory_kib": _MEMORY_KIB, "passes": _PASSES, "lanes": _LANES}
    sealed = AESGCM(_stretched(passphrase, salt, cost)).encrypt(nonce, key, _ABOUT)
    content = {
        "version": 1,
        "kdf": "argon2id",
        **cost,
        "salt": _text(salt),
        "nonce": _text(nonce),
        "key": _text(sealed),
    }
    return json.dumps(content, indent=1).encode()


def unwrap_key(content: bytes, passphrase: str) -> bytes:
    """Raises WrongPassphrase, or NoKeyring for a file that is none of ours."""
    try:
        parts: dict[str, Any] = json.loads(content)
        salt, nonce, sealed = (base64.b64decode(parts[name], validate=True) for name in ("salt", "nonce", "key"))
        stretched = _stretched(passphrase, salt, {name: int(parts[name]) for name in ("memory_kib", "passes", "lanes")})
        return AESGCM(stretched).decrypt(nonce, sealed, _ABOUT)
    except InvalidTag:
        raise WrongPassphrase from None
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise NoKeyring(
            f"The file {_KEY_FILE} is damaged.", "Put it back from a backup, or open the key's escrow copy."
        ) from None


def _stretched(passphrase: str, salt: bytes, cost: Mapping[str, int]) -> bytes:
    if not (8 <= cost["memory_kib"] <= 1024 * 1024 and 1 <= cost["passes"] <= 20 and 1 <= cost["lanes"] <= 16):
        raise ValueError("a cost out of range")
    return hash_secret_raw(
        passphrase.encode(), salt, cost["passes"], cost["memory_kib"], cost["lanes"], KEY_BYTES, Type.ID
    )


def _from_keyring(folder: Path, service: str) -> bytes:
    account_file = folder / _ID_FILE
    if isinstance(keyring.get_keyring(), fail.Keyring):
        raise _no_backend()
    try:
        if account_file.exists():
            account = account_file.read_text().strip()
            found = keyring.get_password(service, account)
            if found:
                return _from_hex(found)
            _require_no_data(folder)
        else:
            _require_no_data(folder)
            account = str(uuid4())
        key = secrets.token_bytes(KEY_BYTES)
        keyring.set_password(service, account, key.hex())
        if keyring.get_password(service, account) != key.hex():
            raise NoKeyring("The system's keyring does not keep what it is given.", _WAYS)
    except KeyringLocked:
        raise NoKeyring("The system's keyring is locked.", "Unlock it (sign in again), then start the till.") from None
    except NoKeyringError:
        raise _no_backend() from None
    except KeyringError as error:
        raise NoKeyring(f"The system's keyring does not answer ({type(error).__name__}).", _WAYS) from None
    _write_private(account_file, account.encode())
    return key


_WAYS = (
    f"Start with {PASSPHRASE_VARIABLE} set to a passphrase of the venue, or with {KEY_VARIABLE} set to 64 hex digits "
    "that are kept in a safe place."
)


def _no_backend() -> NoKeyring:
    return NoKeyring("This computer has no keyring to keep the till's key in.", _WAYS)


def _require_no_data(folder: Path) -> None:
    if (folder / "journal.db").exists():
        raise KeyLost(folder)


def _from_hex(text: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise NoKeyring("The till's key is not 64 hex digits.", f"Look at {KEY_VARIABLE}, or start without it.")
    return key


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _write_private(path: Path, content: bytes) -> None:
    """Whole or not at all, and for this user alone."""
    partial = path.with_name(path.name + ".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
