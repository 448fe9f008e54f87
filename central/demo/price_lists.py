"""What the demo's places cost, in euro cents. Prices contain 7 % tax, fees 19 %."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from boxoffice.domain.pricing import Fee, PriceList, PriceType, TaxMode

CURRENCY = "EUR"
ADULT, STUDENT, CHILD, SENIOR, COMP = "A", "S", "C", "R", "X"

_TYPES = (
    PriceType(key=ADULT, name="Adult"),
    PriceType(key=STUDENT, name="Student", check="Student card"),
    PriceType(key=CHILD, name="Child to 14"),
    PriceType(key=SENIOR, name="Senior"),
    PriceType(key=COMP, name="Comp", is_comp=True),
)
_PLAY: Mapping[str, int] = {ADULT: 100, STUDENT: 60, CHILD: 50, SENIOR: 85, COMP: 0}
_CONCERT: Mapping[str, int] = {ADULT: 100, STUDENT: 80, COMP: 0}
_BOOKING_FEE = Fee(name="Booking fee", minor=150, tax_bp=1900)

MAIN_EVENING, MAIN_MATINEE, STUDIO, STUDIO_UNRESERVED, ARENA, CLUB = (
    "main-evening",
    "main-matinee",
    "studio",
    "studio-unreserved",
    "arena",
    "club",
)


def price_lists() -> tuple[PriceList, ...]:
    return (
        _list(MAIN_EVENING, "Main House, evening", (8400, 6800, 5200, 3800, 2400, 7600), _PLAY),
        _list(MAIN_MATINEE, "Main House, matinee", (6400, 5200, 4000, 2800, 1800, 5600), _PLAY),
        _list(STUDIO, "Studio", (2600, 2200), _PLAY),
        _list(STUDIO_UNRESERVED, "Studio, unreserved", (1800,), _PLAY),
        _list(
            ARENA,
            "Arena concert",
            (7900, 12900, 9900, 7400, 5900, 4900),
            _CONCERT,
            (Fee(name="Booking fee", minor=350, tax_bp=1900), Fee(name="Tram and bus", minor=120, tax_bp=700)),
        ),
        _list(
            CLUB,
            "Club night",
            (1800, 2800, 2200),
            _CONCERT,
            (Fee(name="Order fee", per_order=True, minor=200, tax_bp=1900),),
        ),
    )


def _list(
    key: str, name: str, adult: Sequence[int], shares: Mapping[str, int], fees: tuple[Fee, ...] = (_BOOKING_FEE,)
) -> PriceList:
    """`adult` by category; `shares` of it in percent by price type, rounded to 10 cents."""
    return PriceList(
        id=key,
        name=name,
        currency=CURRENCY,
        tax_mode=TaxMode.INSIDE,
        tax_bp=700,
        price_types=tuple(item for item in _TYPES if item.key in shares),
        prices=tuple({key: round(price * share / 1000) * 10 for key, share in shares.items()} for price in adult),
        fees=fees,
    )
