"""A till that is killed at the worst moment: the sale is durable, nobody was told. Run by test_interruptions."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

from PySide6.QtWidgets import QApplication

from boxoffice.services.selling import Selling
from tests.program.counter import Counter
from ui.theme import apply_style, load_fonts

_sell = Selling.sell


def _sell_and_die(*args: Any, **options: Any) -> None:
    _sell(*args, **options)
    os.kill(os.getpid(), signal.SIGKILL)


def run(folder: Path) -> None:
    app = QApplication([])
    load_fonts()
    apply_style(app, None)
    with patch.object(Selling, "sell", _sell_and_die):
        Counter(folder).open().ready().sell_two()


if __name__ == "__main__":
    run(Path(sys.argv[1]))
