from __future__ import annotations

from datetime import timedelta

import pytest

from boxoffice.domain.staff import WAIT_AFTER_WRONG_PINS, PinLocked, WrongPin
from tests.services.till_at_work import MARA, OMAR, PIN, TillAtWork


def lock(till: TillAtWork) -> None:
    for _ in range(4):
        with pytest.raises(WrongPin):
            till.till.signing_in.sign_in(MARA.id, "0000")
    with pytest.raises(PinLocked):
        till.till.signing_in.sign_in(MARA.id, "0000")


def test_the_right_pin_signs_in_without_the_network(till: TillAtWork) -> None:
    assert till.till.signing_in.sign_in(MARA.id, PIN) == MARA


def test_five_wrong_pins_close_one_name_and_the_wait_survives_a_restart(till: TillAtWork) -> None:
    lock(till)
    till.later(timedelta(seconds=20))
    till.restart()
    with pytest.raises(PinLocked) as locked:
        till.till.signing_in.sign_in(MARA.id, PIN)
    assert locked.value.seconds == 40
    assert till.till.signing_in.sign_in(OMAR.id, "1234") == OMAR
    till.later(WAIT_AFTER_WRONG_PINS)
    assert till.till.signing_in.sign_in(MARA.id, PIN) == MARA


def test_the_right_pin_forgets_the_wrong_ones(till: TillAtWork) -> None:
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(WrongPin):
                till.till.signing_in.sign_in(MARA.id, "0000")
        till.till.signing_in.sign_in(MARA.id, PIN)


def test_a_clock_set_back_neither_opens_early_nor_locks_for_ever(till: TillAtWork) -> None:
    lock(till)
    till.later(-timedelta(days=1))
    with pytest.raises(PinLocked):
        till.till.signing_in.sign_in(MARA.id, PIN)
    till.later(WAIT_AFTER_WRONG_PINS)
    assert till.till.signing_in.sign_in(MARA.id, PIN) == MARA
