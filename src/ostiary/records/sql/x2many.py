"""Terms on a one2many or many2many that is stored: by ids, by name, by whether there is any, by a condition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ostiary.domain import TRUE, Domain, Literal, Term, conjunction
from ostiary.domain import Sequence as Values
from ostiary.records.errors import Fails, Undecided
from ostiary.records.schema import Column, Inherited, Kind, Lines, Links, Related
from ostiary.records.session import Session
from ostiary.records.sql import hierarchy, searching, terms, tree
from ostiary.records.sql.columns import comodel_of, value_of
from ostiary.records.sql.dialects import Condition
from ostiary.records.sql.scalars import NEGATIVE, POSITIVE
from ostiary.records.sql.scope import Found, Scope, member, stranger
from ostiary.records.sql.values import record_ids


@dataclass(frozen=True, slots=True)
class Sub:
    """What `any` asks of the other records: a domain, or a condition that names the field `mentioned`."""

    domain: Domain = TRUE
    also: searching.Also | None = None
    mentioned: str = ""

    def on(self, inner: Scope) -> Condition:
        found = tree.condition(inner, self.domain)
        return found if self.also is None else sa.and_(found, self.also(inner))


def session_of(scope: Scope, kind: Kind) -> Session:
    """The session in which the field's records are looked at: with the field's own context."""
    active = kind.active_test if isinstance(kind, Lines | Links) else None
    return scope.session if active is None else scope.session.with_active_test(active)


def domain_of(kind: Kind) -> Domain:
    """The field's own domain; with the model's name where lines hold that beside a number."""
    if not isinstance(kind, Lines | Links):
        return TRUE
    domain = kind.domain if kind.domain is not None else TRUE
    if isinstance(kind, Lines) and kind.model_field:
        domain = conjunction([domain, Term(kind.model_field, "=", Literal(kind.model))])
    return domain


def any_of(scope: Scope, kind: Kind, sub: Sub, *, negative: bool) -> Condition:
    """`any` and `not any`: a search of the comodel with the session's rights, or without where the field joins."""
    model = comodel_of(kind)
    session = session_of(scope, kind)
    joins = isinstance(kind, Lines | Links) and kind.auto_join
    domain = sub.domain
    if joins or scope.semantics.field_domain_narrows_any:
        domain = _both(domain, domain_of(kind))
    if sub.also is not None and sub.mentioned == scope.schema.model(model).active:
        # The term that is only there as SQL names `active`, so archived records are not left out for it.
        session = session.with_active_test(False)
    if joins and isinstance(kind, Links) and not scope.semantics.equal_is_in:
        raise Fails("NotImplementedError", f"auto_join attribute not supported on field {kind.name}")
    found = searching.search(scope, model, session, domain, also=sub.also, rights=not joins)
    operator = "not in" if negative else "in"
    if not isinstance(kind, Lines | Links):
        return terms.field_condition(scope, kind.name, operator, found)
    if joins or scope.semantics.equal_is_in:
        return _holds(scope, kind, found, negative=negative)
    return condition(scope, kind, operator, found)


def condition(scope: Scope, kind: Lines | Links, operator: str, value: Any) -> Condition:
    """Any operator but `any` and `not any`. `value` may be what a search found."""
    if operator in terms.HIERARCHY:
        return hierarchy.on_x2many(scope, kind, operator, value)
    if scope.semantics.equal_is_in and not isinstance(value, Found):
        return _in_set(scope, kind, operator, value)
    negative = operator in NEGATIVE
    if value is False:
        return _unset(scope, kind, negative=negative)
    if isinstance(value, str):
        found = _by_name(scope, kind, operator, value)
        return _holds_checked(scope, kind, found, negative=negative)
    if isinstance(value, Found):
        return _holds_checked(scope, kind, _again(scope, kind, value), negative=negative)
    values = value if isinstance(value, list) else [value]
    if isinstance(kind, Links):
        ids = record_ids([one for one in values if one])
        return _linked(scope, kind, ids, negative=negative)
    return _holds_checked(scope, kind, _lines_of(scope, kind, values), negative=negative)


# -- ids and names up to 18 ----------------------------------------------------------------------------------------


def _by_name(scope: Scope, kind: Lines | Links, operator: str, value: str) -> Found:
    asked = POSITIVE.get(operator, operator)
    session = session_of(scope, kind) if scope.semantics.relation_context_for_names else scope.session
    return searching.search(
        scope,
        comodel_of(kind),
        session,
        domain_of(kind),
        also=lambda inner: terms.field_condition(inner, "display_name", asked, value),
    )


def _lines_of(scope: Scope, kind: Lines, values: list[Any]) -> Found:
    """The lines with some ids, of which no right is asked."""
    inner = scope.on(comodel_of(kind), session_of(scope, kind))
    if _by_number(scope, kind):
        domain = Term("id", "in", Values(tuple([Literal(one) for one in values])))
        return searching.search(
            scope, comodel_of(kind), session_of(scope, kind), _both(domain, domain_of(kind))
        )
    ids = record_ids(values)
    if not ids:
        return Found(inner, sa.false(), empty=True)
    return Found(inner, inner.sql.among(inner.id, ids, sa.Integer()))


def _again(scope: Scope, kind: Lines | Links, found: Found) -> Found:
    """Lines that are told by a number beside their model are searched for once more, among those of the field."""
    if found.empty or not isinstance(kind, Lines) or not _by_number(scope, kind):
        return found

    def both(inner: Scope) -> Condition:
        return member(inner, inner.id, found.select(), found.scope.model.table)

    return searching.search(scope, comodel_of(kind), session_of(scope, kind), domain_of(kind), also=both)


def _holds_checked(scope: Scope, kind: Lines | Links, found: Found, *, negative: bool) -> Condition:
    if isinstance(kind, Lines) and not scope.semantics.every_field_checked:
        found.scope.as_session(scope.session).check(kind.inverse)
    return _holds(scope, kind, found, negative=negative)


def _by_number(scope: Scope, kind: Lines) -> bool:
    """Whether lines hold the record as a number beside its model, and the field narrows them."""
    inverse = scope.schema.field(comodel_of(kind), kind.inverse)
    return inverse.type in ("integer", "many2one_reference") and domain_of(kind) != TRUE


def _unset(scope: Scope, kind: Lines | Links, *, negative: bool) -> Condition:
    """`= False` and `!= False`. Rules of the comodel are not asked, archived links are links."""
    if isinstance(kind, Links):
        return _linked(scope, kind, None, negative=not negative)
    session = session_of(scope, kind)
    by_number = _by_number(scope, kind)
    if scope.semantics.one2many_unset_counts_archived and not by_number:
        session = session.with_active_test(False)
    domain = domain_of(kind) if by_number else TRUE
    found = searching.search(scope, comodel_of(kind), session, domain, rights=by_number)
    if not scope.semantics.every_field_checked:
        found.scope.as_session(scope.session).check(kind.inverse)
    return _holds(scope, kind, found, negative=not negative)


# -- from 19 on ----------------------------------------------------------------------------------------------------


def _in_set(scope: Scope, kind: Lines | Links, operator: str, value: Any) -> Condition:
    if operator not in ("=", "!=", "in", "not in"):
        raise Fails("AssertionError", f"Relational field {kind.name} expects the 'any' operator")
    negative = operator in NEGATIVE
    values = value if isinstance(value, list) else [value]
    if not values and operator in ("=", "!="):
        values = [False]
    if not values or (operator in ("in", "not in") and not isinstance(value, list) and not value):
        return sa.true() if negative else sa.false()
    given = [one for one in values if one is not False and one is not None]
    parts: list[Condition] = []
    session = scope.session.sudo().with_active_test(False)
    if len(given) < len(values):
        every = searching.search(scope, comodel_of(kind), session, domain_of(kind))
        parts.append(_holds(scope, kind, every, negative=not negative))
    if given:
        inner = scope.on(comodel_of(kind), session)
        where = inner.sql.among(inner.id, record_ids(given), sa.Integer())
        narrowed = tree.condition(inner, domain_of(kind))
        parts.append(_holds(scope, kind, Found(inner, sa.and_(where, narrowed)), negative=negative))
    return sa.and_(*parts) if negative else sa.or_(*parts)


# -- shapes --------------------------------------------------------------------------------------------------------


def _holds(scope: Scope, kind: Lines | Links, found: Found, *, negative: bool) -> Condition:
    """Whether one (or none) of the found records is among the field's."""
    if found.empty:
        return sa.true() if negative else sa.false()
    if isinstance(kind, Links):
        return _linked(scope, kind, found, negative=negative)
    owners = owners_of(scope, kind, found)
    if negative:
        return stranger(scope, scope.id, owners)
    return member(scope, scope.id, owners, found.scope.model.table)


def owners_of(scope: Scope, kind: Lines, found: Found) -> sa.Select[Any]:
    """The records that the found lines are of."""
    inner = found.scope
    inverse = scope.schema.field(inner.model.name, kind.inverse)
    if isinstance(inverse, Column):
        owner = value_of(inner, inverse)
        selected = found.select(owner)
        return selected if inverse.required else selected.where(owner.is_not(None))
    if isinstance(inverse, Inherited | Related):
        path = (inverse.link, kind.inverse) if isinstance(inverse, Inherited) else inverse.path
        joined = inner.table
        for index, name in enumerate(path):
            step = scope.schema.field(inner.model.name, name)
            if not isinstance(step, Column):
                break
            owner = value_of(inner, step)
            if index == len(path) - 1:
                chosen = sa.select(owner).select_from(joined).where(found.where, owner.is_not(None))
                return chosen.correlate(None)
            inner = inner.on(comodel_of(step), inner.session)
            joined = joined.join(inner.table, owner == inner.id)
    raise Undecided.computed(inner.model.name, kind.inverse, "is computed by Python")


def _linked(scope: Scope, kind: Links, to: Found | list[int] | None, *, negative: bool) -> Condition:
    """Whether there is a link (or none): to one of the found records, to one of some ids, or any at all."""
    if kind.own is None or kind.other is None:
        raise Undecided.computed(kind.model, kind.name, "has no table that was read")
    relation = kind.own.table
    table = relation.alias()
    own, other = table.c[kind.own.name], table.c[kind.other.name]
    links = sa.select(own)
    if isinstance(to, list):
        if not to:
            return sa.true() if negative else sa.false()
        links = links.where(scope.sql.among(other, to, sa.Integer()))
    elif to is not None:
        links = links.where(other.in_(to.select()))
    links = links.correlate(None)
    if negative:
        return stranger(scope, scope.id, links)
    return member(scope, scope.id, links, relation)


def _both(domain: Domain, other: Domain) -> Domain:
    return conjunction([part for part in (domain, other) if part != TRUE])
