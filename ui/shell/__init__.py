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

The shell owns the keys of the whole window (F1, F2, Ctrl+1..7, Ctrl+L, Ctrl+Z, Esc, Enter) and calls the method of the
workspace that is shown; a workspace makes QShortcuts only for its own. Who is signed in is in `Session`; messages go
to `Notices`.
"""
