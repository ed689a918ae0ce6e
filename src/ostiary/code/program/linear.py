"""The order in which Python looks things up in a class and its bases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

_T = TypeVar("_T")
_MAX_DEPTH = 40
_MAX_CLASSES = 400


def linear(start: _T, bases: Callable[[_T], Sequence[_T]]) -> list[_T]:
    """A class and those it derives from, as Python's C3 orders them. Where Python would refuse: each once, depth
    first, at its last place. `bases` gives a class's own, in order; what comes back to itself is left out."""
    found = _c3(start, bases, (), {})
    return found if found is not None else _last(start, bases)


def _c3(
    start: _T, bases: Callable[[_T], Sequence[_T]], path: tuple[_T, ...], known: dict[_T, list[_T]]
) -> list[_T] | None:
    if start in known:
        return known[start]
    if len(path) > _MAX_DEPTH:
        return None
    parents = [one for one in bases(start) if one not in path and one != start]
    sequences: list[list[_T]] = []
    for parent in parents:
        above = _c3(parent, bases, (*path, start), known)
        if above is None:
            return None
        sequences.append(above)
    merged = _merge([*sequences, parents])
    if merged is None or len(merged) > _MAX_CLASSES:
        return None
    known[start] = [start, *merged]
    return known[start]


def _merge(sequences: list[list[_T]]) -> list[_T] | None:
    pending = [list(reversed(sequence)) for sequence in sequences if sequence]
    found: list[_T] = []
    while pending:
        for sequence in pending:
            head = sequence[-1]
            if not any(head in other[:-1] for other in pending):
                break
        else:
            return None
        found.append(head)
        for sequence in pending:
            if sequence[-1] == head:
                sequence.pop()
        pending = [sequence for sequence in pending if sequence]
    return found


def _last(start: _T, bases: Callable[[_T], Sequence[_T]]) -> list[_T]:
    """Depth first, each at its last place; bounded."""
    order: list[_T] = []
    pending = [start]
    seen: dict[_T, int] = {}
    while pending and len(order) < _MAX_CLASSES:
        one = pending.pop()
        if seen.get(one, 0) > 3:
            continue
        seen[one] = seen.get(one, 0) + 1
        order.append(one)
        pending += reversed(bases(one))
    kept: dict[_T, None] = {}
    for one in order:
        kept.pop(one, None)
        kept[one] = None
    kept.pop(start, None)
    return [start, *kept]
