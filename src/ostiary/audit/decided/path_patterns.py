"""Patterns of paths, as settings name them: `*` and `?` within one folder, `**` across folders.

All places of a pattern are followed at once, character by character, so that no pattern takes long to fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_ANY, _WITHIN, _ONE = "**", "*", "?"
# `**/` is no folder at all, or folders with the separator that ends them.
_NONE, _FOLDERS = "none", "folders"
_PIECES = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]", re.DOTALL)


@lru_cache(maxsize=4096)
def matches(pattern: str, path: str) -> bool:
    """Whether a pattern stands for a path; one that names a folder stands for all below it."""
    pieces = _pieces(pattern)
    here = _with_empty(pieces, (0,))
    for character in path:
        if character == "/" and len(pieces) in here:
            return True
        here = _with_empty(pieces, _after(pieces, here, character))
    return len(pieces) in here


@lru_cache(maxsize=256)
def _pieces(pattern: str) -> tuple[str, ...]:
    found: list[str] = []
    for piece in _PIECES.findall(pattern.removeprefix("./").rstrip("/")):
        found += (_NONE, _FOLDERS) if piece == "**/" else (piece,)
    return tuple(found)


def _with_empty(pieces: tuple[str, ...], places: Iterable[int]) -> set[int]:
    """The places, and those that are reached from them without a character."""
    found: set[int] = set()
    todo = list(places)
    while todo:
        place = todo.pop()
        if place in found:
            continue
        found.add(place)
        piece = pieces[place] if place < len(pieces) else ""
        if piece in (_ANY, _WITHIN):
            todo.append(place + 1)
        elif piece == _NONE:
            todo += (place + 1, place + 2)
    return found


def _after(pieces: tuple[str, ...], places: Iterable[int], character: str) -> set[int]:
    """Where a character leads from these places."""
    found: set[int] = set()
    for place in places:
        piece = pieces[place] if place < len(pieces) else ""
        if piece in (_ANY, _FOLDERS) or (piece == _WITHIN and character != "/"):
            found.add(place)
        if (
            piece == character
            or (piece == _ONE and character != "/")
            or (piece == _FOLDERS and character == "/")
        ):
            found.add(place + 1)
    return found
