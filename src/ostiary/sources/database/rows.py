"""A database's definitions and its rows, as of one moment."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ostiary.policy import Policy
from ostiary.sources.database.connect import STATEMENT_SECONDS, Connection, opened
from ostiary.sources.database.open import completed
from ostiary.sources.database.read import Progress, read_open

IDLE_SECONDS = 600
"""How long the transaction may wait for us between two statements."""


@contextlib.contextmanager
def opened_rows(
    url: str,
    *,
    addons_path: Sequence[str | os.PathLike[str]] = (),
    odoo: str | None = None,
    modules: Sequence[str] | None = None,
    cache: Path | None = None,
    progress: Progress | None = None,
    statement_seconds: float = STATEMENT_SECONDS,
) -> Iterator[tuple[Policy, Connection]]:
    """The Policy of the database at a URL, and the open connection it was read by.

    Both see one moment: it is one read-only transaction, which ends with the context. A statement that runs longer
    than `statement_seconds` is given up. Other arguments are as for `open_database`. Raises UnreadableTarget, in one
    sentence without credentials, for whatever goes wrong with the database, also inside the context.
    """
    with opened(url, statement_seconds) as (connection, reading):
        policy = read_open(connection, reading, progress, modules=modules)
        # Reading the source, or whoever reads our output, may take longer than an idle transaction is let live.
        connection.execute(
            "SELECT pg_catalog.set_config('idle_in_transaction_session_timeout', %s, true)",
            [str(IDLE_SECONDS * 1000)],
        )
        reading.table = ""
        yield (
            completed(policy, url, addons_path=addons_path, odoo=odoo, cache=cache, progress=progress),
            connection,
        )
