"""The door without a widget: scans in order, verdicts, search, undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from boxoffice.domain.admission import Door, Verdict, VerdictKind
from boxoffice.domain.catalogue import Catalogue
from boxoffice.domain.clock import Clock
from boxoffice.domain.facts import ScanBody
from boxoffice.domain.ids import PerformanceId, PlanId
from boxoffice.domain.plan import SeatingPlan
from boxoffice.domain.protocol import TicketRecord
from boxoffice.domain.refusals import Refused
from boxoffice.domain.staff import StaffMember
from boxoffice.services.admitting import DoorCounts, ScanShown, place_name
from boxoffice.services.programme import Listing
from ui.door.words import Shown, shown
from ui.formats import Formats
from ui.tasks import TaskRunner

_LANE, _LOOK = "door", "door.look"


class Admitting(Protocol):
    """Blocks; see boxoffice.services.admitting."""

    def scan(self, text: str, door: Door, staff: StaffMember, *, card_seen: bool = False) -> Verdict: ...
    def admit_by_list(
        self, record: TicketRecord, door: Door, staff: StaffMember, *, card_seen: bool = False
    ) -> Verdict: ...
    def undo_last(self, door: Door, staff: StaffMember) -> ScanBody: ...
    def search(self, text: str, performance: PerformanceId) -> tuple[TicketRecord, ...]: ...
    def counts(self, performance: PerformanceId) -> DoorCounts: ...
    def last_scans(self, performance: PerformanceId, most: int = 10) -> tuple[ScanShown, ...]: ...


class Programme(Protocol):
    def listings(self) -> tuple[Listing, ...]: ...
    def catalogue(self) -> Catalogue: ...
    def plan(self, plan_id: PlanId) -> SeatingPlan: ...


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket found by name, as a line of the list."""

    record: TicketRecord
    name: str
    place: str


@dataclass(frozen=True, slots=True)
class DoorState:
    """All that the door shows. `verdict` None: ready for the next guest."""

    title: str = ""
    starts: str = ""
    gate: str = ""
    gates: tuple[str, ...] = ()
    choices: tuple[tuple[PerformanceId, str], ...] = ()
    performance: PerformanceId | None = None
    verdict: Shown | None = None
    counts: DoorCounts | None = None
    scans: tuple[ScanShown, ...] = ()
    found: tuple[Found, ...] | None = None


class DoorView(Protocol):
    def show_state(self, state: DoorState) -> None: ...
    def show_refusal(self, error: Refused) -> None: ...
    def play(self, sound: str) -> None: ...


class DoorPresenter:
    def __init__(
        self,
        admitting: Admitting,
        programme: Programme,
        tasks: TaskRunner,
        formats: Formats,
        now: Clock,
        staff: Callable[[], StaffMember],
    ) -> None:
        self._admitting, self._programme, self._tasks = admitting, programme, tasks
        self._formats, self._now, self._staff = formats, now, staff
        self._view: DoorView | None = None
        self._state = DoorState()
        self._listings: tuple[Listing, ...] = ()
        self._chosen_by_hand = False
        self._card: Callable[[], Verdict] | None = None  # what Enter admits after a look at the card

    def attach(self, view: DoorView) -> None:
        self._view = view

    @property
    def state(self) -> DoorState:
        return self._state

    def refresh(self) -> None:
        self._tasks.run(self._programme.listings, self._listed, self._failed, lane=_LOOK)

    def choose_performance(self, performance: PerformanceId) -> None:
        self._chosen_by_hand = True
        self._choose(performance)

    def choose_gate(self, gate: str) -> None:
        self._set(replace(self._state, gate=gate))

    def scan(self, text: str) -> None:
        """A code was read. It is judged in its turn; the next one may come at once."""
        door = self._door()
        if door is None:
            self._failed(Refused("No performance is chosen at this door.", "Choose one at the top."))
            return
        staff = self._staff()
        self._judge(
            lambda: self._admitting.scan(text, door, staff),
            lambda: self._admitting.scan(text, door, staff, card_seen=True),
        )

    def admit(self, record: TicketRecord) -> None:
        """The guest was found by name."""
        door, staff = self._door(), self._staff()
        if door is not None:
            self._set(replace(self._state, found=None))
            self._judge(
                lambda: self._admitting.admit_by_list(record, door, staff),
                lambda: self._admitting.admit_by_list(record, door, staff, card_seen=True),
            )

    def primary(self) -> None:
        """Enter: the card was seen, or ready for the next guest."""
        if self._card is not None:
            seen, self._card = self._card, None
            self._judge(seen, seen)
        elif self._state.verdict is not None:
            self._set(replace(self._state, verdict=None))

    def search(self, text: str) -> None:
        performance = self._state.performance
        if performance is None or not text.strip():
            self._set(replace(self._state, found=None))
            return

        def look() -> tuple[Found, ...]:
            plan = self._plan(performance)
            records = self._admitting.search(text, performance)[:40]
            return tuple(
                Found(record, record.holder or record.order_code, place_name(plan, record) if plan is not None else "")
                for record in records
                if record.valid
            )

        self._tasks.run(look, lambda found: self._set(replace(self._state, found=found)), self._failed, lane=_LOOK)

    def close_search(self) -> None:
        self._set(replace(self._state, found=None))

    def undo(self) -> None:
        door = self._door()
        if door is None:
            return
        staff = self._staff()

        def undone(_: ScanBody) -> None:
            self._card = None
            words = Shown("attention", "undo-2", "out", "Undone", "", "", (), "The last entry was taken back.")
            self._set(replace(self._state, verdict=words))
            self._play("out")
            self._recount()

        self._tasks.run(lambda: self._admitting.undo_last(door, staff), undone, self._failed, lane=_LANE)

    def _judge(self, judge: Callable[[], Verdict], seen: Callable[[], Verdict]) -> None:
        def work() -> tuple[Verdict, Shown]:
            verdict = judge()
            plan = self._plan(verdict.performance) if verdict.performance is not None else None
            return verdict, shown(verdict, self._programme.catalogue(), plan, self._formats, self._now)

        def judged(result: tuple[Verdict, Shown]) -> None:
            verdict, words = result
            self._card = seen if verdict.kind is VerdictKind.CHECK_CARD else None
            self._set(replace(self._state, verdict=words))
            self._play(words.sound)
            self._recount()

        self._tasks.run(work, judged, self._failed, lane=_LANE)

    def _recount(self) -> None:
        performance = self._state.performance
        if performance is None:
            return

        def look() -> tuple[DoorCounts, tuple[ScanShown, ...]]:
            return self._admitting.counts(performance), self._admitting.last_scans(performance)

        def counted(result: tuple[DoorCounts, tuple[ScanShown, ...]]) -> None:
            if self._state.performance == performance:
                self._set(replace(self._state, counts=result[0], scans=result[1]))

        self._tasks.run(look, counted, self._failed, lane=_LOOK)

    def _listed(self, listings: tuple[Listing, ...]) -> None:
        self._listings = tuple(listing for listing in listings if not listing.ended)
        today = self._formats.today()
        near = [
            listing
            for listing in self._listings
            if self._formats.evening(listing.performance.starts_at) == today
            or listing.performance.starts_at - self._now() < timedelta(hours=18)
        ] or list(self._listings[:6])
        choices = tuple((listing.performance.id, self._words(listing)) for listing in near[:12])
        self._set(replace(self._state, choices=choices))
        current = self._state.performance
        if not (self._chosen_by_hand and any(item.performance.id == current for item in self._listings)):
            self._chosen_by_hand = False
            wanted = self._likely(near)
            if wanted is not None and wanted.performance.id != current:
                self._choose(wanted.performance.id)
                return
        self._recount()

    def _likely(self, near: list[Listing]) -> Listing | None:
        """The biggest house whose doors open next or are open: nobody is asked on every scan."""
        soon = self._now() + timedelta(hours=2)
        doors = [listing for listing in near if listing.performance.doors_at <= soon]
        return max(doors or near[:1], key=lambda item: (item.sold, -item.performance.id), default=None)

    def _choose(self, performance: PerformanceId) -> None:
        listing = next((item for item in self._listings if item.performance.id == performance), None)
        if listing is None:
            return

        def gates() -> tuple[str, ...]:
            plan = self._plan(performance)
            if plan is None:
                return ()
            names = [section.gate for section in plan.sections] + [area.gate for area in plan.areas]
            return tuple(sorted({name for name in names if name}))

        def known(names: tuple[str, ...]) -> None:
            gate = self._state.gate if self._state.gate in names else ""
            self._set(replace(self._state, gates=names, gate=gate))

        self._card = None
        self._set(
            replace(
                self._state,
                performance=performance,
                title=listing.production.title,
                starts=self._starts(listing.performance.starts_at, listing.performance.hall),
                verdict=None,
                counts=None,
                scans=(),
            )
        )
        self._tasks.run(gates, known, self._failed, lane=_LOOK)
        self._recount()

    def _door(self) -> Door | None:
        listing = next((item for item in self._listings if item.performance.id == self._state.performance), None)
        return Door(listing.performance, self._state.gate) if listing is not None else None

    def _starts(self, starts_at: datetime, hall: str) -> str:
        return f"{self._formats.moment(starts_at)} · {hall}"

    def _words(self, listing: Listing) -> str:
        return f"{self._formats.moment(listing.performance.starts_at)} · {listing.production.title}"

    def _plan(self, performance: PerformanceId) -> SeatingPlan | None:
        known = next((p for p in self._programme.catalogue().performances if p.id == performance), None)
        return self._programme.plan(known.plan_id) if known is not None else None

    def _failed(self, error: Exception) -> None:
        if isinstance(error, Refused) and self._view is not None:
            self._view.show_refusal(error)

    def _play(self, sound: str) -> None:
        if self._view is not None:
            self._view.play(sound)

    def _set(self, state: DoorState) -> None:
        self._state = state
        if self._view is not None:
            self._view.show_state(state)
