"""insert(), update() and delete() statements: rows that the user may not read are not touched, one that they may read
and not change refuses the whole, and what was done is checked before it counts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.orm import Session
from sqlalchemy.sql import dml

from ostiary.enforce.errors import ConcurrencyError
from ostiary.enforce.orm.compiler import refuse
from ostiary.enforce.orm.ties import Tie, many2one
from ostiary.policy import Mode

if TYPE_CHECKING:
    from ostiary.enforce.orm.gate import Gate

LISTED = 10_000
"""How many rows a statement is told to change by their ids; more are told by the rules again."""


class Change:
    """One statement of a secured session; `run` carries it out."""

    def __init__(
        self, session: Session, gate: Gate, statement: Any, parameters: Any, run: Callable[..., Any]
    ) -> None:
        self.session = session
        self.gate = gate
        self.statement = statement
        self.parameters = parameters
        self.run = run
        table = getattr(self.statement, "table", None)
        tie = gate.app.ties.tables.get(table) if isinstance(table, sa.Table) else None
        if tie is None:
            raise refuse(f"a change of {getattr(table, 'name', 'what')} by a statement")
        self.tie: Tie = tie
        self.model = tie.model
        self.fields = self._fields()

    def done(self) -> Any:
        """Carry it out; its result. Raises AccessError, and leaves nothing behind."""
        self.session.flush()
        self.session.connection()
        if isinstance(self.statement, dml.Insert):
            return self._insert()
        return self._update() if isinstance(self.statement, dml.Update) else self._delete()

    # -- insert --------------------------------------------------------------------------------------------

    def _insert(self) -> Any:
        self.gate.check_right(self.model, Mode.CREATE)
        self.gate.check_fields(self.model, Mode.CREATE, self.fields)
        if self.statement._post_values_clause is not None:
            raise refuse("an insert() that may change rows that are there (on conflict)")
        with self._whole():
            result, ids = self._inserted()
            self.gate.changed()
            if any(one is None for one in ids):
                raise refuse("an insert() whose new ids are not known")
            self.gate.check(self.model, Mode.CREATE, ids)
            self._check_links(ids)
        return result

    def _inserted(self) -> tuple[Any, list[int]]:
        statement, key = self.statement, self.tie.key
        several = isinstance(self.parameters, list) or (self._of_class and self.parameters)
        if statement._returning:
            frozen = self._run(statement).freeze()
            return frozen(), [self._id_of(row) for row in frozen().all()]
        if several or statement._multi_values or statement.select is not None:
            rows = self._run(statement.returning(key)).all()
            return _ids_result(rows), [row[0] for row in rows]
        result = self._run(statement)
        return result, [result.inserted_primary_key[0]]

    def _id_of(self, row: Any) -> int:
        for value in row:
            if isinstance(value, self.tie.cls):
                return int(sa.inspect(value).identity[0])
        mapping = row._mapping
        for key in (self.tie.key, self.tie.mapper.get_property_by_column(self.tie.key).class_attribute):
            with contextlib.suppress(KeyError, sa.exc.InvalidRequestError):
                return int(mapping[key])
        raise refuse("an insert() with returning() but without the primary key in it")

    # -- update, delete ------------------------------------------------------------------------------------

    def _update(self) -> Any:
        by_key = isinstance(self.parameters, list) and "id" in self.fields
        if by_key or (isinstance(self.parameters, list) and len(self.parameters) > 1):
            raise refuse(
                "an update() with a list of parameters, in whose place objects are changed or update() has a where(),"
            )
        self.gate.check_right(self.model, Mode.WRITE)
        self.gate.check_fields(self.model, Mode.WRITE, self.fields)
        if "id" in self.fields:
            raise refuse(f"a change of the primary key of {self.model}")
        ids = self._ids()
        self.gate.check(self.model, Mode.WRITE, ids)
        with self._whole():
            result = self._narrowed(ids, Mode.WRITE)
            self.gate.changed()
            if self.gate.strict:
                self.gate.check(self.model, Mode.WRITE, ids, after=True)
            self._check_links(ids)
        return result

    def _delete(self) -> Any:
        ids = self._ids()
        self.gate.check(self.model, Mode.UNLINK, ids)
        with self._whole():
            return self._narrowed(ids, Mode.UNLINK)

    def _ids(self) -> list[int]:
        """The rows that the statement is about and that the user may read."""
        wanted = sa.select(self.tie.key).select_from(self.tie.table)
        for one in self.statement._where_criteria:
            wanted = wanted.where(one)
        rows = self.session.connection().execute(wanted.distinct(), self._one())
        return sorted(int(row[0]) for row in rows)

    def _one(self) -> dict[str, Any]:
        given = self.parameters
        one = given[0] if isinstance(given, list) and given else given
        return dict(one) if isinstance(one, dict) else {}

    def _narrowed(self, ids: Sequence[int], mode: Mode) -> Any:
        key: Any = self.tie.key
        if self._of_class:
            key = self.tie.mapper.get_property_by_column(key).class_attribute
        if len(ids) <= LISTED:
            statement = self.statement.where(key.in_(ids))
        else:
            statement = self.statement.where(key.in_(self._by_rules(mode)))
        result = self._run(statement)
        count = getattr(result, "rowcount", -1)
        if not self.statement._returning and count not in (-1, len(ids)):
            raise ConcurrencyError(
                "another transaction changed the same rows first; roll back and do it again from the start"
            )
        return result

    def _by_rules(self, mode: Mode) -> Any:
        """The ids of the records that may be both read and changed, as the database finds them."""
        gate, shadow = self.gate, self.gate.app.schema.shadow(self.tie.table)
        found = sa.select(shadow.c.id).correlate(None)
        for one in (Mode.READ, mode):
            condition, _ = gate.condition(self.model, one)
            if condition is not None:
                found = found.where(condition)
        return found

    # -- all three -----------------------------------------------------------------------------------------

    @property
    def _of_class(self) -> bool:
        """Whether the statement is about the mapped class, and not about its table."""
        return bool(self.statement._propagate_attrs)

    def _run(self, statement: Any) -> Any:
        with self.gate.write(self.tie.table):
            result = self.run(statement, self.parameters)
            # What is returned is read before anything else is asked: SQLite ends no savepoint under an open cursor.
            return result.freeze()() if self.statement._returning else result

    def _fields(self) -> list[str]:
        """The fields that the statement sets."""
        given: list[Any] = []
        statement = self.statement
        for values in (getattr(statement, "_values", None), getattr(statement, "_ordered_values", None)):
            given += list(dict(values)) if values else []
        for rows in getattr(statement, "_multi_values", ()):
            given += [key for row in rows for key in row]
        given += list(getattr(statement, "_select_names", None) or ())
        if isinstance(statement, dml.Insert | dml.Update):
            parameters = self.parameters
            for row in parameters if isinstance(parameters, list) else [parameters] if parameters else []:
                given += list(row)
        found = dict.fromkeys(field for one in given if (field := self._field(one)) is not None)
        return list(found)

    def _field(self, given: Any) -> str | None:
        """The field that a key of values is: a column, an attribute or the name of either."""
        if isinstance(given, str):
            prop = self.tie.mapper.attrs.get(given)
            column = (
                prop.columns[0]
                if prop is not None and hasattr(prop, "columns")
                else self.tie.table.c.get(given)
            )
        else:
            column = given.__clause_element__() if hasattr(given, "__clause_element__") else given
        if column is None:
            return None  # a parameter of its condition
        field = next(
            (name for name, one in self.tie.fields.items() if one is column or one == column is True), None
        )
        field = field or next(
            (name for name, one in self.tie.fields.items() if one.name == column.name), None
        )
        if field is None:
            raise refuse(f"a value for {column.name} of {self.model}, which is mapped to no attribute,")
        return field

    def _check_links(self, ids: Sequence[int]) -> None:
        """What the rows now lead to has to be readable."""
        if not self.gate.strict or not ids:
            return
        shadow = self.gate.app.schema.shadow(self.tie.table)
        for field in self.fields:
            comodel = many2one(self.gate.app.ties, self.tie, self.tie.fields[field])
            if comodel is not None:
                column = shadow.c[field]
                found = sa.select(column).where(shadow.c.id.in_(list(ids)), column.is_not(None)).distinct()
                rows = self.gate.connection.execute(found).scalars()
                self.gate.check_links(self.model, field, comodel, rows)

    @contextlib.contextmanager
    def _whole(self) -> Iterator[None]:
        """All of what is done inside, or nothing."""
        nested = self.session.connection().begin_nested()
        known = set(self.session.identity_map.keys())
        try:
            yield
        except BaseException:
            if nested.is_active:
                nested.rollback()
            self.gate.changed()
            _forget(self.session, known)
            raise
        nested.commit()
        self.gate.changed()


def _forget(session: Any, known: set[Any]) -> None:
    """What the session made of a statement that was undone is no longer so."""
    for key, item in list(session.identity_map.items()):
        if key not in known:
            session.expunge(item)
    session.expire_all()


def _ids_result(rows: Iterable[Any]) -> Any:
    return IteratorResult(SimpleResultMetaData(["id"]), iter([tuple(row) for row in rows]))
