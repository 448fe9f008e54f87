"""Every refusal of a value is in words, and names its field."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, ValidationError, model_validator

from boxoffice.domain.values import Flag, Instant, Whole
from central.wording import in_words, where


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Part(BaseModel):
    count: Annotated[Whole, Field(ge=1, lt=10)] = 1


class Asked(BaseModel, extra="forbid"):
    word: Annotated[str, Field(min_length=2, max_length=5, pattern="^[a-z]+$")] = "word"
    size: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 1
    price: Annotated[Decimal, Field(decimal_places=2)] = Decimal(1)
    is_new: Flag = True
    key: UUID = UUID(int=0)
    day: date = date(2026, 1, 1)
    at: Instant | None = None
    colour: Colour = Colour.RED
    stars: Literal["1", "2"] = "1"
    parts: Annotated[list[Part], Field(min_length=1, max_length=2)] = [Part()]

    @model_validator(mode="after")
    def _red_is_new(self) -> Asked:
        if self.colour is Colour.RED and not self.is_new:
            raise ValueError("is_new: what is red is new")
        return self


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"word": 3}, "word", "It has to be text"),
        ({"word": "a"}, "word", "It is too short: 2 characters at least"),
        ({"word": "abcdef"}, "word", "It is too long: 5 characters at most"),
        ({"word": "a b"}, "word", "It is not written as it has to be; the API's description has an example"),
        ({"size": "x"}, "size", "It has to be a number"),
        ({"size": 0}, "size", "It has to be more than 0.0"),
        ({"size": 2}, "size", "It has to be 1.0 at most"),
        ({"size": float("nan")}, "size", "It has to be a finite number"),
        ({"price": "1.005"}, "price", "It has to have 2 decimal places at most"),
        ({"is_new": 1}, "is_new", "It has to be true or false"),
        ({"key": "x"}, "key", "This is not an id"),
        ({"day": "soon"}, "day", "It has to be a date, such as 2026-12-31"),
        ({"at": "soon"}, "at", "A date is written as 2026-12-31, with its time as 2026-12-31T19:30:00Z"),
        ({"at": 7}, "at", "A date is written as 2026-12-31, with its time as 2026-12-31T19:30:00Z"),
        ({"at": "2026-12-31T19:30:00"}, "at", "Its offset from UTC is missing, such as the Z in 2026-12-31T19:30:00Z"),
        ({"colour": "green"}, "colour", "It has to be 'red' or 'blue'"),
        ({"stars": "3"}, "stars", "It has to be '1' or '2'"),
        ({"parts": {}}, "parts", "It has to be a list"),
        ({"parts": []}, "parts", "It is empty"),
        ({"parts": [1]}, "parts.0", "It has to be an object"),
        ({"parts": [{"count": 0}]}, "parts.0.count", "It has to be 1 at least"),
        ({"parts": [{"count": 10}]}, "parts.0.count", "It has to be less than 10"),
        ({"parts": [{"count": "1"}]}, "parts.0.count", "It has to be a whole number"),
        ({"coulour": "red"}, "coulour", "There is no such field here"),
        ({"is_new": False}, "is_new", "is_new: what is red is new"),
    ],
)
def test_what_is_wrong_is_said_in_words(given: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Asked.model_validate(given)
    [fault] = refused.value.errors()
    assert in_words(fault) == words
    assert where({**fault, "loc": ("body", *fault["loc"])}) == field


def test_no_expression_of_ours_is_shown() -> None:
    with pytest.raises(ValidationError) as refused:
        Asked.model_validate({"word": "A"})
    assert "^" not in "".join(in_words(fault) for fault in refused.value.errors())
