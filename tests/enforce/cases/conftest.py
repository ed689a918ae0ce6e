"""The filled tables of the executed cases, with what an Environment wants beside them."""

from __future__ import annotations

from database.conftest import server
from enforce.cases.asking import on_postgresql, on_sqlite, tables

__all__ = ["on_postgresql", "on_sqlite", "server", "tables"]
