"""What people choose to get: by e-mail, by SMS, or not at all; and the links that stop it without signing in."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from central import messages
from central.notifications.settings import SmsGateway
from central.services import Services
from tests.central.notifications.post import PUBLIC_URL, outcomes, posting, services_at, settled, through, until
from tests.central.people import Person, customer, manager
from tests.support.central import NOW, TOMORROW, RunningCentral, problem_of, run
from tests.support.loopback import served
from tests.support.mailbox import Mailbox, html, mailbox


@dataclass
class Phones:
    """An SMS gateway. `status`: what it answers."""

    url: str = ""
    status: int = 202
    received: list[dict[str, Any]] = field(default_factory=list)
    keys: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def gateway(self) -> SmsGateway:
        return SmsGateway(self.url, "the token")


@contextmanager
def phones() -> Iterator[Phones]:
    found, app = Phones(), FastAPI()

    @app.post("/messages")
    async def take(request: Request) -> Response:
        found.keys.append((request.headers["authorization"], request.headers["idempotency-key"]))
        found.received.append(await request.json())
        return JSONResponse({"said": "so"}, found.status)

    with served(app) as url:
        found.url = f"{url}/messages"
        yield found


def remind(central: RunningCentral, ada: Person) -> None:
    async def write(connection: asyncpg.Connection) -> None:
        detail = {"eventId": str(TOMORROW)}
        await messages.write_to(connection, ada.account, "event_reminder", NOW, detail)

    run(central.database, write)


def posted(
    central: RunningCentral,
    box: Mailbox,
    count: int,
    sms: SmsGateway | None = None,
    then: Callable[[Services], Any] | None = None,
) -> list[str]:
    """What became of messages, until so many are done with."""

    async def scenario() -> list[str]:
        async with services_at(central.database, through(box, sms=sms), lambda: NOW) as services:
            async with posting(services, central.database):
                await settled(services, count)
            return await outcomes(services)

    return asyncio.run(scenario())


def wishes(person: Person, **asked: Any) -> httpx.Response:
    return person.client.put(f"/api/users/{person.id}/notifications", json=asked)


@pytest.fixture
def with_sms(central: RunningCentral) -> Iterator[Phones]:
    """The API knows that there is a gateway."""
    before = central.app.state.services
    with phones() as found:
        settings = replace(before.notifications, sms=found.gateway)
        central.app.state.services = replace(before, notifications=settings)
        yield found
        central.app.state.services = before


def test_who_does_not_want_reminders_gets_none_and_still_gets_what_is_needed(central: RunningCentral) -> None:
    ada = customer(central)
    assert ada.client.get(f"/api/users/{ada.id}/notifications").json() == {
        "reminders": "email",
        "reviews": "email",
        "jobs": "email",
        "phone": "",
        "phoneVerified": False,
        "version": 1,
    }
    changed = wishes(ada, reminders="none")
    assert (changed.status_code, changed.json()["reminders"], changed.json()["reviews"]) == (200, "none", "email")
    remind(central, ada)
    ada.client.put(
        f"/api/users/{ada.id}/password", json={"password": ada.password, "newPassword": "another heap of plain words"}
    ).raise_for_status()
    with mailbox() as box:
        assert sorted(posted(central, box, 2)) == ["sent", "unwanted"]
        assert [message["Subject"] for message in box.to(ada.email)] == ["Your password has changed"]
    stale = ada.client.put(
        f"/api/users/{ada.id}/notifications", json={"reminders": "email"}, headers={"If-Match": '"v1"'}
    )
    assert stale.status_code == 412


def test_one_click_stops_reminders_and_a_look_at_the_link_does_not(central: RunningCentral) -> None:
    ada = customer(central)
    ada.client.patch(f"/api/users/{ada.id}", json={"language": "de"}).raise_for_status()
    remind(central, ada)
    with mailbox() as box:
        assert posted(central, box, 1) == ["sent"]
        [message] = box.to(ada.email)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = message["List-Unsubscribe"].strip("<>")
    assert link.startswith(f"{PUBLIC_URL}/api/notifications/unsubscribe?token=")
    assert link in html(message)
    here = link.replace(PUBLIC_URL, central.url)
    page = httpx.get(here)
    assert (page.status_code, "Keine Erinnerungen mehr?" in page.text) == (200, True)
    assert wishes(ada).json()["reminders"] == "email"
    for _ in range(2):
        done = httpx.post(here, data={"List-Unsubscribe": "One-Click"})
        assert (done.status_code, "Sie erhalten keine Erinnerungen mehr." in done.text) == (200, True)
    found = wishes(ada).json()
    assert (found["reminders"], found["reviews"]) == ("none", "email")


def test_a_link_that_was_changed_stops_nothing(central: RunningCentral) -> None:
    ada, bea = customer(central), customer(central)
    remind(central, ada)
    with mailbox() as box:
        posted(central, box, 1)
        token = box.to(ada.email)[0]["List-Unsubscribe"].strip("<>").partition("token=")[2]
    for wrong in (token[:-2] + ("AA" if token[-2:] != "AA" else "BB"), "A", "AAAA", token[:20], f"{token}AAAA"):
        refused = httpx.post(f"{central.url}/api/notifications/unsubscribe", params={"token": wrong})
        assert (refused.status_code, problem_of(refused)["code"]) == (422, "wrong_link"), wrong
    assert wishes(bea).json()["reminders"] == wishes(ada).json()["reminders"] == "email"


def test_needful_messages_carry_no_link_that_stops_them(central: RunningCentral) -> None:
    ada = customer(central, verified=False)
    ada.client.post("/api/email/verification").raise_for_status()
    with mailbox() as box:
        posted(central, box, 1)
        [message] = box.to(ada.email)
    assert message["List-Unsubscribe"] is None


def test_reminders_come_by_sms_once_the_number_is_verified(central: RunningCentral, with_sms: Phones) -> None:
    ada = customer(central)
    asked = wishes(ada, reminders="sms", phone="+493012345678")
    assert (asked.status_code, asked.json()["phoneVerified"]) == (200, False)
    remind(central, ada)  # by e-mail, as nobody knows yet whose number it is
    with mailbox() as box:
        assert posted(central, box, 2, with_sms.gateway) == ["sent", "sent"]
        assert len(box.to(ada.email)) == 1
        [sms] = with_sms.received
        found = re.match(r"(\d{6}) confirms your telephone number", sms["text"])
        assert found
        assert sms["to"] == "+493012345678"
        assert with_sms.keys == [("Bearer the token", sms["id"])]
        assert central.value("select count(*) from message where detail ? 'code'") == 0
        path = f"/api/users/{ada.id}/phone/confirm"
        wrong = "000000" if found[1] != "000000" else "111111"
        assert problem_of(ada.client.post(path, json={"code": wrong}))["code"] == "wrong_code"
        assert ada.client.post(path, json={"code": found[1]}).status_code == 200
        assert problem_of(ada.client.post(path, json={"code": found[1]}))["code"] == "wrong_code"
        assert wishes(ada).json()["phoneVerified"] is True
        remind(central, ada)
        assert posted(central, box, 3, with_sms.gateway)[-1] == "sent"
        assert len(box.to(ada.email)) == 1
        assert with_sms.received[1]["text"].startswith("The Cherry Orchard, ")
    rows = manager(central).client.get("/api/admin/notifications", params={"channel": "sms"}).json()
    assert {row["kind"] for row in rows} == {"event_reminder", "verify_phone"}


def test_a_phone_code_cannot_be_guessed_nor_used_to_pester_somebody(central: RunningCentral, with_sms: Phones) -> None:
    ada = customer(central)
    for number in range(5):
        assert wishes(ada, phone=f"+4930123456{number}0").status_code == 200
    refused = wishes(ada, phone="+493012345699")
    assert (refused.status_code, problem_of(refused)["code"]) == (409, "too_many_codes")
    code = central.value("select detail ->> 'code' from message order by id desc limit 1")
    path = f"/api/users/{ada.id}/phone/confirm"
    for _ in range(5):
        assert ada.client.post(path, json={"code": f"{(int(code) + 1) % 10**6:06}"}).status_code == 422
    assert ada.client.post(path, json={"code": code}).status_code == 422  # too late
    assert central.value("select phone_verified_at from notification_wish") is None


@pytest.mark.parametrize(
    ("status", "outcome"), [(500, "put off"), (429, "put off"), (401, "put off"), (422, "refused")]
)
def test_what_the_gateway_says_decides_whether_an_sms_is_tried_again(
    central: RunningCentral, with_sms: Phones, status: int, outcome: str
) -> None:
    ada = customer(central)
    wishes(ada, phone="+493012345678").raise_for_status()
    with_sms.status = status

    async def scenario() -> None:
        with mailbox() as box:
            settings = through(box, sms=with_sms.gateway)
        async with (
            services_at(central.database, settings, lambda: NOW) as services,
            posting(services, central.database),
        ):

            async def is_told() -> bool:
                return await outcomes(services) == [outcome]

            await until(is_told)

    asyncio.run(scenario())
    assert central.value("select said from message_delivery").startswith(str(status))


def test_a_house_without_sms_says_so(central: RunningCentral) -> None:
    refused = wishes(customer(central), phone="+493012345678")
    assert (refused.status_code, problem_of(refused)["code"]) == (409, "no_sms")


def test_managers_see_every_attempt_and_customers_only_their_own(central: RunningCentral) -> None:
    ada, boss = customer(central, email="ada@example.org"), manager(central)
    remind(central, ada)
    with mailbox() as box:
        box.of_recipient = lambda address: "550 5.1.1 nobody here"
        assert posted(central, box, 1) == ["refused"]
    [seen] = boss.client.get(
        "/api/admin/notifications", params={"state": "failed", "address": "ADA@example.org"}
    ).json()
    assert (seen["said"], seen["addressBounces"], seen["userId"]) == ("550 5.1.1 nobody here", True, ada.id)
    shown = boss.client.get(f"/api/admin/notifications/{seen['notificationId']}").json()
    assert [attempt["outcome"] for attempt in shown["log"]] == ["refused"]
    assert boss.client.get("/api/admin/notifications", params={"state": "sent"}).json() == []
    assert boss.client.get("/api/notifications").json() == []
    assert boss.client.get(f"/api/admin/notifications/{UUID(int=1)}").status_code == 404
    assert boss.client.post(f"/api/notifications/{seen['notificationId']}/resend").status_code == 202
    ada.client.request("DELETE", f"/api/users/{ada.id}", json={"password": ada.password}).raise_for_status()
    assert central.value("select count(*) from bouncing_address") == 0
