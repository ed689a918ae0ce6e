"""The Reader: values of fields out of tables, in bulk, each read once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Never

import sqlalchemy as sa

from ostiary.records.errors import Fails, Undecided
from ostiary.records.memory.columns import Loaded
from ostiary.records.memory.convert import converter, expected, null_of
from ostiary.records.memory.dates import read_date
from ostiary.records.memory.env import Env
from ostiary.records.memory.properties import property_rows
from ostiary.records.memory.source import Ids
from ostiary.records.schema import Column, Lines, Links, Schema, Storage
from ostiary.records.session import Session
from ostiary.records.store import Store

SMALL = 20_000
"""A model of at most this many rows is read whole; of a larger one, `CHUNK` neighbouring ids at a time."""

CHUNK = 2_000
_LARGEST = 2**62  # an id of which its neighbours can be asked for
ENGLISH = "en_US"


class Reader:
    """The stored values of a Store's records, as Odoo's record cache gives them (see `Source`).

    What was read is kept, so that a Reader shows the tables as they were when it first asked; use a new one to
    see later changes. It holds at most a million values a field.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.columns: dict[Any, Any] = {}
        """What evaluations on this reader keep beside its own columns; see `Env.column`."""
        self._stored: dict[tuple[str, str, int | None], Loaded] = {}
        self._related: dict[tuple[str, str], Loaded] = {}
        self._exists: dict[str, Loaded] = {}
        self._small: dict[str, bool] = {}
        self._fallbacks: dict[tuple[str, str, int], object] = {}

    @property
    def schema(self) -> Schema:
        return self.store.schema

    def given(self, model: str, field: str) -> Mapping[int, object] | None:
        """Nothing but what is in tables is known."""
        return None

    def column(self, kind: Column, company: int | None) -> Mapping[int, object]:
        """The values of a stored field, by id. Raises Undecided where they depend on a company and none is
        given."""
        dependent = kind.storage in (Storage.BY_COMPANY, Storage.PROPERTY)
        if dependent and company is None:
            raise Undecided.computed(kind.model, kind.name, "depends on the company, and none is given")
        key = (kind.model, kind.name, company if dependent else None)
        found = self._stored.get(key)
        if found is None:
            found = self._stored[key] = self._column(kind, company)
        return found

    def related(self, kind: Lines | Links) -> Mapping[int, Ids]:
        """The ids beside each record, ascending."""
        key = (kind.model, kind.name)
        found = self._related.get(key)
        if found is None:
            found = self._related[key] = self._lines(kind) if isinstance(kind, Lines) else self._links(kind)
        return found

    def ids(self, model: str) -> Collection[int]:
        """The ids of all rows, read anew."""
        found = [row[0] for row in self.store.rows(sa.select(self._id(model)).order_by(self._id(model)))]
        if not all(isinstance(one, int) for one in found):
            raise Undecided(f"cannot be decided: {model} has rows whose ids are no numbers", model)
        return found

    def exists(self, model: str, record: int) -> bool:
        return bool(self._rows(model)[record])

    def fallback(self, kind: Column, company: int) -> object:
        """The default out of `ir_default`, asked of the store once."""
        key = (kind.model, kind.name, company)
        if key not in self._fallbacks:
            self._fallbacks[key] = self.store.fallback(kind.model, kind.name, company)
        return self._fallbacks[key]

    def values(self, session: Session, model: str, field: str, ids: Iterable[int]) -> dict[int, Any]:
        """A field's values for some records as Python reads them, by id: many2one as an id or False, x2many as
        a tuple of ids without what archived hides, as superuser in the session's companies.

        Raises Undecided where only Python gives them, Fails (`MissingError`, `ValueError`) as `Env.column`.
        """
        column = Env(self, None, session.sudo()).column(model, field)
        return {record: column[record] for record in ids}

    # -- loading ---------------------------------------------------------------------------------------------

    def _id(self, model: str) -> sa.Column[int]:
        return self.schema.model(model).id

    def _rows(self, model: str) -> Loaded:
        found = self._exists.get(model)
        if found is None:
            number = self._id(model)

            def load(record: int) -> Iterable[tuple[int, bool]]:
                return [(row[0], True) for row in self._select(model, number, record, number)]

            found = self._exists[model] = Loaded(load, lambda record: False)
        return found

    def _select(self, model: str, by: sa.Column[Any], record: int, *columns: sa.Column[Any]) -> Any:
        """The rows whose `by` is the record's id or one beside it; all rows of a small table."""
        statement = sa.select(*columns)
        if not self._is_small(model, by):
            first = record // CHUNK * CHUNK
            if abs(first) > _LARGEST:
                return []
            low, high = (sa.literal(one, sa.BigInteger()) for one in (first, first + CHUNK))
            statement = statement.where(by >= low, by < high)
        return self.store.rows(statement)

    def _is_small(self, model: str, by: sa.Column[Any]) -> bool:
        table = by.table
        name = getattr(table, "name", model)
        if name not in self._small:
            probe = sa.select(sa.literal(1)).select_from(table).offset(SMALL).limit(1)
            self._small[name] = not self.store.rows(probe)
        return self._small[name]

    def _column(self, kind: Column, company: int | None) -> Loaded:
        missing = _missing(kind.model)
        if kind.storage is Storage.PROPERTY:
            assert company is not None
            return self._properties(kind, company)
        assert kind.column is not None
        value_of = self._value_of(kind, company)
        number, column = self._id(kind.model), kind.column

        def load(record: int) -> Iterable[tuple[int, Any]]:
            return [
                (row[0], value_of(row[1])) for row in self._select(kind.model, number, record, number, column)
            ]

        return Loaded(load, missing)

    def _value_of(self, kind: Column, company: int | None) -> Callable[[Any], Any]:
        convert = _careful(kind)
        if kind.storage is Storage.TRANSLATED:
            return lambda value: convert(value.get(ENGLISH) if isinstance(value, dict) else value)
        if kind.storage is Storage.BY_COMPANY:
            assert company is not None
            name, at = str(company), company

            def of_company(value: Any) -> Any:
                own = value.get(name) if isinstance(value, dict) else None
                try:
                    typed = _typed(kind.type, self.fallback(kind, at) if own is None else own)
                except (ValueError, TypeError):
                    raise _unreadable(kind) from None
                return convert(typed)

            return of_company
        return convert

    def _properties(self, kind: Column, company: int) -> Loaded:
        def load(record: int) -> Iterable[tuple[int, Any]]:
            default, values = property_rows(self.store, kind, company)
            convert = _careful(kind)
            number = self._id(kind.model)
            rows = self._select(kind.model, number, record, number)
            return [(row[0], convert(values.get(row[0], default))) for row in rows]

        return Loaded(load, _missing(kind.model))

    def _lines(self, kind: Lines) -> Loaded:
        assert kind.comodel
        inverse = self.schema.field(kind.comodel, kind.inverse)
        assert isinstance(inverse, Column)
        assert inverse.column is not None
        by, number = inverse.column, self._id(kind.comodel)
        owner = None
        if kind.model_field is not None:
            told = self.schema.field(kind.comodel, kind.model_field)
            if not isinstance(told, Column) or told.column is None:
                raise Undecided.computed(kind.comodel, kind.model_field, "is not in the table")
            owner = told.column

        def load(record: int) -> Iterable[tuple[int, Ids]]:
            columns = (by, number) if owner is None else (by, number, owner)
            rows = self._select(str(kind.comodel), by, record, *columns)
            return _grouped(row[:2] for row in rows if owner is None or row[2] == kind.model)

        return Loaded(load, self._none_of(kind.model))

    def _links(self, kind: Links) -> Loaded:
        assert kind.own is not None
        assert kind.other is not None
        own, other = kind.own, kind.other

        def load(record: int) -> Iterable[tuple[int, Ids]]:
            return _grouped(self._select("", own, record, own, other))

        return Loaded(load, self._none_of(kind.model))

    def _none_of(self, model: str) -> Callable[[int], Ids]:
        """What a record without lines has: none, where it has a row."""

        def none(record: int) -> Ids:
            if not self.exists(model, record):
                _missing(model)(record)
            return ()

        return none


def _grouped(pairs: Iterable[Any]) -> Iterable[tuple[int, Ids]]:
    found: dict[int, list[int]] = {}
    for owner, record in pairs:
        if owner is not None and record is not None:
            found.setdefault(owner, []).append(record)
    return [(owner, tuple(sorted(records))) for owner, records in found.items()]


def _careful(kind: Column) -> Callable[[Any], Any]:
    """The converter of a field's values. It raises Undecided for what no field of the type holds: a list in a column of
    translations, a text in a view's column of dates."""
    convert, holds = converter(kind.type), expected(kind.type)

    def careful(value: Any) -> Any:
        if value is not None and value is not False and not holds(value):
            raise _unreadable(kind)
        try:
            return convert(value)
        except (ValueError, TypeError, OverflowError):
            raise _unreadable(kind) from None

    return careful


def _unreadable(kind: Column) -> Undecided:
    return Undecided.computed(kind.model, kind.name, f"holds a value that is no {kind.type}")


def _missing(model: str) -> Callable[[int], Never]:
    def raise_(record: int) -> Never:
        raise Fails("MissingError", f"Record does not exist or has been deleted: {model}({record},)")

    return raise_


def _typed(type_: str, value: Any) -> Any:
    """A value out of JSON as its column would hold it."""
    if value is None:
        return None
    if type_ in ("date", "datetime") and isinstance(value, str):
        return read_date(type_, value)
    if value is False and type_ != "boolean":
        return null_of(type_) or None
    return value
