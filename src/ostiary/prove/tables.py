"""Tables in memory for the rows of a witness: made when they are first needed, written to without ceremony.

They are laid out as `records.create` lays out its own, but have no indexes, and only those that a question comes to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from ostiary.records.errors import RecordsError
from ostiary.records.schema import Column, Kind, Links, ModelTable, Schema, Storage
from ostiary.records.schema.tables import name_of

_MOMENTS: dict[str, Callable[[str], Any]] = {"date": date.fromisoformat, "datetime": datetime.fromisoformat}


class Tables:
    """SQLite tables of one schema. What was inserted goes with `clear`; the tables stay."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.connection = sa.create_engine("sqlite://", poolclass=StaticPool).connect()
        self._driver: Any = self.connection.connection.driver_connection
        self._made: dict[str, int] = {}
        self._models: dict[str, list[str]] = {}
        for name, model in schema.policy.models.items():
            self._models.setdefault(name_of(model), []).append(name)
        self._writers: dict[sa.Column[Any], Callable[[Any], Any] | None] = {}
        self._linked: set[tuple[str, int, int]] = set()

    def close(self) -> None:
        self.connection.close()
        self.connection.engine.dispose()

    def clear(self) -> None:
        """Let go of all rows."""
        self.connection.rollback()
        if not self.connection.invalidated:  # as it is after an interruption, which goes on
            self._driver.rollback()
        self._linked.clear()

    def make(self, name: str) -> bool:
        """Make the table of this name, or give it the columns that it lacks; whether there was anything to do.

        Where a model and a relation share a table, it has the columns of both. Not while rows are in the tables.
        """
        for model in self._models.get(name, ()):
            try:
                self.schema.model(model)
            except RecordsError:  # made by Python, or abstract: it has no table of its own
                continue
        table = self.schema.metadata.tables.get(name)
        if table is None or len(table.c) == self._made.get(name):
            return False
        columns = [self._declared(column) for column in table.c]
        if name in self._made:
            for column in columns[self._made[name] :]:
                self._driver.execute(f"ALTER TABLE {self._quoted(name)} ADD COLUMN {column}")
        else:
            self._driver.execute(f"CREATE TABLE {self._quoted(name)} ({', '.join(columns)})")
        self._made[name] = len(columns)
        return True

    def grow(self) -> bool:
        """Give every table the columns that were asked for since it was made; whether there were any."""
        return sum(self.make(name) for name in list(self._made)) > 0

    def insert(self, model: str, values: Mapping[str, Any]) -> None:
        """Write one row, its `id` among the values; links to others too. A company-dependent field takes a mapping by
        company. What is not given is NULL. Raises RecordsError, `sqlite3.Error` where a table lacks something."""
        place = self.schema.model(model)
        kinds = {name: self.schema.field(model, name) for name in values}
        row: dict[str, Any] = {}
        for name, kind in kinds.items():
            if isinstance(kind, Column) and kind.column is not None:
                row[kind.column.name] = self._written(kind, kind.column, values[name])
        if place.parent_store:
            row["parent_path"] = self._path(place, values["id"], values.get(place.parent_name))
        self._write(place.table.name, row)
        for name, kind in kinds.items():
            if isinstance(kind, Links):
                self._link(kind, values["id"], values[name])

    def _link(self, kind: Kind, record: int, others: list[int]) -> None:
        assert isinstance(kind, Links)
        assert kind.own is not None
        assert kind.other is not None
        table, own, other = kind.own.table.name, kind.own.name, kind.other.name
        for one in others:
            # A relation may be told from both its sides.
            pair = (table, record, one) if own < other else (table, one, record)
            if pair not in self._linked:
                self._linked.add(pair)
                self._write(table, {own: record, other: one})

    def _write(self, table: str, row: Mapping[str, Any]) -> None:
        names = ", ".join(map(self._quoted, row))
        places = ", ".join("?" * len(row))
        statement = f"INSERT INTO {self._quoted(table)} ({names}) VALUES ({places})"  # noqa: S608 - quoted
        self._driver.execute(statement, tuple(row.values()))

    def _written(self, kind: Column, column: sa.Column[Any], value: Any) -> Any:
        """A value as SQLAlchemy writes it to a column."""
        if value is None:
            return None
        if kind.storage is Storage.BY_COMPANY:
            value = {str(company): one for company, one in value.items()}
        elif kind.type in _MOMENTS and isinstance(value, str):
            value = _MOMENTS[kind.type](value)
        if column not in self._writers:
            dialect = self.connection.dialect
            self._writers[column] = column.type.dialect_impl(dialect).bind_processor(dialect)
        write = self._writers[column]
        return write(value) if write else value

    def _path(self, place: ModelTable, record: int, parent: int | None) -> str:
        """The record's `parent_path`: its parent's, and its own id."""
        above = None
        if parent:
            table = self._quoted(place.table.name)
            statement = f"SELECT parent_path FROM {table} WHERE id = ?"  # noqa: S608 - quoted
            above = self._driver.execute(statement, (parent,)).fetchone()
        return f"{(above and above[0]) or ''}{record}/"

    def _declared(self, column: sa.Column[Any]) -> str:
        kept = " PRIMARY KEY" if column.name == "id" else ""
        return f"{self._quoted(column.name)} {column.type.compile(self.connection.dialect)}{kept}"

    def _quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'
