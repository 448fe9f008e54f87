"""The first admin, from the command line."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from central.__main__ import main
from central.keys import VARIABLE
from tests.central.people import PASSWORD
from tests.support.central import SEED, RunningCentral, run


def create(central: RunningCentral, folder: Path, *arguments: str) -> int:
    return main(["create-admin", "--database", central.database, "--data", str(folder), *arguments])


@pytest.fixture(autouse=True)
def _logs() -> Iterator[None]:
    """As they were: a command sends them to the standard error that a test captures."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)
    logging.getLogger().handlers.clear()


@pytest.fixture(autouse=True)
def _same_central(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, SEED.hex())
    monkeypatch.setenv("BOXOFFICE_ADMIN_PASSWORD", PASSWORD)


def test_an_admin_is_made_whose_address_needs_no_code(
    central: RunningCentral, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert create(central, tmp_path, "--email", "Boss@Example.ORG", "--name", "The Boss") == 0
    [account] = central.fetch("select * from account")
    assert (account["email"], account["name"], account["role"]) == ("Boss@example.org", "The Boss", "admin")
    assert account["email_verified_at"] is not None
    said = capfd.readouterr()
    assert "Boss@example.org is an admin" in said.out
    assert PASSWORD not in said.out + said.err


def test_the_password_is_asked_for_when_the_environment_has_none(
    central: RunningCentral, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOXOFFICE_ADMIN_PASSWORD")
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return PASSWORD

    monkeypatch.setattr("getpass.getpass", ask)
    assert create(central, tmp_path, "--email", "boss@example.org") == 0
    assert asked == ["Password for boss@example.org: "]


def test_what_cannot_be_an_admin_is_refused(
    central: RunningCentral, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert create(central, tmp_path, "--email", "boss@example.org") == 0
    assert create(central, tmp_path, "--email", "BOSS@example.org") == 2
    assert "There is an account with this e-mail address." in capfd.readouterr().err
    with pytest.raises(SystemExit):
        create(central, tmp_path, "--email", "boss")
    monkeypatch.setenv("BOXOFFICE_ADMIN_PASSWORD", "short")
    assert create(central, tmp_path, "--email", "other@example.org") == 2
    assert "8 to 200 characters" in capfd.readouterr().err
    assert run(central.database, lambda connection: connection.fetchval("select count(*) from account")) == 1
