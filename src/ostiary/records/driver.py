"""The errors of a database's driver, told apart: those of one statement, and those that end everything."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import sqlalchemy as sa

from ostiary.records.errors import Undecided

_TOO_DEEP = "parser stack overflow"

# Classes of errors that a statement or a value in a table brings about (PostgreSQL, appendix A): not supported,
# cardinality, data, integrity, routines, foreign data, syntax and names, limits of a program, PL/pgSQL.
_OF_A_STATEMENT = frozenset({"0A", "21", "22", "23", "2F", "38", "39", "42", "54", "HV", "P0"})
_READ_ONLY = "25006"  # a view calls a function that writes
# A privilege is missing, or a table or a column is gone since the database was opened.
_OF_ALL = frozenset({"42501", "42P01", "42703"})


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Raises a driver's errors as the driver raised them, without SQLAlchemy's text (which would hold the statement and
    its values)."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        if error.orig is None:
            raise
        if _TOO_DEEP in str(error.orig):
            raise Undecided("cannot be decided: SQLite takes no query that is nested so deeply") from None
        raise error.orig from None


def of_one_statement(error: BaseException) -> bool:
    """Whether an error of psycopg is about what was asked for, so that something else may still be asked."""
    if isinstance(error, ValueError | RecursionError | OverflowError):  # while a value is read
        return True
    state = getattr(error, "sqlstate", None)
    if state is None:  # psycopg itself can't read or write a value
        return type(error).__name__ in ("DataError", "NotSupportedError", "ProgrammingError")
    return state == _READ_ONLY or (state[:2] in _OF_A_STATEMENT and state not in _OF_ALL)
