"""Patterns of `like` and its kin as `filtered_domain` reads them, without its worst case.

Odoo builds one regular expression with a `.*` for each `%`, which takes time out of bounds for a pattern of many.
Here each part is kept where it is found first, which accepts the same texts in bounded time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ostiary.records.errors import Undecided

Predicate = Callable[[Any], bool]

MOST_STEPS = 50_000_000
"""Characters of a pattern with `_` times those of a text, above which they are not compared."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What is between two `%`: a text, or an expression where it holds `_`."""

    text: str
    length: int
    wild: re.Pattern[str] | None = None

    def find(self, within: str, start: int) -> int:
        """Where it is found first, -1 for nowhere."""
        if self.wild is None:
            return within.find(self.text, start)
        found = self.wild.search(within, start)
        return -1 if found is None else found.start()

    def at(self, within: str, start: int) -> bool:
        if self.wild is None:
            return within.startswith(self.text, start)
        return self.wild.match(within, start) is not None


def like(value: Any, *, exact: bool, fold: bool, dotall: bool) -> Predicate:
    """The test of `like` (18 and later; its operand anywhere in the text), or of `=like` where `exact`.

    `fold` compares in lower case (`ilike`). `dotall`: `%` and `_` stand for line ends too. Values that are not
    text are compared as Python writes them, false ones as the empty text. The test raises Undecided for a pattern and
    a text that are too long to be compared.
    """
    parts = _parts(_split(_text(value, fold=fold)), dotall=dotall)
    matches = _whole(parts, dotall=dotall, line_end=True) if exact else _within(parts, dotall=dotall)
    if fold:
        return lambda x: matches(str(x).lower() if x else "")
    return lambda x: matches(str(x) if x else "")


def _text(value: Any, *, fold: bool) -> str:
    if not value:
        return ""
    return str(value).lower() if fold else str(value)


def _split(pattern: str) -> list[list[str | None]]:
    """The characters between two `%` each, None for `_`. A backslash makes the next character an ordinary one."""
    parts: list[list[str | None]] = [[]]
    escaped = False
    for char in pattern:
        if escaped:
            parts[-1].append(char)
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == "%":
            parts.append([])
        else:
            parts[-1].append(None if char == "_" else char)
    return parts


def _parts(found: Sequence[Sequence[str | None]], *, dotall: bool) -> list[_Part]:
    parts = []
    for chars in found:
        if None in chars:
            expression = "".join("." if char is None else re.escape(char) for char in chars)
            parts.append(_Part("", len(chars), re.compile(expression, re.DOTALL if dotall else 0)))
        else:
            parts.append(_Part("".join(filter(None, chars)), len(chars)))
    return parts


def _bounded(parts: Sequence[_Part]) -> Callable[[str], None]:
    wild = sum(part.length for part in parts if part.wild is not None)

    def check(text: str) -> None:
        if wild * len(text) > MOST_STEPS:
            raise Undecided("cannot be decided: a pattern and a text are too long to be compared")

    return check


def _follow(parts: Sequence[_Part], text: str, start: int, *, dotall: bool) -> int:
    """Where the parts end, each found first after the one before; -1 where one isn't."""
    for part in parts:
        found = part.find(text, start)
        if found < 0 or (not dotall and text.find("\n", start, found) >= 0):
            return -1
        start = found + part.length
    return start


def _within(parts: Sequence[_Part], *, dotall: bool) -> Callable[[str], bool]:
    """Whether the parts are somewhere in a text; without `dotall` the first is found in the first line."""
    kept, check = [part for part in parts if part.length], _bounded(parts)

    def matches(text: str) -> bool:
        check(text)
        return _follow(kept, text, 0, dotall=dotall) >= 0

    return matches


def _whole(parts: Sequence[_Part], *, dotall: bool, line_end: bool) -> Callable[[str], bool]:
    """Whether the parts are all of a text; with `line_end`, all but a line end at its end."""
    first, *rest = parts
    middle = [part for part in rest[:-1] if part.length]
    check = _bounded(parts)

    def matches(text: str) -> bool:
        check(text)
        if not first.at(text, 0):
            return False
        ends = [len(text)]
        if line_end and text.endswith("\n"):
            ends.append(len(text) - 1)
        if not rest:
            return first.length in ends
        start = _follow(middle, text, first.length, dotall=dotall)
        if start < 0:
            return False
        starts = [end - rest[-1].length for end in ends]
        return any(
            one >= start and rest[-1].at(text, one) and (dotall or text.find("\n", start, one) < 0)
            for one in starts
        )

    return matches


def glob(value: str, operator: str) -> Predicate:
    """The tests of 17: shell patterns with `%` as `*` and `_` as `?`, no escapes; `not like` a plain search.

    The negative operators give what must not hold for any value. Raises AttributeError for what is no text.
    """
    pattern = value.replace("_", "?").replace("%", "*").replace("[", "?")
    match operator:
        case "ilike":
            return _folded(_glob("*" + pattern.lower() + "*"))
        case "=ilike":
            return _folded(_glob(pattern.lower()))
        case "like":
            return _or_empty(_glob("*" + pattern + "*" if value else ""))
        case "=like":
            return _or_empty(_glob(pattern))
        case "not ilike":
            low = value.lower()
            return lambda x: low in (x or "").lower()
    return lambda x: value in (x or "")


def _glob(pattern: str) -> Predicate:
    chars = [[None if char == "?" else char for char in part] for part in pattern.split("*")]
    matches = _whole(_parts(chars, dotall=True), dotall=True, line_end=False)

    def test(value: Any) -> bool:
        if not isinstance(value, str):
            raise TypeError("expected string or bytes-like object")
        return matches(value)

    return test


def _folded(test: Predicate) -> Predicate:
    return lambda x: test((x or "").lower())


def _or_empty(test: Predicate) -> Predicate:
    return lambda x: test(x or "")
