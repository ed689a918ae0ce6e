"""The values of a file of access tests as rows hold them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ostiary.policy import Policy
from ostiary.policy.paths import field_of
from ostiary.records.errors import RecordsError
from ostiary.records.schema import Column, Inherited, Kind, Lines, Links, Schema, Storage, Through
from ostiary.sources.addons.values import truthy
from ostiary.testing.mistakes import near

_TEXTS = frozenset({"char", "text", "html", "selection"})
_NUMBERS = {"integer": int, "float": float, "monetary": float}
_MOMENT = re.compile(r"(today|now)(?:\s*([+-])\s*(\d{1,6})\s*(hour|day|week|month|year)s?)?")
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_LONGEST = 10_000

Resolve = Callable[[str, str], int]
"""The id of the record of a model that a reference names; raises BadValue."""


class BadValue(ValueError):
    """A value that a field can't hold. The message is the end of a sentence, without its place."""


class Told(BadValue):
    """A name that the file gives to something it is mistaken about: that is told where it is written, and not again."""

    def __init__(self) -> None:
        super().__init__("")


@dataclass(slots=True)
class Converted:
    """The values of a record: what its row holds, and the records beside it, by field: ids, or lines to make."""

    plain: dict[str, Any] = field(default_factory=dict)
    links: dict[str, list[int]] = field(default_factory=dict)
    lines: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


class Converter:
    """Turns values as they are written into values of rows. `now` is what `today` and `now` mean."""

    def __init__(self, policy: Policy, schema: Schema, resolve: Resolve, now: datetime | None = None) -> None:
        self.policy = policy
        self.schema = schema
        self.resolve = resolve
        self.now = now or datetime.now(UTC).replace(tzinfo=None, microsecond=0)

    def kind(self, model: str, name: str) -> Kind:
        """What a field is; a delegated one is what its parent has. Raises BadValue where there is none, or where its
        values are in no table."""
        known = field_of(self.policy, model, name)
        if name in ("id", "parent_path"):
            raise BadValue(f"{name} of {model} is given by the database: a record is known by its name")
        if known is None and name not in ("create_uid", "write_uid", "create_date", "write_date"):
            names = self.policy.models[model].fields
            raise BadValue(f"{model} has no field {name}{near(name, names)}")
        try:
            kind = self.schema.field(model, name)
        except RecordsError as error:
            raise BadValue(str(error)) from None
        return kind

    def all(self, model: str, values: dict[str, Any]) -> Converted:
        """The values of a record of a model. Raises BadValue for the first that can't be."""
        found = Converted()
        for name, value in values.items():
            kind = self.kind(model, name)
            if isinstance(kind, Inherited):
                found.plain[name] = self._inherited(kind, value)
            elif isinstance(kind, Links | Lines):
                self._beside(kind, value, found)
            elif isinstance(kind, Column):
                found.plain[name] = self.column(kind, value)
            else:
                made = "set what it is made of"
                if isinstance(kind, Through) and len(kind.path) == 2:
                    made = f"write `{kind.path[0]}: [{{{kind.path[1]}: …}}]`"
                raise BadValue(f"{name} of {model} is in no table, so it has no value of its own: {made}")
        return found

    def of_data(self, model: str, name: str, value: Any) -> Any:
        """A value of a data file as a test file would have it: there, texts and numbers stand for booleans, and an
        empty text for nothing."""
        kind = self.kind(model, name)
        if kind.type == "boolean" and isinstance(value, str | int | float):
            return truthy(value)
        return False if value == "" and kind.type not in _TEXTS else value

    def _inherited(self, kind: Inherited, value: Any) -> Any:
        link = self.schema.field(kind.model, kind.link)
        assert link.comodel is not None
        inner = self.kind(link.comodel, kind.name)
        if isinstance(inner, Inherited):
            return self._inherited(inner, value)
        if not isinstance(inner, Column):
            raise BadValue(f"{kind.name} of {kind.model} is kept in {link.comodel}: write it there")
        return self.column(inner, value)

    def _beside(self, kind: Links | Lines, value: Any, found: Converted) -> None:
        """The records beside a record: names, or, of a one2many, values of lines."""
        items = value if isinstance(value, list) else [] if value in (None, False) else [value]
        assert kind.comodel is not None
        for item in items:
            if isinstance(item, dict) and isinstance(kind, Lines):
                found.lines.setdefault(kind.name, []).append(item)
            elif isinstance(item, str):
                found.links.setdefault(kind.name, []).append(self.resolve(item, kind.comodel))
            else:
                raise BadValue(
                    f"{kind.name} of {kind.model} takes names of {kind.comodel}, or a list of them"
                )

    def column(self, kind: Column, value: Any) -> Any:
        """One stored value."""
        if kind.storage in (Storage.BY_COMPANY, Storage.PROPERTY):
            if value in (None, False):
                return None
            if not isinstance(value, dict):
                raise BadValue(
                    f"{kind.name} of {kind.model} depends on the company: write its values by company"
                )
            return {
                self.resolve(company, "res.company"): self.one(kind, one) for company, one in value.items()
            }
        return self.one(kind, value)

    def one(self, kind: Kind, value: Any) -> Any:
        """A value of a field of a type. False is what Odoo takes for no value, but in a boolean field."""
        type_ = kind.type
        if type_ == "boolean":
            if value is None or isinstance(value, bool):
                return bool(value)
            raise self._wrong(kind, value, "true or false")
        if value is None or value is False:
            return None
        if type_ == "many2one" and kind.comodel:
            if isinstance(value, str):
                return self.resolve(value, kind.comodel)
            raise self._wrong(kind, value, f"a name of a record of {kind.comodel}")
        if type_ in _NUMBERS:
            return self._number(kind, value)
        if type_ in ("date", "datetime"):
            return self._moment(kind, value)
        if type_ in ("reference", "many2one_reference") and isinstance(value, str):
            return self._reference(kind, value)
        if type_ in _TEXTS:
            return self._text(kind, value)
        raise BadValue(f"values of type {type_} ({kind.name} of {kind.model}) can't be written here")

    def _text(self, kind: Kind, value: Any) -> str:
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise self._wrong(kind, value, "text")
        return str(value)[:_LONGEST]

    def _reference(self, kind: Kind, value: str) -> Any:
        if kind.type == "many2one_reference":
            return self.resolve(value, "")
        model, comma, name = value.partition(",")
        if not comma or model not in self.policy.models:
            raise self._wrong(kind, value, "a model and a name, as in `res.partner,anna`")
        return f"{model},{self.resolve(name.strip(), model)}"

    def _number(self, kind: Kind, value: Any) -> Any:
        number = _NUMBERS[kind.type]
        try:
            if isinstance(value, bool | list | dict):
                raise ValueError
            found = number(value)
        except (ValueError, OverflowError):
            raise self._wrong(kind, value, "a number") from None
        if abs(found) > 2**53 or found != found:
            raise self._wrong(kind, value, "a number that a computer keeps exactly")
        return found

    def _moment(self, kind: Kind, value: Any) -> Any:
        text = str(value).strip()
        match = _MOMENT.fullmatch(text)
        if match:
            found = self.now
            if match[2]:
                amount = int(match[3]) * (1 if match[2] == "+" else -1)
                unit = match[4]
                try:
                    found += (
                        timedelta(hours=amount) if unit == "hour" else timedelta(days=amount * _DAYS[unit])
                    )
                except OverflowError:
                    raise self._wrong(kind, value, "a moment that there is") from None
            return found.date() if kind.type == "date" else found
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            example = "2026-01-31" if kind.type == "date" else "2026-01-31 10:00:00"
            raise self._wrong(kind, value, f"as in {example}, or `today - 3 days`") from None
        if found.tzinfo is not None:
            found = found.astimezone(UTC).replace(tzinfo=None)
        return found.date() if kind.type == "date" else found

    def _wrong(self, kind: Kind, value: Any, wanted: str) -> BadValue:
        shown = (
            str(value)
            if not isinstance(value, list | dict)
            else "a list"
            if isinstance(value, list)
            else "a mapping"
        )
        return BadValue(f"{kind.name} of {kind.model} can't be {shown[:60]!r}: it takes {wanted}")

    def operation(self, model: str, values: dict[str, Any]) -> dict[str, Any]:
        """Values as `create` and `write` take them: ids, and commands for what lies beside. Raises BadValue."""
        found: dict[str, Any] = {}
        for name, value in values.items():
            kind = self.kind(model, name)
            if isinstance(kind, Links | Lines):
                beside = Converted()
                self._beside(kind, value, beside)
                assert kind.comodel is not None
                lines = [(0, 0, self.operation(kind.comodel, one)) for one in beside.lines.get(name, ())]
                found[name] = [(6, 0, beside.links.get(name, [])), *lines]
            elif isinstance(kind, Inherited):
                link = self.schema.field(kind.model, kind.link)
                assert link.comodel is not None
                found |= self.operation(link.comodel, {name: value})
            else:
                one = self.one(kind, value)
                found[name] = False if one is None else one
        return found
