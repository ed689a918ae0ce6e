"""Flush: the objects of a session, checked as Odoo checks records.

A new one is checked after it was inserted, a changed or deleted one before, in strict mode a changed one after as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapper, attributes, object_session
from sqlalchemy.orm.base import PASSIVE_NO_INITIALIZE
from sqlalchemy.orm.interfaces import MANYTOMANY, MANYTOONE

from ostiary.enforce.orm.compiler import refuse
from ostiary.enforce.orm.ties import Tie, linked, many2one
from ostiary.policy import Mode

if TYPE_CHECKING:
    from ostiary.enforce.orm.gate import Gate

_ByModel = dict[str, list[int]]


class Flush:
    """One flush of a secured session: what was checked before it and what is to be checked after."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.ties = gate.app.ties
        self._written: dict[Any, set[str]] = {}
        self._created: dict[Any, set[str]] = {}
        self._deleted: set[Any] = set()
        self._linked: list[tuple[str, str, str, Any]] = []

    # -- before --------------------------------------------------------------------------------------------

    def before(self, new: Iterable[Any], dirty: Iterable[Any], deleted: Iterable[Any]) -> None:
        """Check what is known to be written before anything is."""
        for item in new:
            self._create(sa.inspect(item))
        for item in dirty:
            self._write(sa.inspect(item))
        for item in deleted:
            self._delete(sa.inspect(item))
        self._check(Mode.WRITE, [state for state, fields in self._written.items() if fields])
        self._check(Mode.UNLINK, self._deleted)

    def also(self, kind: str, target: Any) -> None:
        """SQLAlchemy is about to write an object that was not known before: a line that is cut off, a cascade."""
        state = sa.inspect(target)
        if kind == "insert" and state not in self._created:
            self._create(state)
        elif kind == "update" and state not in self._created:
            self._written_too(state)
        elif kind == "delete" and state not in self._deleted:
            self._delete(state)
            self._check(Mode.UNLINK, [state])

    def _create(self, state: Any) -> None:
        tie = self._tie(state)
        self.gate.check_right(tie.model, Mode.CREATE)
        fields = {field for field, value in _set_fields(tie, state) if value is not None}
        self._created[state] = fields
        self._check_fields(tie, Mode.CREATE, fields)
        self._links(tie, state)

    def _write(self, state: Any) -> None:
        tie = self._tie(state)
        fields = set(_changed(tie, state))
        if "id" in fields:
            raise refuse(f"a change of the primary key of {tie.model}")
        self._written[state] = fields
        self._check_fields(tie, Mode.WRITE, fields)
        self._links(tie, state)

    def _written_too(self, state: Any) -> None:
        """What a flush itself has set in an object: the key of the record it was put under, or none."""
        known = self._written.get(state)
        if known is None:
            self._write(state)
        else:
            tie = self._tie(state)
            self._written[state] = known | set(_changed(tie, state))
            self._check_fields(tie, Mode.WRITE, self._written[state] - known)
        if not known and self._written[state]:
            self._check(Mode.WRITE, [state])

    def _delete(self, state: Any) -> None:
        self._tie(state)
        self._deleted.add(state)

    def _tie(self, state: Any) -> Tie:
        tie = self.ties.of(state.mapper)
        if tie is None:
            raise refuse(f"class {state.mapper.class_.__name__}, which is tied to no model,")
        for one in (tie.mapper, state.mapper):
            if any(prop.post_update for prop in one.relationships):
                raise refuse(f"post_update, which {one.class_.__name__} has,")
        return tie

    def _check_fields(self, tie: Tie, mode: Mode, fields: Iterable[str]) -> None:
        known = self.gate.app.policy.models[tie.model].fields
        # A subclass's own columns are no fields: the model's rules and rights are all there is.
        self.gate.check_fields(tie.model, mode, sorted(name for name in fields if name in known))

    def _links(self, tie: Tie, state: Any) -> None:
        """What is put into a many2many: it has to be readable, and one of the two records to be one's own to write."""
        for prop in state.mapper.relationships:
            if prop.direction is not MANYTOMANY or prop.viewonly:
                continue
            history = attributes.get_history(state.obj(), prop.key, PASSIVE_NO_INITIALIZE)
            changed = [one for one in (*(history.added or ()), *(history.deleted or ())) if one is not None]
            if not changed:
                continue
            if prop.secondary not in self.ties.links:
                raise refuse(
                    f"the links of {tie.model}.{prop.key}, whose table leads to what is tied to no model,"
                )
            found = linked(self.ties, tie, prop)
            field = next((name for name, one in tie.relations.items() if one is prop), prop.key)
            if found is not None and field in self.gate.app.policy.models[tie.model].fields:
                self._check_fields(tie, Mode.WRITE, [field])
            for other in changed:
                self._linked.append((tie.model, field, "", (state, sa.inspect(other))))

    def _check(self, mode: Mode, states: Iterable[Any], *, after: bool = False) -> None:
        for model, ids in self._by_model(states).items():
            self.gate.check(model, mode, ids, after=after)

    def _by_model(self, states: Iterable[Any]) -> _ByModel:
        found: _ByModel = defaultdict(list)
        for state in states:
            found[self._tie(state).model].append(_id(state))
        return {model: sorted(set(ids)) for model, ids in found.items()}

    # -- after ---------------------------------------------------------------------------------------------

    def after(self) -> None:
        """Check what became of the records, in the same transaction."""
        self.gate.changed()
        created = [state for state in self._created if state not in self._deleted]
        written = [state for state, fields in self._written.items() if fields and state not in self._deleted]
        self._check(Mode.CREATE, created)
        if self.gate.strict:
            self._check(Mode.WRITE, written, after=True)
        self._check_many2one([*created, *written])
        self._check_links()

    def _check_many2one(self, states: Iterable[Any]) -> None:
        linked_: dict[tuple[str, str, str], set[int]] = defaultdict(set)
        for state in states:
            tie = self._tie(state)
            fields = self._created.get(state, set()) | self._written.get(state, set())
            for field, column in tie.fields.items():
                comodel = many2one(self.ties, tie, column)
                if comodel is None or (field not in fields and state not in self._created):
                    continue
                value = state.dict.get(state.mapper.get_property_by_column(column).key)
                if isinstance(value, int):
                    linked_[tie.model, field, comodel].add(value)
        for (model, field, comodel), ids in linked_.items():
            self.gate.check_links(model, field, comodel, ids)

    def _check_links(self) -> None:
        """Of each pair that was linked or cut, one record must be the user's to write and the other one to read."""
        for model, field, _, (state, other) in self._linked:
            tie, far = self._tie(state), self._tie(other)
            if state in self._deleted or other in self._deleted:
                continue
            near_ok = state in self._created or self._may(tie, state)
            if near_ok or (other not in self._created and not self._may(far, other)):
                if not near_ok:
                    self.gate.check(tie.model, Mode.WRITE, [_id(state)])
                self.gate.check_links(model, field, far.model, [_id(other)])
            else:
                self.gate.check_links(far.model, field, tie.model, [_id(state)])

    def _may(self, tie: Tie, state: Any) -> bool:
        gate = self.gate
        with gate.refusing(tie.model, Mode.WRITE):
            if not gate.access.may(gate.who, tie.model, Mode.WRITE):
                return False
            return bool(gate.access.allowed(gate.who, tie.model, Mode.WRITE, [_id(state)]))


def _id(state: Any) -> int:
    key = state.identity[0] if state.identity else state.mapper.primary_key_from_instance(state.obj())[0]
    return int(key)


def _set_fields(tie: Tie, state: Any) -> Iterator[tuple[str, Any]]:
    """The fields that a new object has values for."""
    for field, column in tie.fields.items():
        key = state.mapper.get_property_by_column(column).key
        if key in state.dict and field != "id":
            _plain(tie, field, state.dict[key])
            yield field, state.dict[key]
    for prop in state.mapper.relationships:
        if prop.direction is MANYTOONE and state.dict.get(prop.key) is not None:
            yield from ((field, True) for field in _fields_of(tie, prop))


def _changed(tie: Tie, state: Any) -> Iterator[str]:
    """The fields of an object that are other than they were. Those that a subclass has in a table of its own count as
    `<key>`: they are none of the model."""
    for prop in state.mapper.column_attrs:
        column = prop.columns[0]
        if not isinstance(column, sa.Column):
            continue
        history = attributes.get_history(state.obj(), prop.key, PASSIVE_NO_INITIALIZE)
        if history.added or history.deleted:
            field = tie.field_of(column) or ("id" if column.primary_key else f"<{prop.key}>")
            for value in history.added or ():
                _plain(tie, field, value)
            yield field
    for prop in state.mapper.relationships:
        if prop.direction is not MANYTOONE or prop.viewonly:
            continue
        history = attributes.get_history(state.obj(), prop.key, PASSIVE_NO_INITIALIZE)
        if history.added or history.deleted:
            yield from _fields_of(tie, prop)


def _fields_of(tie: Tie, prop: Any) -> Iterator[str]:
    for column in prop.local_columns:
        field = tie.field_of(column)
        if field is not None and field != "id":
            yield field


def _plain(tie: Tie, field: str, value: Any) -> None:
    """An expression as a value would be put into the UPDATE as it is."""
    if isinstance(value, sa.ClauseElement) or hasattr(value, "__clause_element__"):
        raise refuse(f"an SQL expression as the value of {tie.model}.{field}")


def _watch(kind: str) -> None:
    def listener(mapper: Any, connection: Any, target: Any) -> None:
        session = object_session(target)
        flush = getattr(session, "_ostiary_flush", None)
        if flush is not None:
            flush.also(kind, target)

    event.listen(Mapper, f"before_{kind}", listener)


for _kind in ("insert", "update", "delete"):
    _watch(_kind)
