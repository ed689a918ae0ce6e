"""One PostgreSQL for all the tests that need one, and databases of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from database import odoo
from database.server import NoServer, Server, shared
from policy.oracle import ORACLE


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.getbasetemp()
    with ExitStack() as stack:
        try:
            # Processes of one run share the folder above theirs.
            running = stack.enter_context(
                shared(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)
            )
        except NoServer as why:
            pytest.skip(f"no PostgreSQL can be started here: {why}")
        yield running


@pytest.fixture(scope="session")
def templates(server: Server) -> Iterator[Callable[[str], str]]:
    """The name of an Odoo database of a series, made once, of which tests get copies."""
    with ExitStack() as stack:

        @cache
        def build(series: str) -> str:
            name = stack.enter_context(server.database(f"template{series[:2]}"))
            with server.connect(name) as connection:
                odoo.build(connection, series)
            return name

        yield build


@pytest.fixture
def make(server: Server, templates: Callable[[str], str]) -> Iterator[Callable[..., str]]:
    """Make an Odoo database of a series; its URL is returned."""
    with ExitStack() as stack:

        def build(series: str = "18.0", *statements: str) -> str:
            name = stack.enter_context(server.database(f"odoo{series[:2]}", templates(series)))
            if statements:
                with server.connect(name) as connection:
                    for statement in statements:
                        connection.execute(statement)
            return server.url(name)

        yield build


@pytest.fixture(scope="session")
def oracle_url(server: Server) -> str:
    """The database of a real Odoo 18.0, restored once for all the tests of a run; nothing can be written to it."""
    with server.connect() as connection:
        connection.execute("SELECT pg_advisory_lock(18)")  # another process of the run may be at it
        if not connection.execute("SELECT FROM pg_database WHERE datname = 'oracle'").rowcount:
            connection.execute("CREATE DATABASE oracle_to_be")
            server.restore("oracle_to_be", ORACLE / "odoo18.dump")
            with server.connect("oracle_to_be") as inside:
                inside.execute("ANALYZE")
            connection.execute("ALTER DATABASE oracle_to_be SET default_transaction_read_only = on")
            connection.execute("ALTER DATABASE oracle_to_be RENAME TO oracle")
    return server.url("oracle")
