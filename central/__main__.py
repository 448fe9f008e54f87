"""python -m central: serve | worker | bounces | migrate | pair | backup | restore | revoke-till | release-till |
create-admin | openapi"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import os
import secrets
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import asyncpg
from platformdirs import user_data_path
from pydantic import TypeAdapter, ValidationError

from boxoffice.domain.clock import utc_now
from boxoffice.domain.ids import TillNumber, uuid7
from boxoffice.domain.refusals import Refused
from central import backups, demo
from central.accounts.passwords import Passwords, check_rules
from central.accounts.roles import AccountRole
from central.accounts.signing_in import NewAccount, insert
from central.app import create_app
from central.counting import MEMORY
from central.database import opened
from central.invariants import INVARIANTS, broken
from central.jobs.process import Working
from central.jobs.process import work as work_on
from central.keys import CentralKeys, load_keys
from central.logs import configure_logs
from central.notifications.bounces import Noted, failures, note
from central.serving import GRACE_S, NOTICE_S, Serving, database_of, prepare, serve
from central.settings import Settings
from central.text import Email
from central.tills import standing
from central.tills.hints import CATALOGUE, notify_all
from central.tills.pairing import mint_code

_CANNOT = 2
_LATER = 75  # a mail server that runs us then keeps the mail and tries again
_MOST_MAIL = 32 << 20  # bytes
_ADMIN_PASSWORD = "BOXOFFICE_ADMIN_PASSWORD"


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    configure_logs()
    try:
        asyncio.run(asked.work(asked))
    except Refused as refused:
        print(refused, file=sys.stderr)  # noqa: T201
        return int(asked.cannot)
    except OSError as error:
        if error.filename is None:
            raise
        print(f"{error.filename}: {error.strerror}. Look at its rights and the space left there.", file=sys.stderr)  # noqa: T201
        return _CANNOT
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m central", description="The booking service of a box office.")
    commands = parser.add_subparsers(required=True, metavar="command")
    where = argparse.ArgumentParser(add_help=False)
    where.add_argument(
        "--database",
        metavar="URL",
        default=os.environ.get("BOXOFFICE_DATABASE"),
        help="your PostgreSQL 15 or later (also BOXOFFICE_DATABASE); otherwise central brings its own",
    )
    where.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        default=user_data_path("boxoffice") / "central",
        help="keys and the embedded database (%(default)s)",
    )

    def command(
        name: str, work: Callable[[argparse.Namespace], Awaitable[None]], about: str
    ) -> argparse.ArgumentParser:
        found = commands.add_parser(name, parents=[where], help=about, description=about)
        found.set_defaults(work=work, cannot=_CANNOT)
        return found

    serving = command("serve", _serve, "Answer tills and the public until stopped.")
    serving.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    serving.add_argument("--port", type=_port, default=8000, help="port to listen on, 0 for a free one (%(default)s)")
    serving.add_argument("--demo", action="store_true", help="fill an empty database with the demo venues")
    serving.add_argument(
        "--ready-file", type=Path, metavar="F", help="written as JSON {url, pid, pairing_code} once up"
    )
    serving.add_argument(
        "--limits",
        metavar="URL",
        default=os.environ.get("BOXOFFICE_LIMITS", MEMORY),
        help="where to count for rate limits: memory://, a Redis that all processes share, or off"
        " (also BOXOFFICE_LIMITS)",
    )
    serving.add_argument(
        "--trust-proxy", action="store_true", help="behind a proxy: believe its X-Forwarded-For and -Proto"
    )
    serving.add_argument(
        "--public-url",
        metavar="URL",
        default=os.environ.get("BOXOFFICE_PUBLIC_URL", ""),
        help="how browsers reach this, such as https://tickets.example.org (also BOXOFFICE_PUBLIC_URL)",
    )
    serving.add_argument(
        "--notice",
        type=_seconds,
        default=NOTICE_S,
        metavar="S",
        help="when stopped: so long /readyz says no before the port closes (%(default)s)",
    )
    serving.add_argument(
        "--grace", type=_seconds, default=GRACE_S, metavar="S", help="and so long requests may then go on (%(default)s)"
    )
    serving.add_argument("--stop-with-stdin", action="store_true", help="also stop when stdin ends, as with its parent")
    working = command("worker", _work, "Promote jobs that are due and run them until stopped; any number side by side.")
    working.add_argument("--capacity", type=int, default=20, help="jobs at a time (%(default)s)")
    working.add_argument("--only", choices=("schedule", "work"), help="only promote what is due, or only run it")
    working.add_argument(
        "--beat", type=float, metavar="S", default=2.0, help="seconds between heartbeats (%(default)s)"
    )
    working.add_argument(
        "--drain", type=float, metavar="S", default=30.0, help="seconds to end what runs (%(default)s)"
    )
    working.add_argument(
        "--metrics-port", type=_port, metavar="PORT", help="show figures to a Prometheus of this machine there"
    )
    working.add_argument("--stop-with-stdin", action="store_true", help="also stop when stdin ends, as with its parent")
    bounces = command(
        "bounces", _bounces, "Read what mail servers report as not delivered: from files, or one mail from stdin."
    )
    bounces.add_argument("files", type=Path, nargs="*", metavar="FILE", help="one mail each")
    bounces.set_defaults(cannot=_LATER)
    command("migrate", _migrate, "Bring the database to this release.")
    command("pair", _pair, "Print a pairing code for one till, good for 30 minutes.").add_argument(
        "--name", default="", help="the till's name; otherwise it brings its own"
    )
    command("backup", _backup, "Write the whole database to a file; also while central is serving.").add_argument(
        "file", type=Path
    )
    command("restore", _restore, "Fill an empty database from a backup; tills then push again.").add_argument(
        "file", type=Path
    )
    admin = command(
        "create-admin", _create_admin, f"Open an account for an admin; its password is asked for, or {_ADMIN_PASSWORD}."
    )
    admin.add_argument("--email", type=_email, required=True)
    admin.add_argument("--name", default="Admin", help="what they are called (%(default)s)")
    command("check", _check, "Look at every seat, ticket, fact and ledger line: do the books hold?")
    command("openapi", _openapi, "Print the description of the API as JSON.")
    for name, work, about in (
        ("revoke-till", _revoke, "Take a till out of service for good."),
        ("release-till", _release, "End a till's quarantine after you have looked at it."),
    ):
        command(name, work, about).add_argument("number", type=int)
    return parser


def _email(text: str) -> str:
    try:
        return TypeAdapter[str](Email).validate_python(text)
    except ValidationError as error:
        raise argparse.ArgumentTypeError(error.errors()[0]["msg"]) from None


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return port


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError("seconds are a number from 0 to 3600")
    return seconds


async def _serve(asked: argparse.Namespace) -> None:
    await serve(
        Serving(
            data=asked.data,
            database=asked.database,
            host=asked.host,
            port=asked.port,
            seed=demo.seed if asked.demo else None,
            ready_file=asked.ready_file,
            limits=asked.limits,
            trust_proxy=asked.trust_proxy,
            public_url=asked.public_url,
            stop_with_stdin=asked.stop_with_stdin,
            notice_s=asked.notice,
            grace_s=asked.grace,
        )
    )


async def _work(asked: argparse.Namespace) -> None:
    node = Serving(
        data=asked.data,
        database=asked.database,
        public_url=os.environ.get("BOXOFFICE_PUBLIC_URL", ""),
        stop_with_stdin=asked.stop_with_stdin,
    )
    wanted = Working(
        schedules=asked.only != "work",
        works=asked.only != "schedule",
        capacity=asked.capacity,
        beat_s=asked.beat,
        drain_s=asked.drain,
        metrics_port=asked.metrics_port,
    )
    await work_on(node, wanted)


class StillInHand(Refused):
    code = "still_in_hand"


async def _bounces(asked: argparse.Namespace) -> None:
    """Each in a transaction of its own. Raises StillInHand when one of them came too soon."""
    found = [failure for mail in _mails(asked.files) for failure in failures(mail)]
    noted: list[Noted] = []
    if found:
        async with database_of(asked.data, asked.database, join=True) as url, opened(url) as connection:
            await prepare(connection, load_keys(asked.data, os.environ))
            for failure in found:
                async with connection.transaction():
                    noted.append(await note(connection, failure))
    _print(f"{noted.count(Noted.DONE)} messages noted as not delivered.")
    if Noted.IN_HAND in noted:
        raise StillInHand("A message that came back is just being sent.", "Give this mail again in a minute.")


def _mails(files: Sequence[Path]) -> Iterator[bytes]:
    if not files:
        yield sys.stdin.buffer.read(_MOST_MAIL)
    for file in files:
        with file.open("rb") as opened_file:
            yield opened_file.read(_MOST_MAIL)


async def _migrate(asked: argparse.Namespace) -> None:
    async def done(connection: asyncpg.Connection) -> str:
        return f"The database is at revision {await connection.fetchval('select version_num from alembic_version')}."

    await _say(asked, done)


async def _pair(asked: argparse.Namespace) -> None:
    await _say(asked, lambda connection: mint_code(connection, asked.name, utc_now()))


async def _revoke(asked: argparse.Namespace) -> None:
    async def revoke(connection: asyncpg.Connection) -> str:
        heads = await standing.revoke(connection, TillNumber(asked.number), utc_now())
        await notify_all(connection, {CATALOGUE: 0, **heads})  # doors want to know that its key ended
        return f"Till {asked.number} is out of service. What it had leased is set aside."

    await _say(asked, revoke)


async def _release(asked: argparse.Namespace) -> None:
    async def release(connection: asyncpg.Connection) -> str:
        released = await standing.release(connection, TillNumber(asked.number))
        return f"Till {asked.number} {'sells again' if released else 'was not in quarantine'}."

    await _say(asked, release)


async def _create_admin(asked: argparse.Namespace) -> None:
    """The password never comes from the command line, which others on the machine can read."""
    password = os.environ.get(_ADMIN_PASSWORD) or getpass.getpass(f"Password for {asked.email}: ")
    new = NewAccount(asked.email, password, asked.name, role=AccountRole.ADMIN)
    check_rules(password, asked.email)
    with closing(Passwords(cores=1)) as passwords:
        hashed = await passwords.hash(password)

    async def create(connection: asyncpg.Connection) -> str:
        now = utc_now()
        account = uuid7(now, secrets.randbits)
        await insert(connection, account, new, hashed, now, verified_at=now)
        return f"{asked.email} is an admin: user {account}."

    await _say(asked, create)


async def _openapi(asked: argparse.Namespace) -> None:
    """Neither a database nor a secret is needed for it."""
    _print(json.dumps(create_app(Settings("", CentralKeys(bytes(32)))).openapi(), indent=2))


class BooksBroken(Refused):
    code = "books_broken"


async def _check(asked: argparse.Namespace) -> None:
    """Raises BooksBroken."""
    async with database_of(asked.data, asked.database, join=True) as url, opened(url) as connection:
        await prepare(connection, load_keys(asked.data, os.environ))
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            found = await broken(connection)
    if found:
        lines = [f"{one.invariant}: no\n" + "".join(f"  {row}\n" for row in one.found) for one in found]
        raise BooksBroken("".join(lines), "Keep a backup of this state before anybody changes anything.")
    _print(f"All {len(INVARIANTS)} invariants hold.")


async def _backup(asked: argparse.Namespace) -> None:
    async with database_of(asked.data, asked.database, join=True) as url, opened(url) as connection:
        await prepare(connection, load_keys(asked.data, os.environ))
        await backups.backup(connection, url, asked.file.absolute())
    _print(f"{asked.file} holds everything but central.key: keep that apart from it.")


async def _restore(asked: argparse.Namespace) -> None:
    keys = load_keys(asked.data, os.environ)
    async with database_of(asked.data, asked.database) as url, opened(url) as connection:
        epoch = await backups.restore(connection, url, asked.file.absolute())
        await prepare(connection, keys)
    _print(f"Restored. Server epoch {epoch}: tills push again what came after the backup.")


async def _say(asked: argparse.Namespace, work: Callable[[asyncpg.Connection], Awaitable[str]]) -> None:
    """Run one transaction on the database, also of a central that is serving, and print what it says."""
    async with database_of(asked.data, asked.database, join=True) as url, opened(url) as connection:
        await prepare(connection, load_keys(asked.data, os.environ))
        async with connection.transaction():
            said = await work(connection)
    _print(said)


def _print(text: str) -> None:
    print(text)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
