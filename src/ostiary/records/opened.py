"""Access over an open connection to an Odoo database."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from ostiary.policy import Policy
from ostiary.records.access import Access
from ostiary.records.driver import plain_errors
from ostiary.records.memory import Reader
from ostiary.records.schema import Schema, read_catalog
from ostiary.records.store import Store


def open_access(policy: Policy, connection: Any) -> Access:
    """Access to the records behind an open psycopg connection, in the transaction that it is in.

    The connection is only read from, and neither closed nor rolled back. What the driver raises is raised as it is.
    """
    # The dialect's own first questions (its version, its schema) are asked in the same transaction.
    engine = sa.create_engine(
        "postgresql+psycopg://", creator=lambda: connection, poolclass=StaticPool, pool_reset_on_return=None
    )
    # SQLAlchemy ends its first questions with a rollback, which would end the transaction: the moment that is seen, and
    # every limit that was set for it.
    engine.dialect.do_rollback = _leave  # type: ignore[assignment]
    with plain_errors():
        opened = engine.connect()
    store = Store(Schema(policy, read_catalog(opened)), opened)
    return Access(store, Reader(store))


def _leave(connection: object) -> None:
    """The transaction belongs to whoever opened it."""
