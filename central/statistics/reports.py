"""The figures as files: a table for a spreadsheet, or pages to print."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import asyncpg

from boxoffice.documents.figures import FiguresPaper, Table, figures_pdf
from boxoffice.documents.words import money_text
from boxoffice.domain.money import Money
from central.statistics.figures import Asked, Sold, SoldForEvent, Statistics, statistics

MOST_EVENTS = 100_000
_FORMULA = ("=", "+", "-", "@", "\t")


class ReportFormat(StrEnum):
    PDF = "pdf"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class File:
    name: str
    media_type: str
    body: bytes


async def report(connection: asyncpg.Connection, asked: Asked, formats: Iterable[ReportFormat]) -> tuple[File, ...]:
    """In a REPEATABLE READ transaction. Pages are drawn in a thread."""
    found = await statistics(connection, asked)
    seller = await connection.fetchval("select coalesce(seller ->> 'name', '') from server")
    files = []
    for wanted in formats:
        if wanted is ReportFormat.CSV:
            files.append(File("sales.csv", "text/csv", table(found.byEvent).encode("utf-8-sig")))
        else:
            body = await asyncio.to_thread(figures_pdf, paper(found, seller, asked))
            files.append(File("sales.pdf", "application/pdf", body))
    return tuple(files)


def table(events: Sequence[SoldForEvent]) -> str:
    """CSV with a row an event."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        ["eventId", "name", "date", "location", "sold", "capacity", "occupancyPercent", "currency", "revenue"]
    )
    for event in events:
        revenue = Money(event.revenueMinor, event.currency).decimal
        writer.writerow(
            [
                *(event.eventId, _words(event.name), event.date.isoformat(), _words(event.location), event.sold),
                *(event.capacity, event.occupancyPercent, event.currency, revenue),
            ]
        )
    return out.getvalue()


def paper(found: Statistics, seller: str, asked: Asked) -> FiguresPaper:
    sold = ("Tickets", "Admission")
    return FiguresPaper(
        seller=seller,
        title="Sales",
        period=f"{_day(asked.first_day, 'From the beginning')} to {_day(asked.last_day, 'now')} ({found.timezone})",
        tables=(
            Table("In all", ("", *sold), tuple(_row(one.currency, one) for one in found.totals)),
            Table("Channels", ("", *sold), tuple(_row(one.channel, one) for one in found.byChannel)),
            Table("Price types", ("", *sold), tuple(_row(one.priceType, one) for one in found.byPriceType)),
            Table("Days", ("", *sold), tuple(_row(f"{one.day:%d.%m.%Y}", one) for one in found.byDay)),
            Table(
                "Events",
                ("", *sold, "Full"),
                tuple(
                    (*_row(f"{one.date:%d.%m.%Y %H:%M} {one.name}", one), f"{one.occupancyPercent} %")
                    for one in found.byEvent
                ),
            ),
        ),
    )


def _row(name: str, one: Sold) -> tuple[str, ...]:
    return name, str(one.sold), money_text(Money(one.revenueMinor, one.currency))


def _day(day: date | None, otherwise: str) -> str:
    return otherwise if day is None else f"{day:%d.%m.%Y}"


def _words(text: str) -> str:
    """A spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
