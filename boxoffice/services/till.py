"""All use cases of one till, wired once. Whoever shows them takes what it needs from here."""

from __future__ import annotations

from dataclasses import dataclass

from boxoffice.devices.card_payments import CardDesk
from boxoffice.devices.queue import PrinterFor, PrintQueue
from boxoffice.documents.ticket import Stock
from boxoffice.domain.clock import Clock
from boxoffice.domain.ids import NewId
from boxoffice.services.admitting import Admitting
from boxoffice.services.attention import Attention
from boxoffice.services.connection import Connection
from boxoffice.services.issuing import Issuing
from boxoffice.services.orders import Orders
from boxoffice.services.papers import Papers
from boxoffice.services.printing import Printing
from boxoffice.services.programme import Programme
from boxoffice.services.refunding import Refunding
from boxoffice.services.reporting import Reporting
from boxoffice.services.selling import Selling
from boxoffice.services.settling_cards import SettlingCards
from boxoffice.services.shifts import Shifts
from boxoffice.services.signing_in import SigningIn
from boxoffice.store import Store


@dataclass(frozen=True, slots=True)
class Till:
    store: Store
    programme: Programme
    signing_in: SigningIn
    selling: Selling
    refunding: Refunding
    issuing: Issuing
    shifts: Shifts
    admitting: Admitting
    orders: Orders
    reporting: Reporting
    attention: Attention
    papers: Papers
    printing: Printing
    cards: CardDesk
    settling_cards: SettlingCards


def wire_till(
    store: Store,
    connection: Connection,
    queue: PrintQueue,
    printer_for: PrinterFor,
    cards: CardDesk,
    now: Clock,
    new_id: NewId,
    stock: Stock = Stock.STOCK_5_5X2,
) -> Till:
    programme = Programme(store, connection, now)
    papers = Papers(store, programme, now)
    admitting = Admitting(store, programme, connection, now, new_id)
    return Till(
        store=store,
        programme=programme,
        signing_in=SigningIn(store, programme, now),
        selling=Selling(store, programme, connection, now, new_id),
        refunding=Refunding(store, connection, now, new_id),
        issuing=Issuing(store, papers, connection, now),
        shifts=Shifts(store, connection, now, new_id),
        admitting=admitting,
        orders=Orders(store, programme),
        reporting=Reporting(store, programme, admitting, now),
        attention=Attention(store),
        papers=papers,
        printing=Printing(queue, printer_for, papers, store, new_id, stock),
        cards=cards,
        settling_cards=SettlingCards(store, cards),
    )
