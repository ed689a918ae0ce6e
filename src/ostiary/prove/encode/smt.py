"""SMT-LIB 2 as text: declarations, assertions and the few connectives that proofs need.

Text is what every solver reads, and what is quickest to make: building a solver's own terms in Python costs more than
solving them. Names in the text are made up here, so that nothing of what was read can be taken for a command.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

TRUE = "true"
FALSE = "false"

MAX_TEXT = 4_000_000


class TooLarge(Exception):
    """A question that comes to more text than a solver should be given."""


def conj(parts: Iterable[str]) -> str:
    """All of them; constants fold, repeats fall away."""
    return _joined("and", parts, TRUE, FALSE)


def disj(parts: Iterable[str]) -> str:
    """Any of them; constants fold, repeats fall away."""
    return _joined("or", parts, FALSE, TRUE)


def neg(part: str) -> str:
    if part == TRUE:
        return FALSE
    if part == FALSE:
        return TRUE
    return part[5:-1] if part.startswith("(not ") else f"(not {part})"


def implies(left: str, right: str) -> str:
    if TRUE in (left, right):
        return right
    if FALSE in (left, right):
        return neg(left)
    return f"(or {neg(left)} {right})"


def equal(left: str, right: str) -> str:
    return TRUE if left == right else f"(= {left} {right})"


def whole(number: int) -> str:
    """An integer as SMT-LIB writes it."""
    return str(number) if number >= 0 else f"(- {-number})"


def quoted(text: str) -> str:
    """A string literal: what isn't printable ASCII is escaped, quotes are doubled."""
    escaped = [
        one if " " <= one <= "~" and one != "\\" else f"\\u{{{min(ord(one), 0x2FFFF):x}}}" for one in text
    ]
    return '"' + "".join(escaped).replace('"', '""') + '"'


class Script:
    """Declarations and assertions, each kept once and in order."""

    def __init__(self) -> None:
        self._lines: dict[str, None] = {}
        self._size = 0
        self._count = 0

    def declare(self, prefix: str, arguments: str, result: str) -> str:
        """A new function (a constant where there are no arguments), and its made-up name. Raises TooLarge."""
        name = f"{prefix}{self._count}"
        self._count += 1
        self._line(f"(declare-fun {name} ({arguments}) {result})")
        return name

    def add(self, formula: str) -> None:
        """Assert a formula. Raises TooLarge."""
        if formula != TRUE:
            self._line(f"(assert {formula})")

    def __len__(self) -> int:
        return len(self._lines)

    def text(self, since: int = 0) -> str:
        """All of it, or what came after the first `since` lines."""
        return "\n".join(islice(self._lines, since, None))

    def _line(self, line: str) -> None:
        if line not in self._lines:
            self._lines[line] = None
            self._size += len(line)
            if self._size > MAX_TEXT:
                raise TooLarge


def _joined(word: str, parts: Iterable[str], unit: str, zero: str) -> str:
    kept: dict[str, None] = {}
    for part in parts:
        if part == zero:
            return zero
        if part != unit:
            kept[part] = None
    if not kept:
        return unit
    return next(iter(kept)) if len(kept) == 1 else f"({word} {' '.join(kept)})"
