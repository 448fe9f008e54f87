from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.devices.scanners import WedgeRecogniser, WedgeSettings

CODE = "CAQAAAAHCEJBAAAA2YAAEBQAABIA6AAB"


class Desk:
    """A focused field behind a recogniser, as the window wires them: what is released is typed into it."""

    def __init__(self, settings: WedgeSettings | None = None) -> None:
        self.wedge = WedgeRecogniser(settings or WedgeSettings())
        self.now_ms = 1000.0
        self.field = ""
        self.scans: list[str] = []
        self.garbled: list[str] = []

    def rest(self, ms: float) -> None:
        """Time passes; the timer that the window set at `due_ms` goes off within it."""
        until = self.now_ms + ms
        due = self.wedge.due_ms
        if due is not None and due <= until:
            self._take(*self._parts(self.wedge.silence(due)))
        self.now_ms = until

    def press(self, text: str, after_ms: float, *, is_repeat: bool = False, timer_is_late: bool = False) -> None:
        if timer_is_late:
            self.now_ms += after_ms
        else:
            self.rest(after_ms)
        heard = self.wedge.key(text, self.now_ms, is_repeat=is_repeat)
        self._take(heard.released, heard.scans, heard.garbled)
        if not heard.swallowed:
            self.field += text

    def type(self, text: str, gap_ms: float) -> None:
        for char in text:
            self.press(char, gap_ms)

    @staticmethod
    def _parts(heard: object) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        return heard.released, heard.scans, heard.garbled  # type: ignore[attr-defined]

    def _take(self, released: str, scans: tuple[str, ...], garbled: tuple[str, ...]) -> None:
        self.field += released
        self.scans += scans
        self.garbled += garbled


@pytest.mark.parametrize("end", ["\r", "\n", ""])
def test_a_scan_is_read_whole_and_nothing_of_it_reaches_the_field(end: str) -> None:
    desk = Desk()
    desk.type(CODE + end, 8)
    desk.rest(500)
    assert (desk.scans, desk.field) == ([CODE], "")


def test_a_person_types_into_the_field_and_scans_nothing() -> None:
    desk = Desk()
    desk.type("Hartmann 12\r", 70)
    desk.rest(500)
    assert (desk.field, desk.scans) == ("Hartmann 12\r", [])


def test_typed_keys_reach_the_field_within_a_gap_that_nobody_feels() -> None:
    desk = Desk()
    desk.press("4", 100)
    assert desk.field == ""
    desk.rest(35)
    assert desk.field == "4"


def test_two_keys_rolled_over_by_a_fast_typist_stay_in_order() -> None:
    desk = Desk()
    desk.press("a", 90)
    desk.press("b", 12)
    desk.press("c", 90)
    desk.rest(100)
    assert (desk.field, desk.scans) == ("abc", [])


def test_a_short_sale_by_keyboard_loses_no_key() -> None:
    desk = Desk()
    for text, gap in (("2", 300), ("\r", 20), ("", 40), ("\r", 60)):
        desk.press(text, gap)
    assert desk.field == "2\r\r"


def test_digits_before_a_scan_are_the_persons_and_the_scan_is_the_scanners() -> None:
    desk = Desk()
    desk.press("4", 200)
    desk.rest(60)
    desk.type(CODE + "\r", 5)
    desk.press("2", 400)
    desk.rest(60)
    assert (desk.field, desk.scans) == ("42", [CODE])


def test_two_scans_in_a_row_are_two() -> None:
    desk = Desk()
    desk.type(CODE + "\r", 5)
    desk.type(CODE[::-1] + "\r", 5)
    assert desk.scans == [CODE, CODE[::-1]]
    assert desk.field == ""


def test_an_enter_that_trails_behind_pays_for_nothing() -> None:
    desk = Desk()
    desk.type(CODE, 5)
    desk.press("\r", 200)
    desk.press("\r", 300)
    assert (desk.scans, desk.field) == ([CODE], "\r")


def test_an_enter_after_the_late_one_is_the_persons() -> None:
    desk = Desk()
    desk.type(CODE, 5)
    desk.rest(1000)
    desk.press("\r", 0)
    assert desk.field == "\r"


def test_a_key_held_down_is_no_scanner() -> None:
    desk = Desk()
    desk.press("7", 100)
    for _ in range(30):
        desk.press("7", 30, is_repeat=True)
    desk.rest(200)
    assert (desk.field, desk.scans) == ("7" * 31, [])


def test_a_machine_that_stutters_in_the_middle_still_reads_one_scan() -> None:
    desk = Desk()
    desk.type(CODE[:10], 8)
    desk.press(CODE[10], 100)
    desk.type(CODE[11:] + "\r", 8)
    assert (desk.scans, desk.field) == ([CODE], "")


def test_keys_that_come_before_the_timer_goes_off_are_parted_all_the_same() -> None:
    desk = Desk()
    desk.type(CODE, 8)
    desk.press("x", 900, timer_is_late=True)
    desk.rest(100)
    assert (desk.scans, desk.field) == ([CODE], "x")


def test_a_prefix_and_a_suffix_are_taken_off() -> None:
    desk = Desk(WedgeSettings(prefix="~", suffix="#"))
    desk.type("~" + CODE + "#\r", 5)
    assert (desk.scans, desk.garbled, desk.field) == ([CODE], [], "")


@pytest.mark.parametrize("sent", [CODE + "#", "~" + CODE, CODE, "~#~#~#"])
def test_a_scan_without_its_frame_is_garbled_and_still_not_typed(sent: str) -> None:
    desk = Desk(WedgeSettings(prefix="~~" if sent.startswith("~#") else "~", suffix="#"))
    desk.type(sent + "\r", 5)
    assert (desk.scans, desk.garbled, desk.field) == ([], [sent], "")


def test_a_key_that_writes_nothing_ends_what_was_held() -> None:
    desk = Desk()
    desk.press("a", 100)
    desk.press("", 5)
    assert desk.field == "a"
    assert desk.wedge.due_ms is None


@pytest.mark.parametrize(
    "wrong", [{"shortest": 2}, {"gap_ms": 0}, {"gap_ms": 200}, {"suffix": "\r"}, {"prefix": "a\n"}]
)
def test_settings_that_fingers_would_meet_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"fingers|Enter"):
        WedgeSettings(**wrong)  # type: ignore[arg-type]


gaps = st.one_of(st.floats(0, 34), st.floats(36, 119), st.floats(121, 600))
keys = st.lists(
    st.tuples(st.sampled_from(["2", "A", "é", "\r", "", "~"]), gaps, st.booleans(), st.booleans()), max_size=60
)


@given(keys)
def test_every_key_is_typed_once_or_scanned_once_whatever_comes(
    pressed: list[tuple[str, float, bool, bool]],
) -> None:
    desk = Desk()
    for text, gap, is_repeat, timer_is_late in pressed:
        desk.press(text, gap, is_repeat=is_repeat, timer_is_late=timer_is_late)
    desk.rest(1000)
    given_in = [char for text, *_ in pressed for char in text if char != "\r"]
    came_out = [char for char in desk.field + "".join(desk.scans) if char != "\r"]
    assert sorted(given_in) == sorted(came_out)
    assert desk.wedge.due_ms is None


@given(keys)
def test_what_is_typed_keeps_its_order(pressed: list[tuple[str, float, bool, bool]]) -> None:
    desk = Desk()
    for text, gap, is_repeat, timer_is_late in pressed:
        desk.press(text, gap, is_repeat=is_repeat, timer_is_late=timer_is_late)
    desk.rest(1000)
    rest = iter(text for text, *_ in pressed)
    assert all(char in rest for char in desk.field)


@given(st.text("ABC234", min_size=6, max_size=60), st.lists(st.floats(0, 34), min_size=61, max_size=61))
def test_whatever_a_scanner_sends_no_character_of_it_is_typed(code: str, gaps: list[float]) -> None:
    desk = Desk()
    desk.press("9", 100)
    desk.rest(100)
    for char, gap in zip(code + "\r", gaps, strict=False):
        desk.press(char, gap)
    assert (desk.scans, desk.field) == ([code], "9")


@given(st.text("ab12 \r", max_size=40), st.lists(st.floats(36, 300), min_size=40, max_size=40))
def test_whatever_fingers_type_nothing_of_it_is_scanned_or_lost(text: str, gaps: list[float]) -> None:
    desk = Desk()
    for char, gap in zip(text, gaps, strict=False):
        desk.press(char, gap)
    desk.rest(100)
    assert (desk.field, desk.scans) == (text, [])
