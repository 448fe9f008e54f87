"""The till's key: in the keyring, under a passphrase or handed in; never in plain text, never minted over data."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import KeyringLocked, PasswordSetError

from boxoffice.domain.refusals import Malformed
from boxoffice.store import KeyLost, NoKeyring, Store, WrongPassphrase
from boxoffice.store.escrow import ESCROW_NAME, WrongEscrowKey, keep_escrow, open_escrow, seal_escrow
from boxoffice.store.keys import till_key, unwrap_key, wrap_key
from tests.store import bodies
from tests.store.bodies import KEY

WORDS = "four quiet words here"
NOTHING: dict[str, str] = {}


class MemoryKeyring(KeyringBackend):
    """A keyring as the system's, for as long as the test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise KeyringLocked("locked")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.is_locked:
            raise KeyringLocked("locked")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    memory = MemoryKeyring()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture
def no_ring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
    yield
    keyring.set_keyring(before)


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_the_key_is_minted_once_and_kept_in_the_keyring_alone(ring: MemoryKeyring, folder: Path) -> None:
    key = till_key(folder, environ=NOTHING)
    assert len(key) == 32
    assert till_key(folder, environ=NOTHING) == key
    assert list(ring.kept.values()) == [key.hex()]
    assert key not in on_disk(folder)
    assert key.hex().encode() not in on_disk(folder)
    Store.open(folder, key).close()


def test_two_tills_of_one_user_have_keys_of_their_own(ring: MemoryKeyring, tmp_path: Path) -> None:
    first, second = (till_key(tmp_path / name, environ=NOTHING) for name in ("a", "b"))
    assert first != second
    moved = shutil.move(tmp_path / "a", tmp_path / "moved")
    assert till_key(Path(moved), environ=NOTHING) == first  # it goes by the number in the folder, not by its place


def test_a_key_that_is_gone_is_never_replaced_over_data(ring: MemoryKeyring, folder: Path) -> None:
    key = till_key(folder, environ=NOTHING)
    Store.open(folder, key).close()
    ring.kept.clear()
    with pytest.raises(KeyLost, match="escrow"):
        till_key(folder, environ=NOTHING)
    (folder / "till.id").unlink()
    with pytest.raises(KeyLost):
        till_key(folder, environ=NOTHING)
    with pytest.raises(KeyLost):
        till_key(folder, environ={"BOXOFFICE_PASSPHRASE": WORDS})
    assert ring.kept == {}


def test_a_locked_keyring_is_told_as_that(ring: MemoryKeyring, folder: Path) -> None:
    ring.is_locked = True
    with pytest.raises(NoKeyring, match="locked") as caught:
        till_key(folder, environ=NOTHING)
    assert "Unlock" in caught.value.way_out
    ring.is_locked = False
    assert len(till_key(folder, environ=NOTHING)) == 32


def test_a_keyring_that_keeps_nothing_is_not_trusted(
    ring: MemoryKeyring, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ring, "set_password", lambda *_: None)
    with pytest.raises(NoKeyring, match="does not keep"):
        till_key(folder, environ=NOTHING)

    def refuse(*_: str) -> None:
        raise PasswordSetError("no")

    monkeypatch.setattr(ring, "set_password", refuse)
    with pytest.raises(NoKeyring, match="does not answer"):
        till_key(folder, environ=NOTHING)
    assert not (folder / "till.id").exists()


@pytest.mark.usefixtures("no_ring")
def test_without_a_keyring_the_way_out_is_told(folder: Path) -> None:
    with pytest.raises(NoKeyring) as caught:
        till_key(folder, environ=NOTHING)
    assert "BOXOFFICE_PASSPHRASE" in caught.value.way_out
    assert "BOXOFFICE_TILL_KEY" in caught.value.way_out
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("no_ring")
def test_a_key_that_is_handed_in_is_used_and_left_nowhere(folder: Path) -> None:
    assert till_key(folder, environ={"BOXOFFICE_TILL_KEY": f" {KEY.hex().upper()}\n"}) == KEY
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("no_ring")
@pytest.mark.parametrize("text", ["", "abc", "zz" * 32, "ab" * 31, "ab" * 33])
def test_a_key_that_is_none_is_refused_without_repeating_it(folder: Path, text: str) -> None:
    with pytest.raises(NoKeyring, match="64 hex digits") as caught:
        till_key(folder, environ={"BOXOFFICE_TILL_KEY": text})
    assert not text or text not in str(caught.value)


@pytest.mark.usefixtures("no_ring")
def test_a_passphrase_wraps_the_key_in_a_file(folder: Path) -> None:
    words = {"BOXOFFICE_PASSPHRASE": WORDS}
    key = till_key(folder, environ=words)
    assert till_key(folder, environ=words) == key
    assert key not in on_disk(folder)
    assert key.hex().encode() not in on_disk(folder)
    assert WORDS.encode() not in on_disk(folder)
    if os.name == "posix":
        assert stat.S_IMODE((folder / "till.key").stat().st_mode) == 0o600
    Store.open(folder, key).close()
    with pytest.raises(WrongPassphrase):
        till_key(folder, environ={"BOXOFFICE_PASSPHRASE": WORDS + "!"})
    with pytest.raises(NoKeyring, match="locked with a passphrase"):
        till_key(folder, environ=NOTHING)


def test_a_short_passphrase_is_refused(folder: Path) -> None:
    with pytest.raises(NoKeyring, match="shorter than 12"):
        till_key(folder, environ={"BOXOFFICE_PASSPHRASE": "hunter2"})
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda parts: b"",
        lambda parts: b"[]",
        lambda parts: json.dumps({**parts, "memory_kib": 1 << 40}).encode(),
        lambda parts: json.dumps({**parts, "passes": "many"}).encode(),
        lambda parts: json.dumps({**parts, "salt": "$"}).encode(),
    ],
)
def test_a_damaged_key_file_is_told_as_damaged(damage: object) -> None:
    content = wrap_key(KEY, WORDS)
    assert unwrap_key(content, WORDS) == KEY
    with pytest.raises(NoKeyring, match="damaged"):
        unwrap_key(damage(json.loads(content)), WORDS)  # type: ignore[operator]


def test_the_escrow_copy_opens_the_tills_data_when_the_keyring_is_lost(ring: MemoryKeyring, folder: Path) -> None:
    venue = X25519PrivateKey.generate()
    escrow = {"BOXOFFICE_ESCROW_KEY": venue.public_key().public_bytes_raw().hex()}
    store = Store.open(folder, till_key(folder, environ=escrow))
    bodies.pair(store)
    sale = bodies.sell(store)
    store.close()
    ring.kept.clear()
    key = open_escrow((folder / ESCROW_NAME).read_bytes(), venue.private_bytes_raw())
    assert key not in on_disk(folder)
    again = Store.open(folder, till_key(folder, environ={"BOXOFFICE_TILL_KEY": key.hex()}))
    assert again.read(lambda tx: tx.sales.get(sale.sale)).sale == sale
    again.close()


def test_an_escrow_copy_opens_for_its_venue_alone_and_only_whole(tmp_path: Path) -> None:
    venue, other = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    public = venue.public_key().public_bytes_raw()
    sealed = seal_escrow(KEY, public)
    assert sealed != seal_escrow(KEY, public)  # never the same twice
    assert KEY not in sealed
    assert open_escrow(sealed, venue.private_bytes_raw()) == KEY
    with pytest.raises(WrongEscrowKey):
        open_escrow(sealed, other.private_bytes_raw())
    for position in range(len(sealed)):
        broken = bytearray(sealed)
        broken[position] ^= 4
        with pytest.raises(WrongEscrowKey):
            open_escrow(bytes(broken), venue.private_bytes_raw())
    for length in (0, 5, 20, len(sealed) - 1):
        with pytest.raises(WrongEscrowKey):
            open_escrow(sealed[:length], venue.private_bytes_raw())
    path = keep_escrow(tmp_path, KEY, public)
    assert open_escrow(path.read_bytes(), venue.private_bytes_raw()) == KEY


def test_an_escrow_key_that_is_none_is_refused(folder: Path) -> None:
    with pytest.raises(Malformed, match="BOXOFFICE_ESCROW_KEY"):
        till_key(folder, environ={"BOXOFFICE_TILL_KEY": KEY.hex(), "BOXOFFICE_ESCROW_KEY": "abc"})


IN_A_SESSION = """
import sys
from pathlib import Path
from boxoffice.store.keys import till_key
first = till_key(Path(sys.argv[1]), "boxoffice-test", {})
assert till_key(Path(sys.argv[1]), "boxoffice-test", {}) == first
print(first.hex())
"""


def test_a_real_keyring_keeps_the_key_over_sessions(tmp_path: Path) -> None:
    tools = {name: shutil.which(name) for name in ("dbus-run-session", "gnome-keyring-daemon")}
    missing = [name for name, path in tools.items() if path is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    home, runtime = tmp_path / "home", tmp_path / "runtime"
    home.mkdir()
    runtime.mkdir(mode=0o700)
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(runtime),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    (tmp_path / "ask.py").write_text(IN_A_SESSION)

    def session(password: str) -> subprocess.CompletedProcess[str]:
        unlock = f"printf %s '{password}' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1"
        ask = f"'{sys.executable}' '{tmp_path / 'ask.py'}' '{tmp_path / 'till'}'"
        return subprocess.run(
            ["dbus-run-session", "--", "sh", "-c", f"{unlock}; {ask}"],
            env=environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    first, second = session("opera"), session("opera")
    assert first.returncode == 0, first.stderr
    assert len(first.stdout.strip()) == 64
    assert second.stdout == first.stdout
    locked = session("not it")
    assert locked.returncode != 0
    assert "NoKeyring" in locked.stderr
    assert "keyring is locked" in locked.stderr
    assert first.stdout.strip().encode() not in on_disk(tmp_path)
