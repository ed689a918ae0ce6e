"""The Schema of an application's own tables: shadows of the mapped tables, with columns called as fields are."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ostiary.enforce.orm.ties import Tie, Ties
from ostiary.enforce.rows.shared_schema import SharedSchema
from ostiary.policy import Policy
from ostiary.records.schema import Kind, Python
from ostiary.records.schema.types import value_type


class MappedSchema(SharedSchema):
    """Domains are compiled against these shadows, which no guard rewrites; the database sees the same tables."""

    def __init__(self, policy: Policy, ties: Ties) -> None:
        super().__init__(policy)
        self.ties = ties
        for one in ties.models.values():
            columns = [
                sa.Column(column.name, _type(policy, one, name), key=name, primary_key=name == "id")
                for name, column in one.fields.items()
            ]
            sa.Table(one.table.name, self.metadata, *columns)
        for table in (*ties.links, *ties.parts):
            if table.name not in self.metadata.tables:
                sa.Table(table.name, self.metadata, *[sa.Column(one.name, one.type) for one in table.c])

    def field(self, model: str, name: str) -> Kind:
        one = self.ties.models.get(model)
        if one is not None and name in one.unknowable:
            type_ = self.policy.models[model].fields[name].type
            return Python(
                model, name, type_, why="is of a type that changes values on their way to the database"
            )
        return super().field(model, name)

    def shadow(self, table: sa.Table) -> sa.Table:
        """The shadow of a mapped table."""
        return self.metadata.tables[table.name]


def _type(policy: Policy, one: Tie, name: str) -> sa.types.TypeEngine[Any]:
    """How rules read the column: as the field's type, not as the objects that the application makes of it."""
    return sa.Integer() if name == "id" else value_type(policy.models[one.model].fields[name].type)
