"""Every kind of message there is: what is shown in it, and whether people may do without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """What people may choose not to get, or to get by SMS."""

    REMINDERS = "reminders"
    REVIEWS = "reviews"
    JOBS = "jobs"


@dataclass(frozen=True, slots=True)
class Kind:
    """`facts`: the lines of its table, by their names in the words of a language. `quote`: which value is shown as
    somebody's words. `is_urgent`: somebody sits and waits for it, and it proves who they are."""

    facts: tuple[str, ...] = ()
    topic: Topic | None = None
    quote: str = ""
    is_urgent: bool = False
    has_tickets: bool = False
    has_report: bool = False  # of sales, made when it goes
    is_private: bool = False  # about the account itself: never sent again to another address

    @property
    def has_code(self) -> bool:
        return self.is_urgent

    @property
    def may_be_resent(self) -> bool:
        return not (self.is_urgent or self.is_private)


_CODE = Kind(is_urgent=True)
_ACCOUNT = Kind(is_private=True)
_EVENT = ("event", "starts", "venue")

KINDS: Mapping[str, Kind] = {
    "verify_email": _CODE,
    "change_email": _CODE,
    "reset_password": _CODE,
    "verify_phone": _CODE,
    "identity_linked": _ACCOUNT,
    "email_changed": _ACCOUNT,
    "password_changed": _ACCOUNT,
    "account_deleted": _ACCOUNT,
    "booking_confirmed": Kind((*_EVENT, "places", "order", "total"), has_tickets=True),
    "booking_cancelled": Kind((*_EVENT, "order", "tickets", "refund")),
    "event_moved": Kind(("event", "before", "starts", "venue", "places", "order", "free_until"), has_tickets=True),
    "seats_moved": Kind((*_EVENT, "places", "order")),
    "payment_returned": Kind(("event", "amount")),
    "waiting_offer": Kind((*_EVENT, "places", "until")),
    "waiting_offer_over": Kind(("event", "starts")),
    "waiting_list_closed": Kind(("event", "starts")),
    "query_answered": Kind(("subject",), quote="words"),
    "event_reminder": Kind((*_EVENT, "doors"), Topic.REMINDERS),
    "review_invitation": Kind(("event",), Topic.REVIEWS),
    "report": Kind(("days",), has_report=True, is_private=True),
    "job_completed": Kind(("job",), Topic.JOBS),
    "job_failed": Kind(("job", "reason"), Topic.JOBS),
    "webhook_disabled": Kind(("url", "said")),
    "anomaly_opened": Kind(("concerns", "measured")),
    "anomaly_closed": Kind(("concerns",)),
}
URGENT = tuple(name for name, kind in KINDS.items() if kind.is_urgent)
