"""Names and values as they are written in an SQL script. They come from addons, so that any character is to
be expected."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date, datetime

from ostiary.records.errors import Undecided

_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_LONGEST = 400


def identifier(name: str) -> str:
    """A name in quotes."""
    if "\0" in name or not name:
        raise Undecided("cannot be decided: a table or column has no name that PostgreSQL takes")
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text in quotes, the same whatever the session takes a backslash for."""
    if "\0" in value:
        raise Undecided("cannot be decided: a text holds a NUL character, which PostgreSQL does not take")
    doubled = value.replace("'", "''")
    if "\\" in value:
        return "E'" + doubled.replace("\\", "\\\\") + "'"
    return f"'{doubled}'"


def texts(values: Iterable[str]) -> str:
    """An array of texts."""
    return "ARRAY[" + ", ".join(text(value) for value in values) + "]::text[]"


def constant(value: object) -> str:
    """A constant. Raises Undecided for what can't be written as one."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float() if value == value and abs(value) != float("inf"):
            return f"{value!r}::double precision"
        case str():
            return text(value)
        case datetime():
            return text(value.isoformat(sep=" "))
        case date():
            return text(value.isoformat())
        case dict():
            return text(json.dumps(value))
    raise Undecided(f"cannot be decided: a {type(value).__name__} can't be written as SQL")


def dollars(body: str) -> str:
    """A function's body between dollar signs that it doesn't hold."""
    tag = "ostiary"
    while f"${tag}$" in body:
        tag += "_"
    return f"${tag}$\n{body}\n${tag}$"


def said(value: str) -> str:
    """Words for a comment: one line, whatever is in them, and no start of a command of psql."""
    line = _LINE.sub(" ", value)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
