"""Terms on fields that are not stored: related fields, names, declared facts, and what only Python knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ostiary.domain import Domain, Not
from ostiary.records.errors import Fails, Undecided
from ostiary.records.schema import Column, Inherited, Kind, Python, Related, Through
from ostiary.records.schema import Condition as Declared
from ostiary.records.schema.kinds import Negative
from ostiary.records.sql import hierarchy, special, terms, tree
from ostiary.records.sql import searching as searches
from ostiary.records.sql.columns import comodel_of
from ostiary.records.sql.dialects import Condition
from ostiary.records.sql.methods import find
from ostiary.records.sql.scalars import NEGATIVE, POSITIVE
from ostiary.records.sql.scope import Found, Scope
from ostiary.records.sql.values import NUMBERS, TEXTS, is_unset


def condition(scope: Scope, kind: Kind, operator: str, value: Any) -> Condition:
    """A field that has no column, with any operator but `any` and `not any`. `value` may be what a search found."""
    if kind.name == "display_name":
        return by_name(scope, operator, value)
    if isinstance(kind, Related):
        if scope.semantics.related_follows_caller:
            return terms.path_condition(scope, kind.path, operator, value)
        return _related(scope, kind, operator, value)
    if isinstance(kind, Through):
        return _through(scope, kind, operator, value)
    if isinstance(kind, Declared):
        return _declared(scope, kind, operator, value)
    if special.is_attachment(scope, kind):
        return special.attachment(scope, kind, operator, value)
    if isinstance(kind, Python):
        if kind.unsearchable:
            return _unsearchable(scope, kind)
        method = find(scope, kind.name)
        if method is not None:
            return method(scope, operator, value)
        raise Undecided.computed(kind.model, kind.name, kind.why)
    raise Undecided.computed(kind.model, kind.name)


def _unsearchable(scope: Scope, kind: Kind) -> Condition:
    if scope.semantics.unsearchable_is_true:
        return sa.true()
    raise Fails(
        "ValueError", f"Field {kind.model}.{kind.name} has no SQL representation because it is not stored"
    )


# -- names ---------------------------------------------------------------------------------------------------------


def by_name(scope: Scope, operator: str, value: Any) -> Condition:
    """A term on `display_name`: the same term on each field that records of the model are named by.

    Source: `models._search_display_name`, `_name_search` in 17.
    """
    names = scope.schema.names(scope.model.name)
    if names.python:
        method = find(scope, "display_name")
        if method is None:
            raise Undecided(
                f"cannot be decided: how records of model {scope.model.name} are found by name is written in Python",
                scope.model.name,
                "display_name",
            )
        return method(scope, operator, value)
    if names.exact is not None and operator in ("=", "ilike") and value:
        exact = names.exact
        same = searches.search(
            scope,
            scope.model.name,
            scope.session,
            also=lambda inner: terms.field_condition(inner, exact, "=", value),
        )
        ids = [row[0] for row in scope.store.rows(same.select())]
        if ids:
            return scope.sql.among(scope.id, ids, sa.Integer())
    if names.below and operator.endswith("like"):
        found = searches.search(
            scope,
            scope.model.name,
            scope.session,
            also=lambda inner: by_fields(inner, names.search, operator, value),
        )
        ids = [row[0] for row in scope.store.rows(found.select())]
        return hierarchy.on_id(scope, "child_of", ids)
    return by_fields(scope, names.search, operator, value)


def by_fields(scope: Scope, fields: Sequence[str], operator: str, value: Any) -> Condition:
    """The same term on some fields or paths: on any of them, or on all for a negative operator."""
    if not fields:
        return sa.false()
    negative = operator in NEGATIVE
    if operator.endswith("like") and not value and "=" not in operator:
        return sa.false() if negative else sa.true()
    inside = scope if negative or len(fields) == 1 else scope.under_or()
    parts = [terms.path_condition(inside, path.split("."), operator, value) for path in fields]
    return sa.and_(*parts) if negative else sa.or_(*parts)


# -- related fields ------------------------------------------------------------------------------------------------


def _related(scope: Scope, kind: Related, operator: str, value: Any) -> Condition:
    """The end of the path, as superuser where the field is computed so (`Field._search_related`)."""
    negative = operator in NEGATIVE
    null = _is_null(scope, kind, value)
    if negative and not null and scope.semantics.equal_is_in:
        found = _related(scope, kind, POSITIVE[operator], value)
        return found.is_not(sa.true())
    through = scope.sudo() if kind.sudo else scope
    if not scope.semantics.equal_is_in:
        through = through.as_session(through.session.with_active_test(False))
    return _step(scope, through, kind.path, operator, value, or_unset=negative is not null)


def _is_null(scope: Scope, kind: Related, value: Any) -> bool:
    falsy: Any = None
    if scope.semantics.related_unset_by_falsy:
        falsy = 0 if kind.type in NUMBERS else "" if kind.type in TEXTS else False
    values = value if isinstance(value, list) else [value]
    if isinstance(value, Found):
        return False
    return any(is_unset(one) or (falsy is not None and one == falsy) for one in values)


def _step(
    scope: Scope, through: Scope, path: Sequence[str], operator: str, value: Any, *, or_unset: bool
) -> Condition:
    """`scope` is where the path starts, for whoever asks; `through` the session that follows it."""
    if len(path) == 1:
        return terms.field_condition(scope, path[0], operator, value)
    rest = path[1:]
    kind = scope.schema.field(scope.model.name, path[0])
    session = through.session

    def further(inner: Scope) -> Condition:
        return _step(inner, inner, rest, operator, value, or_unset=or_unset)

    if scope.semantics.equal_is_in:
        start = scope.as_session(session)
        matched = terms.any_record(start, path[0], further, rest[0])
    else:
        found = searches.search(scope, comodel_of(kind), session, also=further)
        matched = terms.field_condition(scope, path[0], "in", found)
    if not or_unset or kind.type != "many2one" or _required(scope, path[0]):
        return matched
    return sa.or_(matched, terms.field_condition(scope, path[0], "=", False))


def _required(scope: Scope, name: str) -> bool:
    kind = scope.schema.field(scope.model.name, name)
    while isinstance(kind, Inherited):
        link = scope.schema.field(kind.model, kind.link)
        kind = scope.schema.field(comodel_of(link), name)
    return isinstance(kind, Column) and kind.required


# -- declared facts ------------------------------------------------------------------------------------------------


def _through(scope: Scope, kind: Through, operator: str, value: Any) -> Condition:
    start = scope.sudo() if kind.sudo else scope
    paths = (kind.path, *kind.also)
    if operator in NEGATIVE and kind.negative is not Negative.INSIDE:
        if kind.negative is Negative.UNKNOWN:
            raise Undecided.computed(kind.model, kind.name, f"is searched for '{operator}' by Python")
        found = _through(scope, kind, POSITIVE[operator], value)
        return found.is_not(sa.true())
    inside = start if len(paths) == 1 else start.under_or()
    return sa.or_(*[terms.path_condition(inside, path, operator, value) for path in paths])


def _declared(scope: Scope, kind: Declared, operator: str, value: Any) -> Condition:
    if not kind.searched or kind.domain is None:
        return _unsearchable(scope, kind)
    wanted = _flags(kind, operator, value)
    if len(wanted) != 1:
        return sa.true() if wanted else sa.false()
    domain = _ground(scope, kind.domain)
    return tree.condition(scope.sudo(), domain if True in wanted else Not(domain))


def _flags(kind: Kind, operator: str, value: Any) -> set[bool]:
    """The values that a term on a boolean accepts. Raises Undecided for a term that its search method may not take."""
    values = value if isinstance(value, list) else [value]
    if operator not in ("=", "!=", "in", "not in") or not all(isinstance(one, bool) for one in values):
        raise Undecided.computed(kind.model, kind.name, f"is searched for '{operator}' by Python")
    wanted = set(values)
    return {True, False} - wanted if operator in NEGATIVE else wanted


def _ground(scope: Scope, domain: Domain) -> Domain:
    from ostiary.records.evaluate import evaluate
    from ostiary.records.memory import Reader

    return evaluate(Reader(scope.store), scope.session, domain)
