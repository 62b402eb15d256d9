"""Whether a migration leaves a database that the release before it can go on working with."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

_VALUES: dict[type, Any] = {
    str: lambda column: uuid.uuid4().hex[: column.type.length or 20],
    int: lambda _column: uuid.uuid4().int % 10**6,
    bool: lambda _column: False,
    float: lambda _column: 0.5,
    datetime.datetime: lambda column: datetime.datetime.now(datetime.UTC),
}


def tables_of(connection: Connection) -> MetaData:
    """What a release knows of the database: its tables as they are now."""
    known = MetaData()
    known.reflect(connection)
    return known


def breaks(connection: Connection, before: MetaData) -> list[str]:
    """What the release that knows the tables `before` cannot do any more: read every column it knew, write a row with just these."""
    connection.execute(text("SET session_replication_role = replica"))  # rows without the rows they refer to
    found = []
    there = lambda table: inspect(connection).has_table(table.name)  # noqa: E731
    for table in before.sorted_tables:
        if table.name == "alembic_version":
            continue
        now = {column["name"]: column["type"] for column in inspect(connection).get_columns(table.name)} if there(table) else {}
        for column in table.columns:
            if column.name in now and not _holds(now[column.name], column.type):
                found.append(f"type of {table.name}.{column.name}: {column.type} became {now[column.name]}")
        for name, statement in (("read", select(table).limit(1)), ("write", insert(table).values(_row(table)))):
            try:
                with connection.begin_nested() as point:
                    connection.execute(statement)
                    point.rollback()
            except DBAPIError as error:
                found.append(f"{name} {table.name}: {str(error.orig).splitlines()[0]}")
    return found


def _holds(now: Any, before: Any) -> bool:
    """Whether a column of the type `now` takes and gives what one of the type `before` did."""
    shorter = (getattr(now, "length", None) or 10**9) < (getattr(before, "length", None) or 10**9)
    return isinstance(now, type(before)) and not shorter


def _row(table: Table) -> dict[str, Any]:
    return {
        column.name: _value(column)
        for column in table.columns
        if not (column.nullable or column.server_default or column.autoincrement is True)
    }


def _value(column: Column[Any]) -> Any:
    return _VALUES.get(column.type.python_type, lambda _column: {})(column)
