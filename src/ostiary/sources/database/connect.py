"""A connection that can do no harm, and what its errors say.

One read-only transaction at REPEATABLE READ, so that all tables are seen as of one moment while Odoo goes on
working; every limit is set for this transaction only, which also works behind a connection pooler.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import IsolationLevel, errors
from psycopg.rows import TupleRow

from ostiary.sources.database.url import parse, shown_url
from ostiary.sources.errors import UnreadableTarget

# A database may set its own search path, with functions that take the place of PostgreSQL's: no name is looked up on it
# before PostgreSQL's own come first.
_PIN_PATH = (
    "SELECT pg_catalog.set_config('search_path', CASE "
    "WHEN pg_catalog.current_setting('search_path') OPERATOR(pg_catalog.=) ''::pg_catalog.text THEN 'pg_catalog' "
    "ELSE 'pg_catalog, '::pg_catalog.text OPERATOR(pg_catalog.||) pg_catalog.current_setting('search_path') END, true)"
)

CONNECT_SECONDS = 10
LOCK_SECONDS = 5
STATEMENT_SECONDS = 60

Connection = psycopg.Connection[TupleRow]


@dataclass(slots=True)
class Reading:
    """What is being read, for the sentence where it fails."""

    shown: str
    table: str = ""

    @property
    def what(self) -> str:
        return f"{self.table} of {self.shown}" if self.table else self.shown


@contextlib.contextmanager
def opened(url: str, statement_seconds: float = STATEMENT_SECONDS) -> Iterator[tuple[Connection, Reading]]:
    """A connection inside its transaction, which is rolled back at the end.

    Raises UnreadableTarget, in one sentence without credentials, for whatever goes wrong with the database.
    """
    reading = Reading(shown_url(url))
    parts = parse(url)
    silent = str(round(STATEMENT_SECONDS * 1000))
    given = {
        "connect_timeout": str(CONNECT_SECONDS),
        "keepalives_idle": "20",
        "tcp_user_timeout": silent,
    } | parts
    given |= {"application_name": "ostiary", "client_encoding": "utf8"}
    try:
        connection = psycopg.connect(**given, prepare_threshold=None)  # type: ignore[arg-type]
    except psycopg.Error as error:
        raise UnreadableTarget(_not_connected(error, reading.shown)) from None
    except (UnicodeError, ValueError):
        raise UnreadableTarget(
            f"{reading.shown} can't be connected to: the URL holds a value that is no text."
        ) from None
    with contextlib.closing(connection):
        try:
            connection.read_only = True
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            connection.execute(_PIN_PATH)
            connection.execute(
                "SELECT pg_catalog.set_config('statement_timeout', %s, true), "
                "pg_catalog.set_config('lock_timeout', %s, true), "
                "pg_catalog.set_config('idle_in_transaction_session_timeout', %s, true)",
                [
                    _milliseconds(statement_seconds),
                    _milliseconds(LOCK_SECONDS),
                    _milliseconds(STATEMENT_SECONDS),
                ],
            )
            yield connection, reading
            connection.rollback()
        except psycopg.Error as error:
            raise UnreadableTarget(_interrupted(error, reading)) from None
        except UnicodeDecodeError:
            message = f"{reading.what} can't be read: it holds text that is not UTF-8."
            raise UnreadableTarget(message) from None


def _milliseconds(seconds: float) -> str:
    return str(max(1, round(seconds * 1000)))


# What a server or libpq says when it refuses a connection, and what to say of it. libpq gives no codes here.
_REFUSED = (
    (("invalid response to ssl", "expected authentication request", "expected ssl response"),
     "{url} can't be read: what answers there is not PostgreSQL; check the host and the port."),
    (("password authentication failed", "no password supplied", "authentication failed", "role "),
     "{url} refuses the user or the password: check both, or give the password in PGPASSWORD or a .pgpass file."),
    (("no pg_hba.conf entry",),
     "{url} does not let this user connect from here (pg_hba.conf): ask its administrator for access."),
    (("permission denied for database",),
     "{url} does not let this user connect: GRANT CONNECT ON DATABASE is missing."),
    (("too many connections", "too many clients", "connection slots"),
     "{url} has no connection left: try again when fewer programs use it."),
    (("starting up", "shutting down", "not yet accepting", "recovery mode"),
     "{url} is starting or stopping: try again in a moment."),
    (("could not translate host name", "name or service not known", "failed to resolve", "resolution"),
     "{url} can't be reached: there is no host of that name."),
    (("connection refused", "no such file or directory", "is the server running"),
     "{url} can't be reached: no PostgreSQL listens there; check the host and the port."),
    (("timeout", "timed out"),
     "{url} can't be reached: it did not answer within {seconds} seconds; check the host, the port and the firewall."),
    (("ssl", "certificate"),
     "{url} can't be reached safely: the TLS connection was not made; check sslmode and the certificate."),
)  # fmt: skip


def _not_connected(error: psycopg.Error, shown: str) -> str:
    said = str(error).lower()
    if 'database "' in said and "does not exist" in said:
        return f"There is no database of that name at {shown}: check the name."
    for signs, sentence in _REFUSED:
        if any(sign in said for sign in signs):
            return sentence.format(url=shown, seconds=CONNECT_SECONDS)
    return f"{shown} can't be connected to: check the host, the port, the database's name, the user and the password."


def _interrupted(error: psycopg.Error, reading: Reading) -> str:
    what = reading.what
    if isinstance(error, errors.LockNotAvailable):
        return f"{what} is locked, as while Odoo upgrades a module: try again when that is done."
    if isinstance(error, errors.QueryCanceled):
        if "statement timeout" in str(error):
            return f"Reading {what} took too long and was given up: try again when the database is less busy."
        return f"Reading {what} was cancelled on the server: try again."
    if isinstance(error, errors.InsufficientPrivilege):
        grant = f" GRANT SELECT ON {reading.table} is missing." if reading.table else ""
        return f"{what} may not be read by this user:{grant or ' a privilege is missing.'}"
    if isinstance(error, errors.UndefinedTable | errors.UndefinedColumn):
        return (
            f"{what} changed while it was read, as while Odoo upgrades a module: try again when that is done."
        )
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return f"The connection was lost while reading {what}: try again."
    code = f" (PostgreSQL error {error.sqlstate})" if error.sqlstate else ""
    return f"{what} can't be read: PostgreSQL refused the query{code}."
