"""Finding records by name, as `_search_display_name` does with `ilike`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ostiary.records.errors import Undecided
from ostiary.records.memory.convert import RELATIONAL
from ostiary.records.memory.patterns import like
from ostiary.records.memory.trees import tree

if TYPE_CHECKING:
    from ostiary.records.memory.env import Env

MAX_NAMED_BY = 8
"""How many models may be named by one another."""


def named(env: Env, model: str, texts: Sequence[Any], depth: int = 0) -> list[int]:
    """The ids of the records that a search by `ilike` any of the texts finds, ascending.

    Raises Undecided where Python decides what is found by name, Refused as a search does.
    """
    tests = [_found(env, model, text, depth) for text in texts]
    readable = env.readable(model)
    shown = env.source.schema.model(model).active if env.session.active_test else None
    active = env.sudo().column(model, shown) if shown else None
    return [
        one
        for one in sorted(env.source.ids(model))
        if (active is None or active[one]) and any(test(one) for test in tests) and readable(one)
    ]


def _found(env: Env, model: str, text: Any, depth: int) -> Callable[[int], bool]:
    names = env.names(model)
    if names.python or depth > MAX_NAMED_BY:
        raise Undecided.computed(model, "display_name", "is searched by Python")
    if not names.search:
        return lambda record: False
    if not text:
        return lambda record: True
    if names.exact is not None:
        same = _exact(env, model, names.exact, text)
        if same:
            return same.__contains__
    tests = [_by_field(env, model, path, text, depth) for path in names.search]
    if not names.below:
        return lambda record: any(test(record) for test in tests)
    found = [one for one in env.source.ids(model) if any(test(one) for test in tests)]
    below = tree(env, model, None, "child_of", found)
    return below.__contains__ if isinstance(below, frozenset) else below


def _exact(env: Env, model: str, name: str, text: Any) -> frozenset[int]:
    """The records that the session finds whose field is this very text."""
    column, readable = env.sudo().column(model, name), env.readable(model)
    shown = env.source.schema.model(model).active if env.session.active_test else None
    active = env.sudo().column(model, shown) if shown else None
    return frozenset(
        one
        for one in env.source.ids(model)
        if column[one] == text and (active is None or active[one]) and readable(one)
    )


def _by_field(env: Env, model: str, path: str, text: Any, depth: int) -> Callable[[int], bool]:
    name, _, rest = path.partition(".")
    kind = env.kind(model, name)
    if kind.type in RELATIONAL and kind.comodel:
        related = env.related_ids(model, name)
        if rest:
            inner = _by_field(env, kind.comodel, rest, text, depth + 1)
            return lambda record: any(map(inner, related(record)))
        found = frozenset(named(env, kind.comodel, [text], depth + 1))
        return lambda record: not found.isdisjoint(related(record))
    column = env.column(model, name)
    match = like(text, exact=False, fold=True, dotall=True)
    return lambda record: match(column[record])
