"""The values of a domain's terms, and what Python makes of comparing them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from ostiary.domain import Literal, Sequence, Value
from ostiary.records.errors import Fails, Undecided

Predicate = Callable[[Any], bool]

INEQUALITIES: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
PATTERNS = frozenset({"like", "ilike", "not like", "not ilike", "=like", "=ilike", "not =like", "not =ilike"})
HIERARCHIES = frozenset({"child_of", "parent_of"})
_ERRORS = (TypeError, ValueError, AttributeError)


def plain(value: Value) -> Any:
    """A ground value as Python holds it; a list for a sequence. Raises Undecided for what is not ground."""
    if isinstance(value, Literal):
        return value.value
    if isinstance(value, Sequence):
        return [plain(item) for item in value.items]
    raise Undecided("cannot be decided: a value of the domain is only known by running it")


def python(make: Callable[[], Any]) -> Any:
    """What `make` gives; Fails of the class of a TypeError, ValueError or AttributeError that it raised."""
    try:
        return make()
    except _ERRORS as error:
        raise fails(error) from None


def fails(error: Exception) -> Fails:
    return Fails(type(error).__name__, str(error)[:200])


def guarded(predicate: Predicate) -> Predicate:
    """A predicate whose Python errors are Fails."""

    def call(value: Any) -> bool:
        try:
            return predicate(value)
        except _ERRORS as error:
            raise fails(error) from None

    return call


def hashable(value: Any) -> bool:
    """Whether a constant can be in a set (a list can't)."""
    return not isinstance(value, list)


def first_of(values: Any) -> Any:
    """The value that decides whether records are compared by name: Python takes any of a set's, so that a mix
    of texts and numbers is Undecided."""
    texts = {isinstance(value, str) for value in values}
    if len(texts) > 1:
        raise Undecided(
            "cannot be decided: a list of texts and numbers is compared by whichever Python sees first"
        )
    return next(iter(values))
