"""Serve an Odoo database from its dump, to look at with Ostiary: nothing but this clone is needed.

    python tools/serve_dump.py odoo.dump

The dump is one that `pg_dump -Fc` made, or Odoo's database manager ("without filestore"). It is restored into
a PostgreSQL of its own, on this machine's loopback, which is removed at the end (Ctrl-C). Restoring runs what is in
the dump, so give it only dumps that you trust.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from postgres import NoServer, Server, start, stop

NAME = "odoo"
CUSTOM = b"PGDMP"
INTERRUPTED = 130


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dump", type=Path, help="a dump in PostgreSQL's custom format")
    parser.add_argument(
        "--url-file", type=Path, help="write the database's URL here too, when it can be asked"
    )
    options = parser.parse_args()
    try:
        with options.dump.open("rb") as file:
            head = file.read(len(CUSTOM))
    except OSError as error:
        return _fail(f"{options.dump} can't be read: {error.strerror or error}.")
    if head != CUSTOM:
        return _fail(f"{options.dump} is no dump in PostgreSQL's custom format: make one with 'pg_dump -Fc'.")
    ended = threading.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: ended.set())
    try:
        server = start()
    except NoServer as error:
        if ended.is_set():
            return _interrupted()
        return _fail(f"No database can be started here: {error}.")
    try:
        return _serve(server, options.dump, options.url_file, ended)
    finally:
        stop(server)


def _serve(server: Server, dump: Path, url_file: Path | None, ended: threading.Event) -> int:
    # Asked between the steps: what has been started is known then, and nothing of it stays behind.
    if ended.is_set():
        return _interrupted()
    print(f"Restoring {dump} ...", file=sys.stderr, flush=True)
    with server.connect() as connection:
        connection.execute(f"CREATE DATABASE {NAME}")
    server.restore(NAME, dump, ended=ended)
    if ended.is_set():
        return _interrupted()
    with server.connect(NAME) as connection:
        found = connection.execute("SELECT to_regclass('ir_module_module')").fetchone()
    if found is None or found[0] is None:
        return _fail(f"{dump} holds no Odoo database, or can't be restored by this PostgreSQL.")
    url = server.url(NAME)
    if url_file is not None:
        url_file.write_text(url, encoding="utf-8")
    print(url, flush=True)
    print(
        "Ask Ostiary about this URL from another terminal; the password in it is made up for this run only. "
        "Ctrl-C ends it.",
        file=sys.stderr,
        flush=True,
    )
    ended.wait()
    return 0


def _interrupted() -> int:
    return _fail("Interrupted.", INTERRUPTED)


def _fail(text: str, code: int = 2) -> int:
    print(text, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
