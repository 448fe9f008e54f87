"""Attention on screen: a card a matter, or the calm of nothing to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPlainTextEdit,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from boxoffice.devices.queue import QueuedJob
from boxoffice.domain.refusals import Refused
from ui.attention.cards import CardRows, Choice
from ui.attention.matters import MatterRows
from ui.attention.presenter import AttentionPresenter, AttentionState
from ui.formats import Formats, plural
from ui.shell.workspace import Notice, Notices, Tone, WindowSize
from ui.theme import font, theme, theme_source
from ui.widgets import Button, Dialog, EmptyState, Panel, Text
from ui.widgets.painting import box, draw_icon, painter_of

_WIDEST = 960  # px: longer lines are hard to read
_ICON = 40


class _Badge(QWidget):
    """What the matter is about, at a glance."""

    def __init__(self, icon: str, tone: str) -> None:
        super().__init__()
        self._icon, self._tone = icon, tone
        self.setFixedSize(_ICON, _ICON)
        theme_source().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colors = painter_of(self), theme().colors
        box(painter, QRectF(self.rect()), getattr(colors, f"{self._tone}_soft"), None, _ICON / 2)
        draw_icon(painter, self._icon, colors.q(self._tone), (_ICON - 20) / 2, _ICON / 2, 20)


class _Record(QPlainTextEdit):
    """The whole record, to be read to whoever helps from afar."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setFont(font("caption"))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setTabChangesFocus(True)

    def sizeHint(self) -> QSize:
        return QSize(200, 180)


class _Card(Panel):
    """Badge, title and amount; below them what the caller adds to `body`."""

    def __init__(self, icon: str, tone: str, title: str, amount: str) -> None:
        super().__init__(padding=0)
        self.setMaximumWidth(_WIDEST)
        row = QHBoxLayout()
        row.setContentsMargins(20, 16, 20, 16)
        row.setSpacing(16)
        row.addWidget(_Badge(icon, tone), 0, Qt.AlignmentFlag.AlignTop)
        self.lines = QVBoxLayout()
        self.lines.setSpacing(8)
        row.addLayout(self.lines, 1)
        self.body.addLayout(row)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(Text(title, "strong", wrap=True), 1)
        if amount:
            head.addWidget(Text(amount, "title"), 0, Qt.AlignmentFlag.AlignTop)
        self.lines.addLayout(head)

    def say(self, text: str, tone: str = "ink", role: str = "body") -> None:
        self.lines.addWidget(Text(text, role, tone, wrap=True))

    def offer(self, buttons: Sequence[QWidget]) -> None:
        self.lines.addSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in buttons:
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            row.addWidget(button)
        row.addStretch(1)
        self.lines.addLayout(row)


def _steps(steps: Sequence[str]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(2)
    for number, step in enumerate(steps, start=1):
        column.addWidget(Text(f"{number}. {step}", "body", "ink_2", wrap=True))
    return column


class AttentionWidget(QWidget):
    """Implements AttentionView."""

    def __init__(self, presenter: AttentionPresenter, formats: Formats, notices: Callable[[], Notices]) -> None:
        super().__init__()
        self.setObjectName("background")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._presenter, self._formats, self._notices = presenter, formats, notices
        self._shown: AttentionState | None = None
        self._of_cards: list[Button] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(12)
        self._title = Text(self.tr("Attention"), "page")
        self._subtitle = Text("", "body", "ink_2")
        column.addWidget(self._title)
        column.addWidget(self._subtitle)
        self._pages = QStackedWidget()
        calm = Panel()
        calm.body.addWidget(
            EmptyState(
                "shield-check",
                self.tr("Nothing needs you"),
                self.tr(
                    "Conflicts, failed prints and doubtful payments appear here, each with its money and its ways out."
                ),
            )
        )
        self._pages.addWidget(calm)
        self._cards = QWidget()
        self._list = QVBoxLayout(self._cards)
        self._list.setContentsMargins(0, 0, 6, 0)
        self._list.setSpacing(12)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._cards)
        self._pages.addWidget(scroll)
        column.addWidget(self._pages, 1)

    def show_state(self, state: AttentionState) -> None:
        before, self._shown = self._shown, state
        if before is not None and replace(before, is_busy=state.is_busy) == state:
            self._enable(not state.is_busy)  # the cards stay, and with them the focus
            return
        self._subtitle.setText(plural("AttentionWidget", "{} matter waits", "{} matters wait", state.count))
        self._subtitle.setVisible(bool(state.count))
        self._pages.setCurrentIndex(1 if state.count else 0)
        had_focus = self._cards.isAncestorOf(self.window().focusWidget() or self)
        self._clear()
        for card in state.cards:
            self._list.addWidget(self._card(card))
        for matter in state.matters:
            self._list.addWidget(self._matter(matter))
        for job in state.prints:
            self._list.addWidget(self._print(job))
        self._list.addStretch(1)
        self._enable(not state.is_busy)
        if had_focus:
            self.setFocus()

    def show_refusal(self, error: Refused) -> None:
        self._notices().show_refusal(error)

    def say_done(self, what: str, text: str) -> None:
        self._notices().say(Notice(Tone.SUCCESS, what, text))

    def say_open(self, what: str, text: str) -> None:
        self._notices().say(Notice(Tone.CAUTION, what, text))

    def ask(self, choice: Choice, agreed: Callable[[], None]) -> None:
        dialog = Dialog(self, choice.question, choice.meaning, choice.confirm, self.tr("Look again"))
        dialog.confirmed.connect(agreed)
        dialog.ask()

    def set_size(self, size: WindowSize) -> None:
        self._title.setVisible(size is not WindowSize.NARROW)

    def _clear(self) -> None:
        self._of_cards.clear()
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _enable(self, enabled: bool) -> None:
        for button in self._of_cards:
            button.setEnabled(enabled)

    def _card(self, card: CardRows) -> QWidget:
        panel = _Card("credit-card", "danger", card.title, card.amount)
        panel.say(card.text)
        if card.how:
            panel.lines.addLayout(_steps(card.how))
        panel.say(card.where, "ink_2", "caption")
        buttons = []
        for choice in card.choices:
            button = Button(choice.word, choice.role, choice.icon)
            button.setAccessibleDescription(f"{card.title} {card.amount}")
            button.clicked.connect(partial(self._presenter.choose, card, choice))
            buttons.append(button)
        self._of_cards += buttons
        panel.offer(buttons)
        return panel

    def _matter(self, matter: MatterRows) -> QWidget:
        panel = _Card("triangle-alert", "caution", matter.title, matter.amount)
        panel.say(matter.text)
        panel.say(matter.said, "ink_2")
        panel.say(matter.where, "ink_2", "caption")
        record = _Record(matter.raw, self.tr("The whole record"))
        record.hide()
        show = Button(self.tr("Show the record"), "quiet", "eye")
        show.clicked.connect(lambda: record.setVisible(not record.isVisible()))
        buttons = [show]
        if matter.order_code:
            order = Button(self.tr("Open the order"), "accent", "receipt-text")
            order.clicked.connect(partial(self._presenter.open_order, matter.order_code))
            buttons.insert(0, order)
        panel.offer(buttons)
        panel.lines.addWidget(record)
        return panel

    def _print(self, job: QueuedJob) -> QWidget:
        panel = _Card("printer", "caution", self.tr("Did not print: {}").format(job.job.name), "")
        panel.say(f"{job.progress.error} {job.progress.way_out}", "ink_2")
        again = Button(self.tr("Print again"), "accent", "printer")
        give_up = Button(self.tr("Not needed"), "quiet")
        again.clicked.connect(lambda: self._presenter.print_again(job))
        give_up.clicked.connect(lambda: self._presenter.give_up(job))
        panel.offer([again, give_up])
        return panel
