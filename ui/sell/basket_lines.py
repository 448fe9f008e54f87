"""A basket as the panel on the right shows it: lines under their performance, sums, fees, tax, total."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from boxoffice.domain.baskets import Basket, BasketLine
from boxoffice.domain.facts import Customer
from boxoffice.domain.house import House
from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.money import Money
from boxoffice.domain.pricing import PriceList, TaxMode
from ui.formats import Formats, plural


def _tr(text: str) -> str:
    return QCoreApplication.translate("Basket", text)


@dataclass(frozen=True, slots=True)
class PriceChip:
    key: str  # the letter of the price type
    name: str
    price: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class LineRow:
    """`chips` are only there in the active line."""

    key: int
    name: str
    category: int
    category_name: str
    price_type: str
    price: str
    chips: tuple[PriceChip, ...]

    @property
    def is_active(self) -> bool:
        return bool(self.chips)


@dataclass(frozen=True, slots=True)
class PerformanceLines:
    title: str
    when: str
    lines: tuple[LineRow, ...]


@dataclass(frozen=True, slots=True)
class SumRow:
    text: str
    amount: str


@dataclass(frozen=True, slots=True)
class BasketRows:
    """All that the panel shows. `tax` is the small line; `total` is written out."""

    count: str
    performances: tuple[PerformanceLines, ...] = ()
    sums: tuple[SumRow, ...] = ()
    tax: str = ""
    total: str = ""
    customer: Customer | None = None
    note: str = ""
    can_undo: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.performances


def place_name(line: BasketLine, house: House) -> str:
    """`Stalls F 15`, or the area's name."""
    if line.seat is not None:
        return house.plan.seat_name(line.seat)
    return house.plan.areas[line.area or 0].name


def basket_rows(
    basket: Basket,
    houses: Mapping[PerformanceId, House],
    formats: Formats,
    *,
    active: int | None,
    can_undo: bool,
    currency: str,
) -> BasketRows:
    """`houses` has the house of every performance in the basket."""
    count = plural("Basket", "{} ticket", "{} tickets", len(basket.lines))
    if not basket.lines:
        zero = formats.money(Money.zero(currency))
        return BasketRows("", (), (), "", zero, basket.customer, basket.note, can_undo)
    priced = basket.quote(lambda performance: houses[performance].price_list)
    performances = list(dict.fromkeys(line.performance for line in basket.lines))
    on_top = all(houses[performance].price_list.tax_mode is TaxMode.ON_TOP for performance in performances)
    sums = [SumRow(count, formats.money(_list_prices(basket, houses, currency) if on_top else priced.tickets))]
    for fee in priced.fees:
        each = formats.minor(fee.unit_minor, priced.total.currency)
        text = fee.name if fee.per_order else f"{fee.name} {fee.count} × {each}"
        sums.append(SumRow(text, formats.minor(fee.minor, priced.total.currency)))
    taxes = [
        SumRow(formats.percent(tax.rate_bp), formats.minor(tax.tax_minor, priced.total.currency))
        for tax in priced.taxes
        if tax.rate_bp
    ]
    if on_top:
        sums += [SumRow(_tr("Tax {}").format(tax.text), tax.amount) for tax in taxes]
        taxes = []
    tax_line = " · ".join(f"{tax.text} {tax.amount}" for tax in taxes)
    return BasketRows(
        count=count,
        performances=tuple(
            PerformanceLines(
                title=houses[performance].production.title,
                when=_when(houses[performance], formats),
                lines=tuple(
                    _line(line, houses[performance], formats, is_active=line.key == active)
                    for line in basket.lines
                    if line.performance == performance
                ),
            )
            for performance in performances
        ),
        sums=tuple(sums),
        tax=_tr("incl. VAT {}").format(tax_line) if tax_line else "",
        total=formats.money(priced.total),
        customer=basket.customer,
        note=basket.note,
        can_undo=can_undo,
    )


def _list_prices(basket: Basket, houses: Mapping[PerformanceId, House], currency: str) -> Money:
    prices = (houses[line.performance].price_list.price(line.category, line.price_type) for line in basket.lines)
    return Money.sum(prices, currency)


def _line(line: BasketLine, house: House, formats: Formats, *, is_active: bool) -> LineRow:
    prices = house.price_list
    chosen = prices.price_types[prices.type_index(line.price_type)]
    chips = tuple(
        PriceChip(
            kind.key, kind.name, formats.money(prices.price(line.category, kind.key)), kind.key == line.price_type
        )
        for kind in prices.types_for(line.category)
    )
    return LineRow(
        key=line.key,
        name=place_name(line, house),
        category=line.category,
        category_name=house.plan.categories[line.category],
        price_type=chosen.name,
        price=formats.money(prices.price(line.category, line.price_type)),
        chips=chips if is_active else (),
    )


def _when(house: House, formats: Formats) -> str:
    local = formats.at(house.venue.timezone)
    starts = house.performance.starts_at
    day, date = local.day(starts), local.date(starts)
    parts = [day if day == date else f"{day}, {date}", local.time(starts), house.performance.hall]
    return " · ".join(part for part in parts if part)


def next_price_type(line: BasketLine, prices: PriceList) -> str:
    """The one after the line's own, round and round."""
    keys = [kind.key for kind in prices.types_for(line.category)]
    return keys[(keys.index(line.price_type) + 1) % len(keys)]
