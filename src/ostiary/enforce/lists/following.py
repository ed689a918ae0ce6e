"""Stored values of a model and of what its links lead to, as SQL to order and group by: `models._field_to_sql`.

No right and no rule of the models on the way is asked, only field groups, as Odoo does it.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import sqlalchemy as sa

from ostiary.records.errors import Fails, Undecided
from ostiary.records.schema import Column, Inherited, Kind, Python, Related
from ostiary.records.session import Session
from ostiary.records.sql.columns import comodel_of, value_of
from ostiary.records.sql.scope import Scope

Expression: TypeAlias = sa.ColumnElement[Any]

MAX_DEPTH = 16
"""How many related fields may rest on one another."""


class Joined:
    """How a query gets at what many2ones lead to: by LEFT JOINs, each once. `source` is what it then selects from."""

    def __init__(self, scope: Scope) -> None:
        self.source: sa.FromClause = scope.table
        self._made: dict[tuple[sa.FromClause, str], Scope] = {}

    def to(self, scope: Scope, name: str, comodel: str, session: Session, link: Expression) -> Scope:
        """The rows that the many2one `name` of the scope's rows leads to; `link` is its value."""
        key = (scope.table, name)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = scope.on(comodel, session)
            self.source = self.source.outerjoin(found.table, found.id == link)
        return found.as_session(session)


def stored(way: Joined, scope: Scope, name: str, depth: int = 0) -> Expression:
    """The value of a field on the scope's rows.

    Raises Refused (`field`) where field groups keep the session from it, Fails (`ValueError`) where Odoo has no SQL
    for it (a computed field, a one2many), Undecided where that can't be known.
    """
    if depth > MAX_DEPTH:
        raise Undecided.computed(scope.model.name, name, "is related to others without end")
    kind = scope.schema.field(scope.model.name, name)
    # Odoo asks for the groups of the field at the end of the path only; for those of a related field itself it
    # doesn't, which would tell its values by their order.
    scope.check(name)
    match kind:
        case Column():
            return value_of(scope, kind)
        case Inherited(link=link):
            return _along(way, scope, kind, (link, name), depth)
        case Related(path=path, sudo=sudo):
            if not (sudo or scope.session.superuser):
                raise no_sql(kind, "is neither computed as superuser nor inherited")
            return _along(way, scope.sudo(), kind, path, depth)
    if isinstance(kind, Python) and _is_stored(scope, name):
        raise Undecided.computed(kind.model, name, kind.why)
    raise no_sql(kind, "is not stored in a column")


def beyond(way: Joined, scope: Scope, name: str, depth: int = 0) -> Scope:
    """The rows that a many2one leads to. Raises as `stored` does."""
    kind = scope.schema.field(scope.model.name, name)
    return way.to(scope, name, comodel_of(kind), scope.session, stored(way, scope, name, depth))


def _along(way: Joined, scope: Scope, kind: Kind, path: tuple[str, ...], depth: int) -> Expression:
    if len(path) == 1:
        return stored(way, scope, path[0], depth + 1)
    step = scope.schema.field(scope.model.name, path[0])
    if step.type != "many2one":
        raise no_sql(kind, f"is related through {path[0]}, which is no many2one")
    found = beyond(way, scope, path[0], depth + 1)
    return _along(way, found, kind, path[1:], depth)


def _is_stored(scope: Scope, name: str) -> bool:
    """Whether the class says that the field has a column, or that was not read."""
    field = scope.schema.definition(scope.model.name).fields.get(name)
    return name != "display_name" and (
        field is None or (field.store and field.type not in ("one2many", "many2many"))
    )


def no_sql(kind: Kind, why: str) -> Fails:
    return Fails("ValueError", f"Cannot convert {kind.model}.{kind.name} to SQL because it {why}")
