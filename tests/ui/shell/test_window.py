"""The window around the workspaces: who gets in, which keys work where, what is said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from boxoffice.domain.refusals import Refused
from boxoffice.services.connection import LinkState
from tests.ui.sell.counter import FORMATS, NOW, STAFF
from tests.ui.sell.counter_window import Key, Mod, Window, open_window, status
from ui.shell import CrashKeeper, NobodySignedIn, Notice, TillStatus, Tone, WindowSize
from ui.shell.status import banner_words, left_items, right_items
from ui.theme import theme_source


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    opened = open_window()
    qtbot.addWidget(opened.shell)
    yield opened
    opened.shell.close()


def test_nothing_is_reached_before_somebody_signs_in(window: Window) -> None:
    window.press(Key.Key_1, modifier=Mod.ControlModifier)
    window.press(Key.Key_F1)
    window.shell.go_to("sell")
    assert window.page.isVisible()
    assert not window.shell.help.isVisible()
    with pytest.raises(NobodySignedIn):
        _ = window.session.staff


def test_a_door_steward_sees_only_the_door(window: Window) -> None:
    window.session.sign_in(STAFF[1])
    assert window.shell.current is window.rooms["door"]
    window.press(Key.Key_1, modifier=Mod.ControlModifier)
    assert window.shell.current is window.rooms["door"]


def test_control_digits_change_the_workspace(window: Window) -> None:
    window.session.sign_in(STAFF[5])
    window.press(Key.Key_3, modifier=Mod.ControlModifier)
    assert window.shell.current is window.rooms["orders"]
    window.press(Key.Key_2, modifier=Mod.ControlModifier)
    assert window.rooms["orders"].heard == ["enter", "leave"]
    assert window.rooms["door"].heard == ["enter"]


def test_common_keys_go_to_the_workspace_that_is_shown(window: Window) -> None:
    window.session.sign_in(STAFF[5])
    window.shell.go_to("orders")
    window.press(Key.Key_F2, Key.Key_Escape, Key.Key_Return)
    window.press(Key.Key_Z, modifier=Mod.ControlModifier)
    assert window.rooms["orders"].heard == ["enter", "find", "step back", "primary", "undo"]


def test_help_shows_the_keys_of_the_place_and_keeps_the_keys_to_itself(window: Window) -> None:
    window.session.sign_in(STAFF[5])
    window.shell.go_to("orders")
    window.press(Key.Key_F1)
    assert window.shell.help.isVisible()
    assert window.shell.help.accessibleName().startswith("Orders")
    window.press(Key.Key_2, modifier=Mod.ControlModifier)
    assert window.shell.current is window.rooms["orders"]
    window.press(Key.Key_Escape)
    assert not window.shell.help.isVisible()
    assert "step back" not in window.rooms["orders"].heard


def test_a_refusal_is_said_with_its_way_out(window: Window) -> None:
    window.session.sign_in(STAFF[5])
    window.shell.show_refusal(Refused("No shift is open at this till.", "Open a shift first (Ctrl+4)."))
    assert window.shell.toasts[-1].accessibleName() == "No shift is open at this till. Open a shift first (Ctrl+4)."


def test_undo_presses_the_undo_of_a_message_first(window: Window) -> None:
    window.session.sign_in(STAFF[5])
    window.shell.go_to("orders")
    undone: list[bool] = []
    window.shell.say(Notice(Tone.INFO, "Removed", action="Undo", key="Ctrl Z", on_action=lambda: undone.append(True)))
    window.press(Key.Key_Z, modifier=Mod.ControlModifier)
    assert undone == [True]
    assert "undo" not in window.rooms["orders"].heard


def test_a_scan_nobody_knows_is_said_and_changes_nothing(window: Window) -> None:
    window.session.sign_in(STAFF[5])
    window.shell.scanned("UNKNOWN1")
    assert window.shell.current is window.sell
    assert "no use for" in window.shell.toasts[-1].accessibleName()


def test_offline_the_banner_says_since_when_what_is_left_and_what_waits(window: Window) -> None:
    window.shell.show_status(status(LinkState.OFFLINE, 7))
    assert window.shell.banner.is_open
    assert window.shell.banner.accessibleName() == (
        "Offline since 18:31. Keep selling: 42 of 60 seats set aside for this till are left tonight. "
        "7 facts wait and will be sent by themselves."
    )
    window.shell.show_status(status())
    assert not window.shell.banner.is_open


def test_what_still_works_is_one_press_away(window: Window) -> None:
    window.session.sign_in(STAFF[5])
    window.shell.show_status(status(LinkState.OFFLINE, 1))
    window.shell.banner.acted.emit()
    assert window.shell.offline.isVisible()
    window.shell.show_status(status())
    assert not window.shell.offline.isVisible()


def test_the_status_bar_is_quiet_when_all_is_well() -> None:
    left = left_items(status(), FORMATS, WindowSize.WIDE)
    right = right_items(status(), "Lena Hartmann", FORMATS, WindowSize.WIDE)
    assert [item.text for item in left] == ["Online", "0 facts waiting", "Printer ready", "Terminal ready"]
    assert [item.text for item in right] == ["Till 2 · Foyer", "Shift 1184 · since 16:02", "Lena Hartmann"]
    assert {item.tone for item in (*left, *right)} == {None, Tone.SUCCESS}


def test_the_narrow_status_bar_shows_only_what_is_not_normal() -> None:
    assert left_items(status(), FORMATS, WindowSize.NARROW) == ()
    offline = left_items(status(LinkState.OFFLINE, 3), FORMATS, WindowSize.NARROW)
    assert [item.text for item in offline] == ["Offline since 18:31", "3 facts waiting"]


def test_a_till_without_a_shift_says_so() -> None:
    bare = TillStatus(status().link)
    assert [item.text for item in right_items(bare, "", FORMATS, WindowSize.WIDE)] == [
        "No shift open",
        "Nobody signed in",
    ]


@pytest.mark.parametrize("state", [LinkState.REVOKED, LinkState.STOPPED])
def test_a_till_that_central_refuses_is_loud(state: LinkState) -> None:
    words = banner_words(status(state, 2), FORMATS)
    assert words is not None
    assert words.tone is Tone.DANGER
    assert "manager" in words.text


def test_a_revoked_till_speaks_of_kept_facts_only_where_there_are_some() -> None:
    texts = [words.text for n in (0, 2) if (words := banner_words(status(LinkState.REVOKED, n), FORMATS)) is not None]
    assert ["kept" in text for text in texts] == [False, True]


def test_the_banner_of_a_till_that_central_refuses_does_not_look_like_offline(window: Window) -> None:
    window.shell.show_status(status(LinkState.OFFLINE, 1))
    assert window.shell.banner.tone == "caution"
    window.shell.show_status(status(LinkState.REVOKED, 1))
    assert window.shell.banner.tone == "danger"


def test_help_says_which_look_was_chosen(window: Window) -> None:
    window.session.sign_in(STAFF[5])
    before = theme_source().chosen
    try:
        window.shell.show_help()
        window.shell.help.theme_chosen.emit("dark")
        window.shell.help.close_overlay()
        window.shell.show_help()
        assert window.shell.help.appearance.current == "dark"
    finally:
        theme_source().choose(before)


def test_a_bug_is_kept_and_told_without_names(tmp_path: Path, window: Window) -> None:
    window.session.sign_in(STAFF[5])
    keeper = CrashKeeper(tmp_path / "crashes", lambda: datetime(2026, 11, 14, tzinfo=UTC))
    keeper.kept.connect(window.shell.show_crash)
    keeper.refused.connect(window.shell.show_refusal)
    try:
        raise KeyError("seat")
    except KeyError as error:
        keeper.keep(error)
    [trace] = (tmp_path / "crashes").iterdir()
    assert "KeyError: 'seat'" in trace.read_text("utf-8")
    assert window.shell.toasts[-1].accessibleName().startswith("The program made a mistake")
    keeper.keep(Refused("The drawer is shut.", "Open it."))
    assert len(list((tmp_path / "crashes").iterdir())) == 1
    assert window.shell.toasts[-1].accessibleName() == "The drawer is shut. Open it."


def test_the_clock_is_the_venues(window: Window) -> None:
    assert FORMATS.time(NOW) == "18:47"
    assert "Online" in window.shell.status_bar.words
