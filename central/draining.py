"""How a node leaves: it says so, gives its callers time to go elsewhere, and answers whatever it has begun."""

from __future__ import annotations

from http import HTTPStatus

from central.problems import Declined
from central.tills.hints import Hints


class Draining:
    """From `begin` on the node is not ready, its streams end, and every answer is the last of its connection."""

    def __init__(self, hints: Hints) -> None:
        self._hints = hints
        self.has_begun = False

    def begin(self) -> None:
        """On the event loop."""
        self.has_begun = True
        self._hints.close()  # streams have no end of their own

    def must_stay(self) -> None:
        """Raises Declined on a node that is about to stop: what is asked for would not last."""
        if self.has_begun:
            raise _declined("This node is about to stop.", "Ask again: another one answers.")


def interrupted() -> Declined:
    """For who has waited until the end: nothing is half-done, but a commit may just have gone through."""
    return _declined("This took longer than this node had left.", "Ask again, with the same Idempotency-Key if any.")


def _declined(message: str, way_out: str) -> Declined:
    return Declined(HTTPStatus.SERVICE_UNAVAILABLE, "stopping", message, way_out, headers={"Retry-After": "1"})
