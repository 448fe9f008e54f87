"""What the shell asks of a workspace, and what a workspace may ask of the shell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from boxoffice.domain.refusals import Refused
from boxoffice.domain.staff import Permission


class WindowSize(StrEnum):
    """The three layouts of every screen. Widths are of the window, in logical pixels."""

    WIDE = "wide"  # 1600 and more
    COMPACT = "compact"
    NARROW = "narrow"  # below 1100

    @classmethod
    def of_width(cls, width: int) -> WindowSize:
        if width >= 1600:
            return cls.WIDE
        return cls.COMPACT if width >= 1100 else cls.NARROW


@dataclass(frozen=True, slots=True)
class Place:
    """How the rail, the shortcuts and the help name a workspace.

    `icon` is the name of an icon in resources/icons; `number` its Ctrl+number, fixed by the design: Sell 1, Door 2,
    Orders 3, Shift 4, Attention 5, Reports 6, Setup 7. Staff without `permission` do not see it.
    """

    key: str
    title: str
    icon: str
    number: int
    permission: Permission


@dataclass(frozen=True, slots=True)
class KeyHint:
    """A line of the help overlay: `KeyHint("F5", "Cash")`. `group` is the heading it stands under."""

    keys: str
    what: str
    group: str = ""


class Workspace(Protocol):
    """One room of the program. Subclass it explicitly: everything but `place` and `widget` has a default.

    All methods are called on the UI thread.
    """

    @property
    def place(self) -> Place: ...

    @property
    def widget(self) -> QWidget:
        """Made once and kept; its parent becomes the shell's stack."""
        ...

    def enter(self) -> None:
        """It is shown now: ask for fresh figures, take the focus."""
        return

    def leave(self) -> None:
        """Another one is shown, or the till is locked. Nothing may be lost by it."""
        return

    def key_pressed(self, event: QKeyEvent) -> bool:
        """A key, before the widget in focus sees it. True takes it. For places that read keys wherever the focus is;
        others make QShortcuts or reimplement keyPressEvent in their widget."""
        return False

    def primary(self) -> None:
        """Enter was pressed and nothing else wanted it."""
        return

    def find(self) -> None:
        """F2."""
        return

    def undo(self) -> None:
        """Ctrl+Z."""
        return

    def step_back(self) -> None:
        """Esc."""
        return

    def scanned(self, text: str) -> bool:
        """A scanner read `text`. False when this place has no use for it: the shell then tries Orders and Door."""
        return False

    def resized(self, size: WindowSize) -> None:
        """The window crossed a limit of WindowSize (called once before it is first shown, too)."""
        return

    def changed(self) -> None:
        """Something the till shows changed (a sale elsewhere, a list, the link): refresh if shown."""
        return

    def shortcuts(self) -> Sequence[KeyHint]:
        """The keys of this place, for F1."""
        return ()

    @property
    def toast_host(self) -> QWidget | None:
        """Where messages appear, at the bottom centre; None: over the whole widget. Asked each time."""
        return None

    @property
    def attention(self) -> int:
        """A number for the badge on the rail, 0 for none."""
        return 0


class Tone(StrEnum):
    SUCCESS = "success"
    INFO = "info"
    CAUTION = "caution"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that does not stop the work. With an action about money set `stays`: it then has no time-out."""

    tone: Tone
    title: str
    text: str = ""
    icon: str = ""  # the tone's own if empty
    action: str = ""
    key: str = ""  # the key hint inside the action, such as `Ctrl Z`
    on_action: Callable[[], None] | None = None
    stays: bool = False


class Notices(Protocol):
    """The shell, as workspaces see it."""

    def say(self, notice: Notice) -> None: ...

    def show_refusal(self, error: Refused) -> None:
        """What happened, what it means, and what to press: as a toast that a clerk reads at arm's length."""

    def go_to(self, key: str) -> None:
        """Open another workspace, by the key of its place."""
