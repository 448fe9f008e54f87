"""What may not be in the repository: addresses of package hosts, paths of one machine, packages without a hash."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Written in pieces, so that this file does not find itself.
HOSTS = re.compile(
    "|".join(("pypi" + r"\.org", "python" + "hosted", "npm" + "js", r"deb\." + "debian", "registry" + r"\."))
)
PLACES = re.compile(r"(?<![\w.~/-])/" + r"(?:work|root|home/" + r"\w+)/[\w.]")
PINNED = re.compile(r"[a-z0-9.-]+==\S+( ;.*)? \\$")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?$")


def tracked_texts() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    files = [ROOT / name.decode() for name in listed.split(b"\0") if name]
    return [path for path in files if path.is_file() and b"\0" not in path.read_bytes()[:8192]]


def findings(text: str) -> list[str]:
    return [found.group() for pattern in (HOSTS, PLACES) for found in pattern.finditer(text)]


def lock_faults(text: str) -> list[str]:
    """Lines of a lock that are neither a pinned package nor its hash, and packages without one."""
    lines = text.splitlines()
    strange = [line for line in lines if not PINNED.match(line) and not HASH.match(line)]
    bare = [
        line
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
        if PINNED.match(line) and not HASH.match(following)
    ]
    return strange + bare


def test_no_tracked_file_names_a_package_host_or_a_place_on_one_machine() -> None:
    found = {str(path.relative_to(ROOT)): findings(path.read_text(errors="replace")) for path in tracked_texts()}
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "text",
    [
        "https://" + "pypi" + ".org/simple",
        "see /" + "work/main/x.py",
        '"/' + 'root/.cache"',
        "/" + "home/somebody/tickets",
    ],
)
def test_such_a_name_would_be_found(text: str) -> None:
    assert findings(text)


@pytest.mark.parametrize(
    "text", ["at work/rest", "a checkout below /root is fine", "https://example.org/work", "a/root/b"]
)
def test_plain_words_are_not_taken_for_a_place(text: str) -> None:
    assert not findings(text)


def test_every_package_of_the_lock_has_a_hash_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert lock_faults(lock) == []
    assert "://" not in lock


def test_a_package_without_a_hash_would_be_found() -> None:
    assert lock_faults("anyio==4.0.0\n") == ["anyio==4.0.0"]
    assert lock_faults("anyio==4.0.0 \\\nhttpx==0.28 \\\n    --hash=sha256:" + "0" * 64) == ["anyio==4.0.0 \\"]


def test_the_lock_pins_every_package_that_the_project_asks_for() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    asked = re.findall(r'^ {4}"([\w-]+)[<>=~]', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(asked) > 20
    assert [name for name in asked if f"\n{name.lower()}==" not in f"\n{lock}"] == []
