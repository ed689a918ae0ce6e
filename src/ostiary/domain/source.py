"""The text before it is parsed: limits that keep Python's own parser out of trouble, and offsets in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

MAX_LENGTH: Final = 256 * 1024
MAX_BRACKETS: Final = 80
MAX_CHAIN: Final = 600
"""How much may lean on one another between two commas. Python's parser, and its conversion to a tree, call themselves
once for each ``not``, ``-``, ``else``, ``+``, ``.name`` or ``(...)``, and a thread with a small stack does not survive
some thousands of these."""

_PREFIX_WEIGHT: Final = 4
_PIECES = re.compile(
    r"""
      (?:'''(?:[^\\]|\\.)*?(?:'''|\Z)|\"\"\"(?:[^\\]|\\.)*?(?:\"\"\"|\Z)
         |'(?:[^'\\\n]|\\.)*'?|"(?:[^"\\\n]|\\.)*"?)  # an unclosed one runs on: no second look at it
    | \#[^\n\r]*
    | (?P<open>[(\[{])
    | (?P<close>[)\]}])
    | (?P<comma>,)
    | (?P<prefix>\b(?:not|lambda|else|await|yield)\b|\*\*|~|[-+](?=\s*[-+~]))
    | (?P<link>[-+*/%@|^&<>.])
    """,
    re.VERBOSE | re.DOTALL,
)
_RISKY = re.compile(r"[-+*/%@|^&<>.~(\[{]|\b(?:not|lambda|else|await|yield)\b")
_NEWLINE = re.compile(r"\r\n|\r|\n")


def refusal(text: str) -> str | None:
    """Why ``text`` is not even given to Python's parser, or ``None`` when it may be."""
    if len(text) > MAX_LENGTH:
        return f"it is longer than {MAX_LENGTH // 1024} KiB"
    if "\0" in text:
        return "it contains a NUL character"
    if len(_RISKY.findall(text)) < min(MAX_BRACKETS, MAX_CHAIN // _PREFIX_WEIGHT):
        return None  # as nearly every rule: there is not enough in it to nest too deeply
    open_chains = [_Chain()]  # one per open bracket
    links = 0  # in all of them, since their last commas
    for match in _PIECES.finditer(text):
        kind = match.lastgroup
        here = open_chains[-1]
        if kind == "comma":
            links -= here.links
            here.end()
        elif kind == "close" and len(open_chains) > 1:
            links -= here.links
            here.end()
            open_chains.pop()
            open_chains[-1].inner = max(open_chains[-1].inner, here.deepest)
        elif kind in ("open", "prefix", "link"):
            weight = _PREFIX_WEIGHT if kind == "prefix" else 1
            here.links += weight
            links += weight
            if kind == "open":
                open_chains.append(_Chain())
        if len(open_chains) > MAX_BRACKETS or links + open_chains[-1].inner > MAX_CHAIN:
            return "it is nested too deeply"
    return None


class _Chain:
    """What leans on one another in one bracket: ``links`` since the last comma, over at most ``inner`` in the
    brackets closed since then; ``deepest`` of what stood between commas before."""

    __slots__ = ("deepest", "inner", "links")

    def __init__(self) -> None:
        self.links = self.inner = self.deepest = 0

    def end(self) -> None:
        """A comma, or the closing bracket."""
        self.deepest = max(self.deepest, self.links + self.inner)
        self.links = self.inner = 0


class Offsets:
    """Turns Python's (line, UTF-8 column) in ``text`` into an offset in characters, ``skipped`` characters
    on."""

    def __init__(self, text: str, skipped: int = 0) -> None:
        self._text = text
        self._skipped = skipped
        self._starts = [0, *[match.end() for match in _NEWLINE.finditer(text)]]

    def at(self, line: int, column: int) -> int:
        """The offset of ``column`` bytes into ``line`` (counted from 1)."""
        start = self._starts[line - 1]
        before = self._text[start : start + column]
        if not before.isascii():
            column = len(before.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))
        return self._skipped + start + column


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """The line and column (both counted from 1) of a position that :func:`ostiary.domain.parse` gave."""
    starts = [0, *[match.end() for match in _NEWLINE.finditer(text)]]
    line = bisect_right(starts, position)
    return line, position - starts[line - 1] + 1
