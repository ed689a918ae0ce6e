"""Rows: one connection to the tables of a schema."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa

from ostiary.records.driver import of_one_statement, plain_errors
from ostiary.records.errors import RecordsError, Undecided
from ostiary.records.schema import Schema
from ostiary.records.sql.dialects import Dialect, dialect_of
from ostiary.records.sql.explain import Explain

_Answer = TypeVar("_Answer")
_SUPERUSER = 1  # whose own defaults count for company-dependent fields


@dataclass
class Notes:
    """What was read while something was built, and whether that is all that it rests on."""

    reads: list[tuple[sa.Select[Any], Sequence[Any]]] = field(default_factory=list)
    whole: bool = True


class Store:
    """The tables of a schema over one open connection. It only reads; who opened the connection closes it.

    What is asked often and changes rarely is remembered: defaults until rows change, how big a table is as long as the
    Store lives.
    """

    def __init__(self, schema: Schema, connection: sa.Connection) -> None:
        self.schema = schema
        self.connection = connection
        self.sql: Dialect = dialect_of(connection)
        self._defaults: dict[tuple[str, int | None], Mapping[str, object]] = {}
        self._sizes: dict[str, int] = {}
        self._indexes: dict[str, frozenset[str]] = {}
        self._has_defaults: bool | None = None
        self._marked: object = None
        self._notes: Notes | None = None

    @property
    def dialect(self) -> str:
        """`postgresql` or `sqlite`."""
        return self.connection.dialect.name

    def rows(self, statement: sa.Select[Any]) -> Sequence[sa.Row[*tuple[Any, ...]]]:
        """The rows of a statement.

        Raises Undecided where a value or a view keeps PostgreSQL from answering this statement; it answers the next.
        Any other error is raised as the driver raised it.
        """
        found = self._asked(statement, lambda: self.connection.execute(statement).all())
        if self._notes is not None:
            self._notes.reads.append((statement, found))
        return found

    @contextlib.contextmanager
    def noting(self) -> Iterator[Notes]:
        """What is read meanwhile: a statement that is built out of it is the same as long as that is read again."""
        before, self._notes = self._notes, Notes()
        noted = self._notes
        try:
            yield noted
        finally:
            self._notes = before
            if before is not None:
                before.reads += noted.reads
                before.whole = before.whole and noted.whole

    def not_all_noted(self) -> None:
        """An answer was used that may rest on what was read before: what was noted is not all there is."""
        if self._notes is not None:
            self._notes.whole = False

    def _asked(self, about: sa.Select[Any] | str, ask: Callable[[], _Answer]) -> _Answer:
        """An answer of the database, with errors as `rows` raises them."""
        if self.dialect != "postgresql":
            with plain_errors():
                return ask()
        self._mark()
        try:
            with plain_errors():
                return ask()
        except Exception as error:
            if isinstance(error, RecordsError | sa.exc.SQLAlchemyError) or not of_one_statement(error):
                raise
            self._back_to_mark()
            what = about if isinstance(about, str) else _tables_of(about)
            raise Undecided(
                f"cannot be decided: PostgreSQL can't read {what}: {type(error).__name__}"
            ) from None

    def _mark(self) -> None:
        """Mark where the transaction goes on after an error. Once: what is only read needs no mark of its own for each
        statement, which would cost two more trips to the server."""
        transaction = self.connection.get_transaction()
        if transaction is not None and transaction is self._marked:
            return
        driver: Any = self.connection.connection.driver_connection
        if not driver.autocommit:
            with plain_errors():
                self.connection.execute(sa.text("SAVEPOINT ostiary"))
        self._marked = self.connection.get_transaction()

    def rows_changed(self) -> None:
        """Rows were changed, or a savepoint ended, since the mark: the next statement sets a new one, so that going
        back after an error undoes nothing but that statement. Defaults are rows too."""
        self._marked = None
        self._defaults.clear()
        self._has_defaults = None

    def _back_to_mark(self) -> None:
        driver: Any = self.connection.connection.driver_connection
        if not driver.autocommit:
            with plain_errors():
                self.connection.execute(sa.text("ROLLBACK TO SAVEPOINT ostiary"))

    def fallback(self, model: str, field: str, company: int | None) -> object:
        """What a company-dependent field is where a record has no value of its own; None for nothing.

        Source: `Field.get_company_dependent_fallback`, `ir.default._get_model_defaults` as OdooBot.
        """
        self.not_all_noted()  # the next time nothing is read
        key = (model, company)
        if key not in self._defaults:
            self._defaults[key] = self._read_defaults(model, company)
        return self._defaults[key].get(field)

    def size(self, table: sa.Table) -> int:
        """About how many rows a table has, by the database's own statistics; 0 where it has none."""
        if table.name not in self._sizes:
            name = table.name
            self._sizes[name] = self._asked(name, lambda: self.sql.size(self.connection, name))
        return self._sizes[table.name]

    def indexed(self, column: sa.ColumnClause[Any]) -> bool:
        """Whether an index of a table begins with a column (of the table or an alias of it)."""
        table = column.table
        name = str(getattr(getattr(table, "element", table), "name", ""))
        if name not in self._indexes:
            self._indexes[name] = self._leading(name)
        return column.name in self._indexes[name]

    def _leading(self, table: str) -> frozenset[str]:
        """The columns that an index or the primary key of a table begins with."""

        def indexes() -> list[Sequence[str | None]]:
            asked = sa.inspect(self.connection)
            key: Sequence[str | None] = asked.get_pk_constraint(table)["constrained_columns"]
            return [key, *[index["column_names"] for index in asked.get_indexes(table)]]

        try:
            found = self._asked(table, indexes)
        except sa.exc.NoSuchTableError:
            return frozenset()
        return frozenset(columns[0] for columns in found if columns and columns[0])

    def expected(self, statement: sa.Select[Any]) -> int:
        """How many rows the database expects of a statement."""
        found = self._asked(statement, lambda: self.connection.execute(Explain(statement)).scalar())
        plan: Any = json.loads(found) if isinstance(found, str) else found
        return int(plan[0]["Plan"]["Plan Rows"]) if plan else 0

    def _read_defaults(self, model: str, company: int | None) -> Mapping[str, object]:
        try:
            default = self.schema.model("ir.default").table
            field = self.schema.model("ir.model.fields").table
        except RecordsError:
            return {}
        if self._has_defaults is None:
            names = (default.name, field.name)
            self._has_defaults = self._asked(
                names[0], lambda: all(sa.inspect(self.connection).has_table(one) for one in names)
            )
        if not self._has_defaults:
            return {}
        of = default.c
        wanted = (
            sa.select(field.c.name, of.json_value, of.user_id, of.company_id, of.id)
            .join(field, of.field_id == field.c.id)
            .where(
                field.c.model == model,
                of.condition.is_(None),
                sa.or_(of.user_id.is_(None), of.user_id == _SUPERUSER),
                sa.or_(of.company_id.is_(None), of.company_id == company),
            )
        )
        found: dict[str, object] = {}
        # The user's before everybody's, the company's before that of all.
        for row in sorted(self.rows(wanted), key=lambda row: (row[2] is None, row[3] is None, row[4])):
            if row[0] not in found:
                found[row[0]] = _default(row[1], model, row[0])
        return found


def _default(text: object, model: str, field: str) -> object:
    """A default as it is stored. Raises Undecided for what is no JSON."""
    try:
        return json.loads(str(text))
    except (ValueError, RecursionError):
        raise Undecided.computed(model, field, "has a default that can't be read") from None


def _tables_of(statement: sa.Select[Any]) -> str:
    """The tables that a statement is about, for a sentence."""
    names = [str(getattr(getattr(one, "element", one), "name", "")) for one in statement.get_final_froms()]
    return ", ".join(name for name in names if name) or "a table"
