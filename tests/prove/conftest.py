"""What the tests of proofs share: the PostgreSQL of the database's tests."""

from __future__ import annotations

from database.conftest import server

__all__ = ["server"]
