"""How messages leave: in batches, once, over few connections; again when they were put off, and not for ever."""

from __future__ import annotations

import asyncio
import threading

from central.notifications.mailing import MOST_CONNECTIONS, Mailer
from central.notifications.outbox import MOST_A_BATCH
from central.notifications.posting import Posting
from central.notifications.sending import MESSAGES, Sending
from central.notifications.settings import NotificationSettings
from tests.central.notifications.post import (
    BEAT_S,
    SENDER,
    outcomes,
    posting,
    services_at,
    settled,
    states,
    through,
    until,
    written,
)
from tests.support.mailbox import html, mailbox, plain


def test_what_was_written_is_sent_once_in_batches_over_few_connections(database: str) -> None:
    count = 2 * MOST_A_BATCH + 7

    async def scenario() -> None:
        with mailbox() as box:
            async with services_at(database, through(box)) as services:
                for number in range(count):
                    await written(services, address=f"guest{number}@example.org")
                async with posting(services, database), posting(services, database):
                    await settled(services, count)
                assert sorted(to for to, _ in box.received) == sorted(f"guest{n}@example.org" for n in range(count))
                assert box.connections <= 2 * MOST_CONNECTIONS
                assert await states(services) == [("sent", 1)] * count
                assert await outcomes(services) == ["sent"] * count
                assert await services.database.pool.fetchval("select count(*) from procrastinate_jobs") == 0
                message = box.received[0][1]
                assert message["From"].addresses[0].addr_spec == SENDER
                assert message["From"].addresses[0].display_name == "Royal"
                assert message["Subject"] == "Your password has changed"
                assert message["Message-ID"].endswith("@royal.example>")
                assert "reset your password now" in plain(message)

    asyncio.run(scenario())


def test_a_batch_is_one_task_of_the_queue_and_codes_go_first(database: str) -> None:
    async def scenario() -> None:
        with mailbox() as box:
            async with services_at(database, through(box)) as services:
                for _ in range(MOST_A_BATCH + 1):
                    await written(services)
                await written(services, "reset_password", code="AAAA-BBBB", minutes=30)
                taken = await services.database.write(MESSAGES.take)
                assert taken == MOST_A_BATCH + 2
                rows = await services.database.pool.fetch(
                    "select priority, args ->> 'batch' as batch from procrastinate_jobs where queue_name = 'messages'"
                    " order by priority desc"
                )
                assert [row["priority"] for row in rows] == [10, 0, 0]
                assert await services.database.write(MESSAGES.take) == 0

    asyncio.run(scenario())


def test_what_is_put_off_waits_longer_each_time_and_is_given_up_in_the_end(database: str) -> None:
    async def scenario() -> None:
        with mailbox() as box:
            box.of_data = lambda message: "451 4.3.0 try later"
            async with services_at(database, through(box)) as services:
                await written(services)
                pool, pauses = services.database.pool, []
                async with posting(services, database):
                    for attempt in range(1, MESSAGES.most_attempts):

                        async def waits(attempt: int = attempt) -> bool:
                            return await states(services) == [("waiting", attempt)]

                        await until(waits)
                        pauses.append(
                            await pool.fetchval("select extract(epoch from due_at - now())::float8 from message")
                        )
                        await pool.execute("update message set due_at = now() where state = 'waiting'")
                    await settled(services)
                wanted = (60, 300, 900, 3600, 10800, 21600, 21600)
                assert len(pauses) == len(wanted)
                assert all(0.78 * want < pause < 1.21 * want for pause, want in zip(pauses, wanted, strict=True))
                assert await states(services) == [("failed", MESSAGES.most_attempts)]
                assert await outcomes(services) == ["put off"] * MESSAGES.most_attempts
                said = await pool.fetchval("select said from message_delivery limit 1")
                assert said == "451 4.3.0 try later"
                assert await pool.fetchval("select count(*) from bouncing_address") == 0

    asyncio.run(scenario())


def test_an_address_that_refuses_for_good_is_noted_and_only_needful_messages_are_tried(database: str) -> None:
    async def scenario() -> None:
        with mailbox() as box:
            box.of_recipient = lambda address: "550 5.1.1 no such mailbox" if address.startswith("ADA@") else ""
            async with services_at(database, through(box)) as services:
                pool = services.database.pool
                await written(services, address="ADA@example.org")
                await written(services, address="bea@example.org")
                async with posting(services, database):
                    await settled(services, 2)
                    assert await states(services) == [("failed", 1), ("sent", 1)]
                    rows = await pool.fetch("select address, said from bouncing_address")
                    assert [tuple(row) for row in rows] == [("ada@example.org", "550 5.1.1 no such mailbox")]
                    await written(services, "event_reminder", address="ada@example.org", eventId="1001")
                    await settled(services, 3)
                    assert (await outcomes(services))[-1] == "unwanted"
                    box.of_recipient = lambda address: ""
                    await written(services, address="ada@example.org")
                    await settled(services, 4)
                    assert (await outcomes(services))[-1] == "sent"
                    assert await pool.fetchval("select count(*) from bouncing_address") == 0

    asyncio.run(scenario())


def test_refusals_that_are_not_about_the_address_do_not_mark_it(database: str) -> None:
    said = {"spam@example.org": "554 5.7.1 looks like spam", "full@example.org": "550 5.7.1 relay denied"}

    async def scenario() -> None:
        with mailbox() as box:
            box.of_data = lambda message: said.get(message["To"], "")
            box.of_recipient = lambda address: said["full@example.org"] if address == "full@example.org" else ""
            async with services_at(database, through(box)) as services:
                for address in said:
                    await written(services, address=address)
                async with posting(services, database):
                    await settled(services, 2)
                assert await outcomes(services) == ["refused", "refused"]
                assert await services.database.pool.fetchval("select count(*) from bouncing_address") == 0

    asyncio.run(scenario())


def test_a_server_that_is_away_loses_nothing(database: str) -> None:
    async def scenario() -> None:
        with mailbox() as box:
            settings = through(box)
        async with services_at(database, settings) as services:
            await written(services)
            async with posting(services, database):

                async def waits() -> bool:
                    return await states(services) == [("waiting", 1)]

                await until(waits)

    asyncio.run(scenario())


def test_without_a_mail_server_messages_wait(database: str) -> None:
    async def scenario() -> None:
        async with services_at(database, NotificationSettings()) as services:
            await written(services)
            async with posting(services, database):
                await asyncio.sleep(5 * BEAT_S)
            assert await states(services) == [("written", 0)]

    asyncio.run(scenario())


def test_what_a_dead_worker_had_in_hand_goes_to_another_and_it_may_say_nothing_any_more(database: str) -> None:
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        if not held.is_set():
            held.set()
            assert go_on.wait(20)

    async def scenario() -> None:
        with mailbox() as box, mailbox() as other:
            box.on_data = hold
            async with services_at(database, through(box, timeout_s=20)) as services:
                pool = services.database.pool
                await written(services)
                slow = Sending(services, services.notifications, _mailer(services.notifications), None)
                await services.database.write(MESSAGES.take)
                batch = await pool.fetchval("select batch from message")
                late = asyncio.create_task(slow.send_next(batch))
                await asyncio.to_thread(held.wait, 20)
                assert await services.database.write(MESSAGES.take) == 0  # it is in hand
                await pool.execute("update message set due_at = now()")  # for too long
                async with services_at(database, through(other)) as others, posting(others, database):
                    await settled(services)
                assert await states(services) == [("sent", 2)]
                go_on.set()
                await late
                assert await states(services) == [("sent", 2)]
                assert await outcomes(services) == ["lost", "sent"]
                ids = {message["Message-ID"] for _, message in (*box.received, *other.received)}
                assert len(ids) == 1  # a mail program shows it once

    asyncio.run(scenario())


def test_a_worker_that_ends_leaves_the_rest_of_its_batch_to_others(database: str) -> None:
    count = 20

    async def scenario() -> None:
        with mailbox() as box:
            async with services_at(database, through(box)) as services:
                for number in range(count):
                    await written(services, address=f"guest{number}@example.org")
                first = asyncio.create_task(Posting(services, database, services.notifications, BEAT_S).run())

                async def has_begun() -> bool:
                    return bool(box.received)

                await until(has_begun)
                first.cancel()
                await asyncio.gather(first, return_exceptions=True)
                assert len(box.received) > 0
                async with posting(services, database):
                    await settled(services, count)
                assert sorted(to for to, _ in box.received) == sorted(f"guest{n}@example.org" for n in range(count))

    asyncio.run(scenario())


def test_a_code_is_not_sent_when_it_is_worth_nothing_and_not_kept_once_it_is_sent(database: str) -> None:
    async def scenario() -> None:
        with mailbox() as box:
            async with services_at(database, through(box)) as services:
                pool = services.database.pool
                await written(services, "reset_password", code="AAAA-BBBB", minutes=30)
                await written(services, "reset_password", code="CCCC-DDDD", minutes=30)
                await pool.execute(
                    "update message set written_at = now() - interval '1 hour' where detail ->> 'code' = 'CCCC-DDDD'"
                )
                async with posting(services, database):
                    await settled(services, 2)
                [(_, message)] = box.received
                assert "AAAA-BBBB" in html(message)
                assert sorted(await outcomes(services)) == ["sent", "unwanted"]
                assert await pool.fetchval("select count(*) from message where detail ? 'code'") == 0

    asyncio.run(scenario())


def test_a_report_of_sales_brings_its_files(database: str) -> None:
    async def scenario() -> None:
        with mailbox() as box:
            async with services_at(database, through(box)) as services:
                days = {"dateFrom": "2026-11-02", "dateTo": "2026-11-08"}
                await written(services, "report", **days, report=None, formats=["pdf", "csv"])
                async with posting(services, database):
                    await settled(services)
                [(_, message)] = box.received
                assert message["Subject"] == "Sales: 2 November 2026 – 8 November 2026"
                types = [attached.get_content_type() for attached in message.iter_attachments()]
                assert types == ["application/pdf", "text/csv"]

    asyncio.run(scenario())


def _mailer(settings: NotificationSettings) -> Mailer:
    assert settings.smtp is not None
    return Mailer(settings.smtp, settings.timeout_s)
