"""The order of a search: `_order` and `order=` as SQL.

Source: `models._order_to_sql`, `_order_field_to_sql` (18; 17 where the semantics say so). A many2one orders by the
order of its model, whose rights and rules aren't asked; field groups are, there too. What isn't set comes last, and
first where the order is descending, on every database as on PostgreSQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from ostiary.enforce.lists.following import Expression, Joined, beyond, stored
from ostiary.records.errors import Fails, Undecided
from ostiary.records.schema import Column, Inherited
from ostiary.records.sql.columns import comodel_of
from ostiary.records.sql.scope import Found, Scope

MAX_TERMS = 200
"""How many terms an order may come to. Orders of models that many2ones lead to count as well."""
MAX_LENGTH = 10_000

_PART = re.compile(
    r"\s*(?P<term>(?P<field>[a-z0-9_]+|\"[a-z0-9_]+\")(?:\.(?P<property>[a-z0-9_]+))?(?::[a-z_]+)?)"
    r"(?:\s+(?P<direction>desc|asc))?(?:\s+nulls (?P<nulls>first|last))?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an order as it is written: `term` is all but the direction, `nulls` is `first`, `last` or empty."""

    term: str
    field: str
    property: str
    descending: bool
    nulls: str

    def turned(self) -> Part:
        """The other way round."""
        nulls = {"first": "last", "last": "first", "": ""}[self.nulls]
        return replace(self, descending=not self.descending, nulls=nulls)


@dataclass(frozen=True, slots=True)
class Ordered:
    """A value that rows are put in order by."""

    value: Expression
    descending: bool = False
    nulls: str = ""
    always_set: bool = False

    def rendered(self, dialect: str) -> Expression:
        """As it stands in ORDER BY; SQLite, for which what isn't set is smallest, is told where it goes."""
        found = self.value.desc() if self.descending else self.value.asc()
        nulls = self.nulls
        if not nulls and dialect != "postgresql" and not self.always_set:
            nulls = "first" if self.descending else "last"
        if not nulls:
            return found
        return found.nulls_first() if nulls == "first" else found.nulls_last()


def found_in_order(found: Found, order: str | None = None, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """The ids that a search found, and other columns, in an order (or the model's own, where none is given).

    Raises Refused (`field`) where field groups keep the session from a field, Fails (`UserError` for a text that is
    no order, `ValueError` for a field that can't be ordered by), Undecided where only Odoo would tell.
    """
    way = Joined(found.scope)
    terms = [one.rendered(found.scope.store.dialect) for one in ordered(way, found.scope, order)]
    return sa.select(found.scope.id, *columns).select_from(way.source).where(found.where).order_by(*terms)


def ordered(way: Joined, scope: Scope, order: str | None = None) -> list[Ordered]:
    """What rows are put in order by. Raises as `found_in_order` does."""
    found: list[Ordered] = []
    for one in _terms(way, scope, order, reverse=False, seen=frozenset()):
        found.append(one)
        if len(found) > MAX_TERMS:
            raise Undecided(
                f"cannot be decided: the order of {scope.model.name} comes to more than {MAX_TERMS} terms"
            )
    return found


def parts(order: str) -> list[Part]:
    """The parts of an order. Raises Fails (`UserError`) for a text that is none."""
    found = []
    for text in order.split(",") if len(order) <= MAX_LENGTH else [""]:
        match = _PART.fullmatch(text)
        if match is None:
            raise Fails(
                "UserError",
                f"Invalid order {order[:100]!r}: give field names with commas between them, each with asc or desc "
                "behind it where that matters",
            )
        direction, nulls = (match["direction"] or "").lower(), (match["nulls"] or "").lower()
        found.append(Part(match["term"], match["field"], match["property"] or "", direction == "desc", nulls))
    return found


_Seen = frozenset[tuple[str, str]]


def _terms(way: Joined, scope: Scope, order: str | None, *, reverse: bool, seen: _Seen) -> Iterator[Ordered]:
    for part in parts(order or scope.schema.definition(scope.model.name).order):
        yield from _field(way, scope, part.turned() if reverse else part, seen)


def _field(way: Joined, scope: Scope, part: Part, seen: _Seen) -> Iterator[Ordered]:
    kind = scope.schema.field(scope.model.name, part.field)
    if kind.type == "properties" and part.property:
        raise Undecided.computed(kind.model, kind.name, "is ordered by one of its properties")
    by_id = kind.type == "many2one" and part.property == "id" and not _is_17(scope)
    if part.property and not by_id:
        raise Fails("ValueError", f"Invalid field {kind.model}.{part.field}.{part.property}")
    if _is_17(scope) and not _is_sortable(scope, part.field):
        # It is only warned of in the log.
        scope.check(part.field)
        return
    if kind.type == "many2one":
        yield from _many2one(way, scope, part, seen, by_id=by_id)
        return
    value = stored(way, scope, part.field)
    if kind.type == "boolean":
        value = sa.func.coalesce(value, sa.false())
    always = kind.type == "boolean" or (kind.name == "id" and isinstance(kind, Column))
    yield Ordered(value, part.descending, part.nulls, always_set=always)


def _many2one(way: Joined, scope: Scope, part: Part, seen: _Seen, *, by_id: bool) -> Iterator[Ordered]:
    """By the order of the model it leads to. One that is met again further on is left out."""
    kind = scope.schema.field(scope.model.name, part.field)
    key = (kind.model, kind.name)
    if key in seen:
        return
    order = "id" if by_id else _order_of(scope, comodel_of(kind))
    link = stored(way, scope, part.field)
    if order == "id":
        yield Ordered(link, part.descending, part.nulls)
        return
    if part.nulls:
        unset = link.is_not(None) if part.nulls == "first" else link.is_(None)
        yield Ordered(unset, always_set=True)
    found = beyond(way, scope, part.field)
    for one in _terms(way, found, order, reverse=part.descending, seen=seen | {key}):
        yield replace(one, always_set=False)


def _order_of(scope: Scope, model: str) -> str:
    """The order of a model that a many2one leads to."""
    definition = scope.schema.definition(model)
    if _is_17(scope) and definition.rec_name:
        try:
            parts(definition.order)
        except Fails:
            return definition.rec_name
    return definition.order


def _is_17(scope: Scope) -> bool:
    """Whether only columns order: 17 leaves any other field out, and knows no order by the id of a many2one."""
    return scope.semantics.related_follows_caller


def _is_sortable(scope: Scope, name: str) -> bool:
    """Whether a field is a column of its model or of one that it inherits from (`_inherits`)."""
    kind = scope.schema.field(scope.model.name, name)
    for _ in range(len(scope.schema.policy.models)):
        if not isinstance(kind, Inherited):
            break
        kind = scope.schema.field(comodel_of(scope.schema.field(kind.model, kind.link)), name)
    return isinstance(kind, Column)
