"""Everything that is wrong with a seating plan from outside, so that it can be put right at one go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, ValidationError, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from boxoffice.domain.plan import (
    ROW_WORD,
    SeatingPlan,
    SeatKind,
    area_from_json,
    faults_of,
    plan_from_json,
    section_from_json,
)
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
    guids: Annotated[list[_Name], Field(max_length=2000)] = []

    @model_validator(mode="after")
    def _one_of_each_a_seat(self) -> RowShape:
        if not len(self.seats) == len(self.x) == len(self.y) == len(self.category):
            raise ValueError("seats, x, y and category do not have the same length")
        if self.guids and len(self.guids) != len(self.seats):
            raise ValueError("guids has not an entry a seat")
        return self


class SectionShape(_Part):
    name: _Name
    gate: _Name = ""
    row_word: Annotated[str, Field(min_length=1, max_length=40, examples=["row", "box", "table"])] = ROW_WORD
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
    extensions: dict[str, Any] = {}


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
    found = shape.model_dump(mode="json")
    faults = list(_faults(shape, found))
    return faults or plan_from_json({**found, "id": plan_id, "version": version})


def _where(path: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in path) or "plan"


def _faults(plan: PlanShape, found: Mapping[str, Any]) -> Iterator[str]:
    for i, section in enumerate(plan.sections):
        for j, row in enumerate(section.rows):
            for index in (*row.aisle_after, *(int(key) for key in row.kind)):
                if not 0 <= index < len(row.seats):
                    yield f"sections.{i}.rows.{j}: there is no seat at position {index}."
    sections = [section_from_json(section) for section in found["sections"]]
    areas = [area_from_json(area) for area in found["areas"]]
    for fault in faults_of((plan.size[0], plan.size[1]), plan.categories, sections, areas):
        yield f"{_where(fault.path)}: {fault.message}"
