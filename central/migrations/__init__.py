"""Migrations: alembic keeps the order and writes the SQL, asyncpg runs it. One transaction, all or nothing."""

from __future__ import annotations

import io
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from boxoffice.domain.refusals import Refused

_FOLDER = Path(__file__).parent
_ONE_AT_A_TIME = 0x626F786F  # advisory lock: two nodes that start together migrate one after the other


class NewerDatabase(Refused):
    code = "newer_database"

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"The database is at revision {revision}, which this release does not know.",
            "Start the release that it was migrated with, or a later one.",
        )


def _config(out: io.StringIO | None = None) -> Config:
    config = Config(output_buffer=out) if out is not None else Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


def latest() -> str:
    """The revision this release needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


async def migrate(connection: asyncpg.Connection) -> tuple[str | None, str]:
    """Bring the database to `latest()`; returns the revision before and after. Raises NewerDatabase."""
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _ONE_AT_A_TIME)
        found = None
        if await connection.fetchval("select to_regclass('alembic_version')") is not None:
            found = await connection.fetchval("select version_num from alembic_version")
        target = latest()
        if found == target:
            return found, target
        known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
        if found is not None and found not in known:
            raise NewerDatabase(found)
        sql = io.StringIO()
        command.upgrade(_config(sql), f"{found or 'base'}:{target}", sql=True)
        await connection.execute(sql.getvalue())
    return found, target
