"""Everything that is wrong with a seating plan from outside, so that it can be put right at one go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, ValidationError, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from boxoffice.domain.plan import MAX_SEATS, SeatingPlan, SeatKind, plan_from_json
from boxoffice.domain.refusals import Malformed
from central.wording import in_words

MOST_NAMED = 20
_Name = Annotated[str, Field(max_length=100)]
_Length = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]
_Point = Annotated[list[_Length], Field(min_length=2, max_length=2)]
_Outline = Annotated[list[_Point], Field(max_length=1000)]
_Category = Annotated[int, Field(ge=0, le=255)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True)


class RowShape(_Part):
    label: _Name
    seats: Annotated[list[_Name], Field(max_length=2000)]
    x: Annotated[list[_Length], Field(max_length=2000)]
    y: Annotated[list[_Length], Field(max_length=2000)]
    category: Annotated[list[_Category], Field(max_length=2000)]
    kind: dict[Annotated[str, Field(pattern="^[0-9]{1,4}$")], Annotated[int, Field(ge=0, le=max(SeatKind))]] = {}
    aisle_after: Annotated[list[int], Field(max_length=2000)] = []

    @model_validator(mode="after")
    def _one_of_each_a_seat(self) -> RowShape:
        if not len(self.seats) == len(self.x) == len(self.y) == len(self.category):
            raise ValueError("seats, x, y and category do not have the same length")
        return self


class SectionShape(_Part):
    name: _Name
    gate: _Name = ""
    outline: _Outline = []
    rows: Annotated[list[RowShape], Field(max_length=1000)]


class AreaShape(_Part):
    name: _Name
    gate: _Name = ""
    capacity: Annotated[int, Field(ge=1, le=200_000)]
    category: _Category
    outline: _Outline = []


class DecorationShape(_Part):
    kind: Annotated[str, Field(pattern="^(stage|table|outline)$")]
    outline: _Outline
    label: _Name = ""


class PlanShape(_Part):
    """Lengths are centimetres, the origin is top left. Each row's lists have an entry a seat."""

    name: Annotated[str, Field(min_length=1, max_length=200, examples=["Main Stage"])]
    size: _Point
    focal_point: _Point
    categories: Annotated[list[_Name], Field(min_length=1, max_length=256, examples=[["Stalls", "Circle"]])]
    sections: Annotated[list[SectionShape], Field(max_length=500)]
    areas: Annotated[list[AreaShape], Field(max_length=1000)] = []
    decorations: Annotated[list[DecorationShape], Field(max_length=1000)] = []


class _AsPlanShape:
    """The body is read part by part, to name every fault of it; the description says what is expected."""

    def __get_pydantic_json_schema__(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(PlanShape.__pydantic_core_schema__)


GivenPlan = Annotated[dict[str, Any], _AsPlanShape()]


def read(data: Mapping[str, Any], plan_id: str, version: int) -> SeatingPlan | list[str]:
    """The plan, or its faults."""
    try:
        shape = PlanShape.model_validate(data)
    except ValidationError as error:
        return [f"{_where(fault['loc'])}: {in_words(fault)}." for fault in error.errors()]
    faults = list(_faults(shape))
    if faults:
        return faults
    try:
        return plan_from_json({**shape.model_dump(mode="json"), "id": plan_id, "version": version})
    except Malformed as malformed:
        return [malformed.message]


def _where(path: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in path) or "plan"


def _faults(plan: PlanShape) -> Iterator[str]:
    seats = sum(len(row.seats) for section in plan.sections for row in section.rows)
    if not seats and not plan.areas:
        yield "plan: it has neither seats nor areas."
    if seats > MAX_SEATS:
        yield f"plan: {seats} seats are more than {MAX_SEATS}."
    names = Counter([section.name for section in plan.sections] + [area.name for area in plan.areas])
    yield from (f"sections: {count} are called “{name}”." for name, count in names.items() if count > 1)
    for i, area in enumerate(plan.areas):
        if area.category >= len(plan.categories):
            yield f"areas.{i}.category: category {area.category} does not exist."
    for i, section in enumerate(plan.sections):
        for j, row in enumerate(section.rows):
            yield from _row_faults(plan, row, f"sections.{i}.rows.{j}", f"{section.name} {row.label}".strip())


def _row_faults(plan: PlanShape, row: RowShape, where: str, name: str) -> Iterator[str]:
    for label, count in Counter(row.seats).items():
        if count > 1:
            yield f"{where}.seats: {count} seats of {name} are numbered “{label}”."
    for label, x, y, category in zip(row.seats, row.x, row.y, row.category, strict=True):
        if not (0 <= x <= plan.size[0] and 0 <= y <= plan.size[1]):
            yield f"{where}: seat {name} {label} lies outside of the plan."
        if category >= len(plan.categories):
            yield f"{where}.category: seat {name} {label} is of category {category}, which does not exist."
    for index in (*row.aisle_after, *(int(key) for key in row.kind)):
        if not 0 <= index < len(row.seats):
            yield f"{where}: there is no seat at position {index}."
