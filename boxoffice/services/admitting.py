"""Judge a scan at the door and remember it, online or offline by the same rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from boxoffice.domain.admission import Door, Verdict, VerdictKind, judge, refuse_unread
from boxoffice.domain.clock import Clock
from boxoffice.domain.facts import ScanBody
from boxoffice.domain.ids import NewId, PerformanceId, ScanId, TicketId, TillNumber
from boxoffice.domain.plan import SeatingPlan
from boxoffice.domain.protocol import KeyBundle, ScanRecord, TicketRecord
from boxoffice.domain.refusals import Refused
from boxoffice.domain.staff import Permission, StaffMember
from boxoffice.domain.tokens import Forged, NotATicket, TicketToken, UnknownKey, verify
from boxoffice.services.connection import Connection
from boxoffice.services.own_tickets import with_news
from boxoffice.services.programme import Programme
from boxoffice.store import Store, Tx


class NothingToUndo(Refused):
    code = "nothing_to_undo"


@dataclass(frozen=True, slots=True)
class DoorCounts:
    """How many are in, of how many sold; `by_gate` counts entries less exits and undone ones."""

    inside: int
    sold: int
    by_gate: tuple[tuple[str, int], ...]
    lists_at: datetime | None


@dataclass(frozen=True, slots=True)
class ScanShown:
    """A line of the last scans."""

    at: datetime
    verdict: str
    place: str
    gate: str
    price_type: str


class Admitting:
    def __init__(self, store: Store, programme: Programme, connection: Connection, now: Clock, new_id: NewId) -> None:
        self._store, self._programme, self._connection = store, programme, connection
        self._now, self._new_id = now, new_id

    def scan(self, text: str, door: Door, staff: StaffMember, *, card_seen: bool = False) -> Verdict:
        """The verdict, durable before it shows. A code that is none of ours leaves no trace. Raises NotAllowed."""
        staff.require(Permission.ADMIT)
        keys = self._store.read_cache(lambda cache: cache.keys.get())
        try:
            token = verify(text, keys.public_key if keys is not None else KeyBundle(version=0, keys=()).public_key)
        except (NotATicket, Forged, UnknownKey) as refusal:
            return refuse_unread(refusal)
        verdict = self._judge(token, door, card_seen)
        if verdict.kind is not VerdictKind.CHECK_CARD:
            self._remember(verdict, token, door, staff)
        return verdict

    def admit_by_list(
        self, record: TicketRecord, door: Door, staff: StaffMember, *, card_seen: bool = False
    ) -> Verdict:
        """Found by name: the guest without a readable ticket is judged by the lists, as if it had been scanned."""
        staff.require(Permission.ADMIT)
        performance = door.performance
        record = self._record(record.ticket) or record  # no paper is judged here, so no paper is outdated
        token = TicketToken(
            key_id=0,
            performance=performance.id,
            ticket=record.ticket,
            seat=record.seat,
            price_class=self._programme.price_list(performance.id).type_index(record.price_type),
            generation=record.generation,
            not_before=performance.admits_from,
            duration=performance.admits_until - performance.admits_from,
            issuer=self._store.read(_till_number),
        )
        verdict = self._judge(token, door, card_seen)
        if verdict.kind is not VerdictKind.CHECK_CARD:
            self._remember(verdict, token, door, staff)
        return verdict

    def undo_last(self, door: Door, staff: StaffMember) -> ScanBody:
        """Take back the last entry of this door's performance. Raises NothingToUndo or NotAllowed."""
        staff.require(Permission.ADMIT)

        def commit(tx: Tx) -> ScanBody:
            undone: set[TicketId] = set()
            for scan in reversed(tx.scans.of_performance(door.performance.id)):
                if scan.direction == "undo":
                    undone.add(scan.ticket)
                elif scan.admitted and scan.ticket not in undone:
                    body = scan.model_copy(
                        update={
                            "scan": ScanId(self._new_id()),
                            "direction": "undo",
                            "shown": "undone",
                            "admitted": False,
                            "staff": staff.id,
                            "scanned_at": self._now(),
                        }
                    )
                    tx.scans.add(body)
                    tx.journal.append(body)
                    return body
            raise NothingToUndo("Nobody was admitted here yet.")

        undone = self._store.write(commit)
        self._connection.wake()
        return undone

    def search(self, text: str, performance: PerformanceId) -> tuple[TicketRecord, ...]:
        """Tickets of a performance by holder, order code or ticket code; whole orders together."""
        found = self._store.read_cache(lambda cache: cache.houses.search(text, performance))
        own = self._store.read(lambda tx: tx.sales.ticket_records(performance, text))
        merged = {record.ticket: record for record in (*found, *own)}
        return tuple(sorted(merged.values(), key=lambda record: (record.holder, record.order_code, record.seat or 0)))

    def counts(self, performance: PerformanceId) -> DoorCounts:
        scans = self._scans(performance)
        records = self._store.read_cache(lambda cache: cache.houses.tickets(performance))
        own = self._store.read(lambda tx: tx.sales.ticket_records(performance, ""))
        merged = {record.ticket: record for record in (*records, *own)}
        by_gate: Counter[str] = Counter(scan.gate for scan in scans.values())
        return DoorCounts(
            inside=len(scans),
            sold=sum(record.valid for record in merged.values()),
            by_gate=tuple(sorted(by_gate.items())),
            lists_at=self._store.read_cache(lambda cache: cache.houses.pulled_at(performance)),
        )

    def entries(self, performance: PerformanceId) -> tuple[tuple[str, datetime], ...]:
        """Gate and time of everybody who is in."""
        return tuple((scan.gate, scan.scanned_at) for scan in self._scans(performance).values())

    def last_scans(self, performance: PerformanceId, most: int = 10) -> tuple[ScanShown, ...]:
        """What this door showed last, newest first."""
        plan = self._plan(performance)
        scans = self._store.read(lambda tx: tx.scans.of_performance(performance))[-most:]
        shown = []
        for scan in reversed(scans):
            record = self._record(scan.ticket)
            shown.append(
                ScanShown(
                    at=scan.scanned_at,
                    verdict=scan.shown,
                    place=place_name(plan, record) if record is not None else "",
                    gate=scan.gate,
                    price_type=record.price_type_name if record is not None else "",
                )
            )
        return tuple(shown)

    def _judge(self, token: TicketToken, door: Door, card_seen: bool) -> Verdict:
        record = self._record(token.ticket)
        own_performance = token.performance == door.performance.id
        price_types = self._programme.price_list(door.performance.id).price_types
        check = price_types[token.price_class].check if token.price_class < len(price_types) else ""
        return judge(
            token,
            door,
            self._now(),
            record=record,
            last_scan=self._last_scan(token.ticket),
            gate_of_ticket=self._gate(token, record) if own_performance else "",
            check=check if own_performance else "",
            card_seen=card_seen,
        )

    def _record(self, ticket: TicketId) -> TicketRecord | None:
        """Own sales and refunds that central has not confirmed come before the pulled lists."""
        own = self._store.read(lambda tx: tx.sales.ticket_record(ticket))
        pulled = self._store.read_cache(lambda cache: cache.houses.ticket(ticket))
        if own is None and pulled is not None:
            issued = self._store.read(lambda tx: tx.sales.generation(ticket))
            return pulled[1].model_copy(update={"generation": max(pulled[1].generation, issued or 0)})
        if own is None or pulled is None:
            return own
        return with_news(own, pulled[1]).model_copy(update={"valid": own.valid and pulled[1].valid})

    def _last_scan(self, ticket: TicketId) -> ScanRecord | None:
        own = self._store.read(lambda tx: tx.scans.last(ticket))
        pulled = self._store.read_cache(lambda cache: cache.houses.scan(ticket))
        if own is None:
            return pulled
        record = self._as_record(own)
        return record if pulled is None or record.scanned_at >= pulled.scanned_at else pulled

    def _scans(self, performance: PerformanceId) -> dict[TicketId, ScanRecord]:
        """Who is in: the latest admitted entry of each ticket that was not taken back."""
        latest = {scan.ticket: scan for scan in self._store.read_cache(lambda cache: cache.houses.scans(performance))}
        for body in self._store.read(lambda tx: tx.scans.of_performance(performance)):
            if body.admitted or body.direction == "undo":
                latest[body.ticket] = self._as_record(body)
        return {ticket: scan for ticket, scan in latest.items() if scan.admitted and scan.direction == "entry"}

    def _as_record(self, body: ScanBody) -> ScanRecord:
        names = {member.id: member.name for member in self._programme.catalogue().staff}
        return ScanRecord(
            ticket=body.ticket,
            gate=body.gate,
            direction=body.direction,
            admitted=body.admitted,
            scanned_at=body.scanned_at,
            staff_name=names.get(body.staff, ""),
        )

    def _remember(self, verdict: Verdict, token: TicketToken, door: Door, staff: StaffMember) -> None:
        def commit(tx: Tx) -> None:
            body = ScanBody(
                scan=ScanId(self._new_id()),
                ticket=token.ticket,
                performance=token.performance,
                generation=token.generation,
                gate=door.gate or "All gates",
                direction="entry",
                shown=verdict.kind.value,
                admitted=verdict.admits,
                online=self._connection.is_online,
                list_head=head or 0,
                staff=staff.id,
                scanned_at=self._now(),
            )
            tx.scans.add(body)
            tx.journal.append(body)

        head = self._store.read_cache(lambda cache: cache.houses.head(token.performance))
        self._store.write(commit)
        self._connection.wake()

    def _gate(self, token: TicketToken, record: TicketRecord | None) -> str:
        plan = self._plan(token.performance)
        if token.seat is not None:
            return plan.gate(token.seat) if token.seat < plan.seat_count else ""
        area = record.area if record is not None else None
        return plan.areas[area].gate if area is not None and area < len(plan.areas) else ""

    def _plan(self, performance: PerformanceId) -> SeatingPlan:
        return self._programme.plan(self._programme.catalogue().performance(performance).plan_id)


def place_name(plan: SeatingPlan, record: TicketRecord) -> str:
    """`Stalls F 15`, or the area's name."""
    if record.seat is not None:
        return plan.seat_name(record.seat) if record.seat < plan.seat_count else ""
    return plan.areas[record.area].name if record.area is not None and record.area < len(plan.areas) else ""


def _till_number(tx: Tx) -> TillNumber:
    identity = tx.identity.get()
    return TillNumber(identity.till if identity is not None else 0)
