"""Attention on screen: a card a matter, or the calm of nothing to do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from boxoffice.devices.queue import QueuedJob
from boxoffice.domain.refusals import Refused
from boxoffice.services.attention import Matter
from ui.attention.cards import CardRows, Choice
from ui.attention.presenter import AttentionPresenter, AttentionState
from ui.formats import Formats
from ui.shell.workspace import Notice, Notices, Tone, WindowSize
from ui.widgets import Button, Dialog, Elided, EmptyState, Panel, Text


class AttentionWidget(QWidget):
    """Implements AttentionView."""

    def __init__(self, presenter: AttentionPresenter, formats: Formats, notices: Callable[[], Notices]) -> None:
        super().__init__()
        self.setObjectName("background")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._presenter, self._formats, self._notices = presenter, formats, notices
        self._shown: AttentionState | None = None
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
        if state == self._shown:
            return
        self._shown = state
        words = self.tr("1 matter waits") if state.count == 1 else self.tr("{} matters wait").format(state.count)
        self._subtitle.setText(words if state.count else "")
        self._pages.setCurrentIndex(1 if state.count else 0)
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for card in state.cards:
            self._list.addWidget(self._card(card, state.is_busy))
        for matter in state.matters:
            self._list.addWidget(self._matter(matter))
        for job in state.prints:
            self._list.addWidget(self._print(job))
        self._list.addStretch(1)

    def show_refusal(self, error: Refused) -> None:
        self._notices().show_refusal(error)

    def say_done(self, what: str, text: str) -> None:
        self._notices().say(Notice(Tone.SUCCESS, what, text))

    def ask(self, choice: Choice, agreed: Callable[[], None]) -> None:
        dialog = Dialog(self, choice.question, choice.meaning, choice.confirm, self.tr("Look again"))
        dialog.confirmed.connect(agreed)
        dialog.ask()

    def set_size(self, size: WindowSize) -> None:
        self._title.setVisible(size is not WindowSize.NARROW)

    def _card(self, card: CardRows, is_busy: bool) -> QWidget:
        panel = Panel(padding=20, spacing=8)
        head = QHBoxLayout()
        head.addWidget(Elided(card.title, "strong"), 1)
        head.addWidget(Text(card.amount, "title"))
        panel.body.addLayout(head)
        panel.body.addWidget(Text(card.text, "body", wrap=True))
        for number, step in enumerate(card.how, start=1):
            panel.body.addWidget(Text(f"{number}. {step}", "body", "ink_2", wrap=True))
        panel.body.addWidget(Text(card.where, "caption", "ink_2", wrap=True))
        row = QHBoxLayout()
        for choice in card.choices:
            button = Button(choice.word, choice.role, choice.icon)
            button.setEnabled(not is_busy)
            button.clicked.connect(partial(self._presenter.choose, card, choice))
            row.addWidget(button)
        row.addStretch(1)
        panel.body.addLayout(row)
        return panel

    def _matter(self, matter: Matter) -> QWidget:
        panel = Panel(padding=20, spacing=8)
        head = QHBoxLayout()
        head.addWidget(Elided(matter.title, "strong"), 1)
        if matter.amount is not None:
            head.addWidget(Text(self._formats.money(matter.amount), "title"))
        panel.body.addLayout(head)
        panel.body.addWidget(Text(matter.reason or self.tr("Central gave no reason."), "body", wrap=True))
        where = [matter.customer, matter.order_code, self._formats.moment(matter.at)]
        panel.body.addWidget(Text(" · ".join(part for part in where if part), "body", "ink_2"))
        words = self.tr("The money is booked. A manager settles this with the customer; it stays here until then.")
        panel.body.addWidget(Text(words, "caption", "ink_2", wrap=True))
        raw = QPlainTextEdit(matter.raw)
        raw.setReadOnly(True)
        raw.setAccessibleName(self.tr("The whole record"))
        raw.setFont(QFont("monospace", 10))
        raw.setFixedHeight(180)
        raw.hide()
        show = Button(self.tr("Show the record"), "quiet", "eye")
        show.clicked.connect(lambda: raw.setVisible(not raw.isVisible()))
        panel.body.addWidget(show, 0, Qt.AlignmentFlag.AlignLeft)
        panel.body.addWidget(raw)
        return panel

    def _print(self, job: QueuedJob) -> QWidget:
        panel = Panel(padding=20, spacing=8)
        panel.body.addWidget(Elided(self.tr("Did not print: {}").format(job.job.name), "strong"))
        panel.body.addWidget(Text(f"{job.progress.error} {job.progress.way_out}", "body", "ink_2", wrap=True))
        row = QHBoxLayout()
        again = Button(self.tr("Print again"), "accent", "printer")
        give_up = Button(self.tr("Not needed"), "quiet")
        again.clicked.connect(lambda: self._presenter.print_again(job))
        give_up.clicked.connect(lambda: self._presenter.give_up(job))
        row.addWidget(again)
        row.addWidget(give_up)
        row.addStretch(1)
        panel.body.addLayout(row)
        return panel
