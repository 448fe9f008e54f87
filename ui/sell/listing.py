"""The performances as the picker shows them: grouped by evening, found by a few letters."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from PySide6.QtCore import QCoreApplication

from boxoffice.domain.catalogue import PerformanceStatus
from boxoffice.domain.ids import PerformanceId
from ui.formats import Formats
from ui.sell.ports import ListedPerformance


def _tr(text: str) -> str:
    return QCoreApplication.translate("Performances", text)


@dataclass(frozen=True, slots=True)
class ListingRow:
    """`anchor` is the time tonight and the day later on; `state` replaces bar and count where nothing can be sold."""

    performance: PerformanceId
    anchor: str
    title: str
    place: str
    count: str
    sold_share: float
    state: str
    recedes: bool
    spoken: str  # the whole row for a screen reader


@dataclass(frozen=True, slots=True)
class ListingGroup:
    title: str
    aside: str
    rows: tuple[ListingRow, ...]


def group_listings(
    listings: Sequence[ListedPerformance],
    formats: Formats,
    *,
    query: str = "",
    online: bool = True,
    taken: Counter[PerformanceId] | None = None,
) -> tuple[ListingGroup, ...]:
    """Tonight, Tomorrow, then everything later as one group. With a query only what matches it.

    `taken`: places in the basket, which a listing still counts as free.
    """
    taken = taken or Counter()
    today = _evening(formats, None)
    tonight: list[ListedPerformance] = []
    tomorrow: list[ListedPerformance] = []
    later: list[ListedPerformance] = []
    for listing in listings:
        if query and not matches(listing, query, formats):
            continue
        day = _evening(formats, listing)
        if day < today and listing.ended:
            continue
        (tonight if day <= today else tomorrow if day == today + timedelta(days=1) else later).append(listing)
    groups = []
    if tonight:
        last = tonight[-1]
        local = formats.at(last.venue.timezone)
        groups.append(
            ListingGroup(
                local.day(last.performance.starts_at),
                local.date(last.performance.starts_at),
                tuple(_row(listing, formats, online, taken) for listing in tonight),
            )
        )
    if tomorrow:
        local = formats.at(tomorrow[0].venue.timezone)
        groups.append(
            ListingGroup(
                _tr("Tomorrow"),
                local.date(tomorrow[0].performance.starts_at),
                tuple(_row(listing, formats, online, taken) for listing in tomorrow),
            )
        )
    if later:
        rows = tuple(_row(listing, formats, online, taken, by_day=True) for listing in later)
        groups.append(ListingGroup(_tr("Next"), "", rows))
    return tuple(groups)


def preselected(listings: Sequence[ListedPerformance]) -> PerformanceId | None:
    """What the next customer most likely wants: the first that has not ended and still has places."""
    open_ = [listing for listing in listings if is_sellable(listing)]
    chosen = next((listing for listing in open_ if listing.free), None) or next(iter(open_), None)
    return chosen.performance.id if chosen else None


def is_sellable(listing: ListedPerformance) -> bool:
    return not listing.ended and listing.performance.status is PerformanceStatus.ON_SALE


def matches(listing: ListedPerformance, query: str, formats: Formats) -> bool:
    """Every word typed begins a word of the title, the room, the day or the time. Months would match too much."""
    local = formats.at(listing.venue.timezone)
    starts = listing.performance.starts_at
    day = local.day(starts)
    near = "" if day == local.date(starts) else day
    text = f"{listing.production.title} {listing.performance.hall} {near} {local.weekday(starts)}"
    words = [*_plain(text).split(), local.time(starts), local.time(starts).replace(":", "")]
    return all(any(word.startswith(typed) for word in words) for typed in _plain(query).split())


def _plain(text: str) -> str:
    """Lower case without accents and punctuation: `Tomás` is found by `tomas`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = (c if c.isalnum() or c == ":" else " " for c in decomposed if not unicodedata.combining(c))
    return "".join(kept)


def _evening(formats: Formats, listing: ListedPerformance | None) -> date:
    if listing is None:
        return formats.evening(formats.now())
    return formats.at(listing.venue.timezone).evening(listing.performance.starts_at)


def _row(
    listing: ListedPerformance, formats: Formats, online: bool, taken: Counter[PerformanceId], *, by_day: bool = False
) -> ListingRow:
    local = formats.at(listing.venue.timezone)
    performance = listing.performance
    time = local.time(performance.starts_at)
    place = f"{performance.hall} · {time}" if by_day else performance.hall
    state = ""
    if listing.ended:
        state = _tr("Ended {}").format(local.time(performance.ends_at))
    elif performance.status is PerformanceStatus.CANCELLED:
        state = _tr("Cancelled")
    elif performance.status is PerformanceStatus.CLOSED:
        state = _tr("Not on sale")
    elif not listing.free and online:
        # Neither free nor sold: its seats have not been pulled yet, or all of them are held.
        state = _tr("Sold out") if listing.sold_share else _tr("Nothing on sale yet")
    free = local.number(max(0, listing.free - taken[performance.id]))
    count = (_tr("{} free") if online else _tr("{} left")).format(free)
    anchor = local.short_day(performance.starts_at) if by_day else time
    return ListingRow(
        performance=performance.id,
        anchor=anchor,
        title=listing.production.title,
        place=place,
        count=count,
        sold_share=listing.sold_share,
        state=state,
        recedes=listing.ended or performance.status is not PerformanceStatus.ON_SALE,
        spoken=f"{listing.production.title}, {local.day(performance.starts_at)} {time}, {performance.hall}, "
        f"{state or count}",
    )
