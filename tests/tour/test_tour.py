"""The whole day, as a person would take it: the program itself, started from its command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from boxoffice.domain.protocol import KeyBundle
from boxoffice.domain.tokens import verify

ROOT = Path(__file__).resolve().parents[2]
DOTS_PER_POINT = 203 / 72


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tour")
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "tour", "--quick", "--out", str(folder)],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    assert "QPainter" not in done.stderr
    return folder


@pytest.fixture(scope="module")
def report(out: Path) -> Any:
    return json.loads((out / "tour.json").read_text("utf-8"))


pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("tour")]


def test_the_reference_sales_take_no_more_keys_than_promised(report: Any) -> None:
    assert report["reference_sale"]["key_presses"] <= 4
    assert report["reference_sale"]["key_presses_with_another_performance"] <= 8


def test_the_books_balance_and_everything_reached_central(report: Any) -> None:
    assert report["ledger_sum"] == 0
    assert report["facts_pushed"] >= 9  # a shift opened, three sales, three scans, a refund, a shift closed


def test_the_printed_tickets_carry_codes_that_verify(out: Path, report: Any) -> None:
    keys = KeyBundle.model_validate(report["keys"])
    read = []
    for page in pypdfium2.PdfDocument(out / "tickets.pdf"):
        codes = zxingcpp.read_barcodes(page.render(scale=DOTS_PER_POINT).to_pil())
        read += [code.text for code in codes]
    assert read == [ticket["token"] for ticket in report["tickets"]]
    assert len({verify(text, keys.public_key).ticket for text in read}) == len(read) == 6


def test_it_leaves_what_a_manager_would_file(out: Path, report: Any) -> None:
    for name in ("receipt.pdf", "z-report.pdf"):
        assert len(pypdfium2.PdfDocument(out / name)) == 1
    rows = (out / "report.csv").read_text("utf-8-sig").splitlines()
    assert rows[0].startswith("date,performance,")
    assert len(rows) == 3
    assert all((out / name).stat().st_size > 5_000 for name in report["pictures"])
    assert all(step["duration_ms"] >= 0 for step in report["steps"])
