"""The estate of the tutorial on SQLite and PostgreSQL, filled once for all tests; what a test does is undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import sqlalchemy as sa
from examples.estate.tutorial import people

from database.conftest import server
from database.server import Server
from ostiary.enforce import Environment
from ostiary.policy import Policy
from tutorial.estate import Estate

__all__ = ["server"]

Filled = tuple[sa.Engine, Policy]


def _filled(engine: sa.Engine, state: str = "secured") -> Filled:
    policy = people.set_up(engine, people.read_policy(state))
    with Environment(engine, policy, user="mia") as env:
        people.fill(env)
    return engine, policy


@pytest.fixture(scope="session")
def secured_sqlite() -> Filled:
    return _filled(sa.create_engine("sqlite://"))


@pytest.fixture(scope="session")
def secured_postgresql(server: Server) -> Iterator[Filled]:
    with server.database("tutorial") as name:
        url = sa.make_url(server.url(name)).set(drivername="postgresql+psycopg")
        yield _filled(sa.create_engine(url, poolclass=sa.NullPool))


@pytest.fixture(scope="session")
def open_sqlite() -> Filled:
    return _filled(sa.create_engine("sqlite://"), "open")


@pytest.fixture
def opened(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Estate]]:
    """Give the estate of one of the fixtures above, as it was when it was filled."""
    with ExitStack() as stack:

        def find(name: str) -> Estate:
            engine, policy = request.getfixturevalue(name)
            connection = stack.enter_context(engine.connect())
            stack.callback(connection.rollback)
            return Estate(connection, policy)

        yield find


@pytest.fixture(params=["sqlite", "postgresql"])
def estate(request: pytest.FixtureRequest, opened: Callable[[str], Estate]) -> Estate:
    """The secured estate."""
    return opened(f"secured_{request.param}")
