"""Transaction: one connection, what was read over it, and the points it can be rolled back to."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from ostiary.enforce.bypasses import Bypasses
from ostiary.enforce.errors import UserError, translated
from ostiary.enforce.rows import in_memory
from ostiary.enforce.rows.reader import GrowingReader
from ostiary.records.access import Access
from ostiary.records.schema import Schema
from ostiary.records.store import Store

_READING = ("SELECT", "SAVEPOINT", "RELEASE", "EXPLAIN", "BEGIN")
"""How statements begin that leave rows as they are, of those that Ostiary makes."""


class _Store(Store):
    """A Store whose errors are those of this package, whoever asks it."""

    def rows(self, statement: sa.Select[Any]) -> Sequence[sa.Row[*tuple[Any, ...]]]:
        with translated(TypeError):
            return super().rows(statement)


class Transaction:
    """What the environments of one unit of work share.

    The connection is opened when it is first needed. `access` is everything worked out about the rows as they are;
    it begins anew after each change.
    """

    def __init__(self, bind: sa.Engine | sa.Connection, schema: Schema, isolation: str | None) -> None:
        self.schema = schema
        self.bypasses = Bypasses()
        self.readonly = schema.catalog is not None
        self.seen: set[tuple[str, str, int]] = set()
        """Which values are in Odoo's record cache: model, field, id. See `cached`."""
        self.tables: frozenset[str] | None = None
        """The names of the tables there are, once somebody asked."""
        self._bind = bind
        self._isolation = isolation
        self._closed = False
        self._shared = in_memory.key_of(bind)
        self._parked: list[sa.Connection] = []
        """Of environments that ended while this one was at work on the same connection."""
        self._units = 0
        self.own = isinstance(bind, sa.Engine)
        self._connection: sa.Connection | None = None if self.own else bind  # type: ignore[assignment]
        self._store: Store | None = None
        self._access: Access | None = None
        self._reader: GrowingReader | None = None
        if not self.own:
            self._listen(bind)  # type: ignore[arg-type]

    # -- the connection ------------------------------------------------------------------------------------

    @property
    def connection(self) -> sa.Connection:
        """The open connection, in a transaction. Raises UserError after `close`."""
        if self._closed:
            raise UserError("this environment is closed: make another one to go on")
        if self._connection is None:
            in_memory.enter(self._shared, self)
            self._connection = self._open()
        if not self._connection.in_transaction():
            in_memory.enter(self._shared, self)
            self._connection.begin()
            self._begin(self._connection)
        elif not self.own:
            self._begin(self._connection)  # its owner may only have read so far
        return self._connection

    def _open(self) -> sa.Connection:
        assert isinstance(self._bind, sa.Engine)
        with translated():
            connection = self._bind.connect()
        if self._bind.dialect.name == "postgresql" and self._isolation:
            connection = connection.execution_options(isolation_level=self._isolation)
        return connection

    def _begin(self, connection: sa.Connection) -> None:
        if connection.dialect.name == "sqlite":
            # Python's sqlite3 begins a transaction only before it first changes a row, so that what is read before
            # is of no moment in particular and a savepoint commits.
            driver: Any = connection.connection.driver_connection
            if not driver.in_transaction:
                with translated():
                    connection.exec_driver_sql("BEGIN")

    @property
    def store(self) -> Store:
        connection = self.connection
        if self._store is None or self._store.connection is not connection:
            self._store = _Store(self.schema, connection)
        return self._store

    @property
    def access(self) -> Access:
        """Rights, rules and values of the rows as they are now."""
        if self._access is None:
            store = self.store
            self._reader = GrowingReader(store)
            self._access = Access(store, self._reader)
        return self._access

    @property
    def reader(self) -> GrowingReader:
        """The values of the rows as they are now."""
        _ = self.access
        assert self._reader is not None
        return self._reader

    # -- changes -------------------------------------------------------------------------------------------

    def _listen(self, connection: sa.Connection) -> None:
        """What the owner of the connection (or another environment on it) does over it changes rows too."""
        mine = weakref.ref(self)

        def ended(*_: Any) -> None:
            found = mine()
            if found is not None:
                found._ended()

        def asked(_: Any, __: Any, statement: str, *___: Any) -> None:
            found = mine()
            if found is not None and not statement.startswith(_READING):
                found.changed()

        for name in ("commit", "rollback", "rollback_savepoint"):
            event.listen(connection, name, ended)
        event.listen(connection, "after_cursor_execute", asked)

    def changed(self) -> None:
        """Rows are other than they were: nothing that was worked out holds any more."""
        self._access = None
        if self._store is not None:
            self._store.rows_changed()

    def check_writable(self) -> None:
        """Raises UserError where the tables are an Odoo's own, which are only read."""
        if self.readonly:
            raise UserError("these tables are an Odoo's own: Ostiary reads them and changes nothing")

    def execute(self, statement: sa.Executable, parameters: Any = None) -> sa.CursorResult[Any]:
        """Run a statement that may change rows."""
        self.check_writable()
        with translated():
            return self.connection.execute(statement, parameters)

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        """All of what is done inside, or nothing."""
        with translated():
            nested = self.connection.begin_nested()
        seen = set(self.seen)
        self._units += 1
        try:
            yield
        except BaseException:
            if nested.is_active:
                nested.rollback()
            self.seen = seen
            self.changed()
            raise
        else:
            with translated():
                nested.commit()
            if self._store is not None:
                self._store.rows_changed()
        finally:
            self._units -= 1

    def _check_whole(self) -> None:
        """Raises UserError inside a unit, whose end decides about what was done in it."""
        if self._units:
            raise UserError("a unit is all or nothing: nothing is committed or rolled back inside of it")

    @property
    def at_work(self) -> bool:
        """Whether there is an open transaction."""
        return self._connection is not None and self._connection.in_transaction()

    def commit(self) -> None:
        self._check_whole()
        try:
            if self._connection is not None and self._connection.in_transaction():
                with translated():
                    self._connection.commit()
        except BaseException:
            self._undo()
            raise
        finally:
            self._ended()

    def rollback(self) -> None:
        self._check_whole()
        self._undo()
        self._ended()

    def _undo(self) -> None:
        connection = self._connection
        if connection is None:
            return
        if connection.in_transaction():
            connection.rollback()
        elif (
            self.own and connection.dialect.name == "sqlite" and in_memory.at_work(self._shared, self) is None
        ):
            # After a commit that failed, SQLite's transaction goes on, and SQLAlchemy knows nothing of it any more.
            driver: Any = connection.connection.driver_connection
            driver.rollback()

    def close(self) -> None:
        """Give the connection back. What was not committed is rolled back. Nothing is asked of it any more."""
        self._closed = True
        if self._connection is not None and self.own:
            other = in_memory.at_work(self._shared, self)
            if other is not None:
                other._parked.append(self._connection)
            else:
                self._connection.close()
            self._connection = None
            self._store = None
        while self._parked:
            self._parked.pop().close()
        self._ended()

    def _ended(self) -> None:
        self.seen.clear()
        self.changed()
