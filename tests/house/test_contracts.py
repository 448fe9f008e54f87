"""The import contracts hold, and each of them can fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("boxoffice", "ui", "sync", "central")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the code, to be spoiled."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-logo", "--no-cache"], cwd=house, capture_output=True, text=True, check=False, timeout=60
    )


def test_the_house_keeps_its_contracts(house: Path) -> None:
    checked = lint(house)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("importer", "statement", "contract", "chain"),
    [
        ("ui", "import sync", "ui, sync and central stand on boxoffice", "ui.spoilt -> sync"),
        ("sync", "import central", "ui, sync and central stand on boxoffice", "sync.spoilt -> central"),
        ("central", "import ui", "ui, sync and central stand on boxoffice", "central.spoilt -> ui"),
        ("boxoffice/services", "import ui", "ui, sync and central stand on boxoffice", "services.spoilt -> ui"),
        ("boxoffice/store", "import boxoffice.services", "services stand on", "store.spoilt -> boxoffice.services"),
        ("boxoffice/domain", "import boxoffice.store", "services stand on", "domain.spoilt -> boxoffice.store"),
        ("boxoffice/documents", "import boxoffice.store", "services stand on", "documents.spoilt -> boxoffice.store"),
        ("boxoffice/domain", "import sqlalchemy", "domain is pure", "domain.spoilt -> sqlalchemy"),
        ("boxoffice/domain", "import httpx", "domain is pure", "domain.spoilt -> httpx"),
        ("boxoffice/services", "from PySide6 import QtCore", "only ui knows Qt", "services.spoilt -> PySide6"),
        ("ui", "import httpx", "boxoffice and ui know no HTTP", "ui.spoilt -> httpx"),
        ("central", "import boxoffice.store", "central shares the rules", "central.spoilt -> boxoffice.store"),
        ("ui", "import main", "nothing imports main.py", "ui.spoilt -> main"),
    ],
)
def test_a_forbidden_import_breaks_its_contract_also_inside_a_function(
    house: Path, importer: str, statement: str, contract: str, chain: str
) -> None:
    spoilt = f"def leak() -> None:\n    {statement}\n"
    (house / importer / "spoilt.py").write_text(spoilt, encoding="utf-8")
    checked = lint(house)
    assert checked.returncode == 1
    broken = [line for line in checked.stdout.splitlines() if line.endswith("BROKEN")]
    assert any(line.startswith(contract) for line in broken), checked.stdout
    assert chain in checked.stdout
