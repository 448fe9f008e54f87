"""Money as whole minor units. No float comes near it, and shares always sum to the whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from boxoffice.domain.refusals import Malformed

BASIS_POINTS = 10_000
_MINOR_DIGITS = {"BHD": 3, "JOD": 3, "KWD": 3, "OMR": 3, "TND": 3, "CLP": 0, "ISK": 0, "JPY": 0, "KRW": 0, "VND": 0}


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (cents) of one ISO 4217 currency. Adding another currency raises ValueError."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.minor, int) or isinstance(self.minor, bool):
            raise TypeError(f"minor units must be an int, not {self.minor!r}")
        if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.isupper():
            raise ValueError(f"not an ISO 4217 code: {self.currency!r}")

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def sum(cls, amounts: Iterable[Money], currency: str) -> Money:
        total = cls(0, currency)
        for amount in amounts:
            total += amount
        return total

    @property
    def digits(self) -> int:
        """How many decimals the currency shows."""
        return _MINOR_DIGITS.get(self.currency, 2)

    @property
    def decimal(self) -> str:
        """Figures alone: `12.50`."""
        return decimal_text(self.minor, self.digits)

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        """Plain and locale-free, for logs and exports: `EUR 12.50`."""
        return f"{self.currency} {self.decimal}"

    def split(self, weights: Sequence[int]) -> tuple[Money, ...]:
        """Shares in proportion to `weights` (>= 0, not all 0) that sum to the whole, by largest remainder.

        Equal remainders go to the earlier share, so the result is the same everywhere.
        """
        return tuple(Money(share, self.currency) for share in split_minor(self.minor, weights))

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return other.minor


def split_minor(whole: int, weights: Sequence[int]) -> list[int]:
    """The rule behind `Money.split`, on plain minor units."""
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must not be negative and must not all be zero")
    sign = -1 if whole < 0 else 1
    floors = [abs(whole) * weight // total for weight in weights]
    remainders = [abs(whole) * weight % total for weight in weights]
    left = abs(whole) - sum(floors)
    for index in sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[:left]:
        floors[index] += 1
    return [sign * share for share in floors]


def percentage(minor: int, basis_points: int) -> int:
    """`basis_points` of `minor`, rounded half away from zero (1 % = 100 basis points)."""
    return _divide(minor * basis_points, BASIS_POINTS)


def tax_inside(gross_minor: int, rate_bp: int) -> int:
    """The tax that a gross amount contains at `rate_bp`."""
    return _divide(gross_minor * rate_bp, BASIS_POINTS + rate_bp)


def _divide(numerator: int, denominator: int) -> int:
    """Division rounded half away from zero, as commercial rounding does it."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def decimal_text(minor: int, digits: int) -> str:
    """`-1250, 2` as `-12.50`."""
    sign = "-" if minor < 0 else ""
    if not digits:
        return f"{sign}{abs(minor)}"
    whole, part = divmod(abs(minor), 10**digits)
    return f"{sign}{whole}.{part:0{digits}d}"


def parse_amount(text: str, currency: str, field: str = "amount") -> Money:
    """What a person typed: `12`, `12.5`, `12,50`. Raises Malformed."""
    cleaned = text.strip().replace("\N{NO-BREAK SPACE}", "").replace(" ", "").replace(",", ".")
    digits = Money(0, currency).digits
    whole, dot, part = cleaned.partition(".")
    plain = whole.isascii() and whole.isdigit() and (not dot or (part.isascii() and part.isdigit()))
    if not plain or len(part) > digits or len(whole) > 9:
        raise Malformed(field, f"“{text}” is not an amount.", "Type an amount such as 12.50.")
    return Money(int(whole) * 10**digits + int(part.ljust(digits, "0") or 0), currency)
