"""Taking cash: what was typed, what is due back, and in which notes and coins."""

from __future__ import annotations

from dataclasses import dataclass, replace

from boxoffice.domain.money import Money
from boxoffice.domain.tenders import TenderShort, hand_back, quick_amounts

_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class CashEntry:
    """Digits push in from the right as on a cash register: `3` `0` `00` is 30.00. A decimal point ends the whole part.

    Nothing typed means exact cash.
    """

    total: Money
    typed: str = ""

    def digit(self, digits: str) -> CashEntry:
        """`digits` is `0` to `9` or `00`. More than can be money is not taken."""
        whole, point, part = self.typed.partition(".")
        if point:
            room = self.total.digits - len(part)
            return replace(self, typed=self.typed + digits[:room])
        if len(whole) + len(digits) > _MOST_DIGITS:
            return self
        return replace(self, typed=(self.typed + digits).lstrip("0"))

    def point(self) -> CashEntry:
        if "." in self.typed or not self.total.digits:
            return self
        return replace(self, typed=(self.typed or "0") + ".")

    def backspace(self) -> CashEntry:
        return replace(self, typed=self.typed[:-1])

    def exactly(self, amount: Money) -> CashEntry:
        """A quick amount was pressed."""
        return replace(self, typed="" if amount == self.total else str(amount.minor))

    @property
    def received(self) -> Money:
        """What is typed, or the total when nothing is."""
        if not self.typed:
            return self.total
        whole, point, part = self.typed.partition(".")
        digits = self.total.digits
        minor = int(whole or 0) * 10**digits + int(part.ljust(digits, "0") or 0) if point else int(whole or 0)
        return Money(minor, self.total.currency)

    @property
    def is_exact(self) -> bool:
        return self.received == self.total

    @property
    def change(self) -> Money | None:
        """None while what was received does not reach the total."""
        rest = self.received - self.total
        return rest if rest.minor >= 0 else None

    @property
    def missing(self) -> Money:
        return max(self.total - self.received, Money.zero(self.total.currency))

    @property
    def quick(self) -> tuple[Money, ...]:
        return (self.total, *quick_amounts(self.total))

    def pieces(self) -> dict[int, int]:
        """Notes and coins to hand back, largest first; empty when nothing is due."""
        return hand_back(self.change) if self.change else {}

    def require_enough(self) -> None:
        """Raises TenderShort."""
        if self.missing:
            raise TenderShort("That is less than the total.", "Take the rest, or press Esc.")
