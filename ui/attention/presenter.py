"""What waits for a person, without a widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from PySide6.QtCore import QCoreApplication

from boxoffice.devices.queue import QueuedJob
from boxoffice.domain.refusals import Refused
from boxoffice.domain.staff import StaffMember
from boxoffice.domain.tenders import Tender
from boxoffice.services.attention import Matter
from boxoffice.services.settling_cards import CardMatter
from ui.attention.cards import CardRows, Choice, Way, card_rows
from ui.attention.matters import MatterRows, matter_rows
from ui.formats import Formats
from ui.tasks import TaskRunner

_LOOK, _PRINTS, _CARDS = "attention", "attention.prints", "attention.cards"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Attention", text)


class Matters(Protocol):
    def matters(self) -> tuple[Matter, ...]: ...


class Prints(Protocol):
    def failed(self) -> tuple[QueuedJob, ...]: ...
    def retry(self, job: QueuedJob) -> None: ...
    def give_up(self, job: QueuedJob) -> None: ...


class Cards(Protocol):
    """Blocks, `ask_again` and `give_back` for as long as the terminal takes; see boxoffice.services.settling_cards."""

    def matters(self) -> tuple[CardMatter, ...]: ...
    def ask_again(self) -> None: ...
    def settle(self, reference: str, staff: StaffMember, *, moved: bool) -> None: ...
    def give_back(self, reference: str, staff: StaffMember) -> Tender: ...


@dataclass(frozen=True, slots=True)
class AttentionState:
    """`is_busy` while the terminal is asked or a card is settled: nothing else is pressed for a card then."""

    cards: tuple[CardRows, ...] = ()
    matters: tuple[MatterRows, ...] = ()
    prints: tuple[QueuedJob, ...] = ()
    is_busy: bool = False

    @property
    def count(self) -> int:
        return len(self.cards) + len(self.matters) + len(self.prints)


class AttentionView(Protocol):
    def show_state(self, state: AttentionState) -> None: ...
    def show_refusal(self, error: Refused) -> None: ...
    def say_done(self, what: str, text: str) -> None: ...
    def say_open(self, what: str, text: str) -> None:
        """It was tried, and waits as before."""

    def ask(self, choice: Choice, agreed: Callable[[], None]) -> None:
        """Before what cannot be undone."""


class Ways(Protocol):
    """Out of here, to where a matter is settled."""

    def sell(self) -> None: ...
    def open_order(self, code: str) -> None: ...


class AttentionPresenter:
    def __init__(
        self,
        matters: Matters,
        prints: Prints,
        cards: Cards,
        tasks: TaskRunner,
        formats: Formats,
        staff: Callable[[], StaffMember],
        ways: Ways,
        counted: Callable[[], None],
    ) -> None:
        self._matters, self._prints, self._cards, self._tasks = matters, prints, cards, tasks
        self._formats, self._staff, self._ways, self._counted = formats, staff, ways, counted
        self._view: AttentionView | None = None
        self._state = AttentionState()

    def attach(self, view: AttentionView) -> None:
        self._view = view

    @property
    def state(self) -> AttentionState:
        return self._state

    def refresh(self) -> None:
        def look() -> tuple[tuple[CardMatter, ...], tuple[Matter, ...], tuple[QueuedJob, ...]]:
            return self._cards.matters(), self._matters.matters(), self._prints.failed()

        self._tasks.run(look, lambda found: self._found(*found), self._failed, lane=_LOOK)

    # cards

    def choose(self, card: CardRows, choice: Choice) -> None:
        """A button of a card was pressed. What cannot be undone is asked first."""
        if self._state.is_busy or self._view is None:
            return
        if choice.question:
            self._view.ask(choice, lambda: self._go(card, choice.way))
        else:
            self._go(card, choice.way)

    def _go(self, card: CardRows, way: Way) -> None:
        staff = self._staff()  # who pressed it, whoever is signed in when the terminal answers
        match way:
            case Way.SELL:
                self._ways.sell()
            case Way.ORDER:
                self.open_order(card.order_code)
            case Way.ASK:
                self._do(self._cards.ask_again, lambda: self._asked(card))
            case Way.GIVE_BACK:
                said = _tr("{} went back to the card").format(card.amount)
                self._do(lambda: self._cards.give_back(card.reference, staff), lambda: self._said(said, ""))
            case Way.MOVED | Way.NOT_MOVED:
                moved = way is Way.MOVED
                self._do(lambda: self._cards.settle(card.reference, staff, moved=moved), lambda: self._settled(moved))

    def _settled(self, moved: bool) -> None:
        self._said(
            _tr("Settled. Cards can be taken again"),
            _tr("What is left to do about it stands on its card.") if moved else _tr("The till has let go of it."),
        )

    def _asked(self, card: CardRows) -> None:
        """Called before the list is looked up again: what is told is the list's own to show."""

        def told(waiting: tuple[CardMatter, ...]) -> None:
            if any(card_rows(matter, self._formats) == card for matter in waiting):
                self._still_open()
            else:
                self._said(_tr("The terminal has answered"), _tr("The list is up to date."))

        self._tasks.run(self._cards.matters, told, self._failed, lane=_CARDS)

    def _do(self, work: Callable[[], object], done: Callable[[], None]) -> None:
        self._set_busy(True)

        def ended(_result: object) -> None:
            self._set_busy(False)
            done()
            self.refresh()

        def failed(error: Exception) -> None:
            self._set_busy(False)
            self._failed(error)
            self.refresh()

        self._tasks.run(work, ended, failed, lane=_CARDS)

    # what central said, and papers

    def open_order(self, code: str) -> None:
        self._ways.open_order(code)

    def print_again(self, job: QueuedJob) -> None:
        self._tasks.run(lambda: self._prints.retry(job), lambda _: self.refresh(), self._failed, lane=_PRINTS)

    def give_up(self, job: QueuedJob) -> None:
        self._tasks.run(lambda: self._prints.give_up(job), lambda _: self.refresh(), self._failed, lane=_PRINTS)

    # showing

    def _found(self, cards: tuple[CardMatter, ...], matters: tuple[Matter, ...], prints: tuple[QueuedJob, ...]) -> None:
        before = self._state.count
        rows = tuple(card_rows(card, self._formats) for card in cards)
        told = tuple(matter_rows(matter, self._formats) for matter in matters)
        self._show(AttentionState(rows, told, prints, self._state.is_busy))
        if self._state.count != before:
            self._counted()

    def _set_busy(self, is_busy: bool) -> None:
        self._show(replace(self._state, is_busy=is_busy))

    def _show(self, state: AttentionState) -> None:
        self._state = state
        if self._view is not None:
            self._view.show_state(state)

    def _said(self, what: str, text: str) -> None:
        if self._view is not None:
            self._view.say_done(what, text)

    def _still_open(self) -> None:
        if self._view is not None:
            self._view.say_open(
                _tr("The terminal still does not say"), _tr("Read its journal, then say what it shows.")
            )

    def _failed(self, error: Exception) -> None:
        if isinstance(error, Refused) and self._view is not None:
            self._view.show_refusal(error)
