"""Statements written once and run often.

SQLAlchemy spends ten times longer on building a statement, finding its compiled form and wrapping its result than SQLite on running it. A
`Prepared` is compiled once for each dialect; on SQLite it then runs on the driver's connection with the same column types (docs/decisions/0010).
Statements that are run now and then are simply given to `Tx.execute`.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, Table, bindparam, insert, select, update
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.exc import DBAPIError

SQLITE = sqlite_dialect()
Processor = Callable[[Any], Any]


class Prepared:
    """One statement with named parameters (`bindparam`); lists are not allowed as parameters. `extra`: values it always has."""

    def __init__(self, expression: Any, extra: Mapping[str, Any] | None = None) -> None:
        self.expression: Executable = expression
        self.extra = dict(extra or {})
        compiled = expression.compile(dialect=SQLITE)
        self._sql = str(compiled)
        self._names: list[str] = list(compiled.positiontup or ())
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None} | self.extra
        types = {name: bind.type.dialect_impl(SQLITE) for name, bind in compiled.binds.items()}
        self._bind: list[tuple[str, Processor | None]] = [(name, types[name].bind_processor(SQLITE)) for name in self._names]
        columns = list(expression.exported_columns) if hasattr(expression, "exported_columns") else []
        self._returns = bool(columns)
        self._row: Any = namedtuple("Row", [column.key for column in columns], rename=True)  # type: ignore[misc]
        self._read = [column.type.dialect_impl(SQLITE).result_processor(SQLITE, None) for column in columns]
        self._conversions = [(index, read) for index, read in enumerate(self._read) if read is not None]

    def on_sqlite(self, connection: sqlite3.Connection, given: Mapping[str, Any]) -> tuple[list[Any], int]:
        """Run it: the rows (named tuples), and how many rows it changed. Raises SQLAlchemy's DBAPIError and its kinds."""
        fixed = self._fixed
        values = []
        for name, process in self._bind:
            value = given[name] if name in given else fixed.get(name)
            values.append(process(value) if process is not None else value)
        try:
            cursor = connection.execute(self._sql, values)
            found = cursor.fetchall() if self._returns else ()
        except sqlite3.Error as error:
            raise DBAPIError.instance(self._sql, values, error, sqlite3.Error, dialect=SQLITE) from error
        return [self._as_row(row) for row in found], cursor.rowcount

    def _as_row(self, raw: Sequence[Any]) -> Any:
        values = list(raw)
        for index, read in self._conversions:
            values[index] = read(values[index])
        return self._row._make(values)


@lru_cache(maxsize=512)
def insertion(table: Table, names: frozenset[str]) -> Prepared:
    """INSERT of one row with these columns; others get the defaults the table names."""
    defaults: dict[str, Any] = {}
    for column in table.c:
        if column.name not in names and column.default is not None:
            default: Any = column.default
            defaults[column.name] = default.arg(None) if default.is_callable else default.arg
    values = {name: bindparam(name, type_=table.c[name].type) for name in [*names, *defaults]}
    return Prepared(insert(table).values(values), defaults)


@lru_cache(maxsize=512)
def change(table: Table, key: frozenset[str], names: frozenset[str]) -> Prepared:
    """UPDATE of the columns `names` where the columns `key` have given values (parameters `key_…`)."""
    where = [table.c[name] == bindparam(f"key_{name}", type_=table.c[name].type) for name in sorted(key)]
    return Prepared(update(table).where(*where).values({name: bindparam(name, type_=table.c[name].type) for name in sorted(names)}))


@lru_cache(maxsize=128)
def lookup(table: Table, key: frozenset[str]) -> Prepared:
    """SELECT of the row where the columns `key` have given values (parameters `key_…`)."""
    return Prepared(select(table).where(*[table.c[name] == bindparam(f"key_{name}", type_=table.c[name].type) for name in sorted(key)]))
