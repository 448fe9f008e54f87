"""The project file names what the code imports, and the program needs nothing that only its developers have."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ("boxoffice", "ui", "sync", "central", "resources")
WORKSHOP = ("tests", "benchmarks", "packaging")
OURS = {*PROGRAM, *WORKSHOP, "main", "bootstrap"}  # scripts in packaging/ find each other by name


def imported(source: str) -> set[str]:
    """Top-level names of every import, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names.add(node.module.partition(".")[0])
    return names - OURS - sys.stdlib_module_names


def imported_by(*places: str) -> set[str]:
    files = [path for place in places for path in (ROOT / place).rglob("*.py")]
    if PROGRAM[0] in places:
        files.append(ROOT / "main.py")
    return set().union(*(imported(path.read_text(encoding="utf-8")) for path in files))


def undeclared(names: set[str], declared: set[str]) -> set[str]:
    providers = packages_distributions()
    return {name for name in names if not {_plain(each) for each in providers.get(name, [name])} & declared}


def declared(*, with_developers: bool) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = list(project["project"]["dependencies"])
    if with_developers:
        asked += project["dependency-groups"]["dev"]
    names = {_plain(re.split(r"[<>=!~;\s\[]", requirement, maxsplit=1)[0]) for requirement in asked}
    # what these two are made of, and what is imported from there by its own name
    parts = {"pyside6": {"pyside6-essentials", "pyside6-addons", "shiboken6"}, "fastapi": {"starlette"}}
    return names.union(*(parts.get(name, set()) for name in names))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_program_imports_only_what_it_declares() -> None:
    assert undeclared(imported_by(*PROGRAM), declared(with_developers=False)) == set()


def test_the_workshop_imports_only_what_is_declared_for_developers() -> None:
    assert undeclared(imported_by(*WORKSHOP), declared(with_developers=True)) == set()


def test_an_undeclared_import_would_be_found() -> None:
    assert undeclared(imported("def f():\n    import pytest\n    import os"), declared(with_developers=False)) == {
        "pytest"
    }
