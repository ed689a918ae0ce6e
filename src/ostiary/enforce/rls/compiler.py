"""A compiled condition as the text of a policy: parameters as constants, what it reads as calls of functions.

A policy's own expression runs with the rights of whoever asks and under the policies of the tables it reads.
So every SELECT in it becomes a function of its own (`functions`), and the expression itself names only the
row's columns.
"""

# ruff: noqa: S608 - a script is text; names and values in it are quoted by `literals`
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, dialect
from sqlalchemy.dialects.postgresql.base import PGCompiler
from sqlalchemy.sql import visitors

from ostiary.enforce.rls.functions import Functions
from ostiary.enforce.rls.literals import constant
from ostiary.enforce.rls.literals import identifier as quoted
from ostiary.enforce.rls.placeholders import Placeholder, Placeholders
from ostiary.records.errors import Undecided
from ostiary.records.schema import ModelTable, Schema
from ostiary.records.sql.dialects import Beside, Condition, Expression, PostgreSQL

_RETURNS: tuple[tuple[type[sa.types.TypeEngine[Any]], str], ...] = (
    (sa.Boolean, "boolean"),
    (sa.BigInteger, "bigint"),
    (sa.Integer, "integer"),
)


class _Compiler(PGCompiler):
    """Writes parameters as what they are, and hands SELECTs on where the dialect says so."""

    dialect: _Dialect

    def visit_bindparam(self, bindparam: Any, *args: Any, **options: Any) -> str:
        value = bindparam.effective_value
        if bindparam.expanding:
            if not value:
                raise Undecided("cannot be decided: an empty list stands where SQL takes none")
            return "(" + ", ".join(self.dialect.script.scalar(one, None) for one in value) + ")"
        type_ = self.dialect.type_compiler_instance.process(bindparam.type)
        if isinstance(bindparam.type, ARRAY):
            return self.dialect.script.array(value, type_)
        return self.dialect.script.scalar(
            value, None if isinstance(bindparam.type, sa.types.NullType) else type_
        )

    def visit_table(self, table: Any, *args: Any, **options: Any) -> str:
        self.dialect.script.read.add(table.name)
        return str(super().visit_table(table, *args, **options))  # type: ignore[no-untyped-call]

    def visit_select(self, select_stmt: Any, *args: Any, **options: Any) -> str:
        if self.dialect.hoist is None:
            return str(super().visit_select(select_stmt, *args, **options))  # type: ignore[no-untyped-call]
        return self.dialect.hoist(select_stmt)


class _Dialect(dialect):  # type: ignore[misc, valid-type]
    statement_compiler = _Compiler

    def __init__(self, script: Renderer, hoist: Callable[[sa.Select[Any]], str] | None) -> None:
        super().__init__(paramstyle="named")
        self.script = script
        self.hoist = hoist
        place = script.place
        self.identifier_preparer.schema_for_object = lambda of: place if isinstance(of, sa.Table) else None


class Renderer:
    """Renders the conditions of one script. `place` is the schema that holds the tables; `read` are the names of
    those that its functions read."""

    def __init__(self, placeholders: Placeholders, functions: Functions, place: str) -> None:
        self.placeholders = placeholders
        self.functions = functions
        self.place = place
        self.read: set[str] = set()

    def condition(self, found: sa.ColumnElement[Any], table: sa.Table, about: str) -> str:
        """A condition on the rows of a table as the expression of a policy on it."""

        def hoist(select: sa.Select[Any]) -> str:
            for element in visitors.iterate(select):
                if isinstance(element, sa.Column) and element.table is table:
                    raise Undecided("cannot be decided: a rule reads other rows anew for each row")
            column = next(iter(select.selected_columns))
            returns = next((name for type_, name in _RETURNS if isinstance(column.type, type_)), None)
            if returns is None:
                raise Undecided("cannot be decided: a rule reads values that are no ids")
            kind, many = ("is", returns) if returns == "boolean" else ("ids", f"SETOF {returns}")
            return f"SELECT * FROM {self.functions.call(kind, many, self.select(select), about)}"

        return str(found.compile(dialect=_Dialect(self, hoist)))

    def select(self, select: sa.Select[Any]) -> str:
        """A SELECT as the body of a function."""
        return str(select.compile(dialect=_Dialect(self, None)))

    def scalar(self, value: object, type_: str | None) -> str:
        """A parameter that is one value."""
        if isinstance(value, str) and self.placeholders.within(value):
            return self._text(value)
        found = self.placeholders.find(value)
        if found is not None:
            if found.several:
                raise Undecided("cannot be decided: a list stands where one value belongs")
            return found.sql
        if isinstance(value, list | tuple):
            raise Undecided("cannot be decided: a list stands where one value belongs")
        said = constant(value)
        return said if type_ is None or value is None else f"{said}::{type_}"

    def array(self, values: Sequence[object], type_: str) -> str:
        """A parameter that is a list: the constants, and what the session's arrays add."""
        arrays = [found.sql for one in values if (found := self.placeholders.find(one)) and found.several]
        rest = [one for one in values if not ((found := self.placeholders.find(one)) and found.several)]
        parts = [f"{sql}::{type_}" for sql in arrays]
        if rest or not parts:
            parts.insert(0, "ARRAY[" + ", ".join(self.scalar(one, None) for one in rest) + f"]::{type_}")
        return "(" + " || ".join(parts) + ")"

    def _text(self, value: str) -> str:
        parts = [
            f"{piece.sql}::text" if isinstance(piece, Placeholder) else constant(piece)
            for piece in self.placeholders.pieces(value)
        ]
        return "(" + " || ".join(parts) + ")"


class Written(PostgreSQL):
    """The dialect that domains are compiled in for a script. A set is read at once whatever its size: asking
    another table for the row at hand is what a policy can't do."""

    def __init__(self, renderer: Renderer, schema: Schema) -> None:
        self.renderer = renderer
        self.schema = schema

    def selected(
        self, left: Expression, found: sa.Select[Any], of: sa.FromClause, *, beside: Beside = Beside.NOTHING
    ) -> Condition:
        chosen = beside if beside is Beside.FEW else Beside.NOTHING
        return super().selected(left, found, of, beside=chosen)

    def not_selected(
        self, left: Expression, found: sa.Select[Any], of: sa.FromClause, *, indexed: bool
    ) -> Condition:
        column = next(iter(found.selected_columns))
        return left.not_in(found.where(column.is_not(None)))

    def later_tree(
        self, model: ModelTable, ids: Sequence[int], link: str | None, *, up: bool
    ) -> Sequence[int] | None:
        """The ids as an array that a function works out."""
        self.renderer.read.add(model.table.name)
        table = f"{quoted(self.renderer.place)}.{quoted(model.table.name)}"
        roots = self.renderer.array(list(ids), "integer[]")
        if link is None:
            if "parent_path" not in model.table.c:
                raise Undecided(
                    f"cannot be decided: the table of {model.name} has no parent_path", model.name
                )
            body = _by_path(table, roots, up=up)
        else:
            body = _by_link(table, roots, self._link(model, link), up=up)
        above = "above" if up else "below"
        call = self.renderer.functions.call(
            "tree", "integer[]", body, f"what is {above} in the tree of {model.name}"
        )
        return [self.renderer.placeholders.number(f"(SELECT {call})", several=True)]

    def _link(self, model: ModelTable, name: str) -> str:
        kind = self.schema.field(model.name, name)
        column = getattr(kind, "column", None)
        if kind.type != "many2one" or kind.comodel != model.name or column is None:
            raise Undecided.computed(model.name, name, "leads up a tree in a way that is not written as SQL")
        return quoted(column.name)


def _by_path(table: str, roots: str, *, up: bool) -> str:
    if up:
        return (
            "SELECT coalesce(array_agg(DISTINCT step.id::integer), '{}')\n"
            f"  FROM {table} root, unnest(string_to_array(trim('/' FROM root.parent_path), '/')) step(id)\n"
            f" WHERE root.id = ANY ({roots})"
        )
    return (
        f"SELECT coalesce(array_agg(DISTINCT one.id), '{{}}')\n"
        f"  FROM {table} root JOIN {table} one ON one.parent_path LIKE root.parent_path || '%'\n"
        f" WHERE root.id = ANY ({roots})"
    )


def _by_link(table: str, roots: str, link: str, *, up: bool) -> str:
    step = (
        f"SELECT one.{link} FROM {table} one JOIN tree ON one.id = tree.id WHERE one.{link} IS NOT NULL"
        if up
        else f"SELECT one.id FROM {table} one JOIN tree ON one.{link} = tree.id"
    )
    return (
        f"WITH RECURSIVE tree(id) AS (\n  SELECT unnest({roots})\n  UNION\n  {step})\n"
        "SELECT coalesce(array_agg(tree.id), '{}') FROM tree"
    )
