"""SQL's LIKE for SQLite, as PostgreSQL has it: `%`, `_`, and the backslash that takes their meaning away."""

from __future__ import annotations

from functools import lru_cache

_ANY = None  # one character of any kind, in a piece of a pattern
Piece = tuple[str | None, ...]


def like(text: object, pattern: object, fold: object) -> bool | None:
    """Whether a text matches a pattern; None (NULL) where either is unset. `fold`: in any case (`ILIKE`).

    Every piece between `%` is taken where it is found first, which accepts the same texts as trying them all and
    takes a time that hostile patterns don't blow up.
    """
    if text is None or pattern is None:
        return None
    value = folded(str(text)) if fold else str(text)
    pieces, whole = _pieces(str(pattern), bool(fold))
    first, last = pieces[0], pieces[-1]
    if whole:
        return len(value) == len(first) and _at(value, 0, first)
    if len(value) < len(first) + len(last) or not _at(value, 0, first):
        return False
    end = len(value) - len(last)
    if not _at(value, end, last):
        return False
    start = len(first)
    for piece in pieces[1:-1]:
        found = _find(value, start, end, piece)
        if found < 0:
            return False
        start = found + len(piece)
    return True


def folded(text: str) -> str:
    """The text in lower case, one character for one, as PostgreSQL's ILIKE compares."""
    if text.isascii():
        return text.lower()
    return "".join([_LOWER.get(char) or _lower(char) for char in text])


_LOWER = {"İ": "i"}  # the only letter whose lower case Python writes as two


def _lower(char: str) -> str:
    low = char.lower()
    return low if len(low) == 1 else char


@lru_cache(maxsize=256)
def _pieces(pattern: str, fold: bool) -> tuple[tuple[Piece, ...], bool]:
    """What stands between the `%` of a pattern, and whether there is none."""
    pieces: list[list[str | None]] = [[]]
    escaped = False
    for char in pattern:
        if escaped:
            pieces[-1].append(folded(char) if fold else char)
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == "%":
            pieces.append([])
        else:
            pieces[-1].append(_ANY if char == "_" else folded(char) if fold else char)
    middle = [piece for piece in pieces[1:-1] if piece]
    kept = [pieces[0], *middle, pieces[-1]] if len(pieces) > 1 else pieces
    return tuple([tuple(piece) for piece in kept]), len(pieces) == 1


def _at(value: str, start: int, piece: Piece) -> bool:
    if start < 0 or start + len(piece) > len(value):
        return False
    return all(char is _ANY or value[start + index] == char for index, char in enumerate(piece))


def _find(value: str, start: int, end: int, piece: Piece) -> int:
    if _ANY not in piece:
        return value.find("".join([char for char in piece if char is not None]), start, end)
    return next((at for at in range(start, end - len(piece) + 1) if _at(value, at, piece)), -1)
