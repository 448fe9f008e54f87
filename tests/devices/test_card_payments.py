from __future__ import annotations

import itertools
from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.devices.card_payments import (
    MOST_ASKS,
    CardCancelled,
    CardDeclined,
    CardDesk,
    CardFound,
    CardOver,
    CardPayment,
    CardUnknown,
    MemoryCardIntents,
    OutOfTurn,
    Stage,
    Step,
)
from boxoffice.devices.terminals import CardOutcome, CardResult, SimulatedTerminal, TerminalCondition, TerminalState
from boxoffice.domain.ids import StaffId
from boxoffice.domain.money import Money
from boxoffice.domain.refusals import Refused
from boxoffice.domain.tenders import Tender, TenderKind
from tests.devices.test_terminals import at_once, eur

RUTH = StaffId(UUID(int=9))
APPROVED = CardResult(CardOutcome.APPROVED, "123456")
DECLINED = CardResult(CardOutcome.DECLINED)
CANCELLED = CardResult(CardOutcome.CANCELLED)
SILENT = CardResult(CardOutcome.TIMED_OUT)
BUSY = CardResult(CardOutcome.IN_PROGRESS)

# the terminal's answer to the charge, its answers to each question after it, how it ends, what is next
RULE: list[tuple[CardResult, list[CardResult | None], Stage, Step]] = [
    (APPROVED, [], Stage.APPROVED, Step.NOTHING),
    (DECLINED, [], Stage.DECLINED, Step.NOTHING),
    (CANCELLED, [], Stage.CANCELLED, Step.NOTHING),
    (SILENT, [], Stage.IN_DOUBT, Step.ASK_STATUS),
    (SILENT, [APPROVED], Stage.APPROVED, Step.NOTHING),
    (SILENT, [DECLINED], Stage.DECLINED, Step.NOTHING),
    (SILENT, [CANCELLED], Stage.CANCELLED, Step.NOTHING),
    (SILENT, [None], Stage.NOT_CHARGED, Step.NOTHING),
    (SILENT, [SILENT], Stage.IN_DOUBT, Step.ASK_STATUS),
    (SILENT, [BUSY], Stage.IN_DOUBT, Step.ASK_STATUS),
    (SILENT, [BUSY, SILENT, APPROVED], Stage.APPROVED, Step.NOTHING),
    (SILENT, [SILENT, SILENT, SILENT], Stage.IN_DOUBT, Step.ASK_A_PERSON),
]


@pytest.mark.parametrize(("answer", "told", "stage", "step"), RULE)
def test_after_silence_the_status_comes_before_anything_else(
    answer: CardResult, told: list[CardResult | None], stage: Stage, step: Step
) -> None:
    payment = CardPayment("a", eur(8600)).recorded().answered(answer)
    for result in told:
        assert payment.next_step is Step.ASK_STATUS
        payment = payment.status_told(result)
    assert (payment.stage, payment.next_step) == (stage, step)


@pytest.mark.parametrize("stage", list(Stage))
def test_only_a_recorded_payment_is_ever_charged(stage: Stage) -> None:
    payment = CardPayment("a", eur(8600), stage=stage)
    assert (payment.next_step is Step.CHARGE) == (stage is Stage.RECORDED)
    assert (payment.next_step is Step.RECORD) == (stage is Stage.NEW)


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize(
    ("happens", "allowed"),
    [
        (CardPayment.recorded, {Stage.NEW}),
        (lambda p: p.answered(APPROVED), {Stage.RECORDED}),
        (lambda p: p.status_told(APPROVED), {Stage.IN_DOUBT}),
        (lambda p: p.settled(True), {Stage.IN_DOUBT}),
        (CardPayment.found_again, {Stage.RECORDED, Stage.IN_DOUBT}),
        (CardPayment.done, {Stage.APPROVED}),
    ],
)
def test_nothing_happens_to_a_payment_out_of_turn(
    stage: Stage, happens: Callable[[CardPayment], CardPayment], allowed: set[Stage]
) -> None:
    payment = CardPayment("a", eur(8600), stage=stage)
    if stage in allowed:
        happens(payment)
    else:
        with pytest.raises(OutOfTurn):
            happens(payment)


def test_a_payment_found_after_a_crash_is_asked_about_and_never_charged_again() -> None:
    payment = CardPayment("a", eur(8600)).recorded()
    assert payment.is_open
    assert payment.found_again().next_step is Step.ASK_STATUS


class Desk:
    """A till with a simulated terminal; a crash is a new CardDesk over the same intents."""

    def __init__(self) -> None:
        self.terminal = SimulatedTerminal(wait=at_once)
        self.booked: set[str] = set()
        self.intents = MemoryCardIntents(self.booked.__contains__)
        self.references = (f"T2-{number}" for number in itertools.count(1))
        self.restart()

    def restart(self) -> None:
        self.cards = self.over(self.terminal)

    def over(self, terminal: SimulatedTerminal) -> CardDesk:
        return CardDesk(terminal, self.intents, lambda: next(self.references))

    def sell(self, minor: int) -> str:
        """Pay and book, as the till does."""
        reference = self.cards.pay(eur(minor)).reference
        self.booked.add(reference)
        return reference

    @property
    def charged(self) -> int:
        return sum(movement.amount.minor for movement in self.terminal.movements)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_paid_card_is_a_tender_with_the_terminals_reference(desk: Desk) -> None:
    assert desk.cards.pay(eur(8600)) == Tender(kind=TenderKind.CARD, minor=8600, reference="T2-1")
    assert desk.charged == 8600


def test_a_declined_card_is_no_tender(desk: Desk) -> None:
    with pytest.raises(CardDeclined, match="bank"):
        desk.cards.pay(eur(1201))
    assert desk.charged == 0


def test_silence_after_a_charge_ends_as_paid_once(desk: Desk) -> None:
    assert desk.cards.pay(eur(1202)).minor == 1202
    assert desk.charged == 1202


def test_a_request_that_never_arrived_can_be_tried_again(desk: Desk) -> None:
    with pytest.raises(CardDeclined, match="nothing was charged"):
        desk.cards.pay(eur(1203))
    assert desk.intents.open() == ()


def test_with_no_answer_at_all_nothing_is_charged_until_it_is_known(desk: Desk) -> None:
    desk.terminal.set_reachable(False)
    with pytest.raises(CardUnknown):
        desk.cards.pay(eur(8600))
    assert [payment.asks for payment in desk.intents.open()] == [MOST_ASKS]
    with pytest.raises(CardUnknown):
        desk.cards.pay(eur(5000))
    assert [payment.reference for payment in desk.intents.open()] == ["T2-1"]
    desk.terminal.set_reachable(True)
    assert desk.cards.pay(eur(5000)).minor == 5000
    assert desk.charged == 5000


def unplugged_after_the_charge(desk: Desk, minor: int) -> None:
    """The card is charged, the cable falls out, the cashier sees CardUnknown, and the cable is put back."""

    class Trips(SimulatedTerminal):
        def charge(self, amount: Money, reference: str) -> CardResult:
            desk.terminal.charge(amount, reference)
            desk.terminal.set_reachable(False)
            return SILENT

        def status(self, reference: str) -> CardResult | None:
            return desk.terminal.status(reference)

    with pytest.raises(CardUnknown):
        desk.over(Trips(wait=at_once)).pay(eur(minor))
    desk.terminal.set_reachable(True)


def test_trying_again_after_silence_shows_the_money_first_and_then_uses_it(desk: Desk) -> None:
    unplugged_after_the_charge(desk, 8600)
    with pytest.raises(CardFound, match=r"EUR 86.00") as found:
        desk.cards.pay(eur(8600))
    assert desk.sell(8600) == found.value.payment.reference
    assert desk.charged == 8600
    assert desk.sell(8600) != found.value.payment.reference
    assert desk.charged == 2 * 8600


def test_money_found_for_another_amount_stays_in_sight_and_can_be_given_back(desk: Desk) -> None:
    unplugged_after_the_charge(desk, 8600)
    with pytest.raises(CardFound) as found:
        desk.cards.pay(eur(5000))
    desk.sell(5000)
    (loose,) = desk.cards.recover()
    assert loose == found.value.payment
    desk.cards.refund(eur(8600), loose.reference)
    assert desk.cards.recover() == ()
    assert desk.charged == 5000


def test_a_sale_that_could_not_be_written_down_leaves_its_money_in_sight(desk: Desk) -> None:
    desk.cards.pay(eur(8600))
    desk.restart()
    with pytest.raises(CardFound):
        desk.cards.pay(eur(8600))
    desk.sell(8600)
    assert desk.charged == 8600
    assert desk.cards.recover() == ()


def test_a_person_can_settle_what_the_terminal_does_not_say(desk: Desk) -> None:
    desk.terminal.set_reachable(False)
    with pytest.raises(CardUnknown):
        desk.cards.pay(eur(8600))
    assert desk.cards.settle("T2-1", approved=False, by=RUTH).stage is Stage.DECLINED
    assert desk.cards.recover() == ()
    with pytest.raises(OutOfTurn):
        desk.cards.settle("T2-1", approved=True, by=RUTH)
    with pytest.raises(OutOfTurn):
        desk.cards.settle("nobody", approved=False, by=RUTH)


@pytest.mark.parametrize("moved", [True, False])
def test_what_a_person_settled_is_paid_or_charged_once(desk: Desk, moved: bool) -> None:
    """`moved`: whether the card was charged before the silence; the person reads the terminal rightly."""
    if moved:
        unplugged_after_the_charge(desk, 8600)
    desk.terminal.set_reachable(False)
    if not moved:
        with pytest.raises(CardUnknown):
            desk.cards.pay(eur(8600))
    assert [payment.is_in_doubt for payment in desk.cards.in_sight()] == [True]
    desk.cards.settle("T2-1", approved=moved, by=RUTH)
    desk.terminal.set_reachable(True)
    assert [payment.stage for payment in desk.cards.in_sight()] == ([Stage.APPROVED] if moved else [])
    if moved:
        with pytest.raises(CardFound):
            desk.cards.pay(eur(8600))
    desk.sell(8600)
    assert desk.charged == 8600
    assert desk.cards.in_sight() == ()


def test_nothing_is_given_back_twice_however_often_it_is_pressed(desk: Desk) -> None:
    unplugged_after_the_charge(desk, 8600)
    (loose,) = desk.cards.recover()
    desk.cards.refund(eur(8600), loose.reference)
    with pytest.raises(CardOver):
        desk.cards.refund(eur(8600), loose.reference)
    assert desk.charged == 0


def test_what_was_not_charged_after_all_is_not_given_back(desk: Desk) -> None:
    desk.terminal.set_reachable(False)
    with pytest.raises(CardUnknown):
        desk.cards.pay(eur(8600))
    desk.cards.settle("T2-1", approved=True, by=RUTH)
    desk.cards.settle("T2-1", approved=False, by=RUTH)
    desk.terminal.set_reachable(True)
    with pytest.raises(CardOver):
        desk.cards.refund(eur(8600), "T2-1")
    assert desk.terminal.movements == ()


def test_who_watches_hears_of_every_end(desk: Desk) -> None:
    heard: list[int] = []
    desk.cards.watch(lambda: heard.append(len(desk.cards.in_sight())))
    desk.terminal.set_reachable(False)
    with pytest.raises(CardUnknown):
        desk.cards.pay(eur(8600))
    desk.cards.settle("T2-1", approved=False, by=RUTH)
    assert heard == [1, 0]


class Crash(BaseException):
    pass


def test_a_crash_while_the_card_is_charged_is_cleared_up_at_the_next_start(desk: Desk) -> None:
    class Dies(SimulatedTerminal):
        def charge(self, amount: Money, reference: str) -> CardResult:
            desk.terminal.charge(amount, reference)
            raise Crash

    with pytest.raises(Crash):
        desk.over(Dies(wait=at_once)).pay(eur(8600))
    desk.restart()
    assert [payment.stage for payment in desk.cards.recover()] == [Stage.APPROVED]
    assert desk.charged == 8600


def test_the_intent_is_durable_before_the_terminal_hears_of_it(desk: Desk) -> None:
    class Looks(SimulatedTerminal):
        def charge(self, amount: Money, reference: str) -> CardResult:
            (kept,) = desk.intents.open()
            assert (kept.reference, kept.stage) == (reference, Stage.RECORDED)
            return super().charge(amount, reference)

    desk.over(Looks(wait=at_once)).pay(eur(8600))


def test_a_refund_goes_back_to_the_payment_it_came_from(desk: Desk) -> None:
    paid = desk.sell(8600)
    assert desk.cards.refund(eur(8600), paid).minor == -8600
    assert desk.charged == 0
    with pytest.raises(CardDeclined, match="More than was paid"):
        desk.cards.refund(eur(100), paid)


def test_escape_ends_the_payment_that_runs_and_only_that(desk: Desk) -> None:
    desk.cards.cancel()

    def cancelled(event: object, _: float) -> bool:
        desk.cards.cancel()
        return at_once(event, 0)  # type: ignore[arg-type]

    desk.terminal = SimulatedTerminal(wait=cancelled)
    desk.restart()
    with pytest.raises(CardCancelled):
        desk.cards.pay(eur(8600))
    assert desk.charged == 0


class Fickle:
    """A terminal that says anything at any time, and keeps its own book of what it charged."""

    def __init__(self, script: list[int]) -> None:
        self._script = iter(script)
        self.book: dict[str, CardResult] = {}
        self.charges: list[str] = []

    def _next(self) -> int:
        return next(self._script, 0)

    def state(self) -> TerminalState:
        return TerminalState(TerminalCondition.READY, "")

    def charge(self, amount: Money, reference: str) -> CardResult:
        self.charges.append(reference)
        what = self._next()
        if what % 5 == 4:  # lost on the way there
            return SILENT
        self.book[reference] = (APPROVED, APPROVED, DECLINED, CANCELLED)[what % 5 % 4]
        return SILENT if what >= 5 else self.book[reference]  # lost on the way back

    def refund(self, amount: Money, original: str, reference: str) -> CardResult:
        return self.charge(amount, reference)

    def status(self, reference: str) -> CardResult | None:
        return SILENT if self._next() >= 5 else self.book.get(reference)

    def cancel(self, reference: str) -> None: ...


@given(st.lists(st.integers(0, 9), max_size=60), st.lists(st.sampled_from([8600, 4300]), min_size=1, max_size=6))
def test_whatever_the_terminal_says_money_taken_is_in_a_sale_or_in_sight(script: list[int], wanted: list[int]) -> None:
    terminal, booked, numbers = Fickle(script), set[str](), itertools.count()
    intents = MemoryCardIntents(booked.__contains__)
    cards = CardDesk(terminal, intents, lambda: str(next(numbers)))
    for minor in wanted:
        try:
            reference = cards.pay(eur(minor)).reference
        except Refused:
            continue
        assert reference not in booked
        booked.add(reference)
    assert len(terminal.charges) == len(set(terminal.charges))
    taken = {reference for reference, result in terminal.book.items() if result is APPROVED}
    in_sight = {payment.reference for payment in intents.open()}
    assert booked <= taken <= booked | in_sight
