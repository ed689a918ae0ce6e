"""Which tables and columns there really are, asked of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from ostiary.records.driver import plain_errors


@dataclass(frozen=True)
class Catalog:
    """The relations of a database: for each table or view, its columns and their types (PostgreSQL's names)."""

    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def has(self, table: str, column: str | None = None) -> bool:
        columns = self.tables.get(table)
        return columns is not None and (column is None or column in columns)

    def type_of(self, table: str, column: str) -> str | None:
        return self.tables.get(table, {}).get(column)


# Views too; only what an unqualified name finds.
_COLUMNS = sa.text(
    """
    SELECT c.relname, a.attname, t.typname
      FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_type t ON t.oid = a.atttypid
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_table_is_visible(c.oid)
    """
)


def read_catalog(connection: sa.Connection) -> Catalog:
    """What an Odoo database holds. For PostgreSQL; tables of Ostiary's own need no catalog."""
    tables: dict[str, dict[str, str]] = {}
    with plain_errors():
        found = connection.execute(_COLUMNS).all()
    for table, column, type_ in found:
        tables.setdefault(table, {})[column] = type_
    return Catalog(tables)
