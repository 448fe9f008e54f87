"""One central process: lock the folder, bring the database up, migrate, listen, drain at the end."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import IO

import asyncpg
import uvicorn
from fastapi import FastAPI

from boxoffice.domain.clock import utc_now
from boxoffice.domain.refusals import Refused
from central.app import Settings, create_app
from central.database import connect
from central.keys import CentralKeys, load_keys
from central.migrations import migrate
from central.postgres import EmbeddedPostgres
from central.tills.hints import Hints
from central.tills.pairing import mint_code

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_DRAIN_S = 10
_FIRST_CODE_IS_GOOD_FOR = timedelta(days=1)


class PortTaken(Refused):
    code = "port_taken"


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
    demo: bool = False
    ready_file: Path | None = None


class _Server(uvicorn.Server):
    """Ends the endless streams first, so that draining waits only for real work."""

    def __init__(self, config: uvicorn.Config, hints: Hints) -> None:
        super().__init__(config)
        self._hints = hints

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._hints.close()


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
        await asyncio.to_thread(postgres.start)
        try:
            yield postgres.url
        finally:
            await asyncio.to_thread(postgres.stop)


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


async def serve(wanted: Serving) -> None:
    """Until SIGTERM or SIGINT. Raises Refused for what a person can put right."""
    listener = _listen(wanted.host, wanted.port)
    async with AsyncExitStack() as stack:
        stack.callback(listener.close)
        keys = load_keys(wanted.data, os.environ)
        url = await stack.enter_async_context(database_of(wanted.data, wanted.database))
        connection = await connect(url)
        try:
            await prepare(connection, keys)
            async with connection.transaction():
                if wanted.demo:
                    await seed_demo(connection)
                code = await mint_code(connection, "", utc_now(), _FIRST_CODE_IS_GOOD_FOR)
        finally:
            await connection.close()
        app = create_app(Settings(url, keys))
        await _run(app, listener, wanted, code)


async def _run(app: FastAPI, listener: socket.socket, wanted: Serving, code: str) -> None:
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=_DRAIN_S, ws="none"
    )
    server = _Server(config, app.state.hints)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    if server.started:
        url = f"http://{wanted.host}:{listener.getsockname()[1]}"
        if wanted.ready_file is not None:
            draft = wanted.ready_file.with_name(f"{wanted.ready_file.name}.new")
            draft.write_text(json.dumps({"url": url, "pid": os.getpid(), "pairing_code": code}))
            draft.replace(wanted.ready_file)
        print(f"ready {url}", flush=True)  # noqa: T201  (what a starter waits for)
    await serving


async def seed_demo(connection: asyncpg.Connection) -> None:
    """Fill an empty catalogue with the demo venues."""
    if await connection.fetchval("select exists (select from performance)"):
        return
    from central.demo import seed  # noqa: PLC0415

    await seed(connection, utc_now())


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
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
