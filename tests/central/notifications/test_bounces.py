"""What was sent and came back: permanent failures are noted with the message and its address, and nothing else is."""

from __future__ import annotations

import asyncio
import io
import random
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from boxoffice.domain.clock import utc_now
from central import messages
from central.__main__ import main
from central.notifications.bounces import failures
from tests.central.notifications import reports
from tests.central.notifications.post import posting, services_at, settled, through, written
from tests.central.people import manager
from tests.support.central import SEED, RunningCentral, run
from tests.support.mailbox import mailbox

ADA = "Ada.Byron@example.org"
NOTHING: tuple[str, list[str], int] = ("sent", ["sent"], 0)
BOUNCED = ("failed", ["sent", "bounced"], 1)
NOT_THE_ADDRESS = ("failed", ["sent", "bounced"], 0)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOXOFFICE_CENTRAL_KEY", SEED.hex())


def sent(central: RunningCentral, address: str = ADA, state: str = "sent") -> UUID:
    """A message that a mail server took."""

    async def write(connection: asyncpg.Connection) -> Any:
        await messages.write(
            connection, "password_changed", utc_now(), account=None, address=address, language="en", detail={}
        )
        message = await connection.fetchval(
            "update message set state = $2, due_at = null, sent_at = now(), attempts = 1, claim = gen_random_uuid()"
            " where address = $1 returning id",
            *(address, state),
        )
        await connection.execute(
            "insert into message_delivery (message, claim, channel, outcome)"
            " select id, claim, channel, 'sent' from message where id = $1",
            message,
        )
        return message

    return UUID(str(run(central.database, write)))


def report(text: str, message: UUID, address: str = ADA) -> bytes:
    return text.replace("@ID@", str(message)).replace("@TO@", address).replace("\n", "\r\n").encode()


def hand_over(central: RunningCentral, folder: Path, *mails: bytes) -> int:
    """To `python -m central bounces`; its exit code."""
    files = [folder / f"{number}.eml" for number in range(len(mails))]
    for file, mail in zip(files, mails, strict=True):
        file.write_bytes(mail)
    return main(["bounces", "--data", str(folder), "--database", central.database, *map(str, files)])


def outcome(central: RunningCentral, message: UUID) -> tuple[str, list[str], int]:
    rows = central.fetch("select outcome from message_delivery where message = $1 order by id", message)
    return (
        central.value("select state from message where id = $1", message),
        [row["outcome"] for row in rows],
        central.value("select count(*) from bouncing_address"),
    )


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        ("POSTFIX", BOUNCED),
        ("EXIM", BOUNCED),
        ("EXCHANGE", BOUNCED),
        ("GMAIL", BOUNCED),
        ("NO_SUCH_DOMAIN", BOUNCED),
        ("FORWARDED", BOUNCED),  # it went to her, wherever her server sent it on to
        ("SPAM", NOT_THE_ADDRESS),
        ("FULL", NOT_THE_ADDRESS),
        ("EXPIRED", NOT_THE_ADDRESS),
        ("DELAYED", NOTHING),
        ("DELIVERED", NOTHING),
        ("AUTO_REPLY", NOTHING),
        ("READ_RECEIPT", NOTHING),
        ("OF_ANOTHER_ADDRESS", NOTHING),
        ("INVENTED", NOTHING),
        ("WITHOUT_ID", NOTHING),
        ("OF_AN_EARLIER_SENDING", NOTHING),
        ("CUT_OFF", NOTHING),
    ],
)
def test_what_comes_back(
    central: RunningCentral, tmp_path: Path, name: str, becomes: tuple[str, list[str], int]
) -> None:
    message = sent(central)
    mail = report(getattr(reports, name), message)
    for _ in range(2):  # twice is once
        assert hand_over(central, tmp_path, mail) == 0
        assert outcome(central, message) == becomes


def test_managers_see_what_the_other_side_said(central: RunningCentral, tmp_path: Path) -> None:
    message = sent(central)
    hand_over(central, tmp_path, report(reports.GMAIL, message))
    seen = manager(central).client.get(f"/api/admin/notifications/{message}").json()
    assert (seen["state"], seen["addressBounces"]) == ("failed", True)
    assert seen["log"][-1]["outcome"] == "bounced"
    assert seen["said"].startswith("5.1.1 smtp; 550-5.1.1 The email account that you tried to reach does not exist.")


def test_a_mail_on_standard_input_that_comes_too_soon_is_to_come_again(
    central: RunningCentral, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = sent(central, state="sending")
    mail = report(reports.POSTFIX, message)

    def hand_in() -> int:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(mail)))
        return hand_over(central, tmp_path)

    assert hand_in() == 75
    run(central.database, lambda connection: connection.execute("update message set state = 'sent'"))
    assert hand_in() == 0
    assert outcome(central, message) == BOUNCED


def test_while_the_database_is_away_the_mail_server_keeps_the_mail(tmp_path: Path) -> None:
    (tmp_path / "mail").write_bytes(report(reports.POSTFIX, UUID(int=1)))
    nowhere = "postgresql://127.0.0.1:9/nowhere"
    assert main(["bounces", "--data", str(tmp_path), "--database", nowhere, str(tmp_path / "mail")]) == 75


def test_a_report_of_many_touches_only_who_was_written_to(central: RunningCentral, tmp_path: Path) -> None:
    message, other = sent(central), sent(central, "bea@example.org")
    both = reports.POSTFIX.replace(
        "Final-Recipient", "Final-Recipient: rfc822; bea@example.org\nAction: failed\nStatus: 5.1.1\n\nFinal-Recipient"
    )
    assert hand_over(central, tmp_path, report(both, message)) == 0
    assert central.value("select state from message where id = $1", message) == "failed"
    assert central.value("select state from message where id = $1", other) == "sent"
    assert [row["address"] for row in central.fetch("select address from bouncing_address")] == [ADA.lower()]


def test_broken_mails_are_passed_over() -> None:
    whole, dice = report(reports.POSTFIX, UUID(int=1)), random.Random(7)
    assert len(failures(whole)) == 1
    assert failures(b"") == failures(b"\xff\x00\r\n\r\n") == ()
    for _ in range(2000):
        broken = bytearray(whole)
        for _ in range(dice.randrange(1, 8)):
            at = dice.randrange(len(broken))
            broken[at : at + dice.randrange(1, 40)] = dice.randbytes(dice.randrange(0, 6))
        failures(bytes(broken))


def test_reports_go_where_they_are_wanted(database: str) -> None:
    async def scenario() -> None:
        with mailbox() as box:
            wanted = through(box)
            assert wanted.smtp is not None
            smtp = replace(wanted.smtp, bounces_to="bounces@royal.example")
            async with services_at(database, replace(wanted, smtp=smtp)) as services:
                await written(services)
                async with posting(services, database):
                    await settled(services)
            assert box.senders == ["bounces@royal.example"]
            assert box.received[0][1]["From"].addresses[0].addr_spec == wanted.smtp.sender

    asyncio.run(scenario())
