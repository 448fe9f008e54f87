"""The documents speak of what is there: links, paths and commands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
PLACE = re.compile(r"`((?:boxoffice|ui|sync|central|docs|tests|packaging|resources)/[\w./-]+)`")
COMMAND = re.compile(r"make (\w+)")
TARGET = re.compile(r"^(\w+):", re.MULTILINE)


def text_of(document: Path) -> str:
    return document.read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    assert [link for link in LINK.findall(text_of(document)) if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_that_is_named_exists(document: Path) -> None:
    assert [place for place in PLACE.findall(text_of(document)) if not (ROOT / place).exists()] == []


def test_the_commands_in_the_documents_and_in_the_makefile_are_the_same() -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
    told = {
        command
        for document in (ROOT / "README.md", ROOT / "CONTRIBUTING.md")
        for command in COMMAND.findall(text_of(document))
    }
    assert told == targets


def help_of(*program: str) -> str:
    done = subprocess.run(
        [sys.executable, *program, "--help"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_command_and_option_of_central_that_is_told_exists() -> None:
    running = text_of(ROOT / "docs" / "running.md")
    told = set(re.findall(r"python -m central ([\w-]+)", running))
    offered = re.findall(r"^    ([\w-]+)(?:  |$)", help_of("-m", "central"), re.MULTILINE)
    assert told == set(offered)
    assert [
        option
        for option in ("--data", "--database", "--host", "--port")
        if option not in help_of("-m", "central", "serve")
    ] == []


def test_every_option_of_the_program_that_is_told_exists() -> None:
    told = set(re.findall(r"`(--[\w-]+)[ `]", text_of(ROOT / "docs" / "running.md")))
    offered = help_of("main.py") + help_of("-m", "central", "serve") + help_of("-m", "central", "worker")
    assert {option for option in told if option not in offered} == set()


def test_every_variable_that_is_told_is_read_somewhere() -> None:
    told = {name for document in DOCUMENTS for name in re.findall(r"BOXOFFICE_\w+", text_of(document))}
    code = "".join(
        path.read_text(encoding="utf-8") for place in ("boxoffice", "central") for path in (ROOT / place).rglob("*.py")
    )
    assert {name for name in told if f'"{name}"' not in code} == set()


def test_the_changelog_has_a_place_for_the_next_change() -> None:
    assert "\n## [Unreleased]\n" in text_of(ROOT / "CHANGELOG.md")
