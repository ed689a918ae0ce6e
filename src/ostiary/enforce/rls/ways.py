"""What rules read from the user (`user.partner_id.commercial_partner_id.id`) as SELECTs over the tables.

Read as superuser with an emptied context, as `records.symbols` reads it: archived records are left out of
x2many values and kept behind a many2one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ostiary.records.errors import Undecided
from ostiary.records.schema import Column, Inherited, Kind, Lines, Links, Related
from ostiary.records.sql import searching, x2many
from ostiary.records.sql.columns import comodel_of, value_of
from ostiary.records.sql.scope import Found, Scope

MAX_HOPS = 12
"""How many fields one value may lead through."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where a path from the user has come to: a SELECT of one column.

    `model` is the model whose ids it gives, None for plain values of `type`. `single`: at most one row.
    `hops` counts the fields on the way.
    """

    select: sa.Select[Any]
    model: str | None
    type: str = "many2one"
    single: bool = True
    hops: int = 0


def start(scope: Scope, model: str, ids: list[int], *, single: bool) -> Way:
    """The way that begins with some records."""
    inner = scope.on(model, scope.session)
    if single:
        return Way(sa.select(inner.id).where(inner.id == sa.bindparam(None, ids[0], type_=sa.Integer)), model)
    return Way(sa.select(inner.id).where(inner.sql.among(inner.id, ids, sa.Integer())), model, single=False)


def further(scope: Scope, way: Way, field: str) -> Way:
    """The way one field on. Raises Undecided where only Python reads the field, Fails where there is none."""
    if way.model is None:
        raise Undecided(
            f"cannot be decided: {field} is read from a plain value, which is only known by running it"
        )
    if way.hops >= MAX_HOPS:
        raise Undecided(f"cannot be decided: a value of a rule leads through more than {MAX_HOPS} fields")
    kind = scope.schema.field(way.model, field)
    if isinstance(kind, Inherited):
        return further(scope, further(scope, way, kind.link), kind.name)
    if isinstance(kind, Related) and kind.sudo:
        return _along(scope, way, kind)
    if isinstance(kind, Column):
        return _column(scope, way, kind)
    if isinstance(kind, Links):
        return _links(scope, way, kind)
    if isinstance(kind, Lines):
        return _lines(scope, way, kind)
    raise Undecided.computed(kind.model, kind.name, "is read by Python")


def _along(scope: Scope, way: Way, kind: Related) -> Way:
    """A related field, over many2one fields only: through lists Odoo takes the first."""
    for name in kind.path:
        if not way.single:
            raise Undecided.computed(kind.model, kind.name, "leads through several records")
        way = further(scope, way, name)
    return way


def _column(scope: Scope, way: Way, kind: Column) -> Way:
    inner = scope.on(kind.model, scope.session)
    value = value_of(inner, kind)
    select = sa.select(value).where(inner.id.in_(way.select), value.is_not(None))
    if kind.type == "many2one":
        return Way(select, comodel_of(kind), single=way.single, hops=way.hops + 1)
    if not way.single:
        raise Undecided.computed(kind.model, kind.name, "is read from several records")
    return Way(select, None, kind.type, hops=way.hops + 1)


def _links(scope: Scope, way: Way, kind: Links) -> Way:
    if kind.own is None or kind.other is None:
        raise Undecided.computed(kind.model, kind.name, "has no table that was read")
    found = _shown(scope, kind, comodel_of(kind))
    table = kind.own.table.alias()
    select = sa.select(table.c[kind.other.name]).where(
        table.c[kind.own.name].in_(way.select), table.c[kind.other.name].in_(found.select())
    )
    return Way(select, kind.comodel, single=False, hops=way.hops + 1)


def _lines(scope: Scope, way: Way, kind: Lines) -> Way:
    model = comodel_of(kind)
    inverse = scope.schema.field(model, kind.inverse)
    if not isinstance(inverse, Column):
        raise Undecided.computed(model, kind.inverse, "is no column")
    found = _shown(scope, kind, model)
    select = found.select().where(value_of(found.scope, inverse).in_(way.select))
    return Way(select, model, single=False, hops=way.hops + 1)


def _shown(scope: Scope, kind: Kind, model: str) -> Found:
    """The records that an x2many field shows: of its own domain, without archived ones."""
    domain = x2many.domain_of(kind)
    return searching.search(scope, model, x2many.session_of(scope, kind), domain)
