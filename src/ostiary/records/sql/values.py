"""Values of terms: from the tree of a domain to Python, and to what a column is compared with."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Sequence as PySequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from ostiary.domain import Literal, Sequence, Value
from ostiary.records.errors import Fails, Undecided
from ostiary.records.schema.types import value_type

NUMBERS = frozenset({"integer", "float", "monetary"})
TEXTS = frozenset({"char", "text", "html"})
DATES = frozenset({"date", "datetime"})
JSON = frozenset({"json", "properties", "properties_definition"})
X2MANY = frozenset({"one2many", "many2many"})
RELATIONAL = X2MANY | {"many2one"}

_INT4 = 2**31
_INT8 = 2**63
_MOMENT = re.compile(
    r"\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?)?\s*"
)
_SPECIAL = re.compile(r"\s*[+-]?(infinity|epoch|now|today|tomorrow|yesterday|allballs)\s*", re.IGNORECASE)


def python_value(value: Value) -> Any:
    """The value of a ground term: a constant or a list of them. Raises Undecided for anything else."""
    if isinstance(value, Literal):
        return value.value
    if isinstance(value, Sequence):
        return [python_value(item) for item in value.items]
    raise Undecided("cannot be decided: a value of the domain is only known by running it")


def is_unset(value: object) -> bool:
    """`False` or `None`: not set (0 and `''` are not)."""
    return value is False or value is None


def converted(type_: str, value: Any) -> Any:
    """What a column of a field of this type is compared with: `Field.convert_to_column`; None for NULL. A text that an
    HTML field is compared with is cleaned besides (`html.cleaned`).

    Raises Fails as Odoo or PostgreSQL does for a value that can't be made one of the type.
    """
    try:
        return _CONVERTERS.get(type_, _as_text)(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise Fails(type(error).__name__, f"{value!r:.60} is no value of a {type_} field") from None


def bound(type_: str, value: Any) -> sa.ColumnElement[Any]:
    """A converted value as a bound parameter; NULL for None."""
    if value is None:
        return sa.null()
    return sa.bindparam(None, fitting(value), type_=sql_type(type_, [value]))


def sql_type(type_: str, values: list[Any]) -> sa.types.TypeEngine[Any]:
    """The SQL type that holds these values of a field of the type."""
    if any(isinstance(value, float) for value in values) and type_ != "monetary":
        return sa.Float()
    whole = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    if whole and len(whole) == len(values):
        small = all(-_INT4 <= value < _INT4 for value in whole)
        return sa.Integer() if small else sa.BigInteger()
    return value_type(type_)


def fitting(value: Any) -> Any:
    """An integer within 64 bits: beyond, no column holds a larger one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-_INT8, min(value, _INT8 - 1))
    return value


def wide_enough(type_: sa.types.TypeEngine[Any], values: PySequence[object]) -> sa.types.TypeEngine[Any]:
    """The type, or 64 bits where it is an integer of 32 and one of the values is not."""
    if isinstance(type_, sa.Integer) and not all(
        -_INT4 <= value < _INT4 for value in values if isinstance(value, int)
    ):
        return sa.BigInteger()
    return type_


def record_ids(values: list[Any]) -> list[int]:
    """The ids in a list that is compared with a column of ids, as PostgreSQL takes them.

    Raises Fails where it refuses a text that is no number, or a boolean.
    """
    if any(isinstance(value, bool) for value in values):
        raise Fails("UndefinedFunction", "operator does not exist: integer = boolean")
    found: list[int] = []
    for value in values:
        if isinstance(value, str):
            if not re.fullmatch(r"\s*[+-]?\d{1,18}\s*", value):
                raise Fails(
                    "InvalidTextRepresentation", f"invalid input syntax for type integer: {value!r:.60}"
                )
            found.append(int(value))
        elif isinstance(value, int):
            found.append(fitting(value))
        elif isinstance(value, float):
            if value == int(value):
                found.append(int(value))
        elif value is not None:
            raise Fails("ProgrammingError", f"{value!r:.60} is no id")
    return found


def text_of(value: Any) -> str:
    """A text that a database takes. Raises Fails for a NUL character or half a surrogate pair."""
    text = str(value)
    if "\0" in text:
        raise Fails("ValueError", "A string literal cannot contain NUL (0x00) characters.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Fails("UnicodeEncodeError", "a text holds half a surrogate pair") from None
    return text


def _as_text(value: Any) -> Any:
    return None if is_unset(value) else text_of(value)


def _as_monetary(value: Any) -> Any:
    if is_unset(value):
        return None
    try:
        return float(value)
    except ValueError:
        raise Fails(
            "InvalidTextRepresentation", f"invalid input syntax for type numeric: {value!r:.60}"
        ) from None


def _as_id(value: Any) -> Any:
    return value or None


def _moment(value: Any, type_: str) -> datetime | None:
    """A time that PostgreSQL reads; midnight where only a date is given."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if is_unset(value):
        return None
    text = str(value)
    match = _MOMENT.fullmatch(text)
    if match is None:
        if not _SPECIAL.fullmatch(text) and not (re.search(r"\d", text) and re.search(r"[^\d.]", text[1:])):
            raise Fails("InvalidDatetimeFormat", f"invalid input syntax for type {type_}: {text!r:.60}")
        raise Undecided(f"cannot be decided: what time PostgreSQL reads in {text!r:.60}")
    year, month, day, hour, minute, second, fraction = match.groups()
    try:
        return datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0),
            int((fraction or "0").ljust(6, "0")),
        )  # fmt: skip
    except ValueError:
        raise Fails("DatetimeFieldOverflow", f"date/time field value out of range: {text!r:.60}") from None


def _as_datetime(value: Any) -> Any:
    return _moment(value, "timestamp")


def _as_date(value: Any) -> Any:
    found = _moment(value, "date")
    return found.date() if found is not None else None


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "boolean": bool,
    "integer": lambda value: int(value or 0),
    "many2one_reference": lambda value: int(value or 0),
    "float": lambda value: float(value or 0.0),
    "monetary": _as_monetary,
    "many2one": _as_id,
    "date": _as_date,
    "datetime": _as_datetime,
}
