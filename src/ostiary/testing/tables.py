"""Tables in memory for all models of a Policy, made at once.

They hold what those of `records.create` hold, for few rows: without indexes, and without asking what is there already.
That takes a third of the time, which is most of what a small run of tests takes.
"""

from __future__ import annotations

import contextlib
from typing import Any

import sqlalchemy as sa

from ostiary.policy import Policy
from ostiary.records.errors import RecordsError
from ostiary.records.schema import Schema


def make_tables(connection: sa.Connection, policy: Policy) -> None:
    """Make the tables that aren't there yet, of the models and of their links, in SQLite."""
    schema = Schema(policy)
    for name in policy.models:
        with contextlib.suppress(RecordsError):  # abstract, or made by Python
            schema.model(name)
    for name, model in policy.models.items():
        for field in model.fields.values():
            if field.type == "many2many" and field.store and not model.abstract:
                with contextlib.suppress(RecordsError):
                    schema.field(name, field.name)
    types: dict[int, str] = {}
    driver: Any = connection.connection.driver_connection
    for table in schema.metadata.tables.values():
        driver.execute(_statement(table, connection.dialect, types))


def _statement(table: sa.Table, dialect: sa.Dialect, types: dict[int, str]) -> str:
    columns = []
    for column in table.c:
        type_ = types.get(id(column.type))
        if type_ is None:
            type_ = types[id(column.type)] = column.type.compile(dialect)
        columns.append(f"{_quoted(column.name)} {type_}{' PRIMARY KEY' if column.name == 'id' else ''}")
    if "id" not in table.c:
        columns.append(f"UNIQUE ({', '.join(_quoted(column.name) for column in table.c)})")
    return f"CREATE TABLE IF NOT EXISTS {_quoted(table.name)} ({', '.join(columns)})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
