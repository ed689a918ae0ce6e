"""Ties: which mapped class stands for which model, and which of its attributes for which field.

A class says it itself (`__odoo_model__`, and `__odoo_fields__` where attributes are called otherwise than fields), or
somebody says it for the class. What is tied to nothing is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, RelationshipProperty, configure_mappers
from sqlalchemy.orm.interfaces import MANYTOMANY, ONETOMANY

Names = Mapping[Any, str]


class MappingError(TypeError):
    """A mapped class that can't be tied to a model. The message is one sentence."""


@dataclass(frozen=True, eq=False)
class Tie:
    """A mapped class and its model.

    `fields` are the columns by field name (`id` for the primary key, whatever it is called), `groups` the field groups
    that the class itself states, `unknowable` the fields whose type changes values on their way to the database.
    `relations` are the relationships that stand for a field, by the field's name. `parts` are the tables of subclasses
    that have one of their own, joined by their key.
    """

    cls: type
    mapper: Mapper[Any]
    model: str
    table: sa.Table
    key: sa.Column[Any]
    fields: Mapping[str, sa.Column[Any]]
    groups: Mapping[str, str]
    unknowable: frozenset[str]
    relations: Mapping[str, RelationshipProperty[Any]]
    parts: tuple[tuple[sa.Table, sa.Column[Any]], ...]

    def field_of(self, column: sa.Column[Any]) -> str | None:
        """The field that a column is, None for a column that is none."""
        return self._by_column.get(column)

    @property
    def _by_column(self) -> Mapping[sa.Column[Any], str]:
        found: dict[sa.Column[Any], str] | None = self.__dict__.get("_columns")
        if found is None:
            found = {column: name for name, column in self.fields.items()}
            self.__dict__["_columns"] = found
        return found


@dataclass(frozen=True, eq=False)
class Links:
    """The table of a many2many: which columns hold records of which ties."""

    table: sa.Table
    ends: tuple[tuple[sa.Column[Any], Tie], ...]


@dataclass(frozen=True, eq=False)
class Ties:
    """All ties of an application, by model, by table and by mapper."""

    models: Mapping[str, Tie]
    tables: Mapping[sa.Table, Tie]
    parts: Mapping[sa.Table, tuple[Tie, sa.Column[Any]]]
    links: Mapping[sa.Table, Links]
    mappers: Mapping[Mapper[Any], Tie] = field(default_factory=dict)

    def of(self, mapper: Mapper[Any]) -> Tie | None:
        """The tie of a mapped class or of the class it inherits from."""
        for one in mapper.iterate_to_root():
            found = self.mappers.get(one)
            if found is not None:
                return found
        return None


def tie(base: Any, models: Names | None = None, fields: Mapping[Any, Names] | None = None) -> Ties:
    """The ties of the classes of a declarative base (or of a `registry`, or of the classes in a list).

    `models` gives the model of a class that doesn't say it, `fields` the field names of its attributes. Raises
    MappingError for a class that can't be tied.
    """
    configure_mappers()
    said, named = dict(models or {}), dict(fields or {})
    found: dict[str, Tie] = {}
    for mapper in _mappers(base):
        model = said.get(mapper.class_) or getattr(mapper.class_, "__odoo_model__", None)
        if model is None:
            continue
        if mapper.inherits is not None:
            above = said.get(mapper.inherits.class_) or getattr(
                mapper.inherits.class_, "__odoo_model__", None
            )
            if above != model or mapper.concrete:
                raise MappingError(
                    f"class {mapper.class_.__name__} inherits from a mapped class and can't be a model of its own: "
                    "tie the class it inherits from"
                )
            continue
        if model in found:
            raise MappingError(f"model {model} is tied to more than one class")
        found[model] = _tie(mapper, model, named.get(mapper.class_))
    return _whole(found)


def _mappers(base: Any) -> Iterator[Mapper[Any]]:
    registry = getattr(base, "registry", base)
    if hasattr(registry, "mappers"):
        mappers: Iterable[Any] = registry.mappers
    else:
        mappers = [sa.inspect(one) for one in base]
    yield from sorted(mappers, key=lambda one: one.class_.__name__)


def _tie(mapper: Mapper[Any], model: str, names: Names | None) -> Tie:
    table, key = _table_of(mapper, model)
    renamed: Names = {**getattr(mapper.class_, "__odoo_fields__", {}), **(names or {})}
    columns: dict[str, sa.Column[Any]] = {"id": key}
    groups: dict[str, str] = {}
    parts: dict[sa.Table, sa.Column[Any]] = {}
    for one in mapper.self_and_descendants:
        own = _part(one, mapper)
        if own is not None:
            parts[own[0]] = own[1]
        for prop in one.column_attrs:
            column = prop.columns[0]
            if isinstance(column, sa.Column) and column.table in parts and column.info.get("groups"):
                raise MappingError(
                    f"{one.class_.__name__}.{prop.key} is guarded by groups: put it into table {table.name}"
                )
            if not isinstance(column, sa.Column) or column.table is not table or column is key:
                continue
            field = str(renamed.get(prop.key) or column.info.get("field") or prop.key)
            if field in columns and columns[field] is not column:
                raise MappingError(f"two attributes of class {mapper.class_.__name__} are the field {field}")
            columns[field] = column
            if column.info.get("groups"):
                groups[field] = str(column.info["groups"])
                check_deferred(mapper, column)
        for relation in one.relationships:
            if relation.info.get("groups"):
                raise MappingError(
                    f"groups guard columns, and {one.class_.__name__}.{relation.key} is a relationship"
                )
    relations = {
        str(renamed.get(prop.key) or prop.info.get("field") or prop.key): prop
        for one in mapper.self_and_descendants
        for prop in one.relationships
        if prop.parent is one
    }
    unknowable = frozenset(name for name, column in columns.items() if type_of(column.type) is None)
    return Tie(
        mapper.class_, mapper, model, table, key, columns, groups, unknowable, relations, tuple(parts.items())
    )


def _table_of(mapper: Mapper[Any], model: str) -> tuple[sa.Table, sa.Column[Any]]:
    """The table of a class and its key."""
    table, name = mapper.local_table, mapper.class_.__name__
    if not isinstance(table, sa.Table):
        raise MappingError(f"class {name} is mapped to a query: a model needs a table")
    if table.schema is not None:
        raise MappingError(
            f"the table of class {name} names schema {table.schema}: put it on the search path"
        )
    if len(table.primary_key) != 1 or not isinstance(next(iter(table.primary_key)).type, sa.Integer):
        raise MappingError(f"class {name} needs one integer primary key to be the model {model}")
    return table, next(iter(table.primary_key))


def _part(one: Mapper[Any], base: Mapper[Any]) -> tuple[sa.Table, sa.Column[Any]] | None:
    """The table that a subclass has of its own, and the column there that leads to the record."""
    own, name = one.local_table, one.class_.__name__
    if one.concrete:
        raise MappingError(f"class {name} is mapped with a table apart: tie it on its own")
    if own is base.local_table:
        return None
    if not isinstance(own, sa.Table) or len(own.primary_key) != 1:
        raise MappingError(f"class {name} needs one primary key that leads to {base.class_.__name__}")
    return own, next(iter(own.primary_key))


def check_deferred(mapper: Mapper[Any], column: sa.Column[Any]) -> None:
    """Raises MappingError where a column that groups guard would be loaded with every object."""
    prop = mapper.get_property_by_column(column)
    if not getattr(prop, "deferred", False):
        raise MappingError(
            f"{mapper.class_.__name__}.{prop.key} is guarded by groups: map it with deferred=True, so that it is only "
            "loaded for those who ask for it"
        )


_TYPES: tuple[tuple[type[sa.types.TypeEngine[Any]], str], ...] = (
    (sa.Boolean, "boolean"),
    (sa.Integer, "integer"),
    (sa.Float, "float"),
    (sa.Numeric, "float"),
    (sa.DateTime, "datetime"),
    (sa.Date, "date"),
    (sa.LargeBinary, "binary"),
    (sa.Enum, "selection"),
    (sa.Text, "text"),
    (sa.String, "char"),
)


def type_of(type_: sa.types.TypeEngine[Any]) -> str | None:
    """The type of the field that a column of this type is.

    None where what a rule says of a value is not what the database compares: the type changes it on its way there, or
    is none that fields have.
    """
    return next((name for kind, name in _TYPES if isinstance(type_, kind)), None)


def _whole(found: Mapping[str, Tie]) -> Ties:
    tables = {one.table: one for one in found.values()}
    parts = {table: (one, key) for one in found.values() for table, key in one.parts}
    mappers = {one.mapper: one for one in found.values()}
    ties = Ties(found, tables, parts, {}, mappers)
    links: dict[sa.Table, Links] = {}
    for one in found.values():
        for prop in one.relations.values():
            secondary = prop.secondary
            if not isinstance(secondary, sa.Table) or secondary in tables or secondary in links:
                continue
            link = _links(ties, secondary)
            if link is not None:
                links[secondary] = link
    return Ties(found, tables, parts, links, mappers)


def _links(ties: Ties, table: sa.Table) -> Links | None:
    ends = []
    for column in table.c:
        for key in column.foreign_keys:
            tied = ties.tables.get(key.column.table)
            if tied is None or key.column is not tied.key:
                return None
            ends.append((column, tied))
    return Links(table, tuple(ends)) if ends else None


def many2one(ties: Ties, one: Tie, column: sa.Column[Any]) -> str | None:
    """The model that a column leads to by its foreign key."""
    for key in column.foreign_keys:
        other = ties.tables.get(key.column.table)
        if other is not None and key.column is other.key:
            return other.model
    return None


def lines(ties: Ties, one: Tie, prop: RelationshipProperty[Any]) -> tuple[str, str] | None:
    """The model and the field there that a one2many is, None where the relationship is no plain one."""
    other = ties.of(prop.mapper)
    if (
        prop.direction is not ONETOMANY
        or other is None
        or len(prop.local_remote_pairs) != 1
        or not _plain(prop, 1)
    ):
        return None
    local, remote = prop.local_remote_pairs[0]
    inverse = other.field_of(remote) if isinstance(remote, sa.Column) else None
    return (other.model, inverse) if local is one.key and inverse is not None else None


def linked(ties: Ties, one: Tie, prop: RelationshipProperty[Any]) -> tuple[str, sa.Table, str, str] | None:
    """The model, the table and its two columns that a many2many is, None where the relationship is no plain one."""
    other = ties.of(prop.mapper)
    table = prop.secondary
    if (
        prop.direction is not MANYTOMANY
        or other is None
        or not isinstance(table, sa.Table)
        or not _plain(prop, 2)
    ):
        return None
    own = [remote for local, remote in prop.local_remote_pairs if local is one.key]
    pairs = [
        remote for local, remote in prop.local_remote_pairs if local is other.key and remote not in own[:1]
    ]
    if not own or not pairs:
        return None
    return other.model, table, own[0].name, pairs[0].name


def _plain(prop: RelationshipProperty[Any], pairs: int) -> bool:
    """Whether the relationship joins by equal keys and nothing else."""
    joins = [prop.primaryjoin, prop.secondaryjoin]
    binary = [one for one in joins if one is not None]
    return len(binary) == pairs and all(
        isinstance(one, sa.BinaryExpression) and one.operator.__name__ == "eq" for one in binary
    )


__all__ = [
    "Links",
    "MappingError",
    "Tie",
    "Ties",
    "lines",
    "linked",
    "many2one",
    "tie",
    "type_of",
]
