"""Tables of Ostiary's own for a Policy read from source, and rows in them.

They are laid out as Odoo's, but for two things: translated texts are plain, and a company-dependent field holds a JSON
object of values by company in every version. For SQLite and PostgreSQL. Tables that are not Ostiary's own are never
made or written to: a schema with a catalog is refused.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from ostiary.policy.rules import parents_of
from ostiary.records.errors import Fails, Undecided
from ostiary.records.schema import Column, Inherited, Kind, Lines, Links, ModelTable, Schema, Storage
from ostiary.records.schema.tables import name_of

# A parent that has a parent ... is not followed for ever.
_MAX_PARENTS = 20


def create_tables(schema: Schema, connection: sa.Connection, models: Iterable[str] | None = None) -> None:
    """Make the tables of the models (of all that have records, where none are named) and of what they link to.

    Indexed are many2one columns, both columns of a relation table, whose pairs are unique, and `parent_path`.
    """
    _own_only(schema)
    for name in schema.policy.models if models is None else models:
        _declare(schema, name)
    _complete(schema)
    for table in list(schema.metadata.tables.values()):
        if "id" not in table.c and not table.constraints - {table.primary_key}:
            table.append_constraint(sa.UniqueConstraint(*table.c))
    schema.metadata.create_all(connection)


def _declare(schema: Schema, name: str) -> None:
    """Put the model's table, those of its many2many fields, and their indexes into the schema's metadata."""
    definition = schema.definition(name)
    try:
        model = schema.model(name)
    except Undecided:
        return  # Abstract, or made by Python: there is no table to make.
    indexed = {column.name for index in model.table.indexes for column in index.columns}
    for field in definition.fields:
        kind = schema.field(name, field)
        if isinstance(kind, Links):
            assert kind.own is not None
            assert kind.other is not None
            if "id" not in kind.own.table.c and not kind.own.table.indexes:
                sa.Index(None, kind.own)
                sa.Index(None, kind.other)
        elif isinstance(kind, Column) and kind.column is not None and field not in indexed:
            _index(kind, kind.column)


def _complete(schema: Schema) -> None:
    """Give a relation table that is a model's table too all the columns of that model."""
    for name, model in schema.policy.models.items():
        table = schema.metadata.tables.get(name_of(model))
        if table is not None and "id" not in table.c:
            with contextlib.suppress(Undecided):
                schema.model(name)


def _index(kind: Column, column: sa.Column[object]) -> None:
    if kind.type == "many2one" or column.name == "parent_path":
        sa.Index(None, column)


def insert(schema: Schema, connection: sa.Connection, model: str, values: Mapping[str, Any]) -> int:
    """Make a record as it would lie in the database, and return its id.

    `values` are plain values, ids for a many2one, lists of ids for an x2many, and mappings of values by company id
    for a company-dependent field. Dates may be texts. Values of `_inherits` parents go to a parent that is made, or
    to the one whose link is given. Nothing is computed, converted or checked: what is not given is NULL, but for
    `active`, which is true, and `parent_path`.
    """
    _own_only(schema)
    return _insert(schema, connection, model, dict(values), ())


def _insert(
    schema: Schema, connection: sa.Connection, name: str, values: dict[str, Any], path: tuple[str, ...]
) -> int:
    if len(path) > _MAX_PARENTS or name in path:
        raise Fails("ValueError", f"the parents of {name} lead back to itself")
    model = schema.model(name)
    kinds = {field: schema.field(name, field) for field in values}
    if model.active and model.active not in values and model.active in model.table.c:
        kinds[model.active], values[model.active] = schema.field(name, model.active), True
    _parents(schema, connection, kinds, values, (*path, name))
    row = {
        kind.column.name: _stored(kind, values[field])
        for field, kind in kinds.items()
        if isinstance(kind, Column) and kind.column is not None
    }
    made = connection.execute(sa.insert(model.table).values(row)).inserted_primary_key
    assert made is not None
    id_ = int(made[0])
    for field, kind in kinds.items():
        _link(schema, connection, kind, id_, values[field])
    if model.parent_store:
        _place(connection, model, id_, values.get(model.parent_name))
    return id_


def _parents(
    schema: Schema,
    connection: sa.Connection,
    kinds: dict[str, Kind],
    values: dict[str, Any],
    path: tuple[str, ...],
) -> None:
    """Make the parents that are delegated to, or write to those whose links are given. `path` ends in the model."""
    name = path[-1]
    for parent, link in parents_of(schema.policy, name).items():
        lent = {
            field: values[field]
            for field, kind in kinds.items()
            if isinstance(kind, Inherited) and kind.link == link
        }
        if values.get(link) is None:
            kinds[link] = schema.field(name, link)
            values[link] = _insert(schema, connection, parent, lent, path)
        elif lent:
            update(schema, connection, parent, values[link], lent)


def update(
    schema: Schema, connection: sa.Connection, model: str, id_: int, values: Mapping[str, Any]
) -> None:
    """Write plain values and many2one ids of one record, as `insert` would have; `parent_path` is left as it is."""
    _own_only(schema)
    table = schema.model(model).table
    row: dict[str, Any] = {}
    for field, value in values.items():
        kind = schema.field(model, field)
        if not isinstance(kind, Column) or kind.column is None:
            raise Fails("ValueError", f"{model}.{field} is not a column that can be written")
        row[kind.column.name] = _stored(kind, value)
    if row:
        connection.execute(sa.update(table).where(table.c.id == id_).values(row))


def _stored(kind: Column, value: Any) -> Any:
    if value is None:
        return None
    if kind.storage is Storage.BY_COMPANY:
        if not isinstance(value, Mapping):
            raise Fails("ValueError", f"{kind.model}.{kind.name} takes values by company")
        return {str(company): one for company, one in value.items()}
    if kind.type == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    if kind.type == "datetime" and isinstance(value, str):
        return datetime.fromisoformat(value)
    return value


def _link(schema: Schema, connection: sa.Connection, kind: Kind, id_: int, value: Any) -> None:
    """The links of an x2many; nothing for other kinds. Raises Fails for a field that nothing can be written to."""
    if isinstance(kind, Links):
        assert kind.own is not None
        assert kind.other is not None
        rows = [{kind.own.name: id_, kind.other.name: one} for one in dict.fromkeys(value)]
        if rows:
            connection.execute(sa.insert(kind.own.table), rows)
    elif isinstance(kind, Lines):
        assert kind.comodel is not None
        for one in value:
            held = {kind.inverse: id_} | ({kind.model_field: kind.model} if kind.model_field else {})
            update(schema, connection, kind.comodel, one, held)
    elif not isinstance(kind, Column | Inherited):
        raise Fails("ValueError", f"{kind.model}.{kind.name} is not stored")


def _place(connection: sa.Connection, model: ModelTable, id_: int, parent: int | None) -> None:
    """Write the record's `parent_path`: its parent's, and its own id."""
    table = model.table
    above = ""
    if parent is not None:
        above = connection.execute(sa.select(table.c.parent_path).where(table.c.id == parent)).scalar() or ""
    connection.execute(sa.update(table).where(table.c.id == id_).values(parent_path=f"{above}{id_}/"))


def _own_only(schema: Schema) -> None:
    if schema.catalog is not None:
        raise ValueError("these tables are an Odoo's own: nothing is made in them")
