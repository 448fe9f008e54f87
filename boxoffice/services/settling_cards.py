"""Card payments that wait for a person: the terminal would not say, or money moved and no sale or refund has it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from boxoffice.devices.card_payments import CardDesk, CardPayment, OutOfTurn, Stage
from boxoffice.domain.ids import SaleId
from boxoffice.domain.money import Money
from boxoffice.domain.refusals import Refused
from boxoffice.domain.staff import Permission, StaffMember
from boxoffice.domain.tenders import Tender
from boxoffice.store import Store, Tx

_SALES_LOOKED_THROUGH = 500  # the till's latest, for the one that a refund belongs to


class CardNotWaiting(Refused):
    code = "card_not_waiting"


class Waits(StrEnum):
    CHARGE_IN_DOUBT = "charge in doubt"
    REFUND_IN_DOUBT = "refund in doubt"
    CHARGED = "charged"  # and in no sale
    GIVEN_BACK = "given back"  # and no refund is written


@dataclass(frozen=True, slots=True)
class CardMatter:
    """`reference` is ours, and the terminal's too. `order_code` and `customer` of the sale that a refund is about, if
    it was sold here. `is_by_hand`: a person said how it ended, and may take that back."""

    reference: str
    waits: Waits
    amount: Money
    at: datetime | None
    auth_code: str = ""
    masked_pan: str = ""
    sale: SaleId | None = None
    order_code: str = ""
    customer: str = ""
    is_by_hand: bool = False


class SettlingCards:
    def __init__(self, store: Store, cards: CardDesk) -> None:
        self._store, self._cards = store, cards

    def matters(self) -> tuple[CardMatter, ...]:
        """What no card can be taken before first. Reads the store; the terminal is not asked."""
        waiting = sorted(self._cards.in_sight(), key=lambda payment: not payment.is_in_doubt)
        return tuple(map(self._matter, waiting))

    def ask_again(self) -> None:
        """Ask the terminal once more what became of what is in doubt."""
        self._cards.recover()

    def settle(self, reference: str, staff: StaffMember, *, moved: bool) -> None:
        """What `staff` read at the terminal: it `moved` the money, or not. Raises NotAllowed or CardNotWaiting."""
        staff.require(Permission.ATTENTION)
        try:
            self._cards.settle(reference, approved=moved, by=staff.id)
        except OutOfTurn:  # the terminal answered meanwhile, or a colleague was quicker
            raise _gone() from None

    def give_back(self, reference: str, staff: StaffMember) -> Tender:
        """To the card that was charged for nothing. Raises NotAllowed, CardNotWaiting, and as CardDesk.refund does."""
        staff.require(Permission.ATTENTION)
        for payment in self._cards.in_sight():
            if payment.reference == reference and _waits(payment) is Waits.CHARGED:
                return self._cards.refund(payment.amount, reference)
        raise _gone()

    def _matter(self, payment: CardPayment) -> CardMatter:
        matter = CardMatter(
            reference=payment.reference,
            waits=_waits(payment),
            amount=payment.amount,
            at=payment.at,
            auth_code=payment.result.auth_code if payment.result is not None else "",
            masked_pan=payment.result.masked_pan if payment.result is not None else "",
            is_by_hand=payment.is_by_hand,
        )
        return self._store.read(lambda tx: _with_order(matter, payment.original, tx)) if payment.original else matter


def _waits(payment: CardPayment) -> Waits:
    if payment.is_in_doubt:
        return Waits.REFUND_IN_DOUBT if payment.original else Waits.CHARGE_IN_DOUBT
    assert payment.stage is Stage.APPROVED
    return Waits.GIVEN_BACK if payment.original else Waits.CHARGED


def _with_order(matter: CardMatter, original: str, tx: Tx) -> CardMatter:
    for stored in tx.sales.last(_SALES_LOOKED_THROUGH):
        sale = stored.sale
        if any(tender.reference == original for tender in sale.tenders):
            return replace(
                matter,
                sale=sale.sale,
                order_code=sale.order_code,
                customer=sale.customer.name if sale.customer is not None else "",
            )
    return matter


def _gone() -> CardNotWaiting:
    return CardNotWaiting("This payment does not wait any more: it was settled meanwhile.", "Look at the list again.")
