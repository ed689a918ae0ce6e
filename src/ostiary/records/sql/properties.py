"""Company-dependent fields of 17, whose values are rows of `ir_property`."""

from __future__ import annotations

import sqlalchemy as sa

from ostiary.records.errors import Undecided
from ostiary.records.schema import Column
from ostiary.records.sql.dialects import Expression
from ostiary.records.sql.scope import Scope

_VALUE = {
    "char": "value_text",
    "text": "value_text",
    "html": "value_text",
    "selection": "value_text",
    "float": "value_float",
    "boolean": "value_integer",
    "integer": "value_integer",
    "many2one": "value_reference",
    "date": "value_datetime",
    "datetime": "value_datetime",
}


def property_value(scope: Scope, kind: Column) -> Expression:
    """The value for the session's company: the record's own row, else the row for all records.

    Source: `ir.property._get_multi` and `search_multi` of 17: rows of the company before those of none. Raises
    Undecided where the tables were not read.
    """
    where = kind.name
    column = _VALUE.get(kind.type)
    if column is None:
        raise Undecided.computed(kind.model, where, f"is a company-dependent {kind.type}")
    rows = scope.schema.model("ir.property").table.alias()
    fields = scope.schema.model("ir.model.fields").table.alias()
    name = sa.bindparam(None, f"{kind.model},", type_=sa.Text)
    own = (
        sa.select(_typed(kind, rows.c[column]))
        .select_from(rows)
        .join(fields, rows.c.fields_id == fields.c.id)
    )
    own = own.where(
        fields.c.model == kind.model,
        fields.c.name == kind.name,
        sa.or_(rows.c.company_id.is_(None), rows.c.company_id == scope.session.company),
        sa.or_(rows.c.res_id.is_(None), rows.c.res_id == name + sa.cast(scope.id, sa.Text)),
    )
    # The record's own row first, then one of the company.
    own = own.order_by(rows.c.res_id.is_(None), rows.c.company_id.is_(None), rows.c.id).limit(1)
    return own.correlate(scope.table).scalar_subquery()


def _typed(kind: Column, value: Expression) -> Expression:
    if kind.type == "many2one":
        start = len(kind.comodel or "") + 2  # after `model,`
        return sa.cast(sa.func.substr(value, start), sa.Integer)
    if kind.type == "boolean":
        return value != 0
    return sa.cast(value, sa.Date) if kind.type == "date" else value
