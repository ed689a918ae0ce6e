"""What the tests of proofs share: the PostgreSQL of the database's tests."""

from __future__ import annotations

from database.conftest import oracle_url, server

__all__ = ["oracle_url", "server"]
