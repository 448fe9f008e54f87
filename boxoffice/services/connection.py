"""What the till's inside needs of the network: a lease now, and somebody to wake when facts wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from boxoffice.domain.protocol import LeaseGrant, LeaseRequest
from boxoffice.domain.refusals import Refused


class Offline(Refused):
    """Central cannot be reached; what the till holds itself can still be sold."""

    code = "offline"

    def __init__(self) -> None:
        super().__init__("Central cannot be reached.", "Sell the places set aside for this till.")


class TillStopped(Refused):
    """Central has taken this till out of service, or stopped it until somebody has looked."""

    code = "till_stopped"


class LinkState(StrEnum):
    ONLINE = "online"
    OFFLINE = "offline"
    REVOKED = "revoked"  # central no longer knows this till: nothing new is sold, what waits is kept
    STOPPED = "stopped"  # central quarantined this till: its journal and central's copy differ


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """`since` is when the state began; `lists_at` when every list was last known to be current."""

    state: LinkState
    since: datetime
    waiting: int
    lists_at: datetime | None = None
    clock_skew_s: float = 0.0
    message: str = ""

    @property
    def is_online(self) -> bool:
        return self.state is LinkState.ONLINE


class Connection(Protocol):
    """The sync thread, as the services see it. Thread-safe."""

    @property
    def state(self) -> LinkState: ...

    @property
    def is_online(self) -> bool: ...

    def request_lease(self, request: LeaseRequest) -> LeaseGrant:
        """Ask central and wait for the answer, a few seconds at most.

        Raises Offline, or another Refused with central's reason. What a later answer grants then goes back by itself.
        """

    def wake(self) -> None:
        """There is something to send."""
