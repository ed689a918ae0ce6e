"""Where a condition stands: on which table, for whom, and how deep."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ostiary.domain import DomainSemantics
from ostiary.records.access_protocol import Access
from ostiary.records.errors import Undecided
from ostiary.records.schema import ModelTable, Schema
from ostiary.records.session import Session
from ostiary.records.sql.dialects import Beside, Condition, Dialect

if TYPE_CHECKING:
    from ostiary.records.store import Store

MAX_HOPS = 16
"""How many models one condition may lead through, one inside the other. Nearly as many as SQLite reads."""

SMALL = 2_000
"""How many ids are still read first, as an array, instead of being asked for row by row."""


@dataclass(frozen=True, slots=True)
class Scope:
    """`table` is the model's table or an alias of it. `loose`: the condition stands under an OR or a NOT, so that the
    rows are not narrowed by it alone."""

    store: Store
    access: Access
    session: Session
    model: ModelTable
    table: sa.FromClause
    hops: int = 0
    loose: bool = False

    @property
    def schema(self) -> Schema:
        return self.store.schema

    @property
    def semantics(self) -> DomainSemantics:
        return self.store.schema.semantics

    @property
    def sql(self) -> Dialect:
        return self.store.sql

    @property
    def id(self) -> sa.ColumnElement[int]:
        return self.column(self.model.table.c.id)

    def column(self, column: sa.Column[Any]) -> sa.ColumnElement[Any]:
        """A column of the model's table, on this scope's alias of it."""
        if self.table is self.model.table or not isinstance(self.table, sa.Alias):
            return self.table.c[column.key]
        # All the columns of an alias would be made at once, of which a condition asks for one or two.
        found = sa.column(column.name, column.type)
        found.table = self.table
        return found

    def sudo(self) -> Scope:
        return self.as_session(self.session.sudo())

    def as_session(self, session: Session) -> Scope:
        return self if session is self.session else replace(self, session=session)

    def under_or(self) -> Scope:
        return self if self.loose else replace(self, loose=True)

    def on(self, model: str, session: Session) -> Scope:
        """A scope on another model's rows, one hop further. Raises Undecided where that leads too far."""
        if self.hops >= MAX_HOPS:
            raise Undecided(f"cannot be decided: the domain leads through more than {MAX_HOPS} models")
        table = self.schema.model(model)
        return Scope(self.store, self.access, session, table, table.table.alias(), self.hops + 1)

    def check(self, field: str) -> None:
        """Asks for the session's right to use a field of the model, unless it is a superuser's."""
        if not self.session.superuser:
            self.access.check_field(self.session, self.model.name, field)


@dataclass(frozen=True, slots=True)
class Found:
    """The records of a model that a search finds: the rows of `scope.table` where `where` holds.

    `empty`: none, and that is certain.
    """

    scope: Scope
    where: Condition
    empty: bool = False

    def select(self, column: sa.ColumnElement[Any] | None = None) -> sa.Select[Any]:
        """The ids, or another column of the found rows. It refers to nothing outside."""
        wanted = self.scope.id if column is None else column
        return sa.select(wanted).select_from(self.scope.table).where(self.where).correlate(None)


def unknown() -> Condition:
    """Neither true nor false: what a comparison with NULL is."""
    return sa.cast(sa.null(), sa.Boolean)


def member(scope: Scope, left: sa.ColumnElement[Any], found: sa.Select[Any], table: sa.Table) -> Condition:
    """`left` is one of what a query over `table` finds, in the shape that is fast where `scope` stands.

    Under an OR a database reads a small set first and asks an index for its members; a large one is better asked
    row by row. The database's own expectation says which it is.
    """
    beside = Beside.NOTHING
    if scope.loose and scope.sql.name == "postgresql":
        few = scope.store.size(table) <= SMALL or scope.store.expected(found) <= SMALL
        beside = Beside.FEW if few else Beside.MANY
    return scope.sql.selected(left, found, scope.table, beside=beside)


def stranger(scope: Scope, left: sa.ColumnElement[Any], found: sa.Select[Any]) -> Condition:
    """`left` is none of what a query finds. An unset `left` may be either."""
    column = next(iter(found.selected_columns))
    indexed = isinstance(column, sa.ColumnClause) and scope.store.indexed(column)
    return scope.sql.not_selected(left, found, scope.table, indexed=indexed)
