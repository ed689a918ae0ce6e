"""Face: what one user may read of each mapped table, as a SELECT that stands in the table's place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ostiary.domain import Domain, Symbol, terms, value_to_odoo
from ostiary.enforce.errors import AccessError
from ostiary.enforce.orm import gate as gates
from ostiary.enforce.orm.compiler import refuse
from ostiary.enforce.orm.dialect import guarded
from ostiary.enforce.orm.functions import FUNCTIONS
from ostiary.enforce.orm.ties import Tie
from ostiary.policy import Mode, may_use
from ostiary.records.access import Access
from ostiary.records.selection import Selection
from ostiary.records.session import Session

if TYPE_CHECKING:
    from ostiary.enforce.orm.app import App

_TREES = frozenset({"child_of", "parent_of"})


@dataclass(frozen=True, slots=True)
class View:
    """What may be read of a table; `select` is None where that is all of it.

    `steady`: it rests on nothing in the database, so that it stays as it is. Otherwise it rests on what the rules of
    `models` come to; with `trees` also on which records are below which, and `mark` says what that came to.
    """

    select: sa.Select[Any] | None
    steady: bool
    models: tuple[tuple[str, Domain], ...]
    trees: bool
    mark: object


@dataclass(frozen=True, slots=True)
class Readable:
    """What a user's rules leave of a model: a condition on its shadow (None for all rows), and the domain it is made
    of. `steady` and `trees` as for View."""

    condition: sa.ColumnElement[bool] | None
    domain: Domain
    steady: bool
    trees: bool


class Face:
    """The tables as one user sees them. What it was asked for is kept, with all that was compiled on it."""

    def __init__(self, app: App, dialect: sa.Dialect, who: Session, functions: frozenset[str]) -> None:
        self.app = app
        self.who = who
        self.functions = functions
        self.dialect = guarded(dialect, self)
        self._views: dict[sa.Table, View] = {}

    # -- asked by the compiler -----------------------------------------------------------------------------

    def is_shadow(self, table: Any) -> bool:
        """Whether the table is one that rules are compiled against."""
        return getattr(table, "metadata", None) is self.app.schema.metadata

    def is_mapped(self, table: Any) -> bool:
        """Whether the table is tied to a model, or belongs to one that is."""
        ties = self.app.ties
        return isinstance(table, sa.Table) and (
            table in ties.tables or table in ties.links or table in ties.parts
        )

    def view(self, table: Any) -> sa.Select[Any] | None:
        """The SELECT in the table's place, None for a table that may be read as it is.

        Raises AccessError for a table that is tied to nothing, and where the user may not read its model.
        """
        if not self.is_mapped(table):
            raise refuse(f"table {table.name}, which is tied to no model,")
        return self._view(table).select

    def check_column(self, table: Any, name: str) -> None:
        """Raises AccessError where field groups keep the user from a column, or the column is no field."""
        if not self.is_mapped(table):
            raise refuse(f"column {name} of {table.name}, which is tied to no model,")
        tie = self.app.ties.tables.get(table)
        if tie is None:
            return
        column = next((one for one in table.c if one.name == name), None)
        field = tie.field_of(column) if column is not None else None
        if field is None:
            raise refuse(f"column {name} of {table.name}, which is mapped to no attribute,")
        if field != "id" and not may_use(self.app.policy, self.who.subject, tie.model, field):
            raise gates.working().by_field(tie.model, Mode.READ, field)

    def check_function(self, name: str) -> None:
        """Raises AccessError for a function that is not known to read no rows."""
        if name.lower() not in FUNCTIONS and name not in self.functions:
            raise AccessError(
                f"function {name} can't be guarded: name it in secure(..., functions=...) if it reads no rows.",
                kind="shape",
            )

    # -- made from rules -----------------------------------------------------------------------------------

    def _view(self, table: sa.Table) -> View:
        found = self._views.get(table)
        if found is None:
            gate = gates.working()
            if gate.face is not self:
                raise refuse("a statement of another session")
            found = self._views[table] = self._made(table, gate.access)
        return found

    def outdated(self, gate: gates.Gate) -> bool:
        """Whether something that was read for a view is no longer so."""
        waiting = [(table, view) for table, view in self._views.items() if not view.steady]
        return any(self._other(table, view, gate) for table, view in waiting)

    def _other(self, table: sa.Table, view: View, gate: gates.Gate) -> bool:
        if view.trees:
            return self._made(table, gate.access).mark != view.mark
        return any(gate.domain(model, Mode.READ) != domain for model, domain in view.models)

    def _made(self, table: sa.Table, access: Access) -> View:
        ties = self.app.ties
        shadow = self.app.schema.shadow(table)
        tie = ties.tables.get(table)
        columns = list(shadow.c)
        if tie is not None:
            found = [(tie, self._readable(tie, access))]
            columns = [shadow.c[name] for name in tie.fields if self._usable(tie, name)]
            conditions = [found[0][1].condition]
        else:
            ends = ties.links[table].ends if table in ties.links else _end(ties.parts[table])
            found = [(owner, self._readable(owner, access)) for _, owner in ends]
            conditions = [
                self._among(shadow.c[column.name], owner, one.condition)
                for (column, _), (owner, one) in zip(ends, found, strict=True)
            ]
        kept = [one for one in conditions if one is not None]
        select = None
        # Of a class's table the columns are always named: it may have others in the database, which no class maps.
        if kept or tie is not None:
            select = sa.select(*columns).select_from(shadow).where(*kept).correlate(None)
        steady = all(one.steady for _, one in found)
        trees = any(one.trees for _, one in found)
        models = tuple((owner.model, one.domain) for owner, one in found)
        return View(select, steady, models, trees, _mark(select) if trees and select is not None else None)

    def _usable(self, tie: Tie, field: str) -> bool:
        return field == "id" or bool(may_use(self.app.policy, self.who.subject, tie.model, field))

    def _readable(self, tie: Tie, access: Access) -> Readable:
        condition, domain = gates.working().condition(tie.model, Mode.READ, access)
        selection = access.selection(self.who, tie.model, Mode.READ)
        trees = any(term.operator in _TREES for term, _ in terms(domain, inner=True))
        steady = selection is not None and not trees and _steady(selection, self.who)
        return Readable(condition, domain, steady, trees)

    def _among(
        self, column: sa.ColumnElement[Any], owner: Tie, condition: sa.ColumnElement[bool] | None
    ) -> sa.ColumnElement[bool] | None:
        if condition is None:
            return None
        shadow = self.app.schema.shadow(owner.table)
        return column.in_(sa.select(shadow.c.id).select_from(shadow).where(condition).correlate(None))


def _end(part: tuple[Tie, sa.Column[Any]]) -> tuple[tuple[sa.Column[Any], Tie], ...]:
    """A subclass's table as links to what it belongs to."""
    owner, key = part
    return ((key, owner),)


def _steady(selection: Selection, who: Session) -> bool:
    given = {name for name, _ in who.given}
    return (
        all(
            not rule.whole and all(_fixed(symbol, given) for symbol in rule.symbols)
            for rule in (*selection.global_, *selection.group)
        )
        and not selection.parents
    )


def _fixed(symbol: Symbol, given: set[str]) -> bool:
    """Whether a name stands for the same as long as the session lives: no row is read for it."""
    if value_to_odoo(symbol) in given or symbol.root in ("company_id", "company_ids"):
        return True
    return symbol.root == "user" and tuple(symbol.path) in ((), ("id",), ("ids",))


def _mark(select: sa.Select[Any]) -> object:
    """What tells two conditions apart, with the values in them."""
    key = select._generate_cache_key()
    if key is None:
        return object()
    return (key.key, repr([bound.value for bound in key.bindparams]))


__all__ = ["Face", "View"]
