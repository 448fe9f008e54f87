"""Whose turn it is: a place is taken for somebody new only where nobody waits, and the statement that takes it looks.

So where nobody waits, which is nearly everywhere, the list costs a look into an index and no question of its own; and
it holds for any number of nodes, as nothing about it is remembered outside of the database.
"""

from __future__ import annotations


class SomebodyWaits(Exception):
    """Nothing was taken: those on the event's waiting list come first."""


def nobody_waits(performance: str) -> str:
    """As a condition in SQL; `performance` is the expression for the event's id there."""
    return f"not exists (select from waiting_entry w where w.performance = {performance} and w.state = 'waiting')"
