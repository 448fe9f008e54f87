from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel

from tests.documents.papers import printed
from tests.services.till_at_work import TillAtWork
from tests.ui.places.conftest import RUTH, Counter
from ui.attention.workspace import Attention
from ui.reports.presenter import rows_of, today_csv
from ui.reports.workspace import Reports
from ui.seatchart import SeatChart


def test_today_in_five_answers(counter: Counter, till: TillAtWork) -> None:
    till.sell([0, 1])
    till.sell([2])
    rows = rows_of(till.till.reporting.today(), counter.window.formats)
    figures = {tile.title: tile.figure for tile in rows.tiles}
    assert figures["Tickets sold today"] == "3"
    assert figures["Taken today"] == "€262.50"
    assert len(rows.tiles) == 5
    assert sum(rows.sales.bars[0].values) == 3


def test_a_day_without_a_sale_says_so_instead_of_drawing_nothing(counter: Counter, till: TillAtWork) -> None:
    rows = rows_of(till.till.reporting.today(), counter.window.formats)
    assert rows.sales.title == "No sale at this till yet today"
    counter.go_to("6")
    assert "No sale at this till yet today" in " ".join(
        label.accessibleName() or label.text() for label in counter.shell.findChildren(QLabel)
    )


def test_the_csv_adds_up_to_what_was_taken(counter: Counter, till: TillAtWork) -> None:
    sale = till.sell([0, 1])
    till.till.refunding.refund(sale.sale, [sale.tickets[0].ticket], RUTH, "ill")
    today = till.till.reporting.today()
    text = today_csv(today, counter.window.formats).decode("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert sum(round(float(row["amount"]) * 100) for row in rows) == today.taken.minor == 8_750
    assert [(row["tickets"], row["refunded"]) for row in rows] == [("2", "1")]


def test_an_export_that_cannot_be_written_says_so_and_leaves_nothing(
    counter: Counter, till: TillAtWork, tmp_path: Path
) -> None:
    till.sell([0])
    counter.go_to("6")
    reports = counter.shell.current
    assert isinstance(reports, Reports)
    reports.presenter.export(tmp_path / "no-such-folder" / "today.csv")
    counter.until(lambda: "could not be written" in counter.toasts())
    assert list(tmp_path.glob("**/*.part")) == []


def test_a_print_that_failed_waits_under_attention_and_prints_again(counter: Counter, till: TillAtWork) -> None:
    till.queue.start()
    till.shelf.out_of_paper = True
    sale = till.sell([0])
    till.till.printing.print_sale(sale)
    counter.until(lambda: len(till.till.printing.failed()) == 2)
    counter.go_to("5")
    attention = counter.shell.current
    assert isinstance(attention, Attention)
    counter.until(lambda: attention.attention == 2)
    assert "Did not print" in " ".join(
        label.accessibleName() or label.text() for label in counter.shell.findChildren(QLabel)
    )
    till.shelf.out_of_paper = False
    for job in till.till.printing.failed():
        till.till.printing.retry(job)
    counter.until(lambda: len(till.shelf.printed) == 2)
    counter.until(lambda: not till.till.printing.failed())
    attention.changed()
    counter.until(lambda: attention.attention == 0)


@pytest.mark.parametrize("number", ["2", "3", "4", "5", "6"])
def test_every_control_of_a_place_has_a_name(counter: Counter, number: str) -> None:
    counter.go_to(number)
    nameless = [
        type(button).__name__
        for button in counter.shell.findChildren(QAbstractButton)
        if button.isVisible() and not button.accessibleName()
    ]
    assert nameless == []


def test_tonights_house_is_exported_as_a_map(counter: Counter, till: TillAtWork, tmp_path: Path) -> None:
    till.sell([0, 1])
    counter.go_to("6")
    reports = counter.shell.current
    assert isinstance(reports, Reports)
    reports.presenter.export(tmp_path / "house.pdf")
    counter.until(lambda: (tmp_path / "house.pdf").exists())
    (page,) = printed((tmp_path / "house.pdf").read_bytes())
    assert "2 sold" in page.text


def test_which_seats_sell_is_told_in_one_hue_and_in_words(counter: Counter, till: TillAtWork) -> None:
    till.sell([0, 1])
    shares = till.till.reporting.today().seat_shares
    assert shares is not None
    assert shares.seats[0] == shares.seats[1] == 1 / shares.performances
    assert shares.seats[2] == 0
    rows = rows_of(till.till.reporting.today(), counter.window.formats)
    assert rows.seats.readings[0][1] == shares.by_section()[0][0]
    counter.go_to("6")
    charts = counter.shell.findChildren(SeatChart)
    shown = next(chart for chart in charts if chart.isVisible())
    assert shown.stop_name(0).endswith(f"{shares.seats[0]:.0%}")
    assert rows.seats.readings[0][0] in shown.accessibleName()
