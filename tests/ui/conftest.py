"""The bundled font and the style sheet, once."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from ui.theme import apply_style, load_fonts


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    load_fonts()
    apply_style(qapp, "light")
    return qapp
