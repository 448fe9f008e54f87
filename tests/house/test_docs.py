"""The documents speak of what is there: links, paths and commands."""

from __future__ import annotations

import re
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


def test_the_changelog_has_a_place_for_the_next_change() -> None:
    assert "\n## [Unreleased]\n" in text_of(ROOT / "CHANGELOG.md")
