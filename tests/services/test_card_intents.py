from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from boxoffice.devices.card_payments import CardDesk, CardFound, CardPayment, Stage
from boxoffice.devices.terminals import CardOutcome, CardResult, SimulatedTerminal
from boxoffice.domain.tenders import Tender
from boxoffice.services.card_intents import StoreCardIntents
from boxoffice.store import Store, Tx
from tests.devices.test_terminals import at_once, eur
from tests.store import bodies
from tests.store.bodies import AT, KEY


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "till", KEY)
    bodies.pair(opened)
    yield opened
    opened.close()


@pytest.fixture
def intents(store: Store) -> StoreCardIntents:
    return StoreCardIntents(store, lambda: AT)


def sell(store: Store, tender: Tender | None = None) -> None:
    def commit(tx: Tx) -> None:
        body = bodies.sale(number=tx.sales.next_receipt())
        if tender is not None:
            body = body.model_copy(update={"tenders": (tender,)})
        tx.sales.add(body)
        tx.journal.append(body)

    store.write(commit)


def test_open_payments_come_back_as_they_were_in_their_order(intents: StoreCardIntents) -> None:
    first = CardPayment("b", eur(8600)).recorded()
    second = (
        CardPayment("a", eur(4300), "b").recorded().answered(CardResult(CardOutcome.APPROVED, "123456", "*1", "ok"))
    )
    intents.keep(first)
    intents.keep(second)
    assert intents.open() == (first, second)
    doubtful = first.answered(CardResult(CardOutcome.TIMED_OUT))
    intents.keep(doubtful)
    assert intents.open() == (doubtful, second)


@pytest.mark.parametrize("stage", [Stage.DONE, Stage.DECLINED, Stage.CANCELLED, Stage.NOT_CHARGED])
def test_what_is_over_is_kept_no_longer(intents: StoreCardIntents, stage: Stage) -> None:
    payment = CardPayment("a", eur(8600)).recorded()
    intents.keep(payment)
    intents.keep(replace(payment, stage=stage))
    assert intents.open() == ()


def test_a_payment_in_a_sale_is_booked_however_many_sales_came_after_it(
    store: Store, intents: StoreCardIntents
) -> None:
    terminal, references = SimulatedTerminal(wait=at_once), map(str, itertools.count(1))
    cards = CardDesk(terminal, intents, lambda: next(references))
    total = bodies.sale().total_minor
    sell(store, cards.pay(eur(total)))
    for _ in range(25):
        sell(store)
    assert [payment.reference for payment in intents.open()] == ["1"]
    assert cards.pay(eur(total)).reference == "2"
    assert [payment.reference for payment in intents.open()] == ["2"]


def test_money_without_a_sale_is_found_after_a_restart(store: Store) -> None:
    terminal, references = SimulatedTerminal(wait=at_once), map(str, itertools.count(1))
    CardDesk(terminal, StoreCardIntents(store, lambda: AT), lambda: next(references)).pay(eur(8600))
    later = StoreCardIntents(store, lambda: AT + timedelta(hours=3))
    cards = CardDesk(terminal, later, lambda: next(references))
    with pytest.raises(CardFound):
        cards.pay(eur(8600))
    assert cards.pay(eur(8600)).reference == "1"
    assert len(terminal.movements) == 1
