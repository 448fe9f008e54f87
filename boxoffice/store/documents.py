"""Whole documents that central publishes: the catalogue and the bundle of keys."""

from __future__ import annotations

from typing import Generic, TypeVar

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert as upsert

from boxoffice.domain.values import Value
from boxoffice.store import schema

V = TypeVar("V", bound=Value)

_GET = select(schema.document.c.body).where(schema.document.c.name == bindparam("name"))
_INSERT = upsert(schema.document)
_SET = _INSERT.on_conflict_do_update(index_elements=["name"], set_={"body": _INSERT.excluded.body})


class Document(Generic[V]):
    """The newest one of its kind. Reading parses it, so keep what you read."""

    def __init__(self, connection: Connection, name: str, kind: type[V]) -> None:
        self._connection, self._name, self._kind = connection, name, kind

    def get(self) -> V | None:
        body = self._connection.execute(_GET, {"name": self._name}).scalar_one_or_none()
        return None if body is None else self._kind.model_validate_json(body)

    def set(self, value: V) -> None:
        self._connection.execute(_SET, {"name": self._name, "body": value.model_dump_json()})
