"""Mail servers as houses have them: with a login, over TLS, with their own certificate, and with a wrong password."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from central.notifications.settings import BadNotificationSettings, NotificationSettings
from tests.central.bookings.test_cancelling import paid
from tests.central.notifications.post import SENDER, outcomes, posting, services_at, settled, states, until, written
from tests.central.people import customer
from tests.support.central import SEED, RunningCentral, run
from tests.support.certificates import self_signed
from tests.support.mailbox import Mailbox, mailbox

USER, PASSWORD, WRONG = "box@office", "a/right:p@ss", "a-wr0ng-p4ss"
_ESCAPED = {USER: "box%40office", PASSWORD: "a%2Fright%3Ap%40ss", WRONG: WRONG}


def environment(box: Mailbox, password: str, authority: Path | None) -> dict[str, str]:
    scheme = "smtps" if box.is_tls_at_once else "smtp"
    return {
        "BOXOFFICE_SMTP_URL": f"{scheme}://{_ESCAPED[USER]}:{_ESCAPED[password]}@127.0.0.1:{box.port}",
        "BOXOFFICE_MAIL_FROM": SENDER,
        **({"BOXOFFICE_SMTP_CA": str(authority)} if authority else {}),
    }


@contextmanager
def worker(database: str, folder: Path, mail: dict[str, str]) -> Iterator[Path]:
    """`python -m central worker`; the file with all that it says. Ended in good order."""
    said = folder / "worker.log"
    command = [sys.executable, "-m", "central", "worker", "--data", str(folder), "--database", database]
    with said.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--beat", "0.2", "--drain", "5", "--stop-with-stdin"],
            env={**os.environ, "BOXOFFICE_CENTRAL_KEY": SEED.hex(), **mail},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
        )
    try:
        yield said
    finally:
        try:
            process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0, said.read_text("utf-8")


def waited_for(claim: Callable[[], object], within_s: float = 40) -> None:
    end = time.monotonic() + within_s
    while not claim():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_tickets_wait_for_the_right_password_and_then_come(central: RunningCentral, tmp_path: Path) -> None:
    authority, tls = self_signed(tmp_path)
    ada = customer(central)
    paid(central, ada, seats=[20, 21])
    with mailbox(Mailbox(login=(USER, PASSWORD), tls=tls)) as box:
        with worker(central.database, tmp_path, environment(box, WRONG, authority)) as log:
            waited_for(lambda: central.value("select count(*) from message where state = 'waiting'"))
        said = log.read_text("utf-8")
        assert "535 5.7.8" in said
        assert central.value("select said from message_delivery") == "535 5.7.8 Authentication credentials invalid"
        assert box.received == []
        run(central.database, lambda connection: connection.execute("update message set due_at = now()"))
        with worker(central.database, tmp_path, environment(box, PASSWORD, authority)) as log:
            waited_for(lambda: box.to(ada.email))
            waited_for(lambda: central.value("select count(*) from message where state = 'sent'"))
        [letter] = box.to(ada.email)
        assert "application/pdf" in [part.get_content_type() for part in letter.iter_attachments()]
        said += log.read_text("utf-8")
        for secret in (WRONG, PASSWORD, _ESCAPED[PASSWORD]):
            assert secret not in said


@pytest.mark.parametrize("is_at_once", [False, True])
def test_a_certificate_of_its_own_is_trusted_only_when_it_is_named(
    database: str, tmp_path: Path, is_at_once: bool
) -> None:
    authority, tls = self_signed(tmp_path)

    async def scenario() -> None:
        with mailbox(Mailbox(login=(USER, PASSWORD), tls=tls, is_tls_at_once=is_at_once)) as box:
            strange = NotificationSettings.of(environment(box, PASSWORD, None))
            async with services_at(database, strange) as services:
                await written(services)

                async def waits() -> bool:
                    return await states(services) == [("waiting", 1)]

                async with posting(services, database):
                    await until(waits)
                said = await services.database.pool.fetchval("select said from message_delivery")
                assert "certificate" in said
                await services.database.pool.execute("update message set due_at = now()")
            known = NotificationSettings.of(environment(box, PASSWORD, authority))
            async with services_at(database, known) as services:
                async with posting(services, database):
                    await settled(services)
                assert await outcomes(services) == ["put off", "sent"]
            assert len(box.received) == 1

    asyncio.run(scenario())


def test_a_server_that_speaks_no_tls_is_told_nothing_when_it_should(database: str, tmp_path: Path) -> None:
    authority, _ = self_signed(tmp_path)

    async def scenario() -> None:
        with mailbox() as box:
            settings = NotificationSettings.of(environment(box, PASSWORD, authority))
            async with services_at(database, settings) as services:
                await written(services)
                async with posting(services, database):

                    async def waits() -> bool:
                        return await states(services) == [("waiting", 1)]

                    await until(waits)
            assert box.received == []

    asyncio.run(scenario())


def test_many_messages_try_a_wrong_password_once(database: str, tmp_path: Path) -> None:
    authority, tls = self_signed(tmp_path)
    count = 30

    async def scenario() -> None:
        with mailbox(Mailbox(login=(USER, PASSWORD), tls=tls)) as box:
            settings = NotificationSettings.of(environment(box, WRONG, authority))
            async with services_at(database, settings) as services:
                for _ in range(count):
                    await written(services)
                async with posting(services, database):

                    async def wait() -> bool:
                        return await states(services) == [("waiting", 1)] * count

                    await until(wait)
            assert box.connections == 2  # before TLS, and after

    asyncio.run(scenario())


def test_a_file_without_certificates_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    for file in ("empty.pem", "none.pem"):
        with pytest.raises(BadNotificationSettings):
            NotificationSettings.of(environment(Mailbox(), PASSWORD, tmp_path / file))
