"""secure(): a SQLAlchemy session in which a user finds, reads and changes what rights and rules give them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session, scoped_session
from sqlalchemy.sql import dml

from ostiary.enforce.bypasses import Bypass
from ostiary.enforce.errors import AccessError, InvalidError
from ostiary.enforce.orm.app import app_of
from ostiary.enforce.orm.changes import Change
from ostiary.enforce.orm.compiler import refuse
from ostiary.enforce.orm.flush import Flush
from ostiary.enforce.orm.gate import Gate, GuardedEngine
from ostiary.enforce.orm.who import session_of
from ostiary.policy import Policy, Subject, User

_S = TypeVar("_S", bound=Session)


def secure(
    session: _S | scoped_session[_S],
    policy: Policy,
    user: User | Subject | str,
    *,
    companies: Sequence[int] | None = None,
    values: Mapping[str, object] | None = None,
    functions: Iterable[str] = (),
    strict: bool = True,
) -> _S:
    """Make a session one user's, for as long as it lives; the same session is returned.

    Every table in a statement is the part of it that the user may read; every change is checked. What can't be guarded
    raises AccessError, as does what the user may not do; what only running Odoo would tell raises Undecided.

    `policy` is one that `policy_for` made of the application's classes. `user` is a `policy.User` with its id and
    groups, a login that the policy knows, or a Subject. `companies` are the ids of the companies they work in, the
    current one first. `values` say what rules read of the user and no table holds, by the rule's own text:
    `{"user.partner_id.id": 7}`. `functions` are database functions the application trusts to read no rows. `strict`
    also checks what a write makes of a record, and that nobody links what they may not read; without, it is as in Odoo.

    The session must be new, and bound to one engine. Raises InvalidError where it isn't.
    """
    plain: Any = session() if isinstance(session, scoped_session) else session
    base = _engine_of(plain)
    app = app_of(base, policy)
    who = session_of(policy, user, companies, values)
    gate = Gate(app, base, who, frozenset(functions), strict=strict)
    plain.__class__ = _secured(type(plain))
    plain._ostiary_gate = gate
    plain.bind = gate.engine
    plain._query_cls = _guarded_query(plain._query_cls)
    for name, listener in _LISTENERS:
        # The class has them, but not where somebody listened to this very session before.
        if listener not in getattr(plain.dispatch, name):
            event.listen(plain, name, listener)
    return plain  # type: ignore[no-any-return]


def gate_of(session: Session) -> Gate:
    """The gate of a secured session. Raises InvalidError for another one."""
    found = session.__dict__.get("_ostiary_gate")
    if not isinstance(found, Gate):
        raise InvalidError("this session was not secured: call secure(session, policy, user) first")
    return found


def _engine_of(session: Any) -> sa.Engine:
    if not isinstance(session, Session):
        raise InvalidError(f"secure() takes a Session of SQLAlchemy, not {type(session).__name__}")
    if "_ostiary_gate" in session.__dict__:
        raise InvalidError("this session is somebody's already: make a new one for another user")
    if session.in_transaction() or session.identity_map or session.new:
        raise InvalidError("this session was used before: secure() takes a new one")
    if getattr(session, "_Session__binds", None) or session.twophase:
        raise InvalidError("secure() takes a session that is bound to one engine")
    bind = session.bind
    if not isinstance(bind, sa.Engine) or isinstance(bind, GuardedEngine):
        raise InvalidError("secure() takes a session that is bound to one engine")
    if bind.dialect.is_async or bind.dialect.name not in ("sqlite", "postgresql"):
        raise InvalidError("secure() works on SQLite and PostgreSQL, without asyncio")
    if str(bind.get_execution_options().get("isolation_level", "")).upper() == "AUTOCOMMIT":
        raise InvalidError("secure() needs transactions, and this engine commits each statement by itself")
    return bind


class Secured(Session):
    """What a session becomes: the methods that would go past the guard ask it, or are refused."""

    _ostiary_gate: Gate
    _ostiary_flush: Flush | None = None

    def get_bind(self, *args: Any, **kwargs: Any) -> Any:
        bind = kwargs.get("bind")
        if bind is not None and bind is not self._ostiary_gate.engine:
            raise refuse("another engine or connection")
        return self._ostiary_gate.engine

    def connection(self, bind_arguments: Any = None, execution_options: Any = None) -> sa.Connection:
        if execution_options and "isolation_level" in execution_options:
            level = str(execution_options["isolation_level"])
            if level.upper() == "AUTOCOMMIT":
                raise refuse("a connection that commits each statement by itself")
        return super().connection(bind_arguments, execution_options)

    def execute(self, statement: Any, params: Any = None, **kwargs: Any) -> Any:
        if isinstance(statement, dml.UpdateBase):
            run = partial(super().execute, **kwargs)
            return Change(self, self._ostiary_gate, statement, params, run).done()
        # Of from_statement(), and of a lambda.
        if any(isinstance(getattr(statement, one, None), dml.UpdateBase) for one in ("element", "_resolved")):
            raise refuse("a statement that changes rows inside another one")
        return super().execute(statement, params, **kwargs)

    def scalars(self, statement: Any, params: Any = None, **kwargs: Any) -> Any:
        if isinstance(statement, dml.UpdateBase):
            return self.execute(statement, params, **kwargs).scalars()
        return super().scalars(statement, params, **kwargs)

    def scalar(self, statement: Any, params: Any = None, **kwargs: Any) -> Any:
        if isinstance(statement, dml.UpdateBase):
            return self.execute(statement, params, **kwargs).scalar()
        return super().scalar(statement, params, **kwargs)

    def get(self, entity: Any, ident: Any, **kwargs: Any) -> Any:
        return self._readable(super().get, entity, ident, kwargs)

    def get_one(self, entity: Any, ident: Any, **kwargs: Any) -> Any:
        return self._readable(super().get_one, entity, ident, kwargs)

    def _readable(self, get: Any, entity: Any, ident: Any, kwargs: dict[str, Any]) -> Any:
        """An object that is at hand is asked for again: what became of it may be somebody else's now."""
        before = self._ostiary_gate.admitted
        found = get(entity, ident, **kwargs)
        if found is None or self._ostiary_gate.admitted != before or self._visible(found):
            return found
        self.expunge(found)
        return get(entity, ident, **kwargs)

    def _visible(self, item: Any) -> bool:
        state: Any = sa.inspect(item)
        if state.key is None or state in self._new:
            return True
        tie = self._ostiary_gate.app.ties.of(state.mapper)
        if tie is None:
            return False
        found = sa.select(tie.key).where(tie.key == state.key[1][0])
        return self.connection().execute(found).first() is not None

    def flush(self, objects: Any = None) -> None:
        gate = self._ostiary_gate
        before, self._ostiary_flush = self._ostiary_flush, Flush(gate)
        try:
            super().flush(objects)
        finally:
            self._ostiary_flush = before
            gate.flushing = False

    def bulk_save_objects(self, *args: Any, **kwargs: Any) -> Any:
        raise refuse("bulk_save_objects()")

    def bulk_insert_mappings(self, *args: Any, **kwargs: Any) -> Any:
        raise refuse("bulk_insert_mappings()")

    def bulk_update_mappings(self, *args: Any, **kwargs: Any) -> Any:
        raise refuse("bulk_update_mappings()")


_SECURED: dict[type[Session], type[Session]] = {}
_QUERIES: dict[type[Any], type[Any]] = {}


def _guarded_query(cls: type[Any]) -> type[Any]:
    found = _QUERIES.get(cls)
    if found is not None:
        return found

    def get(self: Any, ident: Any) -> Any:
        raise refuse("Query.get(), in whose place there is session.get(),")

    def count(self: Any) -> int:
        try:
            return int(cls.count(self))
        except AccessError as error:
            if error.kind == "field":
                # The error's own text says which field; it is the same error, with what to do.
                error.args = (
                    f"{error}\nQuery.count() names all columns: name one, as in query(func.count(Order.id)).",
                )
            raise

    found = _QUERIES[cls] = type(cls.__name__, (cls,), {"get": get, "count": count})
    return found


def _secured(cls: type[Session]) -> type[Session]:
    found = _SECURED.get(cls)
    if found is None:
        found = _SECURED[cls] = type(f"Secured{cls.__name__}", (Secured, cls), {})
    return found


def _began(session: Any, transaction: Any, connection: sa.Connection) -> None:
    session._ostiary_gate.began(connection)


def _undone(session: Any, previous: Any) -> None:
    session._ostiary_gate.changed()


def _attached(session: Any, item: Any) -> None:
    """An object that was loaded elsewhere belongs to whoever loaded it."""
    state: Any = sa.inspect(item)
    if state.key is not None and state.session_id is None and not session._visible(item):
        raise refuse("an object of another session that this user may not read")


def _flushing(session: Any, context: Any, instances: Any) -> None:
    session.connection()
    flush: Flush = session._ostiary_flush
    flush.before(session.new, session.dirty, session.deleted)
    session._ostiary_gate.flushing = True


def _flushed(session: Any, context: Any) -> None:
    session._ostiary_gate.flushing = False
    session._ostiary_flush.after()


_LISTENERS: tuple[tuple[str, Any], ...] = (
    ("after_begin", _began),
    ("before_attach", _attached),
    ("before_flush", _flushing),
    ("after_flush", _flushed),
    ("after_soft_rollback", _undone),
)
for _name, _listener in _LISTENERS:
    event.listen(Secured, _name, _listener)


def bypass(session: Session, *, reason: str) -> AbstractContextManager[Session]:
    """A session without a guard in the same transaction, for what the user may not do and the application has to.

    Use what the `with` gives: it has objects of its own, so that nothing that was read past the rules stays in the
    user's session. All of it is done at the end of the block, or nothing where an error leaves it. Who did what for
    which `reason` and where in the code is kept: see `bypasses`. Raises InvalidError without a reason.
    """
    gate = gate_of(session)
    if not reason.strip():
        raise InvalidError(
            "a bypass needs a reason: why the user may not do this, and it is done all the same"
        )
    gate.bypasses.note("bypass", "", gate.who.subject.name, reason)
    return _bypassed(session, gate)


@contextlib.contextmanager
def _bypassed(session: Session, gate: Gate) -> Iterator[Session]:
    session.flush()
    session.connection()
    connection = gate.connection
    if not connection.in_transaction():
        connection.begin()
    # Its own transaction is never ended: it is the user's, who may still roll back.
    inner = Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
    try:
        yield inner
        inner.commit()
    finally:
        inner.close()
        gate.changed()
        for item in session:
            if not session.is_modified(item):
                session.expire(item)


def bypasses(session: Session) -> tuple[Bypass, ...]:
    """What was done past the rules in this session, where in the code, and for which reason."""
    return gate_of(session).bypasses.all()
