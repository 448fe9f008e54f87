"""Statements that every sale runs, compiled once: what SQLAlchemy does anew at each execution is most of their cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ClauseElement, Connection, Select
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.sql.compiler import SQLCompiler

_DIALECT = pysqlite.dialect()
_DIALECT.paramstyle = "qmark"


class Prepared:
    """`columns` are those an INSERT is given. Raises the driver's own errors."""

    def __init__(self, statement: ClauseElement, columns: Iterable[str] = ()) -> None:
        compiled = statement.compile(dialect=_DIALECT, column_keys=list(columns) or None)
        assert isinstance(compiled, SQLCompiler)
        self._sql = compiled.string
        self._fixed = dict(compiled.params)
        self._names = tuple(compiled.positiontup or ())
        self._into = {
            name: into
            for name in self._names
            if (into := compiled.binds[name].type.dialect_impl(_DIALECT).bind_processor(_DIALECT)) is not None
        }

        selected = statement.selected_columns if isinstance(statement, Select) else ()
        self._out = [column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None) for column in selected]

    def run(self, connection: Connection, values: Mapping[str, Any] | None = None) -> Any:
        """The driver's cursor."""
        return _cursor(connection).execute(self._sql, self._row(values or {}))

    def first(self, connection: Connection, values: Mapping[str, Any] | None = None) -> tuple[Any, ...] | None:
        """The first row of a SELECT."""
        row = self.run(connection, values).fetchone()
        if row is None:
            return None
        return tuple(value if out is None else out(value) for out, value in zip(self._out, row, strict=True))

    def run_each(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> int:
        """Once for each of `rows`; how many rows of the table were touched."""
        cursor = _cursor(connection)
        cursor.executemany(self._sql, [self._row(values) for values in rows])
        return int(cursor.rowcount)

    def _row(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        given = {**self._fixed, **values}
        for name, into in self._into.items():
            given[name] = into(given[name])
        return tuple(given[name] for name in self._names)


def _cursor(connection: Connection) -> Any:
    raw = connection.connection.dbapi_connection
    assert raw is not None
    return raw.cursor()
