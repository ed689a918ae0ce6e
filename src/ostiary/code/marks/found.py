"""What a scan of one file yields, and how its text is kept short."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

_LONGEST = 100


class FileMark(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One line of a file that shows something by itself. All but the line is as in a `Mark`."""

    kind: str
    line: int
    name: str
    text: str
    function: str = ""


def line_text(source: bytes, line: int) -> str:
    """One line of the source, without indentation and shortened; empty where there is no such line."""
    lines = source.splitlines()
    if not 0 < line <= len(lines):
        return ""
    text = " ".join(lines[line - 1].decode("utf-8", "replace").split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def lines_with(patterns: Iterable[re.Pattern[bytes]], source: bytes) -> frozenset[int]:
    """The lines on which any of some patterns begins. One that begins with a word is quick to look for, unlike one that
    offers several."""
    return frozenset().union(
        *(_lines(source, (one.start() for one in pattern.finditer(source))) for pattern in patterns)
    )


def lines_of(words: Iterable[bytes], source: bytes) -> frozenset[int]:
    """The lines on which any of some words begins: quicker than patterns, where most files have none."""
    return frozenset().union(*(_lines(source, _places(word, source)) for word in words if word in source))


def _places(word: bytes, source: bytes) -> Iterator[int]:
    """Where a word begins, the first place on each line."""
    at = source.find(word)
    while at >= 0:
        yield at
        end = source.find(b"\n", at)
        at = source.find(word, end) if end >= 0 else -1


def _lines(source: bytes, places: Iterable[int]) -> frozenset[int]:
    line, after, found = 1, 0, set()
    for at in places:
        line += source.count(b"\n", after, at)
        after = at
        found.add(line)
    return frozenset(found)
