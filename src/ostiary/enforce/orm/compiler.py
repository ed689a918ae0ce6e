"""The compiler of a guarded connection: every mapped table in a FROM is the part of it that the user may read.

`FROM orders` becomes `FROM (SELECT ... FROM orders WHERE <rules>) AS orders`, wherever it stands: in joins, subqueries,
CTEs, `EXISTS`, relationship loads, an `INSERT ... SELECT`. Databases take such a subquery apart again, so that the plan
is that of a condition written by hand. What can't be covered so is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql import dml, visitors
from sqlalchemy.sql.compiler import IdentifierPreparer, SQLCompiler

from ostiary.enforce.errors import AccessError
from ostiary.enforce.orm.functions import is_collation, is_name, is_operator, is_plain_text, reads

if TYPE_CHECKING:
    from ostiary.enforce.orm.face import Face


def refuse(what: str) -> AccessError:
    """The error for a statement that can't be guarded."""
    return AccessError(
        f"{what} can't be guarded: write it with mapped classes, or say bypass(session, reason=...) around it.",
        kind="shape",
    )


_ROWS = ("old", "new", "excluded")
"""What PostgreSQL calls the rows of a change."""


class Guarding(SQLCompiler):
    """Mixed in before the compiler of a dialect. `dialect.face` says what of each table may be read."""

    @property
    def _face(self) -> Face:
        face: Face = self.dialect.face  # type: ignore[attr-defined]
        return face

    def process(self, obj: Any, **kwargs: Any) -> str:
        if obj is self.statement:
            _only_known(obj)
        return super().process(obj, **kwargs)

    # -- tables and columns --------------------------------------------------------------------------------

    def visit_table(self, table: Any, asfrom: bool = False, iscrud: bool = False, **kwargs: Any) -> Any:  # type: ignore[override]
        if not asfrom or iscrud or self._face.is_shadow(table):
            return super().visit_table(table, asfrom=asfrom, iscrud=iscrud, **kwargs)  # type: ignore[no-untyped-call]
        view = self._face.view(table)
        if view is None:
            return super().visit_table(table, asfrom=asfrom, iscrud=iscrud, **kwargs)  # type: ignore[no-untyped-call]
        linter, enclosing = kwargs.get("from_linter"), kwargs.get("enclosing_alias")
        if linter:
            linter.froms[table] = table.fullname
        text = f"({self._inner(view, literal_binds=kwargs.get('literal_binds', False))})"
        if enclosing is None or enclosing.element is not table:
            text += self.get_render_as_alias_suffix(self.preparer.quote(table.name))  # type: ignore[no-untyped-call]
        return text

    def _inner(self, view: sa.Select[Any], *, literal_binds: bool) -> str:
        """The SELECT of what may be read of a table: a query of its own, whatever stands around it."""
        entry: Any = {"correlate_froms": set(), "asfrom_froms": set(), "selectable": view}
        self.stack.append(entry)
        try:
            return view._compiler_dispatch(self, asfrom=True, literal_binds=literal_binds)
        finally:
            self.stack.pop()

    def visit_column(self, column: Any, *args: Any, **kwargs: Any) -> Any:
        if column.is_literal and not is_plain_text(column.name):
            raise refuse("SQL in text (literal_column)")
        table = column.table
        while isinstance(table, sa.Alias):
            table = table.element
        if isinstance(table, sa.TableClause) and not self._face.is_shadow(table):
            self._face.check_column(table, column.name)
        if table is not None and kwargs.get("include_table") is False:
            self._check_bare(column)
        if table is None:
            self._check_loose(column.name, literal=column.is_literal)
        elif not isinstance(table, sa.TableClause):
            self._check_borrowed(str(getattr(column.table, "name", "")))
        return super().visit_column(column, *args, **kwargs)

    def _check_loose(self, name: str, *, literal: bool) -> None:
        """Refuses, in a statement that changes rows, a name that stands for no table's column: there it is one of the
        table that is changed, which is the whole of it."""
        changes = [isinstance(entry["selectable"], dml.UpdateBase) for entry in self.stack]
        if any(changes) and (not literal or (changes[-1] and name.strip() == "*")):
            raise refuse(f"{name}, which is no column of a mapped class, in a change")

    def _check_bare(self, column: Any) -> None:
        """Refuses, where a statement that changes rows names columns without their tables, those of another one."""
        for entry in self.stack:
            changed = entry["selectable"]
            if not isinstance(changed, dml.UpdateBase) or column.table in {changed.table}:
                continue
            if entry is self.stack[-1]:
                raise refuse(f"{column.name}, which is no column of what is changed,")
            for own in changed.table.c:
                if own.name.lower() == str(column.name).lower():
                    self._face.check_column(changed.table, own.name)

    def _check_borrowed(self, name: str) -> None:
        """Refuses, in a statement that changes rows, a subquery that goes by the name of the table that is changed:
        where it isn't in FROM, its columns are that table's."""
        for entry in self.stack:
            if isinstance(entry["selectable"], dml.UpdateBase):
                target = getattr(entry["selectable"].table, "name", "")
                if name.lower() in {str(target).lower(), *_ROWS}:
                    raise refuse(f"a subquery that is called {name} in a change")

    def visit_table_valued_column(self, element: Any, **kwargs: Any) -> Any:
        table = element.scalar_alias
        while isinstance(table, sa.Alias):
            table = table.element
        if isinstance(table, sa.TableClause):
            raise refuse(f"a whole row of {table.name} as a value")
        return super().visit_table_valued_column(element, **kwargs)  # type: ignore[no-untyped-call]

    def visit_collation(self, element: Any, **kwargs: Any) -> Any:
        if not is_collation(str(element.collation)):
            raise refuse("a collation that is no word")
        return super().visit_collation(element, **kwargs)  # type: ignore[no-untyped-call]

    def visit_cte(self, cte: Any, *args: Any, **kwargs: Any) -> Any:
        if str(cte.name).lower() in self._face.app.names:
            # The conditions of rules name tables too, and would find this in their place.
            raise refuse(f"a CTE that is called as the table {cte.name}")
        return super().visit_cte(cte, *args, **kwargs)

    # -- what isn't a table --------------------------------------------------------------------------------

    def visit_textclause(self, textclause: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_plain_text(textclause.text) or not self.stack:
            raise refuse("SQL in text")
        if textclause.text.strip() == "*":
            self._check_loose("*", literal=True)
        return super().visit_textclause(textclause, *args, **kwargs)  # type: ignore[no-untyped-call]

    def visit_textual_select(self, taf: Any, *args: Any, **kwargs: Any) -> Any:
        raise refuse("SQL in text")

    def visit_tstring(self, tstring: Any, *args: Any, **kwargs: Any) -> Any:
        raise refuse("SQL in text")

    def visit_function(self, func: Any, *args: Any, **kwargs: Any) -> Any:
        self._face.check_function(".".join([*func.packagenames, func.name]))
        return super().visit_function(func, *args, **kwargs)

    def visit_sequence(self, sequence: Any, **kwargs: Any) -> Any:
        if not getattr(self, "isinsert", False):
            raise refuse(f"sequence {sequence.name}")
        return super().visit_sequence(sequence, **kwargs)  # type: ignore[no-untyped-call]

    def visit_custom_op_binary(self, element: Any, operator: Any, **kwargs: Any) -> Any:
        _check_operator(operator)
        return super().visit_custom_op_binary(element, operator, **kwargs)  # type: ignore[no-untyped-call]

    def visit_custom_op_unary_operator(self, element: Any, operator: Any, **kwargs: Any) -> Any:
        _check_operator(operator)
        return super().visit_custom_op_unary_operator(element, operator, **kwargs)  # type: ignore[no-untyped-call]

    def visit_custom_op_unary_modifier(self, element: Any, operator: Any, **kwargs: Any) -> Any:
        _check_operator(operator)
        return super().visit_custom_op_unary_modifier(element, operator, **kwargs)  # type: ignore[no-untyped-call]

    def visit_extract(self, extract: Any, **kwargs: Any) -> Any:
        if not is_name(str(extract.field)):
            raise refuse("a part of a date that is no word")
        return super().visit_extract(extract, **kwargs)  # type: ignore[no-untyped-call]

    def visit_typeclause(self, typeclause: Any, **kwargs: Any) -> Any:
        text = super().visit_typeclause(typeclause, **kwargs)  # type: ignore[no-untyped-call]
        if reads(text):
            raise refuse("a type written in SQL")
        return text

    def get_statement_hint_text(self, hint_texts: Any) -> str:
        raise refuse("a hint in text")

    def format_from_hint_text(self, sqltext: Any, table: Any, hint: Any, iscrud: Any) -> str:
        raise refuse("a hint in text")

    # -- statements that change rows -----------------------------------------------------------------------

    def visit_insert(self, insert_stmt: Any, *args: Any, **kwargs: Any) -> Any:
        self._alone("insert")
        return super().visit_insert(insert_stmt, *args, **kwargs)  # type: ignore[no-untyped-call]

    def visit_update(self, update_stmt: Any, *args: Any, **kwargs: Any) -> Any:
        self._alone("update")
        return super().visit_update(update_stmt, *args, **kwargs)

    def visit_delete(self, delete_stmt: Any, *args: Any, **kwargs: Any) -> Any:
        self._alone("delete")
        return super().visit_delete(delete_stmt, *args, **kwargs)  # type: ignore[no-untyped-call]

    def _alone(self, what: str) -> None:
        if self.stack:
            raise refuse(f"an {what}() inside another statement".replace("an delete", "a delete"))


class Quoting(IdentifierPreparer):
    """Mixed in before the preparer of a dialect: a name that says it needs no quotes has to be one."""

    def quote(self, ident: Any) -> Any:
        if getattr(ident, "quote", None) is False and not is_name(str(ident)):
            raise refuse("a name that is SQL (quote=False)")
        return super().quote(ident)


def _check_operator(operator: Any) -> None:
    if not is_operator(operator.opstring):
        raise refuse("an operator written in SQL")


def _only_known(statement: Any) -> None:
    """Refuses expressions whose SQL an application writes itself (`@compiles`): nobody knows what they read."""
    for one in visitors.iterate(statement):
        if hasattr(type(one), "_compiler_dispatcher"):
            raise refuse(f"{type(one).__name__}, which writes its own SQL,")


__all__ = ["Guarding", "Quoting", "refuse"]
