"""Tiles of the staff on the left, the PIN pad on the right; keys work everywhere on the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from boxoffice.domain.ids import StaffId
from boxoffice.domain.staff import StaffMember
from ui.shell.workspace import WindowSize
from ui.sign_in.presenter import MOST_DIGITS, PinRows, SignInPresenter, role_name
from ui.theme import font, icon_pixmap, theme, theme_source
from ui.widgets import Avatar, Numpad, Text
from ui.widgets.buttons import PaintedButton
from ui.widgets.painting import box, focus_ring, painter_of, visual

_PAD = {WindowSize.WIDE: 720, WindowSize.COMPACT: 520, WindowSize.NARROW: 380}
_KEY = {WindowSize.WIDE: QSize(120, 96), WindowSize.COMPACT: QSize(112, 80), WindowSize.NARROW: QSize(96, 60)}


class StaffTile(PaintedButton):
    """A person: disc, name, role; in the demo also the PIN."""

    def __init__(self, member: StaffMember, number: int, parent: QWidget | None = None) -> None:
        super().__init__(member.name, parent)
        self._role = role_name(member.role)
        self._pin = self.tr("PIN {}").format(member.demo_pin) if member.demo_pin else ""
        self._height = 104
        self._disc = Avatar(member.name, number, 56, self)
        self._disc.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setCheckable(True)
        self.setAccessibleName(", ".join(part for part in (member.name, self._role, self._pin) if part))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_height(self, height: int) -> None:
        self._height = height
        disc = 56 if height > 80 else 40
        self._disc.setFixedSize(disc, disc)
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        disc = self._disc.height()
        self._disc.move(round(visual(self, QRectF(self._edge, 0, disc, disc)).left()), (self.height() - disc) // 2)

    @property
    def _edge(self) -> int:
        return 20 if self._disc.height() > 50 else 14

    def sizeHint(self) -> QSize:
        return QSize(240, self._height)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, self._height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        rect = QRectF(self.rect())
        on = self.isChecked()
        edge = colors.control_edge if self._hovered else colors.line
        box(painter, rect, colors.surface, None if on else edge, 10)
        if on:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colors.q("accent"), 2.5))
            painter.drawRoundedRect(rect.adjusted(1.25, 1.25, -1.25, -1.25), 10, 10)
        if self.hasFocus() and not on:
            focus_ring(painter, rect, 10)
        middle = rect.center().y()
        x = self._edge + self._disc.width() + 16.0
        pin_width = QFontMetricsF(font("body", 600)).horizontalAdvance(self._pin) + 28 if self._pin else 0.0
        room = rect.width() - x - 16 - (pin_width + 8 if self._pin else 0)
        painter.setPen(colors.q("ink"))
        painter.setFont(font("strong"))
        name = QFontMetricsF(painter.font()).elidedText(self.text(), Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(visual(self, QRectF(x, middle - 24, room, 24)), Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(colors.q("ink_2"))
        painter.setFont(font("body"))
        painter.drawText(visual(self, QRectF(x, middle + 1, room, 22)), Qt.AlignmentFlag.AlignVCenter, self._role)
        if self._pin:
            tag = visual(self, QRectF(rect.right() - pin_width - 14, middle - 14, pin_width, 28))
            box(painter, tag, colors.surface_sunken, colors.line, 14)
            painter.setFont(font("body", 600))
            painter.setPen(colors.q("ink_2"))
            painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, self._pin)


class PinDots(QWidget):
    """How many digits are typed, never which."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filled, self._dots, self._wrong = 0, MOST_DIGITS, False
        self.setFixedSize(260, 28)
        theme_source().changed.connect(self.update)

    def show_dots(self, filled: int, dots: int, *, wrong: bool) -> None:
        self._filled, self._dots, self._wrong = filled, dots, wrong
        self.setAccessibleName(self.tr("{} digits typed").format(filled))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        step = 38
        left = self.width() / 2 - step * (self._dots - 1) / 2
        for index in range(self._dots):
            spot = QRectF(left + index * step - 8, self.height() / 2 - 8, 16, 16)
            if index < self._filled:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colors.q("accent"))
            else:
                painter.setPen(QPen(colors.q("danger" if self._wrong else "control_edge"), 1.6))
                painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(spot.adjusted(0.8, 0.8, -0.8, -0.8))


class _PadSide(QWidget):
    """The surface that the pad stands on."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        painter.fillRect(self.rect(), colors.q("surface"))
        painter.fillRect(visual(self, QRectF(0, 0, 1, self.height())), colors.q("line"))


class _Mark(QWidget):
    """The masks before the venue's name."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.setFixedSize(26, 26)
        theme_source().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        pixmap = icon_pixmap(self._name, theme().colors.q("ink"), 22, self.devicePixelRatioF())
        painter_of(self).drawPixmap(2, 2, pixmap)


class SignInPage(QWidget):
    """Implements SignInView."""

    chosen = Signal(object)  # StaffId
    key = Signal(str)  # a digit, `back` or `clear`

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: dict[StaffId, StaffTile] = {}
        self._staff: tuple[StaffMember, ...] = ()
        self._numbers: dict[StaffId, int] = {}
        self._size = WindowSize.WIDE
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._make_left(), 1)
        row.addWidget(self._make_pad())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Sign in"))

    def _make_left(self) -> QWidget:
        left = QWidget()
        self._left = QVBoxLayout(left)
        self._left.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(8)
        self._venue = Text("", "strong")
        self._till = Text("", "strong", "ink_2", weight=400)
        head.addWidget(_Mark("drama"))
        head.addWidget(self._venue)
        head.addWidget(self._till)
        head.addStretch()
        self._question = Text(self.tr("Who is at the counter?"), "total")
        self._today = Text("", "strong", "ink_2", weight=400, wrap=True)
        self._grid_host = QWidget()
        self._grid = QGridLayout(self._grid_host)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(16)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._grid_host)
        column.addStretch()
        scroll.setWidget(inside)
        self._left.addLayout(head)
        self._left.addSpacing(20)
        self._left.addWidget(self._question)
        self._left.addWidget(self._today)
        self._left.addSpacing(24)
        self._left.addWidget(scroll, 1)
        return left

    def _make_pad(self) -> QWidget:
        self._pad = _PadSide()
        column = QVBoxLayout(self._pad)
        column.setSpacing(6)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._avatar = Avatar(size=88)
        self._name = Text("", "page")
        self._prompt = Text("", "strong", "ink_2", weight=400, wrap=True)
        self._prompt.setMinimumHeight(44)
        for words in (self._name, self._prompt):
            words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._dots = PinDots()
        self._numpads = {size: Numpad("pin", key) for size, key in _KEY.items()}
        for numpad in self._numpads.values():
            numpad.pressed.connect(self.key)
        self._works = Text(self.tr("Works without the network."), "body", "ink_2")
        self._works.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)
        column.addWidget(self._avatar, 0, centre)
        column.addSpacing(6)
        column.addWidget(self._name)
        column.addWidget(self._prompt)
        column.addWidget(self._dots, 0, centre)
        self._pad_gap = QWidget()
        column.addWidget(self._pad_gap)
        for numpad in self._numpads.values():
            column.addWidget(numpad, 0, centre)
        column.addSpacing(16)
        column.addWidget(self._works)
        column.addStretch(1)
        return self._pad

    # showing

    @property
    def tiles(self) -> dict[StaffId, StaffTile]:
        return self._tiles

    @property
    def prompt(self) -> str:
        return self._prompt.text()

    def show_where(self, venue: str, till: str, today: str) -> None:
        self._venue.setText(venue)
        self._till.setText(till)
        self._today.setText(today)

    def show_staff(self, staff: Sequence[StaffMember], chosen: StaffId | None) -> None:
        if tuple(staff) != self._staff:
            self._staff = tuple(staff)
            self._make_tiles()
        for staff_id, tile in self._tiles.items():
            tile.setChecked(staff_id == chosen)

    def show_pin(self, rows: PinRows) -> None:
        number = next((n for member in self._staff for n in [self._numbers[member.id]] if member.name == rows.name), 0)
        self._avatar.show_person(rows.name, number)
        self._avatar.setVisible(bool(rows.name) and self._size is not WindowSize.NARROW)
        self._name.setText(rows.name)
        if rows.is_checking:
            prompt = self.tr("One moment")
        else:
            prompt = rows.message or (self.tr("Enter your PIN") if rows.name else self.tr("Choose your name"))
        self._prompt.setText(prompt)
        self._prompt.set_tone("danger" if rows.is_wrong else "ink_2")
        self._dots.show_dots(rows.filled, rows.dots, wrong=rows.is_wrong)
        for numpad in self._numpads.values():
            numpad.setEnabled(not rows.wait_s)

    def set_size(self, size: WindowSize) -> None:
        self._size = size
        wide, narrow = size is WindowSize.WIDE, size is WindowSize.NARROW
        edge = 112 if wide else 56 if not narrow else 24
        self._left.setContentsMargins(edge, 84 if wide else 40 if not narrow else 16, 72 if wide else 32, 16)
        self._pad.setFixedWidth(_PAD[size])
        self._question.setFont(font("total" if not narrow else "page"))
        self._grid.setSpacing(16 if wide else 10)
        for kind, numpad in self._numpads.items():
            numpad.setVisible(kind is size)
        self._pad_gap.setFixedHeight(28 if wide else 14 if not narrow else 2)
        self._avatar.setVisible(not narrow)
        self._works.setVisible(not narrow)
        for tile in self._tiles.values():
            tile.set_height(104 if wide else 84 if not narrow else 64)
        self._lay_tiles()

    def _make_tiles(self) -> None:
        for tile in self._tiles.values():
            self._grid.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        self._tiles = {}
        self._numbers = {member.id: number for number, member in enumerate(self._staff)}
        for number, member in enumerate(self._staff):
            tile = StaffTile(member, number)
            tile.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            tile.clicked.connect(lambda _checked=False, staff_id=member.id: self.chosen.emit(staff_id))
            self._tiles[member.id] = tile
        self.set_size(self._size)

    def _lay_tiles(self) -> None:
        columns = 1 if self._size is WindowSize.NARROW else 2
        for index, tile in enumerate(self._tiles.values()):
            self._grid.addWidget(tile, index // columns, index % columns)
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)


class SignIn:
    """The gate before the workspaces."""

    def __init__(self, page: SignInPage, presenter: SignInPresenter, where: Callable[[], tuple[str, str, str]]) -> None:
        """`where` gives venue, till, and a sentence about today; it must not block."""
        self._page, self._presenter, self._where = page, presenter, where
        page.chosen.connect(presenter.choose)
        page.key.connect(self._key)
        self._seconds = QTimer(page)
        self._seconds.setInterval(1000)
        self._seconds.timeout.connect(self._tick)

    @property
    def widget(self) -> QWidget:
        return self._page

    @property
    def page(self) -> SignInPage:
        return self._page

    def enter(self) -> None:
        self._page.show_where(*self._where())
        self._presenter.enter()
        self._seconds.start()
        self._page.setFocus(Qt.FocusReason.OtherFocusReason)

    def resized(self, size: WindowSize) -> None:
        self._page.set_size(size)

    def key_pressed(self, event: QKeyEvent) -> bool:
        """Digits, Backspace, Esc and Enter make the PIN; arrows choose a name."""
        key, text = Qt.Key(event.key()), event.text()
        if text.isascii() and text.isdigit():
            self._presenter.digit(text)
        elif key == Qt.Key.Key_Backspace:
            self._presenter.backspace()
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Delete):
            self._presenter.clear()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._presenter.submit()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Right):
            self._presenter.choose_next(1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Left):
            self._presenter.choose_next(-1)
        else:
            return False
        return True

    def _key(self, key: str) -> None:
        if key == "back":
            self._presenter.backspace()
        elif key == "clear":
            self._presenter.clear()
        else:
            self._presenter.digit(key)

    def _tick(self) -> None:
        if not self._page.isVisible():
            self._seconds.stop()
        else:
            self._page.show_where(*self._where())
            self._presenter.tick()
