"""Terms on a many2one: by id, by name, by a condition on the record it leads to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from ostiary.domain import Subdomain
from ostiary.records.errors import Fails
from ostiary.records.schema import Column, Kind
from ostiary.records.session import Session
from ostiary.records.sql import hierarchy, searching, terms, tree, x2many
from ostiary.records.sql.columns import comodel_of, is_delegated, value_of
from ostiary.records.sql.dialects import Condition, Expression
from ostiary.records.sql.scalars import INEQUALITIES, NEGATIVE, POSITIVE, Scalar
from ostiary.records.sql.scope import Found, Scope, member, stranger
from ostiary.records.sql.values import X2MANY


def condition(scope: Scope, kind: Column, operator: str, value: Any) -> Condition:
    """A stored many2one with any operator but `any` and `not any`. `value` may be what a search found."""
    if isinstance(value, Found):
        scope.check(kind.name)
        return within(scope, value_of(scope, kind), value, negative=operator in NEGATIVE)
    if operator in terms.HIERARCHY:
        return hierarchy.on_many2one(scope, kind, operator, value)
    if _is_named(value):
        return _by_name(scope, kind, operator, value)
    scope.check(kind.name)
    return Scalar(scope, value_of(scope, kind), "many2one").condition(operator, value)


def within(scope: Scope, left: Expression, found: Found, *, negative: bool) -> Condition:
    """`left` is (or is not) one of the found records. What is unset is neither."""
    if found.empty:
        return sa.true() if negative else sa.false()
    if negative:
        return stranger(scope, left, found.select())
    return member(scope, left, found.select(), found.scope.model.table)


def any_of(scope: Scope, kind: Kind, sub: x2many.Sub, *, negative: bool) -> Condition:
    """`any` and `not any`: a search of the comodel with the session's rights, archived records included."""
    model = comodel_of(kind)
    session = beyond(scope)
    if isinstance(kind, Column) and is_delegated(scope, kind.name):
        return _delegated(scope, kind, model, session, sub, negative=negative)
    inner = session.with_active_test(False)
    if not scope.semantics.archived_beyond_many2one:
        found = _unfiltered(scope, model, scope.session, sub)
    else:
        found = searching.search(scope, model, inner, sub.domain, also=sub.also)
    if not isinstance(kind, Column):
        taken = terms.field_condition(scope, kind.name, "not in" if negative else "in", found)
        return sa.or_(taken, terms.field_condition(scope, kind.name, "=", False)) if negative else taken
    scope.check(kind.name)
    left = value_of(scope, kind)
    matched = within(scope.under_or() if negative else scope, left, found, negative=negative)
    return sa.or_(matched, left.is_(None)) if negative else matched


def beyond(scope: Scope) -> Session:
    """The session in which what a many2one leads to is looked at."""
    if scope.semantics.archived_beyond_many2one:
        return scope.session.with_active_test(False)
    return scope.session


def as_from_19(scope: Scope, name: str, operator: str, value: Any) -> Condition | None:
    """A term on a relational field as 19 rewrites it first: empty values, names; None where it stays as it is."""
    if isinstance(value, Found | Subdomain):
        return None
    if operator == "=?":
        return terms.field_condition(scope, name, "=", value) if value else sa.true()
    positive = POSITIVE.get(operator, operator)
    negative = positive != operator
    if operator.endswith("like"):
        if not value:
            unset = negative is not ("=" in operator)
            return terms.field_condition(scope, name, "=" if unset else "!=", False)
        return _named(scope, name, positive, str(value), negative=negative)
    if operator in INEQUALITIES and isinstance(value, str):
        raise Fails("TypeError", "Inequality not supported for relational field using a string")
    if positive not in ("=", "in"):
        return None
    values = value if isinstance(value, list) else [value]
    names = [one for one in values if isinstance(one, str)]
    if not names:
        return None
    found = _named(scope, name, "in", names, negative=negative)
    others = [one for one in values if not isinstance(one, str)]
    if not others:
        return found
    rest = terms.field_condition(scope, name, "not in" if negative else "in", others)
    return sa.and_(found, rest) if negative else sa.or_(found, rest)


def _named(scope: Scope, name: str, operator: str, value: Any, *, negative: bool) -> Condition:
    kind = scope.schema.field(scope.model.name, name)
    sub = x2many.Sub(also=lambda inner: terms.field_condition(inner, "display_name", operator, value))
    chosen = x2many.any_of if kind.type in X2MANY else any_of
    return chosen(scope, kind, sub, negative=negative)


def _is_named(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(one, str) for one in value)
    return isinstance(value, str)


def _by_name(scope: Scope, kind: Column, operator: str, value: Any) -> Condition:
    """A text, or a list of texts: records found by their name, up to 18."""
    if operator in INEQUALITIES:
        operator = "in"
    if not isinstance(value, list):
        operator = {"in": "=", "not in": "!="}.get(operator, operator)
    else:
        operator = {"=": "in", "!=": "not in"}.get(operator, operator)
    negative = operator in NEGATIVE
    complement = scope.semantics.negated_name_is_complement
    asked = POSITIVE[operator] if negative and complement else operator
    found = searching.search(
        scope,
        comodel_of(kind),
        scope.session.with_active_test(False),
        also=lambda inner: terms.field_condition(inner, "display_name", asked, value),
    )
    scope.check(kind.name)
    left = value_of(scope, kind)
    if not negative:
        return within(scope, left, found, negative=False)
    return sa.or_(within(scope.under_or(), left, found, negative=complement), left.is_(None))


def _unfiltered(scope: Scope, model: str, session: Session, sub: x2many.Sub) -> Found:
    """A search that leaves no archived record out, in a session that would (from 19 on)."""
    if not session.active_test:
        return searching.search(scope, model, session, sub.domain, also=sub.also)

    def seen(inner: Scope) -> Condition:
        back = inner.as_session(replace(inner.session, active_test=True))
        parts = [tree.condition(back, sub.domain)]
        if sub.also is not None:
            parts.append(sub.also(back))
        return sa.and_(*parts)

    if searching.is_false(sub.domain):
        return searching.search(scope, model, session, sub.domain)
    return searching.search(scope, model, session.with_active_test(False), also=seen)


def _delegated(
    scope: Scope, kind: Column, model: str, session: Session, sub: x2many.Sub, *, negative: bool
) -> Condition:
    """Through a link that asks for no access. Up to 18 that is a LEFT JOIN: a record without a link is compared as
    one whose link leads to nothing but NULLs, and `not` keeps what is unknown out."""
    scope.check(kind.name)
    left = value_of(scope, kind)
    inner = scope.on(model, session)
    where = sub.on(inner)
    if scope.semantics.not_includes_unknown:
        found = Found(inner, where)
        if negative:
            return sa.or_(within(scope.under_or(), left, found, negative=True), left.is_(None))
        return within(scope, left, found, negative=False)
    if negative:
        return sa.or_(
            left.is_(None), within(scope.under_or(), left, Found(inner, sa.not_(where)), negative=False)
        )
    matched = within(scope, left, Found(inner, where), negative=False)
    if kind.required:
        return matched
    nothing = scope.on(model, session)
    row = sa.select(sub.on(nothing)).select_from(
        sa.select(sa.literal(1).label("one")).subquery().outerjoin(nothing.table, sa.false())
    )
    return sa.or_(matched, sa.and_(left.is_(None), row.correlate(None).scalar_subquery()))
