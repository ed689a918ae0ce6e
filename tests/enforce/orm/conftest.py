"""The shop on SQLite and on PostgreSQL, filled once each; tests that use it end without a commit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from database.conftest import server
from enforce.orm.shop import fill, memory

__all__ = ["on_postgresql", "server"]


@pytest.fixture(scope="session")
def on_postgresql(server) -> Iterator[sa.Engine]:  # type: ignore[no-untyped-def]
    with server.database("secured") as name:
        url = sa.make_url(server.url(name)).set(drivername="postgresql+psycopg")
        engine = sa.create_engine(url)
        fill(engine)
        with engine.begin() as connection:
            for table, key in (("orders", "order_no"), ("line", "id"), ("tag", "id"), ("company", "id")):
                connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table}', '{key}'), 100)")
        yield engine
        engine.dispose()


@pytest.fixture(scope="session")
def kept_on_sqlite() -> Iterator[sa.Engine]:
    engine = memory()
    yield engine
    engine.dispose()


@pytest.fixture
def on_sqlite() -> Iterator[sa.Engine]:
    """For tests that commit, or that change rows past the guard."""
    engine = memory()
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> sa.Engine:
    found: sa.Engine = request.getfixturevalue(
        {"sqlite": "kept_on_sqlite"}.get(request.param, "on_postgresql")
    )
    return found
