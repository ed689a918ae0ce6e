"""A Reader for units of work that mostly look at a few rows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from ostiary.records.memory import Reader
from ostiary.records.memory.reader import CHUNK
from ostiary.records.store import Store

_FIRST = 1
_GROWTH = 8
_MOST = 2_000


class GrowingReader(Reader):
    """Reads the row that is asked for, and the more neighbours the more often it is asked.

    One check looks at one row, and reading two thousand for it would be waste; ten thousand checks look at thousands,
    and reading them one by one would be worse.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._asked: dict[object, int] = {}
        self._wanted: dict[str, frozenset[int]] = {}

    def want(self, model: str, ids: Collection[int]) -> None:
        """These records are about to be read: fetch them together."""
        if 1 < len(ids) <= _MOST:
            self._wanted[model] = frozenset(ids)

    def _select(self, model: str, by: sa.Column[Any], record: int, *columns: sa.Column[Any]) -> Any:
        wanted = self._wanted.get(model)
        if wanted is not None and by.name == "id" and record in wanted:
            return self.store.rows(
                sa.select(*columns).where(self.store.sql.among(by, sorted(wanted), sa.Integer()))
            )
        key = (id(by), *map(id, columns))  # columns compare as SQL does
        size = self._asked.get(key, _FIRST)
        if size >= CHUNK:
            return super()._select(model, by, record, *columns)
        self._asked[key] = size * _GROWTH
        if size == 1:
            return self.store.rows(sa.select(*columns).where(by == record))
        first = record // size * size
        return self.store.rows(sa.select(*columns).where(by >= first, by < first + size))
