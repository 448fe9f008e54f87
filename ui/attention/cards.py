"""What a person reads about a card payment that waits, and what may be pressed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QCoreApplication

from boxoffice.services.settling_cards import CardMatter, Waits
from ui.formats import Formats


def _tr(text: str) -> str:
    return QCoreApplication.translate("Attention", text)


class Way(Enum):
    """A way out of a card matter."""

    MOVED = "moved"
    NOT_MOVED = "not moved"
    ASK = "ask"
    SELL = "sell"
    GIVE_BACK = "give back"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Choice:
    """`question`, `meaning` and `confirm` are asked first, unless empty. `role` and `icon` are the button's."""

    way: Way
    word: str
    role: str
    icon: str = ""
    question: str = ""
    meaning: str = ""
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class CardRows:
    """One card of the list. `how` are the steps to find out, in their order."""

    reference: str
    title: str
    amount: str
    text: str
    how: tuple[str, ...]
    where: str
    order_code: str
    choices: tuple[Choice, ...]


def card_rows(matter: CardMatter, formats: Formats) -> CardRows:
    amount = formats.money(matter.amount)
    title, text = _words(matter)
    return CardRows(
        reference=matter.reference,
        title=title,
        amount=amount,
        text=text,
        how=_how(matter, amount, formats),
        where=_where(matter, formats),
        order_code=matter.order_code,
        choices=_choices(matter, amount),
    )


def _words(matter: CardMatter) -> tuple[str, str]:
    match matter.waits:
        case Waits.CHARGE_IN_DOUBT:
            return (
                _tr("Was this card charged?"),
                _tr("The terminal does not say. No card can be taken at this till until it is settled."),
            )
        case Waits.REFUND_IN_DOUBT:
            return (
                _tr("Did this money go back to the card?"),
                _tr("The terminal does not say. No card can be taken at this till until it is settled."),
            )
        case Waits.CHARGED:
            return (
                _tr("A card was charged and nothing was sold for it"),
                _tr(
                    "A sale of the same amount uses it: press Card there, and it is not charged again. Or give it back."
                ),
            )
        case Waits.GIVEN_BACK:
            return (
                _tr("Money went back to a card and no refund is written"),
                _tr(
                    "Refund the same tickets of its order: the card is not asked again, only the books are made right."
                ),
            )


def _how(matter: CardMatter, amount: str, formats: Formats) -> tuple[str, ...]:
    if matter.waits is Waits.CHARGE_IN_DOUBT:
        looked_for = _tr("Look for a payment of {}").format(amount)
        found = _tr("Approved there: it was charged. Declined, cancelled or not there at all: it was not.")
    elif matter.waits is Waits.REFUND_IN_DOUBT:
        looked_for = _tr("Look for a refund of {}").format(amount)
        found = _tr("Approved there: it went back. Declined, cancelled or not there at all: it did not.")
    else:
        return ()
    when = _tr("{} at {}.").format(looked_for, formats.moment(matter.at)) if matter.at is not None else f"{looked_for}."
    return (
        _tr("At the terminal, open its journal, often called Last transactions, or read its last slip."),
        when,
        found,
    )


def _where(matter: CardMatter, formats: Formats) -> str:
    parts = [
        formats.moment(matter.at) if matter.at is not None else "",
        _tr("order {}").format(matter.order_code) if matter.order_code else "",
        matter.customer,
        _tr("card ending {}").format(matter.masked_pan[-4:]) if matter.masked_pan else "",
        _tr("approval {}").format(matter.auth_code) if matter.auth_code else "",
        _tr("reference {}").format(matter.reference),
    ]
    return " · ".join(part for part in parts if part)


def _choices(matter: CardMatter, amount: str) -> tuple[Choice, ...]:
    ask = Choice(Way.ASK, _tr("Ask the terminal again"), "quiet", "refresh-cw")
    match matter.waits:
        case Waits.CHARGE_IN_DOUBT:
            return (_was_charged(amount), _was_not_charged(amount), ask)
        case Waits.REFUND_IN_DOUBT:
            return (_went_back(amount), _did_not_go_back(amount), ask)
        case Waits.CHARGED:
            back = Choice(
                Way.GIVE_BACK,
                _tr("Give it back"),
                "second",
                "undo-2",
                _tr("Give {} back to the card?").format(amount),
                _tr("The terminal is asked to refund it. Nothing may be sold for this payment afterwards."),
                _tr("Give it back"),
            )
            taken_back = (_was_not_charged(amount, "quiet"),) if matter.is_by_hand else ()
            return (Choice(Way.SELL, _tr("Sell for it"), "accent", "ticket"), back, *taken_back)
        case Waits.GIVEN_BACK:
            order = (Choice(Way.ORDER, _tr("Open the order"), "accent", "receipt-text"),) if matter.order_code else ()
            taken_back = (_did_not_go_back(amount, "quiet"),) if matter.is_by_hand else ()
            return (*order, *taken_back)


def _was_charged(amount: str) -> Choice:
    return Choice(
        Way.MOVED,
        _tr("It was charged"),
        "accent",
        "check",
        _tr("The terminal shows {} as approved?").format(amount),
        _tr("It then pays a sale of this amount, or you give it back. If it was not charged, the seats go unpaid."),
        _tr("It was charged"),
    )


def _was_not_charged(amount: str, role: str = "second") -> Choice:
    return Choice(
        Way.NOT_MOVED,
        _tr("It was not"),
        role,
        "x",
        _tr("The terminal shows no approved payment of {}?").format(amount),
        _tr("The till forgets this payment and charges anew. If it was charged after all, the customer pays twice."),
        _tr("It was not charged"),
    )


def _went_back(amount: str) -> Choice:
    return Choice(
        Way.MOVED,
        _tr("It went back"),
        "accent",
        "check",
        _tr("The terminal shows a refund of {} as approved?").format(amount),
        _tr("The till does not give it again. If it did not go back, the customer never gets the money."),
        _tr("It went back"),
    )


def _did_not_go_back(amount: str, role: str = "second") -> Choice:
    return Choice(
        Way.NOT_MOVED,
        _tr("It did not"),
        role,
        "x",
        _tr("The terminal shows no approved refund of {}?").format(amount),
        _tr("The refund can then be made again. If it went back after all, it goes back twice."),
        _tr("It did not go back"),
    )
