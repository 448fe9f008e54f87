"""What a kind of job is: its payload, who may submit it, and what it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from central.accounts.roles import AccountRole
from central.jobs.running import Run
from central.services import Services


@dataclass(frozen=True, slots=True)
class Kind:
    """`work` is done at least once: it may be cut off anywhere and begin again from what it last kept."""

    name: str
    about: str
    payload: type[BaseModel]
    work: Callable[[Services, Run], Awaitable[None]]
    may_submit: frozenset[AccountRole]

    def may_run(self, run: Run) -> bool:
        """Whether its owner still may what they might when they submitted it."""
        return run.owner is None or run.role in self.may_submit


Kinds = Mapping[str, Kind]
