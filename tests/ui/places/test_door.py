from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt

from boxoffice.domain.admission import Door, Verdict, VerdictKind, judge
from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.tokens import read
from tests.services.till_at_work import NOW, TONIGHT, TillAtWork
from tests.ui.places.conftest import RUTH, Counter
from ui.door.words import _WORDS, shown
from ui.door.workspace import Door as DoorPlace


def place(counter: Counter) -> DoorPlace:
    counter.go_to("2")
    found = counter.shell.current
    assert isinstance(found, DoorPlace)
    counter.until(lambda: found.presenter.state.performance == TONIGHT)
    return found


def test_a_scan_admits_and_a_second_one_says_who_was_first(counter: Counter, till: TillAtWork) -> None:
    code = counter.token(till.sell([0, 1]))
    till.clock[0] = till.door().performance.doors_at
    door = place(counter)
    counter.scan(code)
    assert door.presenter.state.verdict is not None
    assert door.presenter.state.verdict.word == "Welcome"
    assert door.view.verdict.accessibleName().startswith("Welcome")
    counter.scan(code)
    again = door.presenter.state.verdict
    assert again is not None
    assert (again.word, again.colors) == ("Already in", "refused")
    assert [value for _, value, _ in again.columns][1:] == ["All gates", "–"]
    assert door.presenter.state.counts is not None
    assert door.presenter.state.counts.inside == 1


def test_what_a_scanner_reads_never_lands_in_a_field(counter: Counter, till: TillAtWork) -> None:
    code = counter.token(till.sell([0]))
    till.clock[0] = till.door().performance.doors_at
    door = place(counter)
    counter.press(Qt.Key.Key_F2)
    counter.scan(code)
    assert door.view.search.text() == ""
    assert door.presenter.state.verdict is not None
    assert door.presenter.state.verdict.colors == "admit"


def test_a_guest_without_a_ticket_is_found_by_order_and_admitted(counter: Counter, till: TillAtWork) -> None:
    sale = till.sell([0])
    till.clock[0] = till.door().performance.doors_at
    door = place(counter)
    counter.press(Qt.Key.Key_F2)
    counter.type(sale.order_code)
    counter.until(lambda: bool(door.presenter.state.found))
    counter.press(Qt.Key.Key_Return)
    counter.until(lambda: door.presenter.state.verdict is not None)
    assert door.presenter.state.verdict.colors == "admit"  # type: ignore[union-attr]
    assert door.presenter.state.found is None


def test_the_last_entry_can_be_taken_back(counter: Counter, till: TillAtWork) -> None:
    code = counter.token(till.sell([0]))
    till.clock[0] = till.door().performance.doors_at
    door = place(counter)
    counter.scan(code)
    till.later(timedelta(seconds=5))
    counter.press(Qt.Key.Key_F8)
    counter.settle()
    assert door.presenter.state.verdict is not None
    assert door.presenter.state.verdict.word == "Undone"
    till.later(timedelta(seconds=5))
    counter.scan(code)
    assert door.presenter.state.verdict.word == "Welcome"


def test_a_foreign_code_is_refused_and_leaves_no_trace(counter: Counter, till: TillAtWork) -> None:
    door = place(counter)
    before = till.store.read(lambda tx: tx.journal.head())
    counter.scan("HTTPS4711EXAMPLEABCDEFGH")
    assert door.presenter.state.verdict is not None
    assert door.presenter.state.verdict.word == "No ticket"
    assert till.store.read(lambda tx: tx.journal.head()) == before


def test_missing_data_is_amber_and_no_word_on_the_door_says_invalid() -> None:
    assert _WORDS["unknown_key"][0] == "unknown_or_elsewhere"
    assert _WORDS["another_gate"][0] == "unknown_or_elsewhere"
    assert all("invalid" not in " ".join(words).casefold() for words in _WORDS.values())


@pytest.mark.parametrize("kind", list(VerdictKind))
def test_every_verdict_has_its_words(kind: VerdictKind) -> None:
    reasons = {
        VerdictKind.ADMIT: ("admit", "admit_by_signature"),
        VerdictKind.ALREADY_IN: ("already_in",),
        VerdictKind.WRONG_PERFORMANCE: ("another_performance",),
        VerdictKind.WRONG_GATE: ("another_gate",),
        VerdictKind.NOT_VALID: (
            "refunded",
            "replaced",
            "performance_cancelled",
            "too_early",
            "expired",
            "forged",
            "not_a_ticket",
        ),
        VerdictKind.UNKNOWN_KEY: ("unknown_key",),
        VerdictKind.CHECK_CARD: ("check_card",),
    }
    for reason in reasons[kind]:
        colors, icon, sound, word, instruction = _WORDS[reason]
        assert all((colors, icon, sound, word))
        assert instruction or reason == "admit"


def test_a_ticket_for_another_evening_says_when_it_is_good(counter: Counter, till: TillAtWork) -> None:
    token, _ = read(counter.token(till.sell([0])))
    tomorrow = till.till.programme.catalogue().performances[1]
    verdict: Verdict = judge(token, Door(tomorrow), NOW, record=None, last_scan=None)
    words = shown(verdict, till.till.programme.catalogue(), None, counter.window.formats, till.now)
    assert words.word in ("Wrong day", "Wrong time")
    assert words.seat
    assert PerformanceId(token.performance) == TONIGHT
    assert RUTH.name not in words.detail
