"""docs/rules/money-and-tax.md"""

from __future__ import annotations

from boxoffice.domain.ids import TillNumber
from boxoffice.domain.money import Money, split_minor, tax_inside
from boxoffice.domain.pricing import Fee, Item, PriceList, PriceType, Quote, TaxMode, quote
from boxoffice.domain.sales import ledger_of
from boxoffice.domain.tenders import Tender, TenderKind, hand_back, quick_amounts
from boxoffice.domain.tenders import cash as cash_tender
from tests.domain.examples import basket as example_basket
from tests.domain.examples import sale as example_sale
from tests.house.rules.tables import Row, amount, amounts, basis_points, minor, minors


def price_list(prices: list[int], fee: str, tax: str) -> PriceList:
    """Category n costs the nth price. Fee as `1.50 a ticket at 19 %`, tax as `7 % inside`."""
    rate, _, mode = tax.partition(" % ")
    fees: tuple[Fee, ...] = ()
    if fee != "none":
        each, _, fee_rate = fee.partition(" at ")
        unit, _, per = each.partition(" ")
        fees = (Fee(name="Fee", minor=minor(unit), tax_bp=basis_points(fee_rate), per_order=per == "an order"),)
    return PriceList(
        id="page",
        name="Page",
        currency="EUR",
        tax_mode=TaxMode(mode.replace(" ", "_")),
        tax_bp=basis_points(rate),
        price_types=(PriceType(key="A", name="Adult"),),
        prices=tuple({"A": price} for price in prices),
        fees=fees,
    )


def _quote(prices: list[int], fee: str, tax: str) -> Quote:
    page = price_list(prices, fee, tax)
    return quote([Item(page, category, "A") for category in range(len(prices))])


def basket(row: Row) -> Row:
    priced = _quote(minors(row["Prices"]), row["Fee"], row["Tax"])
    return {
        **row,
        "Net": " + ".join(amount(line.net_minor) for line in priced.taxes),
        "Tax amount": " + ".join(amount(line.tax_minor) for line in priced.taxes),
        "Total": amount(priced.total.minor),
    }


def shares(row: Row) -> Row:
    weights = [minor(weight) for weight in row["Weights"].split(", ")]
    return {**row, "Shares": amounts(split_minor(minor(row["Amount"]), weights))}


def ledger(row: Row) -> Row:
    """The example sale of the tests is the first basket of the page."""
    sold = example_sale(example_basket((14, 0, "A"), (15, 0, "A"), (16, 0, "S")))
    tender = Tender(kind=TenderKind.CASH, minor=sold.total_minor)
    lines = {line.account: line.minor for line in ledger_of(TillNumber(2), [tender], sold.taxes, sold.tickets)}
    assert sum(lines.values()) == 0
    return {"Account": row["Account"], "Amount": amount(lines[row["Account"]])}


def cash(row: Row) -> Row:
    total = Money(minor(row["To pay (EUR)"]), "EUR")
    change = cash_tender(total, Money(minor(row["Received"]), "EUR")).change_minor
    pieces = [piece for piece, count in hand_back(Money(change, "EUR")).items() for _ in range(count)]
    return {
        **row,
        "Offered after the exact amount": amounts(offered.minor for offered in quick_amounts(total)),
        "Change in pieces": amounts(pieces),
    }


def drift(row: Row) -> Row:
    price, count = minor(row["Price"]), int(row["Tickets"])
    [of_order] = _quote([price] * count, "none", "7 % inside").taxes
    return {
        **row,
        "Tax of the order": amount(of_order.tax_minor),
        "Sum of taxes rounded one by one": amount(tax_inside(price, 700) * count),
    }


TABLES = {"basket": basket, "shares": shares, "ledger": ledger, "cash": cash, "drift": drift}
