"""Random users, groups, rights, rules and operations: an Environment against an oracle in plain Python.

After each operation every table holds what the oracle holds: what is refused changes nothing, what is allowed changes
what it should and nothing else, no search or read gives a row outside the effective domain or hides one inside it.
`OSTIARY_STATEFUL=1000` runs that many sequences instead of a few; a failure names its seed and tells what led there.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator

import pytest
import sqlalchemy as sa

from database.conftest import server
from database.server import Server
from enforce.stateful.machine import Machine

__all__ = ["server"]  # a fixture

MORE = int(os.environ.get("OSTIARY_STATEFUL", "0"))
USUAL = [[0, 1, 4, 5, 8], [9, 10, 11, 21, 22]]
"""Sequences that notice when a part of the checking is taken out, whichever it is."""

GROUPS = [list(range(first, first + 5)) for first in range(0, MORE, 5)] or USUAL


def sequences(engine: sa.Engine, seeds: Iterable[int], steps: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    for seed in seeds:
        machine = Machine(engine, seed)
        machine.run(steps)
        counts.update(machine.counts)
        empty(engine)
    return counts


def empty(engine: sa.Engine) -> None:
    """An empty database for the next sequence."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("DROP SCHEMA public CASCADE"))
            connection.execute(sa.text("CREATE SCHEMA public"))
        else:
            for name in sa.inspect(connection).get_table_names():
                connection.execute(sa.text(f'DROP TABLE "{name}"'))


@pytest.mark.parametrize("seeds", GROUPS, ids=lambda seeds: f"from{seeds[0]}")
def test_no_sequence_of_operations_gives_or_changes_more_or_less_than_the_oracle_says(
    seeds: list[int],
) -> None:
    engine = sa.create_engine("sqlite://")
    try:
        counts = sequences(engine, seeds, 40)
    finally:
        engine.dispose()
    # Where nothing is ever found, allowed or refused, nothing is tested.
    assert counts["found"] > 5
    assert counts["allowed"] > 50
    assert counts["refused"] > 50


@pytest.fixture(scope="module")
def postgresql(server: Server) -> Iterator[sa.Engine]:
    with server.database("stateful") as name:
        url = sa.make_url(server.url(name)).set(drivername="postgresql+psycopg")
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        yield engine
        engine.dispose()


def test_the_same_on_postgresql(postgresql: sa.Engine) -> None:
    counts = sequences(postgresql, range(1000, 1000 + (MORE // 4 or 2)), 40)
    assert counts["found"]
    assert counts["refused"]
