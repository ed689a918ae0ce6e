"""One PostgreSQL for all the tests that need one, and databases of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from database import odoo
from database.server import NoServer, Server, shared


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


@pytest.fixture
def make(server: Server) -> Iterator[Callable[..., str]]:
    """Make an Odoo database of a series; its URL is returned."""
    with ExitStack() as stack:

        def build(series: str = "18.0", *statements: str) -> str:
            name = stack.enter_context(server.database(f"odoo{series[:2]}"))
            with server.connect(name) as connection:
                odoo.build(connection, series)
                for statement in statements:
                    connection.execute(statement)
            return server.url(name)

        yield build
