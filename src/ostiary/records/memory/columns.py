"""Columns: dictionaries of values by id that fill themselves as they are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

MAX_VALUES = 1_000_000
"""How many values one column keeps. One that gets fuller begins anew."""


class Computed(dict[int, Any]):
    """Values worked out one by one, each once."""

    __slots__ = ("_compute",)

    def __init__(self, compute: Callable[[int], Any]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, record: int) -> Any:
        value = self._compute(record)
        if len(self) >= MAX_VALUES:
            self.clear()
        self[record] = value
        return value


class Loaded(dict[int, Any]):
    """Values read in bulk: `load` gives those of the ids around the one that was asked for, and those alone.

    `absent` gives the value of an id that was not among them, or raises.
    """

    __slots__ = ("_absent", "_load")

    def __init__(
        self, load: Callable[[int], Iterable[tuple[int, Any]]], absent: Callable[[int], Any]
    ) -> None:
        super().__init__()
        self._load = load
        self._absent = absent

    def __missing__(self, record: int) -> Any:
        if len(self) >= MAX_VALUES:
            self.clear()
        self.update(self._load(record))
        if record not in self:
            self[record] = self._absent(record)
        return dict.__getitem__(self, record)
