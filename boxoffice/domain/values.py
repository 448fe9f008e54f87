"""The base of every value that crosses a wire or a file: immutable, and checked where it comes in."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class Value(BaseModel):
    """Unknown fields are ignored, so that an older till reads a newer central; wrong ones are refused."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_bytes="base64", val_json_bytes="base64")


def _written_out(value: object) -> object:
    """A number is no date: it would be read as seconds since 1970."""
    if (isinstance(value, str) and not _DATE.match(value)) or isinstance(value, (int, float)):
        raise ValueError("A date is written as 2026-12-31, with its time as 2026-12-31T19:30:00Z")
    return value


WrittenOut = BeforeValidator(_written_out)
Instant = Annotated[AwareDatetime, WrittenOut]
Whole = Annotated[int, Strict()]  # neither `true` nor "1"
Flag = Annotated[bool, Strict()]  # neither 1 nor "yes"
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(max_length=2000)]
Minor = Annotated[Whole, Field(ge=-(10**12), le=10**12)]
SeatIndex = Annotated[Whole, Field(ge=0, lt=0xFFFFFF)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
