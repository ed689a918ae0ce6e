"""`child_of` and `parent_of`: the tree is worked out first, as superuser and with archived records.

Sources: `expression.parse` (`to_ids`, `child_of_domain`, `parent_of_domain`) of 17 and 18, `_operator_hierarchy` of
`orm/domains.py` (19).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ostiary.records.errors import Fails, Undecided
from ostiary.records.paths import path_ids
from ostiary.records.schema import Column, Inherited, Lines, Links
from ostiary.records.session import Session
from ostiary.records.sql import many2one, searching, terms, x2many
from ostiary.records.sql.columns import comodel_of, value_of
from ostiary.records.sql.dialects import Condition
from ostiary.records.sql.scope import Found, Scope
from ostiary.records.sql.values import is_unset, record_ids

MANY_ROOTS = 10_000
"""More records than this that a name means are not followed."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A part of a tree: below some paths, or some ids."""

    paths: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()

    def on(self, scope: Scope) -> Condition:
        """The rows of the scope that are part of it."""
        if self.paths:
            column = scope.column(scope.model.table.c.parent_path)
            return sa.or_(*[scope.sql.starts_with(column, path) for path in self.paths])
        if not self.ids:
            return sa.false()
        return scope.sql.among(scope.id, list(self.ids), sa.Integer())

    def found(self, scope: Scope, model: str) -> Found:
        """It as what a search of the superuser finds."""
        inner = scope.on(model, _superuser(scope))
        return Found(inner, self.on(inner))


def on_id(scope: Scope, operator: str, value: Any) -> Condition:
    """`('id', 'child_of', value)`."""
    model = scope.model.name
    ids = _ids(scope, model, scope.session, value)
    return sa.false() if not ids else _tree(scope, model, operator, ids, None).on(scope)


def on_many2one(scope: Scope, kind: Column, operator: str, value: Any) -> Condition:
    """On a many2one: of the model it leads to; of the record itself where it leads to its own model, by this very
    field."""
    model = comodel_of(kind)
    session = scope.session
    if scope.semantics.relation_context_for_names:
        session = session.with_active_test(False)
    ids = _ids(scope, model, session, value)
    if not ids:
        return sa.false()
    if model == scope.model.name:
        return _tree(scope, model, operator, ids, kind.name).on(scope)
    tree = _tree(scope, model, operator, ids, None)
    scope.check(kind.name)
    left = value_of(scope, kind)
    if tree.paths:
        return many2one.within(scope, left, tree.found(scope, model), negative=False)
    return scope.sql.among(left, list(tree.ids), sa.Integer()) if tree.ids else sa.false()


def on_x2many(scope: Scope, kind: Lines | Links, operator: str, value: Any) -> Condition:
    """On a one2many or many2many."""
    model = comodel_of(kind)
    session = x2many.session_of(scope, kind) if scope.semantics.relation_context_for_names else scope.session
    by_search = isinstance(kind, Links) and scope.semantics.hierarchy_asks_access
    ids = _ids(scope, model, session, value, search_ids=by_search)
    if not ids:
        return sa.false()
    if isinstance(kind, Lines) and model == scope.model.name:
        return _tree(scope, model, operator, ids, kind.name).on(scope)
    own = model == scope.model.name and scope.semantics.hierarchy_asks_access
    tree = _tree(scope, model, operator, ids, kind.name if own else None)
    if scope.semantics.equal_is_in:
        return _on_x2many_from_19(scope, kind, model, tree)
    if isinstance(kind, Lines):
        return x2many.condition(scope, kind, "in", tree.found(scope, model))
    found = searching.search(scope, model, session, also=tree.on)
    if model == scope.model.name and scope.semantics.self_links_hierarchy_is_own:
        return many2one.within(scope, scope.id, found, negative=False)
    return x2many.condition(scope, kind, "in", found)


def _on_x2many_from_19(scope: Scope, kind: Lines | Links, model: str, tree: Tree) -> Condition:
    if not tree.paths:
        return x2many.condition(scope, kind, "in", list(tree.ids))
    session = x2many.session_of(scope, kind)
    found = searching.search(scope, model, session, x2many.domain_of(kind), also=tree.on, rights=False)
    return x2many.condition(scope, kind, "in", found)


def _superuser(scope: Scope) -> Session:
    return scope.session.sudo().with_active_test(False)


# -- where it starts -------------------------------------------------------------------------------------------------


def _ids(scope: Scope, model: str, session: Session, value: Any, *, search_ids: bool = False) -> list[int]:
    """The records that are meant: ids as they are, names by a search with the session's rights."""
    if scope.semantics.hierarchy_asks_access:
        return _ids_from_19(scope, model, session, value, search_ids=search_ids)
    if isinstance(value, str) or (
        isinstance(value, list) and value and all(isinstance(one, str) for one in value)
    ):
        names = [value] if isinstance(value, str) else value
        return sorted({one for name in names for one in _by_name(scope, model, session, name)})
    if isinstance(value, int):
        return [int(value)] if value else []
    if not isinstance(value, list):
        raise Fails("TypeError", f"{value!r:.40} can't be the root of a tree")
    if scope.schema.model(model).parent_store and any(is_unset(one) for one in value):
        raise Fails("TypeError", "a record that is not set has no place in the tree")
    return record_ids([one for one in value if one])


def _ids_from_19(scope: Scope, model: str, session: Session, value: Any, *, search_ids: bool) -> list[int]:
    if value is False or value is None:
        return []
    if not isinstance(value, list | int | str):
        raise Fails("ValueError", f"Value of type {type(value).__name__} is not supported")
    values = value if isinstance(value, list) else [value]
    ids = [int(one) for one in values if isinstance(one, int)]
    names = [one for one in values if not isinstance(one, int)]
    kept = [] if search_ids else ids

    def wanted(inner: Scope) -> Condition:
        parts = [terms.field_condition(inner, "display_name", "ilike", name) for name in names]
        if search_ids and ids:
            parts.append(
                inner.sql.among(inner.id, record_ids([one for one in ids if one]) or [0], sa.Integer())
            )
        return sa.or_(sa.false(), *parts)

    found = searching.search(scope, model, session, also=wanted)
    return sorted({*kept, *(_found_roots(scope, found) if names or search_ids else [])} - {0})


def _by_name(scope: Scope, model: str, session: Session, name: str) -> list[int]:
    found = searching.search(
        scope, model, session, also=lambda inner: terms.field_condition(inner, "display_name", "ilike", name)
    )
    return _found_roots(scope, found)


def _found_roots(scope: Scope, found: Found) -> list[int]:
    rows = scope.store.rows(found.select().limit(MANY_ROOTS + 1))
    if len(rows) > MANY_ROOTS:
        raise Undecided(f"cannot be decided: a tree has more than {MANY_ROOTS:,} roots of that name")
    return [row[0] for row in rows]


# -- the tree ----------------------------------------------------------------------------------------------------------


def _tree(scope: Scope, model: str, operator: str, ids: Sequence[int], parent: str | None) -> Tree:
    """What is below (or above) some records. `parent` is the field that leads up, None for the model's own.

    Raises Fails where Odoo does: the model has no such field, or it leads to another model.
    """
    inner = scope.on(model, _superuser(scope))
    same = parent is None or parent == inner.model.parent_name
    by_path = inner.model.parent_store and (same or not scope.semantics.hierarchy_asks_access)
    link = None if by_path else parent or inner.model.parent_name
    later = scope.sql.later_tree(inner.model, ids, link, up=operator == "parent_of")
    if later is not None:
        return Tree(ids=tuple(later))
    if by_path:
        paths = _paths(inner, ids)
        if operator == "child_of":
            return Tree(paths=tuple(paths))
        return Tree(ids=tuple(sorted({one for path in paths for one in path_ids(path)})))
    name = parent or inner.model.parent_name
    _check_parent(inner, name, operator)
    if operator == "child_of":
        return Tree(ids=tuple(sorted(_below(scope, model, name, ids))))
    return Tree(ids=tuple(sorted(_above(scope, model, name, ids))))


def _paths(inner: Scope, ids: Sequence[int]) -> list[str]:
    if "parent_path" not in inner.model.table.c:
        raise Fails("KeyError", "parent_path")
    column = inner.column(inner.model.table.c.parent_path)
    where = inner.sql.among(inner.id, list(ids), sa.Integer())
    rows = inner.store.rows(sa.select(inner.id, column).where(where).order_by(inner.id))
    _check_missing(inner, ids, [row[0] for row in rows])
    if any(not row[1] for row in rows):
        raise Fails("TypeError", f"a record of {inner.model.name} has no place in the tree")
    return [str(row[1]) for row in rows]


def _check_missing(inner: Scope, ids: Sequence[int], there: Sequence[int]) -> None:
    if inner.semantics.hierarchy_fails_on_missing and not set(ids) <= set(there):
        raise Fails("MissingError", f"a record of {inner.model.name} does not exist or has been deleted")


def _check_parent(inner: Scope, name: str, operator: str) -> None:
    model = inner.model.name
    try:
        kind = inner.schema.field(model, name)
    except Fails:
        missing = "ValueError" if inner.semantics.hierarchy_asks_access else "KeyError"
        raise Fails(missing, f"{model} has no field {name}") from None
    if kind.comodel != model:
        if inner.semantics.hierarchy_asks_access:
            raise Undecided.computed(model, name, "leads out of the tree")
        if operator == "child_of":
            raise Fails("ValueError", f"Invalid parent field: {model}.{name}")
        raise Fails("TypeError", f"inconsistent models in: {kind.comodel} and {model}")


def _below(scope: Scope, model: str, name: str, ids: Sequence[int]) -> set[int]:
    seen: set[int] = set()
    level = list(dict.fromkeys(ids))
    while level:
        seen.update(level)
        inner = scope.on(model, _superuser(scope))
        where = terms.field_condition(inner, name, "in", level)
        level = [row[0] for row in scope.store.rows(Found(inner, where).select()) if row[0] not in seen]
    return seen


def _above(scope: Scope, model: str, name: str, ids: Sequence[int]) -> set[int]:
    seen: set[int] = set()
    level = list(dict.fromkeys(ids))
    first = True
    while level:
        seen.update(level)
        inner = scope.on(model, _superuser(scope))
        among = Found(inner, inner.sql.among(inner.id, level, sa.Integer()))
        if first:
            there = [row[0] for row in scope.store.rows(among.select())]
            _check_missing(inner, level, there)
            first = False
        rows = scope.store.rows(_values(inner, name, among))
        level = [one for one in dict.fromkeys(row[0] for row in rows) if one is not None and one not in seen]
    return seen


def _values(inner: Scope, name: str, among: Found) -> sa.Select[Any]:
    """What a relational field of some records holds, archived records too."""
    kind = inner.schema.field(inner.model.name, name)
    if isinstance(kind, Column):
        return among.select(value_of(inner, kind))
    if isinstance(kind, Links) and kind.own is not None and kind.other is not None:
        return sa.select(kind.other).where(kind.own.in_(among.select()))
    if isinstance(kind, Lines):
        lines = inner.on(inner.model.name, inner.session)
        inverse = inner.schema.field(lines.model.name, kind.inverse)
        if isinstance(inverse, Column):
            narrowed = searching.search_on(lines, x2many.domain_of(kind))
            return narrowed.select().where(value_of(lines, inverse).in_(among.select()))
    why = "is inherited" if isinstance(kind, Inherited) else "is computed by Python"
    raise Undecided.computed(inner.model.name, name, why)
