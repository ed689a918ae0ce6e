"""Values as Odoo's record cache gives them to Python: `Field.convert_to_record`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

NUMBERS = frozenset({"integer", "float", "monetary", "many2one_reference"})
TEXTS = frozenset({"char", "text", "html"})
DATES = frozenset({"date", "datetime"})
X2MANY = frozenset({"one2many", "many2many"})
RELATIONAL = X2MANY | {"many2one"}
HASHABLE = NUMBERS | TEXTS | DATES | {"boolean", "selection", "many2one", "reference", "binary"}
UNREADABLE = frozenset({"properties", "properties_definition"})

_NUMBER = re.compile(r"\d{1,18}")


@dataclass(frozen=True, slots=True)
class Referenced:
    """The record that a reference field holds. It equals no text; as text it is `model(id,)`, as Odoo's
    recordsets are, which is what `like` on a reference field compares in Python."""

    model: str
    id: int

    def __str__(self) -> str:
        return f"{self.model}({self.id},)"


def null_of(type_: str) -> Any:
    """What an unset field of the type is in Python."""
    if type_ in ("integer", "many2one_reference"):
        return 0
    if type_ in ("float", "monetary"):
        return 0.0
    if type_ in X2MANY:
        return ()
    return None if type_ == "reference" else False


def converter(type_: str) -> Callable[[Any], Any]:
    """From a column's value to what Python reads: NULL to False (0 for numbers), Decimal to float."""
    if type_ in ("integer", "many2one_reference"):
        return _integer
    if type_ in ("float", "monetary"):
        return _float
    if type_ == "reference":
        return _reference
    if type_ == "boolean":
        return bool
    if type_ in ("binary", "image"):
        return _binary
    return _plain


def _plain(value: Any) -> Any:
    return False if value is None else value


def _integer(value: Any) -> Any:
    return value or 0


def _float(value: Any) -> Any:
    return float(value) if value else 0.0


def _binary(value: Any) -> Any:
    return False if value is None else bytes(value)


def _reference(value: Any) -> Any:
    if not value:
        return None
    model, _, number = str(value).partition(",")
    return Referenced(model, int(number)) if _NUMBER.fullmatch(number) else Referenced(model, 0)


def expected(type_: str) -> Callable[[Any], bool]:
    """Whether a value that is not NULL is one that a column of a field's type holds, in the Python of the driver."""
    if type_ in TEXTS or type_ in ("selection", "reference"):
        return lambda value: isinstance(value, str)
    if type_ == "many2one":
        return lambda value: isinstance(value, int)
    if type_ == "datetime":
        return lambda value: isinstance(value, datetime) and value.tzinfo is None
    if type_ == "date":
        return lambda value: isinstance(value, date) and not isinstance(value, datetime)
    if type_ in HASHABLE:
        return lambda value: not isinstance(value, list | dict)
    return lambda value: True
