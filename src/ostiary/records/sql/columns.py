"""The value of a stored field as SQL."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ostiary.policy.paths import field_of
from ostiary.records.errors import Fails
from ostiary.records.schema import Column, Kind, Storage
from ostiary.records.schema.types import value_type
from ostiary.records.sql.dialects import Expression
from ostiary.records.sql.properties import property_value
from ostiary.records.sql.scope import Scope
from ostiary.records.sql.values import bound, converted

_LANGUAGE = "en_US"  # of a session without a language


def value_of(scope: Scope, kind: Column) -> Expression:
    """The field's value on the scope's rows: the English text of a translated field, the value of the session's
    company of a company-dependent one, with its default.

    Source: `models._field_to_sql`.
    """
    if kind.storage is Storage.PROPERTY or kind.column is None:
        return property_value(scope, kind)
    column = scope.column(kind.column)
    if kind.storage is Storage.TRANSLATED:
        return scope.sql.json_value(column, _LANGUAGE, sa.Text())
    if kind.storage is Storage.BY_COMPANY:
        return _of_company(scope, kind, column)
    return column


def _of_company(scope: Scope, kind: Column, column: Expression) -> Expression:
    company = scope.session.company
    key = str(company) if company is not None else "False"
    value = scope.sql.json_value(column, key, value_type(kind.type))
    default: Any = scope.store.fallback(kind.model, kind.name, company)
    if default in (None, 0):
        return value
    return sa.case(
        (scope.sql.json_missing(column, key), bound(kind.type, converted(kind.type, default))), else_=value
    )


def comodel_of(kind: Kind) -> str:
    """The model that the field leads to. Raises Fails where it names none."""
    if kind.comodel is None:
        raise Fails("KeyError", f"{kind.model}.{kind.name} leads to no model")
    return kind.comodel


def is_delegated(scope: Scope, name: str) -> bool:
    """Whether searching through a many2one asks for no access: the link of an `_inherits`, or `auto_join`
    (`bypass_search_access` in 19)."""
    definition = scope.schema.definition(scope.model.name)
    if name in definition.inherits.values():
        return True
    field = field_of(scope.schema.policy, scope.model.name, name)
    return field is not None and field.auto_join
