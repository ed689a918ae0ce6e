"""The tree of a domain: what Odoo writes as a prefix list of operators and terms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from .values import Test, Value


@dataclass(frozen=True, slots=True)
class And:
    """Every item accepts the record (``'&'``, or terms simply listed). At least two items."""

    items: tuple[Domain, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one item accepts the record (``'|'``). At least two items."""

    items: tuple[Domain, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """``'!'``. What it means for an unset field differs between SQL and Python: see
    ``rewrite.distribute_not``."""

    item: Domain


@dataclass(frozen=True, slots=True)
class Term:
    """One ``(field path, operator, value)``. ``position`` is the offset in the text it was read from."""

    path: str
    operator: str
    value: Value
    position: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Constant:
    """``(1, '=', 1)`` accepts every record, ``(0, '=', 1)`` none: the only terms without a field."""

    value: bool


@dataclass(frozen=True, slots=True)
class IfElse:
    """A domain chosen by a conditional expression, e.g. on ``user.has_group(...)``."""

    test: Test
    then: Domain
    otherwise: Domain


@dataclass(frozen=True, slots=True)
class Opaque:
    """A part that cannot be understood: its text, its offset in the source and one sentence why.

    It is unknown, never true and never false. ``invalid`` says that Odoo itself refuses it, as opposed to
    Ostiary not being able to follow it. ``is_term`` says that the text is one term of a list, not a list.
    """

    text: str
    position: int | None = field(default=None, compare=False)
    why: str = ""
    invalid: bool = False
    is_term: bool = False


Domain: TypeAlias = And | Or | Not | Term | Constant | IfElse | Opaque

TRUE = Constant(True)
FALSE = Constant(False)


def conjunction(items: Iterable[Domain]) -> Domain:
    """All of ``items``: nested :class:`And` are opened up; none gives ``TRUE``, one is given back as it
    is."""
    flat: list[Domain] = []
    for item in items:
        if isinstance(item, And):
            flat.extend(item.items)
        else:
            flat.append(item)
    if len(flat) > 1:
        return And(tuple(flat))
    return flat[0] if flat else TRUE


def disjunction(items: Iterable[Domain]) -> Domain:
    """Any of ``items``: nested :class:`Or` are opened up; none gives ``FALSE``, one is given back as it
    is."""
    flat: list[Domain] = []
    for item in items:
        if isinstance(item, Or):
            flat.extend(item.items)
        else:
            flat.append(item)
    if len(flat) > 1:
        return Or(tuple(flat))
    return flat[0] if flat else FALSE
