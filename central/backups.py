"""Backup and restore of central's database, and what both tell the tills.

A backup moves every till's durable mark to what it holds: from then on a till may forget those facts. A restore raises
the server's epoch: tills then push again whatever came after the backup. The file does not hold `central.key`.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from boxoffice.domain.refusals import Refused
from central.postgres import wheel_program


class BackupFailed(Refused):
    code = "backup_failed"


async def backup(connection: asyncpg.Connection, url: str, target: Path) -> None:
    """Write `target` whole or not at all, and read it back. Raises BackupFailed."""
    draft = target.with_name(f".{target.name}.new")
    try:
        async with connection.transaction(isolation="repeatable_read"):
            moment = await connection.fetchval("select pg_export_snapshot()")
            marks = await connection.fetch("select till, incarnation, applied_hi from till_journal")
            options = ("--format=custom", "--no-owner", f"--snapshot={moment}", f"--file={draft}")
            await asyncio.to_thread(_run, "pg_dump", url, *options)
        await asyncio.to_thread(_run, "pg_restore", None, "--list", str(draft))
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.chmod(0o600)
        draft.replace(target)
    except OSError as error:
        raise BackupFailed(f"{target} cannot be written: {error.strerror}.", "Choose another place.") from error
    finally:
        draft.unlink(missing_ok=True)
    await connection.executemany(
        "update till_journal set durable_hi = greatest(durable_hi, $3) where till = $1 and incarnation = $2",
        [(mark["till"], mark["incarnation"], mark["applied_hi"]) for mark in marks],
    )


async def restore(connection: asyncpg.Connection, url: str, source: Path) -> int:
    """Fill an empty database; returns the new server epoch. Raises BackupFailed, and nothing is written then."""
    if not source.is_file():
        raise BackupFailed(f"There is no file {source}.", "Give the path of a backup.")
    if await connection.fetchval("select to_regclass('server')") is not None:
        raise BackupFailed(
            "This database is not empty.", "Restore into a fresh one: give another --data or --database."
        )
    options = ("--no-owner", "--single-transaction", f"--dbname={_name(url)}", str(source))
    await asyncio.to_thread(_run, "pg_restore", url, *options)
    await connection.execute("update till_journal set durable_hi = applied_hi")  # the backup holds them
    epoch: int = await connection.fetchval("update server set epoch = epoch + 1 returning epoch")
    return epoch


def _run(program: str, url: str | None, *arguments: str) -> None:
    environment = {**os.environ, **({} if url is None else _connection(url))}
    done = subprocess.run(
        [str(wheel_program(program)), *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise BackupFailed(f"{program} says: {' '.join(done.stderr.split())}.", "Nothing was changed.")


def _connection(url: str) -> Mapping[str, str]:
    """For libpq, by the environment: arguments can be read by every user of the machine."""
    parts = urlsplit(url)
    found = {
        "PGHOST": parts.hostname,
        "PGPORT": str(parts.port) if parts.port else None,
        "PGUSER": parts.username,
        "PGPASSWORD": parts.password,
        "PGDATABASE": _name(url),
        "PGSSLMODE": parse_qs(parts.query).get("sslmode", [None])[0],
    }
    return {name: unquote(value) for name, value in found.items() if value}


def _name(url: str) -> str:
    return unquote(urlsplit(url).path.removeprefix("/"))
