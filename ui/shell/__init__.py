"""The window around the workspaces: rail, banner, status bar, toasts, help, lock.

A workspace is a plain class that implements `Workspace` and owns a widget; `ui/compose.py` makes it and hands the list
to `Shell`, which shows those the person signed in may use:

    class Door(Workspace):
        def __init__(self, ..., notices: Notices) -> None:
            self._view = DoorView()

        @property
        def place(self) -> Place:
            return Place("door", tr("Door"), "scan-line", 2, Permission.ADMIT)

        @property
        def widget(self) -> QWidget:
            return self._view

        def enter(self) -> None: ...

`key_pressed` gets keys before the widget in focus (Sell reads digits so); most places need only `shortcuts()` and
QShortcuts or keyPressEvent of their own. The shell owns the keys of the whole window (F1, F2, Ctrl+1..7, Ctrl+L,
Ctrl+Z, Esc, Enter) and calls the method of the workspace that is shown. Who is signed in is in `Session`; messages go
to `Notices`, which the shell implements. A test or a tour sends keys to `shell.focusWidget() or shell`.
"""

from ui.shell.crashes import CrashKeeper
from ui.shell.session import NobodySignedIn, Session
from ui.shell.status import DeviceStatus, TillStatus
from ui.shell.window import Gate, Shell
from ui.shell.workspace import KeyHint, Notice, Notices, Place, Tone, WindowSize, Workspace

__all__ = [
    "CrashKeeper",
    "DeviceStatus",
    "Gate",
    "KeyHint",
    "NobodySignedIn",
    "Notice",
    "Notices",
    "Place",
    "Session",
    "Shell",
    "TillStatus",
    "Tone",
    "WindowSize",
    "Workspace",
]
