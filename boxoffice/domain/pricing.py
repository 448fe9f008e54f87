"""What a basket costs: price category x price type, fees, and tax inside or on top, with exact sums.

The rule and a worked table are in docs/rules/money-and-tax.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from boxoffice.domain.money import Money, percentage, split_minor, tax_inside
from boxoffice.domain.refusals import Refused
from boxoffice.domain.values import Currency, Flag, Minor, Name, Value, Whole

TaxRate = Annotated[Whole, Field(ge=0, le=10_000)]  # basis points: 700 is 7 %
Price = Annotated[Whole, Field(ge=0, le=10**9)]  # minor units


class TaxMode(StrEnum):
    INSIDE = "inside"  # prices contain the tax, as in Europe
    ON_TOP = "on_top"  # tax is added to the prices, as in the United States


class PriceType(Value):
    """`key` is the letter a cashier types: `4*A` is four adults. `check` is what the door looks at."""

    key: Annotated[str, Field(pattern=r"^[A-Z]$")]
    name: Name
    check: str = ""
    is_comp: Flag = False


class Fee(Value):
    """Charged per ticket or once per order. Comps carry none."""

    name: Name
    per_order: Flag = False
    minor: Price
    tax_bp: TaxRate


class Prices(Value):
    """`prices[category][key]` in minor units. A missing entry means: not sold at that type."""

    currency: Currency
    tax_mode: TaxMode
    tax_bp: TaxRate
    price_types: tuple[PriceType, ...]
    prices: tuple[dict[str, Price], ...]
    fees: tuple[Fee, ...] = ()

    @model_validator(mode="after")
    def _every_price_has_its_type(self) -> Self:
        known = {price_type.key for price_type in self.price_types}
        for category, row in enumerate(self.prices):
            if not set(row) <= known:
                raise ValueError(f"prices: category {category} has a price for an unknown price type")
        return self

    def price(self, category: int, key: str) -> Money:
        """Raises NotForSale."""
        if not 0 <= category < len(self.prices) or key not in self.prices[category]:
            raise NotForSale(f"Category {category + 1} is not sold as “{key}”.", "Choose another price type.")
        return Money(self.prices[category][key], self.currency)

    def types_for(self, category: int) -> tuple[PriceType, ...]:
        """The price types a seat of this category can be sold at, in the order of the list."""
        row = self.prices[category] if category < len(self.prices) else {}
        return tuple(price_type for price_type in self.price_types if price_type.key in row)

    def categories_for(self, key: str) -> frozenset[int]:
        """The categories that are sold at this price type."""
        return frozenset(category for category, row in enumerate(self.prices) if key in row)

    def type_index(self, key: str) -> int:
        return next(i for i, price_type in enumerate(self.price_types) if price_type.key == key)


class PriceList(Prices):
    id: str
    name: Name


class NotForSale(Refused):
    code = "not_for_sale"


class MixedCurrencies(Refused):
    code = "mixed_currencies"


@dataclass(frozen=True, slots=True)
class Item:
    """One ticket to be priced. `off_minor` comes off its price before tax (see boxoffice.domain.discounts)."""

    price_list: PriceList
    category: int
    price_type: str
    off_minor: int = 0

    @property
    def minor(self) -> int:
        """The price that is charged. Raises NotForSale."""
        price = self.price_list.price(self.category, self.price_type).minor
        if not 0 <= self.off_minor <= price:
            raise ValueError(f"{self.off_minor} cannot come off a price of {price}")
        return price - self.off_minor


class Charge(Value):
    """A part of a ticket's price taxed at one rate, with its exact share of the order's tax. Minor units."""

    gross_minor: Minor
    tax_minor: Minor
    rate_bp: TaxRate
    is_fee: bool = False


class Charged(Value):
    """What one ticket costs, part by part; negative in a refund."""

    charges: tuple[Charge, ...]

    @property
    def gross_minor(self) -> int:
        """The admission itself, without fees."""
        return sum(charge.gross_minor for charge in self.charges if not charge.is_fee)

    @property
    def fee_minor(self) -> int:
        return sum(charge.gross_minor for charge in self.charges if charge.is_fee)


class FeeLine(Value):
    name: Name
    count: int
    unit_minor: Minor
    tax_bp: TaxRate
    minor: Minor
    per_order: bool = False


class TaxLine(Value):
    """Sums of the order at one rate. `net + tax == gross`."""

    rate_bp: TaxRate
    net_minor: Minor
    tax_minor: Minor
    gross_minor: Minor


@dataclass(frozen=True, slots=True)
class Quote:
    items: tuple[tuple[Charge, ...], ...]  # one an item, in their order
    fees: tuple[FeeLine, ...]
    taxes: tuple[TaxLine, ...]
    tickets: Money
    total: Money


def quote(items: Sequence[Item]) -> Quote:
    """Price an order. Sums per rate come first and are shared out, so lines always add up to the total.

    Raises NotForSale or MixedCurrencies; an empty order raises ValueError.
    """
    if not items:
        raise ValueError("nothing to price")
    currency = items[0].price_list.currency
    if any(item.price_list.currency != currency for item in items):
        raise MixedCurrencies("Two currencies cannot be paid in one sale.", "Sell them one after the other.")
    fees, fee_entries = _fees(items)
    entries = [
        _Entry(i, item.minor, item.price_list.tax_bp, item.price_list) for i, item in enumerate(items)
    ] + fee_entries
    charges: list[list[Charge]] = [[] for _ in items]
    taxes: list[TaxLine] = []
    for (rate_bp, mode), members in sorted(_by_rate(entries).items()):
        amounts = [entry.minor for entry in members]
        whole = sum(amounts)
        inside = mode is TaxMode.INSIDE
        rate_tax = tax_inside(whole, rate_bp) if inside else percentage(whole, rate_bp)
        shares = split_minor(rate_tax, amounts) if whole else [0] * len(members)
        for entry, share in zip(members, shares, strict=True):
            gross = entry.minor if inside else entry.minor + share
            if entry.item is not None:
                charges[entry.item].append(
                    Charge(gross_minor=gross, tax_minor=share, rate_bp=rate_bp, is_fee=entry.is_fee)
                )
        gross = whole if inside else whole + rate_tax
        taxes.append(TaxLine(rate_bp=rate_bp, net_minor=gross - rate_tax, tax_minor=rate_tax, gross_minor=gross))
    tickets = sum(charge.gross_minor for parts in charges for charge in parts if not charge.is_fee)
    return Quote(
        items=tuple(tuple(sorted(parts, key=lambda charge: charge.is_fee)) for parts in charges),
        fees=fees,
        taxes=merge_taxes(taxes),
        tickets=Money(tickets, currency),
        total=Money(sum(line.gross_minor for line in taxes), currency),
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    item: int | None  # None: a fee of the order
    minor: int
    rate_bp: int
    price_list: PriceList
    is_fee: bool = False


def _fees(items: Sequence[Item]) -> tuple[tuple[FeeLine, ...], list[_Entry]]:
    per_list: dict[str, list[int]] = defaultdict(list)
    for i, item in enumerate(items):
        price_type = item.price_list.price_types[item.price_list.type_index(item.price_type)]
        if not price_type.is_comp:
            per_list[item.price_list.id].append(i)
    lines: list[FeeLine] = []
    entries: list[_Entry] = []
    for members in per_list.values():
        price_list = items[members[0]].price_list
        for fee in price_list.fees:
            count = 1 if fee.per_order else len(members)
            charged: Sequence[int | None] = [None] if fee.per_order else members
            entries += [_Entry(i, fee.minor, fee.tax_bp, price_list, is_fee=True) for i in charged]
            lines.append(
                FeeLine(
                    name=fee.name,
                    count=count,
                    unit_minor=fee.minor,
                    tax_bp=fee.tax_bp,
                    minor=fee.minor * count,
                    per_order=fee.per_order,
                )
            )
    return tuple(lines), entries


def _by_rate(entries: Sequence[_Entry]) -> dict[tuple[int, TaxMode], list[_Entry]]:
    groups: dict[tuple[int, TaxMode], list[_Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.rate_bp, entry.price_list.tax_mode].append(entry)
    return groups


def merge_taxes(taxes: Iterable[TaxLine]) -> tuple[TaxLine, ...]:
    """One line a rate, also where a basket mixes price lists with tax inside and on top."""
    merged: dict[int, TaxLine] = {}
    for line in taxes:
        so_far = merged.get(line.rate_bp)
        merged[line.rate_bp] = (
            line
            if so_far is None
            else TaxLine(
                rate_bp=line.rate_bp,
                net_minor=so_far.net_minor + line.net_minor,
                tax_minor=so_far.tax_minor + line.tax_minor,
                gross_minor=so_far.gross_minor + line.gross_minor,
            )
        )
    return tuple(merged[rate] for rate in sorted(merged))


def taxes_of(tickets: Iterable[Charged]) -> tuple[TaxLine, ...]:
    """The sums of these tickets, their fees with them, by rate; negative in a refund."""
    return merge_taxes(
        TaxLine(
            rate_bp=charge.rate_bp,
            net_minor=charge.gross_minor - charge.tax_minor,
            tax_minor=charge.tax_minor,
            gross_minor=charge.gross_minor,
        )
        for ticket in tickets
        for charge in ticket.charges
    )
