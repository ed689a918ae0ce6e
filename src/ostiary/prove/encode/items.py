"""What a value on the right of a term comes to: constants, records of the user's, plain values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ostiary.domain import Sequence, Term, Value
from ostiary.prove.encode.world import Rec, Scalar

Contains = Callable[[Rec, bool], str]
COMPANY = "res.company"
USER = "res.users"


class Unreadable(Exception):
    """A value that can't be known; the message finishes the sentence `it ...`."""


@dataclass(frozen=True, slots=True)
class Const:
    """A constant: `value` as Python has it."""

    value: bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class One:
    """One record of the user's, or none (its term is then 0)."""

    record: Rec


@dataclass(frozen=True, slots=True)
class Plain:
    """A plain value of the user's. `truthy`: where it is known to be set, and neither 0 nor an empty text."""

    scalar: Scalar
    truthy: bool = False


@dataclass(frozen=True, slots=True)
class Many:
    """Some records of a model: `contains` says whether one is among them, in a positive or a negative place."""

    model: str
    contains: Contains


@dataclass(frozen=True, slots=True)
class Free:
    """What only running Odoo gives: a clock, a function. It may be anything of the type it is compared with."""

    value: Value


Item: TypeAlias = Const | One | Plain | Many | Free


def is_list(term: Term) -> bool:
    """Whether a term compares with a list."""
    return isinstance(term.value, Sequence)


def is_unset(item: Const) -> bool:
    """Whether a constant means "not set" to a search: None or False."""
    return item.value is None or item.value is False
