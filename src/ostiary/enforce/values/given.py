"""Given values: sorted by what has to be done with them, and converted to what columns hold.

Source: `Field.convert_to_column`, `convert_to_cache`, `models.create` and `write`, which sort values by kinds of
fields.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from ostiary.enforce.errors import InvalidError, ValidationError, translated
from ostiary.policy.fields import find_field
from ostiary.records.errors import Undecided
from ostiary.records.schema import Column, Inherited, Lines, Links, Related, Storage

if TYPE_CHECKING:
    from ostiary.enforce.environment import Environment

MAGIC = frozenset(
    {"id", "display_name", "parent_path", "create_uid", "create_date", "write_uid", "write_date"}
)
"""What nobody writes: Odoo passes over these."""

LOG = ("create_uid", "create_date", "write_uid", "write_date")
_MAX_TEXT = 64 * 1024 * 1024
_TEXTS = frozenset({"char", "text", "html"})
_NUMBERS = frozenset({"integer", "many2one_reference"})
_FLOATS = frozenset({"float", "monetary"})
_INT = range(-(2**31), 2**31)


@dataclass
class Given:
    """The values given for one record (or for several, the same).

    `row` are those of columns, converted; `by_company` those that hold for the current company; `inherited` those of
    `_inherits` parents, by link; `commands` those of x2many fields, `related` those that are written elsewhere.
    """

    row: dict[str, Any] = field(default_factory=dict)
    by_company: dict[str, Any] = field(default_factory=dict)
    inherited: dict[str, dict[str, Any]] = field(default_factory=dict)
    commands: dict[str, Any] = field(default_factory=dict)
    related: dict[str, Any] = field(default_factory=dict)
    links: dict[str, tuple[str, int]] = field(default_factory=dict)
    """The records that many2one fields are set to: the comodel and the id."""


def sort(env: Environment, model: str, values: Mapping[str, Any]) -> Given:
    """Sort and convert values. Raises InvalidError for a field that isn't there, ValidationError for a value that
    the field can't hold, Undecided for a field that only Python writes."""
    from ostiary.enforce.values import linking

    found = Given()
    for name, value in values.items():
        if name in MAGIC:
            continue
        if find_field(env.policy, model, name) is None:
            raise InvalidError(f"{model} has no field {name}")
        with translated():
            kind = env.schema.field(model, name)
        if isinstance(kind, Inherited):
            found.inherited.setdefault(kind.link, {})[name] = value
        elif isinstance(kind, Lines | Links):
            found.commands[name] = value
        elif isinstance(kind, Related):
            found.related[name] = value
        elif isinstance(kind, Column) and kind.column is not None:
            converted = convert(env, kind, value)
            if kind.storage is Storage.BY_COMPANY:
                found.by_company[name] = converted
            else:
                found.row[kind.column.name] = converted
            if kind.type == "reference" and converted is not None and env.strict and not env.su:
                linking.check_reference(env, model, name, converted)
            if kind.type == "many2one" and converted is not None and kind.comodel is not None:
                found.links[name] = (kind.comodel, converted)
        else:
            raise Undecided.computed(model, name, "is written by Python")
    return found


def convert(env: Environment, kind: Column, value: Any) -> Any:
    """A value as the column holds it. Raises ValidationError where the field can't hold it."""
    try:
        return _converted(env, kind, value)
    except (ValueError, TypeError, OverflowError, binascii.Error):
        raise ValidationError(
            f"{kind.model}.{kind.name} can't hold this value: it is no {kind.type}"
        ) from None


def _converted(env: Environment, kind: Column, value: Any) -> Any:
    type_ = kind.type
    if type_ == "boolean":
        return bool(value)
    if type_ in _NUMBERS:
        return _integer(value)
    if type_ in _FLOATS:
        return _float(value)
    if value is None or value is False:
        return None
    if type_ == "many2one":
        return _link(kind, value)
    if type_ in _TEXTS:
        return _text(value)
    if type_ == "selection":
        return _selected(env, kind, value)
    if type_ == "date":
        return _date(value)
    if type_ == "datetime":
        return _datetime(value)
    if type_ == "reference":
        return _reference(value)
    if type_ in ("binary", "image"):
        return value if isinstance(value, bytes) else base64.b64decode(str(value), validate=True)
    return value


def _integer(value: Any) -> int:
    number = int(value or 0)
    if number not in _INT:
        raise OverflowError
    return number


def _float(value: Any) -> float:
    number = float(value or 0.0)
    if not math.isfinite(number):  # SQL and Python disagree about what is more than "not a number"
        raise ValueError
    return number


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    if "\x00" in text or len(text) > _MAX_TEXT:
        raise ValueError
    text.encode()  # half a surrogate pair is no text: a ValueError
    return text


def _link(kind: Column, value: Any) -> int | None:
    from ostiary.enforce.recordset import Records

    if isinstance(value, Records):
        if value._name != kind.comodel:
            raise ValueError
        return int(value.id) if value else None
    if isinstance(value, tuple | list):
        value = value[0] if value else None
    if value is None or value is False:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value not in _INT:
        raise TypeError
    return value or None


def _selected(env: Environment, kind: Column, value: Any) -> str | None:
    if value == "":
        return None
    definition = find_field(env.policy, kind.model, kind.name)
    choices = definition.selection if definition is not None else ()
    if not isinstance(value, str) or (choices and value not in choices):
        raise ValidationError(
            f"{kind.model}.{kind.name} can't be {value!r:.60}: it is one of {', '.join(choices) or 'some texts'}"
        )
    return value


def _date(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return date.fromisoformat(str(value)[:10]) if value != "" else None


def _datetime(value: Any) -> datetime | None:
    if value == "":
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if moment.tzinfo is not None:
        raise ValueError  # Odoo stores UTC without saying so, and refuses what says it
    return moment.replace(microsecond=0)


def _reference(value: Any) -> str:
    from ostiary.enforce.recordset import Records

    if isinstance(value, Records):
        return f"{value._name},{value.ensure_one().id}"
    model, comma, number = str(value).partition(",")
    if not comma or not model or not number.isdecimal():
        raise ValueError
    return f"{model},{int(number)}"


def now() -> datetime:
    """This moment as Odoo stores it: UTC, in whole seconds."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)
