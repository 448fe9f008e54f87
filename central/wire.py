"""What several services say in the same way on the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from boxoffice.domain.money import Money

CAMEL = ConfigDict(alias_generator=to_camel, validate_by_name=True, validate_by_alias=True)
"""For models of the domain: `minTickets` outside, `min_tickets` inside."""

EventId = Annotated[str, Field(pattern="^[1-9][0-9]{0,8}$", examples=["1001"])]


def major(money: Money) -> float:
    """A number of major units, as the API's amounts are. The exact one is the integer of minor units beside it."""
    return float(money.decimal)
