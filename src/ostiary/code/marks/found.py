"""What a scan of one file yields, and how its text is kept short."""

from __future__ import annotations

import re

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


def lines_with(words: re.Pattern[bytes], source: bytes) -> frozenset[int]:
    """The lines on which a pattern begins."""
    line, after, found = 1, 0, set()
    for one in words.finditer(source):
        line += source.count(b"\n", after, one.start())
        after = one.start()
        found.add(line)
    return frozenset(found)
