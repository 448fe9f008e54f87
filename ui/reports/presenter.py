"""Today's figures as sentences and rows, without a widget."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from boxoffice.documents.house_map import house_map_pdf
from boxoffice.documents.tables import csv_bytes
from boxoffice.domain.house import House
from boxoffice.domain.refusals import Refused
from boxoffice.services.programme import Listing
from boxoffice.services.reporting import SeatShares, Today
from ui.formats import Formats
from ui.tasks import TaskRunner
from ui.widgets.charts import Bars, ShareRow

_LANE = "reports"


class Reporting(Protocol):
    def today(self) -> Today: ...
    def house_of_tonight(self) -> House | None: ...


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the five answers."""

    title: str
    figure: str
    below: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A bar chart: its finding, what it shows, its steps and bars, and where the performance starts."""

    title: str
    subtitle: str
    steps: tuple[str, ...]
    bars: tuple[Bars, ...]
    mark: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SeatsSold:
    """A heat map: its finding, what it shows, its fullest and emptiest parts in words; None: there are no seats."""

    title: str
    subtitle: str
    readings: tuple[tuple[str, str], ...]  # share, where
    shares: SeatShares | None


@dataclass(frozen=True, slots=True)
class ReportRows:
    heading: str
    tiles: tuple[Tile, ...]
    sales: Picture
    arrivals: Picture
    seats: SeatsSold
    houses: tuple[ShareRow, ...]
    houses_title: str
    lines: tuple[tuple[str, str, str, str, str], ...]  # when, what, price type, tickets, amount


class ReportsView(Protocol):
    def show_rows(self, rows: ReportRows) -> None: ...
    def show_refusal(self, error: Refused) -> None: ...
    def say_done(self, what: str, text: str) -> None: ...


class ReportsPresenter:
    def __init__(self, reporting: Reporting, tasks: TaskRunner, formats: Formats) -> None:
        self._reporting, self._tasks, self._formats = reporting, tasks, formats
        self._view: ReportsView | None = None

    def attach(self, view: ReportsView) -> None:
        self._view = view

    def refresh(self) -> None:
        self._tasks.run(self._reporting.today, self._found, self._failed, lane=_LANE)

    def export(self, path: Path) -> None:
        """Write today's sales as a CSV, or as a PDF the map of tonight's house; whole or not at all."""

        def write() -> Path:
            content = (
                self._house_map()
                if path.suffix.lower() == ".pdf"
                else today_csv(self._reporting.today(), self._formats)
            )
            part = path.with_name(path.name + ".part")
            try:
                part.write_bytes(content)
                part.replace(path)
            except OSError as error:
                part.unlink(missing_ok=True)
                raise Refused(f"The file could not be written: {error.strerror}.", "Choose another folder.") from error
            return path

        def written(path: Path) -> None:
            if self._view is not None:
                self._view.say_done("Exported", str(path))

        self._tasks.run(write, written, self._failed, lane=_LANE)

    def _house_map(self) -> bytes:
        house = self._reporting.house_of_tonight()
        if house is None:
            raise Refused("There is no house to print: nothing is listed.", "Connect the till to central once.")
        return house_map_pdf(house, self._formats.now())

    def _found(self, today: Today) -> None:
        if self._view is not None:
            self._view.show_rows(rows_of(today, self._formats))

    def _failed(self, error: Exception) -> None:
        if isinstance(error, Refused) and self._view is not None:
            self._view.show_refusal(error)


def today_csv(today: Today, formats: Formats) -> bytes:
    """A row a performance and price type; amounts with a point, whatever the language."""
    header = ("date", "performance", "starts at", "price type", "tickets", "refunded", "amount", "currency")
    rows = [
        (
            today.day.isoformat(),
            line.title,
            formats.local(line.starts_at).isoformat(timespec="minutes"),
            line.price_type,
            line.tickets,
            line.refunded,
            line.gross.decimal,
            line.gross.currency,
        )
        for line in today.lines
    ]
    return csv_bytes(header, rows)


def rows_of(today: Today, formats: Formats) -> ReportRows:
    sold = today.tickets_sold - today.tickets_refunded
    return ReportRows(
        heading=formats.long_date(formats.now()),
        tiles=_tiles(today, formats),
        sales=Picture(
            title=_busiest(today),
            subtitle=f"Tickets sold at this till by hour, refunds taken off: {sold} so far",
            steps=tuple(f"{hour.hour:02d}" for hour in today.hours),
            bars=(Bars("Tickets", tuple(max(0, hour.tickets) for hour in today.hours)),) if today.hours else (),
        ),
        arrivals=_arrivals(today, formats),
        seats=_seats(today.seat_shares),
        houses=tuple(_house(listing, today, formats) for listing in today.houses),
        houses_title="Houses from tonight",
        lines=tuple(
            (
                formats.day_and_time(line.starts_at),
                line.title,
                line.price_type,
                str(line.tickets - line.refunded),
                formats.money(line.gross),
            )
            for line in today.lines
        ),
    )


def _tiles(today: Today, formats: Formats) -> tuple[Tile, ...]:
    tonight, counts = today.tonight, today.tonight_counts
    refunded = f"{today.tickets_refunded} refunded" if today.tickets_refunded else f"in {today.sales} sales"
    seconds = "–" if today.seconds_per_sale is None else str(round(today.seconds_per_sale))
    tiles = [
        Tile("Tickets sold today", str(today.tickets_sold), refunded),
        Tile("Taken today", formats.money(today.taken), f"{formats.money(today.taken_cash)} of it in cash"),
    ]
    if tonight is not None and counts is not None:
        share = round(tonight.sold_share * 100)
        tiles.append(Tile("Tonight's house", f"{share} %", f"{tonight.sold} of {tonight.capacity} sold"))
        to_come = max(0, counts.sold - counts.inside)
        tiles.append(Tile("Admitted tonight", str(counts.inside), f"of {counts.sold} sold, {to_come} to come"))
    else:
        tiles += [
            Tile("Tonight's house", "–", "nothing plays tonight"),
            Tile("Admitted tonight", "–", "nothing plays tonight"),
        ]
    tiles.append(Tile("Seconds per sale", seconds, "half of all sales are quicker"))
    return tuple(tiles)


def _busiest(today: Today) -> str:
    if not today.hours:
        return "No sale at this till yet today"
    most = max(today.hours, key=lambda hour: hour.tickets)
    return f"Busiest between {most.hour:02d}:00 and {most.hour + 1:02d}:00"


def _arrivals(today: Today, formats: Formats) -> Picture:
    arrivals, tonight = today.arrivals, today.tonight
    if arrivals is None or tonight is None or not arrivals.by_gate:
        title = "Nobody has come yet" if tonight is not None else "Nothing plays tonight"
        return Picture(title, "Admissions per 15 minutes, by gate", (), ())
    totals = [sum(column) for column in zip(*(counts for _, counts in arrivals.by_gate), strict=True)]
    most = totals.index(max(totals))
    starts_at = tonight.performance.starts_at
    mark = next((index for index, step in enumerate(arrivals.steps) if step >= starts_at), None)
    return Picture(
        title=f"Most came after {formats.time(arrivals.steps[most])}",
        subtitle="Admissions per 15 minutes, by gate",
        steps=tuple(formats.time(step) for step in arrivals.steps),
        bars=tuple(Bars(gate, counts) for gate, counts in arrivals.by_gate),
        mark=(mark, f"Start {formats.time(starts_at)}") if mark is not None else None,
    )


def _seats(shares: SeatShares | None) -> SeatsSold:
    if shares is None or not shares.plan.seat_count:
        return SeatsSold("No house with seats", "Share of the performances in which a seat is sold", (), None)
    sections = shares.by_section()
    chosen = dict.fromkeys((sections[0], sections[len(sections) // 2], sections[-1]))
    several = f"{shares.performances} performances" if shares.performances > 1 else "performance"
    return SeatsSold(
        title=f"{sections[0][0]} first, {sections[-1][0]} last"
        if sections[0][1] > sections[-1][1]
        else "Which seats sell",
        subtitle=f"{shares.plan.name}: share of the {several} on sale in which a seat is sold",
        readings=tuple((f"{share:.0%}".replace("%", " %"), name) for name, share in chosen),
        shares=shares,
    )


def _house(listing: Listing, today: Today, formats: Formats) -> ShareRow:
    tonight = today.tonight
    return ShareRow(
        when=formats.moment(listing.performance.starts_at),
        name=listing.production.title,
        share=listing.sold_share,
        figures=f"{listing.sold} of {listing.capacity}",
        now=tonight is not None and listing.performance.id == tonight.performance.id,
    )
