"""One open shift; scans that say who is in."""

from __future__ import annotations

from uuid import uuid4

import pytest

from boxoffice.domain.facts import ScanBody
from boxoffice.domain.ids import ShiftId, TicketId
from boxoffice.domain.shifts import ShiftClosed, ShiftOpen
from boxoffice.store import Store, Tx
from tests.store import bodies
from tests.store.bodies import OTHER, SHIFT


def test_a_shift_opens_closes_and_the_next_has_the_next_number(store: Store) -> None:
    assert store.read(lambda tx: (tx.shifts.current(), tx.shifts.last_closed(), tx.shifts.next_number())) == (
        None,
        None,
        1,
    )
    store.write(lambda tx: tx.shifts.open(bodies.shift_open()))
    current = store.read(lambda tx: tx.shifts.current())
    assert current is not None
    assert (current.shift, current.number, current.staff, current.float_minor, current.opened_at) == (
        SHIFT,
        1,
        bodies.STAFF,
        20_000,
        bodies.AT,
    )
    store.write(lambda tx: tx.shifts.close(bodies.shift_close()))
    assert store.read(lambda tx: tx.shifts.current()) is None
    assert store.read(lambda tx: tx.shifts.last_closed()) == bodies.shift_close()
    assert store.read(lambda tx: tx.shifts.next_number()) == 2


def test_two_shifts_are_never_open_at_once(store: Store) -> None:
    store.write(lambda tx: tx.shifts.open(bodies.shift_open()))
    with pytest.raises(ShiftOpen):
        store.write(lambda tx: tx.shifts.open(bodies.shift_open(2, ShiftId(uuid4()))))
    with pytest.raises(ShiftClosed):
        store.write(lambda tx: tx.shifts.close(bodies.shift_close(2, ShiftId(uuid4()))))
    store.write(lambda tx: tx.shifts.close(bodies.shift_close()))
    with pytest.raises(ShiftClosed):
        store.write(lambda tx: tx.shifts.close(bodies.shift_close()))


def test_settings_are_kept_by_name(store: Store) -> None:
    assert store.read(lambda tx: tx.settings.get("printer")) is None
    store.write(lambda tx: tx.settings.set("printer", "BOCA"))
    store.write(lambda tx: tx.settings.set("printer", "Lemur"))
    assert store.read(lambda tx: tx.settings.get("printer")) == "Lemur"


def remember(store: Store, body: ScanBody) -> ScanBody:
    def commit(tx: Tx) -> ScanBody:
        tx.scans.add(body)
        tx.journal.append(body)
        return body

    return store.write(commit)


def test_a_refused_scan_does_not_let_the_next_one_in(store: Store) -> None:
    ticket = TicketId(77)
    entry = remember(store, bodies.scan(ticket))
    remember(store, bodies.scan(ticket, admitted=False, shown="already_in"))
    assert store.read(lambda tx: tx.scans.last(ticket)) == entry
    undo = remember(store, bodies.scan(ticket, admitted=False, direction="undo", shown="undone"))
    assert store.read(lambda tx: tx.scans.last(ticket)) == undo
    assert store.read(lambda tx: tx.scans.last(TicketId(78))) is None


def test_the_scans_of_a_performance_come_newest_last(store: Store) -> None:
    scans = tuple(remember(store, bodies.scan(TicketId(number))) for number in range(3))
    assert store.read(lambda tx: tx.scans.of_performance(bodies.TONIGHT)) == scans
    assert store.read(lambda tx: tx.scans.of_performance(OTHER)) == ()
