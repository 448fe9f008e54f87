"""docs/rules/admission.md"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from boxoffice.domain.admission import Door, Verdict, judge, refuse_unread
from boxoffice.domain.catalogue import Performance, PerformanceStatus
from boxoffice.domain.ids import PerformanceId, PlanId, ProductionId, SaleId, TicketId, TillNumber, VenueId
from boxoffice.domain.protocol import ScanRecord, TicketRecord
from boxoffice.domain.refusals import Refused
from boxoffice.domain.tokens import Forged, NotATicket, TicketToken, UnknownKey
from tests.house.rules.tables import Row


def at(hour: int, minute: int) -> datetime:
    return datetime(2026, 11, 14, hour, minute, tzinfo=UTC)


PERFORMANCE = Performance(
    id=PerformanceId(7),
    production_id=ProductionId("play"),
    venue_id=VenueId("house"),
    hall="Main House",
    plan_id=PlanId("plan"),
    price_list_id="main",
    starts_at=at(20, 0),
    doors_at=at(19, 15),
    ends_at=at(22, 0),
)
CANCELLED = PERFORMANCE.model_copy(update={"status": PerformanceStatus.CANCELLED})
TOKEN = TicketToken(
    key_id=1,
    performance=PERFORMANCE.id,
    ticket=TicketId(42),
    seat=3,
    price_class=0,
    generation=1,
    not_before=PERFORMANCE.admits_from,
    duration=PERFORMANCE.admits_until - PERFORMANCE.admits_from,
    issuer=TillNumber(2),
)
RECORD = TicketRecord(
    ticket=TOKEN.ticket,
    sale=SaleId(UUID(int=5)),
    seat=3,
    generation=1,
    valid=True,
    price_type="A",
    price_type_name="Adult",
    category=0,
    order_code="7N2R-8C",
)
HALF_PAST_SEVEN = at(19, 30)
ENTRY = ScanRecord(ticket=TOKEN.ticket, gate="A", direction="entry", admitted=True, scanned_at=at(19, 20))


@dataclass(frozen=True)
class Case:
    """What is true at the door. By default a good ticket, on the lists, at half past seven."""

    token: TicketToken = TOKEN
    performance: Performance = PERFORMANCE
    now: datetime = HALF_PAST_SEVEN
    record: TicketRecord | None = RECORD
    last_scan: ScanRecord | None = None
    gate_of_ticket: str = "A"
    check: str = ""
    card_seen: bool = False
    unread: Refused | None = None

    def verdict(self) -> Verdict:
        if self.unread is not None:
            return refuse_unread(self.unread)
        return judge(
            self.token,
            Door(self.performance, "A"),
            self.now,
            record=self.record,
            last_scan=self.last_scan,
            gate_of_ticket=self.gate_of_ticket,
            check=self.check,
            card_seen=self.card_seen,
        )


ELSEWHERE = replace(TOKEN, performance=PerformanceId(8))
REFUNDED = RECORD.model_copy(update={"valid": False})
REPRINTED = RECORD.model_copy(update={"generation": 2})
CASES: Mapping[str, Case] = {
    "the code is not ours": Case(unread=NotATicket("")),
    "the signature is wrong": Case(unread=Forged("")),
    "the key has not arrived yet": Case(unread=UnknownKey("")),
    "for another performance": Case(token=ELSEWHERE),
    "the performance is cancelled": Case(performance=CANCELLED),
    "refunded": Case(record=REFUNDED),
    "an older print of a reprinted ticket": Case(record=REPRINTED),
    "went in before": Case(last_scan=ENTRY),
    "scanned at 18:44": Case(now=at(18, 44)),
    "scanned at 18:45": Case(now=at(18, 45)),
    "scanned at 23:00": Case(now=at(23, 0)),
    "scanned at 23:01": Case(now=at(23, 1)),
    "for gate B": Case(gate_of_ticket="B"),
    "a student ticket, card not seen": Case(check="Student card"),
    "a student ticket, card seen": Case(check="Student card", card_seen=True),
    "good, and not on the lists yet": Case(record=None),
    "good": Case(),
    "went in, and out again": Case(last_scan=ENTRY.model_copy(update={"direction": "exit"})),
    "went in, and the entry was undone": Case(
        last_scan=ENTRY.model_copy(update={"direction": "undo", "admitted": False})
    ),
    "refused before, at another door": Case(last_scan=ENTRY.model_copy(update={"admitted": False})),
    "refunded, and went in before": Case(record=REFUNDED, last_scan=ENTRY),
    "for another performance, and refunded": Case(token=ELSEWHERE, record=REFUNDED),
    "went in before, and for gate B": Case(last_scan=ENTRY, gate_of_ticket="B"),
    "an older print, and scanned at 18:44": Case(record=REPRINTED, now=at(18, 44)),
    "for gate B, and a student ticket": Case(gate_of_ticket="B", check="Student card"),
}


def verdicts(row: Row) -> Row:
    verdict = CASES[row["Case"]].verdict()
    return {**row, "Verdict": verdict.kind.value.replace("_", " "), "Reason": verdict.reason}


TABLES = {"verdicts": verdicts, "order": verdicts}
