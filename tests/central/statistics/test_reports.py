from __future__ import annotations

import asyncpg
import pypdfium2 as pdfium

from central.statistics.figures import Asked
from central.statistics.reports import File, ReportFormat, report
from tests.central.bookings.test_cancelling import paid
from tests.central.people import customer
from tests.support.central import RunningCentral, run


def test_sales_come_as_pages_and_as_a_table_that_agree(central: RunningCentral) -> None:
    paid(central, customer(central), seats=[20, 21])

    async def read(connection: asyncpg.Connection) -> tuple[File, ...]:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return await report(connection, Asked(None, None, None, 100), [ReportFormat.PDF, ReportFormat.CSV])

    pages, table = run(central.database, read)
    assert (pages.name, pages.media_type) == ("sales.pdf", "application/pdf")
    assert (table.name, table.media_type) == ("sales.csv", "text/csv")
    text = pdfium.PdfDocument(pages.body)[0].get_textpage().get_text_range()
    for said in ("From the beginning to now (Europe/Berlin)", "€100.00", "web", "Adult", "The Cherry Orchard"):
        assert said in text
    assert table.body.decode("utf-8-sig").splitlines()[1].endswith(",2,150,1.3,EUR,100.00")
