"""The kinds of jobs of the house."""

from __future__ import annotations

from central.accounts.roles import MANAGERS, AccountRole
from central.jobs.house import called_off, inviting, moved
from central.jobs.house.events import OfAnEvent
from central.jobs.house.inviting import After, Ahead
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
    )
}
