"""Seating plans that managers send as files."""

from __future__ import annotations

import json

from boxoffice.domain.ids import PlanId
from boxoffice.domain.plan import plan_to_json
from boxoffice.domain.plan_files import PlanFormat, open_format, read_plan
from tests.central.people import manager
from tests.support.central import SEATS, RunningCentral, plan, problem_of

TABLE = "section,row,seat,x,y,category,guid\nStalls,A,1,0,0,Band A,g1\nStalls,A,2,25,0,Band A,g2\n"
DRAWING = '<svg viewBox="0 0 90 50"><g id="Stalls"><g id="A"><circle id="A-1" r="5" cx="9" cy="9"/></g></g></svg>'


def _file(written_as: PlanFormat, content: str) -> dict[str, str]:
    return {"format": written_as, "name": "Studio", "content": content}


def test_a_plan_comes_in_three_formats_and_goes_out_as_it_came(central: RunningCentral) -> None:
    client = manager(central).client
    for content, written_as, seats in (
        (TABLE, PlanFormat.CSV, 2),
        (DRAWING, PlanFormat.SVG, 1),
        (open_format.write(plan()).decode(), PlanFormat.JSON, plan().seat_count),
    ):
        reply = client.post("/api/admin/plan-files", json=_file(written_as, content))
        assert (reply.status_code, reply.json()["seats"]) == (201, seats)
        made = reply.json()["planId"]
        kept = client.get(f"/api/admin/plans/{made}").json()
        exported = client.get(f"/api/admin/plans/{made}/export").content
        again = read_plan(exported, PlanFormat.JSON, PlanId(made))
        assert json.loads(json.dumps(plan_to_json(again))) == kept  # type: ignore[arg-type]


def test_a_faulty_file_is_refused_with_the_place_of_every_fault(central: RunningCentral) -> None:
    client = manager(central).client
    before = client.get("/api/admin/plans").json()
    reply = client.post("/api/admin/plan-files", json=_file(PlanFormat.CSV, TABLE.replace("g2", "g1")))
    found = problem_of(reply)
    assert (reply.status_code, found["code"], found["title"]) == (422, "malformed_plan", "The file has 2 faults.")
    assert [fault["place"] for fault in found["faults"]] == ["line 2", "line 3"]
    assert "“g1”" in found["faults"][0]["message"]
    assert client.get("/api/admin/plans").json() == before


def test_a_new_version_from_a_file_keeps_seats_that_were_sold(house: RunningCentral) -> None:
    client, till = manager(house).client, house.till()
    till.sell(till.lease([SEATS - 1]).seats)
    till.push()
    exported = client.get("/api/admin/plans/house/export").json()
    whole = _file(PlanFormat.JSON, json.dumps(exported))
    row = next(zone for zone in reversed(exported["zones"]) if zone["rows"])["rows"][-1]
    sold = row["seats"].pop()
    refused = client.put("/api/admin/plans/house/import", json=_file(PlanFormat.JSON, json.dumps(exported)))
    found = problem_of(refused)
    assert (refused.status_code, found["code"]) == (409, "places_in_use")
    assert f"{row['row_number']} {sold['seat_number']}" in found["title"]
    kept = client.put("/api/admin/plans/house/import", json=whole, headers={"If-Match": '"v1"'})
    assert (kept.status_code, kept.json()["version"]) == (200, 2)
