from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from boxoffice.documents.z_report import ZReportPaper, z_report_pdf
from boxoffice.domain.pricing import TaxLine
from boxoffice.domain.shifts import DENOMINATIONS
from tests.documents.papers import Z_REPORT, Printed, overlaps, printed

LONG = "Eine Erklärung, die länger ist als jede Zeile, und die trotzdem auf das Blatt gehört. " * 12
FULL = replace(
    Z_REPORT,
    seller=LONG,
    till_name=LONG,
    cashier=LONG,
    expected_lines=tuple((LONG, 10**9) for _ in range(6)),
    expected_minor=10**9,
    counts=tuple((denomination, 9999) for denomination in DENOMINATIONS["EUR"]),
    counted_minor=10**9,
    difference_minor=10**9,
    remark=LONG,
    tenders=tuple((LONG, 9999, 10**9) for _ in range(4)),
    movements=tuple((datetime(2026, 11, 14, 17, 1, tzinfo=UTC), LONG, -2500) for _ in range(30)),
    taxes=tuple(
        TaxLine(rate_bp=rate, net_minor=10**8, tax_minor=10**8, gross_minor=2 * 10**8) for rate in range(100, 500, 100)
    ),
    first_receipt="T65535-00004700",
    last_receipt="T65535-00004817",
)
X_REPORT = replace(Z_REPORT, kind="X", counts=(), remark="", counted_minor=0, difference_minor=0)
QUIET = replace(Z_REPORT, tenders=(), movements=(), taxes=(), remark="", first_receipt="", last_receipt="")
REPORTS = {"Z": Z_REPORT, "X": X_REPORT, "full": FULL, "quiet": QUIET, "arabic": replace(Z_REPORT, cashier="محمد 🎭")}


def one(report: ZReportPaper) -> Printed:
    (page,) = printed(z_report_pdf(report), dpi=100)
    return page


def test_a_z_report_tells_everything_that_was_counted_and_sold() -> None:
    text = " ".join(one(Z_REPORT).text.split())
    for words in (
        "Z report, shift 1184",
        "14.11.2026 16:02 to 14.11.2026 22:55",
        "Till 2 · Foyer · Lena Hartmann",
        "Short by",
        "€2.50",
        "Float",
        "Cash sales, 71",
        "€1,846.30",
        "−€86.00",
        "€1,935.30",
        "€1,932.80",
        "Stays in the drawer",
        "€1,732.80",
        "Card",
        "€5,217.40",
        "€225.05",
        "19 %",
        "17:01 stage supplies",
        "203 tickets sold, 2 refunded",
        "Receipts T2-004700 to T2-004817",
        "Gave 2.50 too much around 19:10",
        "214 facts in this shift",
        "9f3c27ab64d10e58",
    ):
        assert words in text, words


@pytest.mark.parametrize(("difference", "word"), [(0, "Exact"), (250, "Over by"), (-250, "Short by")])
def test_over_and_short_are_words(difference: int, word: str) -> None:
    assert word in one(replace(Z_REPORT, difference_minor=difference)).text


def test_an_x_report_shows_what_is_expected_and_counts_nothing() -> None:
    text = one(X_REPORT).text
    assert "X report" in text
    assert "€1,935.30" in text
    for word in ("Counted", "Short", "Deposit"):
        assert word not in text


@pytest.mark.parametrize("name", REPORTS)
def test_it_is_one_page_and_no_text_runs_into_another(name: str) -> None:
    page = one(REPORTS[name])
    assert overlaps(page) == []
    assert all(word.left >= 0 and word.right <= page.width and word.bottom >= 0 for word in page.words)
    assert min(page.margins_mm) > 10


def test_movements_that_do_not_fit_are_summed_and_not_dropped() -> None:
    text = " ".join(one(FULL).text.split())
    assert "18 more" in text
    assert "−€450.00" in text


def test_figures_of_a_column_end_at_one_edge() -> None:
    rights = {
        round(word.right) for word in one(Z_REPORT).words if word.text.endswith(("€1,846.30", "€5,217.40", "€7,063.70"))
    }
    assert len(rights) <= 2  # the two columns of the page


def test_currencies_without_cents_show_none() -> None:
    assert "JPY 193,530" in one(replace(Z_REPORT, currency="JPY")).text


def test_the_same_report_is_the_same_bytes() -> None:
    assert z_report_pdf(Z_REPORT) == z_report_pdf(Z_REPORT)
    assert z_report_pdf(Z_REPORT) != z_report_pdf(X_REPORT)
