"""Taking money: cash with change, card, and the amounts a cashier is offered."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field

from boxoffice.domain.money import Money
from boxoffice.domain.refusals import Refused
from boxoffice.domain.shifts import DENOMINATIONS, SMALLEST_NOTE
from boxoffice.domain.values import Minor, Value


class TenderKind(StrEnum):
    CASH = "cash"
    CARD = "card"


class TenderShort(Refused):
    code = "tender_short"


class TenderTooMuch(Refused):
    code = "tender_too_much"


class Tender(Value):
    """`minor` is what pays the sale (negative in a refund); `received_minor` what was handed over, for cash.

    `reference` is the terminal's approval, for a card.
    """

    kind: TenderKind
    minor: Minor
    received_minor: Minor = Field(default=0)
    reference: str = ""

    @property
    def change_minor(self) -> int:
        return self.received_minor - self.minor if self.kind is TenderKind.CASH and self.received_minor else 0


def cash(total: Money, received: Money) -> Tender:
    """Raises TenderShort."""
    if received.minor < total.minor:
        raise TenderShort(f"{received} is less than {total}.", "Take the rest, or press Esc.")
    return Tender(kind=TenderKind.CASH, minor=total.minor, received_minor=received.minor)


def check_tenders(total: Money, tenders: Sequence[Tender]) -> None:
    """Raises TenderShort or TenderTooMuch: what is tendered must be the total, to the cent."""
    paid = sum(tender.minor for tender in tenders)
    if paid < total.minor:
        raise TenderShort(f"{Money(total.minor - paid, total.currency)} are still to pay.", "Take another tender.")
    if paid > total.minor:
        raise TenderTooMuch("More is tendered than the sale costs.", "Take one tender back.")


def quick_amounts(total: Money, most: int = 5) -> tuple[Money, ...]:
    """Amounts a customer is likely to hand over above the exact one: rounded up to useful notes."""
    notes = [note for note in DENOMINATIONS.get(total.currency, ()) if note >= SMALLEST_NOTE.get(total.currency, 0)]
    whole = 10**total.digits
    steps = sorted({whole, *notes})
    amounts = sorted({-(-total.minor // step) * step for step in steps} - {total.minor})
    return tuple(Money(minor, total.currency) for minor in amounts[:most])


def hand_back(change: Money) -> dict[int, int]:
    """Pieces to hand back, largest first. Largest-first is the fewest pieces in every currency listed."""
    rest = change.minor
    pieces: dict[int, int] = {}
    for denomination in DENOMINATIONS.get(change.currency, ()):
        if rest >= denomination:
            pieces[denomination], rest = divmod(rest, denomination)
    return pieces
