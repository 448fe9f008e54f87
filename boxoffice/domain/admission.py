"""The verdict at the door: a pure function of the token, the lists and the clock.

Offline and online use the same function; only the age of the lists differs. docs/rules/admission.md has the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from boxoffice.domain.catalogue import Performance, PerformanceStatus
from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.protocol import ScanRecord, TicketRecord
from boxoffice.domain.refusals import Refused
from boxoffice.domain.tokens import Forged, TicketToken, UnknownKey


class VerdictKind(StrEnum):
    ADMIT = "admit"
    ALREADY_IN = "already_in"
    WRONG_PERFORMANCE = "wrong_performance"
    WRONG_GATE = "wrong_gate"
    NOT_VALID = "not_valid"
    UNKNOWN_KEY = "unknown_key"
    CHECK_CARD = "check_card"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is a stable key of why; the door's screen puts it into words. `earlier` is the entry that counts."""

    kind: VerdictKind
    reason: str
    token: TicketToken | None = None
    ticket: TicketRecord | None = None
    earlier: ScanRecord | None = None
    check: str = ""  # what to look at: "Student card"
    performance: PerformanceId | None = None

    @property
    def admits(self) -> bool:
        return self.kind is VerdictKind.ADMIT


@dataclass(frozen=True, slots=True)
class Door:
    """Where and for what a steward stands. `gate` "" admits every gate's tickets."""

    performance: Performance
    gate: str = ""


def refuse_unread(refusal: Refused) -> Verdict:
    """The verdict on a code that did not verify: amber when data is missing, red when it is wrong."""
    if isinstance(refusal, UnknownKey):
        return Verdict(VerdictKind.UNKNOWN_KEY, "unknown_key")
    return Verdict(VerdictKind.NOT_VALID, "forged" if isinstance(refusal, Forged) else "not_a_ticket")


def judge(
    token: TicketToken,
    door: Door,
    now: datetime,
    *,
    record: TicketRecord | None,
    last_scan: ScanRecord | None,
    gate_of_ticket: str = "",
    check: str = "",
    card_seen: bool = False,
) -> Verdict:
    """Judge a token whose signature holds. The first rule that applies decides.

    `record` is None when the lists do not know the ticket (yet): a valid signature then admits, because the till that
    sold it may not have sent it. `last_scan` is the latest entry, exit or undo of this ticket that this door knows.
    """

    def verdict(kind: VerdictKind, reason: str, earlier: ScanRecord | None = None) -> Verdict:
        return Verdict(kind, reason, token, record, earlier, check, token.performance)

    if token.performance != door.performance.id:
        return verdict(VerdictKind.WRONG_PERFORMANCE, "another_performance")
    if door.performance.status is PerformanceStatus.CANCELLED:
        return verdict(VerdictKind.NOT_VALID, "performance_cancelled")
    if record is not None and not record.valid:
        return verdict(VerdictKind.NOT_VALID, "refunded")
    if record is not None and token.generation < record.generation:
        return verdict(VerdictKind.NOT_VALID, "replaced")
    if last_scan is not None and last_scan.admitted and last_scan.direction == "entry":
        return verdict(VerdictKind.ALREADY_IN, "already_in", last_scan)
    if now < token.not_before:
        return verdict(VerdictKind.NOT_VALID, "too_early")
    if now > token.expires_at:
        return verdict(VerdictKind.NOT_VALID, "expired")
    if door.gate and gate_of_ticket and gate_of_ticket != door.gate:
        return verdict(VerdictKind.WRONG_GATE, "another_gate")
    if check and not card_seen:
        return verdict(VerdictKind.CHECK_CARD, "check_card")
    return verdict(VerdictKind.ADMIT, "admit" if record is not None else "admit_by_signature")
