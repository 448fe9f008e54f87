from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel

from boxoffice.devices.card_payments import CardUnknown
from boxoffice.domain.facts import CardSettledBody, FactKind, SaleBody
from boxoffice.domain.money import Money
from boxoffice.domain.staff import NotAllowed
from boxoffice.services.settling_cards import CardMatter, CardNotWaiting, Waits
from tests.services.till_at_work import ADULT, FEE, MARA, TillAtWork
from tests.ui.places.conftest import RUTH, Counter
from tests.ui.places.test_orders import find
from ui.attention.cards import Way, card_rows
from ui.attention.workspace import Attention
from ui.formats import Formats
from ui.sell.workspace import Sell
from ui.widgets import Dialog

PRICE = Money(ADULT + FEE, "EUR")
AT = datetime(2026, 11, 14, 18, 30, tzinfo=UTC)
FORMATS = Formats(zone=None, now=lambda: AT)

# what waits, whether a person said how it ended, whether its order is known here; what can be pressed, what is asked
RULE = [
    (Waits.CHARGE_IN_DOUBT, False, False, [Way.MOVED, Way.NOT_MOVED, Way.ASK], {Way.MOVED, Way.NOT_MOVED}),
    (Waits.REFUND_IN_DOUBT, False, True, [Way.MOVED, Way.NOT_MOVED, Way.ASK], {Way.MOVED, Way.NOT_MOVED}),
    (Waits.CHARGED, False, False, [Way.SELL, Way.GIVE_BACK], {Way.GIVE_BACK}),
    (Waits.CHARGED, True, False, [Way.SELL, Way.GIVE_BACK, Way.NOT_MOVED], {Way.GIVE_BACK, Way.NOT_MOVED}),
    (Waits.GIVEN_BACK, False, True, [Way.ORDER], set()),
    (Waits.GIVEN_BACK, True, True, [Way.ORDER, Way.NOT_MOVED], {Way.NOT_MOVED}),
    (Waits.GIVEN_BACK, True, False, [Way.NOT_MOVED], {Way.NOT_MOVED}),
]


@pytest.mark.parametrize(("waits", "by_hand", "known", "pressed", "asked"), RULE)
def test_a_card_that_waits_has_its_ways_out_and_asks_before_those_that_cost_money(
    waits: Waits, by_hand: bool, known: bool, pressed: list[Way], asked: set[Way]
) -> None:
    matter = CardMatter("r-1", waits, PRICE, AT, order_code="K7QX2MP" if known else "", is_by_hand=by_hand)
    rows = card_rows(matter, FORMATS)
    assert [choice.way for choice in rows.choices] == pressed
    assert {choice.way for choice in rows.choices if choice.question} == asked
    assert all("€87.50" in choice.question for choice in rows.choices if choice.question)
    in_doubt = waits in (Waits.CHARGE_IN_DOUBT, Waits.REFUND_IN_DOUBT)
    assert bool(rows.how) == in_doubt
    assert rows.amount == "€87.50"
    assert "reference r-1" in rows.where
    assert ("order K7QX2MP" in rows.where) == known


def lose_the_answer(counter: Counter, till: TillAtWork) -> None:
    """The card is charged, the answer never comes, and the cable is put back too late."""
    counter.go_to("1")
    counter.until(lambda: sell(counter).presenter.house is not None)
    counter.press(Qt.Key.Key_1)
    counter.press(Qt.Key.Key_Return)
    counter.until(lambda: bool(sell(counter).presenter.basket.lines))
    till.terminal.loses_its_answer = True
    counter.press(Qt.Key.Key_F6)
    counter.until(lambda: "does not say" in counter.toasts())


def sell(counter: Counter) -> Sell:
    place = counter.shell.current
    assert isinstance(place, Sell)
    return place


def attention(counter: Counter) -> Attention:
    (place,) = (each for each in counter.shell.workspaces if isinstance(each, Attention))
    return place


def press(counter: Counter, word: str) -> None:
    (button,) = (
        button
        for button in attention(counter).widget.findChildren(QAbstractButton)
        if button.isVisible() and button.text() == word
    )
    button.click()


def agree(counter: Counter) -> str:
    """What was asked."""
    (dialog,) = (each for each in counter.shell.findChildren(Dialog) if each.isVisible())
    said = dialog.accessibleName()
    dialog.confirm_button.click()
    counter.settle()
    return said


def settled(till: TillAtWork) -> list[CardSettledBody]:
    facts = till.store.read(lambda tx: tx.journal.tail(100))
    return [body for body in (fact.parsed() for fact in facts) if isinstance(body, CardSettledBody)]


def sold(till: TillAtWork) -> list[SaleBody]:
    facts = till.store.read(lambda tx: tx.journal.tail(100))
    return [body for body in (fact.parsed() for fact in facts) if isinstance(body, SaleBody)]


def charged(till: TillAtWork) -> int:
    return sum(movement.amount.minor for movement in till.terminal.movements)


def test_a_card_that_was_charged_after_all_pays_the_sale_it_was_meant_for(counter: Counter, till: TillAtWork) -> None:
    lose_the_answer(counter, till)
    counter.until(lambda: attention(counter).attention == 1)
    assert "Call a manager" in counter.toasts()
    counter.go_to("5")
    assert "Was this card charged?" in seen(counter)
    assert "€87.50" in counter.words()
    assert "journal" in counter.words()
    press(counter, "It was charged")
    assert settled(till) == []  # not before it was asked
    assert "€87.50" in agree(counter)
    counter.until(lambda: "nothing was sold for it" in seen(counter))
    (fact,) = settled(till)
    assert (fact.moved, fact.minor, fact.staff) == (True, PRICE.minor, RUTH.id)
    till.terminal.set_reachable(True)
    press(counter, "Sell for it")
    counter.press(Qt.Key.Key_F6)
    counter.until(lambda: "press Card once more" in counter.toasts())
    counter.press(Qt.Key.Key_F6)
    counter.until(lambda: len(sold(till)) == 1)
    assert charged(till) == PRICE.minor
    counter.until(lambda: attention(counter).attention == 0)


def test_a_card_that_was_not_charged_is_let_go_of_and_cards_work_again(counter: Counter, till: TillAtWork) -> None:
    counter.go_to("1")
    till.terminal.set_reachable(False)
    with pytest.raises(CardUnknown):
        till.cards.pay(PRICE)
    counter.until(lambda: attention(counter).attention == 1)
    counter.go_to("5")
    press(counter, "It was not")
    agree(counter)
    counter.until(lambda: attention(counter).attention == 0)
    assert [(fact.moved, fact.staff) for fact in settled(till)] == [(False, RUTH.id)]
    assert "Nothing needs you" in seen(counter)
    till.terminal.set_reachable(True)
    assert till.cards.pay(PRICE).minor == PRICE.minor
    assert charged(till) == PRICE.minor


def test_looking_again_instead_of_answering_settles_nothing(counter: Counter, till: TillAtWork) -> None:
    lose_the_answer(counter, till)
    counter.go_to("5")
    press(counter, "It was not")
    (dialog,) = (each for each in counter.shell.findChildren(Dialog) if each.isVisible())
    dialog.dismiss()
    counter.settle()
    assert settled(till) == []
    assert attention(counter).attention == 1


def test_asked_again_the_terminal_says_it_itself_and_nobody_has_to(counter: Counter, till: TillAtWork) -> None:
    lose_the_answer(counter, till)
    counter.go_to("5")
    press(counter, "Ask the terminal again")
    counter.until(lambda: "still does not say" in counter.toasts())
    till.terminal.set_reachable(True)
    press(counter, "Ask the terminal again")
    counter.until(lambda: "has answered" in counter.toasts())
    counter.until(lambda: "nothing was sold for it" in seen(counter))
    assert settled(till) == []
    press(counter, "Give it back")
    agree(counter)
    counter.until(lambda: attention(counter).attention == 0)
    assert charged(till) == 0


def test_a_wrong_word_can_be_taken_back_while_no_sale_has_it(counter: Counter, till: TillAtWork) -> None:
    till.terminal.set_reachable(False)
    with pytest.raises(CardUnknown):
        till.cards.pay(PRICE)
    (matter,) = till.till.settling_cards.matters()
    till.till.settling_cards.settle(matter.reference, RUTH, moved=True)
    counter.go_to("5")
    counter.until(lambda: "nothing was sold for it" in seen(counter))
    press(counter, "It was not")
    agree(counter)
    counter.until(lambda: attention(counter).attention == 0)
    assert [fact.moved for fact in settled(till)] == [True, False]


def test_a_refund_that_went_back_unheard_is_written_without_giving_it_twice(counter: Counter, till: TillAtWork) -> None:
    till.till.selling.sell(till.basket([0]), [till.cards.pay(PRICE)], RUTH)
    sale = sold(till)[0]
    orders = find(counter, sale.order_code)
    till.terminal.loses_its_answer = True
    orders.presenter.refund("ill")
    counter.until(lambda: "went back" in counter.toasts())
    counter.go_to("5")
    counter.until(lambda: f"order {sale.order_code}" in counter.words())
    press(counter, "It went back")
    agree(counter)
    counter.until(lambda: "no refund is written" in seen(counter))
    till.terminal.set_reachable(True)
    press(counter, "Open the order")
    counter.until(lambda: counter.shell.current is orders)
    counter.until(lambda: orders.presenter.state.order is not None)
    orders.presenter.refund("ill")
    counter.until(lambda: FactKind.REFUND in till.facts())
    assert charged(till) == 0
    assert len(till.terminal.movements) == 2
    counter.until(lambda: attention(counter).attention == 0)


def test_a_payment_that_a_sale_is_being_written_for_is_nobodys_matter(till: TillAtWork) -> None:
    tender = till.cards.pay(PRICE)
    assert till.till.settling_cards.matters() == ()
    with pytest.raises(CardNotWaiting):
        till.till.settling_cards.give_back(tender.reference, RUTH)
    till.till.selling.sell(till.basket([0]), [tender], RUTH)
    till.restart()
    assert till.till.settling_cards.matters() == ()


def test_money_from_before_a_crash_waits_with_its_approval(till: TillAtWork) -> None:
    till.cards.pay(PRICE)
    till.restart()
    (matter,) = till.till.settling_cards.matters()
    assert (matter.waits, matter.amount, matter.is_by_hand) == (Waits.CHARGED, PRICE, False)
    assert matter.auth_code
    assert matter.at == till.now()
    with pytest.raises(CardNotWaiting):  # the terminal said it: nobody may say otherwise
        till.till.settling_cards.settle(matter.reference, RUTH, moved=False)
    assert settled(till) == []


def test_only_who_may_settles_and_nothing_is_written_otherwise(till: TillAtWork) -> None:
    till.terminal.set_reachable(False)
    with pytest.raises(CardUnknown, match="Call a manager"):
        till.cards.pay(PRICE)
    (matter,) = till.till.settling_cards.matters()
    for moved in (True, False):
        with pytest.raises(NotAllowed):
            till.till.settling_cards.settle(matter.reference, MARA, moved=moved)
    with pytest.raises(NotAllowed):
        till.till.settling_cards.give_back(matter.reference, MARA)
    assert till.till.settling_cards.matters() == (matter,)
    assert settled(till) == []
    with pytest.raises(CardNotWaiting):
        till.till.settling_cards.settle("nobody", RUTH, moved=False)


def test_a_loose_charge_whose_refund_went_back_unheard_is_over(till: TillAtWork) -> None:
    till.cards.pay(PRICE)
    till.restart()
    (matter,) = till.till.settling_cards.matters()
    till.terminal.loses_its_answer = True
    with pytest.raises(CardUnknown):
        till.till.settling_cards.give_back(matter.reference, RUTH)
    doubtful = next(each for each in till.till.settling_cards.matters() if each.waits is Waits.REFUND_IN_DOUBT)
    till.till.settling_cards.settle(doubtful.reference, RUTH, moved=True)
    assert till.till.settling_cards.matters() == ()
    assert charged(till) == 0


def seen(counter: Counter) -> str:
    """All words on the screen, those shortened too."""
    labels = counter.shell.findChildren(QLabel)
    return " | ".join(label.accessibleName() or label.text() for label in labels if label.isVisible())
