from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.documents.receipt import (
    COLUMNS,
    ReceiptGroup,
    ReceiptLine,
    ReceiptPaper,
    check_data,
    receipt_lines,
    receipt_pdf,
    receipt_size,
    tax_letters,
)
from boxoffice.domain.money import Money, decimal_text, tax_inside
from boxoffice.domain.pricing import TaxLine
from tests.documents.papers import RECEIPT, eur, overlaps, printed

LONG = "Ein Name, der länger ist als jede Zeile eines Bons jemals sein wird, und noch etwas länger"
REFUND = replace(
    RECEIPT,
    kind="Refund",
    groups=(ReceiptGroup(("The Glass Orchard",), (ReceiptLine("Stalls F 15  Adult", eur(-8600), "A"),)),),
    total=eur(-8600),
    tenders=(("Cash", eur(-8600)),),
    change=eur(0),
    taxes=(TaxLine(rate_bp=700, net_minor=-8037, tax_minor=-563, gross_minor=-8600),),
)
WEIRD = replace(
    RECEIPT,
    issuer=replace(RECEIPT.issuer, seller=LONG * 3, cashier="محمد 🎭\x07" + LONG, till_name=LONG, footer=LONG * 4),
    groups=(ReceiptGroup((LONG * 2, "玻璃果园"), (ReceiptLine(LONG, eur(123456789), "A"),)),),
    total=eur(123456789),
)
RECEIPTS = {
    "sale": RECEIPT,
    "copy": replace(RECEIPT, kind="Copy"),
    "refund": REFUND,
    "weird": WEIRD,
    "yen": replace(RECEIPT, total=Money(24530, "JPY")),
    "empty": replace(RECEIPT, groups=(), tenders=(), taxes=(), change=eur(0)),
    "one of 500 tickets": replace(
        RECEIPT, groups=(ReceiptGroup(("Big",), tuple(ReceiptLine(f"Seat {n}", eur(100), "A") for n in range(500))),)
    ),
}


def text_of(receipt: ReceiptPaper) -> str:
    return "\n".join(line.text for line in receipt_lines(receipt))


@pytest.mark.parametrize("name", RECEIPTS)
def test_every_line_fits_its_columns(name: str) -> None:
    for line in receipt_lines(RECEIPTS[name]):
        assert len(line.text) <= (COLUMNS // 2 if line.is_large else COLUMNS)


def test_a_sale_reads_like_this() -> None:
    assert (
        text_of(RECEIPT)
        == """\
         Alder Theatre gGmbH
    4 Mill Lane, 10000 Alderstadt
           VAT DE000000000

Receipt                      T2-004817
14.11.2026                    18:49:12
Till 2 · shift 1184        L. Hartmann
Order                          7N2R-8C
--------------------------------------
The Glass Orchard
Sat 14.11.2026 19:30, Main House
Stalls F 15  Adult             86.00 A
Stalls F 16  Adult             86.00 A
Stalls F 17  Student           68.80 A
Booking fee  3 x 1.50           4.50 B
--------------------------------------
Total EUR    245.30
Cash                            300.00
Change                          -54.70
--------------------------------------
VAT            net       tax     gross
A  7 %      225.05     15.75    240.80
B 19 %        3.78      0.72      4.50
--------------------------------------
Start 18:48:03            End 18:49:12
Check              9f3c 27ab 64d1 0e58"""
    )


def test_a_refund_is_titled_and_negative_all_the_way() -> None:
    text = text_of(REFUND)
    assert text.splitlines()[0].strip() == "REFUND"
    assert receipt_lines(REFUND)[0].is_large
    assert re.search(r"Total EUR +-86.00", text)
    assert re.search(r"A +7 % +-80.37 +-5.63 +-86.00", text)
    assert "Change" not in text


def test_a_copy_says_that_it_is_one() -> None:
    assert "COPY" in text_of(replace(RECEIPT, kind="Copy"))
    assert "COPY" not in text_of(RECEIPT).upper()


def test_a_total_too_long_for_double_size_keeps_its_figures() -> None:
    assert "1234567.89" in text_of(WEIRD)


def test_currencies_without_cents_show_none() -> None:
    assert re.search(r"Total JPY +24530$", text_of(RECEIPTS["yen"]), re.MULTILINE)


def test_names_that_cannot_be_drawn_are_squares_and_the_line_keeps_its_columns() -> None:
    assert "□" in text_of(WEIRD)
    assert "\x07" not in text_of(WEIRD)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", RECEIPTS)
def test_the_page_is_as_long_as_the_receipt_and_nothing_is_in_the_margins(name: str, training: bool) -> None:
    receipt = replace(RECEIPTS[name], training=training)
    (page,) = printed(receipt_pdf(receipt))
    assert (round(page.width, 1), round(page.height, 1)) == tuple(round(side, 1) for side in receipt_size(receipt))
    left, above, right, below = page.margins_mm
    assert min(left, right) >= 3.8
    assert 1.2 <= above <= 12
    assert 1.2 <= below <= 12


@pytest.mark.parametrize("name", RECEIPTS)
def test_no_text_runs_into_another(name: str) -> None:
    (page,) = printed(receipt_pdf(RECEIPTS[name]))
    assert overlaps(page) == []


@pytest.mark.parametrize("name", RECEIPTS)
def test_its_code_carries_what_the_journal_can_be_compared_with(name: str) -> None:
    (page,) = printed(receipt_pdf(RECEIPTS[name]))
    assert page.codes == [check_data(RECEIPTS[name])]


def test_the_code_tells_number_moment_total_and_hash() -> None:
    assert check_data(REFUND) == "T2-004817:20261114184912:EUR-8600:9F3C27AB64D10E58"


def test_training_is_unmistakable() -> None:
    (page,) = printed(receipt_pdf(replace(RECEIPT, training=True)))
    assert "VOID" in page.text
    assert page.text.count("TRAINING") == 4


def test_the_same_receipt_is_the_same_bytes() -> None:
    assert receipt_pdf(RECEIPT) == receipt_pdf(RECEIPT)
    assert receipt_pdf(RECEIPT) != receipt_pdf(REFUND)


amounts = st.lists(st.tuples(st.integers(1, 10**7), st.sampled_from([700, 1900, 0])), min_size=1, max_size=30)


@given(amounts)
def test_what_is_printed_adds_up_line_by_line(sold: list[tuple[int, int]]) -> None:
    rates = sorted({rate for _, rate in sold})
    taxes = []
    for rate in rates:
        gross = sum(minor for minor, its_rate in sold if its_rate == rate)
        tax = tax_inside(gross, rate)
        taxes.append(TaxLine(rate_bp=rate, net_minor=gross - tax, tax_minor=tax, gross_minor=gross))
    letters = tax_letters(tuple(taxes))
    total = eur(sum(minor for minor, _ in sold))
    lines = tuple(ReceiptLine("Seat", eur(minor), letters[rate]) for minor, rate in sold)
    receipt = replace(
        RECEIPT,
        groups=(ReceiptGroup((), lines),),
        total=total,
        taxes=tuple(taxes),
        tenders=(("Card", total),),
        change=eur(0),
    )
    text = text_of(receipt)

    def cents(figure: str) -> int:
        return int(figure.replace(".", ""))

    by_letter: dict[str, int] = {}
    for figure, letter in re.findall(r"^Seat +(\d+\.\d\d) ([A-C])$", text, re.MULTILINE):
        by_letter[letter] = by_letter.get(letter, 0) + cents(figure)
    table = re.findall(r"^([A-C]) .*? (\d+\.\d\d) +(\d+\.\d\d) +(\d+\.\d\d)$", text, re.MULTILINE)
    assert sum(by_letter.values()) == total.minor
    assert {letter: cents(gross) for letter, _, _, gross in table} == by_letter
    assert all(cents(net) + cents(tax) == cents(gross) for _, net, tax, gross in table)
    assert decimal_text(total.minor, 2) in text
