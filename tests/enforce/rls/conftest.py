"""What the tests of row security share: the PostgreSQL of the database's tests, and one small world."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from database.conftest import server
from database.server import Server
from enforce.rls.world import World, addon, fill, world

__all__ = ["server", "small"]


@pytest.fixture(scope="package")
def small(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world without rights and rules of its own: each test brings some (`given`)."""
    policy = addon(tmp_path_factory.mktemp("small"), "18.0", 2)
    with world(server, policy, "rls_small") as made:
        fill(made, 2)
        yield made
