"""The window: rail, banner, workspaces, status bar, messages, help and lock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from boxoffice.devices.scanners import WedgeSettings
from boxoffice.domain.refusals import Refused
from boxoffice.services.connection import LinkState
from ui.formats import Formats
from ui.shell.overlays import HelpOverlay, OfflineOverlay, Overlay
from ui.shell.rail import Rail
from ui.shell.scanner_keys import ScannerKeys
from ui.shell.session import Session
from ui.shell.status import TillStatus, banner_words, left_items, right_items
from ui.shell.status_bar import StatusBar
from ui.shell.workspace import KeyHint, Notice, Tone, WindowSize, Workspace
from ui.theme import theme_source
from ui.widgets import Banner, Toast, ToastArea

_NO = Qt.KeyboardModifier.NoModifier
_CTRL = Qt.KeyboardModifier.ControlModifier
_CHANGES_EVERY_MS = 200  # a till that pulls forty houses tells of forty changes
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Gate(Protocol):
    """The page that stands before the workspaces: signing in."""

    @property
    def widget(self) -> QWidget: ...

    def enter(self) -> None: ...

    def key_pressed(self, event: QKeyEvent) -> bool: ...

    def resized(self, size: WindowSize) -> None: ...


class Shell(QWidget):
    """Implements Notices. Give it status with `show_status`; it opens and locks itself as `session` changes."""

    closing = Signal()
    try_now_wanted = Signal()  # somebody says that the network is back
    theme_chosen = Signal(str)  # system, light, dark: compose keeps it

    def __init__(
        self,
        workspaces: Sequence[Workspace],
        sign_in: Gate,
        session: Session,
        formats: Formats,
        title: str,
        scanner: WedgeSettings | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("background")
        self.setWindowTitle(title)
        self.setMinimumSize(940, 500)
        self._workspaces = {workspace.place.key: workspace for workspace in workspaces}
        self._sign_in, self._session, self._formats = sign_in, session, formats
        self._status: TillStatus | None = None
        self._current = ""
        self._size: WindowSize | None = None
        self._toasts: dict[QWidget, ToastArea] = {}
        self._is_in_a_field = False
        self.scanner_keys = ScannerKeys(lambda: self.focusWidget() or self, scanner, parent=self)
        self.scanner_keys.scanned.connect(self.scanned)
        self.scanner_keys.garbled.connect(lambda _text: self._scan_garbled())
        self._changes = QTimer(self)
        self._changes.setSingleShot(True)
        self._changes.setInterval(_CHANGES_EVERY_MS)
        self._changes.timeout.connect(self._look_again)
        self._build()
        session.changed.connect(self._session_changed)

    def _build(self) -> None:
        self.banner = Banner()
        self.rail = Rail()
        self.status_bar = StatusBar(self._formats)
        self._stack = QStackedWidget()
        for workspace in self._workspaces.values():
            self._stack.addWidget(workspace.widget)
        self._main = QWidget()
        row = QHBoxLayout(self._main)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(self._stack, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._main)
        self._pages.addWidget(self._sign_in.widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self._pages, 1)
        column.addWidget(self.status_bar)
        self.help = HelpOverlay(self)
        self.help.theme_chosen.connect(self._choose_theme)
        self.offline = OfflineOverlay(self)
        self.offline.try_now_wanted.connect(self.try_now_wanted)
        self.banner.acted.connect(self.offline.open)
        self.rail.chosen.connect(self.go_to)
        self.rail.help_wanted.connect(self.show_help)
        self.rail.lock_wanted.connect(self.lock)

    # what compose tells it

    def open(self) -> None:
        """Show signing in."""
        self._pages.setCurrentWidget(self._sign_in.widget)
        self._sign_in.enter()
        self._show_status()

    def show_status(self, status: TillStatus) -> None:
        self._status = status
        self._show_status()

    def changed(self) -> None:
        """Lists, seats or the link changed: whoever is shown looks again, soon and once for many changes."""
        if not self._changes.isActive():
            self._changes.start()

    def _look_again(self) -> None:
        self.show_badges()
        if self.is_open and self._current:
            self._workspaces[self._current].changed()

    def show_badges(self) -> None:
        for key, workspace in self._workspaces.items():
            self.rail.set_badge(key, workspace.attention)

    def show_crash(self, _error: object) -> None:
        """A bug of ours: said once, plainly, and the counter goes on."""
        self.say(
            Notice(
                Tone.DANGER,
                self.tr("The program made a mistake"),
                self.tr("What was just asked may not have happened: look before you go on. The details are kept."),
                stays=True,
            )
        )

    def scanned(self, text: str) -> None:
        """A scanner read `text`: for the place that is shown, else for the first of Orders and Door that knows it."""
        if not self.is_open or self.current is None:
            return
        others = [self._workspaces[key] for key in ("orders", "door") if key in self._workspaces]
        for workspace in dict.fromkeys([self.current, *others]):
            if not self._session.staff.may(workspace.place.permission):
                continue
            if workspace.scanned(text):
                self.go_to(workspace.place.key)
                return
        self.say(Notice(Tone.CAUTION, self.tr("A code was scanned that this place has no use for.")))

    def _scan_garbled(self) -> None:
        self.say(Notice(Tone.CAUTION, self.tr("The scanner was not understood."), self.tr("Scan once more.")))

    # Notices

    def say(self, notice: Notice) -> None:
        toast = Toast(notice.tone.value, notice.title, notice.text, notice.icon, notice.action, notice.key)
        self._area().show(toast, notice.on_action, stays=notice.stays)

    def show_refusal(self, error: Refused) -> None:
        self.say(Notice(Tone.DANGER, error.message, error.way_out))

    def go_to(self, key: str) -> None:
        workspace = self._workspaces.get(key)
        if workspace is None or not self.is_open or not self._session.staff.may(workspace.place.permission):
            return
        if key == self._current and self._stack.currentWidget() is workspace.widget and workspace.widget.isVisible():
            return
        if self._current and self._current != key:
            self._workspaces[self._current].leave()
        self._current = key
        self.rail.check(key)
        self._stack.setCurrentWidget(workspace.widget)
        workspace.enter()

    # state

    @property
    def is_open(self) -> bool:
        return self._session.is_open

    @property
    def workspaces(self) -> tuple[Workspace, ...]:
        return tuple(self._workspaces.values())

    @property
    def current(self) -> Workspace | None:
        """The workspace that is shown, also while the till is locked over it."""
        return self._workspaces.get(self._current)

    @property
    def toasts(self) -> tuple[Toast, ...]:
        return tuple(toast for area in self._toasts.values() for toast in area.toasts)

    def lock(self) -> None:
        if self.is_open:
            self._session.lock()

    def show_help(self) -> None:
        workspace = self.current
        if workspace is None or not self.is_open:
            return
        self.help.appearance.choose(theme_source().chosen or "system")
        self.help.show_keys(workspace.place.title, workspace.shortcuts(), self._everywhere())
        self.help.open()

    def _session_changed(self) -> None:
        self._close_overlays()
        if not self._session.is_open:
            if self._current:
                self._workspaces[self._current].leave()
            self.open()
            return
        staff = self._session.staff
        allowed = [workspace.place for workspace in self._workspaces.values() if staff.may(workspace.place.permission)]
        self.rail.show_places(allowed)
        self.rail.set_size(self._size or WindowSize.of_width(self.width()))
        self._pages.setCurrentWidget(self._main)
        self._show_status()
        keys = [place.key for place in allowed]
        if keys:
            self.go_to(self._current if self._current in keys else keys[0])

    def _show_status(self) -> None:
        if self._status is None:
            return
        size = self._size or WindowSize.of_width(self.width())
        name = self._session.staff.name if self._session.is_open else ""
        self.status_bar.show_items(
            left_items(self._status, self._formats, size), right_items(self._status, name, self._formats, size)
        )
        words = banner_words(self._status, self._formats, size)
        if words is None:
            self.banner.close_banner()
            self.offline.close_overlay()
        else:
            self.banner.open(words.strong, words.text, words.action, words.icon, words.tone.value)
        if self._status.link.state is LinkState.ONLINE:
            self.offline.close_overlay()

    def _everywhere(self) -> tuple[KeyHint, ...]:
        places = [workspace.place for workspace in self._workspaces.values()]
        staff, everywhere = self._session.staff, self.tr("Everywhere")
        return (
            *(
                KeyHint(f"Ctrl+{place.number}", place.title, self.tr("Go to"))
                for place in places
                if staff.may(place.permission)
            ),
            KeyHint("Ctrl+L", self.tr("Lock"), everywhere),
            KeyHint("Ctrl+Z", self.tr("Undo"), everywhere),
            KeyHint("Esc", self.tr("One step back"), everywhere),
            KeyHint("F11", self.tr("Full screen"), everywhere),
            KeyHint("F1", self.tr("Help"), everywhere),
        )

    def _choose_theme(self, name: str) -> None:
        theme_source().choose(None if name == "system" else name)
        self.theme_chosen.emit(name)

    def _area(self) -> ToastArea:
        """Over what is being looked at; the pay panel, not the chart under it."""
        workspace = self.current
        host = self._sign_in.widget
        if workspace is not None and self.is_open:
            host = workspace.toast_host or workspace.widget
        if host not in self._toasts:
            self._toasts[host] = ToastArea(host)
        return self._toasts[host]

    def _close_overlays(self) -> None:
        overlays: tuple[Overlay, ...] = (self.help, self.offline)
        for overlay in overlays:
            overlay.close_overlay()

    # sizes

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        size = WindowSize.of_width(self.width())
        if size is self._size:
            return
        self._size = size
        self.rail.set_size(size)
        for workspace in self._workspaces.values():
            workspace.resized(size)
        self._sign_in.resized(size)
        self._show_status()

    def showEvent(self, event: QShowEvent) -> None:
        """Keys are read while the window is open. Installing the filter again only moves it to the front."""
        super().showEvent(event)
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def closeEvent(self, event: QCloseEvent) -> None:
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        self._changes.stop()
        self.closing.emit()
        event.accept()

    # keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys, before the widget in focus. Qt also asks for each of its parents: only the first time counts."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        focus = self.focusWidget() or self
        if watched is focus:
            self._is_in_a_field = isinstance(focus, QLineEdit)
        return watched is focus and not self._is_covered(focus) and self._route(event)

    def _is_covered(self, focus: QWidget) -> bool:
        """A dialog, the help or the like lies over the pages and keeps its keys."""
        return focus is not self and not self._pages.isAncestorOf(focus)

    def _route(self, event: QKeyEvent) -> bool:
        if not self.is_open:
            return self._sign_in.key_pressed(event)
        if self.scanner_keys.takes(event):
            return True
        workspace = self.current
        return self._global_key(event) or (workspace is not None and workspace.key_pressed(event))

    def _global_key(self, event: QKeyEvent) -> bool:
        key, modifiers = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if modifiers == _NO and key == Qt.Key.Key_F1:
            self.show_help()
            return True
        if modifiers == _NO and key == Qt.Key.Key_F11:
            self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
            return True
        if modifiers == _CTRL and key == Qt.Key.Key_L:
            self.lock()
            return True
        if modifiers == _CTRL and Qt.Key.Key_1 <= key <= Qt.Key.Key_7:
            number = key - Qt.Key.Key_0
            wanted = [w.place.key for w in self._workspaces.values() if w.place.number == number]
            if wanted:
                self.go_to(wanted[0])
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What nobody else wanted."""
        workspace = self.current
        if workspace is None or not self.is_open:
            super().keyPressEvent(event)
            return
        key, modifiers = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if modifiers == _CTRL and key == Qt.Key.Key_Z:
            if not self._area().press("Ctrl Z"):
                workspace.undo()
        elif modifiers == _NO and key == Qt.Key.Key_Escape:
            workspace.step_back()
        elif modifiers == _NO and key == Qt.Key.Key_F2:
            workspace.find()
        elif modifiers == _NO and key in _ENTER:
            if not self._is_in_a_field:  # a field that Enter is typed into means something by it
                workspace.primary()
        else:
            super().keyPressEvent(event)
