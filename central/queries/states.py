"""How a customer's question goes on.

| | assign | customer writes | house answers | close |
|---|---|---|---|---|
| open | assigned | open | answered | closed |
| assigned | assigned | assigned | answered | closed |
| answered | assigned | open, or assigned if somebody has it | answered | closed |
| closed | refused | open, or assigned if somebody has it | refused | closed |
"""

from __future__ import annotations

from enum import StrEnum

from boxoffice.domain.refusals import Refused


class State(StrEnum):
    OPEN = "open"
    ASSIGNED = "assigned"
    ANSWERED = "answered"
    CLOSED = "closed"


class Step(StrEnum):
    ASSIGN = "assign"
    ASK = "ask"  # the customer writes
    ANSWER = "answer"  # the house writes
    CLOSE = "close"


class QueryClosed(Refused):
    code = "query_closed"


def after(state: State, step: Step, *, has_assignee: bool) -> State:
    """Raises QueryClosed. `has_assignee`: somebody of the house has taken it before."""
    match step:
        case Step.CLOSE:
            return State.CLOSED
        case Step.ASK if state in (State.OPEN, State.ASSIGNED):
            return state
        case Step.ASK:
            return State.ASSIGNED if has_assignee else State.OPEN
    if state is State.CLOSED:
        raise QueryClosed("This query is closed.", "The customer opens it again by writing.")
    return State.ASSIGNED if step is Step.ASSIGN else State.ANSWERED
