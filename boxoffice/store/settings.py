"""Small things that the till remembers by name."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert as upsert

from boxoffice.store import schema

_GET = select(schema.setting.c.value).where(schema.setting.c.name == bindparam("name"))
_INSERT = upsert(schema.setting)
_SET = _INSERT.on_conflict_do_update(index_elements=["name"], set_={"value": _INSERT.excluded.value})


class Settings:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> str | None:
        return self._connection.execute(_GET, {"name": name}).scalar_one_or_none()

    def set(self, name: str, value: str) -> None:
        self._connection.execute(_SET, {"name": name, "value": value})
