"""Where Tab goes: in the order that is read, and not out of what must be answered first. UI thread only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def chain_focus(stops: Iterable[QWidget]) -> None:
    """One after the other, wherever they were made: Qt puts what is made later last."""
    for one, other in pairwise(stops):
        QWidget.setTabOrder(one, other)


def step_focus(inside: Sequence[QWidget], *, forward: bool) -> None:
    """Tab, or Shift+Tab, among the controls of `inside` alone, round and round."""
    here = inside[0].window().focusWidget() or inside[0]
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    widget: QWidget | None = here
    while widget is not None:
        widget = widget.nextInFocusChain() if forward else widget.previousInFocusChain()
        if widget is None or widget is here:
            return
        if takes_tab(widget) and any(part is widget or part.isAncestorOf(widget) for part in inside):
            widget.setFocus(reason)
            return


def takes_tab(widget: QWidget) -> bool:
    return widget.isVisible() and widget.isEnabled() and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
