from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from boxoffice.domain.admission import Door, VerdictKind, judge, refuse_unread
from boxoffice.domain.catalogue import Performance, PerformanceStatus
from boxoffice.domain.ids import PerformanceId, PlanId, ProductionId, SaleId, TicketId, TillNumber, VenueId
from boxoffice.domain.protocol import ScanRecord, TicketRecord
from boxoffice.domain.tokens import Forged, NotATicket, TicketToken, UnknownKey
from tests.domain.examples import NOON

PERFORMANCE = Performance(
    id=PerformanceId(7),
    production_id=ProductionId("p"),
    venue_id=VenueId("v"),
    hall="Main House",
    plan_id=PlanId("plan"),
    price_list_id="main",
    starts_at=NOON,
    doors_at=NOON - timedelta(minutes=45),
    ends_at=NOON + timedelta(hours=2),
)
TOKEN = TicketToken(
    1,
    PerformanceId(7),
    TicketId(42),
    3,
    0,
    1,
    PERFORMANCE.admits_from,
    timedelta(hours=4),
    TillNumber(2),
)
RECORD = TicketRecord(
    ticket=TicketId(42),
    sale=SaleId(UUID(int=5)),
    seat=3,
    generation=1,
    valid=True,
    price_type="A",
    price_type_name="Adult",
    category=0,
    order_code="7N2R-8C",
)
ENTERED = ScanRecord(ticket=TicketId(42), gate="A", direction="entry", admitted=True, scanned_at=NOON)
UNDONE = ENTERED.model_copy(update={"direction": "undo", "admitted": False})
LEFT = ENTERED.model_copy(update={"direction": "exit"})
REFUSED_BEFORE = ENTERED.model_copy(update={"admitted": False})
CANCELLED = PERFORMANCE.model_copy(update={"status": PerformanceStatus.CANCELLED})

TABLE = [
    ("a good ticket", {}, VerdictKind.ADMIT, "admit"),
    ("sold at a till that has not sent it yet", {"record": None}, VerdictKind.ADMIT, "admit_by_signature"),
    ("used before", {"last_scan": ENTERED}, VerdictKind.ALREADY_IN, "already_in"),
    ("entry taken back", {"last_scan": UNDONE}, VerdictKind.ADMIT, "admit"),
    ("went out", {"last_scan": LEFT}, VerdictKind.ADMIT, "admit"),
    ("was refused before", {"last_scan": REFUSED_BEFORE}, VerdictKind.ADMIT, "admit"),
    (
        "another evening",
        {"token": replace(TOKEN, performance=PerformanceId(8))},
        VerdictKind.WRONG_PERFORMANCE,
        "another_performance",
    ),
    (
        "refunded",
        {"record": RECORD.model_copy(update={"valid": False})},
        VerdictKind.NOT_VALID,
        "refunded",
    ),
    (
        "printed again since",
        {"record": RECORD.model_copy(update={"generation": 2})},
        VerdictKind.NOT_VALID,
        "replaced",
    ),
    ("the lists are older than the reprint", {"token": replace(TOKEN, generation=2)}, VerdictKind.ADMIT, "admit"),
    ("cancelled", {"performance": CANCELLED}, VerdictKind.NOT_VALID, "performance_cancelled"),
    ("far too early", {"now": NOON - timedelta(hours=5)}, VerdictKind.NOT_VALID, "too_early"),
    ("the day after", {"now": NOON + timedelta(days=1)}, VerdictKind.NOT_VALID, "expired"),
    ("the other gate", {"gate": "A", "gate_of_ticket": "B"}, VerdictKind.WRONG_GATE, "another_gate"),
    ("its gate", {"gate": "A", "gate_of_ticket": "A"}, VerdictKind.ADMIT, "admit"),
    ("a student", {"check": "Student card"}, VerdictKind.CHECK_CARD, "check_card"),
    ("a student whose card was seen", {"check": "Student card", "card_seen": True}, VerdictKind.ADMIT, "admit"),
    (
        "in already, at the other gate: the more specific word wins",
        {"last_scan": ENTERED, "gate": "A", "gate_of_ticket": "B"},
        VerdictKind.ALREADY_IN,
        "already_in",
    ),
]


@pytest.mark.parametrize(("case", "given", "kind", "reason"), TABLE, ids=[row[0] for row in TABLE])
def test_the_verdict(case: str, given: dict[str, object], kind: VerdictKind, reason: str) -> None:
    facts: dict[str, object] = {"record": RECORD, "last_scan": None, **given}
    door = Door(facts.pop("performance", PERFORMANCE), str(facts.pop("gate", "")))  # type: ignore[arg-type]
    verdict = judge(facts.pop("token", TOKEN), door, facts.pop("now", NOON), **facts)  # type: ignore[arg-type]
    assert (verdict.kind, verdict.reason) == (kind, reason)
    assert verdict.admits is (kind is VerdictKind.ADMIT)


@pytest.mark.parametrize(
    ("refusal", "kind", "reason"),
    [
        (UnknownKey("x"), VerdictKind.UNKNOWN_KEY, "unknown_key"),
        (Forged("x"), VerdictKind.NOT_VALID, "forged"),
        (NotATicket("x"), VerdictKind.NOT_VALID, "not_a_ticket"),
    ],
)
def test_missing_data_is_amber_and_never_called_invalid(
    refusal: UnknownKey | Forged | NotATicket, kind: VerdictKind, reason: str
) -> None:
    verdict = refuse_unread(refusal)
    assert (verdict.kind, verdict.reason) == (kind, reason)
