"""Signing in and pairing, without a widget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from boxoffice.domain.ids import StaffId
from boxoffice.domain.refusals import Refused
from boxoffice.domain.staff import PinLocked, StaffMember, WrongPin
from tests.ui.sell.counter import LENA, NOW, STAFF, HandTasks
from ui.sign_in.pairing import PairingForm, PairingPresenter
from ui.sign_in.presenter import PinRows, SignInPresenter


class Desk:
    """Signing in without argon2: five wrong ones for a name, then a wait of a minute."""

    def __init__(self) -> None:
        self.now = NOW
        self.wrong: Counter[StaffId] = Counter()
        self.locked: dict[StaffId, datetime] = {}

    def staff(self) -> Sequence[StaffMember]:
        return STAFF

    def sign_in(self, staff_id: StaffId, pin: str) -> StaffMember:
        member = next(member for member in STAFF if member.id == staff_id)
        until = self.locked.get(staff_id)
        if until is not None and self.now < until:
            raise PinLocked(int((until - self.now).total_seconds()))
        if pin == member.demo_pin:
            return member
        self.wrong[staff_id] += 1
        if self.wrong[staff_id] == 5:
            self.locked[staff_id] = self.now + timedelta(minutes=1)
            raise PinLocked(60)
        raise WrongPin(f"That is not the PIN of {member.name}.", f"Try again: {5 - self.wrong[staff_id]} tries left.")


class Pad:
    def __init__(self) -> None:
        self.staff: Sequence[StaffMember] = ()
        self.chosen: StaffId | None = None
        self.pin = PinRows("")

    def show_staff(self, staff: Sequence[StaffMember], chosen: StaffId | None) -> None:
        self.staff, self.chosen = staff, chosen

    def show_pin(self, rows: PinRows) -> None:
        self.pin = rows


class Door:
    def __init__(self) -> None:
        self.desk, self.pad, self.tasks = Desk(), Pad(), HandTasks()
        self.inside: list[StaffMember] = []
        self.sign_in = SignInPresenter(self.pad, self.desk, self.tasks, lambda: self.desk.now, self.inside.append)
        self.sign_in.enter()

    def type(self, digits: str) -> None:
        for digit in digits:
            self.sign_in.digit(digit)


@pytest.fixture
def door() -> Door:
    return Door()


def test_the_right_pin_of_known_length_needs_no_enter(door: Door) -> None:
    door.type("1184")
    assert door.inside == [LENA]


def test_a_longer_pin_is_checked_when_it_is_complete(door: Door) -> None:
    door.sign_in.choose(STAFF[7].id)
    door.type("80808")
    assert door.inside == []
    door.type("0")
    assert door.inside == [STAFF[7]]


def test_a_wrong_pin_says_so_and_starts_over(door: Door) -> None:
    door.type("9999")
    assert door.inside == []
    assert door.pad.pin.is_wrong
    assert door.pad.pin.filled == 0
    assert "4 tries left" in door.pad.pin.message
    door.type("1")
    assert not door.pad.pin.is_wrong


def test_five_wrong_pins_shut_the_pad_and_count_down(door: Door) -> None:
    door.type("9999" * 5)
    assert door.pad.pin.wait_s == 60
    door.type("1184")
    assert door.inside == []
    assert door.pad.pin.filled == 0
    door.desk.now += timedelta(seconds=41)
    door.sign_in.tick()
    assert door.pad.pin.wait_s == 19
    door.desk.now += timedelta(seconds=20)
    door.sign_in.tick()
    door.type("1184")
    assert door.inside == [LENA]


def test_a_colleague_can_sign_in_meanwhile(door: Door) -> None:
    door.type("9999" * 5)
    door.sign_in.choose(STAFF[1].id)
    assert door.pad.pin.wait_s == 0
    door.type("2020")
    assert door.inside == [STAFF[1]]


def test_a_short_pin_is_not_even_tried(door: Door) -> None:
    door.type("11")
    door.sign_in.submit()
    assert door.desk.wrong.total() == 0
    assert door.pad.pin.message


def test_digits_are_forgotten_when_another_name_is_chosen(door: Door) -> None:
    door.type("118")
    door.sign_in.choose(STAFF[2].id)
    assert door.pad.pin.filled == 0


def test_digits_typed_while_a_pin_is_checked_are_not_kept(door: Door) -> None:
    door.tasks.at_once = False
    door.type("11841")
    door.tasks.work_off()
    door.tasks.work_off()
    assert door.inside == [LENA]
    assert door.pad.pin.filled == 0


# pairing


class Page:
    def __init__(self) -> None:
        self.waiting = False
        self.errors: list[tuple[str, str, str]] = []

    def show_waiting(self, waiting: bool) -> None:
        self.waiting = waiting

    def show_error(self, field: str, message: str, way_out: str) -> None:
        self.errors.append((field, message, way_out))


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("tickets.example.org/", "https://tickets.example.org"),
        ("http://10.0.0.5:8080", "http://10.0.0.5:8080"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_an_address_is_completed_as_people_type_it(typed: str, sent: str) -> None:
    assert PairingForm(typed, " abcd-1234 ", "Foyer").checked() == PairingForm(sent, "ABCD-1234", "Foyer")


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (PairingForm("", "ABCD", "Foyer"), "address"),
        (PairingForm("ftp://x", "ABCD", "Foyer"), "address"),
        (PairingForm("a b", "ABCD", "Foyer"), "address"),
        (PairingForm("example.org", "A", "Foyer"), "code"),
        (PairingForm("example.org", "ABCD", " "), "name"),
    ],
)
def test_what_is_missing_is_said_at_its_field_and_nothing_is_sent(form: PairingForm, field: str) -> None:
    page = Page()
    asked: list[PairingForm] = []
    PairingPresenter(page, asked.append, HandTasks(), lambda: None).connect(form)
    assert [error[0] for error in page.errors] == [field]
    assert page.errors[0][2]
    assert asked == []


def test_a_used_code_is_refused_with_what_to_do() -> None:
    def refuse(_form: PairingForm) -> None:
        raise Refused("This code was used before.", "Ask for a new one in Setup.")

    page = Page()
    done: list[bool] = []
    pairing = PairingPresenter(page, refuse, HandTasks(), lambda: done.append(True))
    pairing.connect(PairingForm("example.org", "ABCD-1234", "Foyer"))
    assert page.errors == [("", "This code was used before.", "Ask for a new one in Setup.")]
    assert not page.waiting
    assert done == []


def test_a_good_code_pairs_once_although_the_button_is_pressed_twice() -> None:
    page = Page()
    asked: list[PairingForm] = []
    done: list[bool] = []
    tasks = HandTasks(at_once=False)
    pairing = PairingPresenter(page, asked.append, tasks, lambda: done.append(True))
    form = PairingForm("example.org", "ABCD-1234", "Foyer")
    pairing.connect(form)
    pairing.connect(form)
    assert page.waiting
    tasks.work_off()
    assert len(asked) == 1
    assert done == [True]
