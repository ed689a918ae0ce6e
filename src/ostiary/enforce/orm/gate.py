"""Gate: one secured session at work: its connection, what is known over it, and which statements may pass."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import FromStatement
from sqlalchemy.sql import dml
from sqlalchemy.sql.expression import ReleaseSavepointClause, RollbackToSavepointClause, SavepointClause

from ostiary.domain import TRUE, Domain
from ostiary.enforce import refusals
from ostiary.enforce.bypasses import Bypasses
from ostiary.enforce.errors import AccessError, translated
from ostiary.enforce.orm.compiler import refuse
from ostiary.enforce.orm.dialect import begin
from ostiary.enforce.rows.reader import GrowingReader
from ostiary.policy import Mode
from ostiary.records.access import Access
from ostiary.records.errors import Fails, Refused, Undecided
from ostiary.records.session import Session
from ostiary.records.sql import where
from ostiary.records.store import Store

if TYPE_CHECKING:
    from ostiary.enforce.orm.app import App
    from ostiary.enforce.orm.face import Face

_WORKING: ContextVar[Gate | None] = ContextVar("ostiary_gate", default=None)
_SAVEPOINTS = (SavepointClause, ReleaseSavepointClause, RollbackToSavepointClause)


def working() -> Gate:
    """The gate whose statement is being compiled. Raises AccessError outside a secured session."""
    found = _WORKING.get()
    if found is None:
        raise refuse("a statement outside its session")
    return found


class GuardedEngine(sa.Engine):
    """An engine on the pool of another that only its session uses."""

    gate: Gate


class Gate:
    """What a secured session may do. `strict`: what a write makes of a record is checked too, and so are links."""

    def __init__(
        self, app: App, base: sa.Engine, who: Session, functions: frozenset[str], *, strict: bool
    ) -> None:
        self.app = app
        self.base = base
        self.who = who
        self.strict = strict
        self.bypasses = Bypasses()
        self.face: Face = app.face(base, who, functions)
        self.engine = GuardedEngine(
            base.pool,
            self.face.dialect,
            base.url,
            query_cache_size=0,
            execution_options={"compiled_cache": app.statements},
            hide_parameters=base.hide_parameters,
        )
        self.engine.gate = self
        self.writing: sa.Table | None = None
        """The table that a checked statement is changing just now."""
        self.flushing = False
        self.admitted = 0
        """How many statements were let through."""
        self._connection: sa.Connection | None = None
        self._raw: sa.Connection | None = None
        self._access: Access | None = None
        self._doubtful = True

    # -- the connection ------------------------------------------------------------------------------------

    def began(self, connection: sa.Connection) -> None:
        """The session began a transaction, or a savepoint."""
        if self._connection is not connection:
            self._connection, self._raw = connection, None
        self.changed()

    def changed(self) -> None:
        """Rows may be other than they were: what rests on them is worked out anew when it is next asked for."""
        self._access = None
        self._doubtful = True

    @property
    def connection(self) -> sa.Connection:
        """The session's connection, without a guard: for what Ostiary itself reads. In the same transaction."""
        if self._connection is None:
            raise refuse("a statement outside a transaction of its session")
        if self._raw is None:
            begin(self._connection)
            self._raw = sa.Connection(self.base, connection=self._connection._dbapi_connection)
        return self._raw

    @property
    def access(self) -> Access:
        """Rights, rules and values of the rows as they are now."""
        if self._access is None:
            store = Store(self.app.schema, self.connection)
            self._access = Access(store, GrowingReader(store))
        return self._access

    # -- statements ----------------------------------------------------------------------------------------

    def admit(self, connection: sa.Connection, statement: Any, options: Any) -> None:
        """Let a statement pass, or raise AccessError. The connection's dialect then shows what the user may see now."""
        if isinstance(statement, _SAVEPOINTS):
            return
        self.admitted += 1
        if connection is not self._connection:
            raise refuse("a connection that is not the session's own")
        if options.get("schema_translate_map"):
            raise refuse("schema_translate_map")
        statement = getattr(statement, "_resolved", statement)  # of a lambda
        if isinstance(statement, dml.UpdateBase):
            self._admit_change(statement, options)
        elif not isinstance(statement, sa.SelectBase | sa.FunctionElement | sa.ColumnElement | FromStatement):
            raise refuse(f"a statement of this kind ({type(statement).__name__})")
        if self._doubtful:
            _WORKING.set(self)
            if self.face.outdated(self):
                self.face = self.app.renew(self.base, self.face)
            self._doubtful = False
        connection.dialect = self.face.dialect
        _WORKING.set(self)

    def _admit_change(self, statement: dml.UpdateBase, options: Any) -> None:
        table: Any = statement.table
        if not self.face.is_mapped(table):
            raise refuse(f"a change of table {getattr(table, 'name', '')}, which is tied to no model,")
        if self.flushing:
            cached = options.get("compiled_cache")
            if table in self.app.ties.links or any(cached is one for one in self._caches()):
                return
        elif self.writing is not None and table in {
            self.writing
        }:  # an annotated table is equal, and another object
            return
        raise refuse(f"a change of {table.name} that the session was not asked for")

    def _caches(self) -> Iterable[object]:
        """What a flush keeps its statements in: how they are told from others while it runs."""
        return (mapper.base_mapper._compiled_cache for mapper in self.app.ties.mappers)

    @contextlib.contextmanager
    def write(self, table: sa.Table) -> Iterator[None]:
        """Inside, statements may change this table: they were checked, or are about to be."""
        before, self.writing = self.writing, table
        try:
            yield
        finally:
            self.writing = before
            self.changed()

    # -- questions -----------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def refusing(self, model: str, mode: Mode) -> Iterator[None]:
        """Raises what records refuse as AccessError, and Undecided for what nobody said of the user."""
        try:
            with translated(), self._said():
                yield
        except Refused as error:
            raise refusals.of(error, self.access, self.who, model, mode) from None

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        """Says what is to be given where a rule reads of the user what isn't known."""
        try:
            yield
        except Undecided as error:
            if self.who.uid is not None or "nobody in particular" not in str(error):
                raise
            raise Undecided(f"{error}: give the user an id, new_user(..., id=...)") from None
        except Fails as error:
            if (
                error.error != "KeyError"
                or "res.users" in self.app.ties.models
                or "res.users" not in str(error)
            ):
                raise
            raise Undecided(
                "cannot be decided: a rule reads what is not known of the user: tie a class to res.users, or say it in "
                "secure(..., values=...)"
            ) from None

    def by_field(self, model: str, mode: Mode, field: str) -> AccessError:
        return refusals.by_field(self.access, self.who, model, mode, field)

    def domain(self, model: str, mode: Mode) -> Domain:
        """What the user's rules come to now. Raises as `condition` does."""
        with self.refusing(model, mode):
            return self.access.rule_domain(self.who, model, mode)

    def condition(
        self, model: str, mode: Mode, access: Access | None = None
    ) -> tuple[sa.ColumnElement[bool] | None, Domain]:
        """What the user's rules leave of a model, as a condition on its shadow (None for all rows) and as a domain.

        Raises AccessError where no access right gives the mode, Undecided where the rules can't be known.
        """
        access = access or self.access
        with self.refusing(model, mode):
            access.layers.find(model, None)
            domain = access.rule_domain(self.who, model, mode)
            if domain == TRUE:
                return None, domain
            inside = self.who.sudo()
            if access.policy.semantics.domain.rule_lines_ignore_active_test:
                inside = inside.with_active_test(False)
            return where(access.store, access, inside, model, domain), domain

    def check_right(self, model: str, mode: Mode) -> None:
        """Raises AccessError where no access right gives the mode."""
        with self.refusing(model, mode):
            granted = self.access.may(self.who, model, mode)
        if not granted:
            raise refusals.by_right(self.access, self.who, model, mode)

    def check(self, model: str, mode: Mode, ids: Sequence[int], *, after: bool = False) -> None:
        """Raises AccessError where the user may not do this with one of the records."""
        self.check_right(model, mode)
        if not ids:
            return
        with self.refusing(model, mode):
            passing = set(self.access.allowed(self.who, model, mode, list(ids)))
        stopped = tuple(one for one in ids if one not in passing)
        if stopped:
            raise refusals.by_rule(self.access, self.who, model, mode, stopped, after=after)

    def check_fields(self, model: str, mode: Mode, fields: Iterable[str]) -> None:
        """Raises AccessError where field groups keep the user from one of the fields."""
        for name in fields:
            if name == "id":
                continue
            try:
                with self.refusing(model, mode):
                    self.access.check_field(self.who, model, name)
            except AccessError as error:
                if error.kind == "field":
                    raise self.by_field(model, mode, name) from None
                raise

    def check_links(self, model: str, field: str, comodel: str, ids: Iterable[int]) -> None:
        """Raises AccessError where a record is linked that the user may not read."""
        wanted = sorted(set(ids))
        if not self.strict or not wanted:
            return
        with self.refusing(comodel, Mode.READ):
            readable = self.access.may(self.who, comodel, Mode.READ)
            # What isn't there is refused in the same words as what isn't theirs.
            there = sorted(self.access.existing(comodel, wanted)) if readable else []
            passing = set(self.access.allowed(self.who, comodel, Mode.READ, there))
        stopped = tuple(one for one in wanted if one not in passing)
        if stopped:
            raise refusals.by_link(self.who, model, field, comodel, stopped)


@event.listens_for(GuardedEngine, "before_execute", retval=True)
def _before(
    connection: sa.Connection, statement: Any, several: Any, parameters: Any, options: Any
) -> tuple[Any, Any, Any]:
    gate: Gate | None = getattr(connection.engine, "gate", None)
    if gate is None:
        raise refuse("an engine made of the session's own")
    gate.admit(connection, statement, options)
    return statement, several, parameters
