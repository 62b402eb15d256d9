"""Statements written once and run often.

SQLAlchemy spends ten times longer on building a statement, finding its compiled form and wrapping its result than SQLite on running it. A
`Prepared` is compiled once for each dialect and runs on the driver's connection with the same column types (docs/decisions/0010).
Statements that are run now and then are simply given to `Tx.execute`.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Float, Table, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import asyncpg as postgresql
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.engine import Dialect

SQLITE: Dialect = sqlite_dialect()
POSTGRES: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
Processor = Callable[[Any], Any]


class Prepared:
    """One statement with named parameters (`bindparam`); lists are not allowed as parameters. `extra`: values it always has.

    In an UPDATE no parameter but those that are set may be named as a column is.
    """

    def __init__(self, expression: Any, extra: Mapping[str, Any] | None = None) -> None:
        self._expression = expression
        self._extra = dict(extra or {})
        self._compiled: dict[str, Compiled] = {}

    def on(self, dialect: Dialect) -> Compiled:
        """Its form for one dialect."""
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = Compiled(self._expression, self._extra, dialect)
        return found


class Compiled:
    """SQL text, and what turns our values into the driver's and back. `returns`: whether it gives rows."""

    def __init__(self, expression: Any, extra: Mapping[str, Any], dialect: Dialect) -> None:
        compiled = expression.compile(dialect=dialect)
        self.sql = str(compiled)
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None} | dict(extra)
        types = {name: bind.type.dialect_impl(dialect) for name, bind in compiled.binds.items()}
        self._bind: list[tuple[str, Processor | None]] = [
            (name, types[name].bind_processor(dialect)) for name in compiled.positiontup or ()
        ]
        columns = list(expression.exported_columns) if hasattr(expression, "exported_columns") else []
        self.returns = bool(columns)
        self._row: Any = namedtuple("Row", [column.key for column in columns], rename=True)  # type: ignore[misc]
        processors = [
            None if isinstance(column.type, Float) else column.type.dialect_impl(dialect).result_processor(dialect, None)
            for column in columns  # both drivers give a float as one; SQLAlchemy's processor would want the server's type number
        ]
        self._read = [(index, read) for index, read in enumerate(processors) if read is not None]

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The driver's values, in the statement's order."""
        fixed = self._fixed
        values = []
        for name, process in self._bind:
            value = given[name] if name in given else fixed.get(name)
            values.append(process(value) if process is not None else value)
        return values

    def rows(self, raw: Iterable[Sequence[Any]]) -> list[Any]:
        """Named tuples of the values as our types have them."""
        make, read = self._row._make, self._read
        found = []
        for row in raw:
            values = list(row)
            for index, process in read:
                values[index] = process(values[index])
            found.append(make(values))
        return found


@lru_cache(maxsize=512)
def insertion(table: Table, names: frozenset[str]) -> Prepared:
    """INSERT of one row with these columns; others get the defaults the table names."""
    defaults: dict[str, Any] = {}
    for column in table.c:
        if column.name not in names and column.default is not None:
            default: Any = column.default
            defaults[column.name] = default.arg(None) if default.is_callable else default.arg
    values = {name: bindparam(name, type_=table.c[name].type) for name in sorted({*names, *defaults})}
    return Prepared(insert(table).values(values).inline(), defaults)


@lru_cache(maxsize=512)
def change(table: Table, key: frozenset[str], names: frozenset[str]) -> Prepared:
    """UPDATE of the columns `names` where the columns `key` have given values (parameters `key_…`)."""
    where = [table.c[name] == bindparam(f"key_{name}", type_=table.c[name].type) for name in sorted(key)]
    return Prepared(update(table).where(*where).values({name: bindparam(name, type_=table.c[name].type) for name in sorted(names)}))


@lru_cache(maxsize=128)
def lookup(table: Table, key: frozenset[str]) -> Prepared:
    """SELECT of the row where the columns `key` have given values (parameters `key_…`)."""
    return Prepared(select(table).where(*[table.c[name] == bindparam(f"key_{name}", type_=table.c[name].type) for name in sorted(key)]))
