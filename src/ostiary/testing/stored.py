"""What Odoo stores in a row of itself: what follows from other rows is filled in, what doesn't must be written."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ostiary.policy import Field
from ostiary.policy.fields import AUTOMATIC
from ostiary.policy.rule_fields import read_by_rules
from ostiary.policy.subject import SUPERUSER
from ostiary.records.create import update
from ostiary.records.schema import Column, Storage
from ostiary.testing.values import Converter

if TYPE_CHECKING:
    from ostiary.testing.rows import Written
    from ostiary.testing.world import World

_FOLLOWS = "commercial_partner_id"
_HIGHEST = 100
_EMPTY: dict[str, object] = {"boolean": False, "integer": 0, "float": 0.0, "monetary": 0.0}
_GIVEN = {
    "<user>": "with who creates it",
    "<company>": "with the current company",
    "<companies>": "with the active companies",
    "<today>": "with the day",
    "<now>": "with the time",
    "<python>": "by code",
}
_SHARED = "partner_share"


class Stored:
    """Stored values that nobody writes."""

    def __init__(self, world: World, converter: Converter) -> None:
        self.world = world
        self.converter = converter

    def complete(self, written: Written, record: int) -> None:
        """Write the stored related fields of a record, and its commercial partner."""
        if written.model == "res.partner" and _FOLLOWS not in written.values:
            self._commercial(record)
        found: dict[str, Any] = {}
        for field in self.world.policy.models[written.model].fields.values():
            if field.store and field.related and not field.inherited and field.name not in written.values:
                column = self._plain(written.model, field.name)
                if column is not None:
                    value = self._follow(written.model, record, field.related.split("."))
                    if value is not None:
                        found[field.name] = value
        if found:
            update(self.world.schema, self.world.connection, written.model, record, found)

    def defaults(self, written: Written) -> dict[str, Any]:
        """What Odoo stores in fields that nobody wrote: constant defaults, and for numbers and booleans no NULL."""
        found: dict[str, Any] = {}
        for field in self.world.policy.models[written.model].fields.values():
            skipped = field.inherited or not field.store or field.related or field.name in written.values
            if (
                skipped
                or field.name in AUTOMATIC
                or (column := self._plain(written.model, field.name)) is None
            ):
                continue
            if field.default and not field.default.startswith("<"):
                with contextlib.suppress(ValueError, SyntaxError, MemoryError, RecursionError):
                    found[field.name] = self.converter.one(
                        column, _as_written(ast.literal_eval(field.default))
                    )
            elif written.data is not None and field.default in ("<user>", "<company>"):
                found[field.name] = self._loader(field.default)
            if field.name not in found and field.type in _EMPTY and field.name != "active":
                found[field.name] = _EMPTY[field.type]
        return found

    def _loader(self, word: str) -> int | None:
        """The user who loads data files, or their company."""
        user = next((one for one in self.world.policy.users if one.xmlid == SUPERUSER), None)
        if user is None or word == "<user>":
            return user.id if user else None
        return next((one.id for one in self.world.policy.companies if one.xmlid == user.company), None)

    def share(self) -> None:
        """Write which contacts are of nobody inside (`_compute_partner_share`)."""
        partner = self.world.schema.model("res.partner").table
        user = self.world.schema.model("res.users").table
        if _SHARED in partner.c and "share" in user.c:
            inside = sa.select(user.c.partner_id).where(
                user.c.share.is_(False), user.c.partner_id.is_not(None)
            )
            change = sa.update(partner).values({_SHARED: partner.c.id.not_in(inside)})
            self.world.connection.execute(change)

    def lacking(self, written: Written, record: int) -> Iterator[tuple[str, str]]:
        """The fields that a rule reads, that Odoo would fill in and that nobody wrote, with what to say of each."""
        policy = self.world.policy
        if written.existing is not None:
            return
        for name in sorted(read_by_rules(policy).get(written.model, ())):
            field = policy.models[written.model].fields.get(name)
            unread = written.data.unread.get(name) if written.data is not None else None
            if unread is not None and field is not None and name not in written.values:
                missing = f"{name} of {written.shown} {unread}, and record rules read it"
                yield name, f"{missing}: give it a value under `records`"
                continue
            if field is None or name in written.values or name in (*AUTOMATIC, _FOLLOWS, _SHARED):
                continue
            if not field.store or field.related or field.inherited or field.type in ("one2many", "many2many"):
                continue
            if self._value(written.model, record, name) is None and (why := _filled_in(field)):
                missing = f"{written.shown} has no {name}, which {why} and record rules read"
                yield name, f"{missing}: give it a value, or false for none"

    def _commercial(self, record: int) -> None:
        """Who a contact belongs to: itself, where it is a company or nobody's (`_compute_commercial_partner`)."""
        table = self.world.schema.model("res.partner").table
        if _FOLLOWS not in table.c or "parent_id" not in table.c:
            return
        here = record
        for _ in range(_HIGHEST):
            columns = [table.c.parent_id, *([table.c.is_company] if "is_company" in table.c else [])]
            row = self.world.connection.execute(sa.select(*columns).where(table.c.id == here)).first()
            if row is None or not row[0] or (len(row) > 1 and row[1]):
                break
            here = row[0]
        update(self.world.schema, self.world.connection, "res.partner", record, {_FOLLOWS: here})

    def _follow(self, model: str, record: int, path: list[str]) -> Any:
        """The value at the end of a path of many2one fields; None where it ends early."""
        here: Any = record
        for place, name in enumerate(path):
            if here is None:
                return None
            column = self._plain(model, name)
            if column is None:
                return None
            here = self._value(model, here, name)
            if place + 1 < len(path):
                if column.comodel is None:
                    return None
                model = column.comodel
        return here

    def _plain(self, model: str, name: str) -> Column | None:
        try:
            kind = self.converter.kind(model, name)
        except ValueError:
            return None
        plain = isinstance(kind, Column) and kind.storage is Storage.PLAIN and kind.column is not None
        return kind if plain and isinstance(kind, Column) else None

    def _value(self, model: str, record: int, name: str) -> Any:
        column = self._plain(model, name)
        if column is None or column.column is None:
            return None
        table = self.world.schema.model(model).table
        return self.world.connection.execute(sa.select(column.column).where(table.c.id == record)).scalar()


def _filled_in(field: Field) -> str:
    """Why Odoo would fill in a field that nobody wrote; nothing where it would not, as far as its definition says."""
    if field.compute:
        return "Odoo's Python computes"
    if field.default in _GIVEN:
        return f"Odoo fills in ({_GIVEN[field.default]})"
    if field.required:
        return "is required"
    return ""


def _as_written(value: object) -> object:
    """A constant of Python as a test file would have it."""
    return str(value) if isinstance(value, float) else value
