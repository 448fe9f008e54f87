"""One central process: lock the folder, bring the database up, migrate, listen, drain at the end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path
from typing import IO

import asyncpg
import uvicorn
from fastapi import FastAPI

from boxoffice.domain.clock import utc_now
from boxoffice.domain.refusals import Refused
from central.accounts.openid import providers_from
from central.app import create_app
from central.counting import MEMORY
from central.database import opened
from central.draining import Draining
from central.keys import CentralKeys, load_keys
from central.migrations import migrate
from central.notifications.settings import NotificationSettings
from central.payments.settings import PaymentSettings
from central.postgres import EmbeddedPostgres
from central.settings import Settings
from central.tills.pairing import mint_code
from central.tracing import traces_from

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NOTICE_S = 0.5
GRACE_S = 10.0
_LAST_WORDS_S = 2.0  # for answers that say that it was too long, and callers that do not read theirs
_FIRST_CODE_IS_GOOD_FOR = timedelta(days=1)


Seeder = Callable[[asyncpg.Connection, datetime], Awaitable[None]]


class PortTaken(Refused):
    code = "port_taken"


class CannotServe(Refused):
    code = "cannot_serve"


class AlreadyServing(Refused):
    code = "already_serving"


class WrongRootKey(Refused):
    code = "wrong_root_key"


@dataclass(frozen=True, slots=True)
class Serving:
    """How `serve` was asked to run. `database` None: the embedded one in `data`. `port` 0: any free one."""

    data: Path
    database: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    seed: Seeder | None = None  # fills an empty catalogue
    ready_file: Path | None = None
    stop_with_stdin: bool = False
    limits: str = MEMORY
    trust_proxy: bool = False
    public_url: str = ""
    notice_s: float = NOTICE_S  # from saying that it stops until it takes no connection any more
    grace_s: float = GRACE_S  # from then on for what is in flight


class _Server(uvicorn.Server):
    """Leaves the signals to `Stop`: uvicorn would raise them again and skip stopping the database."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Stop:
    """SIGTERM, SIGINT or the end of stdin: give up starting, or drain. Asked twice, do not wait for anybody."""

    def __init__(self, notice_s: float = 0, grace_s: float = 0) -> None:
        self._notice_s, self._grace_s = notice_s, grace_s
        self._task = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        self._server: uvicorn.Server | None = None
        self._draining: Draining | None = None

    @contextmanager
    def listening(self) -> Iterator[None]:
        def heard(_: int, __: object) -> None:
            self._loop.call_soon_threadsafe(self._now)

        before = {number: signal.signal(number, heard) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def serving(self, server: uvicorn.Server, draining: Draining) -> None:
        self._server, self._draining = server, draining

    def with_stdin(self) -> None:
        def read() -> None:
            while os.read(sys.stdin.fileno(), 4096):  # sys.stdin's own lock would be held when the program ends
                pass
            self._loop.call_soon_threadsafe(self._now)

        threading.Thread(target=read, daemon=True, name="stdin").start()

    def _now(self) -> None:
        if self._server is None or self._draining is None:
            assert self._task is not None
            self._task.cancel()
        elif self._server.started and not self._draining.has_begun:
            self._draining.begin()
            self._loop.call_later(self._notice_s, self._close)
            self._loop.call_later(self._notice_s + self._grace_s, self._interrupt)
        else:
            self._close()
            self._interrupt()
            self._loop.call_later(_LAST_WORDS_S, self._leave)

    def _close(self) -> None:
        assert self._server is not None
        self._server.should_exit = True

    def _interrupt(self) -> None:
        assert self._server is not None
        for task in self._server.server_state.tasks:
            task.cancel()

    def _leave(self) -> None:
        assert self._server is not None
        self._server.force_exit = True


def lock_folder(folder: Path) -> IO[str]:
    """Held until the file is closed or the process ends. Raises AlreadyServing."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o711)
    file = (folder / "central.lock").open("a+")
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise AlreadyServing(
            f"Another central works in {folder}.", "Use that one, stop it, or give --data another folder."
        ) from None
    return file


@asynccontextmanager
async def database_of(data: Path, database: str | None, *, join: bool = False) -> AsyncIterator[str]:
    """The URL of a database that is up: the given one, or the embedded one of the folder.

    `join`: use the one that a running central has there, if so. Raises AlreadyServing or PostgresFailed.
    """
    if database is not None:
        yield database
        return
    postgres = EmbeddedPostgres(data)
    try:
        lock = lock_folder(data)
    except AlreadyServing:
        if not join:
            raise
        yield postgres.join()
        return
    with lock:
        postgres.start()  # not in a thread: being cancelled half-way would leave a server behind
        try:
            yield postgres.url
        finally:
            postgres.stop()


async def prepare(connection: asyncpg.Connection, keys: CentralKeys) -> None:
    """Migrate, and see that this key belongs to this database. Raises NewerDatabase or WrongRootKey."""
    await migrate(connection)
    known = await connection.fetchval(
        "update server set root_key = coalesce(root_key, $1) returning root_key", keys.root_public
    )
    if known != keys.root_public:
        raise WrongRootKey(
            "This database belongs to another central key: its tills would not trust this one.",
            "Put its central.key into the data folder, or set BOXOFFICE_CENTRAL_KEY.",
        )


def settings_of(wanted: Serving) -> Settings:
    """With what the environment says; the database comes later. Raises Refused for what a person can put right."""
    return Settings(
        "",
        load_keys(wanted.data, os.environ),
        metrics_token=os.environ.get("BOXOFFICE_METRICS_TOKEN", ""),
        limits=wanted.limits,
        trust_proxy=wanted.trust_proxy,
        public_url=wanted.public_url.rstrip("/"),
        providers=providers_from(os.environ),
        environment=os.environ,
        payments=PaymentSettings.of(os.environ, wanted.public_url),
        traces=traces_from(os.environ),
        notifications=NotificationSettings.of(os.environ),
    )


async def serve(wanted: Serving) -> None:
    """Until SIGTERM or SIGINT. Raises Refused for what a person can put right."""
    stop = Stop(wanted.notice_s, wanted.grace_s)
    if wanted.stop_with_stdin:
        stop.with_stdin()
    listener = _listen(wanted.host, wanted.port)
    async with AsyncExitStack() as stack:
        stack.callback(listener.close)
        stack.enter_context(stop.listening())
        settings = settings_of(wanted)
        if settings.traces is not None:
            stack.push_async_callback(settings.traces.close)
        url = await stack.enter_async_context(database_of(wanted.data, wanted.database))
        async with opened(url) as connection:
            await prepare(connection, settings.keys)
            async with connection.transaction():
                if wanted.seed is not None and not await _has_programme(connection):
                    await wanted.seed(connection, utc_now())
                code = ""
                if wanted.ready_file is not None:
                    code = await mint_code(connection, "", utc_now(), _FIRST_CODE_IS_GOOD_FOR)
        app = create_app(replace(settings, database=url))
        await _run(app, listener, wanted, code, stop)


async def _run(app: FastAPI, listener: socket.socket, wanted: Serving, code: str, stop: Stop) -> None:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # of a proxy in front we read ourselves
        timeout_graceful_shutdown=ceil(wanted.grace_s + _LAST_WORDS_S),
        ws="none",
    )
    server = _Server(config)
    stop.serving(server, app.state.draining)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    try:
        if server.started:
            url = f"http://{wanted.host}:{listener.getsockname()[1]}"
            if wanted.ready_file is not None:
                _tell(wanted.ready_file, {"url": url, "pid": os.getpid(), "pairing_code": code})
            print(f"ready {url}", flush=True)  # noqa: T201  (what a starter waits for)
    except OSError:
        server.should_exit = True
        await serving
        raise
    await serving
    if not server.started:
        raise CannotServe("Central did not start.", "The log above says why.")


async def _has_programme(connection: asyncpg.Connection) -> bool:
    return bool(await connection.fetchval("select exists (select from performance)"))


def _tell(path: Path, told: Mapping[str, object]) -> None:
    """For our owner's eyes: the code pairs a till."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(told, file)
    draft.replace(path)


def _listen(host: str, port: int) -> socket.socket:
    # asyncio sends small answers at once only on sockets that say they are TCP; others wait 40 ms for an ACK
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"Port {port} of {host} cannot be used: {error.strerror or error}.",
            "Stop the program that has it, or choose another with --port.",
        ) from error
    return listener
