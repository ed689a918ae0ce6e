"""The dialect of a guarded connection: as the application's, with the guarding compiler, and without raw SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect

from ostiary.enforce.orm.compiler import Guarding, Quoting, refuse

if TYPE_CHECKING:
    from ostiary.enforce.orm.face import Face


_MIXED: dict[tuple[type, type], type] = {}
_OWN = {"supports_statement_cache": True}  # SQLAlchemy asks each class of dialects for itself


class Guarded(DefaultDialect):
    """Mixed in before the class of a dialect. SQLAlchemy keeps what it compiles by dialect, so that two faces never
    share a statement."""

    face: Face

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        _compiled_only(context)
        super().do_execute(cursor, statement, parameters, context)  # type: ignore[no-untyped-call]

    def do_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        _compiled_only(context)
        super().do_executemany(cursor, statement, parameters, context)  # type: ignore[no-untyped-call]

    def do_execute_no_params(self, cursor: Any, statement: str, context: Any = None) -> None:
        _compiled_only(context)
        super().do_execute_no_params(cursor, statement, context)  # type: ignore[no-untyped-call]

    def do_savepoint(self, connection: sa.Connection, name: str) -> None:
        begin(connection)
        super().do_savepoint(connection, name)  # type: ignore[no-untyped-call]


def begin(connection: sa.Connection) -> None:
    """Begin the transaction for certain.

    Python's sqlite3 begins one only before it first changes a row; a savepoint before that would commit what was done
    in it.
    """
    if connection.dialect.name != "sqlite":
        return
    driver: Any = connection.connection.driver_connection
    if not driver.in_transaction:
        driver.execute("BEGIN")


def guarded(dialect: sa.Dialect, face: Face) -> sa.Dialect:
    """A copy of a dialect that shows of each table what the face lets through."""
    cls = _mixed(Guarded, type(dialect))
    made: Any = cls.__new__(cls)
    made.__dict__.update(dialect.__dict__)
    made.statement_compiler = _mixed(Guarding, dialect.statement_compiler)
    made.identifier_preparer = _quoting(dialect.identifier_preparer)
    made.face = face
    return made  # type: ignore[no-any-return]


def _quoting(preparer: Any) -> Any:
    """A copy of what writes a dialect's names."""
    cls = _mixed(Quoting, type(preparer))
    made: Any = cls.__new__(cls)
    made.__dict__.update(preparer.__dict__)
    return made


def _mixed(with_: type, cls: type) -> Any:
    """A class that is both, made once."""
    found = _MIXED.get((with_, cls))
    if found is None:
        found = _MIXED[with_, cls] = type(f"{with_.__name__}{cls.__name__}", (with_, cls), _OWN)
    return found


def _compiled_only(context: Any) -> None:
    """What reaches the driver was compiled here: text as it is goes past every guard."""
    if context is None or context.compiled is None:
        raise refuse("raw SQL (exec_driver_sql)")
