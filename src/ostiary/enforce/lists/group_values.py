"""The values of groups as Odoo gives them, from what the database gave."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

COUNT = "__count"
LISTS = ("array_agg", "recordset")


def empty(text: str) -> Any:
    """What an aggregate of no record is."""
    function = COUNT if text == COUNT else text.rpartition(":")[2]
    return {COUNT: 0, "count": 0, "count_distinct": 0, "array_agg": [], "recordset": ()}.get(function, False)


def reader_of(text: str, type_: str) -> Callable[[Any], Any]:
    """How a value that the database gave for an aggregate is read; `type_` is that of the field."""
    nothing = empty(text)
    if text.rpartition(":")[2] not in LISTS:
        return lambda value: (
            nothing if value is None else float(value) if isinstance(value, Decimal) else value
        )

    def listed(value: Any) -> Any:
        if isinstance(value, str):
            pairs = sorted(json.loads(value), key=lambda pair: pair[0])
            value = [_typed(type_, pair[1]) for pair in pairs]
        if text.endswith(":recordset"):
            return tuple(dict.fromkeys(item for item in value or () if item))
        return (
            nothing
            if value is None
            else [float(item) if isinstance(item, Decimal) else item for item in value]
        )

    return listed


def _typed(type_: str, value: Any) -> Any:
    """A value as SQLite's JSON has it."""
    if value is None:
        return None
    if type_ == "boolean":
        return bool(value)
    if type_ == "date":
        return date.fromisoformat(value)
    return datetime.fromisoformat(value) if type_ == "datetime" else value
