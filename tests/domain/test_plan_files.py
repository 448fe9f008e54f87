"""Seating plans as files: the open JSON, tables and drawings."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.domain.ids import PlanId
from boxoffice.domain.plan import Area, Decoration, Row, Seat, SeatingPlan, SeatKind, Section, plan_to_json
from boxoffice.domain.plan_files import FileReport, PlanFormat, open_format, read_plan

PLAN = PlanId("p")


def seat(guid: str, number: str, x: float, **more: Any) -> dict[str, Any]:
    return {
        "seat_guid": guid,
        "seat_number": number,
        "position": {"x": x, "y": 0},
        "category": "Band A",
        "radius": 11,
        **more,
    }


OPEN: dict[str, Any] = {
    "name": "Small house",
    "size": {"width": 500, "height": 300},
    "categories": [{"name": "Band A", "color": "#F44336"}],
    "zones": [
        {
            "zone_id": "ground",
            "name": "Ground floor",
            "uuid": "of-another-program",
            "position": {"x": 10, "y": 20},
            "rows": [
                {
                    "row_number": letter,
                    "row_number_position": "start",
                    "position": {"x": 5, "y": 25 * step},
                    "seats": [seat(f"g-{letter}-{k}", str(k), 25 * k) for k in (1, 2, 3)],
                }
                for step, letter in enumerate("AB")
            ],
            "areas": [
                {
                    "shape": "rectangle",
                    "color": "#eee",
                    "rotation": 0,
                    "position": {"x": 100, "y": 200},
                    "rectangle": {"width": 200, "height": 50},
                    "text": {"text": "Stage", "color": "#333", "position": {"x": 0, "y": 0}},
                }
            ],
        }
    ],
}


def read_open(data: Any) -> SeatingPlan | FileReport:
    return read_plan(json.dumps(data).encode(), PlanFormat.JSON, PLAN)


def plan_of(found: SeatingPlan | FileReport) -> SeatingPlan:
    assert isinstance(found, SeatingPlan), [str(fault) for fault in found.faults]
    return found


def faults_in(found: SeatingPlan | FileReport) -> list[str]:
    assert isinstance(found, FileReport)
    return [str(fault) for fault in found.faults]


def test_positions_add_up_and_seats_stand_a_seats_width_apart() -> None:
    plan = plan_of(read_open(OPEN))
    assert plan.seat_name(4) == "Ground floor B 2"
    assert plan.x.tolist()[:3] == pytest.approx([88.0, 143.0, 198.0])
    assert plan.y.tolist()[::3] == pytest.approx([44.0, 99.0])
    assert plan.sections[0].rows[1].seats[0].guid == "g-B-1"
    assert plan.decorations[0].label == "Stage"


def test_what_is_written_reads_as_the_same_plan_with_everything_of_other_programs() -> None:
    plan = plan_of(read_open(OPEN))
    written = open_format.write(plan)
    assert plan_to_json(plan_of(read_plan(written, PlanFormat.JSON, PLAN))) == plan_to_json(plan)
    zone = json.loads(written)["zones"][0]
    assert (zone["zone_id"], zone["uuid"]) == ("ground", "of-another-program")
    assert zone["rows"][0]["row_number_position"] == "start"
    assert zone["rows"][0]["seats"][0]["radius"] == 11
    assert json.loads(written)["categories"] == OPEN["categories"]
    assert json.loads(written)["zones"][-1]["areas"][0]["color"] == "#eee"


def test_every_seat_of_a_guid_that_repeats_is_named() -> None:
    """As a stadium's file from the field has it: rows that were copied with their guids."""
    broken = copy.deepcopy(OPEN)
    broken["zones"][0]["rows"][1]["seats"] = copy.deepcopy(OPEN["zones"][0]["rows"][0]["seats"])
    named = faults_in(read_open(broken))
    assert len(named) == 6
    assert named[0].startswith("/zones/0/rows/0/seats/0: 2 seats have the guid “g-A-1”.")
    assert {fault.partition(":")[0] for fault in named} == {
        f"/zones/0/rows/{row}/seats/{number}" for row in (0, 1) for number in (0, 1, 2)
    }


def _with(path: str, value: Any) -> dict[str, Any]:
    data = copy.deepcopy(OPEN)
    *way, last = path.split("/")
    part: Any = data
    for step in way:
        part = part[int(step)] if step.isdigit() else part[step]
    part[int(last) if last.isdigit() else last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("zones", [], "/: It has neither seats nor areas"),
        ("zones", None, "/zones: It is missing"),
        ("zones/0/rows/0/seats/1/category", "Gold", "/zones/0/rows/0/seats/1/category: The category “Gold”"),
        ("zones/0/rows/0/seats/1/seat_number", "1", "/zones/0/rows/0/seats/1: Another seat of Ground floor, row A"),
        ("zones/0/rows/1/seats/2/position", {"x": 900, "y": 0}, "/zones/0/rows/1/seats/2: Seat 3 of Ground floor"),
        ("zones/0/rows/1/seats/2/position", {"x": "far", "y": 0}, "/zones/0/rows/1/seats/2/position/x: It is"),
        ("zones/0/rows/1/seats/2/seat_guid", 5, "/zones/0/rows/1/seats/2/seat_guid: It is missing"),
        ("zones/0/areas/0/shape", "star", "/zones/0/areas/0/shape: “star”"),
        ("zones/0/rows/0", "A", "/zones/0/rows/0: It is missing or has to be an object"),
        ("size", {"width": True, "height": 3}, "/size/width: It is missing"),
        ("boxoffice", {"cm_per_unit": 0}, "/boxoffice/cm_per_unit: It has to be more than 0"),
    ],
)
def test_a_fault_is_named_with_its_place(path: str, value: Any, says: str) -> None:
    assert any(fault.startswith(says) for fault in faults_in(read_open(_with(path, value)))), says


@pytest.mark.parametrize(
    ("content", "written_as", "says"),
    [
        (b"\xff\xfe{", PlanFormat.JSON, "line 1: Byte 0 is not UTF-8"),
        (b'{"a":\n}', PlanFormat.JSON, "line 2, column 1: This is not JSON"),
        (b'{"size": NaN}', PlanFormat.JSON, "file: This is not JSON: NaN"),
        (b'{"zones":\n' + b"[" * 200_000, PlanFormat.JSON, "line 2: It is nested more than 32 deep"),
        (b'"seat_number",' * 200_001, PlanFormat.JSON, "/zones: 200001 seats are more than 200000"),
        (b"x\n" * 200_002, PlanFormat.CSV, "file: It has more than 200000 lines"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', PlanFormat.SVG, "line 1: It has a document type"),
        (b"<svg>\n<g></svg>", PlanFormat.SVG, "line 2: This is not XML: mismatched tag"),
        (b"<g>" * 100, PlanFormat.SVG, "line 1: It is nested more than 64 deep"),
        (b" " * (64 * 1024 * 1024 + 1), PlanFormat.JSON, "file: It has 67108865 bytes"),
    ],
)
def test_limits_are_looked_at_before_anything_is_built(content: bytes, written_as: PlanFormat, says: str) -> None:
    assert faults_in(read_plan(content, written_as, PLAN))[0].startswith(says)


CSV = """section;row;seat;x;y;category;kind;aisle_after
Stalls;A;1;0;0;Band A;wheelchair;
Stalls;A;2;25,5;0;Band A;;yes
Stalls;B;1;0;25;Band B;;
"""


def test_a_table_is_a_plan() -> None:
    plan = plan_of(read_plan(("\ufeff" + CSV).encode(), PlanFormat.CSV, PLAN, name="Studio"))
    assert (plan.name, plan.categories, plan.seat_count) == ("Studio", ("Band A", "Band B"), 3)
    assert plan.kind[0] == SeatKind.WHEELCHAIR
    assert plan.right[1] == -1
    assert plan.x[1] - plan.x[0] == pytest.approx(55.0)


def test_every_line_of_a_table_that_is_wrong_is_named() -> None:
    broken = CSV + "Stalls;B;1;0;25;Band B;;\nStalls;C;1;nan;0;Band B;;\nStalls;C;2;0;0;;throne;\nStalls;C\n"
    named = faults_in(read_plan(broken.encode(), PlanFormat.CSV, PLAN))
    for says in (
        "line 6: x is “nan”",
        "line 7: category is empty",
        "line 7: kind is “throne”",
        "line 8: It has not as many cells",
        "line 5: Another seat of Stalls, row B is numbered “1”",
    ):
        assert any(fault.startswith(says) for fault in named), (says, named)
    assert faults_in(read_plan(b"section,row\n", PlanFormat.CSV, PLAN))[0].startswith("line 1: The column “seat”")


SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 200">
<g id="Stalls" transform="translate(50 20)" data-category="Band A">
 <g data-row="A" transform="rotate(90)"
><circle id="Stalls-A-1" r="5" cx="10"/> <circle id="Stalls-A-2" r="5" cx="35"/></g>
 <g id="Stalls-B"><rect id="Stalls-B-1" x="0" y="50" width="10" height="10" data-kind="companion"/></g>
</g>
<rect id="Floor" x="0" y="100" width="400" height="90" data-capacity="120" data-category="Standing"/>
<circle r="30"/>
</svg>"""


def test_a_drawing_is_a_plan() -> None:
    plan = plan_of(read_plan(SVG.encode(), PlanFormat.SVG, PLAN))
    assert [plan.seat_name(seat) for seat in range(3)] == ["Stalls A 1", "Stalls A 2", "Stalls B 1"]
    assert plan.x.tolist() == pytest.approx([110.0, 110.0, 121.0])
    assert plan.y.tolist() == pytest.approx([66.0, 121.0, 165.0])
    assert (plan.areas[0].name, plan.areas[0].capacity, plan.width) == ("Floor", 120, 880.0)


def test_every_element_of_a_drawing_that_is_wrong_is_named() -> None:
    broken = SVG.replace('cx="35"', 'cx="wide"').replace("companion", "throne").replace('"120"', '"many"')
    named = faults_in(read_plan(broken.encode(), PlanFormat.SVG, PLAN))
    assert named[0].startswith('line 4, <circle id="Stalls-A-2">: cx is “wide”')
    assert named[1].startswith('line 5, <rect id="Stalls-B-1">: data-kind is “throne”')
    vast = faults_in(read_plan(SVG.replace("0 0 400 200", "0 0 1e999 2").encode(), PlanFormat.SVG, PLAN))
    assert vast[0].startswith("line 1, <svg>: “0 0 1e999 2” holds a number above a million")
    assert named[2].startswith('line 7, <rect id="Floor">: data-capacity is “many”')


_LENGTHS = st.integers(0, 10_000).map(lambda tenths: tenths / 10)
_NAMES = st.text(min_size=1, max_size=8)


_WORDS = st.sampled_from(("row", "box", "table"))


@st.composite
def plans(draw: st.DrawFn) -> SeatingPlan:
    categories = tuple(draw(st.lists(_NAMES, min_size=1, max_size=4, unique=True)))
    named = draw(st.lists(_NAMES, min_size=2, max_size=5, unique=True))
    numbers = st.integers(0, len(categories) - 1)

    def row(label: str, guids: bool) -> Row:
        labels = draw(st.lists(_NAMES, min_size=1, max_size=4, unique=True))
        return Row(
            label,
            tuple(
                Seat(
                    number,
                    *(draw(_LENGTHS), draw(_LENGTHS), draw(numbers), draw(st.sampled_from(SeatKind))),
                    draw(st.booleans()),
                    f"{label}:{k}" if guids else "",
                )
                for k, number in enumerate(labels)
            ),
        )

    outline = tuple((draw(_LENGTHS), draw(_LENGTHS)) for _ in range(3))
    return SeatingPlan(
        PLAN,
        1,
        draw(_NAMES),
        1000.0,
        1000.0,
        (draw(_LENGTHS), 0.0),
        categories,
        tuple(
            Section(
                name,
                tuple(row(f"{name}.{j}", draw(st.booleans())) for j in range(2)),
                outline,
                draw(_NAMES),
                draw(_WORDS),
            )
            for name in named[:-1]
        ),
        (Area(named[-1], draw(st.integers(1, 5000)), draw(numbers), outline),),
        (Decoration(draw(st.sampled_from(("stage", "table", "outline"))), outline, draw(st.text(max_size=5))),),
    )


@given(plans())
def test_any_plan_survives_its_file(plan: SeatingPlan) -> None:
    found = plan_of(read_plan(open_format.write(plan), PlanFormat.JSON, PLAN))
    assert plan_to_json(found) == plan_to_json(plan)
