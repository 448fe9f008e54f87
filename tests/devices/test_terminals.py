from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from boxoffice.devices.terminals import (
    CardOutcome,
    CardResult,
    CardTerminal,
    ManualRequest,
    ManualTerminal,
    Movement,
    SimulatedTerminal,
    TerminalCondition,
)
from boxoffice.domain.money import Money


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def at_once(event: threading.Event, _: float) -> bool:
    return event.is_set()


@pytest.fixture
def simulated() -> SimulatedTerminal:
    return SimulatedTerminal(wait=at_once)


@pytest.mark.parametrize(
    ("minor", "answer", "later", "charged"),
    [
        (8600, CardOutcome.APPROVED, CardOutcome.APPROVED, True),
        (1201, CardOutcome.DECLINED, CardOutcome.DECLINED, False),
        (1202, CardOutcome.TIMED_OUT, CardOutcome.APPROVED, True),
        (1203, CardOutcome.TIMED_OUT, None, False),
    ],
)
def test_the_simulated_terminal_behaves_by_the_amount(
    simulated: SimulatedTerminal, minor: int, answer: CardOutcome, later: CardOutcome | None, charged: bool
) -> None:
    assert simulated.charge(eur(minor), "a").outcome is answer
    status = simulated.status("a")
    assert (status.outcome if status else None) is later
    assert simulated.movements == ((Movement("a", eur(minor)),) if charged else ())


def test_asked_twice_with_one_reference_it_charges_once(simulated: SimulatedTerminal) -> None:
    first = simulated.charge(eur(8600), "a")
    assert simulated.charge(eur(8600), "a") == first
    assert simulated.charge(eur(100), "a").outcome is CardOutcome.DECLINED
    assert simulated.movements == (Movement("a", eur(8600)),)


def test_an_approval_shows_no_more_than_four_digits_of_the_card(simulated: SimulatedTerminal) -> None:
    result = simulated.charge(eur(8600), "a")
    assert len(result.auth_code) == 6
    assert sum(char.isdigit() for char in result.masked_pan) == 4


def test_no_more_is_refunded_than_was_paid(simulated: SimulatedTerminal) -> None:
    simulated.charge(eur(8600), "a")
    assert simulated.refund(eur(5000), "a", "r1").outcome is CardOutcome.APPROVED
    assert simulated.refund(eur(5000), "a", "r2").outcome is CardOutcome.DECLINED
    assert simulated.refund(eur(3600), "a", "r3").outcome is CardOutcome.APPROVED
    assert simulated.refund(eur(100), "nobody", "r4").outcome is CardOutcome.DECLINED
    assert sum(movement.amount.minor for movement in simulated.movements) == 0


def test_an_unplugged_terminal_is_silent_and_charges_nothing(simulated: SimulatedTerminal) -> None:
    simulated.set_reachable(False)
    assert simulated.state().condition is TerminalCondition.OFFLINE
    assert simulated.charge(eur(8600), "a").outcome is CardOutcome.TIMED_OUT
    assert simulated.status("a") == CardResult(CardOutcome.TIMED_OUT)
    assert simulated.movements == ()


@pytest.mark.parametrize("minor", [0, -100])
def test_an_amount_is_above_zero(simulated: SimulatedTerminal, minor: int) -> None:
    with pytest.raises(ValueError, match="amount"):
        simulated.charge(eur(minor), "a")


def in_background(call: Callable[[], CardResult]) -> tuple[threading.Thread, list[CardResult]]:
    results: list[CardResult] = []
    thread = threading.Thread(target=lambda: results.append(call()))
    thread.start()
    return thread, results


def cancelled_while_waiting(terminal: CardTerminal, waits: threading.Event) -> CardResult:
    thread, results = in_background(lambda: terminal.charge(eur(8600), "a"))
    assert waits.wait(5)
    assert terminal.state().condition is TerminalCondition.BUSY
    terminal.cancel("another")
    terminal.cancel("a")
    thread.join(5)
    (result,) = results
    return result


def test_the_simulated_terminal_gives_up_when_it_is_told_to() -> None:
    waits = threading.Event()

    def wait(event: threading.Event, _: float) -> bool:
        waits.set()
        return event.wait(5)

    terminal = SimulatedTerminal(wait=wait)
    assert cancelled_while_waiting(terminal, waits).outcome is CardOutcome.CANCELLED
    assert terminal.movements == ()
    assert terminal.state().condition is TerminalCondition.READY


def test_while_the_customer_is_at_it_the_status_says_so() -> None:
    seen: list[CardResult | None] = []

    def wait(event: threading.Event, _: float) -> bool:
        seen.append(terminal.status("a"))
        return False

    terminal = SimulatedTerminal(wait=wait)
    terminal.charge(eur(8600), "a")
    assert seen == [CardResult(CardOutcome.IN_PROGRESS)]


class Cashier:
    """Sees what to type into the terminal."""

    def __init__(self) -> None:
        self.seen: list[ManualRequest | None] = []
        self.waits = threading.Event()

    def asked(self, request: ManualRequest | None) -> None:
        self.seen.append(request)
        self.waits.set()


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        (lambda terminal: terminal.approve("a", " 123456 "), CardOutcome.APPROVED),
        (lambda terminal: terminal.decline("a"), CardOutcome.DECLINED),
        (lambda terminal: terminal.cancel("a"), CardOutcome.CANCELLED),
    ],
)
def test_by_hand_the_cashier_tells_what_the_terminal_said(
    act: Callable[[ManualTerminal], None], outcome: CardOutcome
) -> None:
    cashier = Cashier()
    terminal = ManualTerminal(cashier.asked, patience_s=5)
    thread, results = in_background(lambda: terminal.charge(eur(8600), "a"))
    assert cashier.waits.wait(5)
    terminal.approve("another", "999999")
    act(terminal)
    thread.join(5)
    (result,) = results
    assert result.outcome is outcome
    assert result.auth_code in ("", "123456")
    assert cashier.seen == [ManualRequest("a", eur(8600), is_refund=False), None]
    assert terminal.status("a") == result
    assert terminal.charge(eur(8600), "a") == result


def test_by_hand_a_cancelled_payment_waits_no_longer() -> None:
    cashier = Cashier()
    terminal = ManualTerminal(cashier.asked, patience_s=5)
    assert cancelled_while_waiting(terminal, cashier.waits).outcome is CardOutcome.CANCELLED


def test_by_hand_silence_stays_in_doubt_and_is_never_taken_for_not_charged() -> None:
    terminal = ManualTerminal(lambda _: None, patience_s=0.01)
    assert terminal.refund(eur(8600), "a", "r").outcome is CardOutcome.TIMED_OUT
    assert terminal.status("r") == CardResult(CardOutcome.TIMED_OUT)
    terminal.approve("r", "too late")
    assert terminal.status("r") == CardResult(CardOutcome.TIMED_OUT)
