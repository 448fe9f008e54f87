"""Tell a hand scanner that types like a keyboard from a person who types.

A scanner sends a whole code faster than fingers can. So a key is held back until the next one shows who is typing:
for at most `gap_ms`, which nobody feels. What turns out to be a person's is released in its order; what turns out to
be a scan never reaches a field.
"""

from __future__ import annotations

from dataclasses import dataclass

ENTER = frozenset("\r\n")


@dataclass(frozen=True, slots=True)
class WedgeSettings:
    """Of one kind of scanner. `prefix` and `suffix` are what it was programmed to send around a code, Enter aside.

    `gap_ms` parts fingers from a scanner; once `shortest` keys came that fast it is a scanner, and a busy machine may
    make it stutter up to `stutter_ms`. An Enter that trails behind within `late_enter_ms` belongs to the scan.
    """

    prefix: str = ""
    suffix: str = ""
    shortest: int = 6
    gap_ms: float = 35
    stutter_ms: float = 120
    late_enter_ms: float = 250

    def __post_init__(self) -> None:
        if self.shortest < 3 or not 0 < self.gap_ms <= self.stutter_ms:
            raise ValueError("a scanner's settings that fingers would meet")
        if ENTER & set(self.prefix + self.suffix):
            raise ValueError("Enter is understood anyway: leave it out of prefix and suffix")


@dataclass(frozen=True, slots=True)
class Heard:
    """What a key, or silence, brought to light.

    First deliver `released` where typing goes, then act on `scans`; pass the key itself on only if not `swallowed`.
    `garbled` came from a scanner but is not framed as it should be: ask to scan again.
    """

    swallowed: bool = False
    released: str = ""
    scans: tuple[str, ...] = ()
    garbled: tuple[str, ...] = ()


class WedgeRecogniser:
    """Feed it every key in order, and call `silence` at `due_ms`. Times are milliseconds of one clock that only rises.

    Knows no window and no timer, and is not safe for several threads.
    """

    def __init__(self, settings: WedgeSettings = WedgeSettings()) -> None:
        self._settings = settings
        self._held = ""
        self._last_ms = 0.0
        self._scanned_ms: float | None = None

    @property
    def due_ms(self) -> float | None:
        """When to call `silence` if no key comes before; None while nothing is held back."""
        return self._last_ms + self._patience_ms if self._held else None

    def key(self, text: str, at_ms: float, *, is_repeat: bool = False) -> Heard:
        """One key. `text` is empty for keys that write nothing (arrows, F5); `is_repeat` for one held down."""
        before = self._end_burst() if self._held and at_ms - self._last_ms > self._patience_ms else Heard()
        if text in ENTER and text:
            return _joined(before, self._enter(at_ms))
        if len(text) != 1 or is_repeat or not text.isprintable():
            return _joined(before, self._end_burst())
        self._scanned_ms = None
        self._held += text
        self._last_ms = at_ms
        return _joined(before, Heard(swallowed=True))

    def silence(self, now_ms: float) -> Heard:
        """No key came. Before `due_ms` this does nothing."""
        due = self.due_ms
        return self._end_burst() if due is not None and now_ms >= due else Heard()

    @property
    def _is_scanner(self) -> bool:
        return len(self._held) >= self._settings.shortest

    @property
    def _patience_ms(self) -> float:
        return self._settings.stutter_ms if self._is_scanner else self._settings.gap_ms

    def _enter(self, at_ms: float) -> Heard:
        if self._is_scanner:
            ended = self._end_burst()
            self._scanned_ms = None
            return _joined(ended, Heard(swallowed=True))
        late = self._scanned_ms is not None and at_ms - self._scanned_ms <= self._settings.late_enter_ms
        self._scanned_ms = None
        if late and not self._held:
            return Heard(swallowed=True)
        return self._end_burst()

    def _end_burst(self) -> Heard:
        held, is_scanner, self._held = self._held, self._is_scanner, ""
        if not is_scanner:
            return Heard(released=held)
        self._scanned_ms = self._last_ms
        prefix, suffix = self._settings.prefix, self._settings.suffix
        code = held.removeprefix(prefix)
        framed = held.startswith(prefix) and code.endswith(suffix) and len(code) > len(suffix)
        return Heard(scans=(code[: len(code) - len(suffix)],)) if framed else Heard(garbled=(held,))


def _joined(first: Heard, second: Heard) -> Heard:
    return Heard(
        swallowed=second.swallowed,
        released=first.released + second.released,
        scans=first.scans + second.scans,
        garbled=first.garbled + second.garbled,
    )
