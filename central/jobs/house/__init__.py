"""The kinds of jobs of the house."""

from __future__ import annotations

from central.accounts.roles import MANAGERS, AccountRole
from central.jobs.house import called_off, inviting, keeping, moved, reporting, retention
from central.jobs.house.events import OfAnEvent
from central.jobs.house.inviting import After, Ahead
from central.jobs.house.keeping import Generations, NothingAsked
from central.jobs.kinds import Kind, Kinds

_EVERYBODY = frozenset(AccountRole)

KINDS: Kinds = {
    kind.name: kind
    for kind in (
        Kind("event_reminder", "Reminds you of an event by a message.", OfAnEvent, inviting.remind_me, _EVERYBODY),
        Kind(
            called_off.KIND,
            "Refunds every booking of an event that was called off, in full, and tells the customers.",
            *(OfAnEvent, called_off.work, MANAGERS),
        ),
        Kind(
            moved.KIND,
            "Tells everybody who booked an event its new date, and until when they may give their tickets back.",
            *(OfAnEvent, moved.work, MANAGERS),
        ),
        Kind(
            "event_reminders",
            "Reminds everybody who booked what starts within so many hours, once.",
            *(Ahead, inviting.remind, MANAGERS),
        ),
        Kind(
            "review_invitations",
            "Asks those who were let in, and have not said it yet, how it was.",
            *(After, inviting.invite, MANAGERS),
        ),
        Kind(
            "report_by_email",
            "Sends the sales of a period to addresses, as pages to print and as a table.",
            *(reporting.ReportAsked, reporting.work, MANAGERS),
        ),
        Kind(
            "reconciliation",
            "Compares the payments of the day before with the gateways' own lists.",
            *(NothingAsked, keeping.compare_payments, MANAGERS),
        ),
        Kind("retention", "Deletes what is older than it is kept.", retention.Days, retention.forget, MANAGERS),
        Kind(
            "partitions",
            "Provides the months that begin soon, and drops those that are out of keeping.",
            *(NothingAsked, keeping.turn_months, MANAGERS),
        ),
        Kind("backup", "Backs the database up, and keeps so many backups.", Generations, keeping.back_up, MANAGERS),
        Kind("anomaly_watch", "Looks for what goes wrong, and tells managers.", NothingAsked, keeping.watch, MANAGERS),
        Kind("holds_expiry", "Ends holds that are over.", NothingAsked, keeping.end_holds, MANAGERS),
        Kind("waiting_list_offers", "Offers what came free to who waits.", NothingAsked, keeping.offer, MANAGERS),
    )
}
