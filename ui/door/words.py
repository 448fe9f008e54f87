"""A verdict in words: the most specific word wins, and the last line says what to do."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from boxoffice.domain.admission import Verdict, VerdictKind
from boxoffice.domain.catalogue import Catalogue
from boxoffice.domain.clock import Clock
from boxoffice.domain.plan import SeatingPlan
from boxoffice.services.admitting import place_name
from ui.formats import Formats


def _tr(text: str) -> str:
    return QCoreApplication.translate("Door", text)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the door shows. `colors` names a pair of the door's tokens; `columns` are (name, value, below)."""

    colors: str
    icon: str
    sound: str
    word: str
    seat: str = ""
    detail: str = ""
    columns: tuple[tuple[str, str, str], ...] = ()
    instruction: str = ""


# reason -> (colours, icon, sound, word, instruction)
_WORDS: dict[str, tuple[str, str, str, str, str]] = {
    "admit": ("admit", "check", "in", "Welcome", ""),
    "admit_by_signature": ("admit", "check", "in", "Welcome", "Good by its signature; the lists will follow."),
    "already_in": (
        "refused",
        "x",
        "refused",
        "Already in",
        "Ask for another ticket of this order. Otherwise: box office.",
    ),
    "another_performance": ("refused", "calendar-clock", "refused", "Wrong day", "The box office can exchange it."),
    "another_gate": (
        "unknown_or_elsewhere",
        "arrow-left-right",
        "attention",
        "Other gate",
        "The ticket is good there.",
    ),
    "refunded": (
        "refused",
        "ban",
        "refused",
        "Refunded",
        "This ticket was given back. Send the guest to the box office.",
    ),
    "replaced": (
        "refused",
        "printer",
        "refused",
        "Replaced",
        "A newer ticket was printed for this seat. Ask for that one.",
    ),
    "performance_cancelled": ("refused", "ban", "refused", "Cancelled", "This performance does not take place."),
    "too_early": ("refused", "clock", "refused", "Too early", "The doors are not open for it yet."),
    "expired": ("refused", "calendar-clock", "refused", "Over", "This performance has ended."),
    "forged": (
        "refused",
        "shield-alert",
        "refused",
        "Not genuine",
        "Keep the ticket if you can, and call the supervisor.",
    ),
    "not_a_ticket": (
        "refused",
        "scan-line",
        "refused",
        "No ticket",
        "This code is not one of ours. Look for the ticket's QR code.",
    ),
    "unknown_key": (
        "unknown_or_elsewhere",
        "circle-question-mark",
        "attention",
        "Unknown key",
        "Do not turn away. Keep aside, scan again in a minute, or call the supervisor.",
    ),
    "check_card": (
        "attention",
        "id-card",
        "attention",
        "Check card",
        "Seen the card: press Enter. No card: box office.",
    ),
}


def shown(verdict: Verdict, catalogue: Catalogue, plan: SeatingPlan | None, formats: Formats, now: Clock) -> Shown:
    """`plan` is the plan of the ticket's own performance, if it is known."""
    colors, icon, sound, word, instruction = _WORDS[verdict.reason]
    seat, detail = _place(verdict, plan)
    columns: tuple[tuple[str, str, str], ...] = ()
    if verdict.kind is VerdictKind.ALREADY_IN and verdict.earlier is not None:
        earlier = verdict.earlier
        columns = (
            (_tr("When"), formats.time(earlier.scanned_at), formats.ago(earlier.scanned_at)),
            (_tr("Where"), earlier.gate, _tr("entry")),
            (_tr("Who"), earlier.staff_name or "–", _tr("steward")),
        )
    if verdict.reason == "another_performance" and verdict.performance is not None:
        known = next((p for p in catalogue.performances if p.id == verdict.performance), None)
        if known is not None:
            title = catalogue.production(known.production_id).title
            same_day = formats.evening(known.starts_at) == formats.today()
            word = "Wrong time" if same_day else "Wrong day"
            detail = f"{title} · {seat}" if seat else title
            seat = formats.day_and_time(known.starts_at)
            if known.starts_at > now():
                instruction = "The ticket is good then. The box office can exchange it today."
    if verdict.reason == "another_gate" and plan is not None and verdict.token is not None:
        gate = plan.gate(verdict.token.seat) if verdict.token.seat is not None else ""
        word = f"Gate {gate}" if gate else word
    if verdict.kind is VerdictKind.CHECK_CARD:
        detail = f"{verdict.check} · admit once you have seen it"
    return Shown(colors, icon, sound, _tr(word), seat, detail, columns, _tr(instruction))


def _place(verdict: Verdict, plan: SeatingPlan | None) -> tuple[str, str]:
    record, token = verdict.ticket, verdict.token
    if plan is None or token is None:
        return "", ""
    if record is not None:
        kind = " · ".join(
            part for part in (record.price_type_name, f"order {record.order_code}", record.holder) if part
        )
        return place_name(plan, record), kind
    if token.seat is not None and token.seat < plan.seat_count:
        return plan.seat_name(token.seat), ""
    return "", ""
