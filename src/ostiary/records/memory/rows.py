"""Rows: records given as plain dictionaries, for single checks, applications and tests."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from ostiary.records.errors import Fails
from ostiary.records.memory.columns import Computed
from ostiary.records.memory.convert import converter
from ostiary.records.memory.source import Ids
from ostiary.records.schema import Column, Kind, Lines, Links, Schema

Data = Mapping[str, Mapping[int, Mapping[str, Any]]]


class Rows:
    """Records of `{model: {id: {field: value}}}`.

    Values are as columns hold them (None for NULL, ids for relations, dates as such, English texts, the value
    of the current company). A stored field that a record doesn't have is NULL; a one2many it doesn't have is
    found by the inverse field. A field that Odoo computes may be given too, and is then taken as it is. What was
    asked for is kept: the data must not change.
    """

    def __init__(self, schema: Schema, data: Data) -> None:
        self.schema = schema
        self.data = data
        self.columns: dict[Any, Any] = {}
        self._stored: dict[tuple[str, str], Computed] = {}

    def column(self, kind: Column, company: int | None) -> Mapping[int, object]:
        return self._kept(kind, lambda: self._column(kind))

    def related(self, kind: Lines | Links) -> Mapping[int, Ids]:
        return self._kept(kind, lambda: Computed(lambda record: self._related(kind, record)))

    def _kept(self, kind: Kind, make: Callable[[], Computed]) -> Computed:
        """One column for each field, so that terms on it can be told to be on one."""
        key = (kind.model, kind.name)
        if key not in self._stored:
            self._stored[key] = make()
        return self._stored[key]

    def _column(self, kind: Column) -> Computed:
        convert = converter(kind.type)
        if kind.name == "id":
            return Computed(lambda record: self._number(kind.model, record))
        return Computed(lambda record: convert(self._row(kind.model, record).get(kind.name)))

    def _related(self, kind: Lines | Links, record: int) -> Ids:
        row = self._row(kind.model, record)
        if isinstance(kind, Links) or kind.name in row:
            return tuple(row.get(kind.name) or ())
        return tuple(
            number
            for number, line in sorted(self.data.get(str(kind.comodel), {}).items())
            if line.get(kind.inverse) == record
            and (kind.model_field is None or line.get(kind.model_field) == kind.model)
        )

    def given(self, model: str, field: str) -> Mapping[int, object] | None:
        if not any(field in row for row in self.data.get(model, {}).values()):
            return None
        return Computed(lambda record: _plain(self._row(model, record).get(field)))

    def ids(self, model: str) -> Collection[int]:
        return sorted(self.data.get(model, {}))

    def exists(self, model: str, record: int) -> bool:
        return record in self.data.get(model, {})

    def fallback(self, kind: Column, company: int) -> object:
        return None

    def _number(self, model: str, record: int) -> int:
        self._row(model, record)
        return record

    def _row(self, model: str, record: int) -> Mapping[str, Any]:
        row = self.data.get(model, {}).get(record)
        if row is None:
            raise Fails("MissingError", f"Record does not exist or has been deleted: {model}({record},)")
        return row


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else False if value is None else value
