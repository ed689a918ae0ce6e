"""The table of a model: Odoo's own where a catalog says what there is, else as Ostiary creates it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ostiary.policy import Field, Kind, Model
from ostiary.policy.fields import AUTOMATIC
from ostiary.records.errors import Undecided
from ostiary.records.schema.types import column_type

if TYPE_CHECKING:
    from ostiary.records.schema.schema import Schema

# What Odoo accepts as the name of a table or column (`check_pg_name`).
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]{0,62}")


def table_of(schema: Schema, model: Model) -> sa.Table:
    """The model's table with the columns of its stored fields.

    Two models may share a table, and a model's table may be the relation table of a many2many: what a table lacks
    for this model is then added to it. Raises Undecided where there is none that can be read: an abstract model, one
    whose rows Python makes, a view where there is no database.
    """
    name = name_of(model)
    if model.kind is Kind.ABSTRACT:
        raise Undecided(f"cannot be decided: model {model.name} is abstract and has no records", model.name)
    made = not schema.catalog.has(name, "id") if schema.catalog else model.table_query or not model.auto
    if made:
        raise Undecided(f"cannot be decided: the rows of model {model.name} are made by Python", model.name)
    if schema.catalog is None and not is_name(name):
        raise Undecided(f"cannot be decided: no table can be called as model {model.name} is", model.name)
    columns = dict(_columns(schema, model, name))
    table = schema.metadata.tables.get(name)
    if table is None:
        id_ = sa.Column("id", sa.Integer, primary_key=True)
        return sa.Table(
            name, schema.metadata, id_, *(sa.Column(key, type_) for key, type_ in columns.items())
        )
    if "id" not in table.c:
        table.append_column(sa.Column("id", sa.Integer, primary_key=True))
    for key, type_ in columns.items():
        if key not in table.c:
            table.append_column(sa.Column(key, type_))
    return table


def _columns(schema: Schema, model: Model, table: str) -> Iterator[tuple[str, sa.types.TypeEngine[Any]]]:
    """The columns of a model but `id`, and their types."""
    catalog = schema.catalog
    automatic = {
        name: sa.DateTime() if name.endswith("_date") else sa.Integer()
        for name in AUTOMATIC
        if model.log_access and name not in ("id", "display_name")
    }
    for field in model.fields.values():
        automatic.pop(field.name, None)
        if field.name == "id" or not is_column(field):
            continue
        if catalog is None and is_name(field.name):
            yield field.name, column_type(field, None)
        elif catalog is not None and catalog.has(table, field.name):
            yield field.name, column_type(field, catalog.type_of(table, field.name))
    for name, type_ in automatic.items():
        if catalog is None or catalog.has(table, name):
            yield name, type_
    stored = model.parent_store and "parent_path" not in model.fields
    if stored and (catalog is None or catalog.has(table, "parent_path")):
        yield "parent_path", sa.Text()


def name_of(model: Model) -> str:
    """What the model's table is called."""
    return model.table or model.name.replace(".", "_")


def is_name(name: str) -> bool:
    """Whether Odoo lets a table or column be called so."""
    return _NAME.fullmatch(name) is not None


def is_column(field: Field) -> bool:
    """Whether the field's value is in a column of its model's table."""
    return field.store and not field.inherited and field.type not in ("one2many", "many2many")


def link_columns(
    schema: Schema, model: Model, field: Field
) -> tuple[sa.Column[object], sa.Column[object]] | str:
    """The columns of a many2many's relation table that hold this record and the other one.

    Where there are none, what finishes the sentence `field X of model Y ...`.
    """
    assert field.comodel
    own_table = name_of(model)
    comodel = schema.policy.models.get(field.comodel)
    other_table = name_of(comodel) if comodel else field.comodel.replace(".", "_")
    name = field.relation_table or "{}_{}_rel".format(*sorted((own_table, other_table)))
    own, other = field.relation_columns or (f"{own_table}_id", f"{other_table}_id")
    if own == other:
        return f"links {model.name} with itself by one column"
    if schema.catalog is None:
        if not all(is_name(one) for one in (name, own, other)):
            return "has a relation table that can't be called so"
    else:
        found = _really(dict(schema.catalog.tables.get(name, {})), own, other)
        if isinstance(found, str):
            return found.format(table=name)
        own, other = found
    table = schema.metadata.tables.get(name)
    if table is None:
        table = sa.Table(name, schema.metadata)
    for column in (own, other):
        if column not in table.c:
            table.append_column(sa.Column(column, sa.Integer))
    return table.c[own], table.c[other]


def _really(columns: dict[str, str], own: str, other: str) -> tuple[str, str] | str:
    """The two columns among those there are: as declared, or one as declared and the only other number there is."""
    if not columns:
        return "is in the relation table {table}, which is not there"
    if own in columns and other in columns:
        return own, other
    numbers = [name for name, type_ in columns.items() if type_ in ("int4", "int8")]
    rest = [name for name in numbers if name not in (own, other)]
    if len(rest) == 1 and len(numbers) == 2:
        if own in numbers:
            return own, rest[0]
        if other in numbers:
            return rest[0], other
    return f"is in the relation table {{table}}, which lacks its columns {own} and {other}"
