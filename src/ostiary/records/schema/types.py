"""The SQL type of a field's column."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from ostiary.policy import Field

_JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "boolean": sa.Boolean(),
    "integer": sa.Integer(),
    "float": sa.Float(),
    "monetary": sa.Numeric(asdecimal=False),
    "char": sa.Text(),
    "text": sa.Text(),
    "html": sa.Text(),
    "selection": sa.Text(),
    "reference": sa.Text(),
    "date": sa.Date(),
    "datetime": sa.DateTime(),
    "binary": sa.LargeBinary(),
    "image": sa.LargeBinary(),
    "many2one": sa.Integer(),
    "many2one_reference": sa.Integer(),
    "json": _JSON,
    "properties": _JSON,
    "properties_definition": _JSON,
}


def value_type(type_: str) -> sa.types.TypeEngine[Any]:
    """The type of one value of a field of this type; text for a type Ostiary doesn't know."""
    return _TYPES.get(type_, sa.Text())


def column_type(field: Field, stored: str | None = None) -> sa.types.TypeEngine[Any]:
    """The type of the field's column. `stored` is PostgreSQL's name for the type it really has, where known."""
    if stored in ("jsonb", "json") or (stored is None and field.company_dependent):
        return _JSON
    return value_type(field.type)
