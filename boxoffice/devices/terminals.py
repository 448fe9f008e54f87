"""Card terminals. What was asked of one is written down first, and after silence its status comes before anything."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from boxoffice.domain.money import Money


class CardOutcome(StrEnum):
    APPROVED = "approved"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed out"  # nobody answered: it may have been charged
    IN_PROGRESS = "in progress"  # an answer to `status` only: the customer is still at it


FINAL = frozenset({CardOutcome.APPROVED, CardOutcome.DECLINED, CardOutcome.CANCELLED})


@dataclass(frozen=True, slots=True)
class CardResult:
    """`message` is the terminal's own, for the cashier. `masked_pan` shows at most the last four digits."""

    outcome: CardOutcome
    auth_code: str = ""
    masked_pan: str = ""
    message: str = ""

    @property
    def is_final(self) -> bool:
        return self.outcome in FINAL


class TerminalCondition(StrEnum):
    READY = "ready"
    BUSY = "busy"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class TerminalState:
    """`text` is for the status bar: a few words."""

    condition: TerminalCondition
    text: str


class CardTerminal(Protocol):
    """Amounts are above zero. `reference` is ours: asked twice with the same one, a terminal charges once."""

    def state(self) -> TerminalState:
        """Never raises."""

    def charge(self, amount: Money, reference: str) -> CardResult:
        """Blocks while the customer is at it. Silence is TIMED_OUT, never an exception."""

    def refund(self, amount: Money, original: str, reference: str) -> CardResult:
        """Give back of the payment `original`. Blocks as `charge` does."""

    def status(self, reference: str) -> CardResult | None:
        """What became of it; None when the terminal has never heard of it, TIMED_OUT when it does not answer."""

    def cancel(self, reference: str) -> None:
        """From another thread. The waiting call returns CANCELLED, or APPROVED when the card was quicker."""


Waited = Callable[[threading.Event, float], bool]  # (event, seconds) -> whether the event came


def _wait(event: threading.Event, seconds: float) -> bool:
    return event.wait(seconds)


DECLINES, CHARGES_AND_IS_SILENT, IS_SILENT = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Movement:
    """What the simulated terminal did with money; a refund is negative."""

    reference: str
    amount: Money


class SimulatedTerminal:
    """Behaves by the amount, as test terminals do: 12.01 is declined, 12.02 is charged but nobody answers,
    12.03 never arrives; everything else is approved.
    """

    def __init__(self, latency_s: float = 1.2, wait: Waited = _wait) -> None:
        self._latency_s, self._wait = latency_s, wait
        self._lock = threading.Lock()
        self._known: dict[str, tuple[Money, CardResult]] = {}
        self._running: dict[str, threading.Event] = {}
        self._movements: list[Movement] = []
        self._is_reachable = True

    @property
    def movements(self) -> tuple[Movement, ...]:
        with self._lock:
            return tuple(self._movements)

    def set_reachable(self, reachable: bool) -> None:
        """Pull the plug, for a rehearsal and for tests."""
        with self._lock:
            self._is_reachable = reachable

    def state(self) -> TerminalState:
        with self._lock:
            if not self._is_reachable:
                return TerminalState(TerminalCondition.OFFLINE, "Terminal does not answer")
            if self._running:
                return TerminalState(TerminalCondition.BUSY, "Terminal waits for a card")
        return TerminalState(TerminalCondition.READY, "Terminal ready (simulated)")

    def charge(self, amount: Money, reference: str) -> CardResult:
        return self._move(amount, reference)

    def refund(self, amount: Money, original: str, reference: str) -> CardResult:
        with self._lock:
            paid, result = self._known.get(original, (Money.zero(amount.currency), CardResult(CardOutcome.DECLINED)))
            given_back = sum(m.amount.minor for m in self._movements if m.reference.startswith(f"{original}>"))
        if result.outcome is not CardOutcome.APPROVED or amount.minor > paid.minor + given_back:
            return CardResult(CardOutcome.DECLINED, message="More than was paid")
        return self._move(amount, reference, original)

    def status(self, reference: str) -> CardResult | None:
        with self._lock:
            if not self._is_reachable:
                return CardResult(CardOutcome.TIMED_OUT)
            if reference in self._running:
                return CardResult(CardOutcome.IN_PROGRESS)
            known = self._known.get(reference)
            return known[1] if known is not None else None

    def cancel(self, reference: str) -> None:
        with self._lock:
            running = self._running.get(reference)
        if running is not None:
            running.set()

    def _move(self, amount: Money, reference: str, original: str = "") -> CardResult:
        if amount.minor <= 0:
            raise ValueError(f"not an amount for a terminal: {amount}")
        with self._lock:
            if not self._is_reachable:
                return CardResult(CardOutcome.TIMED_OUT)
            if reference in self._known:
                before, result = self._known[reference]
                return result if before == amount else CardResult(CardOutcome.DECLINED, message="Reference used before")
            cancelled = self._running[reference] = threading.Event()
        try:
            was_cancelled = self._wait(cancelled, self._latency_s)
            return self._decide(amount, reference, original, was_cancelled)
        finally:
            with self._lock:
                del self._running[reference]

    def _decide(self, amount: Money, reference: str, original: str, was_cancelled: bool) -> CardResult:
        behaviour = amount.minor % 100
        if behaviour == IS_SILENT and not was_cancelled:
            return CardResult(CardOutcome.TIMED_OUT)
        pan = "************4242"
        if was_cancelled:
            result = CardResult(CardOutcome.CANCELLED, message="Cancelled at the till")
        elif behaviour == DECLINES:
            result = CardResult(CardOutcome.DECLINED, "", pan, "Declined by the card's bank")
        else:
            code = f"{int(hashlib.sha256(reference.encode()).hexdigest()[:8], 16) % 10**6:06d}"
            result = CardResult(CardOutcome.APPROVED, code, pan, "Approved")
        with self._lock:
            self._known[reference] = amount, result
            if result.outcome is CardOutcome.APPROVED:
                key = f"{original}>{reference}" if original else reference
                self._movements.append(Movement(key, -amount if original else amount))
            is_heard = self._is_reachable and (behaviour != CHARGES_AND_IS_SILENT or was_cancelled)
        return result if is_heard else CardResult(CardOutcome.TIMED_OUT)


@dataclass(frozen=True, slots=True)
class ManualRequest:
    """What the cashier types into a terminal that is not connected."""

    reference: str
    amount: Money
    is_refund: bool


class ManualTerminal:
    """A terminal without a cable: the cashier types the amount into it, and tells the till what it said.

    `asked` is called on the thread that pays, when a request begins and with None when it is over.
    """

    def __init__(self, asked: Callable[[ManualRequest | None], None], patience_s: float = 600) -> None:
        self._asked, self._patience_s = asked, patience_s
        self._answered = threading.Condition()
        self._request: ManualRequest | None = None
        self._answers: dict[str, CardResult] = {}

    def state(self) -> TerminalState:
        with self._answered:
            if self._request is not None:
                return TerminalState(TerminalCondition.BUSY, "Terminal waits for a card")
        return TerminalState(TerminalCondition.READY, "Terminal by hand")

    def charge(self, amount: Money, reference: str) -> CardResult:
        return self._ask(ManualRequest(reference, amount, is_refund=False))

    def refund(self, amount: Money, original: str, reference: str) -> CardResult:
        return self._ask(ManualRequest(reference, amount, is_refund=True))

    def status(self, reference: str) -> CardResult | None:
        """Never None: only the terminal itself knows what it did, and a person must read it."""
        with self._answered:
            return self._answers.get(reference, CardResult(CardOutcome.TIMED_OUT))

    def cancel(self, reference: str) -> None:
        self._answer(reference, CardResult(CardOutcome.CANCELLED, message="Cancelled at the till"))

    def approve(self, reference: str, auth_code: str) -> None:
        """`auth_code` is what the terminal's slip shows."""
        self._answer(reference, CardResult(CardOutcome.APPROVED, auth_code.strip(), message="Approved by hand"))

    def decline(self, reference: str) -> None:
        self._answer(reference, CardResult(CardOutcome.DECLINED, message="Declined by the terminal"))

    def _answer(self, reference: str, result: CardResult) -> None:
        with self._answered:
            if self._request is not None and self._request.reference == reference:
                self._answers.setdefault(reference, result)
                self._answered.notify_all()

    def _ask(self, request: ManualRequest) -> CardResult:
        with self._answered:
            known = self._answers.get(request.reference)
            if known is not None:
                return known
            self._request = request
        self._asked(request)
        try:
            with self._answered:
                self._answered.wait_for(lambda: request.reference in self._answers, self._patience_s)
                return self._answers.get(request.reference, CardResult(CardOutcome.TIMED_OUT))
        finally:
            with self._answered:
                self._request = None
            self._asked(None)
