"""The API answers as it describes itself, whatever it is sent: all checks of schemathesis, over a running central.

It makes requests from the description, valid and invalid, in chains as well, and wants no server error, no status,
type or field that is not described, no invalid request accepted, and nothing told without the credential that is
asked for. `make fuzz` makes many more of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from central.problems import Declined
from tests.central.people import admin, customer
from tests.support.central import RunningCentral, running_central

_CONFIG = Path(__file__).with_name("schemathesis.toml")
_EXAMPLES = os.environ.get("FUZZ", "4")
_NUMBER = {"parameters": [{"in": "query", "name": "number", "schema": {"type": "integer"}, "required": True}]}
_WRONGS = {
    "ST101": "a server error",
    "ST103": "a status that is not described",
    "ST108": "an answer of another shape",
    "ST201": "an invalid request that is accepted",
    "ST401": "a credential that nobody looks at",
}
_SEED = os.environ.get("SEED", "1")


@pytest.mark.timeout(0)
def test_central_answers_as_it_describes_itself(database: str, tmp_path: Path) -> None:
    with running_central(database) as central:
        code, told = _try_all(central, tmp_path)
        assert code == 0, told[-20_000:]


def test_what_is_not_as_described_is_found(database: str, tmp_path: Path) -> None:
    with running_central(database) as central:
        _go_wrong(central.app)
        code, told = _try_all(central, tmp_path, "--include-path-regex", "^/twin/", "--phases", "coverage")
        assert code == 1, told
        found = {line.split()[1] for line in told.splitlines() if line.startswith("- ST")}
        assert found >= _WRONGS.keys(), told


def _go_wrong(app: FastAPI) -> None:
    async def fails(word: str) -> None:
        raise ZeroDivisionError(word)

    async def surprises() -> None:
        raise Declined(HTTPStatus.IM_A_TEAPOT, "teapot", "Not a coffee maker.")

    async def takes_anything(request: Request) -> int:
        return len(request.query_params)

    async def tells_else() -> Response:
        return JSONResponse({"places": "many"})

    async def trusts() -> None:
        pass

    app.add_api_route("/twin/trusts", trusts, openapi_extra={"security": [{"account": []}]})
    app.add_api_route("/twin/fails/{word}", fails)
    app.add_api_route("/twin/surprises", surprises)
    app.add_api_route("/twin/takes-anything", takes_anything, openapi_extra=_NUMBER)
    app.add_api_route("/twin/tells-else", tells_else, response_model=dict[str, int])


def _try_all(central: RunningCentral, folder: Path, *options: str) -> tuple[int, str]:
    """The exit code of schemathesis, and what it said."""
    boss, ada, leaving = admin(central), customer(central), customer(central)
    wanted = {"eventId": "1001", "userId": ada.id, "numberOfTickets": 2, "seatPreferences": "Stalls, together"}
    booked = ada.client.post("/api/bookings", json=wanted)
    assert booked.status_code == HTTPStatus.CREATED, booked.text
    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("schemathesis"), "--config-file", _CONFIG, "run"),
            *(f"{central.url}/openapi.json", "--checks", "all", "--max-examples", _EXAMPLES, "--seed", _SEED),
            *("--generation-database", "none", *options),
        ],
        env={
            **os.environ,
            "BOXOFFICE_ACCOUNT": boss.token,
            "BOXOFFICE_BOOKING": booked.json()["bookingId"],
            "BOXOFFICE_LEAVING": leaving.token,
            "BOXOFFICE_TILL": central.till().credential,
            "BOXOFFICE_USER": ada.id,
        },
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    still_in = boss.client.get(f"/api/users/{boss.id}")
    assert still_in.status_code == HTTPStatus.OK, "signed out in the middle: the rest was refused for that alone"
    return done.returncode, done.stdout + done.stderr
