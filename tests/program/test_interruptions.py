"""The program ends when it should not: killed, closed with a basket, closed while a card is in the terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from boxoffice.devices.card_payments import CardPayment
from boxoffice.domain.clock import utc_now
from boxoffice.domain.protocol import SeatStatus
from boxoffice.domain.tenders import TenderKind
from boxoffice.services.card_intents import StoreCardIntents
from boxoffice.store import Store
from tests.program.conftest import Open
from tests.program.counter import KEY, Key
from tests.support.central import TONIGHT, RunningCentral

ROOT = Path(__file__).resolve().parents[2]


def open_payments(folder: Path) -> tuple[CardPayment, ...]:
    """Card money that is in no sale yet, by the record that the till keeps."""
    store = Store.open(folder, KEY)
    try:
        payments = StoreCardIntents(store, utc_now)
        return tuple(payment for payment in payments.open() if not payments.is_booked(payment.reference))
    finally:
        store.close()


def test_killed_right_after_sold_the_sale_is_there_once_reaches_central_once_and_prints(
    paired: Path, central: RunningCentral, open_till: Open
) -> None:
    killed = subprocess.run(
        [sys.executable, "-m", "tests.program.killed_after_sold", str(paired)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-2000:]
    assert not list((paired / "printed").glob("*"))

    counter = open_till(paired)
    [sale] = counter.sales
    counter.until(lambda: counter.waiting == 0 and len(counter.printed) == 2)
    assert counter.printed == [f"receipt-{sale.receipt}.pdf", f"tickets-{sale.receipt}.pdf"]
    assert central.value("select count(*) from sale where id = $1", sale.sale) == 1
    assert counter.store.read(lambda tx: tx.ledger.balance()) == 0
    counter.close()

    again = open_till(paired)
    again.rest()
    assert [kept.sale for kept in again.sales] == [sale.sale]
    assert len(again.printed) == 2


def test_closing_with_a_basket_gives_its_places_back_at_the_next_start(
    paired: Path, central: RunningCentral, open_till: Open
) -> None:
    counter = open_till(paired).ready()
    mine = set(counter.store.read(lambda tx: tx.leases.seats(TONIGHT)))
    wanted = [seat for seat in (97, 98, 99, 47, 48, 49) if seat not in mine][:2]
    counter.sell.presenter.click_seats(wanted)
    counter.rest()
    assert len(counter.sell.presenter.basket.lines) == 2
    counter.close()

    def statuses() -> set[int]:
        rows = central.fetch(
            "select status from seat where performance = $1 and seat = any($2::int[])", TONIGHT, wanted
        )
        return {row["status"] for row in rows}

    assert statuses() == {SeatStatus.LEASED}
    again = open_till(paired)
    assert not again.store.read(lambda tx: tx.leases.basket_seats(TONIGHT))
    again.until(lambda: again.waiting == 0)
    again.until(lambda: statuses() == {SeatStatus.FREE})


def test_closing_while_the_card_is_in_the_terminal_does_not_lose_its_money(paired: Path, open_till: Open) -> None:
    counter = open_till(paired).ready()
    counter.take_two()
    counter.press(Key.Key_F6)
    counter.close()
    assert len(open_payments(paired)) == 1

    again = open_till(paired).ready()
    again.until(lambda: "nothing was sold for it" in again.toast)
    again.take_two()
    again.press(Key.Key_F6)
    again.rest()
    if not again.sales:  # it may ask first whether the money is this customer's
        again.press(Key.Key_F6)
    again.until(lambda: again.sales)
    again.rest()
    [tender] = again.sales[0].tenders
    assert tender.kind is TenderKind.CARD
    again.close()
    assert open_payments(paired) == ()
