"""One term: the kind of its field decides who writes it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from ostiary.domain import Subdomain, Term
from ostiary.policy import Field
from ostiary.policy.paths import field_of
from ostiary.records.errors import Fails
from ostiary.records.schema import Column, Inherited, Kind, Lines, Links
from ostiary.records.schema.declared import summarized
from ostiary.records.sql import computed, hierarchy, many2one, searching, special, tree, x2many
from ostiary.records.sql.columns import value_of
from ostiary.records.sql.dialects import Condition
from ostiary.records.sql.html import cleaned
from ostiary.records.sql.scalars import NEGATIVE, Scalar
from ostiary.records.sql.scope import Found, Scope, member
from ostiary.records.sql.values import DATES, RELATIONAL, X2MANY, python_value

HIERARCHY = ("child_of", "parent_of")


def term(scope: Scope, node: Term, *, negate: bool = False) -> Condition:
    """The condition of a term of a domain, or with `negate` of a `!` in front of it that stays one in SQL."""
    row = scope.semantics.operator(node.operator)
    if row is None or row.internal:
        raise Fails("ValueError", f"Invalid operator {node.operator!r:.40}")
    operator = row.same_as or row.name
    if isinstance(node.value, Subdomain):
        return field_condition(scope, node.path, operator, node.value, negate=negate)
    value = python_value(node.value)
    if not scope.semantics.equal_is_in:
        operator, value = _as_before_19(operator, value)
    return field_condition(scope, node.path, operator, value, negate=negate)


def field_condition(scope: Scope, path: str, operator: str, value: Any, *, negate: bool = False) -> Condition:
    """The condition `(path, operator, value)` on the rows of a scope.

    `path` is a field, or one that reads a part of a date or a property. `value` is a constant, a list, a
    Subdomain for `any` and `not any`, or for `in` and `not in` what a search found.
    """
    name, _, rest = path.partition(".")
    kind = scope.schema.field(scope.model.name, name)
    if scope.semantics.every_field_checked:
        scope.check(name)
    if isinstance(kind, Inherited):
        return _inherited(scope, kind, path, operator, value, negate=negate)
    found = _condition(scope, name, rest, operator, value)
    return tree.negation(scope, found) if negate else found


def path_condition(scope: Scope, path: Sequence[str], operator: str, value: Any) -> Condition:
    """The condition on the field at the end of a path: `any` for each step."""
    if len(path) == 1:
        return field_condition(scope, path[0], operator, value)
    rest = path[1:]
    return any_record(scope, path[0], lambda inner: path_condition(inner, rest, operator, value), rest[0])


def any_record(scope: Scope, name: str, also: searching.Also, mentioned: str = "") -> Condition:
    """Records for which some record of a relational field meets a condition; `mentioned` is the field it names."""
    kind = scope.schema.field(scope.model.name, name)
    if isinstance(kind, Inherited):
        inner = scope.on(_comodel_of_link(scope, kind.link), scope.session)
        return _through_link(scope, kind.link, Found(inner, any_record(inner, name, also, mentioned)))
    if kind.type in X2MANY:
        return x2many.any_of(scope, kind, x2many.Sub(also=also, mentioned=mentioned), negative=False)
    return many2one.any_of(scope, kind, x2many.Sub(also=also, mentioned=mentioned), negative=False)


def _condition(scope: Scope, name: str, rest: str, operator: str, value: Any) -> Condition:
    kind = scope.schema.field(scope.model.name, name)
    if name == "id" and operator in HIERARCHY:
        return hierarchy.on_id(scope, operator, value)
    if kind.type == "properties" and rest:
        return special.property_condition(scope, kind, rest, operator, value)
    if rest:
        if kind.type in DATES and isinstance(kind, Column):
            scope.check(name)
            return special.date_part(scope, kind, rest, operator, value)
        raise Fails("ValueError", f"Invalid field {kind.model}.{name}.{rest:.60}")
    if kind.type in RELATIONAL and scope.semantics.equal_is_in:
        normal = many2one.as_from_19(scope, name, operator, value)
        if normal is not None:
            return normal
    if operator in ("any", "not any"):
        return _any(scope, kind, operator, value)
    return _by_kind(scope, kind, operator, value)


def _any(scope: Scope, kind: Kind, operator: str, value: Any) -> Condition:
    if kind.type not in RELATIONAL:
        raise Fails("ValueError", f"Cannot use '{operator}' with non-relational fields")
    if not isinstance(value, Subdomain):
        raise Fails("ValueError", f"'{operator}' takes a domain")
    sub = x2many.Sub(domain=value.domain)
    chosen = x2many.any_of if kind.type in X2MANY else many2one.any_of
    return chosen(scope, kind, sub, negative=operator == "not any")


def _by_kind(scope: Scope, kind: Kind, operator: str, value: Any) -> Condition:
    if isinstance(kind, Lines | Links):
        return x2many.condition(scope, kind, operator, value)
    if not isinstance(kind, Column):
        return computed.condition(scope, kind, operator, value)
    if kind.type == "many2one":
        return many2one.condition(scope, kind, operator, value)
    scope.check(kind.name)
    if isinstance(value, Found):
        return many2one.within(scope, value_of(scope, kind), value, negative=operator in NEGATIVE)
    clean = partial(cleaned, _cleaning(scope, kind)) if kind.type == "html" else None
    scalar = Scalar(scope, value_of(scope, kind), kind.type, is_id=kind.name == "id", clean=clean)
    return scalar.condition(operator, value)


def _cleaning(scope: Scope, kind: Kind) -> Field | None:
    """The definition that says how values of an HTML field are cleaned; None where it wasn't read."""
    field = field_of(scope.schema.policy, kind.model, kind.name)
    return None if field is None or summarized(scope.schema, field) else field


def _inherited(
    scope: Scope, kind: Inherited, path: str, operator: str, value: Any, *, negate: bool
) -> Condition:
    """The parent's own field, on the record that the link leads to; neither right nor rule of the parent is asked."""
    inner = scope.on(_comodel_of_link(scope, kind.link), scope.session)
    where = field_condition(inner, path, operator, value, negate=negate)
    return _through_link(scope, kind.link, Found(inner, where))


def _comodel_of_link(scope: Scope, link: str) -> str:
    comodel = scope.schema.field(scope.model.name, link).comodel
    if comodel is None:
        raise Fails("KeyError", f"{scope.model.name}.{link} leads to no model")
    return comodel


def _through_link(scope: Scope, link: str, found: Found) -> Condition:
    kind = scope.schema.field(scope.model.name, link)
    scope.check(link)
    if not isinstance(kind, Column):
        raise Fails("ValueError", f"{scope.model.name}.{link} is not stored")
    return member(scope, value_of(scope, kind), found.select(), found.scope.model.table)


def _as_before_19(operator: str, value: Any) -> tuple[str, Any]:
    """`in` with a boolean as `=`, `=` with a list as `in` (`expression.normalize_leaf`)."""
    if isinstance(value, bool) and operator in ("in", "not in"):
        return ("=" if operator == "in" else "!="), value
    if isinstance(value, list) and operator in ("=", "!="):
        return ("in" if operator == "=" else "not in"), value
    return operator, value
