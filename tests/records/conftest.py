"""What the tests of records share: the PostgreSQL of the database's tests, and the filled tables of the cases."""

from __future__ import annotations

from database.conftest import make, oracle_url, server, templates
from records.cases import on_postgresql, on_sqlite, tables

__all__ = ["make", "on_postgresql", "on_sqlite", "oracle_url", "server", "tables", "templates"]
