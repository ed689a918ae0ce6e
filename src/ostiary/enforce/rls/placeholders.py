"""Values that are only known when a statement runs, standing in for themselves while a domain is compiled.

The compiler of domains (`records.sql`) takes plain Python values. A placeholder is a number or a text that no
domain holds; where the compiler hands it on as a parameter, the script gets the SQL of the value instead
(`render`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ostiary.records.errors import Undecided

_FIRST = 2_147_000_000  # the end of what fits into 32 bits: no sequence of ids comes that far
_LAST = 2**31 - 1
_MARK = "\ue0a7"  # for private use: no text of a domain has a reason to hold it
_TEXT = re.compile(f"{_MARK}([0-9]+){_MARK}")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """The SQL that gives the value; `several`: it is an array of ids."""

    sql: str
    several: bool = False


class Placeholders:
    """The placeholders of one script; the same SQL is the same placeholder."""

    def __init__(self) -> None:
        self._numbers: dict[Placeholder, int] = {}
        self._known: dict[int, Placeholder] = {}

    def number(self, sql: str, *, several: bool = False) -> int:
        """What stands for an id, or as the only item of a list for all the ids of an array."""
        wanted = Placeholder(sql, several)
        found = self._numbers.get(wanted)
        if found is None:
            found = self._numbers[wanted] = _FIRST + len(self._numbers)
            self._known[found] = wanted
        return found

    def text(self, sql: str) -> str:
        """What stands for a text that isn't empty."""
        return f"{_MARK}{self.number(sql)}{_MARK}"

    def find(self, value: object) -> Placeholder | None:
        """The placeholder that a number is, None for any other value."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return self._known.get(int(value)) if value == int(value) else None

    def within(self, value: object) -> bool:
        """Whether a value is one, or holds one."""
        if isinstance(value, str):
            return _MARK in value
        if isinstance(value, list):
            return any(self.within(each) for each in value)
        return self.find(value) is not None

    def pieces(self, text: str) -> Iterator[str | Placeholder]:
        """A text as what it consists of: plain text, and placeholders between."""
        for index, piece in enumerate(_TEXT.split(text)):
            if index % 2:
                yield self._known[int(piece)]
            elif piece:
                yield piece


def plain(value: object) -> None:
    """Raises Undecided for a constant of a domain that could be taken for a placeholder."""
    number = isinstance(value, int | float) and _FIRST <= value <= _LAST
    if number or (isinstance(value, str) and _MARK in value):
        raise Undecided(
            f"cannot be decided: the constant {value!r:.40} stands for something else in a script"
        )
