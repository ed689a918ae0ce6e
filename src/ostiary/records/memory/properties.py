"""Company-dependent values of Odoo 17: rows of `ir_property`."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ostiary.records.schema import Column
from ostiary.records.store import Store

_COLUMNS = {
    "many2one": "value_reference",
    "char": "value_text",
    "text": "value_text",
    "html": "value_text",
    "selection": "value_text",
    "integer": "value_integer",
    "boolean": "value_integer",
    "float": "value_float",
    "monetary": "value_float",
    "date": "value_datetime",
    "datetime": "value_datetime",
    "binary": "value_binary",
}

_property = sa.table(
    "ir_property",
    *[sa.column(name) for name in ("fields_id", "company_id", "res_id", *sorted(set(_COLUMNS.values())))],
)
_fields = sa.table("ir_model_fields", sa.column("id"), sa.column("model"), sa.column("name"))


def property_rows(store: Store, kind: Column, company: int) -> tuple[Any, dict[int, Any]]:
    """The default of a field in a company and the values of single records (`ir.property._get_multi`).

    A row of the company goes before one of no company.
    """
    column = _property.c[_COLUMNS.get(kind.type, "value_text")]
    statement = (
        sa.select(_property.c.company_id, _property.c.res_id, column.label("value"))
        .join_from(_property, _fields, _fields.c.id == _property.c.fields_id)
        .where(_fields.c.model == kind.model, _fields.c.name == kind.name)
        .where(sa.or_(_property.c.company_id == company, _property.c.company_id.is_(None)))
    )
    rows = sorted(store.rows(statement), key=lambda row: row[0] is not None)
    default: Any = None
    values: dict[int, Any] = {}
    for row in rows:
        owner, found = row.res_id, _value(kind.type, row.value)
        if not owner:
            default = found
        elif (number := str(owner).rpartition(",")[2]).isdecimal():
            values[int(number)] = found
    return default, values


def _value(type_: str, value: Any) -> Any:
    if value is None:
        return None
    if type_ == "many2one":
        number = str(value).rpartition(",")[2]
        return int(number) if number.isdecimal() else None
    if type_ == "boolean":
        return bool(value)
    if type_ == "date":
        return value.date()
    return value
