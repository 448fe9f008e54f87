"""Take a card payment so that no customer pays twice: write down the intent, charge, and after silence ask what became
of it before anything else. Money that was taken and is in no sale stays in sight until it is used or given back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from boxoffice.devices.terminals import CardOutcome, CardResult, CardTerminal
from boxoffice.domain.ids import StaffId
from boxoffice.domain.money import Money
from boxoffice.domain.refusals import Refused
from boxoffice.domain.tenders import Tender, TenderKind


class CardDeclined(Refused):
    code = "card_declined"


class CardCancelled(Refused):
    code = "card_cancelled"


class CardUnknown(Refused):
    """Nobody can say whether the money moved. The payment stays open until a person reads the terminal."""

    code = "card_unknown"

    def __init__(self, payment: CardPayment) -> None:
        moved = (
            f"{payment.amount} went back to the card" if payment.original else f"the card was charged {payment.amount}"
        )
        super().__init__(
            f"The terminal does not say whether {moved}. Cards wait until that is settled.",
            "Do not try again. Call a manager, who reads the terminal's last slip and settles it under Attention.",
        )
        self.payment = payment


class CardFound(Refused):
    """Money was taken, by silence or a crash, that is in no sale. Paying the same amount once more uses it."""

    code = "card_found"

    def __init__(self, payment: CardPayment) -> None:
        approval = f" (approval {payment.result.auth_code})" if payment.result and payment.result.auth_code else ""
        super().__init__(
            f"A card was charged {payment.amount}{approval} and nothing was sold for it.",
            "If it is this customer's, press Card once more: it pays this sale. Otherwise give it back first.",
        )
        self.payment = payment


class CardOver(Refused):
    """Of that payment nothing is left to give back: it went back before, or was never charged."""

    code = "card_over"


class Stage(StrEnum):
    NEW = "new"
    RECORDED = "recorded"  # the terminal may have been asked
    IN_DOUBT = "in doubt"
    APPROVED = "approved"  # and not known to be in a sale
    DONE = "done"  # approved and in a sale, or given back
    DECLINED = "declined"
    CANCELLED = "cancelled"
    NOT_CHARGED = "not charged"  # the terminal has never heard of it


class Step(StrEnum):
    RECORD = "record"
    CHARGE = "charge"
    ASK_STATUS = "ask for the status"
    ASK_A_PERSON = "ask a person"
    NOTHING = "nothing"


MOST_ASKS = 3
_BY_HAND = "Settled by hand"
_STAGES = {
    CardOutcome.APPROVED: Stage.APPROVED,
    CardOutcome.DECLINED: Stage.DECLINED,
    CardOutcome.CANCELLED: Stage.CANCELLED,
}


class OutOfTurn(Exception):
    """A bug of ours: something happened to a payment that its stage does not allow."""


@dataclass(frozen=True, slots=True)
class CardPayment:
    """One payment, or a refund of `original`. Pure: it says what to do next and is told what happened.

    `at` is when it was first kept, None before.
    """

    reference: str
    amount: Money
    original: str = ""
    stage: Stage = Stage.NEW
    result: CardResult | None = None
    asks: int = 0
    at: datetime | None = field(default=None, compare=False)

    @property
    def next_step(self) -> Step:
        if self.stage is Stage.NEW:
            return Step.RECORD
        if self.stage is Stage.RECORDED:
            return Step.CHARGE
        if self.stage is Stage.IN_DOUBT:
            return Step.ASK_STATUS if self.asks < MOST_ASKS else Step.ASK_A_PERSON
        return Step.NOTHING

    @property
    def is_in_doubt(self) -> bool:
        return self.stage in (Stage.RECORDED, Stage.IN_DOUBT)

    @property
    def is_open(self) -> bool:
        return self.is_in_doubt or self.stage is Stage.APPROVED

    @property
    def is_by_hand(self) -> bool:
        """A person said how it ended, and may have been wrong."""
        return self.result is not None and self.result.message == _BY_HAND

    def recorded(self) -> CardPayment:
        return replace(self._at(Stage.NEW), stage=Stage.RECORDED)

    def answered(self, result: CardResult) -> CardPayment:
        """The terminal's answer to the charge itself."""
        return self._at(Stage.RECORDED)._told(result)

    def found_again(self) -> CardPayment:
        """After a crash: recorded once, so it may have been charged. Never charge it again."""
        return replace(self._at(Stage.RECORDED, Stage.IN_DOUBT), stage=Stage.IN_DOUBT, asks=0)

    def status_told(self, result: CardResult | None) -> CardPayment:
        """The terminal's answer to our question."""
        asked = replace(self._at(Stage.IN_DOUBT), asks=self.asks + 1)
        return replace(asked, stage=Stage.NOT_CHARGED) if result is None else asked._told(result)

    def settled(self, approved: bool, auth_code: str = "") -> CardPayment:
        """A person has read the terminal's own journal, or read it once more and takes an earlier word back."""
        outcome = CardOutcome.APPROVED if approved else CardOutcome.DECLINED
        stages = (Stage.IN_DOUBT, Stage.APPROVED) if self.is_by_hand and not approved else (Stage.IN_DOUBT,)
        return self._at(*stages)._told(CardResult(outcome, auth_code, message=_BY_HAND))

    def done(self) -> CardPayment:
        """It is in a sale, or was given back."""
        return replace(self._at(Stage.APPROVED), stage=Stage.DONE)

    def _told(self, result: CardResult) -> CardPayment:
        return replace(self, stage=_STAGES.get(result.outcome, Stage.IN_DOUBT), result=result)

    def _at(self, *stages: Stage) -> CardPayment:
        if self.stage not in stages:
            raise OutOfTurn(f"a payment that is {self.stage.value}")
        return self


class CardIntents(Protocol):
    """Keeps payments. Each call is durable when it returns, and safe from any thread."""

    def keep(self, payment: CardPayment, by: StaffId | None = None) -> None:
        """Writes it, or over the earlier stage of the same reference. `by` is who said how it ended: for the audit."""

    def open(self) -> tuple[CardPayment, ...]:
        """In doubt, or approved and not done; oldest first."""

    def is_booked(self, reference: str) -> bool:
        """Whether a durable sale or refund has a tender with that reference."""


class MemoryCardIntents:
    """For tests. `is_booked` stands for the sales."""

    def __init__(self, is_booked: Callable[[str], bool] = lambda _: True) -> None:
        self._payments: dict[str, CardPayment] = {}
        self._is_booked = is_booked
        self._lock = threading.Lock()

    def keep(self, payment: CardPayment, by: StaffId | None = None) -> None:
        with self._lock:
            self._payments[payment.reference] = payment

    def open(self) -> tuple[CardPayment, ...]:
        with self._lock:
            return tuple(payment for payment in self._payments.values() if payment.is_open)

    def is_booked(self, reference: str) -> bool:
        return self._is_booked(reference)


class CardDesk:
    """Cards at this till, one at a time. All but `cancel` and `watch` blocks. `new_reference` is unique for good."""

    def __init__(
        self,
        terminal: CardTerminal,
        intents: CardIntents,
        new_reference: Callable[[], str],
        between_asks: Callable[[], None] = lambda: None,
    ) -> None:
        self._terminal, self._intents, self._new_reference = terminal, intents, new_reference
        self._between_asks = between_asks
        self._one_at_a_time = threading.Lock()
        self._now: str | None = None
        self._shown: set[str] = set()
        self._handed: set[str] = set()  # to sales that are about to be written
        self._over: set[str] = set()  # gone back, or not charged after all: a screen may not know yet
        self._changed: Callable[[], None] = lambda: None

    def watch(self, changed: Callable[[], None]) -> None:
        """`changed` is called on any thread when what is `in_sight` may be another."""
        self._changed = changed

    def in_sight(self) -> tuple[CardPayment, ...]:
        """What waits for a person: in doubt, or moved without a sale or refund in the books; oldest first.

        Asks the terminal nothing and waits for nobody. It leaves out the payment that runs, and those that `pay` gave
        to a sale: whoever sells has them in hand.
        """
        running = self._now
        payments = self._intents.open()
        in_hand = {running, self._now, *self._handed}
        return tuple(
            payment
            for payment in payments
            if payment.reference not in in_hand
            and (payment.is_in_doubt or not self._intents.is_booked(payment.reference))
        )

    def pay(self, amount: Money) -> Tender:
        """Raises CardDeclined, CardCancelled, CardFound for money that is there already, or CardUnknown.

        After CardFound the cashier has seen that payment: the next `pay` of its amount uses it, another one charges.
        """
        with self._alone():
            loose = [payment for payment in self._settled_ones() if not payment.original]
            new = next((payment for payment in loose if payment.reference not in self._shown), None)
            if new is not None:
                self._shown.add(new.reference)
                raise CardFound(new)
            found = next((payment for payment in loose if payment.amount == amount), None)
            payment = found or self._take(CardPayment(self._new_reference(), amount))
            self._handed.add(payment.reference)
            return Tender(kind=TenderKind.CARD, minor=amount.minor, reference=payment.reference)

    def refund(self, amount: Money, original: str) -> Tender:
        """`original` is the reference of the tender that paid. Raises CardDeclined, CardCancelled, CardUnknown
        or CardOver.

        Money that went back before, by silence or a crash, and for which no refund was written is not given twice.
        """
        with self._alone():
            loose = self._settled_ones()
            if original in self._over:
                raise CardOver("Nothing of this payment is left to give back.", "Leave it as it is.")
            gone = next((back for back in loose if (back.original, back.amount) == (original, amount)), None)
            payment = gone or self._take(CardPayment(self._new_reference(), amount, original))
            self._intents.keep(payment.done())
            for paid in loose:
                if paid.reference == original:
                    self._close(paid)
            return Tender(kind=TenderKind.CARD, minor=-amount.minor, reference=payment.reference)

    def cancel(self) -> None:
        """From any thread: the payment that runs, if one does, ends with CardCancelled unless the card was quicker."""
        reference = self._now
        if reference is not None:
            self._terminal.cancel(reference)

    def recover(self) -> tuple[CardPayment, ...]:
        """Ask what became of payments that a crash or silence left open; those that a person must look at."""
        with self._alone():
            return self._recovered()

    def settle(self, reference: str, *, approved: bool, by: StaffId, auth_code: str = "") -> CardPayment:
        """What `by` read at the terminal. Raises OutOfTurn for a payment whose end is known.

        Approved, it is in sight until a sale uses it or it goes back. Only `not approved` may follow on approved, while
        no sale has it.
        """
        with self._alone():
            payment = next((payment for payment in self._intents.open() if payment.reference == reference), None)
            if payment is None or reference in self._handed or self._intents.is_booked(reference):
                raise OutOfTurn("a payment that is not open")
            if payment.stage is Stage.RECORDED:
                payment = payment.found_again()
            settled = payment.settled(approved, auth_code)
            self._intents.keep(settled, by)
            if not approved:
                self._over.add(reference)
            return next((left for left in self._paired(self._intents.open()) if left == settled), settled)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            with self._one_at_a_time:
                yield
        finally:
            self._changed()

    def _settled_ones(self) -> tuple[CardPayment, ...]:
        """Money that moved and is in no sale or refund. Raises CardUnknown when a payment is in doubt."""
        open_ones = self._recovered()
        for payment in open_ones:
            if payment.is_in_doubt:
                raise CardUnknown(payment)
        return open_ones

    def _recovered(self) -> tuple[CardPayment, ...]:
        return self._paired(tuple(map(self._looked_at, self._intents.open())))

    def _paired(self, payments: tuple[CardPayment, ...]) -> tuple[CardPayment, ...]:
        """The open ones, without what was charged for nothing and has gone back whole: nothing is left to do there."""
        approved = {payment.reference: payment for payment in payments if payment.stage is Stage.APPROVED}
        over: set[str] = set()
        for back in approved.values():
            paid = approved.get(back.original)
            if paid is not None and paid.amount == back.amount and not self._intents.is_booked(paid.reference):
                over |= {paid.reference, back.reference}
        for reference in over:
            self._close(approved[reference])
        return tuple(payment for payment in payments if payment.is_open and payment.reference not in over)

    def _close(self, payment: CardPayment) -> None:
        self._intents.keep(payment.done())
        self._over.add(payment.reference)

    def _looked_at(self, payment: CardPayment) -> CardPayment:
        if payment.is_in_doubt:
            payment = self._carry_on(payment.found_again())
        if payment.stage is Stage.APPROVED and self._intents.is_booked(payment.reference):
            payment = payment.done()
            self._intents.keep(payment)
        return payment

    def _take(self, payment: CardPayment) -> CardPayment:
        self._now = payment.reference
        try:
            return _paid(self._carry_on(payment))
        finally:
            self._now = None

    def _carry_on(self, payment: CardPayment) -> CardPayment:
        while True:
            match payment.next_step:
                case Step.RECORD:
                    payment = payment.recorded()
                case Step.CHARGE:
                    payment = payment.answered(self._ask(payment))
                case Step.ASK_STATUS:
                    if payment.asks:
                        self._between_asks()
                    payment = payment.status_told(self._terminal.status(payment.reference))
                case _:
                    return payment
            self._intents.keep(payment)

    def _ask(self, payment: CardPayment) -> CardResult:
        if payment.original:
            return self._terminal.refund(payment.amount, payment.original, payment.reference)
        return self._terminal.charge(payment.amount, payment.reference)


def _paid(payment: CardPayment) -> CardPayment:
    said = payment.result.message if payment.result is not None else ""
    match payment.stage:
        case Stage.APPROVED:
            return payment
        case Stage.DECLINED:
            raise CardDeclined(
                f"The card was declined{f': {said}' if said else ''}.", "Try another card, or take cash."
            )
        case Stage.CANCELLED:
            raise CardCancelled("The card payment was cancelled.", "Take another tender.")
        case Stage.NOT_CHARGED:
            raise CardDeclined("The terminal did not get the request: nothing was charged.", "Try again.")
        case _:
            raise CardUnknown(payment)
