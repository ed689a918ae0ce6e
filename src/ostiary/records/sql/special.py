"""Terms on parts of dates, on properties and on attachments."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from ostiary.policy.paths import field_of
from ostiary.records.errors import Fails, RecordsError, Undecided
from ostiary.records.schema import Column, Kind
from ostiary.records.sql.columns import value_of
from ostiary.records.sql.dialects import Condition
from ostiary.records.sql.scalars import NEGATIVE, Scalar
from ostiary.records.sql.scope import Found, Scope, stranger
from ostiary.records.sql.values import text_of

_PROPERTY_OPERATORS = frozenset(
    ["=", "!=", ">", ">=", "<", "<=", "in", "not in", "like", "ilike", "not like", "not ilike"]
)
_DAYS = 7


def date_part(scope: Scope, kind: Column, part: str, operator: str, value: Any) -> Condition:
    """`create_date.month_number`: a number that is compared; what is unset has none."""
    if part not in scope.semantics.date_parts:
        raise Fails("ValueError", f"the granularity {part:.40} is not supported")
    left = scope.sql.date_part(value_of(scope, kind), part)
    if part == "day_of_week":
        left = (_DAYS - _first_day(scope) + sa.cast(left, sa.Integer)) % _DAYS
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in values):
        raise Undecided.computed(kind.model, f"{kind.name}.{part}", "is compared with no number")
    if operator not in ("=", "!=", "<", "<=", ">", ">=", "in", "not in"):
        raise Fails("KeyError", operator)
    number = Scalar(scope, left, "float")
    number.falsy = None
    number.number = False
    if operator in ("in", "not in") or (scope.semantics.equal_is_in and operator in ("=", "!=")):
        among = scope.sql.not_among if operator in NEGATIVE else scope.sql.among
        return among(left, [float(one) for one in values], sa.Float()) if values else sa.literal(False)
    right = sa.literal(float(values[0]), sa.Float)
    if operator == "=":
        return left == right
    return left != right if operator == "!=" else number.condition(operator, float(values[0]))


def _first_day(scope: Scope) -> int:
    """On which day a week starts for a session without a language: Monday is 1, Sunday 7."""
    try:
        language = scope.schema.model("res.lang").table
        rows = scope.store.rows(sa.select(language.c.week_start).where(language.c.code == "en_US"))
    except (RecordsError, AttributeError):
        return _DAYS
    return int(rows[0][0]) if rows and rows[0][0] else _DAYS


def property_condition(scope: Scope, kind: Kind, name: str, operator: str, value: Any) -> Condition:
    """A property, by its key in a JSON object. Only PostgreSQL compares as Odoo does."""
    if "." in name:
        raise Fails("ValueError", f"Wrong path {kind.name}.{name:.60}")
    if operator not in _PROPERTY_OPERATORS:
        raise Fails("ValueError", f"Wrong search operator {operator!r}")
    if not name or not all(char.isalnum() or char == "_" for char in name):
        raise Fails("ValueError", f"Wrong property name {name!r:.60}")
    if not isinstance(kind, Column) or scope.sql.name != "postgresql" or scope.semantics.equal_is_in:
        raise Undecided.computed(kind.model, f"{kind.name}.{name}", "is a property")
    scope.check(kind.name)
    object_ = value_of(scope, kind)
    key = sa.bindparam(None, name, type_=sa.Text)
    json_type = kind.column.type if kind.column is not None else sa.JSON()
    raw = object_.op("->", return_type=json_type)(key)
    if (isinstance(value, bool) or value is None) and operator in ("=", "!="):
        unset = (operator == "=") is not bool(value)
        compared = _json(raw, "=" if unset else "!=", False)
        has_key = object_.op("?", return_type=sa.Boolean())(key)
        return sa.or_(compared, object_.is_(None), sa.not_(has_key)) if unset else compared
    if operator in ("in", "not in"):
        compared = _json(raw, "<@" if isinstance(value, list) else "@>", value)
        return sa.not_(compared) if operator == "not in" else compared
    if isinstance(value, str):
        text = object_.op("->>", return_type=sa.Text())(key)
        if operator.endswith("like"):
            pattern = f"%{text_of(value)}%" if operator.endswith("ilike") else text_of(value)
            matched = scope.sql.like(text, pattern, fold=operator.endswith("ilike"))
            return sa.not_(matched) if operator in NEGATIVE else matched
        right = sa.bindparam(None, text_of(value), type_=sa.Text)
        return text.op(operator, return_type=sa.Boolean())(right)
    return _json(raw, operator, value)


def _json(left: sa.ColumnElement[Any], operator: str, value: Any) -> Condition:
    right = sa.cast(sa.bindparam(None, json.dumps(value), type_=sa.Text), left.type)
    return left.op("<>" if operator == "!=" else operator, return_type=sa.Boolean())(right)


def is_attachment(scope: Scope, kind: Kind) -> bool:
    """Whether the field is a stored binary whose content is an attachment."""
    if kind.type not in ("binary", "image") or isinstance(kind, Column):
        return False
    field = field_of(scope.schema.policy, kind.model, kind.name)
    return field is not None and field.store


def attachment(scope: Scope, kind: Kind, operator: str, value: Any) -> Condition:
    """Only whether there is one can be asked; anything else Odoo takes for TRUE."""
    values = value if isinstance(value, list) else [value]
    asked = operator in ("=", "!=") or (scope.semantics.equal_is_in and operator in ("in", "not in"))
    if not asked or any(values):
        return sa.true()
    inner = scope.on("ir.attachment", scope.session.sudo())
    at = inner.table.c
    where = sa.and_(at.res_model == kind.model, at.res_field == kind.name, at.res_id.is_not(None))
    owners = Found(inner, where).select(at.res_id)
    if operator in NEGATIVE:
        return scope.id.in_(owners)
    return stranger(scope, scope.id, owners)
