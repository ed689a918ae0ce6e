"""One set of rows in two databases and in memory, to ask each of them the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import sqlalchemy as sa

from ostiary.domain import Domain
from ostiary.records.access_protocol import NoAccess
from ostiary.records.create import create_tables
from ostiary.records.errors import Fails, RecordsError, Undecided
from ostiary.records.memory import Reader, Rows, filtered
from ostiary.records.schema import Column, Links, Schema
from ostiary.records.sql import scope, where
from ostiary.records.store import Store
from records.memory_models import Data
from records.strategies import COMPANY, ITEM, policy, session

Answer = tuple[int, ...] | str


class Tables:
    """The models of one version as tables of one database."""

    def __init__(self, version: str, engine: sa.Engine) -> None:
        self.schema = Schema(policy(version))
        self.connection = engine.connect()
        create_tables(self.schema, self.connection)
        self.connection.commit()

    @contextmanager
    def holding(self, data: Data) -> Iterator[Store]:
        """The rows, for as long as this lasts."""
        try:
            for model, rows in data.items():
                self._insert(model, rows)
            yield Store(self.schema, self.connection)
        finally:
            self.connection.rollback()

    def _insert(self, model: str, rows: dict[int, dict[str, Any]]) -> None:
        table = self.schema.model(model).table
        kinds = {name: self.schema.field(model, name) for name in next(iter(rows.values()))}
        columns = [name for name, kind in kinds.items() if isinstance(kind, Column)]
        given = [{"id": one} | {name: row[name] for name in columns} for one, row in rows.items()]
        self.connection.execute(sa.insert(table), given)
        for name, kind in kinds.items():
            if isinstance(kind, Links):
                assert kind.own is not None
                assert kind.other is not None
                pairs = [
                    {kind.own.name: one, kind.other.name: other} for one, row in rows.items() for other in row[name]
                ]  # fmt: skip
                if pairs:
                    self.connection.execute(sa.insert(kind.own.table), pairs)


def by_sql(store: Store, domain: Domain, *, active_test: bool = True, large: bool = False) -> Answer:
    """The ids of the rows by SQL, ascending, or the error. `large`: as if the tables were too big for the shape that
    small ones are read in."""

    def ask() -> list[int]:
        asking = session(active_test)
        with mock.patch.object(scope, "SMALL", -1 if large else scope.SMALL):
            condition = where(store, NoAccess(), asking, ITEM, domain)
        table = store.schema.model(ITEM)
        return [row[0] for row in store.rows(sa.select(table.id).where(condition).order_by(table.id))]

    return answer(ask)


def in_memory(source: Reader | Rows, domain: Domain, *, active_test: bool = True) -> Answer:
    """The same by the compiled test in memory."""
    return answer(
        lambda: filtered(source, None, session(active_test), ITEM, domain, sorted(source.ids(ITEM)))
    )


@contextmanager
def on_sqlite() -> Iterator[Callable[[str], Tables]]:
    """The tables of each version that is asked for, in SQLite."""
    made: dict[str, Tables] = {}

    def get(version: str) -> Tables:
        if version not in made:
            made[version] = Tables(version, sa.create_engine("sqlite://"))
        return made[version]

    yield get
    for tables in made.values():
        tables.connection.close()
        tables.connection.engine.dispose()


def dictionaries(version: str, data: Data, schema: Schema | None = None) -> Rows:
    """The rows without a database, values by company as those of the company."""
    found = {
        model: {one: {name: _value(name, value) for name, value in row.items()} for one, row in rows.items()}
        for model, rows in data.items()
    }
    return Rows(schema or Schema(policy(version)), found)


def _value(name: str, value: Any) -> Any:
    return (value or {}).get(str(COMPANY)) if name in ("own", "rate") else value


def answer(ask: Callable[[], list[int]]) -> Answer:
    """What is found, or the name of the error."""
    try:
        return tuple(ask())
    except Undecided:
        return "undecided"
    except Fails as error:
        return f"!{error.error}"
    except RecordsError as error:
        return f"!{type(error).__name__}"
