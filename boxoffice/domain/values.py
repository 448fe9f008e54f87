"""The base of every value that crosses a wire or a file: immutable, and checked where it comes in."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints


class Value(BaseModel):
    """Unknown fields are ignored, so that an older till reads a newer central; wrong ones are refused."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_bytes="base64", val_json_bytes="base64")


Instant = AwareDatetime
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(max_length=2000)]
Minor = Annotated[int, Field(ge=-(10**12), le=10**12)]
SeatIndex = Annotated[int, Field(ge=0, lt=0xFFFFFF)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
