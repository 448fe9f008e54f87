"""How messages leave is what the environment says: by a mail server, by a gateway, or into a drawer."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage
from pathlib import Path

import pytest

from central.notifications.carriers import Undelivered
from central.notifications.filing import MailDrawer, TextDrawer
from central.notifications.settings import BadNotificationSettings, Drawer, NotificationSettings, Smtp

FROM = {"BOXOFFICE_MAIL_FROM": "tickets@example.org"}


def test_without_a_word_nothing_leaves() -> None:
    assert NotificationSettings.of({}) == NotificationSettings()
    assert NotificationSettings.of({}).sender == ""


def test_a_password_is_not_shown() -> None:
    found = NotificationSettings.of({**FROM, "BOXOFFICE_SMTP_URL": "smtps://us:p%40ss@mail.example.org"})
    assert found.smtp == Smtp("mail.example.org", 465, FROM["BOXOFFICE_MAIL_FROM"], "us", "p@ss", is_tls=True)
    assert "p@ss" not in repr(found)


def test_a_drawer_takes_e_mail_and_sms(tmp_path: Path) -> None:
    found = NotificationSettings.of({**FROM, "BOXOFFICE_MESSAGES_FOLDER": str(tmp_path)})
    assert (found.drawer, found.smtp) == (Drawer(tmp_path, FROM["BOXOFFICE_MAIL_FROM"]), None)
    assert found.sender == FROM["BOXOFFICE_MAIL_FROM"]


def test_what_is_put_into_the_drawer_twice_is_there_once(tmp_path: Path) -> None:
    letter = EmailMessage()
    letter["Subject"] = "Your tickets"
    folder = tmp_path / "messages"
    for _ in range(2):
        asyncio.run(MailDrawer(folder).carry("ada@example.org", letter, "1"))
        asyncio.run(TextDrawer(folder).carry("+4930123456", "Your code: 12", "2"))
    assert sorted(path.name for path in folder.iterdir()) == ["1.eml", "2.txt"]
    assert (folder / "2.txt").read_text("utf-8") == "To: +4930123456\n\nYour code: 12\n"
    (tmp_path / "file").write_text("")
    with pytest.raises(Undelivered) as failed:
        asyncio.run(MailDrawer(tmp_path / "file").carry("ada@example.org", letter, "1"))
    assert not failed.value.is_final


@pytest.mark.parametrize(
    "environment",
    [
        FROM,
        {"BOXOFFICE_SMTP_URL": "smtp://mail.example.org"},
        {"BOXOFFICE_MESSAGES_FOLDER": "messages"},
        {**FROM, "BOXOFFICE_MESSAGES_FOLDER": "messages", "BOXOFFICE_SMTP_URL": "smtp://mail.example.org"},
        {**FROM, "BOXOFFICE_MESSAGES_FOLDER": "messages", "BOXOFFICE_SMS_URL": "https://sms.example.org"},
        {**FROM, "BOXOFFICE_SMTP_URL": "http://mail.example.org"},
        {**FROM, "BOXOFFICE_SMTP_URL": "smtp://mail.example.org/inbox"},
        {"BOXOFFICE_MAIL_FROM": "us", "BOXOFFICE_SMTP_URL": "smtp://mail.example.org"},
        {"BOXOFFICE_SMS_URL": "http://sms.example.org"},
    ],
)
def test_half_of_it_or_both_ways_at_once_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(BadNotificationSettings):
        NotificationSettings.of(environment)
